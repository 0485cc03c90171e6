"""Writes and reads the journal. Entries are inserted set-based and checked by the database; nothing is updated."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, NamedTuple

import psycopg
from msgspec import Struct

from tieout.db.pool import Connection, Cursor
from tieout.db.queries import Queries
from tieout.ledger.balance import balances as balances  # noqa: PLC0414 -- part of what this store offers
from tieout.ledger.check import check
from tieout.ledger.columns import columns
from tieout.ledger.refusal import refusal
from tieout.model.account import Account, Guard
from tieout.model.entry import Entry, EntryDraft, Line, content_hash
from tieout.model.error import BadInput, Conflict, PostingRefused, TieoutError

_SQL = Queries("tieout.ledger")
#: Entries handed over at a time; the next are made ready meanwhile.
_PART = 250


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
    if len({draft.key for draft in drafts}) != len(drafts):
        raise Conflict("Two entries of one call have the same key", remedy="Send each fact once.")
    with _refusals():
        if len(drafts) <= _PART or _guarded(drafts, accounts):
            return _outcomes(connection, ledger_id, _send(connection, ledger_id, drafts, None, accounts))
        return _post_in_parts(connection, ledger_id, drafts, accounts)


def post_each(
    connection: Connection, ledger_id: int, drafts: Sequence[EntryDraft], accounts: Mapping[str, Account]
) -> list[Posted | TieoutError]:
    """Posts every entry that holds, in the caller's unit of work, and says of each other one what is wrong with it.

    Of two with one key the first comes first: the second is a repeat of it or in conflict with it.
    """
    outcomes: dict[int, Posted | TieoutError] = {}
    rounds: list[list[int]] = []
    seen: Counter[str] = Counter()
    for place, draft in enumerate(drafts):
        try:
            check([draft], accounts)
            content_hash(draft)
        except TieoutError as error:
            outcomes[place] = error
        except UnicodeEncodeError:
            outcomes[place] = BadInput(
                "A text has a character that is no Unicode", where=ascii(draft.key), remedy="Leave it out."
            )
        else:
            if seen[draft.key] == len(rounds):
                rounds.append([])
            rounds[seen[draft.key]].append(place)
            seen[draft.key] += 1
    for places in rounds:
        outcomes |= _post_sound(connection, ledger_id, {place: drafts[place] for place in places}, accounts)
    return [outcomes[place] for place in range(len(drafts))]


def _post_sound(
    connection: Connection, ledger_id: int, drafts: Mapping[int, EntryDraft], accounts: Mapping[str, Account]
) -> dict[int, Posted | TieoutError]:
    """Posts all, or, if the database refuses one of them, each half by itself."""
    places = list(drafts)
    try:
        with connection.transaction():
            return dict(zip(places, post(connection, ledger_id, list(drafts.values()), accounts), strict=True))
    except PostingRefused as refused:
        if len(places) == 1:
            return {places[0]: refused}
    middle = len(places) // 2
    found: dict[int, Posted | TieoutError] = {}
    for half in (places[:middle], places[middle:]):
        found |= _post_sound(connection, ledger_id, {place: drafts[place] for place in half}, accounts)
    return found


def _guarded(drafts: Sequence[EntryDraft], accounts: Mapping[str, Account]) -> bool:
    """Whether some line is on a guarded account; those are locked in one order, so all lines must come at once."""
    guarded = {code for code, account in accounts.items() if account.guard is not Guard.NONE}
    return bool(guarded) and any(line.account in guarded for draft in drafts for line in draft.lines)


def _post_in_parts(
    connection: Connection, ledger_id: int, drafts: Sequence[EntryDraft], accounts: Mapping[str, Account]
) -> list[Posted]:
    """While the database is busy with one part, the next is made ready.

    All in the order of their keys, so that two who post the same facts wait for each other instead of for ever; their
    numbers follow the caller's order all the same.
    """
    row = connection.execute(_SQL.reserve_entries, {"n": len(drafts)}, binary=True).fetchone()
    assert row is not None
    ordered = sorted(zip(drafts, row[0], strict=True), key=_key_of)
    with connection.pipeline(), connection.transaction():
        sent = [
            _send(connection, ledger_id, [d for d, _ in part], [number for _, number in part], accounts)
            for part in (ordered[first : first + _PART] for first in range(0, len(ordered), _PART))
        ]
    posted = {one.key: one for part in sent for one in _outcomes(connection, ledger_id, part)}
    return [posted[draft.key] for draft in drafts]


def _key_of(numbered: tuple[EntryDraft, int]) -> str:
    return numbered[0].key


class _Sent(NamedTuple):
    """Entries handed over, and where the answer will be."""

    drafts: Sequence[EntryDraft]
    hashes: Sequence[bytes]
    answer: Cursor


def _send(
    connection: Connection,
    ledger_id: int,
    drafts: Sequence[EntryDraft],
    numbers: Sequence[int] | None,
    accounts: Mapping[str, Account],
) -> _Sent:
    check(drafts, accounts)
    hashes = [content_hash(draft) for draft in drafts]
    parameters = {"ledger": ledger_id, **columns(drafts, hashes, numbers, accounts)}
    return _Sent(drafts, hashes, connection.execute(_SQL.post_entries, parameters, binary=True))


@contextmanager
def _refusals() -> Iterator[None]:
    """What the database refuses, in the caller's terms."""
    try:
        yield
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
        raise refusal(
            said.message_primary or str(error), said.constraint_name or "", said.message_detail or ""
        ) from error


