"""Payments come to what orders cost, and gift cards are never overspent."""

from collections import defaultdict
from datetime import timedelta

from hypothesis import given

from tests.sandbox.worlds import WORLDS, demo
from tieout.sandbox.trail import Charge, Facts
from tieout.sandbox.world import World


def charges_by_order(facts: Facts) -> dict[int, list[Charge]]:
    """The charges made when the order was placed, without declined ones and those of later edits."""
    found: dict[int, list[Charge]] = defaultdict(list)
    for charge in facts.charges:
        order = charge.order
        if order is not None and not charge.failed and charge.authorised_at <= order.placed_at + timedelta(seconds=5):
            found[order.id].append(charge)
    return found


@given(world=WORLDS)
def test_card_and_gift_card_pay_the_whole_order_or_nothing_does(world: World) -> None:
    facts = world.facts
    charges = charges_by_order(facts)
    by_card = {payment.order.id: payment.amount_minor for payment in facts.gift_payments}
    unpaid = [o for o in facts.oddities if o.story.startswith("The buyer of") or o.story.startswith("The shop states")]
    for order in facts.orders:
        paid = sum(charge.amount_minor for charge in charges[order.id]) + by_card.get(order.id, 0)
        expected = 0 if f"order:{order.id}" in {oddity.subject for oddity in unpaid} else order.total_minor
        assert paid == expected


@given(world=WORLDS)
def test_a_gift_card_pays_what_is_on_it_and_not_before_it_is_sold(world: World) -> None:
    facts = world.facts
    sold: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for order in facts.orders:
        for line in order.lines:
            if line.product.gift_card:
                sold[order.shop.currency].append((line.net_minor, int(order.placed_at.timestamp())))
    spent: dict[int, int] = defaultdict(int)
    for payment in facts.gift_payments:
        assert payment.amount_minor > 0
        spent[payment.card_id] += payment.amount_minor
        since = min(at for _, at in sold[payment.order.shop.currency])
        assert payment.at.timestamp() > since + 86_400
    assert max(spent.values(), default=0) <= 10_000
    assert sum(spent.values()) <= sum(amount for cards in sold.values() for amount, _ in cards)


def test_a_card_is_never_charged_less_than_the_gateway_takes() -> None:
    assert min(charge.amount_minor for charge in demo().facts.charges) >= 50


def test_the_demo_has_every_kind_of_charge() -> None:
    charges = demo().facts.charges
    assert sum(charge.failed for charge in charges) >= 10
    held = [charge for charge in charges if not charge.direct]
    assert sum(c.captured_at is None and c.ends_at is None for c in held) >= 1
    assert sum(c.ends_at is not None for c in held) >= 1
    assert sum(0 < c.captured_minor < c.amount_minor for c in held) >= 1
    assert sum(c.captured_minor == c.amount_minor for c in held) >= 30


def test_gift_cards_pay_some_orders_wholly_and_some_in_part() -> None:
    payments = demo().facts.gift_payments
    whole = [p for p in payments if p.amount_minor == p.order.total_minor]
    assert 0 < len(whole) < len(payments)


@given(world=WORLDS)
def test_a_declined_attempt_comes_before_the_one_that_works(world: World) -> None:
    facts = world.facts
    made = {c.order.id: c.authorised_at for c in facts.charges if c.order and not c.failed}
    for charge in facts.charges:
        if charge.failed:
            assert charge.order is not None
            assert charge.captured_minor == 0
            assert charge.authorised_at < made[charge.order.id]
