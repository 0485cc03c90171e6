"""Every open item has a name, on the day it is still normal and on the day after, and every exception its sentence."""

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reconciliation.items import (
    ACCOUNTS,
    DAY,
    ORDER,
    TIMING,
    around,
    case,
    in_transit,
    names,
    only_name,
    row,
    turns,
)
from tieout.model.account import Role
from tieout.model.case import Reason
from tieout.model.event import MEMO_KINDS, EventKind
from tieout.model.match import MatchDraft, Naming
from tieout.reconciliation.naming import name_items, name_taken_back
from tieout.reconciliation.store import ItemRow

TRANSIT = "payout_in_transit"
BOOKED = "The bank booked 47.98 EUR on 2026-03-03 (“STRIPE PAYOUT”)"


# ── Captured and settled ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["payment_captured", "payment_refunded", "refund_failed"])
def test_what_was_captured_reaches_the_balance_within_the_gateways_days(kind: str) -> None:
    before, after = turns([row(1, "captured", "charge:ch_1", 4900, kind)], 3)
    assert before.label == "settles in the gateway's balance"
    assert case(after) == (
        Reason.CHARGE_NOT_SETTLED, "1310.stripe/EUR/charge:ch_1", 4900,
        "ch_1 over 49.00 EUR, of 2026-03-03, is not in the gateway's balance after 3 days.",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["charge_settled", "refund_settled", "refund_returned"])
def test_what_was_settled_and_nobody_told_us_of(kind: str) -> None:
    before, after = turns([row(1, "captured", "charge:ch_1", -4900, kind)], 1)
    assert before.label == "settled; the payment's own record is on its way"
    assert case(after) == (
        Reason.SETTLED_WITHOUT_CAPTURE, "1310.stripe/EUR/charge:ch_1", 4900,
        "The gateway settled ch_1 over 49.00 EUR on 2026-03-03; nobody told us of it.",
    )  # fmt: skip


def test_what_was_settled_with_another_amount_is_odd_at_once() -> None:
    rows = [
        row(1, "captured", "charge:ch_1", 4900, "payment_captured"),
        row(2, "captured", "charge:ch_1", -4800, "charge_settled"),
    ]
    assert case(only_name(rows)) == (
        Reason.CHARGE_SETTLED_DIFFERENTLY, "1310.stripe/EUR/charge:ch_1", 100,
        "ch_1 was settled with 1.00 EUR difference to what was captured.",
    )  # fmt: skip


# ── The gateway's balance ─────────────────────────────────────────────────────────────────────────────────────────


def test_money_in_the_balance_is_paid_out_within_the_gateways_days() -> None:
    before, after = turns([row(1, "gateway", "txn:1", 4798, "charge_settled")], 7)
    assert before.label == "in the gateway's balance, paid out with the next payout"
    assert case(after) == (
        Reason.BALANCE_NOT_PAID_OUT, "1320.stripe/EUR/balance", 4798,
        "47.98 EUR of 2026-03-03 has been in the gateway's balance for more than 7 days.",
    )  # fmt: skip


def test_what_a_gateway_took_is_no_money_that_waits_for_a_payout() -> None:
    assert case(only_name([row(1, "gateway", "txn:1", -10000, "dispute_withdrawn")], 8)) == (
        Reason.BALANCE_NOT_PAID_OUT, "1320.stripe/EUR/balance", 10000,
        "The gateway took 100.00 EUR on 2026-03-03, and no payout made up for it in 7 days.",
    )  # fmt: skip


def test_what_stays_in_one_balance_is_one_exception_over_what_it_comes_to() -> None:
    """A disputed 100.00 went and came back, and a sale of 56.00 was never paid out: 56.00 is at risk, not 256.00."""
    went_and_came = [
        row(1, "gateway", "txn:1", -10000, "dispute_withdrawn"),
        row(2, "gateway", "txn:2", 10000, "dispute_reinstated", day=DAY + timedelta(days=2)),
    ]
    sold = row(3, "gateway", "txn:3", 5600, "charge_settled", day=DAY + timedelta(days=1))
    stuck = "56.00 EUR of 2026-03-03 has been in the gateway's balance for more than 7 days."
    assert case(only_name([*went_and_came, sold], 10)) == (
        Reason.BALANCE_NOT_PAID_OUT, "1320.stripe/EUR/balance", 5600,
        f"{stuck} 3 lines since then come to this: 156.00 EUR in, 100.00 EUR out.",
    )  # fmt: skip
    label = "came into the gateway's balance and left it: nothing is to be paid out"
    assert in_transit(only_name(went_and_came, 10)) == (label, None)
    dollars = row(4, "gateway", "txn:4", 900, "charge_settled", currency="USD")
    assert [case(name)[1:3] for name in names([sold, dollars], 10)] == [
        ("1320.stripe/EUR/balance", 5600), ("1320.stripe/USD/balance", 900),
    ]  # fmt: skip


