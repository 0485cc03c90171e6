"""Seals, anchors and verification: the proof that the books are what they were."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
from msgspec import Struct

from tieout.app.context import LedgerContext
from tieout.app.opened import Opened
from tieout.app.settings import Settings
from tieout.app.views import Finding
from tieout.controls import store as controls
from tieout.db.pool import Connection, Database
from tieout.ledger import anchor, certificate, seal, verify
from tieout.ledger.anchor import AnchorFailed
from tieout.ledger.chain import Links
from tieout.ledger.verify import Range
from tieout.model.entity import Actor
from tieout.model.error import NotFound
from tieout.model.ids import IdKind, parse_id
from tieout.model.seal import Block, Flaw, Head, Inclusion, Verified
from tieout.reconciliation import following

_LOG = structlog.get_logger("tieout")
#: As many connections as a verification works with; the database works on each with a core of its own.
WORKERS = 2
#: So many times what is usual may pass before something is wrong.
_PATIENCE = 6


class Sealed(Struct, frozen=True):
    """How things stand: the head of the chain, what waits, and the newest block at each place outside the database."""

    head: Head | None
    lag: seal.Lag
    anchors: dict[str, tuple[int, datetime, str]]


class Sealing(Opened):
    """The part of the face that seals what was posted and proves that it is still the same."""

    def seal(self) -> int:
        """Seals all that could be sealed when it was called; returns how many entries that were. Raises SealRefused.

        What has come since is for the next time, or whoever seals while others post would never be done.
        """
        sealed = 0
        with self._books() as (connection, _):
            horizon = seal.horizon(connection)
        while True:
            with self._books() as (connection, context):
                block = seal.seal(connection, context.id)
            sealed += block.n if block else 0
            if block is None or (block.upto_id is None and block.to_xid >= horizon):
                return sealed

    def seal_due(self) -> int:
        """The sealer's chore: seals when it is time, and anchors when it is time. How many entries were sealed."""
        with self._books() as (connection, context):
            last = seal.last_block(connection, context.id)
        wait = timedelta(seconds=self.settings.seal_seconds)
        sealed = 0 if last is not None and _now() < last[0].sealed_at + wait else self.seal()
        self.anchor(due_only=True)
        return sealed

    def anchor(self, *, due_only: bool = False) -> dict[str, str]:
        """Writes the head to every place that lacks it; says what came back. What failed is tried again later."""
        with self._books() as (connection, context):
            head = seal.head(connection, context.id, context.entity.code)
            there = seal.anchored(connection, context.id)
            ledger_id = context.id
        answers = {}
        wait = timedelta(minutes=self.settings.anchor_minutes)
        for place in self.settings.anchors if head else ():
            number, at, _ = there.get(place, (0, datetime.min.replace(tzinfo=UTC), ""))
            if head is None or number >= head.block or (due_only and _now() < at + wait):
                continue
            try:
                answers[place] = anchor.write(place, head, self.settings.mail)
            except AnchorFailed as error:
                answers[place] = f"FAILED {error}"
                _LOG.warning("anchor.failed", place=place, block=head.block, error=str(error))
                continue
            with self._books() as (connection, _):
                seal.record_anchor(connection, ledger_id, head.block, place, answers[place])
        return answers

    def seals(self, limit: int = 50) -> list[Block]:
        """The newest blocks first."""
        with self._books() as (connection, context):
            return [block for block, _ in seal.newest(connection, context.id, limit)]

    def sealed(self) -> Sealed:
        """How the seals stand."""
        with self._books() as (connection, context):
            head = seal.head(connection, context.id, context.entity.code)
            return Sealed(head, seal.lag(connection, context.id), seal.anchored(connection, context.id))

    def inclusion(self, entry_id: str) -> Inclusion:
        """The proof that an entry is in a block. Raises NotFound for an entry that is not sealed."""
        kind, number = parse_id(entry_id)
        if kind is not IdKind.ENTRY:
            raise NotFound(f"“{entry_id}” is not an entry", where="id", remedy="Ids of entries start with ent_.")
        with self._books() as (connection, context):
            return seal.inclusion(connection, context.id, number)

    def verify(
        self, anchors: Sequence[Path] = (), *, actor: Actor | None = None, workers: int | None = None,
        told: Callable[[int, int], None] = lambda _done, _all: None,
    ) -> Verified:  # fmt: skip
        """Works out again every hash, sum, seal and projection, and compares the chain with its anchors.

        `anchors` are files with heads kept outside; without any, the files this installation writes them to.
        `told` hears how many entries of how many have been gone through. Takes no lock; posters are not held up.
        """
        crew = workers or min(os.cpu_count() or 1, WORKERS)
        with ExitStack() as stack:
            own = Database(self.database.url, connections_max=crew + 1).open()  # a server's pool is not to run dry
            stack.callback(own.close)
            connection, *others = [stack.enter_context(own.unit()) for _ in range(crew + 1)]
            verify.share_moment([connection, *others])
            context = LedgerContext(connection, self.settings)
            found = _Verification(connection, others, context).run(self._heads(context, anchors), told)
        if actor is not None:
            with self._books() as (connection, context):
                said = "holds" if found.holds else f"{found.flaws[0].where}: {found.flaws[0].what}"
                controls.log(connection, context.id, actor.name, "ledger.verified", f"{found.entries} entries", said)
        return found

    def _heads(self, context: LedgerContext, anchors: Sequence[Path]) -> list[tuple[Head, str]]:
        code = context.entity.code
        if not anchors:
            kept = (anchor.file_of(place, code) for place in self.settings.anchors)
            anchors = [path for path in kept if path is not None and path.exists()]
        return [(head, str(path)) for path in anchors for head in anchor.read(path, code)]


