"""The sealer: puts what was posted into blocks of a hash chain, behind the posters and without holding them up.

Entries are sealed below the transaction horizon: every unit of work that could still bring an entry with a lower
number has ended, so none is ever passed over, and no poster waits. One sealer a ledger is at it at a time. What a block
covers and how its hash is made stands in `model/seal.py`; `verify.py` works all of it out again.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.ledger.merkle import PAGE_LEAVES, path_of, root_of, split
from tieout.model.error import NotFound, SealRefused
from tieout.model.ids import IdKind, public_id
from tieout.model.seal import NOTHING_BEFORE, Block, Head, Inclusion, Leaf

_SQL = Queries("tieout.ledger", "seal.sql")
#: Entries in a block; a unit of work that brought more makes a block of its own.
BLOCK_ENTRIES = 65_536
#: Above every number of an entry, and of a unit of work.
ID_MAX = 2**63 - 1
XID_MAX = 2**64 - 1


class Page(Struct, frozen=True):
    """A page of leaves: eight bytes for the number of each entry, 32 for the hash of its leaf."""

    number: int
    n: int
    first_xid: int
    first_id: int
    min_id: int
    max_id: int
    lines: int
    ids: bytes
    leaves: bytes


class Stretch(Struct, frozen=True):
    """Which entries: from (`at`) up to, not including, (`until`), each a unit of work and an entry; see seal.sql."""

    at: tuple[int, int]
    until: tuple[int, int]
    floor: int = 0
    ceiling: int = ID_MAX
    after: int | None = None

    def columns(self, ledger_id: int) -> dict[str, Any]:
        """As the queries want it."""
        return {
            "ledger": ledger_id,
            "floor": self.floor,
            "ceiling": self.ceiling,
            "at_xid": str(self.at[0]),
            "at_id": self.at[1],
            "until_xid": str(self.until[0]),
            "until_id": self.until[1],
            "after": self.after,
            "page": PAGE_LEAVES,
        }


class Lag(Struct, frozen=True):
    """What waits to be sealed (counted up to 100,000), since when, and the oldest writer on the server."""

    entries: int
    since: datetime | None
    writer: str | None
    writing_since: datetime | None


def seal(
    connection: Connection, ledger_id: int, *, limit: int = BLOCK_ENTRIES, horizon: int | None = None
) -> Block | None:  # fmt: skip
    """Seals what can be sealed, at most one block of about `limit` entries. None if there was nothing to do.

    Does nothing if another sealer is at it. `horizon` is for tests; it is never above the true one.
    Raises SealRefused for an entry that does not have the lines it says it has.
    """
    if not _one(connection.execute(_SQL.try_turn, {"ledger": ledger_id}))[0]:
        return None
    limit = max(limit, 1)
    last = last_block(connection, ledger_id)
    now, cluster = _one(connection.execute(_SQL.horizon))
    now = min(now, horizon or now)
    if last is not None and (last[0].cluster != cluster or now < last[0].to_xid):
        return _adopt(connection, ledger_id, last, cluster)
    floor = floor_of(last)
    start = last[0].to_xid if last else 0
    columns = {"ledger": ledger_id, "from": str(start), "to": str(now), "floor": floor, "limit": limit}
    first, end = _one(connection.execute(_SQL.bound, columns))
    if first is None:
        return None
    stop = now if end is None else max(end, first + 1)
    return _put(connection, ledger_id, last, Stretch((start, 0), (stop, 0), floor), cluster, stop)


def horizon(connection: Connection) -> int:
    """The number of the first unit of work that may still be under way: what is below it can be sealed."""
    return int(_one(connection.execute(_SQL.horizon))[0])


def floor_of(last: tuple[Block, bytes] | None) -> int:
    """The number above which the entries of blocks after this one are."""
    if last is None:
        return 0
    return last[0].floor_id if last[0].upto_id is None else last[0].upto_id


def _adopt(connection: Connection, ledger_id: int, last: tuple[Block, bytes], cluster: str) -> Block | None:
    """Seals what was not sealed before a dump was restored here, and begins anew with this server's numbers.

    With the books taken no poster is under way, so all entries are above or below the highest number there is; posters
    wait until this unit of work ends, once.
    """
    connection.execute(_SQL.take_books, {"ledger": ledger_id})
    newest = _one(connection.execute(_SQL.newest_entry, {"ledger": ledger_id}))[0]
    now = _one(connection.execute(_SQL.horizon))[0]
    block, _ = last
    stretch = Stretch((block.to_xid, 0), (XID_MAX, 0), floor_of(last), newest, block.max_id)
    return _put(connection, ledger_id, last, stretch, cluster, now)


def leaves(connection: Connection, ledger_id: int, stretch: Stretch) -> Iterator[Page]:
    """The leaves of some entries as they are now, page by page."""
    with connection.cursor(name="leaves") as cursor:
        cursor.itersize = 64
        cursor.execute(_SQL.leaves, stretch.columns(ledger_id))
        for row in cursor:
            number, n, first_xid, first_id, low, high, lines, ids, hashes = row
            yield Page(number, n, first_xid, first_id, low, high, lines, bytes(ids), bytes(hashes))


def _put(
    connection: Connection, ledger_id: int, last: tuple[Block, bytes] | None, stretch: Stretch, cluster: str, to: int
) -> Block | None:
    number = last[0].block_no + 1 if last else 1
    roots: list[bytes] = []
    n = lines = max_id = 0
    min_id = ID_MAX
    for page in leaves(connection, ledger_id, stretch):
        columns = {"ledger": ledger_id, "block": number, "page": page.number, "n": page.n, "ids": page.ids,
                   "first_xid": str(page.first_xid), "first_id": page.first_id, "leaves": page.leaves}  # fmt: skip
        connection.execute(_SQL.put_page, columns)
        roots.append(root_of(split(page.leaves)))
        n, lines = n + page.n, lines + page.lines
        min_id, max_id = min(min_id, page.min_id), max(max_id, page.max_id)
    if not n:
        return None
    debits = _debits(connection, {**stretch.columns(ledger_id), "low": min_id, "high": max_id}, lines)
    before = last[0] if last else None
    block = Block(
        ledger_id=ledger_id,
        block_no=number,
        cluster=cluster,
        from_xid=stretch.at[0],
        to_xid=to,
        floor_id=stretch.floor,
        after_id=stretch.after,
        upto_id=None if stretch.after is None else stretch.ceiling,
        n=n,
        lines=lines,
        debits=debits,
        entries_upto=(before.entries_upto if before else 0) + n,
        lines_upto=(before.lines_upto if before else 0) + lines,
        debits_upto=added(before.debits_upto if before else {}, debits),
        max_id=max(max_id, before.max_id if before else 0),
        accounts_hash=_seal_accounts(connection, ledger_id, number),
        certificates=_seal_certificates(connection, ledger_id, number),
        merkle_root=root_of(roots),
        prev_hash=last[1] if last else NOTHING_BEFORE,
        sealed_at=_one(connection.execute(_SQL.clock))[0],
    )
    _insert(connection, block)
    return block


def added(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Sums of minor units per currency."""
    return {name: one.get(name, 0) + other.get(name, 0) for name in sorted(one.keys() | other.keys())}


