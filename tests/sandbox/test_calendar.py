"""Business days, holidays and wall clocks, against rules and against the time zone database."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.sandbox.calendar import (
    add_business_days,
    business_days,
    closed_days,
    days,
    easter,
    is_business_day,
    local,
    next_month,
    utc,
)


@pytest.mark.parametrize(
    "sunday",
    [date(2024, 3, 31), date(2025, 4, 20), date(2026, 4, 5), date(2027, 3, 28), date(2038, 4, 25)],
)
def test_easter(sunday: date) -> None:
    assert easter(sunday.year) == sunday


def test_target_holidays() -> None:
    assert sorted(closed_days("EUR", 2026)) == [
        date(2026, 1, 1), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1), date(2026, 12, 25), date(2026, 12, 26),
    ]  # fmt: skip


def test_federal_reserve_holidays_move_from_sunday_to_monday_and_pass_on_saturday() -> None:
    assert sorted(closed_days("USD", 2027)) == [
        date(2027, 1, 1), date(2027, 1, 18), date(2027, 2, 15), date(2027, 5, 31), date(2027, 6, 19),
        date(2027, 7, 5), date(2027, 9, 6), date(2027, 10, 11), date(2027, 11, 11), date(2027, 11, 25),
        date(2027, 12, 25),
    ]  # fmt: skip


def test_columbus_day_is_a_holiday_for_dollars_only() -> None:
    day = date(2026, 10, 12)
    assert is_business_day(day, "EUR")
    assert not is_business_day(day, "USD")


@pytest.mark.parametrize(
    ("day", "count", "currency", "expected"),
    [
        (date(2026, 10, 9), 1, "EUR", date(2026, 10, 12)),
        (date(2026, 10, 9), 1, "USD", date(2026, 10, 13)),
        (date(2026, 10, 10), 0, "EUR", date(2026, 10, 12)),
        (date(2026, 10, 10), 2, "EUR", date(2026, 10, 13)),
        (date(2026, 10, 7), 0, "EUR", date(2026, 10, 7)),
        (date(2026, 12, 24), 1, "EUR", date(2026, 12, 28)),
    ],
)
def test_adding_business_days(day: date, count: int, currency: str, expected: date) -> None:
    assert add_business_days(day, count, currency) == expected


def test_days_and_business_days_of_october_2026() -> None:
    first, end = date(2026, 10, 1), next_month(date(2026, 10, 17))
    assert end == date(2026, 11, 1)
    assert next_month(date(2026, 12, 31)) == date(2027, 1, 1)
    assert len(days(first, end)) == 31
    assert len(business_days(first, end, "EUR")) == 22
    assert len(business_days(first, end, "USD")) == 21


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
@given(seconds=st.integers(0, 20 * 365 * 86_400))
def test_wall_clocks_agree_with_the_time_zone_database(zone: str, seconds: int) -> None:
    moment = datetime(2015, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    assert local(moment, zone).isoformat() == moment.astimezone(ZoneInfo(zone)).isoformat()


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("month", [3, 10, 11])
def test_wall_clocks_change_in_the_right_minute(zone: str, month: int) -> None:
    moments = [utc(date(2026, month, 1)) + timedelta(minutes=30 * n) for n in range(48 * 30)]
    assert [local(m, zone).utcoffset() for m in moments] == [m.astimezone(ZoneInfo(zone)).utcoffset() for m in moments]