def _outcomes(connection: Connection, ledger_id: int, sent: _Sent) -> list[Posted]:
    row = sent.answer.fetchone()
    assert row is not None
    ids: list[int | None] = row[0]
    repeated = [draft.key for draft, number in zip(sent.drafts, ids, strict=True) if number is None]
    known = {}
    if repeated:
        rows = connection.execute(_SQL.entries_by_key, {"ledger": ledger_id, "keys": repeated})
        known = {key: (number, bytes(known_hash)) for number, key, known_hash in rows}
    posted = []
    for draft, new_hash, number in zip(sent.drafts, sent.hashes, ids, strict=True):
        if number is not None:
            posted.append(Posted(draft.key, number, repeated=False))
            continue
        known_number, known_hash = known[draft.key]
        if known_hash != new_hash:
            raise _conflict(draft.key, known_number, known_hash, new_hash)
        posted.append(Posted(draft.key, known_number, repeated=True))
    return posted


def _conflict(key: str, number: int, there: bytes, here: bytes) -> Conflict:
    return Conflict(
        f"“{key}” is already posted as ent_{number} with other content"
        f" ({there.hex()[:12]} there, {here.hex()[:12]} here)",
        where=f"ent_{number}",
        remedy="Reverse the posted entry and post the correction under a key of its own.",
    )


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


def known_keys(connection: Connection, ledger_id: int, keys: Sequence[str]) -> set[str]:
    """Which of these keys an entry has."""
    return {row[1] for row in connection.execute(_SQL.entries_by_key, {"ledger": ledger_id, "keys": list(keys)})}


def ledger_hash(connection: Connection, ledger_id: int) -> str:
    """One hash for all the books: independent of the order in which anything arrived."""
    digest = hashlib.sha256(b"tieout-ledger-1")
    for key, known_hash in connection.execute(_SQL.hash_rows, {"ledger": ledger_id}):
        digest.update(len(key.encode()).to_bytes(4) + key.encode() + bytes(known_hash))
    for row in connection.execute(_SQL.hash_settled, {"ledger": ledger_id}):
        digest.update(("\x1f".join(map(str, row)) + "\x1e").encode())
    for account, currency, base in connection.execute(_SQL.hash_realised, {"ledger": ledger_id}):
        digest.update(f"{account}\x1f{currency}\x1f{base}\x1e".encode())
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


def entries_of_rule(
    connection: Connection, ledger_id: int, rule: str, account: str, currency: str
) -> list[tuple[int, int]]:
    """(entry, minor units on the account) of entries of a rule that nobody has taken back."""
    columns = {"ledger": ledger_id, "rule": rule, "account": account, "currency": currency}
    return [(row[0], int(row[1])) for row in connection.execute(_SQL.entries_of_rule, columns)]


def sums_by_role(connection: Connection, ledger_id: int, since: date, until: date) -> list[tuple[str, str, int]]:
    """(role, currency, minor units) moved between two days, both included."""
    columns = {"ledger": ledger_id, "since": since, "until": until}
    return [(row[0], row[1], int(row[2])) for row in connection.execute(_SQL.sums_by_role, columns)]


def cut_lines(connection: Connection, margin: int = 10_000_000) -> None:
    """Gives the lines of entries to come a table of their own; those there are stay where they are.

    For books of some hundred million lines, while posting goes on; takes as long as reading the newest table once, and
    waits for posters only at the end. `margin`: how many entries may come meanwhile. Needs a connection on which each
    statement stands by itself. If it fails, everything is as before.
    """
    try:
        connection.execute(_SQL.cut_lines, {"margin": margin})
    except psycopg.Error:
        connection.execute(_SQL.uncut_lines)
        raise
