"""Verification: works every hash, sum and projection of the ledger out again and says what is not as it was.

The work is done where the rows are: the database builds the text of each entry anew, hashes it and answers with what
does not fit, a stretch of entries at a time. What is compared with seals comes out as pages of hashes; trees and the
chain are worked out here. So memory is flat however long the journal is. All of it sees the books as of one moment and
takes no lock. Nothing the database keeps as a function of its own is trusted with a hash.
"""

import itertools
import queue
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.ledger import chain, guard, seal
from tieout.ledger.chain import Links
from tieout.ledger.pace import Pace
from tieout.model.ids import IdKind, public_id
from tieout.model.money import display
from tieout.model.seal import Flaw

_SQL = Queries("tieout.ledger", "verify.sql")
_T = TypeVar("_T")
Task = Callable[[Connection], _T]
Told = Callable[[int], None]
#: Entries looked at by one statement.
STRETCH = 10_000
#: Flaws named; a thousand more of the same kind help nobody.
FLAWS_MAX = 100
_CONTENT = {
    "no_header": "has lines without an entry they belong to",
    "no_lines": "has no lines",
    "line_count": "does not have the lines it says it has",
    "balance": "does not balance",
    "day": "has a line on another day than its own",
    "layer": "has a line on a layer that nothing posts to",
    "event": "comes from an event that is not there",
    "content": "is not what was posted: its hash is another",
}
#: Tables that refuse to be changed; that they do is a part of what a verification vouches for.
GUARDED = (
    "entry", "line", "entry_link", "seal_block", "seal_page", "seal_account", "seal_certificate",
    "seal_anchor", "close_certificate", "event", "match", "allocation", "audit_log",
)  # fmt: skip


class Range(Struct, frozen=True):
    """Entries with numbers above `after`, up to `upto`; how many there are."""

    after: int
    upto: int
    n: int


def share_moment(connections: Sequence[Connection]) -> None:
    """Lets units of work that have just begun see the books as of one and the same moment."""
    first, *others = connections
    first.execute(_SQL.one_moment)
    ((name,),) = first.execute(_SQL.export_snapshot).fetchall()
    for other in others:
        other.execute(_SQL.one_moment)
        other.execute(f"set transaction snapshot '{name}'".encode())
    for connection in connections:
        connection.execute(_SQL.unit)


def spread(connections: Sequence[Connection], tasks: Iterable[Task[_T]]) -> Iterator[_T]:
    """Does tasks on several connections at once and yields what they return, in their order; few wait at a time.

    Each connection gives way to posting between its tasks.
    """
    free: queue.SimpleQueue[tuple[Connection, Pace]] = queue.SimpleQueue()
    for connection in connections:
        free.put((connection, Pace(connection)))

    def do(task: Task[_T]) -> _T:
        connection, pace = free.get()
        try:
            pace.begin()
            found = task(connection)
            pace.rest()
        finally:
            free.put((connection, pace))
        return found

    with ThreadPoolExecutor(len(connections), "verify") as crew:
        under_way: deque[Future[_T]] = deque()
        for task in tasks:
            under_way.append(crew.submit(do, task))
            if len(under_way) > 2 * len(connections):
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()


def ranges(connection: Connection, ledger_id: int) -> Iterator[Range]:
    """All numbers of entries, some ten thousand entries at a time; the last range has no end."""
    after = 0
    while True:
        columns = {"ledger": ledger_id, "after": after, "limit": STRETCH}
        ((upto, n),) = connection.execute(_SQL.next_range, columns).fetchall()
        if n < STRETCH:
            yield Range(after, seal.ID_MAX, n)
            return
        yield Range(after, upto, n)
        after = upto


# ── Entries ───────────────────────────────────────────────────────────────────────────────────────────────────────


def content(connection: Connection, ledger_id: int, some: Range) -> list[Flaw]:
    """Entries that are not what they were when they were posted, or that should never have been."""
    columns = {"ledger": ledger_id, "after": some.after, "upto": some.upto, "limit": FLAWS_MAX}
    return [entry_flaw(number, _CONTENT[why]) for number, why in connection.execute(_SQL.content, columns)]


def entry_flaw(number: int, what: str) -> Flaw:
    """A flaw of an entry; the first entry comes first."""
    return Flaw(public_id(IdKind.ENTRY, number), what, (0, number))


def once_and_told(connection: Connection, ledger_id: int) -> list[Flaw]:
    """Entries reversed twice, and events without the entry they were booked as."""
    columns = {"ledger": ledger_id, "limit": FLAWS_MAX}
    twice = connection.execute(_SQL.reversed_twice, columns).fetchall()
    unbooked = connection.execute(_SQL.unbooked, columns).fetchall()
    flaws = [entry_flaw(number, "reverses what another has reversed") for (number,) in twice]
    for (number,) in unbooked:
        flaws.append(Flaw(public_id(IdKind.EVENT, number), "is booked, and its entry is not there", (2, number)))
    return flaws


def guards(connection: Connection) -> list[Flaw]:
    """Tables that are no longer guarded against change."""
    rows = connection.execute(_SQL.guards, {"tables": list(GUARDED)}).fetchall()
    off = "would take a change: its guard is gone"
    return [Flaw(table, off if gone else f"has its trigger {name} switched off", (6, 0)) for table, name, gone in rows]


