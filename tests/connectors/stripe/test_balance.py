"""Rows of the balance: every category, old versions, conversions, and what a payout consists of."""

from itertools import permutations
from typing import Any

import pytest

from tests.connectors.stripe.connector import money, only, raw, reading, reasons
from tests.connectors.stripe.objects import AT, charge, listing, refund, row, withdrawal
from tieout.connectors.stripe.source import parse
from tieout.events.store import content_hash
from tieout.model.event import EventDraft, total_minor

PAYOUT = {"reporting_category": "payout", "type": "payout", "source": "po_1", "id": "txn_9"}


def test_a_charge_settles_gross_with_its_fee_and_the_tax_on_it() -> None:
    fees = [
        {"amount": 150, "currency": "eur", "type": "stripe_fee", "description": "Fee"},
        {"amount": 32, "currency": "eur", "type": "tax", "description": "VAT"},
    ]
    draft = only(row(fee_details=fees))
    assert draft.key == "stripe:txn:txn_1"
    assert draft.references == ("txn:txn_1", "charge:ch_1")
    assert money(draft) == [("gross", 8450, "EUR"), ("fee", 150, "EUR"), ("fee_tax", 32, "EUR")]


WITHHELD = {"currency": "eur", "type": "withheld_tax", "description": "Sales tax withheld"}


def test_tax_that_is_withheld_from_a_charge_is_no_fee() -> None:
    fee = {"amount": 182, "currency": "eur", "type": "stripe_fee"}
    draft = only(row(8450, 832, fee_details=[fee, {"amount": 650, **WITHHELD}]))
    assert money(draft) == [("gross", 8450, "EUR"), ("fee", 182, "EUR"), ("facilitator_tax", -650, "EUR")]
    assert (total_minor(draft.components), draft.objection) == (8450 - 832, None)


@pytest.mark.parametrize(
    ("category", "amount", "tax", "kind", "parts"),
    [
        ("refund", -2500, -192, "refund_settled", [("gross", 2500), ("facilitator_tax", 192)]),
        ("refund_failure", 2500, 192, "refund_returned", [("gross", 2500), ("facilitator_tax", -192)]),
        ("dispute", -8450, -650, "dispute_withdrawn", [("gross", 8450), ("facilitator_tax", 650)]),
        ("dispute_reversal", 8450, 650, "dispute_reinstated", [("gross", 8450), ("facilitator_tax", -650)]),
    ],
)
def test_withheld_tax_follows_the_sale_back_and_forth(
    category: str, amount: int, tax: int, kind: str, parts: list[tuple[str, int]]
) -> None:
    draft = only(row(amount, tax, reporting_category=category, fee_details=[{"amount": tax, **WITHHELD}]))
    assert (draft.kind.value, draft.objection) == (kind, None)
    assert money(draft) == [(name, minor, "EUR") for name, minor in parts]


def test_a_returned_fee_is_a_fee_with_a_minus() -> None:
    draft = only(row(-2500, -55, reporting_category="refund", type="refund", source="re_1"))
    assert money(draft) == [("gross", 2500, "EUR"), ("fee", -55, "EUR")]
    assert draft.references == ("txn:txn_1", "refund:re_1")


