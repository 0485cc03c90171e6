"""Control totals between two systems: count and sum by day and currency, and the first thing in which they differ."""

import hashlib
from collections.abc import Sequence
from datetime import date

from msgspec import Struct


class Row(Struct, frozen=True):
    """One thing that a system counts: amounts without their sign, for systems sign them from their own side."""

    id: str
    day: date
    currency: str
    amount_minor: int
    status: str = ""


class Total(Struct, frozen=True):
    """What one system counts for a day and currency; `by_status` is how many of each status."""

    count: int
    sum_minor: int
    by_status: dict[str, int]


class DayTotals(Struct, frozen=True):
    """Both systems' totals of a day and currency, and what stands in the way of their being the same."""

    day: date
    currency: str
    theirs: Total
    ours: Total
    missing: tuple[str, ...] = ()
    not_listed: tuple[str, ...] = ()
    differing: tuple[str, ...] = ()
    not_booked: tuple[str, ...] = ()
    first: str | None = None

    @property
    def agrees(self) -> bool:
        """Whether both count the same, and all of it is booked."""
        return self.first is None and not self.not_booked


#: States of an event that has not reached the books.
_WAITING = ("held", "parked", "new")


def compare(theirs: Sequence[Row], ours: Sequence[Row]) -> list[DayTotals]:
    """Totals of every day and currency, by day; where they differ, what is missing or too much, and the first of it."""
    left, right = _by_day(theirs), _by_day(ours)
    return [_day(key, left.get(key, []), right.get(key, [])) for key in sorted(left.keys() | right.keys())]


def _by_day(rows: Sequence[Row]) -> dict[tuple[date, str], list[Row]]:
    found: dict[tuple[date, str], list[Row]] = {}
    for row in sorted(rows, key=lambda r: (r.id, r.amount_minor)):
        found.setdefault((row.day, row.currency), []).append(row)
    return found


def _day(key: tuple[date, str], theirs: Sequence[Row], ours: Sequence[Row]) -> DayTotals:
    first = first_difference(theirs, ours)
    waiting = tuple(row.id for row in ours if row.status in _WAITING)
    if first is None:
        return DayTotals(*key, _total(theirs), _total(ours), not_booked=waiting)
    left, right = {r.id: r.amount_minor for r in theirs}, {r.id: r.amount_minor for r in ours}
    return DayTotals(
        *key,
        _total(theirs),
        _total(ours),
        tuple(sorted(left.keys() - right.keys())),
        tuple(sorted(right.keys() - left.keys())),
        tuple(sorted(i for i in left.keys() & right.keys() if left[i] != right[i])),
        waiting,
        first,
    )


def _total(rows: Sequence[Row]) -> Total:
    statuses: dict[str, int] = {}
    for row in rows:
        statuses[row.status] = statuses.get(row.status, 0) + 1
    return Total(len(rows), sum(row.amount_minor for row in rows), dict(sorted(statuses.items())))


def first_difference(theirs: Sequence[Row], ours: Sequence[Row]) -> str | None:
    """The id of the first row, in order of id, in which two sorted lists differ; found by halving, by checksums.

    Only the checksums of halves are compared, so that systems far apart need not exchange their rows.
    """
    left, right = ([f"{r.id}\x1f{r.amount_minor}" for r in rows] for rows in (theirs, ours))
    low, high = 0, max(len(left), len(right))
    if _checksum(left) == _checksum(right):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _checksum(left[:middle]) == _checksum(right[:middle]):
            low = middle
        else:
            high = middle
    ids = [rows[low].split("\x1f")[0] for rows in (left, right) if low < len(rows)]
    return min(ids)


def _checksum(rows: Sequence[str]) -> bytes:
    return hashlib.sha256("\x1e".join([str(len(rows)), *rows]).encode()).digest()
