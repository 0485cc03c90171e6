"""Shopify's objects in the shape of REST API 2026-07: orders, refunds and the steps of a payment.

Amounts are decimal strings in the shop's currency, times are on the shop's wall clock.
Source of the rules: https://shopify.dev/docs/api/admin-rest/2026-07.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from msgspec import Struct

from tieout.sandbox.calendar import local
from tieout.sandbox.trade import (
    Buyer,
    Cancellation,
    Edit,
    Line,
    Order,
    Promotion,
    RefundStep,
    ReturnedLine,
    Shipping,
    Shop,
    ShopRefund,
    Tax,
)


class OrderState(Struct, frozen=True):
    """What has become of an order by a moment: the part of its message that changes."""

    at: datetime
    financial_status: str
    gateways: tuple[str, ...] = ()
    outstanding_minor: int = 0
    edits: tuple[Edit, ...] = ()
    refunds: tuple[ShopRefund, ...] = ()
    cancellation: Cancellation | None = None


def text(amount_minor: int) -> str:
    """Decimal text as Shopify writes it: ``12.50``. All currencies here have two decimals."""
    sign = "-" if amount_minor < 0 else ""
    return f"{sign}{abs(amount_minor) // 100}.{abs(amount_minor) % 100:02d}"


def money_set(amount_minor: int, currency: str) -> dict[str, Any]:
    """Shop and presentment money; here buyers see the shop's own currency."""
    money = {"amount": text(amount_minor), "currency_code": currency}
    return {"shop_money": money, "presentment_money": money}


def rate(rate_bp: int) -> Decimal:
    """1900 hundredths of a per cent -> 0.19."""
    return Decimal(rate_bp).scaleb(-4).normalize()


def clock(moment: datetime, shop: Shop) -> str:
    """The shop's own wall clock with its offset, to the second."""
    return local(moment, shop.zone).isoformat(timespec="seconds")


def order_body(order: Order, state: OrderState) -> dict[str, Any]:
    """The order as it is at `state.at`. Lines added by edits count; what was taken off only leaves `current_*`."""
    currency = order.shop.currency
    new = [line for edit in state.edits for line in edit.added]
    lines = [*order.lines, *new]
    gone = [part for edit in state.edits for part in edit.removed]
    gone += [part for refund in state.refunds for part in refund.lines]
    grown = sum(line.net_minor + (0 if order.shop.taxes_included else line.tax_minor) for line in new)
    total = order.total_minor + order.misstated_minor + grown
    current = total - grown + sum(edit.delta_minor for edit in state.edits)
    current -= sum(refund.total_minor for refund in state.refunds)
    tax = sum(line.tax_minor for line in lines) + sum(shipping.tax_minor for shipping in order.shipping_parts)
    listed = sum(line.list_minor for line in lines)
    return _order_head(order, state) | {
        "current_total_price": text(current),
        "current_total_price_set": money_set(current, currency),
        "subtotal_price": text(listed - order.discount_minor),
        "total_line_items_price": text(listed),
        "total_discounts": text(order.discount_minor),
        "total_discounts_set": money_set(order.discount_minor, currency),
        "total_shipping_price_set": money_set(order.shipping_minor, currency),
        "total_tax": text(tax),
        "total_tax_set": money_set(tax, currency),
        "total_tip_received": text(order.tip_minor),
        "total_price": text(total),
        "total_price_set": money_set(total, currency),
        "total_outstanding": text(state.outstanding_minor),
        "tax_lines": _taxes_in_all([*lines, *order.shipping_parts], currency),
        "discount_applications": [_application(promotion) for promotion in order.promotions],
        "discount_codes": [
            {"code": p.code, "amount": text(_taken_by(order, place)), "type": _value_type(p)}
            for place, p in enumerate(order.promotions)
            if p.code
        ],
        "line_items": [_line(line, gone, currency) for line in lines],
        "shipping_lines": [_shipping(shipping, currency) for shipping in order.shipping_parts],
        "refunds": [refund_body(refund) for refund in state.refunds],
    }