class _Verification:
    """One verification, all of it as of one moment."""

    def __init__(self, connection: Connection, crew: Sequence[Connection], context: LedgerContext) -> None:
        self._connection = connection
        self._crew = crew
        self._id = context.id
        self._flaws: list[Flaw] = []

    def run(self, anchors: list[tuple[Head, str]], told: Callable[[int, int], None]) -> Verified:
        """All passes, in the order of what they stand on."""
        entries = verify.entries(self._connection, self._id)
        self._entries(entries, told)
        links, tasks = verify.seals(self._connection, self._id)
        links.expect(anchors)
        for found in verify.spread(self._crew, tasks):
            links.follow(found)
            links.flaws = list(verify.chained(links.flaws))
        links.end()
        unsealed, lines = self._rest(links)
        certificates, flaws = certificate.check(self._connection, self._id)
        flaws += verify.once_and_told(self._connection, self._id) + verify.guards(self._connection)
        flaws += verify.guarded(self._connection, self._id)
        found_all = verify.chained(self._flaws, links.flaws, flaws)
        return Verified(entries, lines, links.blocks, unsealed, len(anchors), certificates, found_all)

    def _entries(self, entries: int, told: Callable[[int, int], None]) -> None:
        """What is looked at a stretch of entries at a time: contents, open items, and what moved per day."""
        drawn = verify.weights(self._connection, self._id)
        cursor = following.upto(self._connection, self._id)

        def look(some: Range, connection: Connection) -> tuple[int, int, list[Flaw]]:
            flaws = verify.content(connection, self._id, some)
            flaws += following.wrong_items(connection, self._id, some.after, some.upto, cursor)
            return some.n, verify.moved(connection, drawn, some) if drawn else 0, flaws

        done = moved = 0
        for n, weighed, flaws in verify.spread(self._crew, self._tasks(look)):
            done, moved = done + n, moved + weighed
            self._flaws = list(verify.chained(self._flaws, flaws))
            told(done, entries)
        if drawn:
            self._flaws += verify.days(self._connection, drawn, moved)

    def _tasks(
        self, look: Callable[[Range, Connection], tuple[int, int, list[Flaw]]]
    ) -> Iterator[Callable[[Connection], tuple[int, int, list[Flaw]]]]:  # fmt: skip
        return (partial(look, some) for some in verify.ranges(self._connection, self._id))

    def _rest(self, links: Links) -> tuple[int, int]:
        unsealed, lines, flaws = verify.unsealed(self._connection, self._id, links)
        self._flaws += flaws
        return unsealed, lines


def look(connection: Connection, context: LedgerContext, settings: Settings, now: datetime) -> list[Finding]:
    """What `tieout doctor` says of seals: how far they are behind and who holds them, and how far each anchor is."""
    last, lag = seal.last_block(connection, context.id), seal.lag(connection, context.id)
    sealed = f"block {last[0].block_no} of {last[0].sealed_at:%Y-%m-%d %H:%M} UTC" if last else "none yet"
    behind = lag.since is not None and now - lag.since > _PATIENCE * timedelta(seconds=settings.seal_seconds)
    remedy = ""
    if behind:
        sealed += f", {lag.entries:,} entries wait since {lag.since:%Y-%m-%d %H:%M} UTC"
        held = f"{lag.writer} has been writing since {lag.writing_since:%H:%M} UTC; end it." if lag.writer else ""
        remedy = held or "Start `tieout work`, or run `tieout seal` to see why nothing is sealed."
    found = [Finding("seals", not behind, sealed, remedy)]
    there = seal.anchored(connection, context.id)
    for place in settings.anchors if last else ():
        number, at, _ = there.get(place, (0, datetime.min.replace(tzinfo=UTC), ""))
        late = last is not None and number < last[0].block_no
        late = late and now - at > _PATIENCE * timedelta(minutes=settings.anchor_minutes)
        detail = f"block {number} at {place}, {at:%Y-%m-%d %H:%M} UTC" if number else f"nothing at {place} yet"
        remedy = "Run `tieout seal` to see what the place says." if late else ""
        found.append(Finding("anchor", not late, detail, remedy))
    return found


def _now() -> datetime:
    return datetime.now(UTC)
