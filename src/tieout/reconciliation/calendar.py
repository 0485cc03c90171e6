"""Days on which banks work, by country."""

from datetime import date, timedelta
from functools import cache

import holidays

from tieout.model.error import ConfigError

#: The euro's own payment system; its closing days are the European Central Bank's.
TARGET = "TARGET"
_SATURDAY = 5


@cache
def _holidays(calendar: str) -> holidays.HolidayBase:
    """The days a country's banks are closed, or those of TARGET."""
    if calendar == TARGET:
        return holidays.financial_holidays("ECB")
    categories = holidays.country_holidays(calendar).supported_categories
    return holidays.country_holidays(calendar, categories=("bank",) if "bank" in categories else ("public",))


def check_calendar(calendar: str, where: str) -> None:
    """Raises ConfigError for a calendar that nobody keeps."""
    if not calendar:
        return
    try:
        _holidays(calendar)
    except NotImplementedError:
        raise ConfigError(
            f"There is no calendar “{calendar}”", where=where,
            remedy="Name a country by its two letters, such as DE, or TARGET for the euro's banks.",
        ) from None  # fmt: skip


def is_bank_day(day: date, calendar: str) -> bool:
    """Whether banks work on this day; without a calendar, on all."""
    return not calendar or (day.weekday() < _SATURDAY and day not in _holidays(calendar))


def next_bank_day(day: date, calendar: str) -> date:
    """The day itself, or the first after it on which banks work."""
    while not is_bank_day(day, calendar):
        day += timedelta(days=1)
    return day


def bank_days_between(first: date, last: date, calendar: str) -> int:
    """How many bank days lie between two days: 1 for a Friday and the Monday after it. Negative if `last` is before."""
    if last < first:
        return -bank_days_between(last, first, calendar)
    days = (last - first).days
    return sum(is_bank_day(first + timedelta(days=number), calendar) for number in range(1, days + 1))
