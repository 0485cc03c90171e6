"""What is open of an order: named on the last day it is normal and on the day after, in every currency it has."""

from datetime import timedelta

import pytest

from tests.reconciliation.items import DAY, ORDER, case, names, only_name, row, turns
from tieout.model.case import Reason
from tieout.reconciliation.store import ItemRow


def test_an_order_waits_a_week_for_its_payment() -> None:
    placed = [row(1, ORDER, "order:1", 4900, "order_placed", references=("order:1", "order_name:#1001"))]
    before, after = turns(placed, 7)
    assert before.label == "waiting for the buyer's payment"
    assert case(after) == (
        Reason.ORDER_UNPAID, "1200/EUR/order:1", 4900,
        "Order #1001 of 2026-03-03 over 49.00 EUR has no payment after 7 days.",
    )  # fmt: skip
    assert after.case is not None
    assert (after.case.currency, after.case.aggregate, after.case.links) == (
        "EUR",
        "order:1",
        ("itm_1", "ent_1", "evt_1"),
    )


def test_an_edit_starts_the_wait_anew() -> None:
    edited = [
        row(1, ORDER, "order:1", 4900, "order_placed", day=DAY - timedelta(days=30)),
        row(2, ORDER, "order:1", -900, "order_edited"),
    ]
    _, after = turns(edited, 7)
    assert case(after)[:3] == (Reason.ORDER_UNPAID, "1200/EUR/order:1", 4000)


def test_an_order_refunded_in_part_and_never_paid_is_unpaid() -> None:
    rows = [row(1, ORDER, "order:1", 4900, "order_placed"), row(2, ORDER, "order:1", -2450, "order_refunded")]
    _, after = turns(rows, 7)
    assert case(after) == (
        Reason.ORDER_UNPAID, "1200/EUR/order:1", 2450,
        "Order 1 of 2026-03-03 over 24.50 EUR has no payment after 7 days.",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["payment_captured", "gift_card_redeemed", "store_credit_redeemed"])
def test_a_payment_that_is_not_what_the_buyer_owes(kind: str) -> None:
    rows = [row(1, ORDER, "order:1", 4900, "order_placed"), row(2, ORDER, "order:1", -4000, kind)]
    before, after = turns(rows, 4)
    assert before.label == "payments and refunds are settling"
    assert case(after) == (
        Reason.ORDER_PAID_DIFFERENTLY, "1200/EUR/order:1", 900,
        "For order 1 the payments come to 9.00 EUR less than what the buyer owes.",
    )  # fmt: skip
    more = [row(1, ORDER, "order:1", 4900, "order_placed"), row(2, ORDER, "order:1", -5000, kind)]
    assert case(only_name(more, 5))[2:] == (
        100, "For order 1 the payments come to 1.00 EUR more than what the buyer owes.",
    )  # fmt: skip


def test_a_payment_whose_order_is_on_its_way() -> None:
    rows = [row(1, ORDER, "order:77", -4900, "payment_captured")]
    before, after = turns(rows, 1)
    assert before.label == "paid; the order's own record is on its way"
    assert case(after) == (
        Reason.PAYMENT_WITHOUT_ORDER, "1200/EUR/order:77", 4900,
        "A payment of 49.00 EUR came in on 2026-03-03; it names order 77, which no shop has sent.",
    )  # fmt: skip
    nameless = only_name([row(1, ORDER, "charge:ch_1", -4900, "payment_captured")], 2)
    assert case(nameless)[3] == "A payment of 49.00 EUR came in on 2026-03-03; it names no order."


@pytest.mark.parametrize(
    ("kinds", "who"),
    [
        (("order_placed", "payment_captured", "order_refunded"), ("shop", "gateway")),
        (("order_placed", "payment_captured", "payment_refunded"), ("gateway", "shop")),
    ],
)
def test_a_refund_that_only_one_side_knows(kinds: tuple[str, ...], who: tuple[str, str]) -> None:
    amounts = {"order_placed": 4900, "payment_captured": -4900, "order_refunded": -1000, "payment_refunded": 1000}
    rows = [row(n, ORDER, "order:1", amounts[kind], kind) for n, kind in enumerate(kinds, start=1)]
    _, after = turns(rows, 4)
    assert case(after) == (
        Reason.REFUND_WITHOUT_PAYMENT, "1200/EUR/order:1", 1000,
        f"The {who[0]} refunded order 1; the {who[1]} shows no refund. 10.00 EUR stays open.",
    )  # fmt: skip


