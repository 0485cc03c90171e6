"""Stripe's messages hold what happened, and every figure in them adds up."""

import itertools
from typing import Any

from hypothesis import given

from tests.sandbox.worlds import WORLDS, demo, document, only, told
from tieout.sandbox.calendar import utc
from tieout.sandbox.emission import Door, Emission
from tieout.sandbox.plan import compose
from tieout.sandbox.stripe_wire import API_VERSION, unix
from tieout.sandbox.world import World

DISPUTE_NEWS = ("created", "funds_withdrawn", "funds_reinstated", "closed")


def thing(emission: Emission) -> Any:
    """The object an event is about."""
    return document(emission)["data"]["object"]


def hooks(emissions: tuple[Emission, ...]) -> list[Emission]:
    return [e for e in emissions if e.connector == "stripe" and e.door is Door.HOOK]


def test_events_have_an_envelope_and_an_id_of_their_own() -> None:
    events = [document(emission) for emission in hooks(demo().emissions)]
    assert len({event["id"] for event in events}) == len(events)
    assert {event["api_version"] for event in events} == {API_VERSION} == {"2026-06-24.dahlia"}
    assert {event["object"] for event in events} == {"event"}
    assert {event["livemode"] for event in events} == {True}


@given(world=WORLDS)
def test_topics_amounts_and_times_of_events(world: World) -> None:
    for emission in hooks(compose(world).emissions):
        event = document(emission)
        assert event["type"] == emission.topic
        assert 0 <= unix(emission.at) - event["created"] <= 4
        one = event["data"]["object"]
        assert isinstance(one["amount"], int)
        assert one["amount"] > 0
        assert one["currency"] in ("eur", "usd")


def test_a_charge_at_once_names_its_order_and_its_row() -> None:
    facts = demo().facts
    charge = next(c for c in facts.charges if c.order and c.direct and not c.failed)
    assert charge.order is not None
    about = f"charge:{charge.id}"
    mine = [e for e in told(demo().emissions, "charge.succeeded", "charge.captured") if about in e.about]
    found = thing(only(mine))
    assert found["captured"] is True
    assert found["amount"] == found["amount_captured"] == charge.amount_minor
    assert found["balance_transaction"] == charge.row_id
    assert found["metadata"] == {
        "order_id": str(charge.order.id),
        "order_name": charge.order.name,
        "shop": charge.order.shop.domain,
    }


def test_a_charge_is_authorised_and_captured_in_part() -> None:
    charge = next(c for c in demo().facts.charges if 0 < c.captured_minor < c.amount_minor)
    mine = [
        e for e in told(demo().emissions, "charge.succeeded", "charge.captured") if f"charge:{charge.id}" in e.about
    ]
    before, after = (document(emission) for emission in mine)
    assert (before["type"], after["type"]) == ("charge.succeeded", "charge.captured")
    held, taken = before["data"]["object"], after["data"]["object"]
    assert (held["captured"], held["amount_captured"], held["balance_transaction"]) == (False, 0, None)
    assert (taken["captured"], taken["amount_captured"]) == (True, charge.captured_minor)
    assert taken["balance_transaction"] == charge.row_id
    assert after["data"]["previous_attributes"] == {
        "amount_captured": 0,
        "balance_transaction": None,
        "captured": False,
    }


def test_a_declined_charge_knows_no_order() -> None:
    for emission in told(demo().emissions, "charge.failed"):
        found = thing(emission)
        assert (found["status"], found["paid"], found["captured"]) == ("failed", False, False)
        assert (found["metadata"], found["balance_transaction"]) == ({}, None)


def test_the_charge_by_hand_has_no_order() -> None:
    charge = only(demo().facts.charges, lambda c: c.order is None)
    found = thing(
        only(told(demo().emissions, "charge.succeeded"), lambda e: e.about == (f"charge:{charge.id}",) and not e.forged)
    )
    assert (found["metadata"], found["amount"], found["description"]) == ({}, 18_000, "Stall fee, autumn market")


def test_refunds_add_up_on_their_charge() -> None:
    refunds = {thing(e)["id"]: thing(e) for e in told(demo().emissions, "refund.created")}
    assert len(refunds) == len(demo().facts.gateway_refunds)
    for emission in told(demo().emissions, "charge.refunded"):
        found = thing(emission)
        mine = [r["amount"] for r in refunds.values() if r["charge"] == found["id"]]
        assert found["amount_refunded"] == sum(mine)
        assert found["refunded"] == (found["amount_refunded"] == found["amount_captured"])


