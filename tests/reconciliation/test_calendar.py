"""Bank days: weekends and holidays by country, and the euro's own calendar."""

from datetime import date

import pytest

from tieout.model.error import ConfigError
from tieout.reconciliation.calendar import bank_days_between, check_calendar, is_bank_day, next_bank_day

GOOD_FRIDAY = date(2026, 4, 3)


@pytest.mark.parametrize(
    ("calendar", "day", "moved"),
    [
        ("", GOOD_FRIDAY, GOOD_FRIDAY),
        ("TARGET", GOOD_FRIDAY, date(2026, 4, 7)),  # Good Friday, a weekend, Easter Monday
        ("DE", date(2026, 10, 3), date(2026, 10, 5)),
        ("US", date(2026, 11, 26), date(2026, 11, 27)),  # Thanksgiving
        ("TARGET", date(2026, 11, 26), date(2026, 11, 26)),
    ],
)
def test_what_is_due_while_banks_are_closed_is_due_when_they_open(calendar: str, day: date, moved: date) -> None:
    assert next_bank_day(day, calendar) == moved
    assert is_bank_day(day, calendar) is (day == moved)


def test_bank_days_are_counted_from_the_day_after() -> None:
    assert bank_days_between(date(2026, 4, 2), date(2026, 4, 7), "TARGET") == 1
    assert bank_days_between(date(2026, 4, 7), date(2026, 4, 2), "TARGET") == -1
    assert bank_days_between(date(2026, 4, 2), date(2026, 4, 7), "") == 5
    assert bank_days_between(GOOD_FRIDAY, GOOD_FRIDAY, "TARGET") == 0


def test_a_calendar_nobody_keeps_is_refused() -> None:
    check_calendar("", "x")
    check_calendar("DE", "x")
    with pytest.raises(ConfigError, match="There is no calendar “Atlantis”"):
        check_calendar("Atlantis", "timing.calendar")
