"""The chain, worked out again: leaves from entries, roots from leaves, blocks from roots, each on the one before it."""

from collections import deque
from collections.abc import Callable, Iterator
from itertools import groupby

from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.ledger import seal
from tieout.ledger.merkle import HASH_BYTES, root_of, split
from tieout.ledger.seal import ID_MAX, Stretch
from tieout.model.ids import IdKind, public_id
from tieout.model.seal import NOTHING_BEFORE, Block, Flaw, Head

_SQL = Queries("tieout.ledger", "verify.sql")
#: Leaves looked at by one statement.
LEAVES = 65_536
#: Pages looked at by one statement, if each has only a few leaves.
_PAGES = 2000
#: Blocks read at a time.
_BLOCKS = 1000


class Mark(Struct, frozen=True):
    """Where a page of leaves stands; a block without leaves has a mark without a page."""

    block_no: int
    page_no: int | None
    n: int
    first: tuple[int, int]


class Stretched(Struct, frozen=True):
    """What some pages were found to be: for each block the roots of its pages and its leaves, and what is wrong."""

    roots: list[tuple[int, list[bytes], int]]
    flaws: list[Flaw]


def marks(connection: Connection, ledger_id: int) -> Iterator[Mark]:
    """All pages in order, some hundred blocks at a time."""
    ((low, high),) = connection.execute(_SQL.block_span, {"ledger": ledger_id}).fetchall()
    for first in range(low or 0, (high or -1) + 1, _BLOCKS):
        columns = {"ledger": ledger_id, "first": first, "last": first + _BLOCKS - 1}
        for number, page, n, xid, entry in connection.execute(_SQL.pages, columns).fetchall():
            yield Mark(number, page, n or 0, (xid or 0, entry or 0))


def _groups(connection: Connection, ledger_id: int) -> Iterator[list[Mark]]:
    """Pages that one statement looks at: of one numbering of units of work, and not too many."""
    alone = {block.block_no for block in seal.adoptions(connection, ledger_id)}
    group: list[Mark] = []
    n = 0
    for mark in marks(connection, ledger_id):
        if group and (group[-1].block_no in alone or mark.block_no in alone):
            full = mark.block_no != group[-1].block_no
        else:
            full = n + mark.n > LEAVES or len(group) == _PAGES
        if group and full:
            yield group
            group, n = [], 0
        group.append(mark)
        n += mark.n
    if group:
        yield group


def stretches(connection: Connection, ledger_id: int) -> Iterator[Callable[[Connection], Stretched]]:
    """Tasks that look at all leaves. Each begins where the one before it ended, so that no entry is between them."""
    groups = _groups(connection, ledger_id)
    pending = deque([next(groups, None)])
    known = {block.block_no: block for block in seal.adoptions(connection, ledger_id)}
    ends = sorted(known)
    last = seal.last_block(connection, ledger_id)
    at = (0, 0)
    while (group := pending.popleft()) is not None:
        following = next(groups, None)
        pending.append(following)
        number = group[0].block_no
        adopted = known.get(number)
        before = max((e for e in ends if e < number), default=None)
        floor = 0 if before is None else known[before].upto_id or 0
        if adopted is not None:
            stretch = Stretch((adopted.from_xid, 0), (seal.XID_MAX, 0), floor, adopted.upto_id or 0, adopted.after_id)
            at = (0, 0)
        else:
            after = min((e for e in ends if e > number), default=None)
            ceiling = ID_MAX if after is None else known[after].after_id or 0
            if following is not None and following[0].block_no not in known:
                until = following[0].first
            elif after is not None:
                until = (known[after].from_xid, 0)
            else:
                until = (last[0].to_xid if last else 0, 0)
            stretch = Stretch(at, until, floor, ceiling)
            at = until
        yield _task(ledger_id, group, stretch)


def _task(ledger_id: int, group: list[Mark], stretch: Stretch) -> Callable[[Connection], Stretched]:
    return lambda connection: compare(connection, ledger_id, group, stretch)