def test_lines_that_are_in_time_are_not_stuck_with_those_that_are_not() -> None:
    late = row(1, "gateway", "txn:1", 100, "charge_settled")
    fresh = row(2, "gateway", "txn:2", 200, "charge_settled", day=DAY + timedelta(days=1))
    stuck, moving = names([late, fresh], 8)
    assert (case(stuck)[2], in_transit(moving)[1]) == (100, DAY + timedelta(days=8))


def test_a_gateway_nobody_described_has_the_usual_patience() -> None:
    _, stuck = turns([row(1, "gateway", "txn:1", 4798, "charge_settled", scope="someone")], 7)
    _, unsettled = turns([row(1, "captured", "charge:1", 4798, "payment_captured", scope="someone")], 3)
    _, away = turns([row(1, TRANSIT, "payout:1", 4798, "payout_sent", scope="someone")], 4)
    assert [case(name)[0] for name in (stuck, unsettled, away)] == [
        Reason.BALANCE_NOT_PAID_OUT, Reason.CHARGE_NOT_SETTLED, Reason.PAYOUT_NOT_ARRIVED,
    ]  # fmt: skip


PAYOUT_OF = {"txn:1": "payout:po_1", "txn:2": "payout:po_1", "txn:p": "payout:po_1"}


def payout_rows(sent: int = -6000) -> list[ItemRow]:
    return [
        row(1, "gateway", "txn:1", 4000, "charge_settled"), row(2, "gateway", "txn:2", 1500, "charge_settled"),
        row(3, "gateway", "txn:p", sent, "payout_sent"),
    ]  # fmt: skip


def test_a_payout_whose_list_is_due() -> None:
    own = {"txn:p": "payout:po_1"}
    before, after = turns(payout_rows()[2:], 4, payout_of=own)
    assert before.label == "paid out; the list of its lines is due"
    assert case(after) == (
        Reason.PAYOUT_COMPOSITION_MISMATCH, "1320.stripe/EUR/payout:po_1", 6000,
        "The gateway never listed what payout po_1 over 60.00 EUR consists of.",
    )  # fmt: skip


def test_a_payout_that_is_not_the_sum_of_its_list_is_odd_at_once() -> None:
    found = only_name(payout_rows(), payout_of=PAYOUT_OF, composed=frozenset({"payout:po_1"}))
    assert case(found) == (
        Reason.PAYOUT_COMPOSITION_MISMATCH, "1320.stripe/EUR/payout:po_1", 500,
        "Payout po_1 over 60.00 EUR lists lines that come to 55.00 EUR; 5.00 EUR is missing.",
    )  # fmt: skip


def test_a_payout_whose_lines_are_all_somebody_elses() -> None:
    found = only_name(payout_rows()[2:], payout_of={"txn:p": "payout:po_1"}, composed=frozenset({"payout:po_1"}))
    assert case(found) == (
        Reason.PAYOUT_COMPOSITION_MISMATCH, "1320.stripe/EUR/payout:po_1", 6000,
        "Payout po_1 over 60.00 EUR lists no line that is open and its own; 60.00 EUR is missing.",
    )  # fmt: skip


def test_the_one_line_that_is_missing_is_shown_beside_its_payout() -> None:
    """One piece of news: the payout lacks 5.00, and 5.00 are left over. It is shown and not tied."""
    loose = row(9, "gateway", "txn:left", 500, "charge_settled", day=DAY - timedelta(days=90))
    found = only_name([*payout_rows(), loose], payout_of=PAYOUT_OF, composed=frozenset({"payout:po_1"}))
    assert case(found)[1:3] == ("1320.stripe/EUR/payout:po_1", 500)
    assert case(found)[3].endswith("5.00 EUR is missing. left, in no payout's list, has exactly this amount.")


