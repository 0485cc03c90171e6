"""Refunds as the REST payloads have them, with what the mapping needs said plainly.

Beside Shopify's own fields a refund gets:

    test  currency        from the order where it is known, else from what the refund itself says
    items[]               refunded lines: subtotal, gift_card, vendor, sku, line
    taxes[]               as in an order
    shipping[]            refunded shipping, positive for what the buyer gets
    discrepancies[]       what Shopify books as the difference between the lines and the money
    duties[]  fees[]
    unitemised[]          the money itself, of a refund that names nothing it is for
    problem               a reason to hold the refund, and problem_detail the sentence for it
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tieout.connectors import as_dict, dicts
from tieout.connectors.shopify.figures import figure, shop_amount, shop_currency, split_like, total
from tieout.connectors.shopify.orders import tax
from tieout.model.error import AmountError
from tieout.model.money import exponent_of

_SHIPPING = "shipping_refund"
_KINDS = (_SHIPPING, "refund_discrepancy", None)


def refund(given: dict[str, Any], order: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A refund with the fields above; `order` is the order it stands in, where it stands in one."""
    lines = [_with_line(line, order) for line in dicts(given.get("refund_line_items"))]
    made: dict[str, Any] = given | {
        "order_id": given.get("order_id") or (order or {}).get("id"),
        "test": _is_test(given, order),
        "currency": _currency(given, lines, order),
        "shipping": _shipping(given),
        "discrepancies": _adjustments(given, shipping=False),
        "duties": _amounts(shop_amount(given.get("total_duties_set"))),
        "fees": _amounts(shop_amount(given.get("total_additional_fees_set"))),
    }
    made |= {"items": lines, "taxes": [], "unitemised": []}
    _add_taxes(made, given, lines, order)
    if any(line.get("subtotal") is None for line in lines):
        # An old shape: the lines name no money. Held, with the money itself at risk.
        made |= {"items": [], "taxes": [], "unitemised": _money(given)}
        made |= _problem("field_missing", "The refunded lines have no subtotal, so what they are worth is not said.")
    elif not any(made[name] for name in ("items", "shipping", "discrepancies")):
        made["unitemised"] = _money(given)
    strange = {str(a.get("kind")) for a in dicts(given.get("order_adjustments")) if a.get("kind") not in _KINDS}
    if strange:
        made |= _problem("code_unknown", f"An order adjustment of the kind {', '.join(sorted(strange))} is not known.")
    return made


def _problem(reason: str, detail: str) -> dict[str, Any]:
    return {"problem": reason, "problem_detail": detail}


def _with_line(line: dict[str, Any], order: Mapping[str, Any] | None) -> dict[str, Any]:
    """A refunded line with the ordered line's vendor, number and taxes beside it."""
    ordered = as_dict(line.get("line_item"))
    if not ordered:
        same = (o for o in dicts((order or {}).get("line_items")) if o.get("id") == line.get("line_item_id"))
        ordered = next(same, {})
    quantity = line.get("quantity")
    return line | {
        "quantity": quantity if isinstance(quantity, int) else 1,
        "gift_card": ordered.get("gift_card") is True,
        "vendor": ordered.get("vendor"),
        "sku": ordered.get("sku"),
        "line": ordered.get("id") or line.get("line_item_id"),
        "tax_lines": dicts(ordered.get("tax_lines")),
    }


def _is_test(given: Mapping[str, Any], order: Mapping[str, Any] | None) -> bool:
    if order is not None:
        return order.get("test") is True
    moves = dicts(given.get("transactions"))
    return bool(moves) and all(move.get("test") is True for move in moves)


def _currency(given: Mapping[str, Any], lines: list[dict[str, Any]], order: Mapping[str, Any] | None) -> Any:
    bags = [line.get("subtotal_set") for line in lines] + [given.get("total_duties_set")]
    bags += [a.get("amount_set") for a in dicts(given.get("order_adjustments"))]
    named = [(order or {}).get("currency"), *map(shop_currency, bags)]
    named += [move.get("currency") for move in dicts(given.get("transactions"))]
    return next((name for name in named if name), given.get("currency"))


def _add_taxes(
    made: dict[str, Any], given: Mapping[str, Any], lines: list[dict[str, Any]], order: Mapping[str, Any] | None
) -> None:
    included = _taxes_included(made, given, lines, order)
    if included is None:
        detail = "It does not say whether its prices contain the tax. Push its order (topic orders), which says so."
        made |= _problem("field_missing", detail)
    for line in lines:
        made["taxes"] += _taxes_of(line, made["currency"], included=included is True)
    liable = {"channel_liable": _is_channel_liable(lines, order)}
    # What Shopify adds for shipping or as a difference is stated without its tax, which comes on top.
    for adjustment in dicts(given.get("order_adjustments")):
        of = "shipping" if adjustment.get("kind") == _SHIPPING else "item"
        amount = figure(adjustment.get("tax_amount"))
        if amount:
            made["taxes"].append(tax({"price": -amount, **liable}, of, None, included=False))
    for part in made["shipping"]:
        if figure(part.get("tax")):
            made["taxes"].append(tax({"price": part["tax"], **liable}, "shipping", None, included=included is True))


