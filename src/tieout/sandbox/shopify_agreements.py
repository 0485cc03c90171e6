"""An order's agreements as Shopify's GraphQL API 2026-07 answers them: what was agreed when, one sale per line.

The amounts of a removal are negative. `totalAmount` is after discounts and with tax, whether or not the prices
contain the tax. Source of the rules: https://shopify.dev/docs/api/admin-graphql/2026-07/interfaces/SalesAgreement.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tieout.sandbox.shopify_objects import rate, text
from tieout.sandbox.trade import Edit, Line, Order, ReturnedLine, Shipping, Shop, Tax

_SALE_TYPES = {
    "PRODUCT": "ProductSale",
    "GIFT_CARD": "GiftCardSale",
    "SHIPPING": "ShippingLineSale",
    "TIP": "TipSale",
}


def agreements_body(order: Order, edits: Sequence[Edit]) -> dict[str, Any]:
    """The answer to ``order { agreements { … sales } }``: the order itself, then its edits."""
    nodes = [_order_agreement(order), *(_edit_agreement(edit) for edit in edits)]
    answer = {
        "id": f"gid://shopify/Order/{order.id}",
        "legacyResourceId": str(order.id),
        "name": order.name,
        "currencyCode": order.shop.currency,
        "taxesIncluded": order.shop.taxes_included,
        "agreements": {"nodes": nodes, "pageInfo": {"hasNextPage": False}},
    }
    return {"data": {"order": answer}}


def _order_agreement(order: Order) -> dict[str, Any]:
    shop = order.shop
    sales = [_line_sale(shop, line, "ORDER") for line in order.lines]
    sales += [_shipping_sale(shop, shipping) for shipping in order.shipping_parts]
    if order.tip_minor:
        sales.append(_sale(shop, "TIP", "ORDER", number=order.id + 2, quantity=1, net_minor=order.tip_minor))
    return _agreement("OrderAgreement", "ORDER", order.id + 1, order.placed_at, sales)


def _edit_agreement(edit: Edit) -> dict[str, Any]:
    shop = edit.order.shop
    sales = [_line_sale(shop, line, "UPDATE") for line in edit.added]
    sales += [_removal_sale(shop, gone) for gone in edit.removed]
    return _agreement("OrderEditAgreement", "ORDER_EDIT", edit.id, edit.at, sales)


def _agreement(kind: str, reason: str, number: int, at: datetime, sales: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "__typename": kind,
        "id": f"gid://shopify/{kind}/{number}",
        "happenedAt": at.isoformat().replace("+00:00", "Z"),
        "reason": reason,
        "sales": {"nodes": sales, "pageInfo": {"hasNextPage": False}},
    }


def _line_sale(shop: Shop, line: Line, action: str) -> dict[str, Any]:
    sale = _sale(
        shop,
        "GIFT_CARD" if line.product.gift_card else "PRODUCT",
        action,
        number=line.id + 1,
        quantity=line.quantity,
        net_minor=line.net_minor,
        discount_minor=line.discount_minor,
        taxes=line.taxes,
    )
    return sale | {"lineItem": _line_item(line)}


def _removal_sale(shop: Shop, gone: ReturnedLine) -> dict[str, Any]:
    sale = _sale(
        shop,
        "PRODUCT",
        "UPDATE",
        number=gone.line.id + 2,
        quantity=-gone.quantity,
        net_minor=-gone.net_minor,
        taxes=_taxes_off(gone),
    )
    return sale | {"lineItem": _line_item(gone.line)}


def _shipping_sale(shop: Shop, shipping: Shipping) -> dict[str, Any]:
    number, price = shipping.id + 1, shipping.price_minor
    sale = _sale(shop, "SHIPPING", "ORDER", number=number, quantity=1, net_minor=price, taxes=shipping.taxes)
    return sale | {"shippingLine": {"id": f"gid://shopify/ShippingLine/{shipping.id}", "title": shipping.title}}


def _sale(
    shop: Shop,
    kind: str,
    action: str,
    *,
    number: int,
    quantity: int,
    net_minor: int,
    discount_minor: int = 0,
    taxes: tuple[Tax, ...] = (),
) -> dict[str, Any]:
    tax_minor = sum(tax.amount_minor for tax in taxes)
    return {
        "__typename": _SALE_TYPES[kind],
        "id": f"gid://shopify/Sale/{number}",
        "actionType": action,
        "lineType": kind,
        "quantity": quantity,
        "totalAmount": _money(net_minor + (0 if shop.taxes_included else tax_minor), shop),
        "totalTaxAmount": _money(tax_minor, shop),
        "totalDiscountAmountAfterTaxes": _money(discount_minor, shop),
        "totalDiscountAmountBeforeTaxes": _money(discount_minor, shop),
        "taxes": [
            {
                "id": f"gid://shopify/SaleTax/{number + place}",
                "amount": _money(tax.amount_minor, shop),
                "taxLine": {"title": tax.title, "rate": rate(tax.rate_bp), "channelLiable": tax.channel_liable},
            }
            for place, tax in enumerate(taxes)
        ],
    }


def _money(amount_minor: int, shop: Shop) -> dict[str, Any]:
    money = {"amount": text(amount_minor), "currencyCode": shop.currency}
    return {"shopMoney": money, "presentmentMoney": money}


def _line_item(line: Line) -> dict[str, Any]:
    return {
        "id": f"gid://shopify/LineItem/{line.id}",
        "title": line.product.title,
        "sku": line.product.sku,
        "vendor": line.product.seller,
        "isGiftCard": line.product.gift_card,
    }


def _taxes_off(gone: ReturnedLine) -> tuple[Tax, ...]:
    """How much of each of the line's taxes goes with the pieces taken off; the last one takes the rest."""
    taxes, left = gone.line.taxes, gone.tax_minor
    parts = []
    for place, tax in enumerate(taxes):
        last = place == len(taxes) - 1
        part = left if last else min(left, tax.amount_minor * gone.quantity // gone.line.quantity)
        parts.append(Tax(tax.title, tax.rate_bp, -part, tax.channel_liable))
        left -= part
    return tuple(parts)