def _debits(connection: Connection, columns: Mapping[str, Any], lines: int) -> dict[str, int]:
    rows = connection.execute(_SQL.totals, columns).fetchall()
    if sum(row[2] for row in rows) != lines:
        entry = public_id(IdKind.ENTRY, _one(connection.execute(_SQL.short, columns))[0] or 0)
        raise SealRefused(
            f"{entry} does not have the lines it says it has, so nothing is sealed from it on",
            where=entry,
            remedy="Something wrote past the ledger. Run `tieout verify`, and restore what is missing.",
        )
    return {currency: int(debit) for currency, debit, _ in rows}


def accounts_hash(rows: Sequence[tuple[int, bytes]]) -> bytes:
    """One hash over the accounts that come into the chain with a block: (number, hash of its nature), by number."""
    return sha256(b"tieout-accounts-1" + b"".join(number.to_bytes(4) + nature for number, nature in rows)).digest()


def _seal_accounts(connection: Connection, ledger_id: int, number: int) -> bytes:
    rows = [(row[0], bytes(row[1])) for row in connection.execute(_SQL.unsealed_accounts, {"ledger": ledger_id})]
    columns = {"ledger": ledger_id, "block": number, "ids": [r[0] for r in rows], "hashes": [r[1] for r in rows]}
    connection.execute(_SQL.put_accounts, columns)
    return accounts_hash(rows)