def _is_channel_liable(lines: list[dict[str, Any]], order: Mapping[str, Any] | None) -> bool:
    """Whether the channel remits the tax of refunded shipping, which does not say it: as it does the order's other tax.

    Read from the shipping of the order where it is known, else from the lines refunded with it.
    """
    taxed = dicts((order or {}).get("shipping_lines")) or lines
    kinds = [kind for part in taxed for kind in dicts(part.get("tax_lines")) if figure(kind.get("price"))]
    return bool(kinds) and all(kind.get("channel_liable") is True for kind in kinds)


def _taxes_of(line: Mapping[str, Any], currency: Any, *, included: bool) -> list[dict[str, Any]]:
    """A refunded line's tax, told apart like the taxes of the ordered line: by title and by who is liable."""
    kinds = [kind for kind in line["tax_lines"] if figure(kind.get("price"))]
    parts: list[Any] | None = None
    if len(kinds) > 1:
        parts = split_like(line.get("total_tax"), [kind.get("price") for kind in kinds], currency)
    if parts is None:
        kinds, parts = kinds[:1] or [{}], [line.get("total_tax")]
    return [
        tax({**kind, "price": part}, "item", line["vendor"], included=included, ordered=line["line"])
        for kind, part in zip(kinds, parts, strict=True)
        if figure(part)
    ]


def _shipping(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Refunded shipping: an adjustment before API version 2024-10, lines of its own since; some payloads have both."""
    adjustments = _adjustments(given, shipping=True)
    if adjustments:
        return adjustments
    return [
        {"amount": shop_amount(line.get("subtotal_amount_set")), "tax": shop_amount(line.get("tax_amount_set"))}
        for line in dicts(given.get("refund_shipping_lines"))
        if figure(shop_amount(line.get("subtotal_amount_set"))) is not None
    ]


def _adjustments(given: Mapping[str, Any], *, shipping: bool) -> list[dict[str, Any]]:
    """Order adjustments, turned round: Shopify writes what goes back to the buyer with a minus."""
    chosen = [a for a in dicts(given.get("order_adjustments")) if (a.get("kind") == _SHIPPING) is shipping]
    amounts = [figure(a.get("amount")) for a in chosen]
    return [{"amount": -amount} for amount in amounts if amount]


def _money(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The refund's own movements of money that are made or under way."""
    return [
        {"amount": move.get("amount")}
        for move in dicts(given.get("transactions"))
        if move.get("kind") == "refund" and move.get("status") in ("success", "pending")
    ]


def _amounts(value: Any) -> list[dict[str, Any]]:
    return [{"amount": value}] if figure(value) else []


def _taxes_included(
    made: Mapping[str, Any], given: Mapping[str, Any], lines: list[dict[str, Any]], order: Mapping[str, Any] | None
) -> bool | None:
    """Whether the lines' subtotals contain their tax: as the order says, else as the figures prove, else unknown.

    A refund alone does not say it. Two proofs are accepted: the money refunded is the lines with the tax or without
    it, or the tax is its rate's part of the lines in the one way and cannot be in the other.
    """
    taxes = total([line.get("total_tax") for line in lines] + [part.get("tax") for part in made["shipping"]])
    if not taxes:
        return False
    if order is not None and isinstance(order.get("taxes_included"), bool):
        return bool(order["taxes_included"])
    by_money = _by_money(made, given, lines, taxes)
    return _by_rate(lines, made["currency"]) if by_money is None else by_money


def _by_money(
    made: Mapping[str, Any], given: Mapping[str, Any], lines: list[dict[str, Any]], taxes: Decimal
) -> bool | None:
    parts = [part["amount"] for name in ("shipping", "discrepancies", "duties", "fees") for part in made[name]]
    stated = total([line.get("subtotal") for line in lines] + parts)
    stated -= total(a.get("tax_amount") for a in dicts(given.get("order_adjustments")))
    money = total(move["amount"] for move in _money(given))
    return {stated: True, stated + taxes: False}.get(money) if money else None


def _by_rate(lines: list[dict[str, Any]], currency: Any) -> bool | None:
    """What the rates say, if they say it of one reading only: rounding must not explain the other as well."""
    taxes = inside = on_top = Decimal(0)
    roundings = 0
    for line in lines:
        rate = total(kind.get("rate") for kind in line["tax_lines"])
        base = figure(line.get("subtotal")) or Decimal(0)
        taxes += figure(line.get("total_tax")) or Decimal(0)
        on_top += base * rate
        inside += base * rate / (1 + rate) if rate != -1 else 0
        roundings += max(1, abs(line["quantity"])) * max(1, len(line["tax_lines"]))
    off = _smallest_unit(currency) * roundings
    fits_inside, fits_on_top = abs(taxes - inside) <= off, abs(taxes - on_top) <= off
    return fits_inside if fits_inside is not fits_on_top else None


def _smallest_unit(currency: Any) -> Decimal:
    """By how much one rounding may move an amount: a cent, or what the currency has in its place."""
    try:
        return Decimal(1).scaleb(-exponent_of(str(currency).upper()))
    except AmountError:
        return Decimal("0.01")
