"""Money: whole minor units and an ISO 4217 currency, never a float.

An amount of 12.34 EUR is ``1234`` minor units; 500 JPY is ``500``. How many decimals a currency has is its
*exponent*. Sources disagree with ISO 4217 for a few currencies (Stripe sends ISK and UGX times one hundred,
Adyen counts CLP with two decimals), so every conversion takes an optional table of overrides.

Source of the rule: ISO 4217 list one; the overrides are each provider's own documentation.
"""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from msgspec import Struct

from tieout.model.error import AmountError

#: bigint in the database; also the largest amount an entry line may carry.
AMOUNT_MINOR_MAX = 2**63 - 1

#: A decimal number as sources write one. Python's own reading would also take “1_000”, “ 12 ” and “١٢”.
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,4})?")
#: More digits than any amount has, kept so that none is ever rounded away unseen.
_DIGITS_MAX = 60

_TWO_DECIMALS = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR
ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV
MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD
SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
"""
_OTHER_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}

#: ISO 4217 code -> decimals.
ISO_EXPONENTS: Mapping[str, int] = dict.fromkeys(_TWO_DECIMALS.split(), 2) | {
    code: exponent for exponent, codes in _OTHER_DECIMALS.items() for code in codes.split()
}


class Money(Struct, frozen=True, order=True):
    """An amount in whole minor units of one currency. The sign is the reader's: debit and credit live in Line."""

    amount_minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        assert self.currency == other.currency, f"cannot add {other.currency} to {self.currency}"
        return Money(self.amount_minor + other.amount_minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount_minor, self.currency)


def exponent_of(currency: str, overrides: Mapping[str, int] | None = None) -> int:
    """How many decimals `currency` has. Raises AmountError for a code that ISO 4217 does not list."""
    if overrides and currency in overrides:
        return overrides[currency]
    try:
        return ISO_EXPONENTS[currency]
    except KeyError:
        raise AmountError(
            f"“{currency}” is not an ISO 4217 currency",
            where="currency",
            remedy="Check the source's currency field; codes are three capital letters such as EUR.",
        ) from None


def to_minor(amount: str | int | Decimal, currency: str, overrides: Mapping[str, int] | None = None) -> int:
    """Minor units of a decimal amount such as ``"12.34"``.

    Trailing zeros beyond the exponent are accepted (``"8.850"`` EUR is 885); digits that would be lost are not.
    Raises AmountError for text that is no number, for lost digits and for what does not fit 64 bits.
    """
    exponent = exponent_of(currency, overrides)
    value = _decimal(amount)
    if not value:
        return 0
    if value.adjusted() + exponent >= len(str(AMOUNT_MINOR_MAX)):
        raise _beyond_64_bits(f"{amount!s:.80} {currency}")
    sign, digits, places = value.as_tuple()
    assert isinstance(places, int)
    whole = int("".join(map(str, digits)))
    shift = places + exponent
    minor, lost = (whole * 10**shift, 0) if shift >= 0 else divmod(whole, 10 ** min(-shift, _DIGITS_MAX))
    if lost:
        raise AmountError(
            f"{amount} {currency} has more decimals than the {exponent} of {currency}",
            where="amount",
            remedy="Correct the amount at the source, or declare an exponent override for this source.",
        )
    return fits_bigint(-minor if sign else minor)


def _decimal(amount: str | int | Decimal) -> Decimal:
    """The number itself, exactly. A float is refused like text that is no number: its digits are not the source's."""
    if isinstance(amount, int) and not isinstance(amount, bool):
        return Decimal(fits_bigint(amount))
    if isinstance(amount, Decimal) or (isinstance(amount, str) and _NUMBER.fullmatch(amount)):
        value = Decimal(amount)
        if value.is_finite() and len(value.as_tuple().digits) <= _DIGITS_MAX:
            return value
    raise AmountError(
        f"“{amount!s:.80}” is not an amount", where="amount", remedy="Send a decimal string such as “12.34”."
    )


def rescale(amount_minor: int, currency: str, overrides: Mapping[str, int] | None) -> int:
    """Turns a source's own minor units into ISO minor units where its exponent differs (ISK at Stripe: 2, not 0)."""
    if not overrides or currency not in overrides:
        exponent_of(currency)
        return fits_bigint(amount_minor)
    return to_minor(Decimal(f"{fits_bigint(amount_minor)}e-{overrides[currency]}"), currency)


def fits_bigint(amount_minor: int) -> int:
    """The amount itself, or AmountError if it does not fit the database's 64-bit integer."""
    if abs(amount_minor) > AMOUNT_MINOR_MAX:
        shown = f"The amount {amount_minor}" if amount_minor.bit_length() < 256 else "An amount of over 70 digits"
        raise _beyond_64_bits(shown)
    return amount_minor


def _beyond_64_bits(what: str) -> AmountError:
    remedy = "Check the unit: the source may have sent an amount in a smaller unit than it says."
    return AmountError(f"{what} does not fit 64 bits", where="amount", remedy=remedy)


def from_minor(amount_minor: int, currency: str) -> Decimal:
    """The decimal value of minor units: 1234 EUR -> Decimal("12.34")."""
    return Decimal(amount_minor).scaleb(-exponent_of(currency))


def decimal_text(amount_minor: int, currency: str) -> str:
    """Plain decimal text for files and tools: ``-1234.50``, no grouping, ASCII minus."""
    return f"{from_minor(amount_minor, currency):.{exponent_of(currency)}f}"


def display(amount_minor: int, currency: str) -> str:
    """Text for people: ``−1,234.50``, grouped, with a true minus sign (U+2212)."""
    return f"{from_minor(amount_minor, currency):,.{exponent_of(currency)}f}".replace("-", "\u2212")


def sum_by_currency(amounts: Iterable[Money]) -> dict[str, int]:
    """Minor units per currency; currencies are never added to each other."""
    totals: dict[str, int] = {}
    for money in amounts:
        totals[money.currency] = totals.get(money.currency, 0) + money.amount_minor
    return totals


def split_by_weight(total_minor: int, weights: list[int]) -> list[int]:
    """Splits `total_minor` in proportion to `weights` so that the parts sum to it exactly (largest remainder).

    The sign is applied after, so no part has another sign than the total. Ties go to the earlier part.
    """
    whole = sum(weights)
    assert whole > 0 and min(weights) >= 0, "weights must be non-negative and not all zero"
    magnitude = abs(total_minor)
    parts = [magnitude * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(magnitude * weights[i] % whole), i))
    for i in by_remainder[: magnitude - sum(parts)]:
        parts[i] += 1
    return parts if total_minor >= 0 else [-part for part in parts]
