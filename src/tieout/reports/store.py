"""Reads the journal for handing it over: in the order of its days, one picture of it, never all of it in memory."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.ledger import link
from tieout.ledger import store as ledger
from tieout.model.entry import LinkKind
from tieout.reports.journal import CurrencyTotal, JournalEntry, Totals

_SQL = Queries("tieout.reports")
_BATCH = 2000


def hold_still(connection: Connection) -> None:
    """What this unit of work reads is the books at one moment, whatever is posted meanwhile. It comes first in it."""
    connection.execute(_SQL.hold_still)


def journal(connection: Connection, ledger_id: int, first: date, last: date) -> Iterator[JournalEntry]:
    """The entries of these days, both included, by day and number. The server keeps their order, we a batch of them."""
    days = {"ledger": ledger_id, "first": first, "last": last}
    with connection.cursor("journal") as order:
        order.execute(_SQL.entry_order, days)
        while rows := order.fetchmany(_BATCH):
            yield from _batch(connection, ledger_id, [row[0] for row in rows])


def _batch(connection: Connection, ledger_id: int, ids: Sequence[int]) -> Iterator[JournalEntry]:
    found = {entry.id: entry for entry in ledger.entries(connection, ledger_id, ids)}
    made = {(k.entry_id, k.kind): k.of_entry_id for k in link.links(connection, ledger_id, ids) if k.entry_id in found}
    columns = {"ledger": ledger_id, "ids": list(set(made.values()))}
    keys: Mapping[int | None, str] = dict(connection.execute(_SQL.keys, columns)) if made else {}
    kinds = (LinkKind.REVERSES, LinkKind.REVERSES_PART, LinkKind.REPLACES)
    for number in ids:
        yield JournalEntry(found[number], *(keys.get(made.get((number, kind))) for kind in kinds))


def first_days(connection: Connection, ledger_id: int, first: date, last: date) -> dict[str, date]:
    """Account -> the first of these days on which it has a line."""
    return dict(connection.execute(_SQL.first_days, {"ledger": ledger_id, "first": first, "last": last}))


def last_day(connection: Connection, ledger_id: int) -> date | None:
    """The last day of the books that has an entry."""
    row = connection.execute(_SQL.last_day, {"ledger": ledger_id}).fetchone()
    return None if row is None else row[0]


def totals(connection: Connection, ledger_id: int, first: date, last: date) -> Totals:
    """What the lines of these days add up to: by the database, whatever else is made of them."""
    days = {"ledger": ledger_id, "first": first, "last": last}
    rows = connection.execute(_SQL.totals, days).fetchall()
    count = connection.execute(_SQL.entry_count, days).fetchone()
    assert count is not None
    currencies = tuple(CurrencyTotal(row[0], *(int(figure) for figure in row[1:])) for row in rows)
    return Totals(count[0], sum(total.lines for total in currencies), currencies)


def seal_head(connection: Connection, ledger_id: int) -> tuple[int, bytes] | None:
    """Number and hash of the newest block of seals, if the books are sealed."""
    row = connection.execute(_SQL.seal_head, {"ledger": ledger_id}).fetchone()
    return None if row is None else (row[0], bytes(row[1]))


def numbers(connection: Connection, ledger_id: int, keys: Sequence[str]) -> dict[str, int]:
    """Key -> number of the entries that have these keys."""
    return dict(connection.execute(_SQL.numbers, {"ledger": ledger_id, "keys": list(keys)}))
