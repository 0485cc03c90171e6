"""Shopify's objects with the fields the connector reads, for tests; each test changes what it is about."""

from typing import Any

AT = "2026-03-03T10:12:03+01:00"


def bag(amount: str, currency: str = "EUR") -> dict[str, Any]:
    """A ``*_set``; the buyer's side says something else, which must not be taken."""
    return {
        "shop_money": {"amount": amount, "currency_code": currency},
        "presentment_money": {"amount": "999.99", "currency_code": "CHF"},
    }


def tax_line(price: str, rate: str = "0.19", liable: bool | None = False, title: str = "VAT") -> dict[str, Any]:
    return {"title": title, "price": price, "rate": rate, "channel_liable": liable}


def line(price: str = "24.50", quantity: int = 2, *taxes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": 11,
        "sku": "KELLE",
        "vendor": "Birke",
        "price": price,
        "quantity": quantity,
        "gift_card": False,
        "discount_allocations": [],
        "tax_lines": list(taxes),
        "duties": [],
    } | changes


def shipping(price: str = "4.90", *taxes: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {"id": 21, "code": "DHL", "price": price, "discount_allocations": [], "tax_lines": list(taxes)} | changes


def order(total: str, *lines: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "id": 820_982_911_946_154_508,
        "name": "#1088",
        "created_at": AT,
        "processed_at": AT,
        "updated_at": AT,
        "test": False,
        "currency": "EUR",
        "presentment_currency": "CHF",
        "source_name": "web",
        "taxes_included": True,
        "total_price": total,
        "total_tip_received": "0.00",
        "line_items": list(lines),
        "shipping_lines": [],
        "tax_lines": [],
        "refunds": [],
    } | changes


def refunded(subtotal: str, tax: str, of: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "id": 31,
        "line_item_id": 11,
        "quantity": 1,
        "subtotal": subtotal,
        "subtotal_set": bag(subtotal),
        "total_tax": tax,
        "line_item": of if of is not None else line("24.50", 2, tax_line("7.42")),
    } | changes


def tender(amount: str, kind: str = "refund", gateway: str = "stripe", **changes: Any) -> dict[str, Any]:
    return {
        "id": 41,
        "order_id": 1088,
        "kind": kind,
        "gateway": gateway,
        "status": "success",
        "amount": amount,
        "currency": "EUR",
        "created_at": AT,
        "processed_at": AT,
        "test": False,
        "authorization": None,
        "receipt": {},
    } | changes


def refund(*lines: dict[str, Any], money: str | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "id": 51,
        "order_id": 1088,
        "created_at": AT,
        "processed_at": AT,
        "refund_line_items": list(lines),
        "refund_shipping_lines": [],
        "order_adjustments": [],
        "transactions": [tender(money)] if money else [],
        "total_duties_set": bag("0.00"),
        "total_additional_fees_set": bag("0.00"),
    } | changes


def adjustment(kind: str | None, amount: str, tax: str = "0.00") -> dict[str, Any]:
    return {"id": 61, "kind": kind, "amount": amount, "tax_amount": tax, "amount_set": bag(amount)}


def balance_row(kind: str, amount: str, fee: str, net: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": 71,
        "type": kind,
        "test": False,
        "payout_id": None,
        "payout_status": "pending",
        "currency": "USD",
        "amount": amount,
        "fee": fee,
        "net": net,
        "source_id": 81,
        "source_type": "charge",
        "source_order_id": 1088,
        "source_order_transaction_id": 41,
        "processed_at": AT,
        "adjustment_reason": None,
    } | changes


def money(amount: str) -> dict[str, Any]:
    """GraphQL's MoneyBag."""
    return {
        "shopMoney": {"amount": amount, "currencyCode": "EUR"},
        "presentmentMoney": {"amount": "999.99", "currencyCode": "CHF"},
    }


def sale(kind: str, total: str, tax: str, quantity: int = 1, line_id: int = 11, **changes: Any) -> dict[str, Any]:
    tax_part = {"amount": money(tax), "taxLine": {"title": "VAT", "channelLiable": False}}
    return {
        "lineType": kind,
        "quantity": quantity,
        "totalAmount": money(total),
        "totalTaxAmount": money(tax),
        "taxes": [tax_part] if tax != "0.00" else [],
        "lineItem": {"id": f"gid://shopify/LineItem/{line_id}", "sku": "KELLE", "vendor": "Birke"},
    } | changes


def agreement(kind: str, *sales: dict[str, Any], number: int = 91, **changes: Any) -> dict[str, Any]:
    return {
        "__typename": kind,
        "id": f"gid://shopify/{kind}/{number}",
        "happenedAt": "2026-03-04T10:01:30Z",
        "sales": {"nodes": list(sales), "pageInfo": {"hasNextPage": False}},
    } | changes


def answer(*agreements: dict[str, Any], **changes: Any) -> dict[str, Any]:
    found = {"id": "gid://shopify/Order/1088", "name": "#1088", "agreements": {"nodes": list(agreements)}} | changes
    return {"data": {"order": found}}


def told_refund(number: int, *lines: tuple[int, int]) -> dict[str, Any]:
    """A refund as the agreements query asks for it: which lines, how many pieces."""
    nodes = [{"quantity": pieces, "lineItem": {"id": f"gid://shopify/LineItem/{line_id}"}} for line_id, pieces in lines]
    return {"id": f"gid://shopify/Refund/{number}", "refundLineItems": {"nodes": nodes}}
