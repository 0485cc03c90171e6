"""What comes after a sale fits the sale: no more goes back than was paid, and nothing happens after the end."""

from collections import defaultdict

from hypothesis import given

from tests.sandbox.worlds import WORLDS, demo
from tieout.sandbox.trade import Order
from tieout.sandbox.world import World


@given(world=WORLDS)
def test_no_more_is_refunded_than_was_captured(world: World) -> None:
    back: dict[str, int] = defaultdict(int)
    for refund in world.facts.gateway_refunds:
        assert refund.charge.captured_at is not None
        assert refund.at > refund.charge.captured_at
        assert refund.amount_minor > 0
        back[refund.charge.id] += refund.amount_minor
    captured = {charge.id: charge.captured_minor for charge in world.facts.charges}
    assert all(amount <= captured[charge] for charge, amount in back.items())


@given(world=WORLDS)
def test_shop_and_gateway_refund_the_same(world: World) -> None:
    """Where the shop says that the gateway paid, the gateway paid just that."""
    by_gateway = {refund.id: refund.amount_minor for refund in world.facts.gateway_refunds}
    for refund in world.facts.shop_refunds:
        assert all(step.amount_minor == refund.total_minor for step in refund.steps)
        for step in refund.steps:
            if step.gateway == "stripe" and step.status == "success":
                assert step.authorization is not None
                assert by_gateway[step.authorization] == refund.total_minor


@given(world=WORLDS)
def test_no_piece_goes_back_twice(world: World) -> None:
    facts = world.facts
    back: dict[int, int] = defaultdict(int)
    parts = [part for refund in facts.shop_refunds for part in refund.lines]
    parts += [part for edit in facts.edits for part in edit.removed]
    for part in parts:
        assert 1 <= part.quantity <= part.line.quantity
        back[part.line.id] += part.quantity
        assert back[part.line.id] <= part.line.quantity


@given(world=WORLDS)
def test_everything_happens_within_the_world(world: World) -> None:
    facts = world.facts
    moments = [refund.at for refund in facts.shop_refunds] + [refund.at for refund in facts.gateway_refunds]
    moments += [edit.at for edit in facts.edits] + [c.at for c in facts.cancellations]
    moments += [dispute.opened_at for dispute in facts.disputes]
    moments += [dispute.closed_at for dispute in facts.disputes if dispute.closed_at]
    assert all(facts.start < moment < facts.end for moment in moments)


def test_a_partial_capture_and_what_was_taken_off_make_the_order() -> None:
    facts = demo().facts
    partial = [c for c in facts.charges if 0 < c.captured_minor < c.amount_minor]
    off = {r.order.id: r.total_minor for r in facts.shop_refunds if r.note == "Sold out"}
    assert partial
    for charge in partial:
        assert isinstance(charge.order, Order)
        assert charge.captured_minor + off[charge.order.id] == charge.order.total_minor


def test_edits_are_charged_or_refunded_to_the_cent() -> None:
    facts = demo().facts
    assert {edit.delta_minor > 0 for edit in facts.edits} == {True, False}
    for edit in facts.edits:
        if edit.delta_minor > 0:
            later = [c for c in facts.charges if c.order == edit.order and c.authorised_at > edit.at]
            assert [charge.captured_minor for charge in later] == [edit.delta_minor]
        else:
            back = [r for r in facts.gateway_refunds if r.charge.order == edit.order and r.at > edit.at]
            assert [refund.amount_minor for refund in back] == [-edit.delta_minor]


def test_the_demo_has_every_kind_of_aftermath() -> None:
    facts = demo().facts
    assert {dispute.won for dispute in facts.disputes} == {True, False, None}
    assert {refund.restock for refund in facts.shop_refunds} == {"return", "cancel", "no_restock"}
    assert {cancellation.reason for cancellation in facts.cancellations} == {"customer", "inventory"}
    assert any(refund.shipping_minor and not refund.lines for refund in facts.shop_refunds)
    assert any(refund.total_minor == refund.order.total_minor for refund in facts.shop_refunds)
