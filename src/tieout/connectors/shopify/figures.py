"""Figures as Shopify writes them: decimal text, now and then a JSON number, in the shop's and the buyer's currency."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tieout.connectors import as_dict
from tieout.model.error import AmountError
from tieout.model.money import from_minor, split_by_weight, to_minor

#: Beyond this no figure is an amount; arithmetic with it would overflow.
_MAGNITUDE_MAX = 30


def figure(value: Any) -> Decimal | None:
    """The number, or None for what is no usable one (absent, not a number, infinite, absurdly large)."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return None
    try:
        number = Decimal(value)
    except ArithmeticError:
        return None
    return number if number.is_finite() and abs(number.adjusted()) <= _MAGNITUDE_MAX else None


def total(values: Iterable[Any]) -> Decimal:
    """The sum of the usable figures among `values`."""
    return sum((number for number in map(figure, values) if number is not None), Decimal(0))


def shop_amount(bag: Any) -> Any:
    """The amount in the shop's currency, the one the books are kept in, from a ``*_set`` with both currencies."""
    return as_dict(as_dict(bag).get("shop_money")).get("amount")


def shop_currency(bag: Any) -> Any:
    """The shop's currency from a ``*_set``."""
    return as_dict(as_dict(bag).get("shop_money")).get("currency_code")


def split_like(amount: Any, weights: list[Any], currency: Any) -> list[Decimal] | None:
    """`amount` in proportion to `weights`, to the cent; None where the figures do not allow it."""
    numbers = [figure(w) for w in weights]
    if not isinstance(currency, str) or any(n is None or n < 0 for n in numbers):
        return None
    whole = [int((n or Decimal(0)).scaleb(6)) for n in numbers]
    if not sum(whole):
        return None
    try:
        parts = split_by_weight(to_minor(amount, currency.upper()), whole)
    except AmountError:
        return None
    return [from_minor(part, currency.upper()) for part in parts]
