"""Days on which banks and gateways work, and the wall clocks of the shops.

Rules: TARGET2 closing days for EUR (European Central Bank), Federal Reserve bank holidays for USD. The offsets are
worked out here rather than read from the machine's time zone files, so that a world's bytes never depend on them.
"""

from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

SATURDAY = 5


def utc(day: date, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    """A moment of a day in UTC."""
    return datetime.combine(day, time(hour, minute, second), UTC)


def next_month(day: date) -> date:
    """The first day of the month after `day`."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (anonymous algorithm, as in the Astronomical Almanac)."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    correction = (8 * century + 13) // 25
    epact = (19 * golden + century - century // 4 - correction + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th weekday of a month; n = -1 is the last."""
    if n > 0:
        first = date(year, month, 1)
        return first + timedelta((weekday - first.weekday()) % 7 + 7 * (n - 1))
    last = next_month(date(year, month, 1)) - timedelta(1)
    return last - timedelta((last.weekday() - weekday) % 7)


@lru_cache(maxsize=64)
def closed_days(currency: str, year: int) -> frozenset[date]:
    """Holidays of the currency's settlement system in a year; weekends are not listed."""
    if currency != "USD":
        sunday = easter(year)
        fixed = {date(year, month, day) for month, day in ((1, 1), (5, 1), (12, 25), (12, 26))}
        return frozenset(fixed | {sunday - timedelta(2), sunday + timedelta(1)})
    moving = {
        _nth(year, 1, 0, 3), _nth(year, 2, 0, 3), _nth(year, 5, 0, -1), _nth(year, 9, 0, 1), _nth(year, 10, 0, 2),
        _nth(year, 11, 3, 4),
    }  # fmt: skip
    fixed = {date(year, month, day) for month, day in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))}
    # The Federal Reserve moves a Sunday holiday to Monday and lets a Saturday one pass.
    return frozenset(moving | {day + timedelta(1) if day.weekday() == 6 else day for day in fixed})


def is_business_day(day: date, currency: str) -> bool:
    """Whether the settlement system of `currency` works on `day`."""
    return day.weekday() < SATURDAY and day not in closed_days(currency, day.year)


def add_business_days(day: date, count: int, currency: str) -> date:
    """The `count`-th business day after `day`; a count of 0 rolls a closed day forward."""
    while not is_business_day(day, currency):
        if count > 0:
            break
        day += timedelta(1)
    while count > 0:
        day += timedelta(1)
        count -= is_business_day(day, currency)
    return day


def days(first: date, end: date) -> list[date]:
    """Every day from `first` up to but without `end`."""
    return [first + timedelta(n) for n in range((end - first).days)]


def business_days(first: date, end: date, currency: str) -> list[date]:
    """The business days from `first` up to but without `end`."""
    return [day for day in days(first, end) if is_business_day(day, currency)]


def local(moment: datetime, zone: str) -> datetime:
    """The moment on the wall clock of ``Europe/Berlin`` or ``America/New_York``, with its offset."""
    year = moment.year
    if zone == "Europe/Berlin":
        # EU directive 2000/84: summer time from the last Sunday of March to the last of October, at 01:00 UTC.
        summer = utc(_nth(year, 3, 6, -1), 1) <= moment < utc(_nth(year, 10, 6, -1), 1)
        return moment.astimezone(timezone(timedelta(hours=1 + summer)))
    # US Energy Policy Act of 2005: second Sunday of March to first Sunday of November, at 02:00 local time.
    summer = utc(_nth(year, 3, 6, 2), 7) <= moment < utc(_nth(year, 11, 6, 1), 6)
    return moment.astimezone(timezone(timedelta(hours=summer - 5)))