@pytest.mark.parametrize(
    "others",
    [
        [row(8, "gateway", "txn:a", 500, "charge_settled"), row(9, "gateway", "txn:b", 500, "charge_settled")],
        [row(9, "gateway", "txn:a", 501, "charge_settled")],
        [row(9, "gateway", "txn:a", -500, "charge_settled")],
        [row(9, "gateway", "txn:a", 500, "charge_settled", currency="USD")],
        [row(9, "gateway", "txn:a", 500, "charge_settled", account="1320.other")],
        [row(9, "captured", "txn:a", 500, "charge_settled")],
    ],
)
def test_a_line_is_shown_beside_a_payout_only_if_it_alone_fits(others: list[ItemRow]) -> None:
    found = names([*payout_rows(), *others], payout_of=PAYOUT_OF, composed=frozenset({"payout:po_1"}))
    (mismatch,) = [name for name in found if name.case and name.case.reason is Reason.PAYOUT_COMPOSITION_MISMATCH]
    assert {r.item.id for r in mismatch.items} == {1, 2, 3}
    assert {r.item.id for name in found for r in name.items} == {1, 2, 3} | {r.item.id for r in others}


def test_two_payouts_that_lack_the_same_amount_do_not_share_a_line() -> None:
    second = [
        row(11, "gateway", "txn:11", 4000, "charge_settled"), row(12, "gateway", "txn:12", -4500, "payout_sent"),
    ]  # fmt: skip
    listed = {**PAYOUT_OF, "txn:11": "payout:po_2", "txn:12": "payout:po_2"}
    loose = row(20, "gateway", "txn:20", 500, "charge_settled")
    found = names(
        [*payout_rows(), *second, loose], payout_of=listed, composed=frozenset({"payout:po_1", "payout:po_2"})
    )
    assert sorted(r.item.id for name in found for r in name.items) == [1, 2, 3, 11, 12, 20]


def test_lines_of_a_payout_that_is_not_sent_yet_are_paid_out_with_it() -> None:
    found = only_name(payout_rows()[:2], 7, payout_of=PAYOUT_OF, composed=frozenset({"payout:po_1"}))
    assert found.naming is Naming.TRANSIT
    late = only_name(payout_rows()[:2], 8, payout_of=PAYOUT_OF, composed=frozenset({"payout:po_1"}))
    assert case(late)[:3] == (Reason.BALANCE_NOT_PAID_OUT, "1320.stripe/EUR/balance", 5500)


# ── Between gateway and bank ──────────────────────────────────────────────────────────────────────────────────────


def test_a_payout_is_given_its_days_from_the_day_it_was_sent_or_announced() -> None:
    sent = [row(1, TRANSIT, "payout:po_1", 4798, "payout_sent")]
    before, after = turns(sent, 4)
    assert before.label == "on its way to the bank"
    assert case(after) == (
        Reason.PAYOUT_NOT_ARRIVED, "1330.stripe/EUR/payout:po_1", 4798,
        "Payout po_1 over 47.98 EUR, sent 2026-03-03, was due at the bank by 2026-03-07.",
    )  # fmt: skip
    turns(sent, 6, arrival={"payout:po_1": DAY + timedelta(days=2)})
    turns(sent, 4, arrival={"payout:po_1": DAY - timedelta(days=2)})


def test_a_top_up_that_no_statement_shows_is_called_what_it_is() -> None:
    sent = [row(1, TRANSIT, "txn:r2", -50000, "top_up")]
    assert (
        case(only_name(sent, 5))[3] == "Top-up r2 over 500.00 EUR, sent 2026-03-03, was due at the bank by 2026-03-07."
    )


def test_a_payout_that_came_back_in_part_is_one_exception_over_the_rest() -> None:
    rows = [row(1, TRANSIT, "payout:po_1", 5000, "payout_sent"), row(2, TRANSIT, "payout:po_1", -4000, "payout_failed")]
    assert case(only_name(rows, 5))[:3] == (Reason.PAYOUT_NOT_ARRIVED, "1330.stripe/EUR/payout:po_1", 1000)


def bank_line(number: int = 2, amount: int = -4798, text: str = "STRIPE PAYOUT") -> ItemRow:
    return row(number, TRANSIT, f"bank_line:b{number}", amount, "bank_credited", facts={"text": text})


def test_a_deposit_without_a_payout() -> None:
    name = only_name([bank_line()])
    assert case(name) == (
        Reason.BANK_CREDIT_WITHOUT_PAYOUT, "1330.stripe/EUR/bank_line:b2", 4798,
        f"{BOOKED}, and no payout with this amount is known.",
    )  # fmt: skip


