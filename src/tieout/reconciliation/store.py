"""Keeps open items, runs and matches, and reads the proof. Items and names are projections; matches only grow."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
import psycopg
from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.error import ResolutionRefused
from tieout.model.match import Allocation, Making, Match, MatchDraft, NamedItem, Naming, OpenItem, Rejected
from tieout.model.proof import ProofLine

_SQL = Queries("tieout.reconciliation")
_BY_HAND = Making()


class ItemRow(Struct, frozen=True):
    """An open item with what matching and naming need to know about it."""

    item: OpenItem
    account_id: int
    role: str
    scope: str
    kind: str
    facts: Mapping[str, str]
    references: tuple[str, ...] = ()


class Run(Struct, frozen=True):
    """One run as recorded."""

    id: int
    as_of: date
    finished_at: datetime
    engine: str
    engine_version: str
    rules_hash: str
    result_hash: str
    items: int
    matches: int
    rules_version: int = 0
    whole: bool = True
    looked_at: int = 0


class Statement(Struct, frozen=True):
    """A bank statement's frame: decimal text of opening and closing balance, as the bank gave them."""

    source: str
    facts: Mapping[str, str]
    at: datetime
    event_id: int = 0


def project(connection: Connection, ledger_id: int) -> int:
    """Brings the open items up to the newest entry; returns how many are new.

    Takes the books for the moment it lasts, so that no entry that commits late is ever passed over. To be called in
    a unit of work of its own, for posters wait meanwhile.
    """
    connection.execute(_SQL.take_books, {"ledger": ledger_id})
    row = connection.execute(_SQL.next_entries, {"ledger": ledger_id}).fetchone()
    assert row is not None
    return _project_between(connection, ledger_id, row[0], row[1], move=True)


def take_turn(connection: Connection, ledger_id: int) -> None:
    """Waits for the run or decision under way and keeps others waiting until this unit of work ends.

    To be called before anything else is locked.
    """
    connection.execute(_SQL.take_turn, {"ledger": ledger_id})


def _project_between(connection: Connection, ledger_id: int, after: int, upto: int, *, move: bool) -> int:
    columns = {"ledger": ledger_id, "from": after, "to": upto}
    new = connection.execute(_SQL.project_items, columns).rowcount
    if move:
        connection.execute(_SQL.move_cursor, columns)
    return new


def open_items(
    connection: Connection, ledger_id: int, *, ids: Sequence[int] | None = None, account: str | None = None,
    currency: str | None = None, closed_too: bool = False,
) -> list[ItemRow]:  # fmt: skip
    """Items that are still open (or all), by number, account or currency."""
    columns = {
        "ledger": ledger_id,
        "ids": None if ids is None else list(ids),
        "account": account,
        "currency": currency,
        "all": closed_too,
    }
    found = []
    for row in connection.execute(_SQL.open_items, columns):
        item = OpenItem(row[0], row[2], *row[5:14])
        found.append(ItemRow(item, row[1], row[3], row[4], row[14], row[15], tuple(row[16])))
    return found


def parts(connection: Connection, ledger_id: int) -> list[tuple[str, str]]:
    """(line, payout) pairs the gateways list."""
    return [(row[0], row[1]) for row in connection.execute(_SQL.parts, {"ledger": ledger_id})]


def composed(connection: Connection, ledger_id: int) -> set[str]:
    """Payouts whose list of lines has arrived."""
    return {row[0] for row in connection.execute(_SQL.composed, {"ledger": ledger_id})}


def clues_of_payouts(connection: Connection, ledger_id: int, payouts: Sequence[str]) -> list[tuple[str, str]]:
    """(payout, reference) for every name a payout goes by."""
    columns = {"ledger": ledger_id, "payouts": list(payouts)}
    return [(row[0], row[1]) for row in connection.execute(_SQL.clues_of_payouts, columns)]


def clues_of_events(connection: Connection, ledger_id: int, events: Sequence[int]) -> list[tuple[int, str]]:
    """(event, reference) for the references found in bank lines."""
    columns = {"ledger": ledger_id, "events": list(events)}
    return [(row[0], row[1]) for row in connection.execute(_SQL.clues_of_events, columns)]


def arrival_dates(connection: Connection, ledger_id: int, payouts: Sequence[str]) -> dict[str, date]:
    """When the gateway expects each payout at the bank, where it said so."""
    rows = connection.execute(_SQL.arrival_dates, {"ledger": ledger_id, "payouts": list(payouts)})
    return {row[0]: date.fromisoformat(row[1]) for row in rows if row[1]}


def credited(connection: Connection, ledger_id: int, items: Sequence[int]) -> dict[int, tuple[str, date]]:
    """For bank lines: the payout they name that another bank line was tied to, and that one's day."""
    rows = connection.execute(_SQL.credited, {"ledger": ledger_id, "items": list(items)})
    return {row[0]: (row[1], row[2]) for row in rows}


