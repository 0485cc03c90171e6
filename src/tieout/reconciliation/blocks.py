"""What a run has to look at: what came or changed, and whatever shares a key with it. The rest is left as it is.

Keys are names on an account, payouts that list a line, and references. What is tied by a match that a person stands by
is never looked at again; what a run tied, because it was the only way, is looked at again if something comes near it.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.error import ResolutionRefused
from tieout.model.match import Allocation

_SQL = Queries("tieout.reconciliation", "blocks.sql")


class News(Struct, frozen=True):
    """Numbers of the items and events in the queue."""

    items: frozenset[int]
    events: frozenset[int]


class Loose(Struct, frozen=True):
    """A match that a run made and may look at again: what its pass found, and what a write-off added to it."""

    id: int
    pass_id: str
    key: str
    found: tuple[Allocation, ...]
    written_off: tuple[Allocation, ...] = ()

    @property
    def items(self) -> frozenset[int]:
        """The items it holds."""
        return frozenset(a.item_id for a in (*self.found, *self.written_off))


def news(connection: Connection, ledger_id: int) -> News:
    """What came or changed since the last run."""
    row = connection.execute(_SQL.dirty, {"ledger": ledger_id}).fetchone()
    assert row is not None
    return News(frozenset(row[0]), frozenset(row[1]))


def of_events(connection: Connection, ledger_id: int, events: Iterable[int]) -> frozenset[int]:
    """The items that news of payouts is about."""
    rows = connection.execute(_SQL.items_of_events, {"ledger": ledger_id, "events": list(events)})
    return frozenset(row[0] for row in rows)


def around(connection: Connection, ledger_id: int, items: Iterable[int], passes: Sequence[str]) -> frozenset[int]:
    """These items and all that share a key with them, or with those that do, and so on."""
    known: set[int] = set()
    frontier = set(items)
    while frontier:
        known |= frontier
        columns = {"ledger": ledger_id, "ids": list(frontier), "passes": list(passes)}
        frontier = {row[0] for row in connection.execute(_SQL.neighbours, columns)} - known
    return frozenset(known)


def loose(
    connection: Connection, ledger_id: int, passes: Sequence[str], items: Iterable[int] | None = None
) -> list[Loose]:
    """Matches of these passes that may be looked at again: all of them, or those that hold one of these items."""
    columns = {"ledger": ledger_id, "passes": list(passes), "items": None if items is None else list(items)}
    kept: dict[int, tuple[str, str, list[Allocation], list[Allocation]]] = {}
    for match, pass_id, key, item, amount, written_off in connection.execute(_SQL.loose, columns):
        known = kept.setdefault(match, (pass_id, key, [], []))
        (known[3] if written_off else known[2]).append(Allocation(item, amount))
    return [Loose(match, p, key, tuple(found), tuple(off)) for match, (p, key, found, off) in kept.items()]


def put_clues(connection: Connection, ledger_id: int, items: Sequence[int], clues: Iterable[tuple[int, str]]) -> None:
    """Keeps the normalised references these items go by, in the place of those they had."""
    connection.execute(_SQL.drop_clues, {"ledger": ledger_id, "items": list(items)})
    known = sorted(set(clues))
    columns = {"ledger": ledger_id, "refs": [ref for _, ref in known], "items": [item for item, _ in known]}
    connection.execute(_SQL.put_clues, columns)


def settled_siblings(connection: Connection, ledger_id: int, items: Sequence[int]) -> list[int]:
    """Items that are tied and carry the name of one of these open ones, on its account and in its currency."""
    rows = connection.execute(_SQL.settled_siblings, {"ledger": ledger_id, "ids": list(items)})
    return sorted(row[0] for row in rows)


def clean(connection: Connection, ledger_id: int, done: News, seen: Iterable[int], kept: Iterable[int]) -> None:
    """Empties the queue of what a run has read and of what it tied itself, but keeps what it must see again."""
    again = set(kept)
    items = sorted((done.items | set(seen)) - again)
    connection.execute(_SQL.clean_items, {"ledger": ledger_id, "items": items})
    connection.execute(_SQL.clean_events, {"ledger": ledger_id, "events": list(done.events)})
    connection.execute(_SQL.mark_items, {"ledger": ledger_id, "items": sorted(again)})


def confirm(connection: Connection, ledger_id: int, match_id: int, why: str, actor: str) -> None:
    """Stands by a match, so that no run looks at it again. Raises ResolutionRefused if that cannot be said of it."""
    columns = {"ledger": ledger_id, "id": match_id, "why": why, "actor": actor}
    if connection.execute(_SQL.confirm, columns).fetchone() is None:
        raise ResolutionRefused(
            f"mat_{match_id} does not exist, is confirmed already, is a reversal, or has been taken back",
            where=f"mat_{match_id}",
            remedy="Look at its history.",
        )
