"""The bridge as a figure: its bars go from one payout to the other, and each leads to its lines."""

from datetime import date

from tests.settlement.test_driver import payout
from tieout.console.bridge import chart, steps_of
from tieout.model.owed import Driver
from tieout.settlement.driver import bridge

FOUND = bridge(
    payout("pay_1", {Driver.SALES: 5000, Driver.FEES: -100}), payout("pay_2", {Driver.SALES: 3000, Driver.FEES: -100})
)


def test_steps_go_from_one_payout_to_the_other() -> None:
    steps = steps_of(FOUND)
    assert [(step.label, step.amount_minor, step.href, step.net) for step in steps] == [
        ("pay_1", 4900, "#drivers", True), ("Sales", -2000, "#sales", False), ("pay_2", 2900, "#drivers", True),
    ]  # fmt: skip
    assert steps[0].amount_minor + steps[1].amount_minor == steps[2].amount_minor


def test_every_bar_is_named_for_whoever_cannot_see_it() -> None:
    figure = chart(FOUND)
    assert 'aria-label="From pay_1 to pay_2"' in figure
    assert 'aria-label="Sales −20.00 USD"' in figure
    assert FOUND.later.day == date(2026, 3, 3)
