"""Webhooks carry Shopify's headers, and the steps of a payment follow each other."""

from uuid import UUID

from hypothesis import given

from tests.sandbox.worlds import WORLDS, cents, demo, document, only, told
from tieout.sandbox.emission import Door
from tieout.sandbox.plan import compose
from tieout.sandbox.world import World


def test_headers_of_webhooks() -> None:
    hooks = [e for e in demo().emissions if e.connector == "shopify" and e.door is Door.HOOK]
    for hook in hooks:
        assert hook.headers["X-Shopify-Topic"] == hook.topic
        assert hook.headers["X-Shopify-API-Version"] == "2026-07"
    domains = {(hook.source, hook.headers["X-Shopify-Shop-Domain"]) for hook in hooks}
    assert domains == {
        ("shop", "clay-and-loom.myshopify.com"),
        ("shop-us", "clay-and-loom-us.myshopify.com"),
    }
    names = [hook.headers["X-Shopify-Webhook-Id"] for hook in hooks]
    assert len(set(names)) == len(names)
    assert {UUID(name).version for name in names} == {4}


@given(world=WORLDS)
def test_steps_pay_what_was_captured(world: World) -> None:
    plan = compose(world)
    charges = {charge.id: charge for charge in plan.facts.charges}
    paid: dict[str, int] = {}
    for emission in told(plan.emissions, "order_transactions/create"):
        step = document(emission)
        if step["gateway"] == "stripe" and step["kind"] in ("sale", "capture"):
            paid[step["authorization"]] = cents(step["amount"])
    told_of = {
        c.id: c.captured_minor
        for c in charges.values()
        if c.captured_at and c.order and c.order.id not in plan.facts.lost_orders
    }
    assert paid == told_of


def test_a_capture_names_its_authorisation() -> None:
    charge = next(c for c in demo().facts.charges if not c.direct and c.captured_at)
    mine = [e for e in told(demo().emissions, "order_transactions/create") if f"charge:{charge.id}" in e.about]
    first, later = (document(emission) for emission in mine)
    assert (first["kind"], first["parent_id"], cents(first["amount"])) == ("authorization", None, charge.amount_minor)
    assert (later["kind"], later["parent_id"]) == ("capture", first["id"])
    assert later["receipt"] == {"id": charge.intent, "latest_charge": charge.id, "object": "payment_intent"}


def test_an_authorisation_given_up_is_voided() -> None:
    charge = next(c for c in demo().facts.charges if c.ends_at)
    mine = [e for e in told(demo().emissions, "order_transactions/create") if f"charge:{charge.id}" in e.about]
    assert [document(emission)["kind"] for emission in mine] == ["authorization", "void"]


def test_a_gift_card_is_a_gateway() -> None:
    payment = demo().facts.gift_payments[0]
    step = document(only(demo().emissions, lambda e: f"tender:{payment.id}" in e.about))
    assert (step["gateway"], step["kind"], step["status"]) == ("gift_card", "sale", "success")
    assert (step["id"], step["order_id"], cents(step["amount"])) == (
        payment.id, payment.order.id, payment.amount_minor,
    )  # fmt: skip
    assert step["receipt"]["gift_card_id"] == payment.card_id


def test_an_edit_names_what_came_and_went() -> None:
    for edit in demo().facts.edits:
        (hook,) = (e for e in told(demo().emissions, "orders/edited") if e.about == (f"order:{edit.order.id}",))
        changes = document(hook)["order_edit"]["line_items"]
        assert [(c["id"], c["delta"]) for c in changes["additions"]] == [(line.id, 1) for line in edit.added]
        assert [(c["id"], c["delta"]) for c in changes["removals"]] == [(part.line.id, 1) for part in edit.removed]


def test_the_refund_the_gateway_never_made_is_pending() -> None:
    pending = [
        document(e) for e in told(demo().emissions, "refunds/create")
        if [step["status"] for step in document(e)["transactions"]] == ["pending"]
    ]  # fmt: skip
    assert len(pending) == 1
    assert pending[0]["transactions"][0]["authorization"] is None