def test_a_refund_both_sides_know_with_different_amounts() -> None:
    rows = [
        row(1, ORDER, "order:1", 4900, "order_placed"), row(2, ORDER, "order:1", -4900, "payment_captured"),
        row(3, ORDER, "order:1", -1000, "order_refunded"), row(4, ORDER, "order:1", 900, "payment_refunded"),
    ]  # fmt: skip
    assert case(only_name(rows, 5))[:3] == (Reason.ORDER_PAID_DIFFERENTLY, "1200/EUR/order:1", 100)


def test_an_unpaid_order_is_of_its_own_day_and_not_of_its_refund() -> None:
    rows = [
        row(1, ORDER, "order:5", 10000, "order_placed", day=DAY - timedelta(days=1)),
        row(2, ORDER, "order:5", -3000, "order_refunded"),
    ]
    assert case(turns(rows, 7)[1])[3] == "Order 5 of 2026-03-02 over 70.00 EUR has no payment after 7 days."


# ── In another currency ───────────────────────────────────────────────────────────────────────────────────────────


def placed(amount: int = 10000, *, number: int = 1, name: str = "order:1") -> ItemRow:
    return row(number, ORDER, name, amount, "order_placed", references=("order_name:#1001",))


def paid(amount: int = -12500, currency: str = "USD", *, number: int = 2, name: str = "order:1") -> ItemRow:
    return row(number, ORDER, name, amount, "payment_captured", currency=currency)


@pytest.mark.parametrize("rows", [[placed(), paid()], [paid(number=1), placed(number=2)]])
def test_an_order_paid_in_another_currency_is_one_exception_with_both_sides(rows: list[ItemRow]) -> None:
    before, after = turns(rows, 4)
    assert before.label == "payments and refunds are settling"
    assert case(after) == (
        Reason.ORDER_PAID_IN_ANOTHER_CURRENCY, "1200/EUR/order:1", 10000,
        "100.00 EUR of order #1001 was paid in another currency, with 125.00 USD.",
    )  # fmt: skip
    assert after.case is not None
    assert (after.case.currency, sorted(after.case.links)) == (
        "EUR", ["ent_1", "ent_2", "evt_1", "evt_2", "itm_1", "itm_2"],
    )  # fmt: skip


def test_an_order_paid_in_several_other_currencies() -> None:
    name = only_name([placed(), paid(-6000), paid(-4000, "GBP", number=3)], 5)
    assert case(name)[2:] == (
        10000, "100.00 EUR of order #1001 was paid in another currency, with 40.00 GBP and 60.00 USD.",
    )  # fmt: skip


def test_what_was_given_back_in_another_currency() -> None:
    rows = [
        row(1, ORDER, "order:1", -2000, "order_refunded"),
        row(2, ORDER, "order:1", 2500, "payment_refunded", currency="USD"),
    ]
    assert case(only_name(rows, 5)) == (
        Reason.ORDER_PAID_IN_ANOTHER_CURRENCY, "1200/EUR/order:1", 2000,
        "20.00 EUR of order 1 was given back in another currency, with 25.00 USD.",
    )  # fmt: skip


@pytest.mark.parametrize(
    "rows",
    [
        [placed(), paid(12500)],  # money that went the same way settles nothing
        [placed(), paid(name="order:2")],
        [placed(), row(2, ORDER, "order:1", -12500, "order_edited", currency="USD")],  # two claims of the shop's
        [paid(number=1), paid(-500, "GBP")],
    ],
)
def test_what_does_not_settle_the_order_is_not_put_beside_it(rows: list[ItemRow]) -> None:
    found = names(rows, 30)
    assert [len(name.items) for name in found] == [1, 1]
    assert Reason.ORDER_PAID_IN_ANOTHER_CURRENCY not in [case(name)[0] for name in found]
