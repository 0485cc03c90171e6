"""Periods: which days take entries."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.app.house import ANNA, DAY, balances, entries, opening_balance, order, tell
from tieout.app import Tieout
from tieout.model.case import Action, Resolution
from tieout.model.entry import Line
from tieout.model.error import BadInput, NotFound, PeriodClosed, PeriodNotReady, PostingRefused
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


def test_a_late_entry_goes_to_the_first_day_that_is_open_in_every_area_it_touches(
    app: Tieout,
) -> None:
    """The order touches sales and tax: sales is closed in March, tax in April too. What is of neither is not moved."""
    app.set_period(*MARCH, PeriodState.HARD, area=Area.SALES, actor=ANNA)
    app.set_period(date(2026, 4, 1), date(2026, 4, 30), PeriodState.SOFT, area=Area.TAX, actor=ANNA)
    app.set_period(date(2026, 4, 1), date(2026, 4, 15), PeriodState.SOFT, area=Area.SALES, actor=ANNA)
    tell(app, "shop", order(), "orders")
    entry = entries(app)[PLACED].entry.draft
    areas = {a.account.code: a.account.area for a in app.chart()}
    touched = {areas[line.account] for line in entry.lines}
    assert entry.effective_date == (date(2026, 5, 1) if Area.TAX in touched else date(2026, 4, 16))
    assert (entry.occurred_at.date(), entry.late) == (DAY, True)
    assert [view.entry.draft.key for view in app.journal(late=True)] == [PLACED]
    app.post([opening_balance(lines=(Line("1490", "EUR", 5, 5), Line("3000", "EUR", -5, -5)))], actor=ANNA)
    assert [view.entry.draft.late for view in app.journal()] == [False, True]


def test_a_hard_close_waits_for_what_is_open_and_is_certified(app: Tieout) -> None:
    tell(app, "shop", order(), "orders")
    assert app.before_close(*MARCH) == ("1 item not reconciled",)
    assert app.before_close(*MARCH, Area.BANK) == ()
    with pytest.raises(PeriodNotReady, match="cannot be closed for good: 1 item not reconciled"):
        app.set_period(*MARCH, PeriodState.HARD, actor=ANNA)
    assert app.periods() == []
    app.reconcile(date(2026, 3, 31))
    (case,) = app.case_list()
    assert app.before_close(*MARCH) == (f"1 exception open ({case.id})",)
    with pytest.raises(BadInput, match="A reason is required"):
        app.set_period(*MARCH, PeriodState.HARD, despite=" ", actor=ANNA)
    decision = Resolution(Action.BOOK, "Never paid.", account="5900")
    app.resolve(case.id, decision, actor=ANNA)
    assert app.before_close(*MARCH) == ()
    assert app.set_period(*MARCH, PeriodState.HARD, actor=ANNA) == ()
    assert (app.audit(1)[0].action, app.audit(1)[0].detail) == ("period.hard", "")
    with app.database.unit() as connection:
        found = connection.execute(
            b"select p.first_day, p.last_day, c.entries from close_certificate c join period p on p.id = c.period_id"
        ).fetchall()
    assert found == [(*MARCH, 1)]


def test_what_was_open_is_kept_with_the_reason(app: Tieout) -> None:
    tell(app, "shop", order(), "orders")
    standing = app.set_period(*MARCH, PeriodState.HARD, despite="The year is audited.", actor=ANNA)
    assert standing == ("1 item not reconciled",)
    line = app.audit(1)[0]
    assert (line.actor, line.action, line.subject, line.detail) == (
        "anna", "period.hard", "2026-03-01 to 2026-03-31", "despite 1 item not reconciled: The year is audited.",
    )  # fmt: skip


def test_whoever_is_allowed_posts_into_a_soft_closed_period(app: Tieout) -> None:
    app.set_period(*MARCH, PeriodState.SOFT, actor=ANNA)
    until = datetime.now(UTC) + timedelta(hours=1)
    with pytest.raises(NotFound):
        app.allow_posting(*MARCH, area=Area.TAX, person="ben", reason="The audit.", until=until, actor=ANNA)
    made = app.allow_posting(*MARCH, person="ben", reason="The audit.", until=until, actor=ANNA)
    (listed,) = app.period_list()
    assert (listed.allowances, listed.state, listed.area) == ((made,), PeriodState.SOFT, Area.ALL)
    with pytest.raises(PeriodClosed):
        app.post([opening_balance()], actor=ANNA)
    app.post([opening_balance(actor="ben")], actor=ANNA)
    newest = [line for line in app.audit(5) if line.action == "period.allowed"]
    assert newest[0].detail.endswith(": The audit.")
    tell(app, "shop", order(), "orders")
    assert entries(app)[PLACED].entry.draft.effective_date == date(2026, 4, 1), "a worker is not ben"