def guarded(connection: Connection, ledger_id: int) -> list[Flaw]:
    """Guarded balances that are not what their lines come to."""
    flaws = []
    for found in guard.astray(connection, ledger_id) if guard.is_any(connection, ledger_id) else ():
        of = f" of {found.party}" if found.party else ""
        kept, due = (_money(str(minor), found.currency) for minor in (found.balance_minor, found.other_minor))
        flaws.append(Flaw(f"account {found.account}", f"its guard{of} goes by {kept}, the lines come to {due}", (4, 0)))
    return flaws


# ── Projections ───────────────────────────────────────────────────────────────────────────────────────────────────


class Weights(Struct, frozen=True):
    """What this verification weighs the days with, and how far they follow the journal: a snapshot."""

    columns: Mapping[str, Any]
    snapshot: str
    restored: int


def weights(connection: Connection, ledger_id: int) -> Weights | None:
    """New weights; None if nothing was ever rolled up."""
    row = connection.execute(_SQL.cursor, {"ledger": ledger_id}).fetchone()
    if row is None:
        return None
    names = ("debit", "credit", "base_debit", "base_credit", "n")
    columns = {"seed": secrets.randbits(63), **{name: secrets.randbits(62) + 1 for name in names}}
    return Weights({"ledger": ledger_id, "snapshot": row[0], "restored": row[1], **columns}, row[0], row[1])


def moved(connection: Connection, drawn: Weights, some: Range) -> int:
    """The weighted sum of what moved per day, worked out from the lines of some entries."""
    columns = {**drawn.columns, "after": some.after, "upto": some.upto}
    return int(connection.execute(_SQL.moved, columns).fetchall()[0][0])


def days(connection: Connection, drawn: Weights, from_lines: int) -> list[Flaw]:
    """Days that are not what their lines come to, and checkpoints and months that are not the sum of their days."""
    flaws = []
    columns = {**drawn.columns, "limit": FLAWS_MAX}
    if int(connection.execute(_SQL.projected, columns).fetchall()[0][0]) != from_lines:
        for row in connection.execute(_SQL.wrong_days, columns):
            code, number, currency, day, facet, value, lines, shown = row
            of = f" of {facet} {value}" if facet else ""
            what = f"{day}{of}: the lines come to {_money(lines, currency)}, the day says {_money(shown, currency)}"
            flaws.append(Flaw(f"account {code or number}", what, (4, day.toordinal())))
        if not flaws:
            flaws.append(Flaw("projections", "the days do not add up to the lines", (4, 0)))
    for code, number, currency, day, summed, shown in connection.execute(_SQL.wrong_checkpoints, columns):
        due, kept = _money(summed, currency), _money(shown, currency)
        what = f"at the end of {day} its days come to {due}, the checkpoint says {kept}"
        flaws.append(Flaw(f"account {code or number}", what, (4, day.toordinal())))
    for code, number, currency, month, summed, shown in connection.execute(_SQL.wrong_months, columns):
        due, kept = _money(summed, currency), _money(shown, currency)
        what = f"the days of {month:%Y-%m} come to {due}, the month says {kept}"
        flaws.append(Flaw(f"account {code or number}", what, (5, month.toordinal())))
    return flaws


def _money(minor: str | None, currency: str) -> str:
    return "nothing" if minor is None else f"{display(int(minor), currency)} {currency}"


# ── Seals ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def seals(connection: Connection, ledger_id: int) -> tuple[Links, Iterator[Task[chain.Stretched]]]:
    """The chain as it is recorded, to be followed as the tasks, in their order, find what the blocks cover."""
    return Links(connection, ledger_id), chain.stretches(connection, ledger_id)


def entries(connection: Connection, ledger_id: int) -> int:
    """How many entries there are."""
    return int(connection.execute(_SQL.entries, {"ledger": ledger_id}).fetchall()[0][0])


def unsealed(connection: Connection, ledger_id: int, links: Links) -> tuple[int, int, list[Flaw]]:
    """How many entries are not sealed yet, all lines, and whether sealed and unsealed lines are all lines there are."""
    last = links.last
    columns = {"ledger": ledger_id, "from": str(last.to_xid if last else 0), "floor": links.floor}
    ((n, future),) = connection.execute(_SQL.tail, columns).fetchall()
    flaws = [] if future is None else [entry_flaw(future, "says it was posted by a unit of work that has not begun")]
    everything = connection.execute(_SQL.sums, {**columns, "from": None}).fetchall()
    since = connection.execute(_SQL.sums, columns).fetchall()
    debits = seal.added(last.debits_upto if last else {}, {row[0]: int(row[1]) for row in since})
    lines = (last.lines_upto if last else 0) + sum(row[2] for row in since)
    if last is not None and seal.cluster(connection) != last.cluster:
        flaws.append(Flaw("seals", "these books were restored from a dump; run `tieout seal`, then verify", (-2, 0)))
    if lines != sum(row[2] for row in everything):
        flaws.append(Flaw("seals", "the lines that are sealed and those that are not are not all lines", (1, 0)))
    if {k: v for k, v in debits.items() if v} != {row[0]: int(row[1]) for row in everything if int(row[1])}:
        flaws.append(Flaw("seals", "the debits that are sealed and those that are not are not all debits", (1, 0)))
    return n, sum(row[2] for row in everything), flaws


def chained(*lists: Iterable[Flaw]) -> tuple[Flaw, ...]:
    """Flaws in their order, the first so many."""
    return tuple(sorted(itertools.chain(*lists), key=lambda flaw: flaw.order)[:FLAWS_MAX])
