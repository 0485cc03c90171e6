"""The gateway's balance: fees to the cent, payouts that are the sum of their rows, cut-offs and carried balances."""

import itertools
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given

from tests.sandbox.worlds import WORLDS, demo, only
from tieout.sandbox import cast
from tieout.sandbox.calendar import is_business_day, utc
from tieout.sandbox.dice import Ids
from tieout.sandbox.gateway import GatewayAccount, list_days, listed, reconciled
from tieout.sandbox.trail import Card, Charge, Gateway, GatewayRefund, RowKind
from tieout.sandbox.world import World

START, END = datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)


def account(gateway: Gateway = cast.GATEWAYS[0]) -> GatewayAccount:
    return GatewayAccount(gateway, 1, Ids(1), START, END)


def charge(amount: int, at: datetime, name: str = "ch_1") -> Charge:
    card = Card("visa", "4242", "DE")
    return Charge(name, "pi_1", f"txn_{name}", "stripe", "EUR", amount, amount, at, at, card, None)


@pytest.mark.parametrize(("amount", "fee"), [(10_000, 165), (35, 25), (36, 26), (107, 26), (12_345, 198)])
def test_european_fees_are_1_4_per_cent_and_25_cents_half_a_cent_up(amount: int, fee: int) -> None:
    """35 × 1.4 % = 0.49, 36 × 1.4 % = 0.504 cents."""
    assert account().fee_minor(amount) == fee


@pytest.mark.parametrize(("amount", "fee"), [(10_000, 320), (50, 31), (12_345, 388)])
def test_american_fees_are_2_9_per_cent_and_30_cents(amount: int, fee: int) -> None:
    assert account(cast.GATEWAYS[1]).fee_minor(amount) == fee


def test_a_small_account_worked_by_hand() -> None:
    """A charge of 100.00 on Friday 2 October, refunded on Wednesday 14, when 20.00 was charged two days before.

    The monthly fee of 19.00 waits until Tuesday 6, when 98.35 is available: 79.35. On Thursday 8 a reserve of 5.00
    is held, and the balance of −5.00 carried. The 20.00 are available on Wednesday 14: 19.47 − 5.00. The refund comes
    after that day's cut-off; from then on the balance is below zero, and nothing more is paid out.
    """
    made = account()
    first = charge(10_000, utc(date(2026, 10, 2), 15))
    second = charge(2_000, utc(date(2026, 10, 12), 9), "ch_2")
    refund = GatewayRefund("re_1", "txn_re_1", first, 10_000, utc(date(2026, 10, 14), 10))
    made.run([first, second], [refund], [], odd=False)
    assert [(p.created.date(), p.amount_minor, p.arrival) for p in made.payouts] == [
        (date(2026, 10, 6), 7_935, date(2026, 10, 7)),
        (date(2026, 10, 14), 1_447, date(2026, 10, 15)),
    ]
    assert made.payouts[1].created == utc(date(2026, 10, 14), 5, 12, made.payouts[1].created.second)


def test_withheld_tax_is_kept_back_with_the_charge_and_given_back_with_a_refund_of_a_part() -> None:
    """Of 108.00 with 8.00 of tax 1.76 is the fee: 98.24. 54.00 go back, 4.00 of them from the gateway: −50.00."""
    made = account()
    first = msgspec.structs.replace(charge(10_800, utc(date(2026, 10, 5), 15)), withheld_minor=800)
    second = charge(10_000, utc(date(2026, 10, 6), 9), "ch_2")
    refund = GatewayRefund("re_1", "txn_re_1", first, 5_400, utc(date(2026, 10, 7), 10), 400)
    made.run([first, second], [refund], [], odd=False, calm=True)
    rows = {row.id: (row.amount_minor, row.fee_minor, row.withheld_minor, row.net_minor) for row in made.rows}
    assert rows["txn_ch_1"] == (10_800, 176, 800, 9_824)
    assert rows["txn_re_1"] == (-5_400, 0, -400, -5_000)
    assert [(p.created.date(), p.amount_minor) for p in made.payouts] == [
        (date(2026, 10, 7), 9_824),
        (date(2026, 10, 8), 4_835),
    ]


def test_reserves_are_held_on_two_days_and_the_first_is_released() -> None:
    made = account()
    made.run([charge(1_000_000, utc(date(2026, 10, 2), 15))], [], [], odd=False)
    reserves = [(r.kind, r.created.date(), r.amount_minor) for r in made.rows if r.kind.value.startswith("reserve")]
    assert reserves == [
        (RowKind.RESERVE_HOLD, date(2026, 10, 8), -50_000),
        (RowKind.RESERVE_RELEASE, date(2026, 10, 17), 50_000),
        (RowKind.RESERVE_HOLD, date(2026, 10, 21), -50_000),
    ]


