"""What Shopify's orders and their messages mean: exact keys, amounts and references, and what must stop."""

from typing import Any

import pytest

from tests.connectors.shopify.connector import connector, only, parts, reading, reasons
from tests.connectors.shopify.objects import AT, bag, line, order, refund, shipping, tax_line, tender
from tieout.events.store import content_hash
from tieout.model.event import TOTAL_SIGN


def test_an_order_is_one_fact_with_its_references() -> None:
    draft = only("orders/create", order("49.00", line(), source_name="pos"))
    assert draft.key == "shop:order:820982911946154508:placed"
    assert draft.kind.value == "order_placed"
    assert draft.aggregate == "order:820982911946154508"
    assert draft.references == ("order:820982911946154508", "order_name:#1088")
    assert draft.occurred_at.isoformat() == "2026-03-03T09:12:03+00:00"
    assert draft.dimensions == {"channel": "pos"}
    assert draft.requires == ()


@pytest.mark.parametrize("topic", ["orders/create", "orders", "order"])
def test_every_door_tells_the_same_order(topic: str) -> None:
    body: Any = order("49.00", line())
    body = {"orders": [body]} if topic == "orders" else {"order": body} if topic == "order" else body
    assert content_hash(only(topic, body)) == content_hash(only("orders/create", order("49.00", line())))


def test_prices_that_contain_the_tax() -> None:
    goods = line("24.50", 2, tax_line("7.42"), discount_allocations=[{"amount": "2.50"}])
    sent = shipping("4.90", tax_line("0.46"), discount_allocations=[{"amount": "2.00"}])
    draft = only("orders/create", order("49.40", goods, shipping_lines=[sent]))
    assert parts(draft) == [
        ("item", 4900),
        ("discount", 250),
        ("shipping", 490),
        ("shipping_discount", 200),
        ("tax_included/item", 742),
        ("tax_included/shipping", 46),
    ]
    assert draft.objection is None
    by_seller = {(part.kind.value, part.seller, part.label) for part in draft.components}
    assert ("item", "Birke", "KELLE") in by_seller
    assert ("discount", "Birke", "KELLE") in by_seller
    assert ("tax_included", "Birke", "VAT") in by_seller
    assert ("shipping", None, "DHL") in by_seller


def test_an_order_below_nothing_is_held_and_one_of_nothing_is_not() -> None:
    draft = only("orders/create", order("-10.00", line("-10.00", 1)))
    assert (draft.objection, draft.objection_detail) == (
        "amount_unusable", "It says -10.00 as its total, and what an order comes to can only be positive or nothing.",
    )  # fmt: skip
    assert parts(draft) == [("item", -1000)]
    free = only("orders/create", order("0.00", line("10.00", 1, discount_allocations=[{"amount": "10.00"}])))
    assert free.objection is None


def test_tax_on_top_by_jurisdiction() -> None:
    taxes = [tax_line("2.16", title="State"), tax_line("2.43", title="City")]
    draft = only("orders/create", order("58.59", line("18.00", 3, *taxes), taxes_included=False))
    assert parts(draft) == [("item", 5400), ("tax/item", 216), ("tax/item", 243)]
    assert [part.label for part in draft.components] == ["KELLE", "State", "City"]


@pytest.mark.parametrize(("included", "kind"), [(True, "facilitator_tax_included"), (False, "facilitator_tax")])
def test_tax_the_channel_remits(included: bool, kind: str) -> None:
    total = "60.00" if included else "71.00"
    sent = shipping("0.00", tax_line("1.00", liable=True))
    body = order(
        total, line("60.00", 1, tax_line("10.00", liable=True)), taxes_included=included, shipping_lines=[sent]
    )
    assert parts(only("orders/create", body)) == [("item", 6000), (f"{kind}/item", 1000), (f"{kind}/shipping", 100)]


def test_an_unknown_liability_is_the_merchants() -> None:
    """Shopify's notes on REST 2024-01: read null as false."""
    body = order("71.00", line("60.00", 1, tax_line("11.00", liable=None)), taxes_included=False)
    assert parts(only("orders/create", body)) == [("item", 6000), ("tax/item", 1100)]


def test_gift_cards_are_no_revenue_and_tips_no_goods() -> None:
    lines = [
        line("50.00", 1, gift_card=True, discount_allocations=[{"amount": "5.00"}]),
        line("3.00", 1, tip_payment_gateway="stripe"),
    ]
    body = order("48.00", *lines, total_tip_received="3.00")
    assert parts(only("orders/create", body)) == [("gift_card_sold", 5000), ("tip", 300), ("discount", 500)]
    assert parts(only("orders/create", order("52.00", line("49.00", 1), total_tip_received="3.00"))) == [
        ("item", 4900),
        ("tip", 300),
    ]


