"""The roll-up: follows the journal with one cursor and keeps what moved per day, and checkpoints where periods close.

The cursor is a snapshot: what it sees is in the projections, what it does not see is not, and no entry is between.
Only the roll-up writes here, one at a time, and its cursor moves in the same unit of work as its rows. A balance is
read as projections plus whatever the cursor does not see yet (`balance.py`), so it is right however far behind this is.
"""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.ledger.pace import Pace

_SQL = Queries("tieout.ledger", "projection.sql")
#: Entries fed in one unit of work: about a second of work, so that nobody waits long for what it holds.
ENTRIES_MAX = 50_000
#: Entries fed at a time by a rebuild, which gives way to posters after each.
STRETCH = 20_000


class RolledUp(Struct, frozen=True):
    """What a roll-up did: entries and lines fed, checkpoints written, and whether it was all there was to do."""

    entries: int = 0
    lines: int = 0
    checkpoints: int = 0
    done: bool = True


def roll_up(connection: Connection, ledger_id: int, limit: int = ENTRIES_MAX) -> RolledUp:
    """Feeds what was posted since the last time, about `limit` entries of it, and keeps the checkpoints of periods.

    Does nothing if another unit of work is at it. Never waits for a poster, and no poster waits for it.
    """
    ours = _row(connection.execute(_SQL.try_turn, {"ledger": ledger_id}))[0]
    return _step(connection, ledger_id, limit) if ours else RolledUp()


def rebuild(connection: Connection, ledger_id: int, told: Callable[[int, int], None] = lambda _done, _all: None) -> int:
    """Forgets the projections and derives them anew from the journal; returns how many lines there were.

    In one unit of work: until it commits, balances are read from what was there before. Posters are not held up, and
    given way to.
    `told` hears how many entries of how many have been fed.
    """
    connection.execute(_SQL.take_turn, {"ledger": ledger_id})
    _cursor(connection, ledger_id)
    connection.execute(_SQL.forget, {"ledger": ledger_id})
    there = _row(connection.execute(_SQL.entries_there, {"ledger": ledger_id}))[0]
    entries = lines = 0
    done = False
    pace = Pace(connection)
    while not done:
        step = _step(connection, ledger_id, STRETCH)
        entries, lines, done = entries + step.entries, lines + step.lines, step.done
        told(entries, max(there, entries))
        pace.rest()
    return lines


class _Cursor(Struct, frozen=True):
    """Where the projections are and how far they could go now, as snapshots; `ours` is false after a restore."""

    upto: str
    now: str
    restored: int
    ours: bool


def _step(connection: Connection, ledger_id: int, limit: int) -> RolledUp:
    cursor = _cursor(connection, ledger_id)
    if not cursor.ours:
        cursor = _adopt(connection, ledger_id)
    columns = {"ledger": ledger_id, "after": cursor.upto, "now": cursor.now, "restored": cursor.restored}
    stop = _row(connection.execute(_SQL.next_stop, columns | {"limit": limit}))[0]
    columns |= {"upto": stop, "under_way": [number for number in cursor.upto.split(":")[2].split(",") if number]}
    entries, lines = _row(connection.execute(_SQL.feed, columns))
    done = stop == cursor.now
    return RolledUp(entries, lines, _checkpoints(connection, ledger_id) if done else 0, done)


def _cursor(connection: Connection, ledger_id: int) -> _Cursor:
    columns = {"ledger": ledger_id}
    row = connection.execute(_SQL.cursor, columns).fetchone()
    if row is None:
        connection.execute(_SQL.open_cursor, columns)
        row = _row(connection.execute(_SQL.cursor, columns))
    return _Cursor(*row)


def _adopt(connection: Connection, ledger_id: int) -> _Cursor:
    """Begins anew with what was restored from a dump. Posters wait until this unit of work ends, once.

    Entries of before keep numbers of units of work that mean nothing here, so they are fed by their own numbers; that
    none of those is under way is certain only while the books are taken.
    """
    connection.execute(_SQL.take_books, {"ledger": ledger_id})
    connection.execute(_SQL.forget, {"ledger": ledger_id})
    connection.execute(_SQL.adopt, {"ledger": ledger_id})
    return _cursor(connection, ledger_id)


def _checkpoints(connection: Connection, ledger_id: int) -> int:
    """Writes the checkpoints of periods that have closed and drops those of periods opened again."""
    connection.execute(_SQL.drop_checkpoints, {"ledger": ledger_id})
    days = [row[0] for row in connection.execute(_SQL.missing_checkpoints, {"ledger": ledger_id})]
    for day in days:
        connection.execute(_SQL.add_checkpoint, {"ledger": ledger_id, "day": day})
    return len(days)


def _row(cursor: Any) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = cursor.fetchone()
    assert row is not None
    return row
