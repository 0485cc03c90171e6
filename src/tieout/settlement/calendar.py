"""Days on which banks move money, and the days on which a seller is paid.

Source of the rules: the ECB's closing days of TARGET; the Federal Reserve Banks' holiday schedule. Of a holiday on a
Saturday the Federal Reserve Banks are open the Friday before; one on a Sunday is observed on the Monday.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from tieout.model.seller import Every, Schedule

_SATURDAY, _SUNDAY = 5, 6
_MONDAY, _THURSDAY = 0, 3
_JUNETEENTH_SINCE = 2021
Calendar = Callable[[date], bool]


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Meeus, Jones, Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    d = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    e = (32 + 2 * (b % 4) + 2 * (c // 4) - d - c % 4) % 7
    f = d + e - 7 * ((a + 11 * d + 22 * e) // 451) + 114
    return date(year, f // 31, f % 31 + 1)


def is_target_day(day: date) -> bool:
    """Whether TARGET settles euro payments on this day."""
    return day.weekday() < _SATURDAY and day not in _target_holidays(day.year)


@cache
def _target_holidays(year: int) -> frozenset[date]:
    sunday = easter(year)
    fixed = {date(year, month, day) for month, day in ((1, 1), (5, 1), (12, 25), (12, 26))}
    return frozenset(fixed | {sunday - timedelta(days=2), sunday + timedelta(days=1)})


def is_ach_day(day: date) -> bool:
    """Whether the Federal Reserve Banks settle ACH payments on this day."""
    return day.weekday() < _SATURDAY and day not in _fed_holidays(day.year)


@cache
def _fed_holidays(year: int) -> frozenset[date]:
    fixed = [(1, 1), (7, 4), (11, 11), (12, 25)] + ([(6, 19)] if year >= _JUNETEENTH_SINCE else [])
    days = {date(year, month, day) for month, day in fixed}
    observed = {day + timedelta(days=1) for day in days if day.weekday() == _SUNDAY}
    floating = {
        _nth(year, 1, _MONDAY, 3),
        _nth(year, 2, _MONDAY, 3),
        _nth(year, 6, _MONDAY, 1) - timedelta(days=7),  # the last Monday of May
        _nth(year, 9, _MONDAY, 1),
        _nth(year, 10, _MONDAY, 2),
        _nth(year, 11, _THURSDAY, 4),
    }
    return frozenset(days | observed | floating)


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))


def next_open(day: date, is_open: Calendar) -> date:
    """The day itself, or the first one after it on which banks work."""
    while not is_open(day):
        day += timedelta(days=1)
    return day


def next_payout_day(schedule: Schedule, after: date, is_open: Calendar) -> date | None:
    """The first day after `after` on which a seller is paid by its schedule; None if it is paid when it asks.

    The day of a schedule on which no bank works is moved to the next one; several may fall on one day.
    """
    if schedule.every is Every.ON_DEMAND:
        return None
    day = after - timedelta(days=14)  # a day before `after` may have been moved past it
    while True:
        day += timedelta(days=1)
        if _is_due(schedule, day) and (paid := next_open(day, is_open)) > after:
            return paid


def _is_due(schedule: Schedule, day: date) -> bool:
    if schedule.every is Every.WEEK:
        return day.isoweekday() == schedule.day
    if schedule.every is Every.MONTH:
        return day.day == min(schedule.day, monthrange(day.year, day.month)[1])
    return True
