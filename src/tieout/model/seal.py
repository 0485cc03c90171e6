"""Seals: what was in the books at a moment, in a few hashes that can be kept where whoever keeps books cannot write."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime

import msgspec
from msgspec import Struct

#: What the first block follows.
NOTHING_BEFORE = bytes(32)


class Block(Struct, frozen=True, kw_only=True):
    """One block of the chain: the entries of the units of work from `from_xid` up to, not including, `to_xid`.

    `cluster` is the server's own number. `floor_id`, `after_id` and `upto_id` say which entries are meant where a
    dump was restored and units of work are numbered anew; see `ledger/seal.py`. Debits are minor units per currency.
    """

    ledger_id: int
    block_no: int
    version: int = 1
    cluster: str
    from_xid: int
    to_xid: int
    floor_id: int
    after_id: int | None = None
    upto_id: int | None = None
    n: int
    lines: int
    debits: Mapping[str, int]
    entries_upto: int
    lines_upto: int
    debits_upto: Mapping[str, int]
    max_id: int
    accounts_hash: bytes
    certificates: tuple[tuple[int, str], ...]
    merkle_root: bytes
    prev_hash: bytes
    sealed_at: datetime

    @property
    def hash(self) -> bytes:
        """SHA-256 over all of it, as msgspec's JSON of a fixed list that begins with its version."""
        content = (
            f"tieout-block-{self.version}",
            self.ledger_id,
            self.block_no,
            self.cluster,
            self.from_xid,
            self.to_xid,
            self.floor_id,
            self.after_id,
            self.upto_id,
            self.n,
            self.lines,
            _texts(self.debits),
            self.entries_upto,
            self.lines_upto,
            _texts(self.debits_upto),
            self.max_id,
            self.accounts_hash.hex(),
            self.certificates,
            self.merkle_root.hex(),
            self.prev_hash.hex(),
            self.sealed_at.astimezone(UTC),
        )
        return hashlib.sha256(msgspec.json.encode(content)).digest()


def _texts(sums: Mapping[str, int]) -> list[tuple[str, str]]:
    return [(name, str(sums[name])) for name in sorted(sums)]


class Head(Struct, frozen=True, rename={"sealed_at": "sealed"}):
    """The newest block of a chain, to be kept outside the database: with it, a chain cut short or made anew is found.

    `debits` are minor units per currency, as text, of all entries so far.
    """

    ledger: str
    block: int
    hash: str
    entries: int
    lines: int
    debits: Mapping[str, str]
    sealed_at: datetime
    tieout_anchor: int = 1


class Leaf(Struct, frozen=True):
    """What a seal covers of an entry: its content by its hash, and everything that content leaves out."""

    ledger_id: int
    entry_id: int
    txid: int
    content_hash: bytes
    recorded_at: datetime
    event_id: int | None
    actor: str
    late: bool
    approval_id: int | None
    line_count: int
    links: tuple[tuple[str, int], ...] = ()

    @property
    def content(self) -> bytes:
        """What is hashed, with a 0 before it: msgspec's JSON of a fixed list that begins with its version."""
        return msgspec.json.encode(
            (
                "tieout-leaf-1",
                self.ledger_id,
                self.entry_id,
                self.txid,
                self.content_hash.hex(),
                self.recorded_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                self.event_id,
                self.actor,
                self.late,
                self.approval_id,
                self.line_count,
                self.links,
            )
        )


class Inclusion(Struct, frozen=True):
    """Proof that an entry is in a block: hash `leaf` with a 0 before it, climb `path`, and `root` is what comes out.

    Each step of the path names the side its hash stands on; a node is the hash of a 1, the left and the right.
    """

    entry: str
    block: int
    leaf: str
    path: tuple[tuple[str, str], ...]
    root: str
    block_hash: str


class Certificate(Struct, frozen=True, kw_only=True):
    """What a period that was closed for good consisted of, and the last block at that time (0 before the first).

    `sums` are rows of account, currency, debit, credit, both in base currency, and the number of lines.
    """

    ledger_id: int
    period_id: int
    area: str
    first_day: date
    last_day: date
    block_no: int
    block_hash: bytes
    entries: int
    lines: int
    sums: tuple[tuple[str, str, int, int, int, int, int], ...]
    certified_at: datetime

    @property
    def hash(self) -> bytes:
        """SHA-256 over all of it, as msgspec's JSON of a fixed list that begins with its version."""
        content = (
            "tieout-close-1",
            self.ledger_id,
            self.period_id,
            self.area,
            self.first_day,
            self.last_day,
            self.block_no,
            self.block_hash.hex(),
            self.entries,
            self.lines,
            [(code, currency, *(str(amount) for amount in amounts)) for code, currency, *amounts in self.sums],
            self.certified_at.astimezone(UTC),
        )
        return hashlib.sha256(msgspec.json.encode(content)).digest()


class Flaw(Struct, frozen=True):
    """Something a verification found: where (an entry, a block, an account) and what is wrong. `order` sorts."""

    where: str
    what: str
    order: tuple[int, int] = (1, 0)


class Verified(Struct, frozen=True):
    """What a verification went through and what it found; `flaws` begins with the first broken entry."""

    entries: int
    lines: int
    blocks: int
    unsealed: int
    anchors: int
    certificates: int
    flaws: tuple[Flaw, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.flaws