def test_a_calm_account_only_takes_money_in() -> None:
    made = account()
    made.run([charge(10_000, utc(date(2026, 10, 2), 15))], [], [], odd=True, calm=True)
    assert {row.kind for row in made.rows} == {RowKind.CHARGE, RowKind.UNHEARD_OF, RowKind.PAYOUT}
    assert [payout.amount_minor for payout in made.payouts] == [9_835]
    assert made.twins is None
    assert not made.is_stuck()


def test_an_account_is_stuck_if_its_balance_stays_below_nil() -> None:
    made = account()
    first = charge(1_000, utc(date(2026, 10, 2), 15))
    made.run([first], [GatewayRefund("re_1", "txn_re_1", first, 1_000, utc(date(2026, 10, 9), 10))], [], odd=False)
    assert made.payouts == []
    assert made.is_stuck()


@given(world=WORLDS)
def test_no_money_is_stuck_in_a_balance(world: World) -> None:
    facts = world.facts
    paid = {row.id for payout in facts.payouts if reconciled(payout, facts.end) for row in payout.rows}
    kinds = (RowKind.PAYOUT, RowKind.UNHEARD_OF)
    left = [row for row in facts.rows if row.id not in paid and row.kind not in kinds]
    assert all(facts.end - row.created <= timedelta(days=7) for row in left)


@given(world=WORLDS)
def test_payouts_are_the_sum_of_their_rows(world: World) -> None:
    facts = world.facts
    for payout in facts.payouts:
        assert payout.amount_minor > 0
        assert sum(row.net_minor for row in payout.rows) == payout.amount_minor
        assert (payout.row.net_minor, payout.row.subject) == (-payout.amount_minor, payout.id)
        assert {row.account for row in payout.rows} == {payout.account}
        assert is_business_day(payout.created.date(), payout.currency)
        assert is_business_day(payout.arrival, payout.currency)
        assert payout.arrival > payout.created.date()
        for row in payout.rows:
            assert row.available_on <= payout.created.date()
            assert row.created < utc(payout.created.date())


@given(world=WORLDS)
def test_no_row_is_paid_out_twice_or_without_being_a_row(world: World) -> None:
    facts = world.facts
    paid = Counter(row.id for payout in facts.payouts for row in payout.rows)
    assert set(paid.values()) <= {1}
    assert set(paid) <= {row.id for row in facts.rows}
    assert len({row.id for row in facts.rows}) == len(facts.rows)


@given(world=WORLDS)
def test_every_charge_refund_and_dispute_has_its_row(world: World) -> None:
    facts = world.facts
    rows = {row.id: row for row in facts.rows}
    for one in facts.charges:
        assert (one.row_id in rows) == (one.captured_at is not None)
        if one.captured_at is not None:
            assert (rows[one.row_id].amount_minor, rows[one.row_id].subject) == (one.captured_minor, one.id)
    for refund in facts.gateway_refunds:
        assert (rows[refund.row_id].amount_minor, rows[refund.row_id].fee_minor) == (-refund.amount_minor, 0)
    for dispute in facts.disputes:
        taken = rows[dispute.row_id]
        assert taken.net_minor == -dispute.charge.captured_minor - dispute.fee_minor
        if dispute.won:
            assert rows[dispute.return_row_id].net_minor == -taken.net_minor


def test_the_odd_account_has_two_payouts_of_one_amount_brought_about_by_a_reserve() -> None:
    payouts = [p for p in demo().facts.payouts if p.account == "stripe"]
    first, second = only(itertools.pairwise(payouts), lambda pair: pair[0].amount_minor == pair[1].amount_minor)
    assert (second.created.date() - first.created.date()).days <= 3
    assert any(row.kind is RowKind.RESERVE_HOLD for row in second.rows)


def test_what_no_one_has_heard_of_is_listed_and_never_paid_out() -> None:
    facts = demo().facts
    strange = only(facts.rows, lambda row: row.kind is RowKind.UNHEARD_OF)
    assert listed(strange, facts.end)
    assert strange.available_on > facts.end.date()
    assert strange.id not in {row.id for payout in facts.payouts for row in payout.rows}


def test_rows_of_the_last_day_are_not_listed_yet() -> None:
    assert list_days(START, END) == [date(2026, 10, 1) + timedelta(n) for n in range(30)]
    last = [row for row in demo().facts.rows if row.created.date() == date(2026, 10, 31)]
    assert last
    assert not any(listed(row, END) for row in last)


def test_a_payout_is_reconciled_on_the_day_it_arrives() -> None:
    facts = demo().facts
    late = [p for p in facts.payouts if not reconciled(p, facts.end)]
    assert {p.arrival.month for p in late} == {11}
    assert len(late) == 2
