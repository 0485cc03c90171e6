"""Drivers of payouts: they come to each line, and the bridge comes to the difference."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from tieout.model.owed import Bridge, Driver, PayoutMade, PayoutPart
from tieout.settlement.driver import bridge, driver_of, drivers_of, in_drivers, part_of

D = Driver
amounts = st.integers(-(10**6), 10**6)
drivers = st.dictionaries(st.sampled_from(Driver), amounts)
rows = st.dictionaries(st.sampled_from(["sales", "shipping", "commission", "fee_tax", "card", "tax"]), amounts)
origins = st.lists(st.tuples(st.sampled_from(["captured", "refunded", "dispute_lost"]), rows), max_size=4)
lines = st.tuples(st.sampled_from(["released", "refunded", "held", "credited"]), amounts, st.integers(0, 500), origins)
#: A sale of 56.00 with a commission of 5.00 and VAT of 1.05 on it, and a refund of 25.00 of it before it was released.
SALE = ("captured", {"sales": 5000, "shipping": 600, "commission": -500, "fee_tax": -105, "tax": 408})
BACK = ("refunded", {"sales": -2500, "commission": 250, "fee_tax": 53, "tax": -200})


def payout(name: str, *parts: dict[Driver, int]) -> PayoutMade:
    made = tuple(
        PayoutPart(f"l{number}", date(2026, 3, 3), "order:1", "released", sum(part.values()), part)
        for number, part in enumerate(parts)
    )
    return PayoutMade(name, "A", "USD", date(2026, 3, 3), "paid", sum(part.amount_minor for part in made), made)


def test_each_row_has_a_driver() -> None:
    assert in_drivers([SALE, BACK]) == {
        D.SALES: 5600, D.COMMISSION: -250, D.FEES: -52, D.TAX: 208, D.REFUNDS: -2500,
    }  # fmt: skip
    assert driver_of("dispute_lost", "sales") is D.DISPUTES
    assert driver_of("captured", "discount") is D.SALES
    assert driver_of("captured", "packaging") is D.FEES


def test_a_release_is_told_by_what_was_sold_and_what_is_kept_back() -> None:
    total = 5600 - 500 - 105 + 408
    assert drivers_of("released", total - 540, 540, in_drivers([SALE])) == {
        D.SALES: 5600, D.COMMISSION: -500, D.FEES: -105, D.TAX: 408, D.RESERVE_HELD: -540,
    }  # fmt: skip


def test_a_part_of_a_refund_is_told_in_proportion() -> None:
    """20.00 of 23.97 was drawn on what is available, the rest on the reserve."""
    assert sum(BACK[1].values()) == -2397
    part = drivers_of("refunded", -2000, 0, in_drivers([BACK]))
    assert part == {D.REFUNDS: -2086, D.COMMISSION: 209, D.FEES: 44, D.TAX: -167}
    assert sum(part.values()) == -2000


def test_what_nobody_split_is_told_whole() -> None:
    assert drivers_of("released", 900, 100) == {D.SALES: 1000, D.RESERVE_HELD: -100}
    assert drivers_of("refunded", -900) == {D.REFUNDS: -900}
    assert drivers_of("credited", 5) == {D.ADJUSTMENTS: 5}
    assert drivers_of("own", -5) == {D.ADJUSTMENTS: -5}
    assert drivers_of("fee_recharged", -1500) == {D.DISPUTES: -1500}
    assert drivers_of("failed", 2340) == {D.CARRY: 2340}
    assert drivers_of("held", 0) == {}


def test_drivers_without_a_sum_have_no_part() -> None:
    assert part_of({D.SALES: 5, D.COMMISSION: -5}, 3) == {}
    assert part_of({D.SALES: 5, D.COMMISSION: -5}, 0) == {D.SALES: 5, D.COMMISSION: -5}


@given(drivers, amounts)
def test_a_part_comes_to_its_amount(of, amount) -> None:
    part = part_of(of, amount)
    assert sum(part.values()) == amount or sum(of.values()) == 0


@given(lines)
def test_the_drivers_of_a_line_come_to_it(line) -> None:
    occasion, amount, kept, behind = line
    whole = occasion == "held"
    assert sum(drivers_of(occasion, amount, 0 if whole else kept, in_drivers(behind)).values()) == amount


@given(st.lists(drivers, max_size=3), st.lists(drivers, max_size=3))
def test_the_bridge_comes_to_the_difference(before, after) -> None:
    made: Bridge = bridge(payout("P1", *before), payout("P2", *after))
    assert sum(step.change_minor for step in made.steps) == made.later.amount_minor - made.earlier.amount_minor
    assert sum(step.later_minor for step in made.steps) == made.later.amount_minor
    for step in made.steps:
        opened = sum(part.drivers_minor.get(step.driver, 0) for part in made.later.parts)
        assert opened == step.later_minor


def test_a_payout_that_dropped() -> None:
    """The worked example of a bridge, in our drivers: 190.00 less, and why."""
    p1 = {D.SALES: 64000, D.COMMISSION: -6200, D.FEES: -2600, D.REFUNDS: -2000, D.RESERVE_HELD: -3200}
    p2 = {
        D.SALES: 56000,
        D.COMMISSION: -4700,
        D.FEES: -2400,
        D.REFUNDS: -9000,
        D.RESERVE_HELD: -6900,
        D.DISPUTES: -2000,
    }
    made = bridge(payout("P1", p1), payout("P2", p2))
    assert (made.earlier.amount_minor, made.later.amount_minor) == (50000, 31000)
    assert [(step.driver, step.change_minor) for step in made.steps] == [
        (D.SALES, -8000), (D.REFUNDS, -7000), (D.COMMISSION, 1500), (D.FEES, 200), (D.DISPUTES, -2000),
        (D.RESERVE_HELD, -3700),
    ]  # fmt: skip
