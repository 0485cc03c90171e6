"""Trace: walks delivery ⇄ event ⇄ entry ⇄ match ⇄ case from any of them, and along the chain sale → bank.

Upstream is towards the sale and the raw payload, downstream towards the bank. A match ties many things; the walk
goes through it only to what lies further along the chain, so that one payout does not drag in a thousand sales.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import msgspec

from tieout.app.context import LedgerContext
from tieout.app.linking import corrections_around, relation_to
from tieout.cases import store as cases
from tieout.db.pool import Connection
from tieout.events import store as events
from tieout.intake import store as intake
from tieout.ledger import store as ledger
from tieout.model.error import NotFound
from tieout.model.event import Event, EventKind, total_minor
from tieout.model.ids import IdKind, parse_id, public_id
from tieout.model.match import Match
from tieout.model.trace import Trace, TraceEdge, TraceNode
from tieout.reconciliation import store as reconciliation

#: How far along the chain an event stands; case resolutions stand beside whatever they resolve.
_STATION = {
    EventKind.ORDER_PLACED: 1, EventKind.ORDER_EDITED: 1, EventKind.ORDER_REFUNDED: 1,
    EventKind.GIFT_CARD_REDEEMED: 2, EventKind.STORE_CREDIT_REDEEMED: 2, EventKind.PAYMENT_CAPTURED: 2,
    EventKind.PAYMENT_REFUNDED: 2, EventKind.REFUND_FAILED: 2, EventKind.CHARGE_SETTLED: 3,
    EventKind.REFUND_SETTLED: 3, EventKind.REFUND_RETURNED: 3, EventKind.DISPUTE_WITHDRAWN: 3,
    EventKind.DISPUTE_REINSTATED: 4, EventKind.DISPUTE_LOST: 4, EventKind.PAYOUT_SENT: 5, EventKind.PAYOUT_FAILED: 6,
    EventKind.BANK_CREDITED: 7, EventKind.BANK_DEBITED: 7,
}  # fmt: skip
#: The kinds of reference a person may leave out when looking for one; “” is for those written in full.
_FOUND_BY = (
    "", "order:", "order_name:", "order_name:#", "charge:", "payment_intent:", "refund:", "shop_refund:", "payout:",
    "txn:", "dispute:", "trace:", "statement:", "end_to_end:", "remittance:",
)  # fmt: skip
#: More partners than this at one match are counted, not listed.
_PARTNERS_MAX = 12
_STEPS_MAX = 12
_ORDER = {"delivery": 0, "event": 1, "entry": 2, "match": 3, "case": 4}


class _Walk:
    """Collects nodes and edges; every thing is visited once in each direction."""

    def __init__(self, connection: Connection, context: LedgerContext) -> None:
        self.connection = connection
        self.context = context
        self.nodes: dict[str, TraceNode] = {}
        self.edges: dict[tuple[str, str], TraceEdge] = {}
        self.stations: dict[str, int] = {}

    def link(self, earlier: str, later: str, relation: str) -> None:
        self.edges.setdefault((earlier, later), TraceEdge(earlier, later, relation))

    def add_events(self, ids: Sequence[int]) -> list[int]:
        """Adds events with their deliveries and entries; returns the numbers of the entries."""
        if not ids:
            return []
        known = self.context.id
        for event in events.load(self.connection, known, ids):
            self.nodes[public_id(IdKind.EVENT, event.id)] = _event_node(event)
        tellings = events.tellings_of_events(self.connection, known, ids)
        self.add_deliveries([delivery for _, delivery, _ in tellings])
        for event_id, delivery, outcome in tellings:
            relation = {"first": "told of", "repeated": "told again of", "changed": "told differently of"}[outcome]
            self.link(public_id(IdKind.DELIVERY, delivery), public_id(IdKind.EVENT, event_id), relation)
        booked = ledger.of_events(self.connection, known, ids)
        self.add_entries([entry for _, entry in booked])
        for event_id, entry in booked:
            self.link(public_id(IdKind.EVENT, event_id), public_id(IdKind.ENTRY, entry), "was booked as")
        return [entry for _, entry in booked]

    def add_deliveries(self, ids: Sequence[int]) -> None:
        """Adds deliveries, and nothing else."""
        for d in intake.deliveries(self.connection, self.context.id, sorted(set(ids))):
            name = public_id(IdKind.DELIVERY, d.id)
            title = f"{d.source} · {d.topic}"
            detail = f"{d.channel} {d.verdict}, {len(d.body):,} bytes, sha-256 {d.body_sha256.hex()[:12]}"
            self.nodes[name] = TraceNode(name, "delivery", title, detail, d.received_at)

    def add_entries(self, ids: Sequence[int]) -> None:
        """Adds entries with the corrections made of them, and nothing else."""
        made = corrections_around(self.connection, self.context, ids)
        for one in made:
            earlier, later = public_id(IdKind.ENTRY, one.of_entry_id), public_id(IdKind.ENTRY, one.entry_id)
            self.link(earlier, later, relation_to(one.kind))
        ids = sorted({*ids, *(n for one in made for n in (one.entry_id, one.of_entry_id))})
        for entry in ledger.entries(self.connection, self.context.id, ids):
            name = public_id(IdKind.ENTRY, entry.id)
            draft = entry.draft
            debit = sum(line.amount_minor for line in draft.lines if line.amount_minor > 0)
            currency = draft.lines[0].currency
            detail = f"{draft.effective_date} by rule {draft.rule_id}@{draft.rule_version}: {draft.why}"
            single = len({line.currency for line in draft.lines}) == 1
            self.nodes[name] = TraceNode(
                name,
                "entry",
                draft.memo,
                detail,
                entry.recorded_at,
                draft.occurred_at,
                debit if single else None,
                currency,
            )

    def add_matches(self, entry_ids: Sequence[int]) -> list[tuple[Match, set[int]]]:
        """Adds the matches that tie these entries; returns each with the entries of ours it ties."""
        made = reconciliation.items_of_entries(self.connection, self.context.id, entry_ids)
        mine = {item: entry for entry, item in made}
        tied = reconciliation.matches_of_items(self.connection, self.context.id, list(mine))
        by_match: dict[int, set[int]] = {}
        for match_id, item_id in tied:
            by_match.setdefault(match_id, set()).add(mine[item_id])
        found = []
        for match in reconciliation.matches(self.connection, self.context.id, sorted(by_match)):
            name = public_id(IdKind.MATCH, match.id)
            draft = match.draft
            tied_minor = sum(a.amount_minor for a in draft.allocations if a.amount_minor > 0)
            detail = f"{draft.why} (pass {draft.pass_id}@{draft.pass_version})"
            title = f"{draft.account} · {draft.key}"
            at = match.recorded_at
            self.nodes[name] = TraceNode(name, "match", title, detail, at, None, tied_minor, draft.currency)
            for entry_id in by_match[match.id]:
                self.link(public_id(IdKind.ENTRY, entry_id), name, "is tied by")
            found.append((match, by_match[match.id]))
        self.add_differences(sorted(by_match))
        return found

    def add_differences(self, match_ids: Sequence[int]) -> None:
        """Adds the entries of the exchange differences that these matches realised."""
        booked = reconciliation.entries_of_matches(self.connection, self.context.id, match_ids)
        self.add_entries([entry for _, entry in booked])
        for match, entry in booked:
            self.link(public_id(IdKind.MATCH, match), public_id(IdKind.ENTRY, entry), "realised")

    def partners(self, match: Match) -> dict[int, int | None]:
        """The entries a match ties, with their events."""
        ids = [a.item_id for a in match.draft.allocations]
        rows = reconciliation.open_items(self.connection, self.context.id, ids=ids, closed_too=True)
        return {row.item.entry_id: row.item.event_id for row in rows}

    def add_cases(self, more: Sequence[int] = ()) -> None:
        """Adds the cases about anything found so far, and these."""
        names = list(self.nodes)
        ids = cases.linked_to(self.connection, self.context.id, names)
        for case in cases.load(self.connection, self.context.id, [*ids, *more]):
            name = public_id(IdKind.CASE, case.id)
            draft = case.draft
            title = f"{draft.reason.value.replace('_', ' ').capitalize()} · {case.state}"
            self.nodes[name] = TraceNode(
                name, "case", title, draft.sentence, case.opened_at, None, draft.amount_minor, draft.currency
            )
            for link in draft.links:
                if link in names:
                    self.link(link, name, "raised")


def _event_node(event: Event) -> TraceNode:
    draft = event.draft
    amount = total_minor(draft.components) if draft.components else None
    currency = draft.components[0].currency if draft.components else None
    title = draft.kind.value.replace("_", " ").capitalize()
    return TraceNode(
        public_id(IdKind.EVENT, event.id), "event", f"{title} · {draft.aggregate}", f"{event.source} says: {draft.key}",
        event.recorded_at, draft.occurred_at, amount, currency,
    )  # fmt: skip


def trace(connection: Connection, context: LedgerContext, start: str) -> Trace:
    """Everything connected to an id or a reference along the flow. Raises NotFound for one nothing is known of."""
    kind, number, seeds = _start(connection, context, start)
    walk = _Walk(connection, context)
    entry_ids = walk.add_events(seeds.events)
    walk.add_entries(seeds.entries)
    walk.add_deliveries(seeds.deliveries)
    for again, first in seeds.repeats.items():
        walk.link(public_id(IdKind.DELIVERY, first), public_id(IdKind.DELIVERY, again), "came again as")
    start_entries = [*entry_ids, *seeds.entries]
    for direction in (1, -1):
        _follow(walk, start_entries, direction)
    walk.add_cases([number] if kind is IdKind.CASE else [])
    if kind is not None and not _exists(walk, seeds, kind, number):
        raise NotFound(f"There is nothing called “{start}”", where="id", remedy="Ids are shown beside every number.")
    nodes = sorted(walk.nodes.values(), key=lambda n: (n.happened_at or n.at, _ORDER[n.kind], n.at, n.id))
    kept = walk.nodes.keys()
    edges = [e for e in walk.edges.values() if e.earlier in kept and e.later in kept]
    return Trace(start, tuple(nodes), tuple(sorted(edges, key=lambda e: (e.earlier, e.later))))


def found_by(reference: str) -> list[str]:
    """What a person may mean by a reference: itself, or one whose kind they left out, such as an order number."""
    return [kind + reference.strip() for kind in _FOUND_BY]


def _start(connection: Connection, context: LedgerContext, start: str) -> "tuple[IdKind | None, int, _Seeds]":
    """What an id is, and where its trace starts; for a reference, at the events that carry it."""
    try:
        kind, number = parse_id(start)
    except NotFound:
        carrying = events.with_references(connection, context.id, found_by(start))
        if not carrying:
            raise
        return None, 0, _Seeds(carrying)
    return kind, number, _seeds(connection, context, kind, number)


def _exists(walk: _Walk, seeds: "_Seeds", kind: IdKind, number: int) -> bool:
    """Whether the id is real. Items and runs are no stations on the way, so they are no nodes either."""
    if kind is IdKind.ITEM:
        return bool(seeds.events or seeds.entries)
    if kind is IdKind.RUN:
        return reconciliation.run(walk.connection, walk.context.id, number) is not None
    return public_id(kind, number) in walk.nodes


class _Seeds:
    """Where a trace starts: events, entries and deliveries the id leads to at once; `repeats` by their first ones."""

    def __init__(
        self, event_ids: Iterable[int] = (), entries: Iterable[int] = (), deliveries: Iterable[int] = (),
        repeats: Mapping[int, int] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self.repeats = repeats
        self.events = sorted(set(event_ids))
        self.entries = sorted(set(entries))
        self.deliveries = sorted(set(deliveries))


def _seeds(connection: Connection, context: LedgerContext, kind: IdKind, number: int) -> _Seeds:
    if kind is IdKind.DELIVERY:
        repeats = intake.first_deliveries(connection, context.id, [number])
        told = events.tellings_of_deliveries(connection, context.id, [number, *repeats.values()])
        return _Seeds((event for event, _, _ in told), (), [number, *repeats.values()], repeats)
    if kind is IdKind.EVENT:
        return _Seeds([number])
    if kind is IdKind.ENTRY:
        realised = [match for match, _ in reconciliation.matches_of_entries(connection, context.id, [number])]
        return _of_entries(connection, context, [number, *_tied_by(connection, context, realised)])
    if kind is IdKind.ITEM:
        rows = reconciliation.open_items(connection, context.id, ids=[number], closed_too=True)
        return _of_entries(connection, context, [row.item.entry_id for row in rows])
    if kind is IdKind.MATCH:
        return _of_entries(connection, context, _tied_by(connection, context, [number]))
    found = cases.load(connection, context.id, [number]) if kind is IdKind.CASE else []
    links = [parse_id(link) for case in found for link in case.draft.links]
    own = _of_entries(connection, context, [n for k, n in links if k is IdKind.ENTRY])
    return _Seeds(
        [*own.events, *(n for k, n in links if k is IdKind.EVENT)],
        own.entries,
        [n for k, n in links if k is IdKind.DELIVERY],
    )


def _tied_by(connection: Connection, context: LedgerContext, match_ids: Sequence[int]) -> list[int]:
    """The first entries that these matches tie."""
    ids = [a.item_id for m in reconciliation.matches(connection, context.id, match_ids) for a in m.draft.allocations]
    rows = reconciliation.open_items(connection, context.id, ids=ids[:_PARTNERS_MAX], closed_too=True)
    return [row.item.entry_id for row in rows]


def _of_entries(connection: Connection, context: LedgerContext, ids: Sequence[int]) -> _Seeds:
    found = ledger.entries(connection, context.id, ids)
    with_event = [entry.draft.event_id for entry in found if entry.draft.event_id is not None]
    return _Seeds(with_event, [entry.id for entry in found if entry.draft.event_id is None])


def _follow(walk: _Walk, entry_ids: Sequence[int], direction: int) -> None:
    """Walks matches from these entries to partners further along (direction 1) or nearer the sale (−1)."""
    frontier = list(entry_ids)
    seen = set(frontier)
    for _ in range(_STEPS_MAX):
        following: list[int] = []
        for match, mine in walk.add_matches(frontier):
            partners = walk.partners(match)
            stations = _stations(walk, [event for event in partners.values() if event is not None])
            here = [stations.get(partners[entry] or 0, 0) for entry in mine]
            base = max(here) if direction > 0 else min(here)
            further = [
                entry for entry, event in partners.items()
                if entry not in seen and event is not None and (stations[event] - base) * direction > 0
            ]  # fmt: skip
            beside = [entry for entry, event in partners.items() if entry not in seen and event is None]
            following += _add_partners(walk, match, further, partners)
            walk.add_entries(beside)
            for entry in beside:
                walk.link(public_id(IdKind.ENTRY, entry), public_id(IdKind.MATCH, match.id), "is tied by")
        seen.update(following)
        frontier = following
        if not frontier:
            return


def _stations(walk: _Walk, event_ids: Sequence[int]) -> dict[int, int]:
    loaded = events.load(walk.connection, walk.context.id, event_ids)
    return {event.id: _STATION.get(event.draft.kind, 0) for event in loaded}


def _add_partners(walk: _Walk, match: Match, further: Sequence[int], partners: dict[int, int | None]) -> list[int]:
    name = public_id(IdKind.MATCH, match.id)
    if len(further) > _PARTNERS_MAX:
        node = walk.nodes[name]
        detail = f"{node.detail} It ties {len(further)} more entries; open the match to see them."
        walk.nodes[name] = msgspec.structs.replace(node, detail=detail)
        return []
    walk.add_events(sorted({event for entry in further if (event := partners[entry]) is not None}))
    for entry in further:
        walk.link(public_id(IdKind.ENTRY, entry), name, "is tied by")
    return list(further)
