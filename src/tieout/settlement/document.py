"""Orders, rules and quotes as people write them: JSON with amounts as decimal text.

A field that the nouns call `…_minor` is written without that ending and as a decimal amount: ``"unit_price":
"25.00"``. Amounts are in the order's currency. Where a noun has an amount per currency, one amount alone means the
order's. ``"funded_by": "platform"`` is short for all of it.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from tieout.model.commission import FeeRule, FeeRules, Tier
from tieout.model.error import BadInput
from tieout.model.money import decimal_text, exponent_of, to_minor
from tieout.model.ownership import Ownership
from tieout.model.settlement import Discount, Order, OrderLine, Portion, Quote, Refund, RefundLine, Tax
from tieout.settlement import journal

_Noun = TypeVar("_Noun")
_ENDING = "_minor"
_ORDER_NOUNS = (Order, OrderLine, Discount, Tax, Refund, RefundLine)
_RULE_NOUNS = (FeeRules, FeeRule, Tier)
_ORDER_AMOUNTS = frozenset(
    name.removesuffix(_ENDING) for noun in _ORDER_NOUNS for name in noun.__struct_fields__ if name.endswith(_ENDING)
)
#: Every amount in a rule is one per currency.
_RULE_AMOUNTS = frozenset(
    name.removesuffix(_ENDING) for noun in _RULE_NOUNS for name in noun.__struct_fields__ if name.endswith(_ENDING)
)
#: What these hold are a source's own words, whatever they are called.
_FREE = frozenset({"facts", "when", "owners"})


def read_order(document: Mapping[str, Any]) -> Order:
    """The order a document describes. Raises BadInput, saying where, for what it does not understand."""
    currency = document.get("currency")
    if not isinstance(currency, str):
        raise BadInput("The order names no currency", where="order.currency", remedy="Add one, such as “EUR”.")
    exponent_of(currency)
    return _converted(_order_amounts(document, currency), Order, "order")


def read_rules(document: Mapping[str, Any], currency: str) -> FeeRules:
    """The fee rules a document describes; an amount without a currency is in `currency`. Raises BadInput."""
    return _converted(_rule_amounts(document, currency), FeeRules, "rules")


def read_ownership(document: object) -> tuple[Ownership, ...]:
    """The ownership records of a document. Raises BadInput."""
    return _converted(document, tuple[Ownership, ...], "ownership")


def write_quote(quote: Quote) -> dict[str, Any]:
    """A quote as a document, amounts as decimal text, with the journals of its captures and refunds by role."""
    captures = quote.captures or (Portion(quote.legs, quote.totals, quote.tenders_minor),)
    told = [
        *(("captured", journal.captured(one.legs, one.tenders_minor)) for one in captures),
        *(("refunded", journal.refunded(one, {})) for one in quote.refunds),
    ]
    journals = [{"event": event, "lines": msgspec.to_builtins(postings)} for event, postings in told]
    plain: dict[str, Any] = msgspec.to_builtins(quote, str_keys=True)
    written: dict[str, Any] = _written(plain | {"journals": journals}, quote.currency)
    return written


def _converted(plain: object, noun: type[_Noun], where: str) -> _Noun:
    try:
        return msgspec.convert(plain, noun)
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$")
        raise BadInput(what, where=where + path.rstrip("`"), remedy="Compare with docs/reference/quote.md.") from error


def _order_amounts(node: Any, currency: str) -> Any:
    if isinstance(node, Mapping):
        return dict(_order_field(str(name), value, node, currency) for name, value in node.items())
    if isinstance(node, list | tuple):
        return [_order_amounts(item, currency) for item in node]
    return node


def _order_field(name: str, value: Any, node: Mapping[str, Any], currency: str) -> tuple[str, Any]:
    if name in _FREE:
        return name, value
    if name == "funded_by" and isinstance(value, str):
        return name, {value: "100"}
    if name in _ORDER_AMOUNTS:
        other = node.get("settled_currency")
        own = other if name == "settled" and isinstance(other, str) else currency
        return name + _ENDING, _minor(value, own)
    return name, _order_amounts(value, currency)


def _rule_amounts(node: Any, currency: str) -> Any:
    if isinstance(node, Mapping):
        return dict(_rule_field(str(name), value, currency) for name, value in node.items())
    if isinstance(node, list | tuple):
        return [_rule_amounts(item, currency) for item in node]
    return node


def _rule_field(name: str, value: Any, currency: str) -> tuple[str, Any]:
    if name in _FREE:
        return name, value
    if name in _RULE_AMOUNTS:
        by_currency = value if isinstance(value, Mapping) else {currency: value}
        return name + _ENDING, {code: to_minor(amount, code) for code, amount in by_currency.items()}
    return name, _rule_amounts(value, currency)


def _minor(value: Any, currency: str) -> Any:
    if isinstance(value, Mapping):
        return {name: to_minor(amount, currency) for name, amount in value.items()}
    if isinstance(value, list | tuple):
        return [to_minor(amount, currency) for amount in value]
    return None if value is None else to_minor(value, currency)


def _written(node: Any, currency: str) -> Any:
    if isinstance(node, dict):
        settled = node.get("settled_currency")
        return {
            name.removesuffix(_ENDING): _text(value, currency)
            if name.endswith(_ENDING)
            else _written(value, settled if name == "settled" and settled else currency)
            for name, value in node.items()
        }
    return [_written(item, currency) for item in node] if isinstance(node, list | tuple) else node


def _text(value: Any, currency: str) -> Any:
    if isinstance(value, dict):
        return {name: decimal_text(amount, currency) for name, amount in value.items()}
    return None if value is None else decimal_text(value, currency)
