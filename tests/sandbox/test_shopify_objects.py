"""Every figure in Shopify's objects adds up, whatever happened to the order."""

from typing import Any

import pytest
from hypothesis import given

from tests.sandbox.test_trade import DOLLAR, EURO, order
from tests.sandbox.worlds import WORLDS, cents, demo, document, told
from tieout.sandbox.orders import tax_contained
from tieout.sandbox.plan import compose
from tieout.sandbox.shopify_objects import OrderState, clock, money_set, order_body, rate, text
from tieout.sandbox.trade import Shop
from tieout.sandbox.world import World

ORDER_TOPICS = ("orders/create", "orders/paid", "orders/updated", "orders/cancelled")


@pytest.mark.parametrize(
    ("minor", "decimal"),
    [(0, "0.00"), (5, "0.05"), (1234, "12.34"), (-5, "-0.05"), (-1234, "-12.34"), (10**9, "10000000.00")],
)
def test_amounts_as_text(minor: int, decimal: str) -> None:
    assert text(minor) == decimal
    assert money_set(minor, "EUR")["shop_money"] == {"amount": decimal, "currency_code": "EUR"}


def test_rates_are_exact() -> None:
    assert [str(rate(bp)) for bp in (1900, 700, 725, 385)] == ["0.19", "0.07", "0.0725", "0.0385"]


def test_times_are_on_the_shops_clock() -> None:
    at = order(EURO).placed_at
    assert clock(at, EURO) == "2026-10-05T14:00:00+02:00"
    assert clock(at, DOLLAR) == "2026-10-05T08:00:00-04:00"


@pytest.mark.parametrize(("shop", "total"), [(EURO, "78.00"), (DOLLAR, "87.50")])
def test_an_order_to_the_figure(shop: Shop, total: str) -> None:
    made = order(shop)
    body = order_body(made, OrderState(made.placed_at, "paid", ("stripe",)))
    names = (
        "total_line_items_price",
        "total_discounts",
        "subtotal_price",
        "total_tax",
        "total_tip_received",
        "total_price",
    )
    assert [body[name] for name in names] == ["75.90", "4.80", "71.10", "9.50", "2.00", total]
    assert body["total_shipping_price_set"]["shop_money"]["amount"] == "4.90"
    assert body["current_total_price"] == total
    assert [(t["title"], t["price"], str(t["rate"])) for t in body["tax_lines"]] == [
        ("VAT", "6.78", "0.19"), ("More", "0.89", "0.01"), ("VAT", "1.83", "0.07"),
    ]  # fmt: skip
    assert [(line["vendor"], line["quantity"], line["price"]) for line in body["line_items"]] == [
        ("Tonwerk Ilmenau", 2, "24.00"), ("Bindewerk Aue", 1, "27.90"),
    ]  # fmt: skip
    assert body["line_items"][0]["discount_allocations"][0]["amount"] == "4.80"


@given(world=WORLDS)
def test_every_order_adds_up_in_all_its_messages(world: World) -> None:
    plan = compose(world)
    misstated = {order.id for order in plan.facts.orders if order.misstated_minor}
    for emission in told(plan.emissions, *ORDER_TOPICS):
        check_order(document(emission), off=500 if document(emission)["id"] in misstated else 0)


def check_order(body: dict[str, Any], off: int = 0) -> None:
    """total = lines − discounts + shipping + tax (if not included) + tip; each sum is that of its parts."""
    lines = body["line_items"]
    listed = sum(cents(line["price"]) * line["quantity"] for line in lines)
    discounts = sum(cents(a["amount"]) for line in lines for a in line["discount_allocations"])
    shipping = sum(cents(line["price"]) for line in body["shipping_lines"])
    taxes = [cents(t["price"]) for part in (*lines, *body["shipping_lines"]) for t in part["tax_lines"]]
    assert cents(body["total_line_items_price"]) == listed
    assert cents(body["total_discounts"]) == discounts
    assert cents(body["subtotal_price"]) == listed - discounts
    assert cents(body["total_tax"]) == sum(taxes) == sum(cents(t["price"]) for t in body["tax_lines"])
    added = 0 if body["taxes_included"] else sum(taxes)
    total = listed - discounts + shipping + added + cents(body["total_tip_received"])
    assert cents(body["total_price"]) == total + off
    assert cents(body["total_price_set"]["shop_money"]["amount"]) == cents(body["total_price"])
    codes = sum(cents(code["amount"]) for code in body["discount_codes"])
    assert codes <= discounts


@given(world=WORLDS)
def test_every_refund_adds_up(world: World) -> None:
    plan = compose(world)
    refunds = {refund.id: refund for refund in plan.facts.shop_refunds}
    for emission in told(plan.emissions, "refunds/create"):
        body = document(emission)
        fact = refunds[body["id"]]
        parts = body["refund_line_items"]
        lines = sum(cents(part["subtotal"]) for part in parts)
        tax = sum(cents(part["total_tax"]) for part in parts)
        # Adjustments are stated without tax, and with a minus for what goes back.
        shipping = -sum(cents(a["amount"]) + cents(a["tax_amount"]) for a in body["order_adjustments"])
        included = fact.order.shop.taxes_included
        assert lines + (0 if included else tax) + shipping == fact.total_minor
        for step in body["transactions"]:
            assert cents(step["amount"]) == fact.total_minor


def test_what_is_gone_is_no_longer_there() -> None:
    """`current_*` and `current_quantity` follow refunds and edits; the order as placed stays."""
    refund = next(r for r in demo().facts.shop_refunds if r.restock == "return" and r.steps and r.lines)
    number = refund.order.id
    updates = [document(e) for e in told(demo().emissions, "orders/updated") if f"order:{number}" in e.about]
    body = updates[-1]
    assert cents(body["total_price"]) - cents(body["current_total_price"]) == refund.total_minor
    gone = sum(line["quantity"] - line["current_quantity"] for line in body["line_items"])
    assert gone == sum(part.quantity for part in refund.lines)
    assert [r["id"] for r in body["refunds"]] == [refund.id]


def test_an_edit_changes_the_order_by_its_difference() -> None:
    for edit in demo().facts.edits:
        about = f"order:{edit.order.id}"
        before = document(next(e for e in told(demo().emissions, "orders/create") if about in e.about))
        after = [document(e) for e in told(demo().emissions, "orders/updated") if about in e.about][-1]
        assert cents(after["current_total_price"]) - cents(before["current_total_price"]) == edit.delta_minor
        assert len(after["line_items"]) - len(before["line_items"]) == len(edit.added)
        assert cents(after["total_price"]) - cents(before["total_price"]) == max(0, edit.delta_minor)


def test_german_prices_contain_the_tax_of_every_line() -> None:
    for emission in told(demo().emissions, "orders/create", source="shop")[:100]:
        for line in document(emission)["line_items"]:
            net = cents(line["price"]) * line["quantity"] - sum(
                cents(a["amount"]) for a in line["discount_allocations"]
            )
            for tax in line["tax_lines"]:
                assert cents(tax["price"]) == tax_contained(net, int(tax["rate"].scaleb(4)))


def test_dimensions_of_an_order_are_there_to_be_mapped() -> None:
    bodies = [document(e) for e in told(demo().emissions, "orders/create")]
    assert {body["source_name"] for body in bodies} == {"web", "pos", "3890849"}
    named = {a["value"] for body in bodies for a in body["note_attributes"]}
    assert named == {"autumn-market", "newsletter-42", "kiln-opening"}