def test_a_deposit_that_names_a_payout_which_was_credited_before() -> None:
    name = only_name([bank_line()], credited={2: ("payout:po_3", date(2026, 3, 2))})
    assert case(name)[::3] == (
        Reason.BANK_CREDIT_WITHOUT_PAYOUT,
        f"{BOOKED} and names payout po_3, which it had credited on 2026-03-02 already.",
    )


def test_a_deposit_and_a_payout_of_its_amount_are_shown_to_each_other_and_not_tied() -> None:
    payout, deposit = names([row(1, TRANSIT, "payout:po_1", 4798, "payout_sent"), bank_line()])[::-1]
    assert payout.naming is Naming.TRANSIT
    assert case(deposit)[0] is Reason.BANK_CREDIT_WITHOUT_PAYOUT
    assert case(deposit)[3].endswith("Payout po_1 has this amount, but the text does not name it.")


def test_a_deposit_that_could_be_one_of_several_payouts() -> None:
    payouts = [row(n, TRANSIT, f"payout:po_{n}", 4798, "payout_sent") for n in (11, 12, 13)]
    deposit = names([*payouts, bank_line()])[0]
    listed = "po_11 of 2026-03-03, po_12 of 2026-03-03, po_13 of 2026-03-03"
    assert case(deposit) == (
        Reason.SEVERAL_CANDIDATES, "1330.stripe/EUR/bank_line:b2", 4798,
        f"{BOOKED}; 3 payouts have this amount ({listed}). A reference would decide it.",
    )  # fmt: skip


def test_a_deposit_that_names_its_payout_and_is_another_amount() -> None:
    rows = [row(1, TRANSIT, "payout:po_1", 4798, "payout_sent"), bank_line(2, -4298)]
    name = only_name(rows, named_pairs=((2, 1),))
    assert case(name) == (
        Reason.PAYOUT_ARRIVED_DIFFERENTLY, "1330.stripe/EUR/payout:po_1", 500,
        "The bank booked 42.98 EUR on 2026-03-03 and names po_1 over 47.98 EUR; 5.00 EUR is the difference.",
    )  # fmt: skip


def test_two_deposits_that_name_one_payout_are_both_exceptions() -> None:
    rows = [row(1, TRANSIT, "payout:po_1", 4798, "payout_sent"), bank_line(2), bank_line(3)]
    found = names(rows, named_pairs=((2, 1), (3, 1)))
    assert [name.case.reason for name in found if name.case] == [
        Reason.PAYOUT_ARRIVED_DIFFERENTLY, Reason.BANK_CREDIT_WITHOUT_PAYOUT,
    ]  # fmt: skip
    assert sorted(r.item.id for name in found for r in name.items) == [1, 2, 3]


def test_pairs_of_what_is_tied_meanwhile_are_passed_over() -> None:
    assert in_transit(only_name([row(1, TRANSIT, "payout:po_1", 4798, "payout_sent")], named_pairs=((2, 1),)))
    assert case(only_name([bank_line()], named_pairs=((2, 1),)))[0] is Reason.BANK_CREDIT_WITHOUT_PAYOUT


# ── Disputes, reserves, suspense ──────────────────────────────────────────────────────────────────────────────────


def test_a_dispute_is_disputed_until_the_scheme_must_have_decided() -> None:
    rows = [row(1, "disputed", "dispute:dp_1", 4900, "dispute_withdrawn")]
    before = only_name(rows, TIMING.dispute_days)
    assert (before.naming, before.label, before.due) == (Naming.DISPUTED, "dispute open", DAY + timedelta(days=120))
    assert case(only_name(rows, TIMING.dispute_days + 1)) == (
        Reason.DISPUTE_UNRESOLVED, "1340.stripe/EUR/dispute:dp_1", 4900,
        "Dispute dp_1 over 49.00 EUR has had no outcome since 2026-03-03.",
    )  # fmt: skip


