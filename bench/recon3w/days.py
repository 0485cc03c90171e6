"""Days as integers since 1970-01-01, and the days on which banks work."""

from datetime import date, timedelta
from functools import cache

EPOCH = date(1970, 1, 1)


def number(day: date) -> int:
    """The number of a day."""
    return (day - EPOCH).days


def text(day: int) -> str:
    """A day as YYYY-MM-DD."""
    return (EPOCH + timedelta(days=day)).isoformat()


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar (Meeus, Astronomical Algorithms, chapter 8)."""
    a, b, c = year % 19, year // 100, year % 100
    e = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    f = (32 + 2 * (b % 4) + 2 * (c // 4) - e - c % 4) % 7
    g = e + f - 7 * ((a + 11 * e + 22 * f) // 451) + 114
    return date(year, g // 31, g % 31 + 1)


@cache
def holidays(year: int) -> frozenset[int]:
    """The closing days of T2, the euro's settlement system."""
    sunday = number(easter(year))
    fixed = [(1, 1), (5, 1), (12, 25), (12, 26)]
    return frozenset({sunday - 2, sunday + 1, *(number(date(year, month, day)) for month, day in fixed)})


@cache
def is_business_day(day: int) -> bool:
    """Neither weekend nor holiday; day 0 was a Thursday."""
    return (day + 3) % 7 < 5 and day not in holidays((EPOCH + timedelta(days=day)).year)


@cache
def after(day: int, business_days: int) -> int:
    """The day that many business days later; with 0, the day itself or the next business day."""
    while not is_business_day(day):
        day += 1
    for _ in range(business_days):
        day += 1
        while not is_business_day(day):
            day += 1
    return day
