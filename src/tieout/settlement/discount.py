"""Discounts: how much each line is reduced by, and who pays for it.

A discount of several lines goes to them by their discounted price; a percentage is taken of each line's price as
earlier discounts left it. No line is reduced below nothing. The platform's part is rounded half up and the seller's
is the rest.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from tieout.model.error import BadInput
from tieout.model.settlement import Discount, OrderLine, Part, Payee
from tieout.settlement.allocate import allocate, half_up, is_percentage

_WHOLE = 100


class Reduced:
    """The price of each line's goods or shipping, and what the two sides paid to reduce it."""

    def __init__(self, prices: Mapping[int, int]) -> None:
        self.price = dict(prices)
        self.by_seller = dict.fromkeys(prices, 0)
        self.by_platform = dict.fromkeys(prices, 0)

    def add(self, line: int, price: int) -> None:
        """Adds a line that no discount is for."""
        self.price[line], self.by_seller[line], self.by_platform[line] = price, 0, 0

    def left(self, line: int) -> int:
        """What the buyer pays for it."""
        return self.price[line] - self.by_seller[line] - self.by_platform[line]

    def whole(self, line: int) -> int:
        """The price that whoever funds the discounts makes whole: less the seller's own part only."""
        return self.price[line] - self.by_seller[line]


def reduce(prices: Mapping[int, int], part: Part, discounts: Sequence[Discount], lines: Sequence[OrderLine]) -> Reduced:
    """Applies the discounts of goods or of shipping in their order. Raises BadInput for one that makes no sense."""
    reduced = Reduced(prices)
    quantities = {line.line: line.quantity for line in lines}
    for place, discount in enumerate(discounts, start=1):
        where = f"discounts[{place}]"
        platform = _platform_part(discount, where)
        _check_lines(discount, quantities, where)
        if discount.of is not part:
            continue
        chosen = sorted(discount.lines or quantities)
        for line, amount in _amounts(discount, reduced, chosen, quantities, where).items():
            funded = half_up(amount * platform)
            reduced.by_platform[line] += funded
            reduced.by_seller[line] += amount - funded
    return reduced


def _amounts(
    discount: Discount, reduced: Reduced, lines: Sequence[int], quantities: Mapping[int, int], where: str
) -> dict[int, int]:
    """What one discount takes off each of its lines."""
    left = {line: reduced.left(line) for line in lines}
    if discount.amount_minor is not None:
        amount = min(_positive(discount.amount_minor, where), sum(left.values()))
        return dict(zip(lines, allocate(amount, list(left.values())), strict=True))
    if discount.per_unit_minor is not None:
        per_unit = _positive(discount.per_unit_minor, where)
        return {line: min(per_unit * quantities[line], left[line]) for line in lines}
    percent = discount.percent or Decimal(0)
    if not is_percentage(percent, _WHOLE):
        raise BadInput(f"{percent!s:.40} per cent is no discount", where=where, remedy="Give 0 to 100 per cent.")
    return {line: half_up(left[line] * Fraction(percent) / _WHOLE) for line in lines}


def _positive(amount_minor: int, where: str) -> int:
    if amount_minor < 0:
        raise BadInput("A discount is negative", where=where, remedy="Give what is taken off, as a positive amount.")
    return amount_minor


def _platform_part(discount: Discount, where: str) -> Fraction:
    """The platform's part of a discount, 0 to 1."""
    given = (discount.amount_minor, discount.per_unit_minor, discount.percent)
    if sum(value is not None for value in given) != 1:
        raise BadInput(
            "A discount is an amount, an amount per unit or a percentage", where=where, remedy="Give exactly one."
        )
    if discount.of is Part.LINE:
        raise BadInput("A discount is of goods or of shipping", where=where, remedy="Give two discounts.")
    funded = discount.funded_by or {Payee.SELLER: Decimal(_WHOLE)}
    if not all(is_percentage(part, _WHOLE) for part in funded.values()) or sum(funded.values()) != _WHOLE:
        raise BadInput(
            "Those who fund a discount do not come to 100 per cent", where=where, remedy="Give parts that sum to 100."
        )
    return Fraction(funded.get(Payee.PLATFORM, 0)) / _WHOLE


def _check_lines(discount: Discount, known: Mapping[int, int], where: str) -> None:
    unknown = sorted(set(discount.lines) - set(known))
    if unknown:
        raise BadInput(f"There is no line {unknown[0]}", where=where, remedy="Name lines of the order.")
