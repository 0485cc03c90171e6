"""The cash forecast: known money exactly, sales only where the past was long enough to try the method on it."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tieout.model.money import Money
from tieout.reports.outlook import WEEKS, foreseen, history_of, monday_of, outlook

MONDAY = date(2026, 10, 5)
TODAY = date(2026, 10, 7)
days = st.none() | st.integers(-20, 150).map(lambda n: TODAY + timedelta(days=n))
known = st.lists(st.tuples(days, st.just("pending"), st.sampled_from(["EUR", "USD"]), st.integers(-999, 9999)))


def weeks(*amounts: int) -> dict[date, int]:
    """Amounts of the weeks before the current one."""
    return {MONDAY - timedelta(weeks=len(amounts) - n): amount for n, amount in enumerate(amounts)}


@given(known)
def test_what_is_known_is_in_one_week_or_later(listed) -> None:
    sums = {code: sum(n for _, _, c, n in listed if c == code) for _, _, code, _ in listed}
    found = outlook(listed, {}, {}, sums, TODAY)
    for tie in found.ties:
        shown = sum(row[1].amount_minor for row in found.rows if row[-1] == tie.currency and isinstance(row[1], Money))
        assert shown == tie.report_minor == tie.ledger_minor


def test_sales_are_forecast_after_two_seasons_and_delayed_until_they_can_be_paid() -> None:
    past = [100, 120, 80, 140, 110, 130, 90, 150]
    found = outlook([(TODAY, "available", "EUR", 500)], {"EUR": weeks(*past)}, {"EUR": 2}, {"EUR": 500}, TODAY)
    sold = [row[2].amount_minor for row in found.rows[:WEEKS] if isinstance(row[2], Money)]
    assert sold[:6] == [0, 0, 120, 142, 98, 164]
    assert found.rows[0][:2] == (str(MONDAY), Money(500, "EUR"))
    assert found.rows[0][3:5] == (None, None), "eight weeks leave nothing to try the method on"
    assert found.notes[0].endswith("there is no interval. They can be paid 2 weeks after.")


def test_intervals_come_from_the_past() -> None:
    forecast, said = foreseen([100, 120, 80, 140] * 5)
    assert forecast is not None
    assert (forecast.within_50, forecast.within_80) == (0, 0)
    assert said == (
        "Sales are those of the four weeks before, times growth. 12 periods of the past were forecast from what was"
        " known then."
    )
    yearly, said = foreseen(list(range(1, 113)))
    assert yearly is not None
    assert said.startswith("Sales are those of the year before")


def test_a_short_past_is_refused() -> None:
    assert foreseen([1] * 7) == (None, "Sales are not forecast: it takes 8 whole weeks of them, and the books have 7.")


def test_weeks_without_sales_count_and_the_current_one_does_not() -> None:
    assert monday_of(TODAY) == MONDAY
    assert history_of({MONDAY - timedelta(weeks=3): 5, MONDAY - timedelta(weeks=1): 7, MONDAY: 9}, MONDAY) == [5, 0, 7]
    assert history_of({MONDAY: 9}, MONDAY) == []
