"""Periods: which days take entries."""

from datetime import date

import pytest

from tests.app.house import ANNA, DAY, balances, entries, opening_balance, order, tell
from tieout.app import Tieout
from tieout.model.error import PostingRefused
from tieout.model.period import Area, Period, PeriodState

PLACED = "shop:order:1088:placed"
MARCH = (date(2026, 3, 1), date(2026, 3, 31))


@pytest.mark.parametrize("state", [PeriodState.SOFT, PeriodState.HARD])
def test_what_comes_after_the_close_is_booked_on_the_first_open_day(app: Tieout, state: PeriodState) -> None:
    app.set_period(*MARCH, state, actor=ANNA)
    tell(app, "shop", order(), "orders")
    entry = entries(app)[PLACED].entry.draft
    assert (entry.effective_date, entry.occurred_at.date(), entry.late) == (date(2026, 4, 1), DAY, True)
    assert balances(app, MARCH[1]) == {}
    (period,) = app.periods()
    assert period == Period(period.id, *MARCH, Area.ALL, state)
    newest = app.audit(1)[0]
    assert (newest.actor, newest.action, newest.subject) == (
        "anna",
        f"period.{state.value}",
        "2026-03-01 to 2026-03-31",
    )


def test_closed_periods_in_a_row_are_passed_over(app: Tieout) -> None:
    app.set_period(*MARCH, PeriodState.HARD, actor=ANNA)
    app.set_period(date(2026, 4, 1), date(2026, 4, 30), PeriodState.SOFT, actor=ANNA)
    tell(app, "shop", order(), "orders")
    assert entries(app)[PLACED].entry.draft.effective_date == date(2026, 5, 1)


def test_a_soft_close_can_be_opened_again_and_a_hard_one_never(app: Tieout) -> None:
    app.set_period(*MARCH, PeriodState.SOFT, actor=ANNA)
    app.set_period(*MARCH, PeriodState.OPEN, actor=ANNA)
    tell(app, "shop", order(), "orders")
    assert entries(app)[PLACED].entry.draft.effective_date == DAY
    app.set_period(*MARCH, PeriodState.HARD, despite="Nobody reconciles here.", actor=ANNA)
    for state in (PeriodState.OPEN, PeriodState.SOFT):
        with pytest.raises(PostingRefused) as refused:
            app.set_period(*MARCH, state, actor=ANNA)
        assert refused.value.where == "2026-03-01 to 2026-03-31"
    with pytest.raises(PostingRefused):
        app.post([opening_balance()], actor=ANNA)
    assert [p.state for p in app.periods()] == [PeriodState.HARD]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 3, 15), date(2026, 4, 15)),
        (date(2026, 3, 10), date(2026, 3, 10)),
        (date(2026, 5, 2), date(2026, 5, 1)),
    ],
)
def test_periods_do_not_overlap_and_do_not_end_before_they_begin(app: Tieout, first: date, last: date) -> None:
    app.set_period(*MARCH, PeriodState.SOFT, actor=ANNA)
    with pytest.raises(PostingRefused):
        app.set_period(first, last, PeriodState.SOFT, actor=ANNA)
    assert len(app.periods()) == 1
