"""An order's agreements (GraphQL): one immutable record of what each order, edit, refund and return changed.

Only edits and returns are booked from here. What goes back to a buyer is usually told twice, by a sale with a minus
in an edit's or return's agreement and by a refund with the same line; the refund is then the record, and the sale
is marked as `mirrored`. An agreement gets these fields:

    type  number  order_id  order_name
    sales[]          each with line_type, amount (without tax), taxes[], seller, label, line, pieces, currency, mirrored
    total  currency  what all its sales come to, with their taxes
    told_by_refund   true if nothing of it is left to book
    problem          a reason to hold it, and problem_detail the sentence for it
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tieout.connectors import as_dict, dicts
from tieout.connectors.shopify.figures import figure, total
from tieout.connectors.shopify.payments import nodes, number_of

_TYPE_OF_REASON = {
    "ORDER": "OrderAgreement",
    "ORDER_EDIT": "OrderEditAgreement",
    "REFUND": "RefundAgreement",
    "RETURN": "ReturnAgreement",
}
_LINE_TYPES = (
    "PRODUCT", "GIFT_CARD", "SHIPPING", "TIP", "DUTY", "FEE", "ADDITIONAL_FEE", "ADJUSTMENT",
)  # fmt: skip
#: A refunded line: the refund, the ordered line, how many pieces.
_Mirror = tuple[str | None, str | None, int]


def orders_with_agreements(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The orders in a GraphQL answer that were asked for their agreements."""
    data = as_dict(answer.get("data"))
    single = [as_dict(data.get("order")), as_dict(data.get("node"))]
    return [
        order for order in (*single, *nodes(data.get("orders")), *nodes(data.get("nodes"))) if "agreements" in order
    ]


def agreements(order: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The order's agreements with the fields above, oldest first."""
    known = sorted(nodes(order.get("agreements")), key=lambda a: str(a.get("happenedAt") or ""))
    mirrors = _mirrors(order, known)
    for given in known:
        yield _agreement(given, order, mirrors)


def _mirrors(order: Mapping[str, Any], known: list[dict[str, Any]]) -> list[_Mirror]:
    """Refunded lines that no refund agreement accounts for: those are told by an edit or a return as well."""
    mirrors: list[_Mirror] = [
        (number_of(refund.get("id")), number_of(as_dict(line.get("lineItem")).get("id")), _pieces(line))
        for refund in nodes(order.get("refunds"))
        for line in nodes(refund.get("refundLineItems"))
    ]
    for given in known:
        refund_id = number_of(as_dict(given.get("refund")).get("id"))
        for sale in nodes(given.get("sales")) if refund_id else ():
            own = (refund_id, number_of(as_dict(sale.get("lineItem")).get("id")), _pieces(sale))
            if own in mirrors:
                mirrors.remove(own)
    return mirrors


def _pieces(line: Mapping[str, Any]) -> int:
    quantity = line.get("quantity")
    return abs(quantity) if isinstance(quantity, int) else 0


def _agreement(given: dict[str, Any], order: Mapping[str, Any], mirrors: list[_Mirror]) -> dict[str, Any]:
    kind = str(given.get("__typename") or _TYPE_OF_REASON.get(str(given.get("reason")), ""))
    bookable = kind in ("OrderEditAgreement", "ReturnAgreement")
    sales = [_sale(sale, mirrors if bookable else []) for sale in nodes(given.get("sales"))]
    made: dict[str, Any] = given | {
        "type": kind,
        "number": number_of(given.get("id")),
        "order_id": order.get("legacyResourceId") or number_of(order.get("id")),
        "order_name": order.get("name"),
        "sales": sales,
        "total": total(_shop_money(sale.get("totalAmount")).get("amount") for sale in sales),
        "currency": next((sale["currency"] for sale in sales if sale["currency"]), None),
        "told_by_refund": bool(sales) and all(sale["mirrored"] for sale in sales),
    }
    strange = {str(s["line_type"]) for s in sales if s["line_type"] not in _LINE_TYPES}
    if as_dict(as_dict(given.get("sales")).get("pageInfo")).get("hasNextPage") is True:
        made["problem"] = "field_missing"
        made["problem_detail"] = "The list of sales was cut off. Ask for more of them at once and push it again."
    elif strange:
        made["problem"] = "code_unknown"
        made["problem_detail"] = f"A sale of the line type {', '.join(sorted(strange))} is not known."
    return made


def _sale(given: dict[str, Any], mirrors: list[_Mirror]) -> dict[str, Any]:
    """A sale: `totalAmount` is after discounts and taxes, so that without the tax the rest is the line's own."""
    line = as_dict(given.get("lineItem"))
    whole, tax = _shop_money(given.get("totalAmount")), _shop_money(given.get("totalTaxAmount"))
    amount, tax_amount = figure(whole.get("amount")), figure(tax.get("amount"))
    return given | {
        "line_type": given.get("lineType"),
        "amount": amount if amount is None or tax_amount is None else amount - tax_amount,
        "currency": whole.get("currencyCode"),
        "taxes": _taxes(given, tax_amount),
        "seller": line.get("vendor"),
        "label": line.get("sku"),
        "line": number_of(line.get("id")),
        "pieces": _pieces(given),
        "mirrored": amount is not None and amount < 0 and _take(mirrors, number_of(line.get("id")), _pieces(given)),
    }


def _take(mirrors: list[_Mirror], line_id: str | None, pieces: int) -> bool:
    """Uses up one refunded line that tells the same, so that two equal removals need two refunds."""
    for mirror in mirrors:
        if line_id is not None and mirror[1:] == (line_id, pieces):
            mirrors.remove(mirror)
            return True
    return False


def _taxes(sale: Mapping[str, Any], tax_amount: Any) -> list[dict[str, Any]]:
    """The sale's taxes one by one if they come to its tax, else that tax as a whole."""
    parts = []
    for one in dicts(sale.get("taxes")):
        kind = as_dict(one.get("taxLine"))
        amount = figure(_shop_money(one.get("amount")).get("amount"))
        liable = kind.get("channelLiable") is True
        parts.append({"amount": amount, "title": kind.get("title"), "channel_liable": liable})
    if parts and sum(part["amount"] or 0 for part in parts) == (tax_amount or 0):
        return [part for part in parts if part["amount"]]
    return [{"amount": tax_amount, "title": None, "channel_liable": False}] if tax_amount else []


def _shop_money(bag: Any) -> dict[str, Any]:
    return as_dict(as_dict(bag).get("shopMoney"))