@pytest.mark.parametrize(
    ("changes", "kind", "parts"),
    [
        ({"amount": -238, "reporting_category": "fee"}, "gateway_fee", [("gross", 238, "EUR")]),
        ({"amount": 238, "reporting_category": "fee"}, "gateway_fee", [("gross", -238, "EUR")]),
        ({"amount": -9, "reporting_category": "network_cost"}, "gateway_fee", [("gross", 9, "EUR")]),
        ({"amount": -45, "reporting_category": "tax"}, "gateway_fee", [("fee_tax", 45, "EUR")]),
        ({"amount": -9000, "reporting_category": "payout", "source": "po_1"}, "payout_sent", [("gross", 9000, "EUR")]),
        ({"amount": 31, "reporting_category": "payout", "source": "po_1"}, "payout_sent", [("gross", -31, "EUR")]),
        (
            {"amount": 9000, "reporting_category": "payout_reversal", "source": "po_1"},
            "payout_failed",
            [("gross", 9000, "EUR")],
        ),
        ({"amount": -20, "reporting_category": "risk_reserved_funds"}, "reserve_held", [("gross", 20, "EUR")]),
        ({"amount": 20, "reporting_category": "risk_reserved_funds"}, "reserve_released", [("gross", 20, "EUR")]),
        ({"amount": -5, "reporting_category": "payout_minimum_balance_hold"}, "reserve_held", [("gross", 5, "EUR")]),
        ({"amount": 50, "reporting_category": "topup"}, "top_up", [("gross", 50, "EUR")]),
        ({"amount": -50, "reporting_category": "topup_reversal"}, "top_up", [("gross", -50, "EUR")]),
        ({"amount": -6, "reporting_category": "other_adjustment"}, "gateway_adjusted", [("gross", -6, "EUR")]),
        ({"amount": -6, "reporting_category": "charge_failure"}, "gateway_adjusted", [("gross", -6, "EUR")]),
        (
            {"amount": 77, "reporting_category": "refund_failure", "source": "re_1"},
            "refund_returned",
            [("gross", 77, "EUR")],
        ),
    ],
)
def test_every_category_has_its_kind(changes: dict[str, Any], kind: str, parts: list[tuple[str, int, str]]) -> None:
    draft = only(row(0, 0, **{"net": changes["amount"], "type": "adjustment"} | changes))
    assert (draft.kind.value, money(draft)) == (kind, parts)
    assert draft.objection is None


@pytest.mark.parametrize(
    ("kind", "amount", "source", "expected"),
    [
        ("charge", 100, "ch_1", "charge_settled"),
        ("payment", 100, "py_1", "charge_settled"),
        ("payment_refund", -100, "pyr_1", "refund_settled"),
        ("adjustment", -100, "dp_1", "dispute_withdrawn"),
        ("adjustment", 100, "du_1", "dispute_reinstated"),
        ("adjustment", 100, "re_1", "refund_returned"),
        ("adjustment", -100, None, "gateway_adjusted"),
        ("payout_cancel", 100, "po_1", "payout_failed"),
        ("stripe_fee", -100, None, "gateway_fee"),
        ("reserve_hold", -100, "rsv_1", "reserve_held"),
    ],
)
def test_old_versions_are_read_by_their_type(kind: str, amount: int, source: str | None, expected: str) -> None:
    old = {n: v for n, v in row(amount, 0).items() if n not in ("reporting_category", "balance_type")}
    assert only(old | {"type": kind, "source": source}).kind.value == expected


@pytest.mark.parametrize(
    "category",
    ["transfer", "platform_earning", "connect_reserved_funds", "issuing_transaction", "advance", "climate_levy"],
)
def test_a_category_we_cannot_book_stops(category: str) -> None:
    assert reasons(row(reporting_category=category)) == ["code_unknown"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"net": 8000}, "net_mismatch"),
        ({"net": None}, "field_missing"),
        ({"fee_details": [{"amount": 181, "currency": "eur", "type": "stripe_fee"}]}, "net_mismatch"),
        ({"fee_details": [{"amount": 182, "currency": "usd", "type": "stripe_fee"}]}, "net_mismatch"),
        ({"fee_details": [{"amount": 182, "currency": "eur", "type": "surcharge"}]}, "code_unknown"),
        (
            {
                "reporting_category": "other_adjustment",
                "fee_details": [{"amount": 182, "currency": "eur", "type": "withheld_tax"}],
            },
            "code_unknown",
        ),
        ({"exchange_rate": 1}, "field_missing"),
        ({"source": {"id": "ch_1", "amount": None, "currency": "usd"}}, "field_missing"),
        ({"reporting_category": "risk_reserved_funds"}, "net_mismatch"),
        ({"reporting_category": "refund"}, "code_unknown"),
        ({"balance_type": "issuing"}, "code_unknown"),
    ],
)
def test_a_row_that_does_not_hold_stops(changes: dict[str, Any], reason: str) -> None:
    assert reasons(row(**changes)) == [reason]


