"""Buckets: what is kept back, what a refund draws on, what may be paid."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.model.bucket import Bucket, Hold, HoldReason, ReserveBase, ReservePlan
from tieout.settlement.bucket import Release, draw_on, held_by_reason, in_force, payable, release, running

DAY = date(2026, 10, 1)
TEN = ReservePlan(percent=Decimal(10), days=90)


@pytest.mark.parametrize(
    ("net", "plan", "reserved", "expected"),
    [
        (5100, TEN, 0, Release(4590, 510, date(2026, 12, 30))),
        (5100, ReservePlan(), 0, Release(5100, 0, None)),
        (5100, ReservePlan(percent=Decimal(10), cap_minor=600), 300, Release(4800, 300, DAY)),
        (5100, ReservePlan(percent=Decimal(10), cap_minor=300), 300, Release(5100, 0, None)),
        (5100, ReservePlan(floor_minor=6000), 5000, Release(4100, 1000, DAY)),
        (5100, ReservePlan(floor_minor=60_000), 0, Release(0, 5100, DAY)),
        (-200, TEN, 0, Release(-200, 0, None)),
    ],
)
def test_what_a_release_keeps_back(net: int, plan: ReservePlan, reserved: int, expected: Release) -> None:
    assert release(net, net, plan, reserved, DAY) == expected


def test_a_reserve_may_be_of_all_the_buyer_paid() -> None:
    plan = ReservePlan(percent=Decimal(30), base=ReserveBase.TOTAL)
    assert release(8500, 11_000, plan, 0, DAY)[:2] == (5200, 3300)


MONEY = st.integers(0, 10**6)


@given(MONEY, st.dictionaries(st.sampled_from(Bucket), st.integers(-1000, 10**6)), st.permutations(list(Bucket)))
def test_what_is_drawn_sums_and_only_available_goes_below_nothing(amount, balances, order) -> None:
    taken = draw_on(amount, balances, order)
    assert sum(taken.values()) == amount
    assert all(part > 0 for part in taken.values())
    assert all(part <= max(balances.get(b, 0), 0) for b, part in taken.items() if b is not Bucket.AVAILABLE)


def test_the_policy_is_the_order() -> None:
    balances = {Bucket.RESERVE: 510, Bucket.PENDING: 100, Bucket.AVAILABLE: 4590}
    assert draw_on(2250, balances, [Bucket.RESERVE, Bucket.AVAILABLE]) == {Bucket.RESERVE: 510, Bucket.AVAILABLE: 1740}
    assert draw_on(2250, balances, [Bucket.AVAILABLE]) == {Bucket.AVAILABLE: 2250}
    assert draw_on(50, balances, [Bucket.PENDING]) == {Bucket.PENDING: 50}
    assert draw_on(9000, balances, [Bucket.AVAILABLE, Bucket.RESERVE]) == {Bucket.AVAILABLE: 8490, Bucket.RESERVE: 510}
    assert draw_on(0, balances, [Bucket.RESERVE]) == {}
    with pytest.raises(AssertionError, match="an amount is taken back"):
        draw_on(-1, balances, [])


@pytest.mark.parametrize(
    ("available", "kept", "held", "expected"),
    [(4000, 1500, 0, 2500), (-11_000, 0, 0, 0), (1000, 1500, 0, 0), (1000, 0, 300, 700), (1000, 0, 2000, 0)],
)
def test_what_may_be_paid(available: int, kept: int, held: int, expected: int) -> None:
    assert payable(available, kept, held) == expected


def hold(reason: HoldReason, amount: int | None = None, **dates: date) -> Hold:
    return Hold("A", reason, dates.pop("since", DAY), "eva", "when it is over", amount, **dates)


def test_holds_in_force() -> None:
    holds = [
        hold(HoldReason.PAUSED),
        hold(HoldReason.BANK_CHANGE, until=date(2026, 10, 4)),
        hold(HoldReason.RISK, released_on=date(2026, 10, 3)),
        hold(HoldReason.CLAIM, since=date(2026, 10, 5)),
    ]
    reasons = {day: [h.reason.value for h in in_force(holds, "A", date(2026, 10, day))] for day in (1, 3, 4, 5)}
    assert reasons == {
        1: ["paused", "bank_change", "risk"], 3: ["paused", "bank_change"], 4: ["paused"], 5: ["paused", "claim"],
    }  # fmt: skip
    assert in_force(holds, "B", DAY) == ()


def test_what_is_held_is_the_sum_of_its_named_causes() -> None:
    holds = [
        hold(HoldReason.DISPUTE, 4000),
        hold(HoldReason.CLAIM, 1500),
        hold(HoldReason.CLAIM, 500),
        hold(HoldReason.RISK),
    ]
    assert held_by_reason(holds) == {HoldReason.DISPUTE: 4000, HoldReason.CLAIM: 2000}


def test_balances_after_each_move() -> None:
    assert running([{"a": 1}, {"b": -2, "a": 1}]) == [{"a": 1, "b": 0}, {"a": 2, "b": -2}]
    assert running([]) == []
