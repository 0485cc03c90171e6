"""Payments at the shop, Shopify Payments' balance, payouts and disputes: exact figures, and what must stop."""

from typing import Any

import pytest

from tests.connectors.shopify.connector import only, parts, reading, reasons
from tests.connectors.shopify.objects import AT, balance_row, tender
from tieout.model.event import total_minor

HOOK = "order_transactions/create"


@pytest.mark.parametrize(
    ("gateway", "kind"),
    [
        ("gift_card", "gift_card_redeemed"),
        ("store_credit", "store_credit_redeemed"),
        ("shopify_store_credit", "store_credit_redeemed"),
        ("stripe", "tender_noted"),
        ("manual", "tender_noted"),
    ],
)
def test_who_books_a_payment(gateway: str, kind: str) -> None:
    for step, sign in (("sale", 1), ("capture", 1), ("refund", -1)):
        draft = only(HOOK, tender("20.00", step, gateway))
        assert (draft.key, draft.kind.value) == ("shop:tender:41", kind)
        assert draft.references == ("order:1088",)
        assert parts(draft) == [("gross", sign * 2000)]


def test_with_shopify_payments_the_shop_is_the_gateway() -> None:
    taken, back = (
        only(HOOK, tender("20.00", "sale", "shopify_payments")),
        only(HOOK, tender("5.00", "refund", "shopify_payments")),
    )
    assert (taken.kind.value, taken.references) == ("payment_captured", ("order:1088", "charge:41"))
    assert (back.kind.value, back.references) == ("payment_refunded", ("order:1088", "refund:41"))
    assert (parts(taken), parts(back)) == ([("gross", 2000)], [("gross", 500)])


@pytest.mark.parametrize(
    ("changes", "references"),
    [
        ({"authorization": "ch_3T"}, ("charge:ch_3T",)),
        ({"authorization": "pi_3T"}, ("payment_intent:pi_3T",)),
        ({"authorization": "re_3T"}, ("refund:re_3T",)),
        ({"receipt": {"id": "pi_3T", "latest_charge": "ch_3T"}}, ("charge:ch_3T", "payment_intent:pi_3T")),
        (
            {"receipt": {"id": "pi_3T", "charges": {"data": [{"id": "py_3T"}]}}},
            ("charge:py_3T", "payment_intent:pi_3T"),
        ),
        ({"authorization": "53433", "receipt": {"id": "PAY-1"}}, ()),
        ({"receipt": "text", "authorization": {"id": "ch_3T"}}, ()),
        ({"authorization": "see ch_3T"}, ()),
    ],
)
def test_the_gateways_own_ids_chain_the_payment_to_its_charge(
    changes: dict[str, Any], references: tuple[str, ...]
) -> None:
    assert only(HOOK, tender("20.00", "sale", **changes)).references == ("order:1088", *references)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"kind": "authorization"}, "An authorisation or its release moves no money."),
        ({"kind": "void"}, "An authorisation or its release moves no money."),
        ({"status": "failure"}, "The attempt failed; nothing moved."),
        ({"status": "error"}, "The attempt failed; nothing moved."),
        ({"status": "pending"}, "Not decided yet; the shop sends the outcome as another payment."),
        ({"kind": "change"}, "Change given at the till; the sale is booked without it."),
        ({"test": True}, "A payment in test mode."),
    ],
)
def test_payments_that_move_nothing(changes: dict[str, Any], why: str) -> None:
    found = reading(HOOK, tender("20.00", "sale", "gift_card") | changes)
    assert (found.events, found.objections, found.notes) == ((), (), (why,))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"kind": "escrow"}, "code_unknown"),
        ({"status": "reversed"}, "code_unknown"),
        ({"amount": None}, "field_missing"),
        ({"amount": "1e99999"}, "field_missing"),
        ({"currency": None}, "field_missing"),
        ({"order_id": None}, "field_missing"),
    ],
)
def test_a_payment_that_cannot_be_booked_stops(changes: dict[str, Any], reason: str) -> None:
    assert reasons(HOOK, tender("20.00", "sale", "gift_card") | changes) == [reason]