def test_a_conversion_has_the_buyers_amount_as_its_other_leg() -> None:
    dollars = charge(amount=12_000, amount_captured=10_000, currency="usd")
    draft = only(row(9142, 320, source=dollars, exchange_rate=1))
    assert money(draft) == [("gross", 9142, "EUR"), ("fee", 320, "EUR"), ("converted", 10_000, "USD")]
    assert draft.references == ("txn:txn_1", "charge:ch_1")
    same = only(row(source=charge()))
    assert money(same) == [("gross", 8450, "EUR"), ("fee", 182, "EUR")]


def test_a_dispute_needs_no_other_leg() -> None:
    assert only(withdrawal(exchange_rate=1)).objection is None


def test_what_was_not_captured_comes_off_the_charge_it_was_settled_with() -> None:
    reversal = {"reporting_category": "partial_capture_reversal", "type": "refund", "id": "txn_2"}
    assert only(row(-4000, 0, **reversal, source="ch_1")).references == ("txn:txn_2", "charge:ch_1")
    assert only(row(-4000, 0, **reversal, source=refund())).references == ("txn:txn_2", "charge:ch_1")
    assert only(row(-4000, 0, **reversal, source="re_1")).references == ("txn:txn_2", "refund:re_1")


def test_the_pages_of_a_payouts_list_are_several_facts() -> None:
    def composed(*rows: dict[str, Any]) -> EventDraft:
        found = reading(listing(*rows), {"topic": "balance_transactions", "payout": "po_1"})
        return next(draft for draft in found.events if draft.kind.value == "payout_composed")

    first, second = composed(row(-8268, 0, **PAYOUT), row()), composed(row(id="txn_5"), row(id="txn_6"))
    assert first.key == "stripe:payout:po_1:composed:txn_9:2"
    assert second.key == "stripe:payout:po_1:composed:txn_5:2"
    assert first.references == ("payout:po_1", "txn:txn_9", "txn:txn_1")
    assert first.facts == {"count": "2"}


def test_the_order_of_a_list_does_not_change_its_facts() -> None:
    rows = [row(-8268, 0, **PAYOUT), row(), withdrawal()]
    told = {
        frozenset((draft.key, content_hash(draft)) for draft in reading(listing(*order)).events)
        for order in permutations(rows)
    }
    assert len(told) == 1


def test_a_list_of_a_payout_says_what_it_consists_of() -> None:
    rows = [row(-8268, 0, id="txn_9", reporting_category="payout", source="po_1", created=AT + 5), row()]
    parameters = {"topic": "balance_transactions", "payout": "po_1"}
    (found,) = parse("balance_transactions", parameters, raw(listing(*rows)))["compositions"]
    assert found == {
        "payout_id": "po_1",
        "first": "txn_9",
        "count": 2,
        "at": AT + 5,
        "rows": [{"id": "txn_9"}, {"id": "txn_1"}],
    }


def test_without_its_name_a_list_must_prove_which_payout_it_is() -> None:
    payout = row(-8268, 0, id="txn_9", reporting_category="payout", source="po_1")

    def composed(*rows: dict[str, Any]) -> list[str]:
        document = parse("balance_transactions", {}, raw(listing(*rows)))
        return [found["payout_id"] for found in document["compositions"]]

    assert composed(payout, row()) == ["po_1"]
    assert composed(payout, row(8449)) == [], "the other rows do not come to the payout"
    assert composed(payout) == [], "a payout alone proves nothing"
    assert composed(payout, payout, row(), row()) == [], "two payouts in one list"
    assert composed(row()) == []
