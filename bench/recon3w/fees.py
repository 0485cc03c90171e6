"""What gateways charge: percent and a fixed part, interchange by card plus a mark-up, with a minimum, and tax on it."""

from dataclasses import dataclass


def half_up(numerator: int, denominator: int) -> int:
    """A quotient rounded to the nearest, halves away from zero."""
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    return sign * ((2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator)))


@dataclass(frozen=True, slots=True)
class Tariff:
    """Basis points, a fixed part and a minimum in hundredths of the unit, and tax on the fee in percent.

    The fee is rounded half up per capture, the tax on it again.
    """

    basis_points: int
    fixed: int
    minimum: int = 0
    tax_percent: int = 0
    interchange: tuple[int, ...] = ()

    def fee(self, gross: int, exponent: int) -> int:
        """The fee with its tax, of an amount in minor units."""
        points = self.basis_points
        if self.interchange:  # which card it was shows only in the fee; the amount stands for the draw
            points += self.interchange[gross % len(self.interchange)]
        scale = 1 if exponent else 100
        fee = max(half_up(gross * points, 10_000) + self.fixed // scale, self.minimum // scale)
        return fee + half_up(fee * self.tax_percent, 100)


TARIFFS = (
    Tariff(290, 30),
    Tariff(150, 25, tax_percent=19),
    Tariff(60, 10, interchange=(20, 30, 110, 150)),
    Tariff(90, 0, minimum=35),
)


def tariff_of(account: int) -> Tariff:
    """The tariff of an account."""
    return TARIFFS[account % len(TARIFFS)]
