"""Writes and reads the journal. Entries are inserted set-based and checked by the database; nothing is updated."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
import psycopg
from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.ledger.check import check
from tieout.ledger.refusal import refusal
from tieout.model.account import Account
from tieout.model.balance import Balance
from tieout.model.entry import Entry, EntryDraft, Line, content_hash
from tieout.model.error import Conflict

_SQL = Queries("tieout.ledger")


class Posted(Struct, frozen=True):
    """What became of one draft: its entry, and whether it was there already."""

    key: str
    entry_id: int
    repeated: bool


def post(
    connection: Connection, ledger_id: int, drafts: Sequence[EntryDraft], accounts: Mapping[str, Account]
) -> list[Posted]:
    """Posts entries, all or none, in the caller's unit of work. The same key and content again is a repeat.

    Raises Conflict for a known key with other content, naming both, and PostingRefused for anything the ledger does
    not take: unbalanced, fewer than two lines, an account that does not take the line, closed period, 64 bits, a
    guarded account overdrawn, an entry reversed before.
    """
    if not drafts:
        return []
    check(drafts, accounts)
    hashes = {draft.key: content_hash(draft) for draft in drafts}
    if len(hashes) != len(drafts):
        raise Conflict("Two entries of one call have the same key", remedy="Send each fact once.")
    connection.execute(_SQL.share_books, {"ledger": ledger_id})
    columns = _heads(ledger_id, drafts, hashes) | _lines(drafts, accounts)
    try:
        new = {key: number for number, key in connection.execute(_SQL.insert_entries, columns)}
    except psycopg.errors.UniqueViolation as error:
        found = re.search(r"\d+\)$", (error.diag.message_detail or "").removesuffix(" already exists."))
        name = f"ent_{found[0][:-1]}" if found else "An entry"
        raise Conflict(
            f"{name} has been reversed already, and is reversed only once",
            where=name,
            remedy="Look at the entry that reversed it; if that was wrong, reverse that one.",
        ) from error
    except (psycopg.IntegrityError, psycopg.DataError) as error:
        said = error.diag
        message = said.message_primary or str(error)
        raise refusal(message, said.constraint_name or "", said.message_detail or "") from error
    return _outcomes(connection, ledger_id, hashes, new)


def _outcomes(connection: Connection, ledger_id: int, hashes: dict[str, bytes], new: dict[str, int]) -> list[Posted]:
    repeated = [key for key in hashes if key not in new]
    known = {
        key: (number, known_hash)
        for number, key, known_hash in connection.execute(_SQL.entries_by_key, {"ledger": ledger_id, "keys": repeated})
    }
    for key in repeated:
        number, known_hash = known[key]
        if bytes(known_hash) != hashes[key]:
            raise Conflict(
                f"“{key}” is already posted as ent_{number} with other content"
                f" ({bytes(known_hash).hex()[:12]} there, {hashes[key].hex()[:12]} here)",
                where=f"ent_{number}",
                remedy="Reverse the posted entry and post the correction under a key of its own.",
            )
    return [Posted(k, new[k], False) if k in new else Posted(k, known[k][0], True) for k in hashes]


def _heads(ledger_id: int, drafts: Sequence[EntryDraft], hashes: Mapping[str, bytes]) -> dict[str, Any]:
    return {
        "ledger": ledger_id,
        "days": [d.effective_date for d in drafts],
        "times": [d.occurred_at for d in drafts],
        "counts": [len(d.lines) for d in drafts],
        "keys": [d.key for d in drafts],
        "hashes": [hashes[d.key] for d in drafts],
        "events": [d.event_id for d in drafts],
        "rules": [d.rule_id for d in drafts],
        "versions": [d.rule_version for d in drafts],
        "whys": [d.why for d in drafts],
        "memos": [d.memo for d in drafts],
        "rates": [d.rate for d in drafts],
        "reverses": [d.reverses_id for d in drafts],
        "actors": [d.actor for d in drafts],
        "lates": [d.late for d in drafts],
    }


def _lines(drafts: Sequence[EntryDraft], accounts: Mapping[str, Account]) -> dict[str, Any]:
    rows = [
        (place, number, line)
        for place, draft in enumerate(drafts, start=1)
        for number, line in enumerate(draft.lines, start=1)
    ]
    return {
        "places": [r[0] for r in rows],
        "numbers": [r[1] for r in rows],
        "accounts": [accounts[r[2].account].id for r in rows],
        "currencies": [r[2].currency for r in rows],
        "amounts": [r[2].amount_minor for r in rows],
        "bases": [r[2].base_minor for r in rows],
        "parties": [r[2].party for r in rows],
        "items": [r[2].item for r in rows],
        "dims": [msgspec.json.encode(r[2].dimensions).decode() if r[2].dimensions else None for r in rows],
    }


def entries(connection: Connection, ledger_id: int, ids: Sequence[int]) -> list[Entry]:
    """The entries with these numbers and all their lines, in order of number."""
    columns = {"ledger": ledger_id, "ids": list(ids)}
    lines: dict[int, list[Line]] = {}
    for entry_id, code, currency, amount, base, party, item, dim in connection.execute(_SQL.entry_lines, columns):
        lines.setdefault(entry_id, []).append(Line(code, currency, amount, base, party, item, dim))
    return [_entry(row, tuple(lines[row[0]])) for row in connection.execute(_SQL.entry_heads, columns)]


def _entry(row: tuple[Any, ...], lines: tuple[Line, ...]) -> Entry:
    draft = EntryDraft(
        key=row[1],
        effective_date=row[2],
        occurred_at=row[3],
        lines=lines,
        memo=row[4],
        rule_id=row[5],
        rule_version=row[6],
        why=row[7],
        event_id=row[8],
        reverses_id=row[9],
        actor=row[10],
        late=row[11],
        rate=row[12],
    )
    return Entry(row[0], draft, row[13], bytes(row[14]))


def page(connection: Connection, ledger_id: int, filters: Mapping[str, Any], limit: int) -> list[Entry]:
    """The newest entries that fit the filters (before, since, until, late, account, currency, party, text)."""
    wanted = dict.fromkeys(("before", "since", "until", "late", "account", "currency", "party", "text"))
    unknown = filters.keys() - wanted.keys()
    assert not unknown, f"unknown filters {unknown}"
    ids = [
        row[0]
        for row in connection.execute(_SQL.entry_page, {"ledger": ledger_id, "limit": limit, **wanted, **filters})
    ]
    return entries(connection, ledger_id, ids)[::-1]


def walk(connection: Connection, ledger_id: int, until: date, batch: int = 2000) -> Iterator[Entry]:
    """All entries up to and including a day, in order of number, without holding them all in memory."""
    after = 0
    while True:
        columns = {"ledger": ledger_id, "until": until, "after": after, "limit": batch}
        ids = [row[0] for row in connection.execute(_SQL.entry_ids_until, columns)]
        if not ids:
            return
        yield from entries(connection, ledger_id, ids)
        after = ids[-1]


def balances(
    connection: Connection, ledger_id: int, *, until: date | None = None, accounts: Sequence[str] | None = None
) -> list[Balance]:
    """Balance per account and currency at the end of a day: the fold of the lines."""
    columns = {"ledger": ledger_id, "until": until, "accounts": None if accounts is None else list(accounts)}
    rows = connection.execute(_SQL.balances, columns)
    return [Balance(code, currency, int(amount), int(base), until) for code, currency, amount, base in rows]


def ledger_hash(connection: Connection, ledger_id: int) -> str:
    """One hash for all the books: independent of the order in which anything arrived."""
    digest = hashlib.sha256(b"tieout-ledger-1")
    for key, known_hash in connection.execute(_SQL.hash_rows, {"ledger": ledger_id}):
        digest.update(len(key.encode()).to_bytes(4) + key.encode() + bytes(known_hash))
    return digest.hexdigest()


def count(connection: Connection, ledger_id: int) -> tuple[int, int]:
    """(entries, lines) in the books."""
    row = connection.execute(_SQL.count_entries, {"ledger": ledger_id}).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def of_events(connection: Connection, ledger_id: int, ids: Sequence[int]) -> list[tuple[int, int]]:
    """(event, entry) of the entries these events were booked as."""
    rows = connection.execute(_SQL.entries_of_events, {"ledger": ledger_id, "ids": list(ids)})
    return [(row[0], row[1]) for row in rows]


def sums_by_role(connection: Connection, ledger_id: int, since: date, until: date) -> list[tuple[str, str, int]]:
    """(role, currency, minor units) moved between two days, both included."""
    columns = {"ledger": ledger_id, "since": since, "until": until}
    return [(row[0], row[1], int(row[2])) for row in connection.execute(_SQL.sums_by_role, columns)]
