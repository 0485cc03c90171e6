"""Reading Stripe's deliveries: what they are, what makes them the same, and what is refused."""

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.connectors.stripe.connector import raw
from tests.connectors.stripe.objects import charge, dispute, event, listing, refund, row, withdrawal
from tieout.connectors import digest
from tieout.connectors.stripe.source import describe, parse
from tieout.model.connector import Undecodable


def topic(body: Any, **parameters: str) -> str:
    return describe({}, parameters, raw(body)).topic


def test_a_webhook_is_named_by_what_is_inside_the_signed_body() -> None:
    envelope = describe(
        {"stripe-event": "charge.failed"}, {"topic": "refund"}, raw(event("charge.succeeded", charge()))
    )
    assert (envelope.topic, envelope.identity) == ("charge.succeeded", "evt_1")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (charge(), "charge"),
        (row(), "balance_transaction"),
        (listing(row()), "balance_transactions"),
        (listing(), "balance_transactions"),
        ({"object": "list", "url": "/v1/payouts", "data": []}, "payouts"),
        ({"object": "list", "data": [charge(), charge()]}, "charge"),
        ({"object": "list", "data": []}, "list"),
        ({"object": "customer", "id": "cus_1"}, "customer"),
        ({"resources": {}}, "unnamed"),
    ],
)
def test_a_pushed_object_says_what_it_is(body: dict[str, Any], expected: str) -> None:
    assert topic(body) == expected
    assert topic(body, topic="payout") == "payout"


def test_a_pushed_object_is_the_same_when_topic_parameters_and_content_are() -> None:
    body = raw(listing(row()))
    first = describe({}, {"topic": "balance_transactions", "payout": "po_1"}, body)
    assert first.identity == digest("balance_transactions", {"topic": "balance_transactions", "payout": "po_1"}, body)
    assert first == describe({"any": "header"}, {"payout": "po_1", "topic": "balance_transactions"}, body)
    others = [
        describe({}, {"topic": "balance_transactions", "payout": "po_2"}, body),
        describe({}, {"topic": "balance_transactions"}, body),
        describe({}, {"topic": "balance_transactions", "payout": "po_1"}, body + b" "),
    ]
    assert len({first.identity, *(other.identity for other in others)}) == 4


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"id=evt_1&type=charge.succeeded",
        b"\xff\xfe{\x00}\x00",
        b'{"object": "event", "id": "evt_1"',
        b'"event"',
        b"[]",
        b"null",
        b'{"a": NaN}',
        b'{"a": 1e999}',
        b'{"a": 1E99999999999999999999}',
        b'{"a": ' + b"9" * 41 + b"}",
        b'{"a": ' + b"9" * 9000 + b"}",
        b'{"a": "\xff"}',
        b'{"a": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        raw({"object": "event", "type": "charge.succeeded"}),
        raw({"object": "event", "id": 7, "type": "charge.succeeded"}),
        raw({"object": "event", "id": "evt_1", "type": ""}),
    ],
    ids=lambda body: str(body[:24]),
)
def test_hopeless_bodies_are_refused(body: bytes) -> None:
    with pytest.raises(Undecodable):
        describe({}, {}, body)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("charge", {"id": "ch_1"}),
        ("charge", {"object": ["charge"]}),
        ("charge", refund()),
        ("refund", charge()),
        ("refund", {"object": "list", "data": [refund(), charge()]}),
        ("dispute", {"object": "payout", "id": "po_1"}),
        ("balance_transactions", charge()),
        ("balance_transactions", {"object": "list", "data": {"object": "balance_transaction"}}),
        ("balance_transactions", {"object": "list", "data": [row(), "txn_2"]}),
        ("balance_transactions", {"object": "list"}),
        ("charge.succeeded", event("charge.succeeded", refund())),
        ("charge.refund.updated", event("charge.refund.updated", charge())),
        ("charge.dispute.closed", event("charge.dispute.closed", charge())),
        ("payout.paid", event("payout.paid", charge())),
        ("charge.succeeded", event("charge.succeeded", {}) | {"data": None}),
        ("charge.succeeded", event("charge.succeeded", {}) | {"data": {"object": "ch_1"}}),
    ],
)
def test_what_is_not_what_it_claims_to_be_is_refused(name: str, body: dict[str, Any]) -> None:
    with pytest.raises(Undecodable):
        parse(name, {}, raw(body))


def test_numbers_are_exact_and_never_floats() -> None:
    body = json.dumps(row(exchange_rate="RATE")).replace('"RATE"', "0.123456789012345678901")
    (found,) = parse("balance_transaction", {}, body.encode())["balance_transactions"]
    assert found["exchange_rate"] == Decimal("0.123456789012345678901")


def test_text_that_a_database_cannot_hold_is_cleaned() -> None:
    body = raw(charge(description="a\u0000b")).replace(b"5120088", rb"51\\u0000")
    (found,) = parse("charge", {}, body)["charges"]
    assert found["description"] == "ab"
    assert found["metadata"] == {"order_id": r"51\u0000"}, "an escaped backslash is not the beginning of an escape"


def test_a_byte_order_mark_of_a_file_is_no_obstacle() -> None:
    assert topic(b"\xef\xbb\xbf" + raw(charge())) == "charge"


def test_expanded_references_become_ids() -> None:
    body = charge(payment_intent={"id": "pi_9", "object": "payment_intent"})
    assert parse("charge", {}, raw(body))["charges"][0]["payment_intent"] == "pi_9"
    body = refund(charge={"id": "ch_9", "object": "charge"}, payment_intent=None)
    found = parse("refund", {}, raw(body))["refunds"][0]
    assert (found["charge"], found["payment_intent"], found["aggregate"]) == ("ch_9", None, "charge:ch_9")


@pytest.mark.parametrize(
    ("metadata", "order"),
    [
        ({"order_id": "5120088"}, "5120088"),
        ({"shopify_order_id": "77"}, "77"),
        ({"order_id": "1", "shopify_order_id": "77"}, "1"),
        ({"order_id": " 12 "}, "12"),
        ({"order_id": 12}, "12"),
        ({"order_id": ""}, None),
        ({"order_id": {"id": 1}}, None),
        ({}, None),
        (None, None),
        ("5120088", None),
    ],
)
def test_the_order_is_found_in_the_metadata(metadata: Any, order: str | None) -> None:
    found = parse("charge", {}, raw(charge(metadata=metadata)))["charges"][0]
    assert found["order_id"] == order
    assert found["aggregate"] == (f"order:{order}" if order else "charge:ch_1")


def test_a_dispute_gives_the_same_rows_as_the_list() -> None:
    inside = parse("dispute", {}, raw(dispute(withdrawal())))["balance_transactions"]
    listed = parse("balance_transactions", {}, raw(listing(withdrawal())))["balance_transactions"]
    assert inside == listed


def test_versions_differ_when_the_object_does() -> None:
    def version(**changes: Any) -> str:
        return str(parse("dispute", {}, raw(dispute(**changes)))["disputes"][0]["version"])

    assert version() == version()
    assert version() != version(status="under_review")
    hook = event("charge.dispute.updated", dispute())
    assert parse("charge.dispute.updated", {}, raw(hook))["disputes"][0]["version"] == "evt_1"
