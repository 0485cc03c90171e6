"""Refunds: what goes back to the buyer, whether prices contain the tax, and what must stop."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.connectors.shopify.connector import only, parts, reading, reasons
from tests.connectors.shopify.objects import adjustment, bag, line, order, refund, refunded, tax_line, tender
from tieout.events.store import content_hash
from tieout.model.event import EventDraft, total_minor

TOPIC = "refunds/create"


def refund_event(body: dict[str, Any], topic: str = TOPIC) -> EventDraft:
    """The refund among a delivery's events; its payments are events of their own."""
    found = reading(topic, body)
    assert found.objections == ()
    (draft,) = [event for event in found.events if event.kind.value == "order_refunded"]
    return draft


def test_a_refund_waits_for_its_order() -> None:
    draft = refund_event(refund(refunded("49.90", "7.97"), money="49.90"))
    assert draft.key == "shop:refund:51"
    assert draft.references == ("order:1088", "shop_refund:51")
    assert draft.requires == ("shop:order:1088:placed",)
    assert draft.aggregate == "order:1088"
    assert [part.seller for part in draft.components] == ["Birke", "Birke"]


@pytest.mark.parametrize(
    ("money", "tax"),
    [("49.90", "tax_included/item"), ("57.87", "tax/item")],
)
def test_the_money_proves_whether_prices_contain_the_tax(money: str, tax: str) -> None:
    draft = refund_event(refund(refunded("49.90", "7.97"), money=money))
    assert parts(draft) == [("item", 4990), (tax, 797)]
    assert total_minor(draft.components) == int(money.replace(".", ""))
    assert draft.objection is None


@pytest.mark.parametrize(
    ("tax", "rate", "expected"),
    [("7.97", "0.19", "tax_included/item"), ("9.48", "0.19", "tax/item"), ("4.12", "0.0825", "tax/item")],
)
def test_else_the_rate_proves_it(tax: str, rate: str, expected: str) -> None:
    of = line("49.90", 1, tax_line(tax, rate))
    draft = refund_event(refund(refunded("49.90", tax, of)))
    assert parts(draft)[1][0] == expected
    assert draft.objection is None


@pytest.mark.parametrize("rate", ["0", "0.07", "-1", "1e30", "NaN"])
def test_else_it_is_held_and_the_order_tells(rate: str) -> None:
    unsaid = refund(refunded("49.90", "7.97", line("49.90", 1, tax_line("7.97", rate))))
    assert reasons(TOPIC, unsaid) == ["field_missing"]
    told = refund_event(order("49.90", line("49.90", 1), refunds=[unsaid]), "orders/updated")
    assert (parts(told), told.objection) == ([("item", 4990), ("tax_included/item", 797)], None)
    on_top = order("49.90", line("49.90", 1), refunds=[unsaid], taxes_included=False)
    assert parts(refund_event(on_top, "orders/updated")) == [("item", 4990), ("tax/item", 797)]


def test_without_tax_there_is_nothing_to_prove() -> None:
    assert parts(refund_event(refund(refunded("10.00", "0.00")))) == [("item", 1000)]


@given(
    price=st.integers(100, 10**7),
    rate=st.sampled_from([5, 7, 10, 19, 20, 21, 25]),
    included=st.booleans(),
    how=st.sampled_from(["money", "rate"]),
)
def test_a_refund_alone_and_inside_its_order_are_one_fact(price: int, rate: int, included: bool, how: str) -> None:
    tax = round(price * rate / (100 + rate)) if included else round(price * rate / 100)
    subtotal, vat = f"{price // 100}.{price % 100:02}", f"{tax // 100}.{tax % 100:02}"
    back = price if included else price + tax
    money = f"{back // 100}.{back % 100:02}" if how == "money" else None
    body = refund(refunded(subtotal, vat, line(subtotal, 1, tax_line(vat, f"0.{rate:02}"))), money=money)
    alone = refund_event(body)
    if alone.objection is None:
        inside = refund_event(order("0", refunds=[body], taxes_included=included), "orders/updated")
        assert content_hash(alone) == content_hash(inside)
        assert total_minor(alone.components) == back
    else:
        assert how == "rate", "the money always proves it"


def test_several_taxes_of_a_line_are_told_apart_to_the_cent() -> None:
    of = line("30.00", 3, tax_line("1.00", title="State"), tax_line("1.01", title="City", liable=True))
    draft = refund_event(refund(refunded("10.00", "0.67", of), money="10.67"))
    assert parts(draft) == [("item", 1000), ("tax/item", 33), ("facilitator_tax/item", 34)]
    assert [part.label for part in draft.components] == ["KELLE", "State", "City"]


def test_shipping_goes_back_with_its_tax_beside_it() -> None:
    body = refund(order_adjustments=[adjustment("shipping_refund", "-2.44", "-0.46")], transactions=[tender("2.90")])
    assert parts(refund_event(body)) == [("shipping", 244), ("tax/shipping", 46)]