def _seal_certificates(connection: Connection, ledger_id: int, number: int) -> tuple[tuple[int, str], ...]:
    rows = [(row[0], bytes(row[1])) for row in connection.execute(_SQL.unsealed_certificates, {"ledger": ledger_id})]
    columns = {"ledger": ledger_id, "block": number, "ids": [r[0] for r in rows], "hashes": [r[1] for r in rows]}
    connection.execute(_SQL.put_certificates, columns)
    return tuple((period, found.hex()) for period, found in rows)


def _insert(connection: Connection, block: Block) -> None:
    columns = {
        "ledger": block.ledger_id, "block": block.block_no, "version": block.version, "cluster": block.cluster,
        "from": str(block.from_xid), "to": str(block.to_xid), "floor": block.floor_id, "after": block.after_id,
        "upto": block.upto_id, "n": block.n, "lines": block.lines, "debits": _texts(block.debits),
        "entries_upto": block.entries_upto, "lines_upto": block.lines_upto, "debits_upto": _texts(block.debits_upto),
        "max_id": block.max_id, "accounts_hash": block.accounts_hash, "root": block.merkle_root,
        "prev": block.prev_hash, "hash": block.hash, "sealed_at": block.sealed_at,
    }  # fmt: skip
    connection.execute(_SQL.put_block, columns)


def _texts(sums: Mapping[str, int]) -> str:
    return msgspec.json.encode({name: str(amount) for name, amount in sums.items()}).decode()


# ── Reading ───────────────────────────────────────────────────────────────────────────────────────────────────────


def blocks(
    connection: Connection, ledger_id: int, *, after: int = 0, upto: int = ID_MAX, limit: int | None = None
) -> list[tuple[Block, bytes]]:
    """Blocks with the hash recorded for each, in their order."""
    columns = {"ledger": ledger_id, "after": after, "upto": upto, "limit": limit}
    return [_block(row) for row in connection.execute(_SQL.blocks, columns)]


def _block(row: Sequence[Any]) -> tuple[Block, bytes]:
    block = Block(
        ledger_id=row[0], block_no=row[1], version=row[2], cluster=row[3], from_xid=row[4], to_xid=row[5],
        floor_id=row[6], after_id=row[7], upto_id=row[8], n=row[9], lines=row[10], debits=_whole(row[11]),
        entries_upto=row[12], lines_upto=row[13], debits_upto=_whole(row[14]), max_id=row[15],
        accounts_hash=bytes(row[16]), certificates=tuple((number, found) for number, found in row[21]),
        merkle_root=bytes(row[17]), prev_hash=bytes(row[18]), sealed_at=row[19],
    )  # fmt: skip
    return block, bytes(row[20])


def _whole(texts: Mapping[str, str]) -> dict[str, int]:
    return {name: int(amount) for name, amount in texts.items()}


def adoptions(connection: Connection, ledger_id: int) -> list[Block]:
    """The blocks that took in what was not sealed when a dump was restored; hardly ever one."""
    numbers = [row[0] for row in connection.execute(_SQL.adoptions, {"ledger": ledger_id})]
    return [blocks(connection, ledger_id, after=number - 1, limit=1)[0][0] for number in numbers]


def newest(connection: Connection, ledger_id: int, limit: int) -> list[tuple[Block, bytes]]:
    """The newest blocks first."""
    number = _one(connection.execute(_SQL.last_block_no, {"ledger": ledger_id}))[0]
    return blocks(connection, ledger_id, after=number - limit, limit=limit)[::-1]


def cluster(connection: Connection) -> str:
    """The number of the server we are on."""
    return str(_one(connection.execute(_SQL.horizon))[1])


def last_block(connection: Connection, ledger_id: int) -> tuple[Block, bytes] | None:
    """The newest block and its hash, or None before the first."""
    number = _one(connection.execute(_SQL.last_block_no, {"ledger": ledger_id}))[0]
    return next(iter(blocks(connection, ledger_id, after=number - 1)), None) if number else None