def orders_of(connection: Connection, ledger_id: int, names: Sequence[str]) -> dict[str, str]:
    """The order of each charge or refund, where all who speak of it name the same one."""
    return {row[0]: row[1] for row in connection.execute(_SQL.orders_of, {"ledger": ledger_id, "names": list(names)})}


def record_run(connection: Connection, ledger_id: int, columns: Mapping[str, Any]) -> int:
    """Records a run (as_of, started, engine, version, rules, rules_version, result, items, matches, whole, looked_at).

    Returns its number.
    """
    standard = {"rules_version": 0, "whole": True, "looked_at": columns["items"]}
    row = connection.execute(_SQL.insert_run, {"ledger": ledger_id, **standard, **columns}).fetchone()
    assert row is not None
    return int(row[0])


def record_matches(
    connection: Connection, ledger_id: int, drafts: Sequence[tuple[int, MatchDraft]], run_id: int | None, actor: str,
    making: Making = _BY_HAND,
) -> list[int]:  # fmt: skip
    """Records matches (account number, draft) and their allocations; returns their numbers.

    Raises ResolutionRefused if the database finds a match that is off or an item tied twice.
    """
    if not drafts:
        return []
    columns = {
        "ledger": ledger_id,
        "run": run_id,
        "actor": actor,
        "accounts": [account for account, _ in drafts],
        "currencies": [d.currency for _, d in drafts],
        "passes": [d.pass_id for _, d in drafts],
        "versions": [d.pass_version for _, d in drafts],
        "keys": [d.key for _, d in drafts],
        "whys": [d.why for _, d in drafts],
        "evidences": [msgspec.json.encode(d.evidence).decode() for _, d in drafts],
        "rejected": [msgspec.json.encode(d.rejected).decode() for _, d in drafts],
        "entries": [d.entry_id for _, d in drafts],
        **msgspec.structs.asdict(making),
    }
    ids = [row[0] for row in connection.execute(_SQL.insert_matches, columns)]
    rows = [(number, a) for number, (_, d) in zip(ids, drafts, strict=True) for a in d.allocations]
    _insert_allocations(connection, ledger_id, rows)
    return ids


def _insert_allocations(connection: Connection, ledger_id: int, rows: Sequence[tuple[int, Allocation]]) -> None:
    columns = {
        "ledger": ledger_id,
        "matches": [number for number, _ in rows],
        "items": [a.item_id for _, a in rows],
        "amounts": [a.amount_minor for _, a in rows],
    }
    try:
        connection.execute(_SQL.insert_allocations, columns)
    except psycopg.errors.CheckViolation as error:
        raise ResolutionRefused(
            f"These items cannot be tied together: {error.diag.message_primary}",
            where=error.diag.constraint_name or "",
            remedy="The items of a match sum to zero, and each is tied only once.",
        ) from error


def reverse_match(connection: Connection, ledger_id: int, match_id: int, why: str, actor: str) -> int:
    """Takes a match back by a reversing match; its items are open again. Raises ResolutionRefused if that was done."""
    columns = {"ledger": ledger_id, "id": match_id, "why": why, "actor": actor}
    try:
        row = connection.execute(_SQL.insert_reversal, columns).fetchone()
    except psycopg.errors.UniqueViolation:
        row = None
    if row is None:
        raise ResolutionRefused(
            f"mat_{match_id} does not exist, is itself a reversal, or has been taken back already",
            where=f"mat_{match_id}",
            remedy="Look at its history.",
        )
    connection.execute(_SQL.insert_reversed_allocations, {"ledger": ledger_id, "id": match_id, "reversal": row[0]})
    return int(row[0])


class Difference(Struct, frozen=True):
    """What a match leaves on its account in base currency, debit positive, because its items came at several rates.

    For a match that takes another back (`reverses_id`): `undone` says that the entry of the other's difference has been
    reversed already.
    """

    match_id: int
    account: str
    currency: str
    key: str
    base_minor: int
    day: date
    reverses_id: int | None
    why: str
    undone: bool


def differences(connection: Connection, ledger_id: int) -> list[Difference]:
    """The exchange differences of the matches since `move_realised` was last called, in order of match."""
    return [Difference(*row) for row in connection.execute(_SQL.differences, {"ledger": ledger_id})]


def move_realised(connection: Connection, ledger_id: int) -> None:
    """Says that the exchange differences of all matches are in the books. To be called by whoever has the turn."""
    connection.execute(_SQL.move_realised, {"ledger": ledger_id})


def entries_of_matches(connection: Connection, ledger_id: int, matches: Sequence[int]) -> list[tuple[int, int]]:
    """(match, entry) of the exchange differences these matches realised."""
    rows = connection.execute(_SQL.entries_of_matches, {"ledger": ledger_id, "matches": list(matches)})
    return [(row[0], row[1]) for row in rows]