def test_tax_of_refunded_shipping_is_the_channels_where_that_of_the_goods_is() -> None:
    """Shopify does not say it of refunded shipping; alone and inside its order it is read alike."""
    of = line("30.00", 1, tax_line("2.40", "0.08", liable=True))
    body = refund(
        refunded("30.00", "2.40", of),
        order_adjustments=[adjustment("shipping_refund", "-5.00", "-0.40")],
        money="37.80",
    )
    alone = refund_event(body)
    expected = [("item", 3000), ("shipping", 500), ("facilitator_tax/item", 240), ("facilitator_tax/shipping", 40)]
    assert parts(alone) == expected
    shipping = {"price": "5.00", "tax_lines": [tax_line("0.40", "0.08", liable=True)]}
    whole = order("37.80", of, refunds=[body], shipping_lines=[shipping], taxes_included=False)
    assert content_hash(refund_event(whole, "orders/updated")) == content_hash(alone)
    untaxed = order("37.80", refunds=[body], shipping_lines=[{"price": "5.00", "tax_lines": []}], taxes_included=False)
    assert ("tax/shipping", 40) in parts(refund_event(untaxed, "orders/updated"))


def test_since_2024_shipping_has_lines_of_its_own() -> None:
    sent = {"subtotal_amount_set": bag("7.00"), "tax_amount_set": bag("0.28")}
    assert parts(refund_event(refund(refund_shipping_lines=[sent], money="7.28"))) == [
        ("shipping", 700),
        ("tax/shipping", 28),
    ]
    both = refund(refund_shipping_lines=[sent], order_adjustments=[adjustment("shipping_refund", "-7.00", "-0.28")])
    assert parts(refund_event(both)) == [("shipping", 700), ("tax/shipping", 28)], "told twice, counted once"


@pytest.mark.parametrize("kind", ["refund_discrepancy", None])
def test_a_difference_the_shop_names_is_an_adjustment(kind: str | None) -> None:
    less = refund(refunded("18.00", "0.00"), order_adjustments=[adjustment(kind, "3.00")], money="15.00")
    assert parts(refund_event(less)) == [("item", 1800), ("adjustment", -300)]
    more = refund(refunded("18.00", "0.00"), order_adjustments=[adjustment(kind, "-2.00", "-0.38")], money="20.38")
    assert parts(refund_event(more)) == [("item", 1800), ("adjustment", 200), ("tax/item", 38)]


def test_money_without_lines_is_an_adjustment_of_the_money() -> None:
    moves = [tender("5.00"), tender("1.00", status="pending", id=42), tender("2.00", status="failure", id=43)]
    moves += [tender("49.00", "void", id=44)]
    assert parts(refund_event(refund(transactions=moves))) == [("adjustment", 500), ("adjustment", 100)]


def test_gift_cards_duties_and_fees_go_back_as_what_they_were() -> None:
    card = refunded("50.00", "0.00", line("50.00", 1, gift_card=True))
    body = refund(card, total_duties_set=bag("6.10"), total_additional_fees_set=bag("3.00"), money="59.10")
    assert parts(refund_event(body)) == [("gift_card_sold", 5000), ("duty", 610), ("fee_charged", 300)]


def test_a_line_without_its_article_takes_it_from_the_order() -> None:
    bare = refunded("24.50", "3.71") | {"line_item": None}
    draft = refund_event(order("49.00", line("24.50", 2, tax_line("7.42")), refunds=[refund(bare)]), "orders/updated")
    assert [(part.seller, part.label) for part in draft.components] == [("Birke", "KELLE"), ("Birke", "VAT")]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (refund(refunded("1.00", "0.00") | {"subtotal": None}, money="1.00"), "field_missing"),
        (refund(order_adjustments=[adjustment("clawback", "-1.00")], money="1.00"), "code_unknown"),
        (refund(refunded("many", "0.00")), "amount_unusable"),
        (refund(refunded("1.00", "0.00"), order_id=None), "field_missing"),
    ],
)
def test_a_refund_that_cannot_be_booked_stops(body: dict[str, Any], reason: str) -> None:
    assert reasons(TOPIC, body) == [reason]


def test_what_is_held_shows_the_money_at_risk() -> None:
    old = refunded("49.90", "7.97")
    del old["subtotal"]
    draft = refund_event(refund(old, money="49.90"))
    assert (draft.objection, parts(draft)) == ("field_missing", [("adjustment", 4990)])


def test_a_calculation_is_no_refund() -> None:
    found = reading(
        "refund", {"refund": {"refund_line_items": [], "transactions": [tender("2.00", "suggested_refund")]}}
    )
    assert found.events == ()
    assert found.notes == ("A calculation of what a refund would be; nothing was refunded.",) * 2


def test_a_refund_all_of_whose_payments_are_tests_is_one() -> None:
    found = reading(TOPIC, refund(refunded("10.00", "0.00"), transactions=[tender("10.00", test=True)]))
    assert (found.events, found.notes) == ((), ("A refund of a test order.", "A payment in test mode."))


def test_the_same_payment_alone_and_inside_a_refund_is_one_fact() -> None:
    (inside,) = [e for e in reading(TOPIC, refund(money="5.00")).events if e.kind.value == "tender_noted"]
    alone = only("order_transactions/create", tender("5.00"))
    assert (inside.key, content_hash(inside)) == (alone.key, content_hash(alone))
