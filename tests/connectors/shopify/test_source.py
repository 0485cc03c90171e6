"""Reading Shopify's deliveries: what they are, what makes them the same, and what is refused."""

from typing import Any

import pytest

from tests.connectors.shopify.connector import raw
from tests.connectors.shopify.objects import agreement, answer, balance_row, line, order, refund, tender
from tieout.connectors import digest
from tieout.connectors.shopify.source import describe, parse
from tieout.model.connector import Undecodable

HOOK = {
    "x-shopify-topic": "orders/create",
    "x-shopify-shop-domain": "holz.myshopify.com",
    "x-shopify-webhook-id": "b54557e4",
    "x-shopify-event-id": "98880550",
}
ORDER = order("49.00", line())


def test_a_webhook_is_named_by_its_headers() -> None:
    envelope = describe(HOOK, {"topic": "refunds"}, raw(ORDER))
    assert (envelope.topic, envelope.identity) == ("orders/create", "holz.myshopify.com:orders/create:b54557e4")


def test_the_event_id_is_shared_by_several_webhooks_and_is_no_identity() -> None:
    second = HOOK | {"x-shopify-topic": "orders/paid", "x-shopify-webhook-id": "b54557e5"}
    assert describe(HOOK, {}, raw(ORDER)).identity != describe(second, {}, raw(ORDER)).identity


def test_a_retry_is_the_same_delivery() -> None:
    again = HOOK | {"x-shopify-triggered-at": "2026-03-03T12:00:00Z"}
    assert describe(HOOK, {}, raw(ORDER)) == describe(again, {}, raw(ORDER))


def test_the_newer_events_name_their_headers_without_the_x() -> None:
    headers = {name.removeprefix("x-"): value for name, value in HOOK.items()}
    assert describe(headers, {}, raw(ORDER)) == describe(HOOK, {}, raw(ORDER))


def test_without_a_webhook_id_the_body_is_the_identity() -> None:
    headers = {name: value for name, value in HOOK.items() if name != "x-shopify-webhook-id"}
    expected = f"holz.myshopify.com:orders/create:{digest(raw(ORDER))}"
    assert describe(headers, {}, raw(ORDER)).identity == expected


@pytest.mark.parametrize(
    ("body", "topic"),
    [
        ({"orders": [ORDER]}, "orders"),
        ({"order": ORDER}, "order"),
        (ORDER, "order"),
        ([ORDER], "order"),
        ({"refunds": [refund()]}, "refunds"),
        (refund(), "refund"),
        ({"transactions": [tender("1.00")]}, "transactions"),
        ([tender("1.00")], "transactions"),
        ({"transactions": [balance_row("charge", "1.00", "0.00", "1.00")]}, "balance_transactions"),
        (refund(money="5.00"), "refund"),
        (ORDER | {"transactions": [tender("1.00")], "refunds": [refund()]}, "order"),
        (tender("1.00"), "transactions"),
        ({"transactions": []}, "transactions"),
        ({"payouts": []}, "payouts"),
        ({"disputes": []}, "disputes"),
        ({"gift_cards": []}, "gift_cards"),
        ({"adjustments": []}, "adjustments"),
        (answer(agreement("OrderAgreement")), "agreements"),
        ({"data": {"shopifyPaymentsAccount": {"payouts": {"nodes": []}}}}, "payouts"),
        ({}, "unnamed"),
        ([], "unnamed"),
        (7, "unnamed"),
    ],
)
def test_a_pushed_object_is_known_by_its_wrapper_or_its_shape(body: Any, topic: str) -> None:
    assert describe({}, {}, raw(body)).topic == topic
    assert describe({}, {"topic": "orders"}, raw(body)).topic == "orders"


def test_a_pushed_object_is_the_same_when_topic_parameters_and_content_are() -> None:
    body = raw({"orders": [ORDER]})
    envelope = describe({}, {"topic": "orders"}, body)
    assert envelope.identity == digest("orders", {"topic": "orders"}, body)
    assert describe({}, {"topic": "orders", "page": "2"}, body).identity != envelope.identity
    assert describe({}, {"topic": "orders"}, body + b" ").identity != envelope.identity


@pytest.mark.parametrize("body", [ORDER, {"order": ORDER}, {"orders": [ORDER]}, [ORDER]])
def test_the_wrapper_makes_no_difference(body: Any) -> None:
    assert [found["id"] for found in parse("orders", {}, raw(body))["orders"]] == [ORDER["id"]]


def test_an_order_with_its_own_payments_and_refunds_is_one_order() -> None:
    """An order carries members of the same names as REST's wrappers."""
    whole = ORDER | {"transactions": [tender("49.00", "sale")], "refunds": [refund(money="5.00")]}
    document = parse("orders/updated", {}, raw(whole))
    assert [len(document[name]) for name in ("orders", "refunds", "tenders")] == [1, 1, 2]


@pytest.mark.parametrize("topic", ["transactions", "balance_transactions"])
def test_payments_and_rows_of_the_balance_are_told_apart_by_shape(topic: str) -> None:
    both = {"transactions": [tender("1.00"), balance_row("charge", "1.00", "0.00", "1.00")]}
    document = parse(topic, {}, raw(both))
    assert (len(document["tenders"]), len(document["balance_rows"])) == (1, 1)


@pytest.mark.parametrize(
    ("topic", "body"),
    [
        ("orders/create", {}),
        ("orders/create", None),
        ("orders/create", "order"),
        ("orders/create", [ORDER, 7]),
        ("orders/create", refund()),
        ("refunds/create", ORDER),
        ("order_transactions/create", ORDER),
        ("orders", {"orders": {"id": 1}, "order": []} | {"orders": [None]}),
        ("balance_transactions", {"transactions": [ORDER]}),
        ("disputes/create", tender("1.00")),
        ("agreements", {}),
        ("agreements", []),
        ("agreements", {"data": None}),
        ("agreements", {"data": {"order": None}}),
        ("agreements", {"errors": [{"message": "Throttled"}]}),
        ("agreements", {"data": {"order": {"agreements": {"nodes": []}}}, "errors": [{"message": "partial"}]}),
    ],
)
def test_what_is_not_what_it_claims_to_be_is_refused(topic: str, body: Any) -> None:
    with pytest.raises(Undecodable):
        parse(topic, {}, b'"order"' if body == "order" else raw(body))


@pytest.mark.parametrize(
    "body", [b"", b"topic=orders%2Fcreate", b"\xff\xfe", b'{"id": 1', b'{"a": 1e999}', b"[" * 10**5]
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(Undecodable):
        parse("orders/create", {}, body)
    with pytest.raises(Undecodable):
        describe({}, {}, body)
    assert describe(HOOK, {}, body).topic == "orders/create", "headers name a webhook whatever its body"


def test_large_ids_stay_exact() -> None:
    document = parse("orders/create", {}, b'{"id": 9007199254740993, "line_items": [], "total_price": "0"}')
    assert document["orders"][0]["id"] == 9_007_199_254_740_993


def test_what_carries_no_money_is_not_looked_into() -> None:
    assert parse("products/update", {}, b'{"id": 1}') == parse("products/update", {}, b'{"id": 1}')
    assert parse("customers/create", {}, b"[]")["orders"] == []
