"""What Stripe's objects mean: exact keys, amounts and references, and the odd ones that must stop."""

from typing import Any

import pytest

from tests.connectors.stripe.connector import connector, money, only, reading, reasons
from tests.connectors.stripe.objects import AT, charge, dispute, event, listing, refund, withdrawal
from tieout.events.store import content_hash


def notes(body: Any) -> tuple[str, ...]:
    found = reading(body)
    assert (found.events, found.objections) == ((), ())
    return found.notes


@pytest.mark.parametrize("kind", ["charge.succeeded", "charge.captured", "charge.updated", None])
def test_a_capture_is_one_fact_whoever_tells_it(kind: str | None) -> None:
    draft = only(event(kind, charge()) if kind else charge())
    assert draft.key == "stripe:charge:ch_1:captured"
    assert (draft.kind.value, draft.aggregate) == ("payment_captured", "order:5120088")
    assert draft.references == ("order:5120088", "charge:ch_1", "payment_intent:pi_1")
    assert draft.occurred_at.isoformat() == "2026-03-03T09:30:00+00:00"
    assert money(draft) == [("gross", 8450, "EUR")]


def test_a_capture_is_booked_at_what_was_captured() -> None:
    assert money(only(charge(amount=12_000, amount_captured=8000))) == [("gross", 8000, "EUR")]
    old = {name: value for name, value in charge(amount=6000).items() if name != "amount_captured"}
    assert money(only(old)) == [("gross", 6000, "EUR")]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"captured": False, "amount_captured": 0}, "The charge is only authorised; money moves when it is captured."),
        ({"captured": False, "status": "failed"}, "The payment was declined; nothing moved."),
    ],
)
def test_a_charge_that_took_nothing_books_nothing(changes: dict[str, Any], why: str) -> None:
    assert notes(charge(**changes)) == (why,)


def test_a_charge_in_a_state_nobody_knows_stops() -> None:
    assert reasons(charge(status="suspended")) == ["code_unknown"]
    assert reasons(charge(captured=None)) == ["code_unknown"]


@pytest.mark.parametrize(
    ("currency", "given", "booked"),
    [
        ("eur", 1234, 1234),
        ("jpy", 1234, 1234),
        ("kwd", 12_340, 12_340),
        ("isk", 123_400, 1234),
        ("ugx", 123_400, 1234),
        ("mga", 1234, 123_400),
        ("huf", 123_400, 123_400),
    ],
)
def test_minor_units_are_stripes_own(currency: str, given: int, booked: int) -> None:
    draft = only(charge(currency=currency, amount=given, amount_captured=given))
    assert money(draft) == [("gross", booked, currency.upper())]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"currency": "isk", "amount_captured": 123_450}, "amount_unusable"),
        ({"currency": "xxx"}, "currency_unknown"),
        ({"currency": None}, "field_missing"),
        ({"amount_captured": "84.50"}, "amount_unusable"),
        ({"amount_captured": None}, "field_missing"),
        ({"amount_captured": 10**30}, "amount_unusable"),
        ({"id": None}, "field_missing"),
        ({"created": "yesterday"}, "field_missing"),
        ({"created": 10**18}, "field_missing"),
        ({"amount_captured": 0}, "field_missing"),
    ],
)
def test_a_charge_that_cannot_be_booked_stops(changes: dict[str, Any], reason: str) -> None:
    assert reasons(charge(**changes)) == [reason]


def test_a_refund_is_one_fact_from_three_messages() -> None:
    old = charge(refunds={"object": "list", "data": [refund()]}, amount_refunded=2500)
    told = [
        only(refund()),
        only(event("refund.created", refund(status="pending"))),
        only(event("charge.refunded", old)),
    ]
    assert {draft.key for draft in told} == {"stripe:refund:re_1:refunded"}
    assert len({content_hash(draft) for draft in told}) == 1
    assert told[0].references == ("refund:re_1", "charge:ch_1", "payment_intent:pi_1")
    assert told[0].aggregate == "charge:ch_1"
    assert money(told[0]) == [("gross", 2500, "EUR")]


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_a_refund_that_came_back_tells_both_facts(status: str) -> None:
    made, failed = reading(event("refund.updated", refund(status=status, metadata={"order_id": "7"}))).events
    assert (made.key, failed.key) == ("stripe:refund:re_1:refunded", "stripe:refund:re_1:failed")
    assert (made.kind.value, failed.kind.value) == ("payment_refunded", "refund_failed")
    assert failed.requires == ("stripe:refund:re_1:refunded",)
    assert failed.references[:2] == ("order:7", "refund:re_1")
    assert money(made) == money(failed) == [("gross", 2500, "EUR")]


