"""Days on which banks work, and on which sellers are paid. The holidays were looked up at the central banks."""

from datetime import date, timedelta

import pytest

from tieout.model.seller import Every, Schedule
from tieout.settlement.calendar import easter, is_ach_day, is_target_day, next_open, next_payout_day


def closed(is_open, year: int) -> list[str]:
    """Weekdays of a year on which banks are closed."""
    days = (date(year, 1, 1) + timedelta(days=n) for n in range(366))
    return [f"{day:%m-%d}" for day in days if day.year == year and day.weekday() < 5 and not is_open(day)]


def test_easter() -> None:
    days = {2024: (3, 31), 2025: (4, 20), 2026: (4, 5), 2027: (3, 28), 2038: (4, 25), 2285: (3, 22)}
    assert {year: (easter(year).month, easter(year).day) for year in days} == days


def test_target() -> None:
    assert closed(is_target_day, 2026) == ["01-01", "04-03", "04-06", "05-01", "12-25"]
    assert closed(is_target_day, 2024) == ["01-01", "03-29", "04-01", "05-01", "12-25", "12-26"]


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2026, "01-01 01-19 02-16 05-25 06-19 09-07 10-12 11-11 11-26 12-25"),  # 4 July is a Saturday
        (2023, "01-02 01-16 02-20 05-29 06-19 07-04 09-04 10-09 11-23 12-25"),  # 1 January is a Sunday
        (2020, "01-01 01-20 02-17 05-25 09-07 10-12 11-11 11-26 12-25"),  # before Juneteenth
    ],
)
def test_the_federal_reserve(year: int, days: str) -> None:
    assert closed(is_ach_day, year) == days.split()


def test_weekends_are_closed() -> None:
    assert not any(is_open(date(2026, 10, day)) for is_open in (is_ach_day, is_target_day) for day in (3, 4))
    assert next_open(date(2026, 10, 3), is_target_day) == date(2026, 10, 5)
    assert next_open(date(2026, 10, 5), is_target_day) == date(2026, 10, 5)


@pytest.mark.parametrize(
    ("schedule", "after", "expected"),
    [
        (Schedule(), date(2026, 10, 1), date(2026, 10, 2)),
        (Schedule(), date(2026, 10, 2), date(2026, 10, 5)),
        (Schedule(Every.WEEK, 5), date(2026, 10, 1), date(2026, 10, 2)),
        (Schedule(Every.WEEK, 5), date(2026, 10, 2), date(2026, 10, 9)),
        (Schedule(Every.WEEK, 7), date(2026, 10, 2), date(2026, 10, 5)),  # Sunday is paid on Monday
        (Schedule(Every.WEEK, 7), date(2026, 10, 4), date(2026, 10, 5)),
        (Schedule(Every.MONTH, 31), date(2026, 2, 1), date(2026, 2, 2)),  # 31 January is a Saturday
        (Schedule(Every.MONTH, 31), date(2026, 2, 2), date(2026, 3, 2)),  # and so is 28 February
        (Schedule(Every.MONTH, 31), date(2026, 9, 1), date(2026, 9, 30)),
        (Schedule(Every.MONTH, 1), date(2026, 4, 30), date(2026, 5, 4)),  # Labour Day, then a weekend
        (Schedule(Every.MONTH, 15), date(2026, 10, 15), date(2026, 11, 16)),
        (Schedule(Every.ON_DEMAND), date(2026, 10, 1), None),
    ],
)
def test_when_a_seller_is_paid_next(schedule: Schedule, after: date, expected: date | None) -> None:
    assert next_payout_day(schedule, after, is_target_day) == expected