def _order_head(order: Order, state: OrderState) -> dict[str, Any]:
    address = _address(order.buyer)
    cancelled = state.cancellation
    return {
        "id": order.id,
        "admin_graphql_api_id": f"gid://shopify/Order/{order.id}",
        "app_id": 580111,
        "cancel_reason": cancelled.reason if cancelled else None,
        "cancelled_at": clock(cancelled.at, order.shop) if cancelled else None,
        "confirmed": True,
        "created_at": clock(order.placed_at, order.shop),
        "currency": order.shop.currency,
        "presentment_currency": order.shop.currency,
        "email": order.buyer.email,
        "financial_status": state.financial_status,
        "fulfillment_status": None,
        "name": order.name,
        "note": None,
        "note_attributes": [{"name": name, "value": value} for name, value in order.attributes],
        "number": order.number - 1000,
        "order_number": order.number,
        "payment_gateway_names": list(state.gateways),
        "processed_at": clock(order.placed_at, order.shop),
        "source_name": order.channel,
        "tags": "",
        "tax_exempt": False,
        "taxes_included": order.shop.taxes_included,
        "test": False,
        "token": f"{order.id * 7919:032x}",
        "updated_at": clock(state.at, order.shop),
        "current_total_duties_set": None,
        "original_total_duties_set": None,
        "customer": {
            "id": order.buyer.id,
            "admin_graphql_api_id": f"gid://shopify/Customer/{order.buyer.id}",
            "email": order.buyer.email,
            "first_name": order.buyer.first,
            "last_name": order.buyer.last,
        },
        "billing_address": address,
        "shipping_address": address if order.shipping else None,
    }


def _line(line: Line, gone: Iterable[ReturnedLine], currency: str) -> dict[str, Any]:
    product = line.product
    left = line.quantity - sum(part.quantity for part in gone if part.line.id == line.id)
    return {
        "id": line.id,
        "admin_graphql_api_id": f"gid://shopify/LineItem/{line.id}",
        "current_quantity": left,
        "fulfillable_quantity": left,
        "fulfillment_service": "gift_card" if product.gift_card else "manual",
        "fulfillment_status": None,
        "gift_card": product.gift_card,
        "grams": 0,
        "name": product.title,
        "price": text(line.unit_minor),
        "price_set": money_set(line.unit_minor, currency),
        "product_exists": True,
        "product_id": product.id,
        "properties": [],
        "quantity": line.quantity,
        "requires_shipping": not product.gift_card,
        "sku": product.sku,
        "taxable": not product.gift_card,
        "title": product.title,
        "total_discount": "0.00",
        "variant_id": product.variant_id,
        "variant_title": None,
        "vendor": product.seller,
        "tax_lines": [_tax(tax, currency) for tax in line.taxes],
        "duties": [],
        "discount_allocations": [
            {"amount": text(amount), "amount_set": money_set(amount, currency), "discount_application_index": place}
            for place, amount in line.discounts
        ],
    }


def _tax(tax: Tax, currency: str) -> dict[str, Any]:
    return {
        "channel_liable": tax.channel_liable,
        "price": text(tax.amount_minor),
        "price_set": money_set(tax.amount_minor, currency),
        "rate": rate(tax.rate_bp),
        "title": tax.title,
    }


def _taxes_in_all(parts: Iterable[Line | Shipping], currency: str) -> list[dict[str, Any]]:
    """The order's taxes by title and rate."""
    sums: dict[tuple[str, int, bool], int] = {}
    for tax in (tax for part in parts for tax in part.taxes):
        name = (tax.title, tax.rate_bp, tax.channel_liable)
        sums[name] = sums.get(name, 0) + tax.amount_minor
    return [_tax(Tax(title, bp, amount, liable), currency) for (title, bp, liable), amount in sums.items()]


def _shipping(shipping: Shipping, currency: str) -> dict[str, Any]:
    return {
        "id": shipping.id,
        "carrier_identifier": None,
        "code": shipping.title,
        "discounted_price": text(shipping.price_minor),
        "phone": None,
        "price": text(shipping.price_minor),
        "price_set": money_set(shipping.price_minor, currency),
        "source": "shopify",
        "title": shipping.title,
        "tax_lines": [_tax(tax, currency) for tax in shipping.taxes],
        "discount_allocations": [],
    }


