"""How figures, days and codes are written for people. Pure: from values to text."""

import calendar
import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from tieout.model.account import Role
from tieout.model.money import Money, display

NIL = "–"
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
#: Codes whose plain words are not the code itself.
_TITLES = {"api": "API", "camt": "CAMT", "fx_clearing": "FX clearing"}
#: A memo that ends with a typed reference.
_REFERENCE_LAST = re.compile(r"(.+) ([a-z_]+:\S+)")


def money(amount_minor: int, currency: str) -> str:
    """``−1,234.50``; nil is a dash, so that figures stand out from nothing."""
    return display(amount_minor, currency) if amount_minor else NIL


def title(code: str) -> str:
    """A code of a closed vocabulary as words: ``payout_not_arrived`` is “Payout not arrived”."""
    return _TITLES.get(code) or code.replace("_", " ").replace("-", " ").capitalize()


def plural(count: int, one: str, many: str | None = None) -> str:
    """``1 exception``, ``12 exceptions``, ``1,204 entries``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def ago(then: datetime | None, now: datetime) -> str:
    """How long ago in one unit, for Today: ``12 s ago``, ``3 min ago``, ``2 h ago``, ``3 days ago``."""
    if then is None:
        return "never"
    seconds = max(int((now - then).total_seconds()), 0)
    if seconds < _MINUTE:
        return f"{seconds} s ago"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min ago"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h ago"
    return f"{plural(seconds // _DAY, 'day')} ago"


def age(days: int) -> str:
    """``today``, ``1 day``, ``12 days``."""
    return plural(days, "day") if days else "today"


def due(day: date | None, as_of: date) -> str:
    """When something is expected, seen from a day: ``today``, ``tomorrow``, ``by 2026-11-03``, ``overdue since …``."""
    if day is None:
        return "no date known"
    if day < as_of:
        return f"overdue since {day}"
    return {0: "today", 1: "tomorrow"}.get((day - as_of).days, f"by {day}")


def moment(at: datetime, zone: str) -> str:
    """``2026-10-31 14:05`` in the entity's own time zone."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def short(reference: str, limit: int = 30) -> str:
    """A long reference with its middle left out; both ends are what people compare."""
    if len(reference) <= limit:
        return reference
    tail = (limit - 1) // 3
    return f"{reference[: limit - 1 - tail]}…{reference[-tail:]}"


def reference(text: str, limit: int = 26) -> str:
    """A typed reference for people: ``payout:po_3T…`` is “payout po_3T…”, ``bank_line:bank:line:1`` “bank line 1”."""
    kind, colon, value = text.partition(":")
    if not colon:
        return short(text, limit)
    return f"{kind.replace('_', ' ')} {short(value.rpartition(':')[2], limit)}"


def memo(text: str) -> tuple[str, str]:
    """The words of a memo and the reference behind them: (“Payout sent”, “payout po_1”)."""
    head, _, tail = text.partition(" · ")
    if not tail and (found := _REFERENCE_LAST.fullmatch(text)):
        head, tail = found.groups()
    return head, reference(tail) if tail else ""


def month_name(first: date) -> str:
    """``October 2026``."""
    return f"{calendar.month_name[first.month]} {first.year}"


def month_of(day: date) -> tuple[date, date]:
    """First and last day of a day's month."""
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def listed(words: Iterable[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *head, last = list(words) or [""]
    return f"{', '.join(head)} and {last}" if head else last


def role_meaning(role: str) -> str:
    """The sentence that says what accounts of this role are for."""
    return Role(role).meaning


def cell(value: object) -> str:
    """A cell of a report: amounts like any other, nothing as nothing."""
    if isinstance(value, Money):
        return money(value.amount_minor, value.currency)
    return f"{value:,}" if isinstance(value, int) else "" if value is None else str(value)


def is_figure(value: object) -> bool:
    """Whether a cell stands to the right."""
    return isinstance(value, Money | int)


def holds(rows: Iterable[object], field: str, key: str) -> bool:
    """Whether any of these rows has something other than nothing under a key of one of its tables."""
    return any(getattr(row, field).get(key) for row in rows)
