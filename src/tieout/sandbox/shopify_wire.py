"""Shopify's messages: webhooks with their headers, and the agreements an app fetches after an edit."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tieout.sandbox.dice import Dice
from tieout.sandbox.emission import Door, Emission, json_body
from tieout.sandbox.shopify_agreements import agreements_body
from tieout.sandbox.shopify_objects import OrderState, clock, order_body, refund_body, step_body
from tieout.sandbox.trade import Edit, GiftPayment, Order, Shop, ShopRefund
from tieout.sandbox.trail import Charge

API_VERSION = "2026-07"


class ShopifyWire:
    """Tells of one shop."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self._shop = shop
        self._dice = Dice(seed, f"wire {shop.source}")

    def order(self, topic: str, order: Order, state: OrderState) -> Emission:
        """``orders/create``, ``orders/paid``, ``orders/updated`` or ``orders/cancelled``."""
        return self._hook(topic, order_body(order, state), state.at, (f"order:{order.id}",))

    def charge_steps(self, charge: Charge) -> list[Emission]:
        """The steps of a card payment: a sale; or an authorisation, and a capture or its voiding."""
        if charge.direct:
            return [self._card_step(charge, "sale", charge.amount_minor, charge.authorised_at)]
        steps = [self._card_step(charge, "authorization", charge.amount_minor, charge.authorised_at)]
        if charge.captured_at is not None:
            steps.append(self._card_step(charge, "capture", charge.captured_minor, charge.captured_at))
        elif charge.ends_at is not None:
            steps.append(self._card_step(charge, "void", charge.amount_minor, charge.ends_at))
        return steps

    def _card_step(self, charge: Charge, kind: str, amount_minor: int, at: datetime) -> Emission:
        assert charge.order is not None, "only a payment of an order is known to the shop"
        first, later = charge.shop_ids
        follows = kind in ("capture", "void")
        body = step_body(charge.order, later if follows else first, kind, "stripe", amount_minor, at)
        body |= {
            "parent_id": first if follows else None,
            "authorization": charge.id,
            "receipt": {"id": charge.intent, "latest_charge": charge.id, "object": "payment_intent"},
            "payment_details": {
                "credit_card_company": charge.card.brand.capitalize(),
                "credit_card_number": f"•••• •••• •••• {charge.card.last4}",
            },
        }
        about = (f"order:{charge.order.id}", f"charge:{charge.id}")
        return self._hook("order_transactions/create", body, at, about)

    def gift_step(self, payment: GiftPayment) -> Emission:
        """``order_transactions/create`` for a gift card used as means of payment."""
        order = payment.order
        body = step_body(order, payment.id, "sale", "gift_card", payment.amount_minor, payment.at)
        body["receipt"] = {"gift_card_id": payment.card_id, "gift_card_last_characters": f"{payment.card_id:x}"[-4:]}
        about = (f"order:{order.id}", f"tender:{payment.id}")
        return self._hook("order_transactions/create", body, payment.at, about)

    def refund(self, refund: ShopRefund) -> Emission:
        """``refunds/create``."""
        about = (f"order:{refund.order.id}", f"shop_refund:{refund.id}")
        return self._hook("refunds/create", refund_body(refund), refund.at, about)

    def edited(self, edit: Edit) -> Emission:
        """``orders/edited``: which pieces came and went, without amounts."""
        nothing: dict[str, list[object]] = {"additions": [], "removals": []}
        body = {
            "order_edit": {
                "id": edit.id + 1,
                "app_id": None,
                "order_id": edit.order.id,
                "user_id": 1,
                "notify_customer": False,
                "created_at": clock(edit.at - timedelta(seconds=90), self._shop),
                "committed_at": clock(edit.at, self._shop),
                "staff_note": "",
                "line_items": {
                    "additions": [{"id": line.id, "delta": line.quantity} for line in edit.added],
                    "removals": [{"id": gone.line.id, "delta": gone.quantity} for gone in edit.removed],
                },
                "discounts": {"line_item": nothing},
                "shipping_lines": nothing,
            }
        }
        return self._hook("orders/edited", body, edit.at, (f"order:{edit.order.id}",))

    def agreements(self, order: Order, edits: Sequence[Edit], at: datetime) -> Emission:
        """The order's agreements up to its last edit, fetched by an app and pushed as an object."""
        return Emission(
            at=at,
            source=self._shop.source,
            connector="shopify",
            door=Door.OBJECTS,
            topic="agreements",
            body=json_body(agreements_body(order, edits)),
            headers={"Content-Type": "application/json"},
            parameters={"topic": "agreements"},
            about=(f"order:{order.id}", *(f"agreement:{edit.id}" for edit in edits)),
        )

    def _hook(self, topic: str, body: Mapping[str, Any], at: datetime, about: tuple[str, ...]) -> Emission:
        sent_at = at + timedelta(milliseconds=600 + self._dice.below(3000))
        return Emission(
            at=sent_at,
            source=self._shop.source,
            connector="shopify",
            door=Door.HOOK,
            topic=topic,
            body=json_body(body),
            headers={
                "Content-Type": "application/json",
                "X-Shopify-Topic": topic,
                "X-Shopify-Shop-Domain": self._shop.domain,
                "X-Shopify-API-Version": API_VERSION,
                "X-Shopify-Webhook-Id": self._uuid(),
                "X-Shopify-Event-Id": self._uuid(),
                "X-Shopify-Triggered-At": sent_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            },
            about=about,
        )

    def _uuid(self) -> str:
        return str(UUID(int=self._dice.below(1 << 128), version=4))