def test_a_withdrawal_is_one_fact_by_every_door() -> None:
    hooks = ("created", "funds_withdrawn", "updated", "closed")
    told = [only(withdrawal()), only(listing(withdrawal()))]
    told += [reading(event(f"charge.dispute.{kind}", dispute(withdrawal()))).events[-1] for kind in hooks]
    old = {name: value for name, value in withdrawal().items() if name not in ("reporting_category", "balance_type")}
    told.append(reading(dispute(old)).events[-1])
    assert {draft.key for draft in told} == {"stripe:txn:txn_2"}
    assert len({content_hash(draft) for draft in told}) == 1
    assert {draft.references for draft in told} == {("txn:txn_2", "dispute:dp_1")}
    assert money(told[0]) == [("gross", 8450, "EUR"), ("fee", 2000, "EUR")]


def test_a_lost_dispute_waits_for_its_withdrawal() -> None:
    lost, withdrawn = reading(event("charge.dispute.closed", dispute(withdrawal(), status="lost"))).events
    assert (lost.key, lost.kind.value) == ("stripe:dispute:dp_1:lost", "dispute_lost")
    assert lost.requires == (withdrawn.key,) == ("stripe:txn:txn_2",)
    assert money(lost) == [("gross", 8450, "EUR")]
    assert lost.occurred_at.timestamp() == AT + 60, "the day it was lost, not the day it was opened"


def test_a_loss_is_what_was_not_reinstated() -> None:
    back = withdrawal(id="txn_3", amount=3000, fee=0, fee_details=[], net=3000, reporting_category="dispute_reversal")
    lost, *_ = reading(event("charge.dispute.closed", dispute(withdrawal(), back, status="lost"))).events
    assert sum(part.amount_minor for part in lost.components) == 5450


def test_a_dispute_pushed_as_an_object_is_only_noted() -> None:
    """An object does not say when it was lost; the event does."""
    kinds = [draft.kind.value for draft in reading(dispute(withdrawal(), status="lost")).events]
    assert kinds == ["dispute_noted", "dispute_withdrawn"]


def test_a_payout_is_noted_once_for_every_message() -> None:
    payout = {
        "id": "po_1", "object": "payout", "amount": 141_280, "arrival_date": 1_772_755_200, "created": AT,
        "currency": "eur", "method": "standard", "status": "paid", "trace_id": {"status": "supported", "value": "T1"},
    }  # fmt: skip
    draft = only(event("payout.updated", payout))
    assert draft.key == "stripe:payout:po_1:noted:evt_1"
    assert draft.references == ("payout:po_1", "trace:T1")
    assert draft.facts == {
        "status": "paid", "amount": "141280", "currency": "EUR", "arrival_date": "2026-03-06", "method": "standard",
    }  # fmt: skip
    assert draft.occurred_at.timestamp() == AT + 60
    assert only(payout).key != draft.key
    assert only(payout | {"trace_id": None}).references == ("payout:po_1",)


def test_money_of_a_connected_account_is_not_ours() -> None:
    (why,) = notes(event("charge.succeeded", charge(), account="acct_2"))
    assert why.startswith("It happened on a connected account")


def test_every_message_we_read_is_mapped_or_ignored_with_a_reason() -> None:
    mapping = connector().mapping
    assert all(rule.why.endswith(".") for rule in mapping.ignores)
    topics = [topic for rule in mapping.ignores if rule.each is None for topic in rule.topics]
    assert len(topics) == len(set(topics)), "a message is ignored once, for one reason"
    assert not set(topics) & {topic for rule in mapping.events for topic in rule.topics}