def test_a_won_dispute_brings_back_what_it_took() -> None:
    dispute = next(d for d in demo().facts.disputes if d.won)
    mine = [e for e in demo().emissions if f"dispute:{dispute.id}" in e.about]
    assert {e.topic for e in mine} == {f"charge.dispute.{news}" for news in DISPUTE_NEWS}
    end = thing(only(told(mine, "charge.dispute.closed")))
    taken, back = end["balance_transactions"]
    assert (taken["amount"], taken["fee"]) == (-dispute.charge.captured_minor, 2000)
    assert taken["net"] == -back["net"] == taken["amount"] - 2000
    assert (taken["reporting_category"], back["reporting_category"]) == ("dispute", "dispute_reversal")
    assert end["status"] == "won"


def test_a_lost_dispute_is_closed_and_an_open_one_is_not() -> None:
    ends = {}
    for dispute in demo().facts.disputes:
        mine = [e for e in demo().emissions if f"dispute:{dispute.id}" in e.about]
        last = (told(mine, "charge.dispute.closed") or told(mine, "charge.dispute.funds_withdrawn"))[0]
        ends[dispute.won] = (len(mine), thing(last)["status"], len(thing(last)["balance_transactions"]))
    assert ends == {True: (4, "won", 2), False: (3, "lost", 1), None: (2, "needs_response", 1)}


def test_a_payout_is_told_of_four_times_and_its_trace_last() -> None:
    payout = demo().facts.payouts[0]
    mine = [e for e in demo().emissions if e.about == (f"payout:{payout.id}",)]
    assert [e.topic for e in mine] == [
        "payout.created", "payout.paid", "payout.reconciliation_completed", "payout.updated",
    ]  # fmt: skip
    found = [thing(emission) for emission in mine]
    assert [one["status"] for one in found] == ["in_transit", "paid", "paid", "paid"]
    assert [one["trace_id"]["value"] for one in found] == [None, None, None, payout.trace]
    assert {one["arrival_date"] for one in found} == {unix(utc(payout.arrival))}
    assert {one["amount"] for one in found} == {payout.amount_minor}


@given(world=WORLDS)
def test_rows_add_up_and_lists_are_whole(world: World) -> None:
    plan = compose(world)
    listed: list[str] = []
    for emission in told(plan.emissions, "balance_transactions"):
        rows = document(emission)["data"]
        for row in rows:
            assert row["amount"] - row["fee"] == row["net"]
            assert sum(part["amount"] for part in row["fee_details"]) == row["fee"]
        assert emission.about == tuple(f"txn:{row['id']}" for row in rows)
        payout_id = emission.parameters.get("payout")
        if payout_id is None:
            listed += [row["id"] for row in rows]
            days = {row["created"] // 86_400 for row in rows}
            assert len(days) == 1
        else:
            (payout,) = (p for p in plan.facts.payouts if p.id == payout_id)
            missing = [row.net_minor for row in payout.rows if row.id == payout.left_out]
            assert rows[-1]["source"] == payout_id
            assert sum(row["net"] for row in rows) == -sum(missing)
    assert len(set(listed)) == len(listed)


def test_settled_later_by_the_same_row_in_either_list() -> None:
    """A row is the same in the day's list and in the payout's, but for being available by then."""
    rows: dict[str, list[dict[str, Any]]] = {}
    for emission in told(demo().emissions, "balance_transactions", source="stripe"):
        for row in document(emission)["data"]:
            rows.setdefault(row["id"], []).append(row)
    pairs = [found for found in rows.values() if len(found) == 2]
    assert len(pairs) > 300
    for early, late in pairs:
        assert {name for name in early if early[name] != late[name]} <= {"status"}
        assert late["status"] == "available"


def test_what_stripe_calls_the_rows() -> None:
    rows = itertools.chain.from_iterable(document(e)["data"] for e in told(demo().emissions, "balance_transactions"))
    assert {(row["type"], row["reporting_category"]) for row in rows} == {
        ("charge", "charge"),
        ("refund", "refund"),
        ("adjustment", "dispute"),
        ("adjustment", "dispute_reversal"),
        ("stripe_fee", "fee"),
        ("reserve_hold", "risk_reserved_funds"),
        ("reserve_release", "risk_reserved_funds"),
        ("payout", "payout"),
        ("climate_levy", "climate_levy"),
    }