def test_a_reserve_is_reserved_until_a_gateway_should_have_released_it() -> None:
    rows = [row(1, "reserve", "txn:1", 4900, "reserve_held")]
    before = only_name(rows, TIMING.reserve_days)
    due = DAY + timedelta(days=180)
    assert (before.naming, before.label, before.due) == (Naming.RESERVED, "held back by the gateway", due)
    assert case(only_name(rows, TIMING.reserve_days + 1)) == (
        Reason.RESERVE_NOT_RELEASED, "1350.stripe/EUR/txn:1", 4900,
        "The gateway has held back 49.00 EUR (1) since 2026-03-03, for over 180 days.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "amount", "facts", "reason", "sentence"),
    [
        ("bank_credited", -318, {"text": "HABENZINSEN"}, Reason.BANK_LINE_UNKNOWN,
         "The bank booked 3.18 EUR in from an unnamed party on 2026-03-03: “HABENZINSEN”. No rule recognises it."),
        ("bank_debited", 1500, {"text": "RENT", "counterparty": "Ilm"}, Reason.BANK_LINE_UNKNOWN,
         "The bank booked 15.00 EUR out to Ilm on 2026-03-03: “RENT”. No rule recognises it."),
        ("gateway_adjusted", -700, {}, Reason.ADJUSTMENT_UNKNOWN,
         "The gateway moved 7.00 EUR on 2026-03-03 and named no sale (1)."),
    ],
)  # fmt: skip
def test_suspense_is_always_an_exception(
    kind: str, amount: int, facts: dict[str, str], reason: Reason, sentence: str
) -> None:
    found = only_name([row(1, "suspense", "line:1", amount, kind, facts=facts)])
    assert case(found) == (reason, "1490/EUR/line:1", abs(amount), sentence)


def test_a_match_taken_back_is_an_exception_with_its_items() -> None:
    rows = [row(1, ORDER, "order:1", 4900, "order_placed"), row(2, ORDER, "order:1", -4900, "payment_captured")]
    match = MatchDraft("1200", "EUR", "item", 1, "order:1", (), "", {})
    assert case(name_taken_back(match, rows)) == (
        Reason.MATCH_TAKEN_BACK, "1200/EUR/order:1", 4900,
        "2 items of order:1, 49.00 EUR each way, tie out, but a person took this match back.",
    )  # fmt: skip


def test_what_is_open_of_an_item_counts_and_not_what_it_was() -> None:
    rows = [row(1, ORDER, "order:1", 4900, "order_placed", open_minor=900)]
    assert case(only_name(rows, 8))[2] == 900


# ── Tax that the channel remits ───────────────────────────────────────────────────────────────────────────────────

TAX = "facilitator_tax"
TAXED = row(1, TAX, "order:1", -825, "order_placed", references=("order:1", "order_name:#1001"))
ORDER_OF = {"charge:ch_1": "order:1", "refund:re_1": "order:1"}


def test_tax_of_the_channels_own_must_be_withheld_once_its_order_is_settled() -> None:
    before, after = turns([TAXED], TIMING.withholding_days)
    assert before.label == "withheld by the channel that remits it"
    assert case(after) == (
        Reason.TAX_NOT_WITHHELD, "2110/EUR/order:1", 825,
        "The channel remits 8.25 EUR of tax of order #1001 itself, and nobody has withheld it.",
    )  # fmt: skip


@pytest.mark.parametrize(
    "money",
    [
        row(2, ORDER, "order:1", 10825, "order_placed"),
        row(2, "captured", "charge:ch_1", 10825, "payment_captured"),
        row(2, "captured", "refund:re_1", -10825, "payment_refunded"),
    ],
)
def test_as_long_as_the_money_of_the_order_is_open_that_is_the_news_and_not_its_tax(money: ItemRow) -> None:
    found = names([TAXED, money], 100, order_of=ORDER_OF)
    tax, other = sorted(found, key=lambda name: name.items[0].item.id)
    assert in_transit(tax) == ("withheld when the money of its order is settled", None)
    assert other.naming is Naming.EXCEPTION


def test_tax_given_back_with_a_dispute_waits_for_its_outcome_and_then_for_a_person() -> None:
    back = row(1, TAX, "dispute:dp_1", -825, "dispute_withdrawn")
    disputed = row(2, "disputed", "dispute:dp_1", 10825, "dispute_withdrawn")
    assert {name.naming for name in names([back, disputed], 9)} == {Naming.TRANSIT, Naming.DISPUTED}
    assert case(only_name([back], 9)) == (
        Reason.TAX_WITHHELD_DIFFERENTLY, "2110/EUR/dispute:dp_1", 825,
        "8.25 EUR of tax was given back on 2026-03-03 with dp_1; no tax that a channel remits is known.",
    )  # fmt: skip


def test_the_tax_of_an_order_and_what_was_withheld_with_its_charge_are_one_thing() -> None:
    rows = [TAXED, row(2, TAX, "charge:ch_1", 824, "charge_settled")]
    assert case(only_name(rows, 5, order_of=ORDER_OF)) == (
        Reason.TAX_WITHHELD_DIFFERENTLY, "2110/EUR/order:1", 1,
        "The tax of order #1001 that the channel remits and what was withheld for it differ by 0.01 EUR.",
    )  # fmt: skip


