"""Accepting what came later: a fact told again with other figures replaces the one that stands, by a person's word."""

from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from tieout.app import understanding
from tieout.app.context import LedgerContext
from tieout.db.pool import Connection
from tieout.events import store as events
from tieout.events.store import State, Told
from tieout.intake import store as intake
from tieout.ledger import link
from tieout.ledger import store as ledger
from tieout.ledger.correction import Terms, reversal
from tieout.model.case import NEXT_STEP, Case, CaseDraft
from tieout.model.entry import EntryDraft, EntryLink, LinkKind
from tieout.model.error import Conflict, ResolutionRefused
from tieout.model.event import Event
from tieout.model.ids import IdKind, parse_id
from tieout.posting.book import Wait, book


class Newer(Struct, frozen=True):
    """A fact as it was told later: the event it replaces, and what that comes to in the books.

    `taken_back` is empty if the first telling was never booked, `entry` if the later one moves no money.
    """

    event: Event
    told: Told
    old_entry: int | None
    taken_back: EntryDraft | None
    entry: EntryDraft | None

    @property
    def entries(self) -> tuple[EntryDraft, ...]:
        """What accepting it posts."""
        return tuple(entry for entry in (self.taken_back, self.entry) if entry is not None)


def later_delivery(case: Case) -> int | None:
    """The delivery that came later, if the case is about whole deliveries and not about one fact of theirs."""
    linked = [parse_id(link_) for link_ in case.draft.links]
    if any(kind is IdKind.EVENT for kind, _ in linked):
        return None
    return max(number for kind, number in linked if kind is IdKind.DELIVERY)


def newer(connection: Connection, context: LedgerContext, case: Case, terms: Terms) -> Newer:
    """The later telling a case is about. Raises ResolutionRefused if it cannot take the place of the first."""
    event, told = _told(connection, context, case)
    old = [entry for _, entry in ledger.of_events(connection, context.id, [event.id])]
    entry = _booked(connection, context, event, told, terms)
    taken_back = _taken_back(connection, context, old[-1], terms) if old else None
    return Newer(event, told, old[-1] if old else None, taken_back, entry)


def accept(connection: Connection, context: LedgerContext, found: Newer) -> None:
    """Records the later telling as the event's next version, and books it in the place of the first."""
    number = events.replace(connection, context.id, found.told)
    drafts = [
        msgspec.structs.replace(draft, event_id=number) if draft is found.entry else draft for draft in found.entries
    ]
    posted = ledger.post(connection, context.id, drafts, context.accounts) if drafts else []
    if found.entry is not None and found.old_entry is not None:
        replaces = EntryLink(posted[-1].entry_id, LinkKind.REPLACES, found.old_entry)
        link.put_link(connection, context.id, replaces)
    events.set_states(connection, context.id, [State(number, "posted" if found.entry else "memo")])


def _told(connection: Connection, context: LedgerContext, case: Case) -> tuple[Event, Told]:
    linked = [parse_id(link_) for link_ in case.draft.links]
    (event,) = events.load(connection, context.id, [next(n for kind, n in linked if kind is IdKind.EVENT)])
    if events.states(connection, context.id, [event.id])[event.id].state == "superseded":
        raise ResolutionRefused("Another telling has taken its place already", where="case", remedy="Dismiss it.")
    deliveries = intake.deliveries(connection, context.id, [n for kind, n in linked if kind is IdKind.DELIVERY])
    for delivery in reversed(deliveries):
        for draft in understanding.read(context, delivery).events:
            named = f"{draft.key}#{events.content_hash(draft).hex()[:12]}"
            if named == case.draft.subject and draft.objection is None:
                return event, Told(context.source(delivery.source).id, delivery.id, draft)
    raise ResolutionRefused(
        "Today's mapping reads the delivery otherwise than when this exception arose",
        where="case",
        remedy="Replay the delivery; if it still tells of other figures, there will be an exception of its own.",
    )


def _booked(
    connection: Connection, context: LedgerContext, event: Event, told: Told, terms: Terms
) -> EntryDraft | None:
    zone = ZoneInfo(context.entity.timezone)
    draft = told.draft
    wanted = [(c.currency, draft.occurred_at.astimezone(zone).date()) for c in draft.components]
    outcome = book(msgspec.structs.replace(event, draft=draft), context.books(connection, wanted))
    if isinstance(outcome, Wait):
        awaited = ", ".join(outcome.keys)
        raise ResolutionRefused(f"It waits for {awaited}", where="case", remedy="See to that first.")
    if isinstance(outcome, CaseDraft):
        raise ResolutionRefused(outcome.sentence, where="case", remedy=NEXT_STEP[outcome.reason])
    if not isinstance(outcome, EntryDraft):
        return None
    _, version = events.newest(connection, context.id, draft.key)
    key = events.key_of_version(draft.key, version + 1)
    return msgspec.structs.replace(outcome, key=key, why=f"{outcome.why} {terms.reason}", actor=terms.actor)


def _taken_back(connection: Connection, context: LedgerContext, entry_id: int, terms: Terms) -> EntryDraft | None:
    """The reversal of the first telling's entry, unless nothing is left of it."""
    try:
        return reversal_on_its_day(connection, context, entry_id, terms)
    except Conflict:
        return None


def reversal_on_its_day(connection: Connection, context: LedgerContext, entry_id: int, terms: Terms) -> EntryDraft:
    """The reversal of what is left of an entry, on the entry's own day if that is open.

    Raises Conflict if nothing is left.
    """
    link.take_entry(connection, context.id, entry_id)
    (entry,) = ledger.entries(connection, context.id, [entry_id])
    left = link.left(connection, context.id, entry_id)
    parts = sum(made.of_entry_id == entry_id for made in link.links(connection, context.id, [entry_id]))
    day = context.open_day(entry.draft.effective_date, {found.account for found in left})
    return reversal(entry, left, msgspec.structs.replace(terms, on=day, parts=parts))
