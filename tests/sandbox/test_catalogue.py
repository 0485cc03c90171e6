"""Every example can be told, of the amount asked for, and says what it is."""

from datetime import UTC, datetime

import pytest

from tests.sandbox.worlds import cents, document, only, told
from tieout.model.error import BadInput, NotFound
from tieout.sandbox.catalogue import Example, examples, trigger
from tieout.sandbox.emission import Door, Emission

AT = datetime(2026, 10, 14, 9, 30, tzinfo=UTC)


def tell(connector: str, name: str, amount: int = 10_000, seed: int = 1, currency: str = "EUR") -> tuple[Emission, ...]:
    return trigger(connector, name, amount_minor=amount, currency=currency, source="mine", at=AT, seed=seed)


@pytest.mark.parametrize("example", examples(), ids=lambda e: f"{e.connector}-{e.name}")
def test_every_example_is_told_to_the_source(example: Example) -> None:
    told_of = tell(example.connector, example.name)
    assert told_of
    assert {(emission.source, emission.connector) for emission in told_of} == {("mine", example.connector)}
    assert example.sentence.endswith(".")
    assert tell(example.connector, example.name) == told_of
    assert {e.body for e in tell(example.connector, example.name, seed=2)}.isdisjoint(e.body for e in told_of)


def test_names_are_unique_and_can_be_listed() -> None:
    names = [(example.connector, example.name) for example in examples()]
    assert len(set(names)) == len(names) == 21
    assert {example.connector for example in examples("camt")} == {"camt"}


@pytest.mark.parametrize(
    ("name", "topics"),
    [
        ("charge_succeeded", ["charge.succeeded"]),
        ("charge_failed", ["charge.failed"]),
        ("charge_captured", ["charge.succeeded", "charge.captured"]),
        ("charge_settled", ["charge.succeeded", "balance_transactions"]),
        ("refund_created", ["charge.succeeded", "refund.created"]),
        ("dispute_created", ["charge.succeeded", "charge.dispute.created", "charge.dispute.funds_withdrawn"]),
        ("payout_created", ["payout.created"]),
        ("payout_paid", ["payout.paid"]),
        ("payout_reconciled", ["payout.reconciliation_completed", "balance_transactions"]),
    ],
)
def test_stripe_examples_tell_these_topics_of_that_amount(name: str, topics: list[str]) -> None:
    found = tell("stripe", name, 12_345)
    assert [emission.topic for emission in found] == topics
    hooks = [document(emission)["data"]["object"] for emission in found if emission.door is Door.HOOK]
    assert {thing["amount"] for thing in hooks} == {12_345}
    assert {thing["currency"] for thing in hooks} == {"eur"}


def test_the_fee_of_a_settled_charge() -> None:
    row = only(document(tell("stripe", "charge_settled")[1])["data"])
    assert (row["amount"], row["fee"], row["net"]) == (10_000, 165, 9_835)


@pytest.mark.parametrize(("name", "status", "last"), [("dispute_won", "won", 2), ("dispute_lost", "lost", 1)])
def test_disputes_end(name: str, status: str, last: int) -> None:
    dispute = document(only(told(tell("stripe", name), "charge.dispute.closed")))["data"]["object"]
    assert (dispute["status"], len(dispute["balance_transactions"])) == (status, last)


def test_the_list_of_a_payout_adds_up() -> None:
    emission = only(told(tell("stripe", "payout_reconciled"), "balance_transactions"))
    rows = document(emission)["data"]
    assert [row["net"] for row in rows] == [10_000, -10_000]
    assert rows[1]["source"] == emission.parameters["payout"]


@pytest.mark.parametrize(
    "name", ["order_created", "order_paid", "order_edited", "order_refunded", "order_cancelled", "gift_card_redeemed"]
)
def test_shopify_examples_are_of_one_order_of_that_amount(name: str) -> None:
    found = tell("shopify", name, 11_900)
    order = document(only(told(found, "orders/create")))
    assert (order["total_price"], order["total_tax"], order["currency"]) == ("119.00", "19.00", "EUR")
    assert {emission.about[0] for emission in found} == {f"order:{order['id']}"}


def test_a_gift_card_sold_has_no_tax() -> None:
    order = document(only(tell("shopify", "gift_card_sold", 5_000)))
    assert (order["total_price"], order["total_tax"]) == ("50.00", "0.00")
    assert [line["gift_card"] for line in order["line_items"]] == [True]


def test_a_refund_is_of_the_whole_order() -> None:
    refund = document(only(told(tell("shopify", "order_refunded", 11_900), "refunds/create")))
    assert [cents(line["subtotal"]) for line in refund["refund_line_items"]] == [11_900]
    assert [cents(step["amount"]) for step in refund["transactions"]] == [11_900]


def test_a_payout_and_its_arrival_of_one_seed_belong_together() -> None:
    payout = document(tell("stripe", "payout_paid", seed=9)[0])["data"]["object"]["id"]
    assert payout.encode() in tell("camt", "payout_arrived", seed=9)[0].body
    assert payout.encode() not in tell("camt", "payout_arrived", seed=10)[0].body


def test_bank_lines_go_in_and_out() -> None:
    bodies = [tell("camt", name, 1_990)[0].body for name in ("payout_arrived", "line_unknown", "bank_charges")]
    entries = [body.split(b"<Ntry>")[1] for body in bodies]
    assert [b'<Amt Ccy="EUR">19.90</Amt>' in entry for entry in entries] == [True] * 3
    assert [b"CRDT" in entry for entry in entries] == [True, False, False]


def test_an_unknown_example_names_the_known_ones() -> None:
    with pytest.raises(NotFound, match="payout_arrived, line_unknown, bank_charges"):
        tell("camt", "nonsense")
    with pytest.raises(NotFound, match="Known are: none"):
        tell("nonsense", "payout_paid")


@pytest.mark.parametrize(("amount", "currency"), [(0, "EUR"), (-1, "EUR"), (100, "JPY"), (100, "ABC")])
def test_an_impossible_amount_is_refused(amount: int, currency: str) -> None:
    with pytest.raises(BadInput):
        tell("stripe", "payout_paid", amount, currency=currency)