def matches_of_entries(connection: Connection, ledger_id: int, entries: Sequence[int]) -> list[tuple[int, int]]:
    """(match, entry) of those entries that book the exchange difference of a match."""
    rows = connection.execute(_SQL.matches_of_entries, {"ledger": ledger_id, "entries": list(entries)})
    return [(row[0], row[1]) for row in rows]


def taken_back(connection: Connection, ledger_id: int) -> set[frozenset[int]]:
    """The items of every match that was taken back, together."""
    return {frozenset(row[0]) for row in connection.execute(_SQL.taken_back, {"ledger": ledger_id})}


def replace_names(connection: Connection, ledger_id: int, run_id: int, names: Sequence[NamedItem]) -> None:
    """The names of all open items, as this run sees them."""
    connection.execute(_SQL.clear_names, {"ledger": ledger_id})
    columns = {
        "ledger": ledger_id,
        "run": run_id,
        "items": [n.item_id for n in names],
        "namings": [n.naming.value for n in names],
        "labels": [n.label for n in names],
        "dues": [n.due for n in names],
        "cases": [n.case_id for n in names],
    }
    connection.execute(_SQL.insert_names, columns)


def names(connection: Connection, ledger_id: int, ids: Sequence[int]) -> dict[int, NamedItem]:
    """The names of these items, by item number."""
    rows = connection.execute(_SQL.named_items, {"ledger": ledger_id, "ids": list(ids)})
    return {row[0]: NamedItem(row[0], Naming(row[1]), row[2], row[3], row[4]) for row in rows}


def last_run(connection: Connection, ledger_id: int) -> Run | None:
    """The newest run, or None before the first."""
    row = connection.execute(_SQL.last_run, {"ledger": ledger_id}).fetchone()
    return None if row is None else Run(*row)


def run(connection: Connection, ledger_id: int, run_id: int) -> Run | None:
    """The run with this number, or None."""
    row = connection.execute(_SQL.run_by_id, {"ledger": ledger_id, "id": run_id}).fetchone()
    return None if row is None else Run(*row)


def proof_lines(connection: Connection, ledger_id: int, at: date | None = None) -> tuple[ProofLine, ...]:
    """Every clearing account decomposed, now or as of the end of a day; see model/proof.py."""
    return tuple(ProofLine(*row) for row in connection.execute(_SQL.proof_lines, {"ledger": ledger_id, "at": at}))


def statements(connection: Connection, ledger_id: int) -> list[Statement]:
    """All bank statements received, in order per source."""
    return [Statement(*row) for row in connection.execute(_SQL.statements, {"ledger": ledger_id})]


def matches(connection: Connection, ledger_id: int, ids: Sequence[int]) -> list[Match]:
    """The matches with these numbers, with their allocations."""
    columns = {"ledger": ledger_id, "ids": list(ids)}
    allocations: dict[int, list[Allocation]] = {}
    for number, item_id, amount in connection.execute(_SQL.allocations, columns):
        allocations.setdefault(number, []).append(Allocation(item_id, amount))
    found = []
    for row in connection.execute(_SQL.matches_by_id, columns):
        rejected = tuple(msgspec.convert(row[12], list[Rejected]))
        tied = tuple(allocations[row[0]])
        draft = MatchDraft(row[1], row[2], row[3], row[4], row[5], tied, row[6], row[7], rejected, row[16])
        found.append(Match(row[0], draft, row[8], row[9], row[10], row[11], Making(*row[13:16]), row[17], row[18]))
    return found


def match_page(connection: Connection, ledger_id: int, before: int | None, limit: int) -> list[Match]:
    """The newest matches, or those older than `before`."""
    columns = {"ledger": ledger_id, "before": before, "limit": limit}
    ids = [row[0] for row in connection.execute(_SQL.match_page, columns)]
    return matches(connection, ledger_id, ids)[::-1]


def matches_of_items(connection: Connection, ledger_id: int, items: Sequence[int]) -> list[tuple[int, int]]:
    """(match, item) of the matches that tie these items."""
    rows = connection.execute(_SQL.matches_of_items, {"ledger": ledger_id, "items": list(items)})
    return [(row[0], row[1]) for row in rows]


def items_of_entries(connection: Connection, ledger_id: int, entries: Sequence[int]) -> list[tuple[int, int]]:
    """(entry, item) of the open items these entries made."""
    rows = connection.execute(_SQL.items_of_entries, {"ledger": ledger_id, "entries": list(entries)})
    return [(row[0], row[1]) for row in rows]


def project_entry(connection: Connection, ledger_id: int, entry_id: int) -> list[ItemRow]:
    """The open items of one entry of this very unit of work, before the projection reaches it."""
    _project_between(connection, ledger_id, entry_id - 1, entry_id, move=False)
    ids = [item for _, item in items_of_entries(connection, ledger_id, [entry_id])]
    return open_items(connection, ledger_id, ids=ids)
