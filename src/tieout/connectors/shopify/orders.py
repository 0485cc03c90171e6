"""Orders as the REST payloads have them, with what the mapping needs said plainly.

Beside Shopify's own fields an order gets:

    test             always true or false
    line_items[]     each with gift_card, tip (true or false) and discount_allocations, also in old shapes
    taxes[]          every tax of the order: amount, title, of, seller, line, included, channel_liable
    duties[]  fees[] amounts added to the total
    tip_received     the tip, where it is not a line of its own
    problem          a reason to hold the order, and problem_detail the sentence for it
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tieout.connectors import as_dict, dicts
from tieout.connectors.shopify.figures import figure, shop_amount


def order(given: dict[str, Any]) -> dict[str, Any]:
    """An order with the fields above."""
    lines = [_line(line) for line in dicts(given.get("line_items"))]
    return given | {
        "test": given.get("test") is True,
        "line_items": lines,
        "taxes": list(_taxes(given)),
        "duties": _duties(given, lines),
        "fees": _amounts(shop_amount(given.get("original_total_additional_fees_set"))),
        "tip_received": None if any(line["tip"] for line in lines) else given.get("total_tip_received"),
        **_problem(given),
    }


def _problem(given: Mapping[str, Any]) -> dict[str, Any]:
    """An order below nothing is no sale: what goes back to the buyer comes as a refund."""
    total = figure(given.get("total_price"))
    if total is None or total >= 0:
        return {}
    detail = f"It says {total} as its total, and what an order comes to can only be positive or nothing."
    return {"problem": "amount_unusable", "problem_detail": detail}


def tax(line: Mapping[str, Any], of: str, seller: Any, *, included: bool, ordered: Any = None) -> dict[str, Any]:
    """A tax line as the mapping reads it; `ordered` is the id of the order line it is on.

    A null `channel_liable` is read as false, as Shopify's REST notes say.
    """
    return {
        "amount": line.get("price"),
        "title": line.get("title"),
        "of": of,
        "seller": seller,
        "included": included,
        "channel_liable": line.get("channel_liable") is True,
        "line": ordered,
    }


def _line(line: dict[str, Any]) -> dict[str, Any]:
    discounts = line.get("discount_allocations")
    if discounts is None and line.get("total_discount") is not None:
        discounts = [{"amount": line["total_discount"]}]
    return line | {
        "gift_card": line.get("gift_card") is True,
        "tip": bool(line.get("tip") or line.get("tip_payment_gateway") or line.get("tip_payment_method")),
        "discount_allocations": discounts,
    }


def _taxes(given: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Taxes line by line, so that each belongs to a seller; the order's own list only where lines have none."""
    included = given.get("taxes_included") is True
    found = False
    for line in dicts(given.get("line_items")):
        for one in dicts(line.get("tax_lines")):
            found = True
            yield tax(one, "item", line.get("vendor"), included=included, ordered=line.get("id"))
        for duty in dicts(line.get("duties")):
            # Duties are levied on top, so is their tax.
            yield from (tax(one, "duty", None, included=False) for one in dicts(duty.get("tax_lines")))
    for line in dicts(given.get("shipping_lines")):
        for one in dicts(line.get("tax_lines")) if line.get("is_removed") is not True else ():
            found = True
            yield tax(one, "shipping", None, included=included)
    if not found:
        yield from (tax(one, "item", None, included=included) for one in dicts(given.get("tax_lines")))


def _duties(given: Mapping[str, Any], lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Duties by line or, failing that, their total. Duties contained in the price are no amount of their own."""
    if given.get("duties_included") is True:
        return []
    each = [as_dict(duty.get("shop_money")).get("amount") for line in lines for duty in dicts(line.get("duties"))]
    if any(amount is not None for amount in each):
        return _amounts(*each)
    return _amounts(shop_amount(given.get("original_total_duties_set")))


def _amounts(*values: Any) -> list[dict[str, Any]]:
    return [{"amount": value} for value in values if value is not None]
