"""Settlement's part of the face that needs no books: an order in, who gets what of it out.

    from tieout.app import settlement

    split = settlement.quote(
        {"currency": "EUR", "lines": [{"line": 1, "unit_price": "100.00", "owners": {"anna": 10000}}]},
        {"commission": [{"id": "all", "percent": "10", "vat_percent": "21"}]},
    )
    split.totals.sellers_minor          # {"anna": 8790}

Orders, rules and ownership are the structs of `tieout.model`, or plain documents as JSON has them, with amounts as
decimal text. docs/reference/quote.md lists every field, with examples.

What comes after the sale is here too, all pure functions: `journal` (entries), `bucket` (releases, reserves, holds),
`payout` (what is paid, and why not), `pain`, `nacha` and `payout_list` (files for the bank), `calendar` (bank days),
`statement` (roll-forwards and bridges), `provider` (transfers and split legs), `taxpack` and `forecast`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tieout.model.commission import FeeRules
from tieout.model.error import BadInput
from tieout.model.ownership import Ownership
from tieout.model.settlement import Order, Quote
from tieout.settlement import (
    bucket,
    calendar,
    document,
    forecast,
    journal,
    nacha,
    pain,
    payout,
    payout_list,
    provider,
    statement,
    taxpack,
)
from tieout.settlement.document import read_order, read_ownership, read_rules
from tieout.settlement.quote import quote as split

__all__ = [
    "bucket",
    "calendar",
    "forecast",
    "journal",
    "nacha",
    "pain",
    "payout",
    "payout_list",
    "provider",
    "quote",
    "quote_document",
    "read_order",
    "read_ownership",
    "read_rules",
    "statement",
    "taxpack",
]
Document = Mapping[str, Any]

_PARTS = frozenset({"order", "rules", "ownership"})


def quote(
    order: Order | Document,
    rules: FeeRules | Document | None = None,
    ownership: Sequence[Ownership] | Sequence[Document] = (),
) -> Quote:
    """Splits an order among buyer, sellers, platform and tax, then its captures and refunds. Reads no books.

    Amounts of the answer are minor units. Raises BadInput for an order that makes no sense, AmountError for an amount,
    NotFound for a listing nobody owns, ConfigError for a rule.
    """
    sold = order if isinstance(order, Order) else read_order(order)
    charged = rules if isinstance(rules, FeeRules) else read_rules(rules or {}, sold.currency)
    records = [record for record in ownership if isinstance(record, Ownership)]
    records += read_ownership([record for record in ownership if not isinstance(record, Ownership)])
    return split(sold, charged, records)


def quote_document(asked: Document) -> dict[str, Any]:
    """The same for a document with ``order``, ``rules`` and ``ownership``; the answer has decimal text."""
    unknown = sorted(set(asked) - _PARTS)
    if unknown or not isinstance(asked.get("order"), Mapping):
        what = f"“{unknown[0]}” is not a part of a question" if unknown else "There is no order"
        raise BadInput(what, where="quote", remedy="Give “order” and, if there are any, “rules” and “ownership”.")
    rules, ownership = asked.get("rules") or {}, asked.get("ownership") or []
    if not isinstance(rules, Mapping) or not isinstance(ownership, list):
        raise BadInput("“rules” is an object and “ownership” a list", where="quote", remedy="Correct the document.")
    return document.write_quote(quote(asked["order"], rules, ownership))