def head(connection: Connection, ledger_id: int, code: str) -> Head | None:
    """What is to be kept outside the database, or None before the first block."""
    found = last_block(connection, ledger_id)
    if found is None:
        return None
    block, block_hash = found
    debits = {name: str(amount) for name, amount in block.debits_upto.items()}
    return Head(code, block.block_no, block_hash.hex(), block.entries_upto, block.lines_upto, debits, block.sealed_at)


def lag(connection: Connection, ledger_id: int) -> Lag:
    """How far the seals are behind the journal, and who writes longest on the server: it may hold them back."""
    last = last_block(connection, ledger_id)
    columns = {"ledger": ledger_id, "from": str(last[0].to_xid if last else 0), "floor": floor_of(last)}
    entries, since = _one(connection.execute(_SQL.waiting, columns))
    row = connection.execute(_SQL.oldest_writer).fetchone()
    writer = None if row is None else f"process {row[0]} ({row[2] or 'unnamed'}) in database {row[1]}"
    return Lag(entries, since, writer, None if row is None else row[3])


def block_of(connection: Connection, ledger_id: int, entry_id: int) -> tuple[Block, list[bytes], int] | None:
    """The block that seals an entry, the hashes of all its leaves, and the place of this one's; None if none does."""
    for (number,) in connection.execute(_SQL.block_of, {"ledger": ledger_id, "entry": entry_id}).fetchall():
        pages = connection.execute(_SQL.pages, {"ledger": ledger_id, "block": number}).fetchall()
        ids = b"".join(bytes(page[1]) for page in pages)
        hashes = [one for page in pages for one in split(bytes(page[2]))]
        wanted = entry_id.to_bytes(8)
        for place in range(len(hashes)):
            if ids[8 * place : 8 * place + 8] == wanted:
                return blocks(connection, ledger_id, after=number - 1, limit=1)[0][0], hashes, place
    return None


def block_no_of(connection: Connection, ledger_id: int, entry_id: int) -> int | None:
    """The number of the block that seals an entry; None if none does yet."""
    columns = {"ledger": ledger_id, "entry": entry_id}
    numbers = [row[0] for row in connection.execute(_SQL.block_of, columns).fetchall()]
    if len(numbers) < 2:
        return numbers[0] if numbers else None
    found = block_of(connection, ledger_id, entry_id)  # after a restore: look at the leaves
    return found[0].block_no if found else None


def inclusion(connection: Connection, ledger_id: int, entry_id: int) -> Inclusion:
    """The proof that an entry is in a block. Raises NotFound if it is not sealed yet, or not an entry."""
    name = public_id(IdKind.ENTRY, entry_id)
    row = connection.execute(_SQL.leaf_of, {"ledger": ledger_id, "entry": entry_id}).fetchone()
    found = block_of(connection, ledger_id, entry_id)
    if row is None or found is None:
        remedy = "Seal first with `tieout seal`, if there is such an entry."
        raise NotFound(f"{name} is not sealed", where="id", remedy=remedy)
    block, hashes, place = found
    path = tuple((side, beside.hex()) for side, beside in path_of(hashes, place))
    leaf = _leaf(row).content.decode()
    return Inclusion(name, block.block_no, leaf, path, block.merkle_root.hex(), block.hash.hex())


def _leaf(row: Sequence[Any]) -> Leaf:
    return Leaf(
        ledger_id=row[0], entry_id=row[1], txid=row[2], content_hash=bytes(row[3]), recorded_at=row[4], event_id=row[5],
        actor=row[6], late=row[7], approval_id=row[8], line_count=row[9],
        links=tuple((kind, of) for kind, of in row[10]),
    )  # fmt: skip


# ── Anchors ───────────────────────────────────────────────────────────────────────────────────────────────────────


def anchored(connection: Connection, ledger_id: int) -> dict[str, tuple[int, datetime, str]]:
    """By place: the newest block written there, when, and what came back."""
    return {row[0]: (row[1], row[2], row[3]) for row in connection.execute(_SQL.anchored, {"ledger": ledger_id})}


def record_anchor(connection: Connection, ledger_id: int, block_no: int, place: str, receipt: str) -> None:
    """Records that the head was written outside the database."""
    columns = {"ledger": ledger_id, "block": block_no, "place": place, "receipt": receipt}
    connection.execute(_SQL.put_anchor, columns)


def _one(cursor: Any) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = cursor.fetchone()
    assert row is not None
    return row