def refund_body(refund: ShopRefund) -> dict[str, Any]:
    """The refund. Shipping comes back as an adjustment, its tax stated beside it and not inside."""
    shop = refund.order.shop
    return {
        "id": refund.id,
        "admin_graphql_api_id": f"gid://shopify/Refund/{refund.id}",
        "order_id": refund.order.id,
        "created_at": clock(refund.at, shop),
        "processed_at": clock(refund.at, shop),
        "note": refund.note or None,
        "user_id": None,
        "restock": refund.restock == "return",
        "duties": [],
        "order_adjustments": [_shipping_back(refund)] if refund.shipping_minor else [],
        "refund_line_items": [_returned(part, refund) for part in refund.lines],
        "transactions": [_refund_step(refund, step) for step in refund.steps],
    }


def _shipping_back(refund: ShopRefund) -> dict[str, Any]:
    currency = refund.order.shop.currency
    net = refund.shipping_minor - (refund.shipping_tax_minor if refund.order.shop.taxes_included else 0)
    return {
        "id": refund.id + 1,
        "order_id": refund.order.id,
        "refund_id": refund.id,
        "amount": text(-net),
        "amount_set": money_set(-net, currency),
        "tax_amount": text(-refund.shipping_tax_minor),
        "tax_amount_set": money_set(-refund.shipping_tax_minor, currency),
        "kind": "shipping_refund",
        "reason": "Shipping refund",
    }


def _returned(part: ReturnedLine, refund: ShopRefund) -> dict[str, Any]:
    currency = refund.order.shop.currency
    return {
        "id": part.line.id + 3,
        "line_item_id": part.line.id,
        "location_id": None,
        "quantity": part.quantity,
        "restock_type": refund.restock,
        "subtotal": text(part.net_minor),
        "subtotal_set": money_set(part.net_minor, currency),
        "total_tax": text(part.tax_minor),
        "total_tax_set": money_set(part.tax_minor, currency),
        "line_item": _line(part.line, refund.lines, currency),
    }


def _refund_step(refund: ShopRefund, step: RefundStep) -> dict[str, Any]:
    body = step_body(refund.order, step.id, "refund", step.gateway, step.amount_minor, refund.at)
    return body | {"status": step.status, "parent_id": step.parent, "authorization": step.authorization}


def step_body(order: Order, number: int, kind: str, gateway: str, amount_minor: int, at: datetime) -> dict[str, Any]:
    """One step of a payment: authorization, capture, sale, void or refund; successful and without a parent."""
    return {
        "id": number,
        "admin_graphql_api_id": f"gid://shopify/OrderTransaction/{number}",
        "order_id": order.id,
        "parent_id": None,
        "kind": kind,
        "gateway": gateway,
        "status": "success",
        "amount": text(amount_minor),
        "currency": order.shop.currency,
        "authorization": None,
        "created_at": clock(at, order.shop),
        "processed_at": clock(at, order.shop),
        "error_code": None,
        "message": None,
        "payment_id": f"{order.name}.{number % 10}",
        "receipt": {},
        "source_name": order.channel,
        "test": False,
        "user_id": None,
    }


def _taken_by(order: Order, place: int) -> int:
    return sum(amount for line in order.lines for index, amount in line.discounts if index == place)


def _value_type(promotion: Promotion) -> str:
    return "percentage" if promotion.percentage else "fixed_amount"


def _application(promotion: Promotion) -> dict[str, Any]:
    return {
        "target_type": "line_item",
        "type": "discount_code" if promotion.code else "automatic",
        "value": f"{promotion.value}.0" if promotion.percentage else text(promotion.value),
        "value_type": _value_type(promotion),
        "allocation_method": "across" if promotion.across else "each",
        "target_selection": "all" if promotion.across else "explicit",
        **({"code": promotion.code} if promotion.code else {"title": promotion.title}),
    }


def _address(buyer: Buyer) -> dict[str, Any]:
    return {
        "first_name": buyer.first,
        "last_name": buyer.last,
        "name": buyer.name,
        "address1": buyer.street,
        "address2": None,
        "city": buyer.city,
        "zip": buyer.zip,
        "province": buyer.province,
        "province_code": buyer.province_code,
        "country": buyer.country,
        "country_code": buyer.country_code,
        "company": None,
        "phone": None,
    }