@pytest.mark.parametrize(
    ("given", "kind", "figures", "reference"),
    [
        (("charge", "11.50", "0.63", "10.87"), "charge_settled", [("gross", 1150), ("fee", 63)], "charge:41"),
        (("refund", "-3.45", "0.00", "-3.45"), "refund_settled", [("gross", 345)], "refund:41"),
        (("refund", "3.45", "0.00", "3.45"), "refund_returned", [("gross", 345)], "refund:41"),
        (("dispute", "-100", "15", "-115"), "dispute_withdrawn", [("gross", 10_000), ("fee", 1500)], "dispute:81"),
        (("dispute", "0", "15.00", "-15.00"), "dispute_withdrawn", [("fee", 1500)], "dispute:81"),
        (("dispute", "100", "-15", "115"), "dispute_reinstated", [("gross", 10_000), ("fee", -1500)], "dispute:81"),
        (("adjustment", "0.45", "0.00", "0.45"), "gateway_adjusted", [("gross", 45)], "order:1088"),
        (("credit", "100.50", "0.50", "100"), "gateway_adjusted", [("gross", 10_050), ("fee", 50)], "order:1088"),
        (("debit", "-50.00", "0.00", "-50.00"), "gateway_adjusted", [("gross", -5000)], "order:1088"),
        (("reserve", "-42.00", "0.00", "-42.00"), "reserve_held", [("gross", 4200)], "txn:71"),
        (("reserve", "42.00", "0.00", "42.00"), "reserve_released", [("gross", 4200)], "txn:71"),
        (("payout", "-41.90", "0.00", "-41.90"), "payout_sent", [("gross", 4190)], "payout:81"),
        (("payout", "25.00", "0.00", "25.00"), "payout_sent", [("gross", -2500)], "payout:81"),
        (("payout_failure", "41.90", "0.00", "41.90"), "payout_failed", [("gross", 4190)], "payout:81"),
    ],
)
def test_rows_of_the_balance(
    given: tuple[str, str, str, str], kind: str, figures: list[tuple[str, int]], reference: str
) -> None:
    draft = only("balance_transactions", {"transactions": [balance_row(*given)]})
    assert (draft.key, draft.kind.value, parts(draft)) == ("shop:txn:71", kind, figures)
    assert draft.references[0] == "txn:71"
    assert reference in draft.references


def test_a_row_without_a_payment_of_the_order_goes_by_its_source() -> None:
    row = balance_row("charge", "10.00", "2.00", "8.00", source_order_transaction_id=None, source_order_id=None)
    assert only("balance_transactions", [row]).references == ("txn:71", "charge:81")


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (("adjustment", "-1.50", "-0.25", "-1.75"), "net_mismatch"),
        (("charge", "10.00", "0.30", "9.71"), "net_mismatch"),
        (("reserve", "-42.00", "1.00", "-43.00"), "net_mismatch"),
        (("advance", "100.00", "0.00", "100.00"), "code_unknown"),
        (("capture", "-11.37", "0.00", "-11.37"), "code_unknown"),
        (("charge", "-11.37", "0.00", "-11.37"), "code_unknown"),
        (("SHOPIFY_COLLECTIVE_DEBIT_REVERSAL", "1.00", "0.00", "1.00"), "code_unknown"),
    ],
)
def test_a_row_that_does_not_hold_stops(given: tuple[str, str, str, str], reason: str) -> None:
    assert reasons("balance_transactions", [balance_row(*given)]) == [reason]


@pytest.mark.parametrize(("kind", "amount", "minor"), [("debit", "-6.50", -650), ("credit", "1.92", 192)])
def test_tax_of_the_shop_channel_is_withheld_in_rows_of_its_own(kind: str, amount: str, minor: int) -> None:
    tax = {"adjustment_reason": "tax_adjustment", "source_type": "adjustment", "source_order_transaction_id": None}
    draft = only("balance_transactions", [balance_row(kind, amount, "0.00", amount, **tax)])
    assert (draft.kind.value, draft.references) == ("tax_withheld", ("txn:71", "order:1088"))
    assert parts(draft) == [("facilitator_tax", minor)]
    unnamed = only("balance_transactions", [balance_row(kind, amount, "0.00", amount, **tax, source_order_id=None)])
    assert (unnamed.kind.value, parts(unnamed)) == ("gateway_adjusted", [("gross", minor)])


