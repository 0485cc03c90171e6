"""The timeline: in order, complete, never twice the same, and the same in every process."""

import hashlib
import os
import subprocess
import sys
from collections import Counter

from hypothesis import given

from tests.sandbox.worlds import WORLDS, clean, demo, document, told
from tieout.sandbox.emission import Door
from tieout.sandbox.plan import SourceSpec, compose, rough
from tieout.sandbox.world import World

DIGEST = """
import hashlib
from tieout.sandbox.plan import compose
from tieout.sandbox.world import World
told = hashlib.sha256()
for e in compose(World(seed=11, orders=40)).emissions:
    told.update(repr((e.at, e.source, e.topic, dict(e.headers), dict(e.parameters), e.about, e.body)).encode())
print(told.hexdigest())
"""


def test_the_bytes_are_the_same_in_every_process() -> None:
    """Nothing depends on the hashing of strings, on the machine's zone or on what ran before."""
    said = [
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": seed, "TZ": zone},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    ]
    assert said[0] == said[1]
    assert len(said[0].strip()) == hashlib.sha256().digest_size * 2


@given(world=WORLDS)
def test_a_world_is_composed_the_same_twice(world: World) -> None:
    again = World(world.seed, world.month, world.orders, world.clean, world.opening_minor)
    assert compose(again) == compose(world)


@given(world=WORLDS)
def test_messages_are_in_the_order_of_time_and_within_it(world: World) -> None:
    plan = compose(world)
    times = [emission.at for emission in plan.emissions]
    assert times == sorted(times)
    assert all(plan.facts.start <= at for at in times)
    assert all((at - plan.facts.end).total_seconds() < 10 for at in times)


@given(world=WORLDS)
def test_no_message_is_told_twice(world: World) -> None:
    """An order may be the same when it is placed and paid; then the topic differs."""
    plan = compose(world)
    assert len({(e.source, e.topic, e.body) for e in plan.emissions}) == len(plan.emissions)


def test_all_sources_speak_and_are_named() -> None:
    assert demo().sources == (
        SourceSpec("shop", "shopify", "EUR"),
        SourceSpec("shop-us", "shopify", "USD"),
        SourceSpec("stripe", "stripe", "EUR"),
        SourceSpec("stripe-us", "stripe", "USD"),
        SourceSpec("bank", "camt", "EUR"),
        SourceSpec("bank-us", "camt", "USD"),
    )
    assert {(e.source, e.connector) for e in demo().emissions} == {(s.name, s.connector) for s in demo().sources}


def test_every_door_is_used() -> None:
    doors = Counter((emission.connector, emission.door) for emission in demo().emissions)
    assert set(doors) == {
        ("shopify", Door.HOOK), ("shopify", Door.OBJECTS), ("stripe", Door.HOOK), ("stripe", Door.OBJECTS),
        ("camt", Door.FILE),
    }  # fmt: skip
    assert doors["camt", Door.FILE] == 43


def test_topics_of_the_demo() -> None:
    assert {emission.topic for emission in demo().emissions} == {
        "orders/create", "orders/paid", "orders/updated", "orders/edited", "orders/cancelled",
        "order_transactions/create", "refunds/create", "agreements",
        "charge.succeeded", "charge.captured", "charge.failed", "charge.refunded", "refund.created",
        "payment_intent.succeeded", "payment_intent.amount_capturable_updated", "payment_intent.canceled",
        "charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated",
        "charge.dispute.closed", "payout.created", "payout.paid", "payout.updated",
        "payout.reconciliation_completed", "balance_transactions", "camt.053",
    }  # fmt: skip


def test_of_a_lost_order_only_the_gateway_tells() -> None:
    (lost,) = demo().facts.lost_orders
    mine = [emission for emission in demo().emissions if f"order:{lost}" in emission.about]
    assert {emission.connector for emission in mine} == {"stripe"}
    assert {emission.topic for emission in mine} == {"charge.succeeded", "payment_intent.succeeded"}


def test_of_an_order_from_before_only_the_refund_is_told() -> None:
    before = next(r.order for r in demo().facts.shop_refunds if r.order.placed_at < demo().facts.start)
    mine = [emission.topic for emission in demo().emissions if f"order:{before.id}" in emission.about]
    assert mine == ["refunds/create"]


def test_states_of_orders_as_they_are_placed_and_at_their_end() -> None:
    first = Counter(document(e)["financial_status"] for e in told(demo().emissions, "orders/create"))
    assert set(first) == {"paid", "authorized", "pending"}
    assert first["pending"] == 3  # two unpaid, one misstated
    paid = {document(e)["financial_status"] for e in told(demo().emissions, "orders/paid")}
    assert paid == {"paid", "partially_refunded"}  # the latter: captured in part, the rest taken off
    later = {document(e)["financial_status"] for e in told(demo().emissions, "orders/updated", "orders/cancelled")}
    assert later == {"paid", "partially_refunded", "partially_paid", "refunded", "voided"}


def test_what_is_outstanding() -> None:
    unpaid = [o for o in demo().facts.oddities if o.story.startswith("The buyer of")]
    for oddity in unpaid:
        body = document(next(e for e in told(demo().emissions, "orders/create") if oddity.subject in e.about))
        assert body["total_outstanding"] == body["total_price"]
    settled = {document(e)["total_outstanding"] for e in told(clean().emissions, "orders/paid")}
    assert settled == {"0.00"}


def test_a_clean_world_has_no_forgery_and_the_demo_one() -> None:
    assert [e.forged for e in clean().emissions].count(True) == clean().truth.refused == 0
    assert [e.forged for e in demo().emissions].count(True) == demo().truth.refused == 1


def test_a_rough_road_loses_nothing() -> None:
    sent = rough(demo(), seed=3)
    assert {(e.topic, e.body) for e in sent} == {(e.topic, e.body) for e in demo().emissions}
    assert len(sent) > len(demo().emissions) + 100
    assert [e.at for e in sent] != sorted(e.at for e in sent)
    assert rough(demo(), seed=3) == sent


def test_messages_are_of_a_provider_s_size() -> None:
    sizes = [len(emission.body) for emission in demo().emissions]
    assert 1_500 < sum(sizes) // len(sizes) < 4_000
    assert max(sizes) < 64 * 1024