def test_duties_and_fees_are_added() -> None:
    duty = {"shop_money": {"amount": "6.10"}, "tax_lines": [tax_line("0.50")]}
    body = order("69.60", line("60.00", 1, duties=[duty]), original_total_additional_fees_set=bag("3.00"))
    assert parts(only("orders/create", body)) == [
        ("item", 6000),
        ("duty", 610),
        ("fee_charged", 300),
        ("tax/duty", 50),
    ]
    in_all = order("66.10", line("60.00", 1), original_total_duties_set=bag("6.10"))
    assert parts(only("orders/create", in_all)) == [("item", 6000), ("duty", 610)]
    contained = order("60.00", line("60.00", 1), original_total_duties_set=bag("6.10"), duties_included=True)
    assert parts(only("orders/create", contained)) == [("item", 6000)]


def test_old_shapes_say_discount_and_tax_elsewhere() -> None:
    old = line("25.00", 1, total_discount="5.00")
    del old["discount_allocations"], old["tax_lines"]
    draft = only("orders", {"orders": [order("20.00", old, tax_lines=[tax_line("3.19")])]})
    assert parts(draft) == [("item", 2500), ("discount", 500), ("tax_included/item", 319)]


def test_shipping_taken_off_the_order_is_not_counted() -> None:
    gone = shipping("4.90", tax_line("0.78"), is_removed=True, discount_allocations=[{"amount": "1.00"}])
    assert parts(only("orders/create", order("49.00", line(), shipping_lines=[gone]))) == [("item", 4900)]


def test_the_shops_currency_is_the_books_currency() -> None:
    assert {part.currency for part in only("orders/create", order("49.00", line())).components} == {"EUR"}


def test_a_currency_without_decimals() -> None:
    draft = only("orders/create", order("12800", line("6400", 2), currency="JPY"))
    assert [(part.amount_minor, part.currency) for part in draft.components] == [(12_800, "JPY")]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"total_price": "49.01"}, "total_mismatch"),
        ({"total_price": "48.99"}, "total_mismatch"),
        ({"line_items": []}, "total_mismatch"),
        ({"total_price": None}, "field_missing"),
        ({"id": None}, "field_missing"),
        ({"currency": None}, "field_missing"),
        ({"currency": "EURO"}, "currency_unknown"),
        ({"processed_at": None, "created_at": "soon"}, "field_missing"),
        ({"line_items": [line("24.505", 2)]}, "total_mismatch"),
        ({"line_items": [line("24.503", 1)]}, "amount_unusable"),
        ({"line_items": [line() | {"quantity": "2"}]}, "amount_unusable"),
        ({"line_items": [line("many", 2)]}, "amount_unusable"),
        ({"line_items": [line("NaN", 2)]}, "amount_unusable"),
    ],
)
def test_an_order_that_does_not_hold_stops(changes: dict[str, Any], reason: str) -> None:
    assert reasons("orders/create", order("49.00", line()) | changes) == [reason]


def test_a_test_order_is_nothing_nor_are_its_payments_and_refunds() -> None:
    body = order("49.00", line(), test=True, refunds=[refund(money="5.00")], transactions=[tender("49.00", "sale")])
    found = reading("orders", {"orders": [body]})
    assert (found.events, found.objections) == ((), ())
    assert found.notes == (
        "A test order: no goods and no money.",
        "A refund of a test order.",
        "A payment in test mode.",
        "A payment in test mode.",
    )


@pytest.mark.parametrize("topic", ["orders/updated", "orders/paid", "orders/fulfilled", "orders/cancelled"])
def test_a_newer_state_is_a_memo_that_books_nothing(topic: str) -> None:
    body = order("49.00", line(), financial_status="paid", cancelled_at=AT, cancel_reason="customer")
    draft = only(topic, body)
    assert draft.kind.value == "order_noted"
    assert draft.key.startswith("shop:order:820982911946154508:noted:2026-03-03T10:12:03+01:00:")
    assert draft.components == ()
    assert draft.facts["cancel_reason"] == "customer"


def test_one_state_told_by_two_messages_is_one_memo() -> None:
    body = order("49.00", line())
    assert only("orders/paid", body).key == only("orders/updated", body).key
    assert only("orders/paid", body).key != only("orders/paid", body | {"tags": "vip"}).key


def test_an_edit_is_noted_and_waits_for_nothing() -> None:
    draft = only("orders/edited", {"order_edit": {"id": 7, "order_id": 1088, "created_at": AT, "committed_at": None}})
    assert (draft.key, draft.kind.value) == ("shop:order_edit:7:noted", "order_noted")
    assert (draft.references, draft.requires, draft.components) == (("order:1088",), (), ())


def test_the_total_is_what_the_buyer_owes() -> None:
    """Every component has a sign in the total, so that the check really adds everything up."""
    used = {part.kind for rule in connector().mapping.events for part in rule.components}
    assert used <= set(TOTAL_SIGN)


def test_a_message_is_ignored_once_and_for_one_reason() -> None:
    mapping = connector().mapping
    assert all(rule.why.endswith(".") for rule in mapping.ignores)
    topics = [topic for rule in mapping.ignores if rule.each is None for topic in rule.topics]
    assert len(topics) == len(set(topics))
    assert not set(topics) & {topic for rule in mapping.events for topic in rule.topics}


def test_requests_about_personal_data_are_seen_by_a_person() -> None:
    for topic in ("customers/redact", "customers/data_request", "shop/redact"):
        assert reasons(topic, {"shop_id": 1}) == ["topic_unknown"]