@pytest.mark.parametrize(("order_of", "subject", "of"), [(ORDER_OF, "order:1", " of order 1"), ({}, "charge:ch_1", "")])
def test_tax_withheld_from_an_order_without_such_tax_is_an_exception(
    order_of: dict[str, str], subject: str, of: str
) -> None:
    """The gateway may withhold tax of our own, as some countries have it withhold VAT: a person books it there."""
    rows = [row(2, TAX, "charge:ch_1", 825, "charge_settled")]
    assert case(only_name(rows, 5, order_of=order_of)) == (
        Reason.TAX_WITHHELD_DIFFERENTLY, f"2110/EUR/{subject}", 825,
        f"8.25 EUR of tax was withheld on 2026-03-03 with ch_1; no tax{of} that a channel remits is known.",
    )  # fmt: skip


# ── Nothing without a name ────────────────────────────────────────────────────────────────────────────────────────

KINDS = sorted(kind.value for kind in set(EventKind) - MEMO_KINDS)


@pytest.mark.parametrize("role", ACCOUNTS)
@pytest.mark.parametrize("days", [0, 1, 2, 4, 5, 8, 200])
def test_any_kind_of_event_on_any_clearing_account_has_a_name_on_any_day(role: str, days: int) -> None:
    """Also where the two do not belong together: a wrong rule must not make money disappear from the proof."""
    for number, kind in enumerate(KINDS, start=1):
        for name in ("order:1", "charge:1", "txn:1", "payout:po_1", "bank_line:b", "dispute:1", "event:x"):
            only = names([row(number, role, name, 100, kind)], days)
            assert [r.item.id for named in only for r in named.items] == [number], (kind, name)


def test_every_clearing_account_of_the_charts_has_a_namer() -> None:
    """An item on an account no function knows has no name, and the proof shows it as unexplained."""
    assert names([row(1, "fx_clearing", "x", 100, "charge_settled", account="1495")]) == []
    from tieout.masterdata.chart import read_chart, standard_charts

    clearing = {a.role for chart in standard_charts() for a in read_chart(chart).account if a.clearing}
    assert clearing == {Role(role) for role in ACCOUNTS}


ROWS = st.lists(
    st.builds(
        row,
        st.just(0),
        st.sampled_from(sorted(ACCOUNTS)),
        st.sampled_from(
            ["order:1", "txn:1", "txn:2", "txn:p", "payout:po_1", "payout:po_2", "bank_line:a", "bank_line:b"]
        ),
        st.sampled_from([-500, -100, 100, 500]),
        st.sampled_from(["payout_sent", "bank_credited", "case_resolved", *KINDS]),
        currency=st.sampled_from(["EUR", "USD"]),
    ),
    max_size=12,
)


@given(
    rows=ROWS, days=st.integers(0, 130), pairs=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=4)
)
def test_every_item_is_named_once_and_exceptions_are_told_apart(
    rows: list[ItemRow], days: int, pairs: list[tuple[int, int]]
) -> None:
    numbered = [
        row(n, r.role, r.item.item, r.item.amount_minor, r.kind, currency=r.item.currency) for n, r in enumerate(rows)
    ]
    bank = {r.item.id for r in numbered if r.item.item.startswith("bank_line:") and r.role == TRANSIT}
    paid = {r.item.id for r in numbered if not r.item.item.startswith("bank_line:") and r.role == TRANSIT}
    linked = tuple(sorted({(b, p) for b, p in pairs if b in bank and p in paid}))
    surroundings = around(days, payout_of=PAYOUT_OF, composed=frozenset({"payout:po_1"}), named_pairs=linked)
    found = name_items(numbered, surroundings)
    assert sorted(r.item.id for name in found for r in name.items) == [r.item.id for r in numbered]
    raised = [(name.case.reason, name.case.subject) for name in found if name.case]
    doubled = [key for key, group in itertools.groupby(sorted(raised)) if len(list(group)) > 1]
    assert [reason for reason, _ in doubled if reason is not Reason.PAYOUT_ARRIVED_DIFFERENTLY] == []
    for name in found:
        assert (name.case is not None) == (name.naming is Naming.EXCEPTION)
        if name.case is not None:
            assert {f"itm_{r.item.id}" for r in name.items} <= set(name.case.links)
            assert name.case.amount_minor >= 0
    again = name_items(numbered, surroundings)
    assert again == found