def test_rows_say_which_payout_they_are_of() -> None:
    rows = [
        balance_row("charge", "10.00", "0.00", "10.00", id=n, payout_id=p)
        for n, p in ((1, 5), (2, 6), (3, 5), (4, None))
    ]
    rows.append(balance_row("charge", "9.00", "0.00", "9.00", id=9, payout_id=5, test=True))
    found = reading("transactions", {"transactions": rows})
    composed = {e.key: e.references for e in found.events if e.kind.value == "payout_composed"}
    assert composed == {
        "shop:payout:5:composed:1:2": ("payout:5", "txn:1", "txn:3"),
        "shop:payout:6:composed:2:1": ("payout:6", "txn:2"),
    }


SUMMARY = {
    "adjustments_fee_amount": "0.12", "adjustments_gross_amount": "2.13",
    "charges_fee_amount": "1.32", "charges_gross_amount": "44.52",
    "refunds_fee_amount": "-0.23", "refunds_gross_amount": "-3.54",
}  # fmt: skip


def test_a_payouts_summary_must_come_to_the_payout() -> None:
    payout = {"id": 5, "status": "paid", "date": "2026-03-06", "currency": "USD", "amount": "41.90", "summary": SUMMARY}
    draft = only("payouts", {"payouts": [payout]})
    assert (draft.kind.value, total_minor(draft.components), draft.objection) == ("payout_noted", 4190, None)
    assert draft.occurred_at.isoformat() == "2026-03-06T12:00:00+00:00"
    assert draft.facts == {"status": "paid", "amount": "41.90", "currency": "USD", "issued_on": "2026-03-06"}
    assert reasons("payouts", {"payouts": [payout | {"amount": "43.12"}]}) == ["total_mismatch"]
    bare = only("payout", {"payout": {name: value for name, value in payout.items() if name != "summary"}})
    assert parts(bare) == [("gross", 4190)]


def test_every_state_of_a_payout_is_a_memo_of_its_own() -> None:
    payout = {"id": 5, "status": "scheduled", "date": "2026-03-06", "currency": "USD", "amount": "41.90"}
    keys = [only("payout", {"payout": payout | {"status": status}}).key for status in ("scheduled", "paid", "paid")]
    assert keys[0] != keys[1] == keys[2]


def test_graphql_names_the_trace_id_of_the_bank() -> None:
    node = {
        "id": "gid://shopify/ShopifyPaymentsPayout/5", "issuedAt": "2026-03-06T00:00:00Z", "status": "PAID",
        "net": {"amount": "41.90", "currencyCode": "USD"}, "externalTraceId": "0910000123",
    }  # fmt: skip
    for payouts in ({"nodes": [node]}, {"edges": [{"node": node}]}):
        draft = only("payouts", {"data": {"shopifyPaymentsAccount": {"payouts": payouts}}})
        assert draft.references == ("payout:5", "trace:0910000123")
        assert draft.facts == {"status": "paid", "amount": "41.90", "currency": "USD", "issued_on": "2026-03-06"}


def test_a_lost_chargeback_is_a_loss_on_the_day_it_was_lost() -> None:
    dispute = {
        "id": 81, "order_id": 1088, "type": "chargeback", "amount": "40.00", "currency": "USD", "reason": "fraudulent",
        "status": "lost", "initiated_at": AT, "finalized_on": "2026-04-08",
    }  # fmt: skip
    noted, lost = reading("disputes/update", dispute).events
    assert (noted.kind.value, lost.kind.value) == ("dispute_noted", "dispute_lost")
    assert lost.key == "shop:dispute:81:lost"
    assert lost.occurred_at.isoformat() == "2026-04-08T12:00:00+00:00"
    assert parts(lost) == [("gross", 4000)]
    assert [e.kind.value for e in reading("disputes", {"disputes": [dispute | {"status": "won"}]}).events] == [
        "dispute_noted"
    ]
    assert [e.kind.value for e in reading("dispute", {"dispute": dispute | {"type": "inquiry"}}).events] == [
        "dispute_noted"
    ]
    assert reasons("disputes", {"disputes": [dispute | {"finalized_on": None}]}) == ["field_missing"]