def compare(connection: Connection, ledger_id: int, group: list[Mark], stretch: Stretch) -> Stretched:
    """The leaves of entries as they are now against those that were sealed."""
    ids, leaves = bytearray(), bytearray()
    for page in seal.leaves(connection, ledger_id, stretch):
        ids += page.ids
        leaves += page.leaves
    columns = {"ledger": ledger_id, "block": group[0].block_no, "page_no": group[0].page_no or 0,
               "last_block": group[-1].block_no, "last_page": group[-1].page_no or 0}  # fmt: skip
    pages = [(row[0], bytes(row[2]), bytes(row[3])) for row in connection.execute(_SQL.sealed, columns)]
    sealed_ids, sealed = b"".join(p[1] for p in pages), b"".join(p[2] for p in pages)
    roots = []
    for number, of_block in groupby(pages, key=lambda page: page[0]):
        hashes = [page[2] for page in of_block]
        roots.append((number, [root_of(split(page)) for page in hashes], sum(map(len, hashes)) // HASH_BYTES))
    if ids == sealed_ids and leaves == sealed:
        return Stretched(roots, [])
    now = dict(zip(_numbers(bytes(ids)), split(bytes(leaves)), strict=True))
    then = {
        entry: (leaf, number)
        for number, numbers, hashes in pages
        for entry, leaf in zip(_numbers(numbers), split(hashes), strict=True)
    }
    return Stretched(roots, _differences(now, then))


def _numbers(ids: bytes) -> list[int]:
    return [int.from_bytes(ids[at : at + 8]) for at in range(0, len(ids), 8)]


def _differences(now: dict[int, bytes], then: dict[int, tuple[bytes, int]]) -> list[Flaw]:
    flaws = []
    for entry in now.keys() | then.keys():
        if entry not in then:
            what = "was not there when the entries around it were sealed"
        elif entry not in now:
            what = f"is sealed in block {then[entry][1]}, and is not there any more"
        elif now[entry] != then[entry][0]:
            what = f"is not what was sealed in block {then[entry][1]}"
        else:
            continue
        flaws.append(Flaw(public_id(IdKind.ENTRY, entry), what, (0, entry)))
    return flaws or [Flaw("seals", "the leaves of a block stand in another order than its entries", (1, 0))]


class Links:
    """Follows the chain block by block, with the roots that were found for each, and with what is kept outside."""

    def __init__(self, connection: Connection, ledger_id: int) -> None:
        self.flaws: list[Flaw] = []
        self.last: Block | None = None
        self.blocks = 0
        self._last_hash = NOTHING_BEFORE
        self._connection = connection
        self._ledger_id = ledger_id
        self._ahead: deque[tuple[Block, bytes]] = deque()
        self._roots: tuple[int, list[bytes], int] | None = None
        self._anchors: dict[int, list[tuple[Head, str]]] = {}
        self._accounts = _accounts_by_block(connection, ledger_id, self.flaws)

    def expect(self, anchors: list[tuple[Head, str]]) -> None:
        """Heads that were kept outside the database, each with where; the chain must go through all of them."""
        for head, place in anchors:
            self._anchors.setdefault(head.block, []).append((head, place))

    def follow(self, found: Stretched) -> None:
        """What the next pages were found to be."""
        self.flaws += found.flaws
        for number, roots, n in found.roots:
            if self._roots is not None and self._roots[0] == number:
                self._roots = (number, self._roots[1] + roots, self._roots[2] + n)
            else:
                self._close()
                self._roots = (number, roots, n)

    def end(self) -> None:
        """All pages have been followed: nothing may be left, here or outside."""
        self._close()
        while (block := self._next()) is not None:
            self._link(*block, root=None, n=0)
        end = self.last.block_no if self.last else 0
        for number, kept in sorted(self._anchors.items()):
            for _, place in kept:
                self._wrong(number, f"{place} has it, and the chain ends with block {end}", kind=5)

    @property
    def floor(self) -> int:
        """The number above which entries after the last block are."""
        return 0 if self.last is None else seal.floor_of((self.last, b""))

    def _close(self) -> None:
        if self._roots is None:
            return
        number, roots, n = self._roots
        self._roots = None
        while (block := self._next()) is not None:
            if block[0].block_no == number:
                self._link(*block, root=root_of(roots), n=n)
                return
            if block[0].block_no > number:
                self._ahead.appendleft(block)
                break
            self._link(*block, root=None, n=0)
        self._wrong(number, "its leaves are there, and the block is not")

    def _next(self) -> tuple[Block, bytes] | None:
        if not self._ahead:
            after = self.last.block_no if self.last else 0
            self._ahead.extend(seal.blocks(self._connection, self._ledger_id, after=after, limit=_BLOCKS))
        return self._ahead.popleft() if self._ahead else None

    def _link(self, block: Block, recorded: bytes, *, root: bytes | None, n: int) -> None:
        before, number = self.last, block.block_no
        if number != (before.block_no if before else 0) + 1:
            self._wrong(number, f"it follows block {before.block_no if before else 0}: what was between is gone")
        elif block.prev_hash != self._last_hash:
            self._wrong(number, "it was made on another block than the one before it")
        if block.hash != recorded:
            self._wrong(number, "its hash is not that of what it says")
        if root is None:
            self._wrong(number, "its leaves are not there")
        elif root != block.merkle_root or n != block.n:
            self._wrong(number, "its leaves are not those that were sealed")
        if block.accounts_hash != seal.accounts_hash(self._accounts.get(number, [])):
            self._wrong(number, "the accounts sealed with it are not those it was made with")
        if not _goes_on(before, block):
            self._wrong(number, "it does not go on where the block before it ended")
        for head, place in self._anchors.pop(number, []):
            if head.hash != recorded.hex() or head.entries != block.entries_upto:
                self._wrong(number, f"{place} has another block of this number: the chain was made anew", kind=5)
        self.last, self._last_hash = block, recorded
        self.blocks += 1

    def _wrong(self, number: int, what: str, *, kind: int = 1) -> None:
        self.flaws.append(Flaw(f"block {number}", what, (kind, number)))


def _goes_on(before: Block | None, block: Block) -> bool:
    entries, lines = (before.entries_upto, before.lines_upto) if before else (0, 0)
    if block.entries_upto != entries + block.n or block.lines_upto != lines + block.lines:
        return False
    if block.debits_upto != seal.added(before.debits_upto if before else {}, block.debits):
        return False
    floor = seal.floor_of((before, b"")) if before else 0
    return block.from_xid == (before.to_xid if before else 0) and block.floor_id == floor


def _accounts_by_block(
    connection: Connection, ledger_id: int, flaws: list[Flaw]
) -> dict[int, list[tuple[int, bytes]]]:  # fmt: skip
    found: dict[int, list[tuple[int, bytes]]] = {}
    for number, account_id, sealed, code, now in connection.execute(_SQL.accounts, {"ledger": ledger_id}):
        found.setdefault(number, []).append((account_id, bytes(sealed)))
        if code is None or bytes(now) != bytes(sealed):
            name = f"account {code or account_id}"
            what = "is gone" if code is None else f"has another code, type, currency or source than in block {number}"
            flaws.append(Flaw(name, what, (-1, account_id)))
    return found
