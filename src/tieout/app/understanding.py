"""The worker's unit of work: deliveries become events, events entries or cases, and all of it commits at once."""

import traceback
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from msgspec import Struct

from tieout.app import owing
from tieout.app.context import LedgerContext
from tieout.app.raising import (
    STATEMENT_REASONS,
    changed_case,
    held_case,
    objection_case,
    overdue_case,
    refused_case,
    statement_of,
    together,
)
from tieout.app.settings import Settings
from tieout.cases import store as cases
from tieout.db.pool import Connection, Database, DatabaseAway
from tieout.events import mapping
from tieout.events import store as events
from tieout.events.store import Overdue, State, Told
from tieout.intake import store as intake
from tieout.intake.store import WorkItem
from tieout.ledger import store as ledger
from tieout.masterdata import store as masterdata
from tieout.model.case import CaseDraft, Reason
from tieout.model.connector import Undecodable
from tieout.model.delivery import Delivery
from tieout.model.entry import EntryDraft
from tieout.model.error import PostingRefused
from tieout.model.event import Event, EventDraft
from tieout.model.ids import IdKind, parse_id, public_id
from tieout.model.rate import MissingRate
from tieout.posting.book import Memo, Wait, book

STAGE = "understanding"
#: What a booked event is no longer about, however it was put right.
_SETTLED_BY_BOOKING = tuple(set(Reason) - {Reason.CONTENT_CHANGED})
_BOOKED = "What was missing has come; it is booked."
_SETTLED_BY_ARRIVAL = (Reason.PREREQUISITE_MISSING, Reason.RATE_MISSING)
#: What reading a delivery can object to; reading it again with a better mapping settles it.
_OBJECTIONS = (
    Reason.DELIVERY_UNREADABLE,
    Reason.DELIVERY_FAILED,
    Reason.TOPIC_UNKNOWN,
    Reason.CODE_UNKNOWN,
    Reason.FIELD_MISSING,
    Reason.AMOUNT_UNUSABLE,
    Reason.CURRENCY_UNKNOWN,
)
_LOG = structlog.get_logger("tieout")


class WorkReport(Struct, frozen=True):
    """What a call of `work` did."""

    deliveries: int = 0
    events: int = 0
    entries: int = 0
    cases: int = 0
    failures: int = 0

    def __add__(self, other: "WorkReport") -> "WorkReport":
        return WorkReport(*(a + b for a, b in zip(self._values(), other._values(), strict=True)))

    def _values(self) -> tuple[int, ...]:
        return (self.deliveries, self.events, self.entries, self.cases, self.failures)


def work(
    database: Database, settings: Settings, now: datetime, limit: int, *, only: int | None = None
) -> WorkReport:  # fmt: skip
    """Claims and finishes up to `limit` deliveries, or `only` this one.

    A delivery that breaks the batch is found and put off alone.
    """
    claimed = 0
    try:
        with database.unit() as connection:
            items = intake.claim(connection, now, limit, only)
            claimed = len(items)
            return _process(connection, settings, items)
    except Exception as error:
        if _is_away(error) or not claimed:
            raise
        report = WorkReport()
        for _ in range(claimed):
            report += _work_one(database, settings, now, only)
        return report


def _work_one(database: Database, settings: Settings, now: datetime, only: int | None) -> WorkReport:
    item: WorkItem | None = None
    try:
        with database.unit() as connection:
            items = intake.claim(connection, now, 1, only)
            item = items[0] if items else None
            return _process(connection, settings, items)
    except Exception as error:
        if _is_away(error) or item is None:
            raise
        _put_off(database, settings, item, now, "".join(traceback.format_exception(error, chain=False)))
        return WorkReport(failures=1)


def _is_away(error: Exception) -> bool:
    """Whether the database is at fault and not the delivery.

    The driver files class 54, a limit that the data exceed, with a server that is away. Taken for that, one delivery
    would hold up all others for ever.
    """
    return isinstance(error, DatabaseAway) and not (error.sqlstate or "").startswith("54")


def _put_off(database: Database, settings: Settings, item: WorkItem, now: datetime, error: str) -> None:
    """Tries again later, a little later each time; after too many attempts sets the delivery aside with a case."""
    quarantine = item.attempts + 1 >= settings.attempts_max
    _LOG.error(
        "work.failed", delivery=public_id(IdKind.DELIVERY, item.delivery_id), attempt=item.attempts + 1, error=error
    )
    with database.unit() as connection:
        wait = timedelta(seconds=min(2**item.attempts, 3600))
        ours = intake.put_off(connection, item, next_at=now + wait, error=error, quarantine=quarantine)
        if ours and quarantine:
            name = public_id(IdKind.DELIVERY, item.delivery_id)
            sentence = f"Processing {name} failed {item.attempts + 1} times: {error.strip().splitlines()[-1][:200]}"
            case = CaseDraft(Reason.DELIVERY_FAILED, name, sentence, links=(name,))
            cases.open_cases(connection, item.ledger_id, STAGE, [case])


def _process(connection: Connection, settings: Settings, items: Sequence[WorkItem]) -> WorkReport:
    report = WorkReport()
    for ledger_id in sorted({item.ledger_id for item in items}):
        own = [item for item in items if item.ledger_id == ledger_id]
        context = LedgerContext(connection, settings, ledger_id)
        report += understand(connection, context, settings, [item.delivery_id for item in own])
        intake.finish(connection, ledger_id, [item.id for item in own])
    return report


def understand(
    connection: Connection, context: LedgerContext, settings: Settings, delivery_ids: Sequence[int]
) -> WorkReport:
    """Reads deliveries, records their events and books what can be booked; odd content becomes cases."""
    deliveries = intake.deliveries(connection, context.id, delivery_ids)
    told: list[Told] = []
    notes: list[tuple[int, int, str]] = []
    drafts: list[CaseDraft] = []
    for delivery in deliveries:
        reading = read(context, delivery)
        source_id = context.source(delivery.source).id
        told += [Told(source_id, delivery.id, draft) for draft in reading.events]
        notes += [(delivery.id, number, why) for number, why in enumerate(reading.notes, start=1)]
        drafts += [objection_case(delivery, objection) for objection in reading.objections]
    events.note(connection, context.id, notes)
    recorded = events.record(connection, context.id, told)
    drafts += [changed_case(event_id, t) for event_id, t in recorded.changed]
    _settle_understood(connection, context, deliveries, drafts)
    report = advance(connection, context, settings, recorded.new_ids)
    opened = cases.open_cases(connection, context.id, STAGE, drafts)
    return report + WorkReport(deliveries=len(deliveries), events=len(recorded.new_ids), cases=opened.news)


def read(context: LedgerContext, delivery: Delivery) -> mapping.Reading:
    """What a delivery says, with today's mapping; it is not recorded."""
    connector = context.connector_of(delivery.source)
    try:
        document = connector.parse(delivery.topic, delivery.parameters, delivery.body)
    except Undecodable as error:
        found = mapping.Objection(Reason.DELIVERY_UNREADABLE, delivery.topic, str(error))
        return mapping.Reading(objections=(found,))
    return mapping.read(connector, delivery.source, delivery.topic, delivery.parameters, document)


def _settle_understood(
    connection: Connection, context: LedgerContext, deliveries: Sequence[Delivery], drafts: Sequence[CaseDraft]
) -> None:
    """Closes what an earlier reading of these deliveries objected to, if today's mapping understands them wholly."""
    odd = {link for draft in drafts for link in draft.links}
    names = [public_id(IdKind.DELIVERY, delivery.id) for delivery in deliveries]
    understood = [name for name in names if name not in odd]
    cases.settle_about(connection, context.id, _OBJECTIONS, understood, "Read again, and understood.")


def advance(
    connection: Connection,
    context: LedgerContext,
    settings: Settings,
    event_ids: Iterable[int],
    *,
    release: bool = False,
) -> WorkReport:
    """Moves events as far as they can go, then those that waited for them, until nothing moves.

    `release` books held events as the source states them, because a person said so.
    """
    report = WorkReport()
    waiting = list(event_ids)
    while waiting:
        batch = events.load(connection, context.id, waiting)
        report += _advance_once(connection, context, settings, batch, release=release)
        keys = [event.draft.key for event in batch]
        settled = sorted(set(keys) - events.unmet(connection, context.id, keys))
        waiting = events.parked_waiting_for(connection, context.id, settled)
        waiting = [number for number in waiting if _is_ready(connection, context, number)]
    return report


def _is_ready(connection: Connection, context: LedgerContext, event_id: int) -> bool:
    (event,) = events.load(connection, context.id, [event_id])
    return not events.unmet(connection, context.id, event.draft.requires)


def _advance_once(
    connection: Connection, context: LedgerContext, settings: Settings, batch: Sequence[Event], *, release: bool
) -> WorkReport:
    unmet = events.unmet(connection, context.id, [key for event in batch for key in event.draft.requires])
    zone = ZoneInfo(context.entity.timezone)
    books = context.books(
        connection,
        [(c.currency, e.draft.occurred_at.astimezone(zone).date()) for e in batch for c in e.draft.components],
    )
    entries: list[EntryDraft] = []
    states: list[State] = []
    drafts: list[CaseDraft] = []
    for event in batch:
        missing = tuple(key for key in event.draft.requires if key in unmet)
        if event.draft.objection is not None and not release:
            states.append(State(event.id, "held"))
            drafts.append(held_case(event))
        elif missing:
            states.append(_parked(event, missing, settings))
        else:
            outcome = book(event, books)
            if isinstance(outcome, EntryDraft):
                entries.append(outcome)
            elif isinstance(outcome, Memo):
                states.append(State(event.id, "memo"))
            elif isinstance(outcome, Wait):
                states.append(_parked(event, outcome.keys, settings))
                if context.rate_policy.missing is MissingRate.CASE:
                    drafts.append(overdue_case(Overdue(event.id, event.draft, outcome.keys, utc_now())))
            else:
                states.append(State(event.id, "held"))
                drafts.append(outcome)
    posted, refused = _post(connection, context, entries)
    states += [State(event_id, "posted") for event_id in posted]
    states += [State(event_id, "held") for event_id, _ in refused]
    drafts += [case for _, case in refused]
    events.set_states(connection, context.id, states)
    opened = cases.open_cases(connection, context.id, STAGE, together(drafts))
    stands = {state.event_id: state.state for state in states}
    _settle(connection, context, batch, stands)
    owed = owing.hear(connection, context, [event for event in batch if stands[event.id] in ("posted", "memo")])
    return WorkReport(entries=len(posted) + owed.entries, cases=opened.news + owed.stuck)


def _settle(connection: Connection, context: LedgerContext, batch: Sequence[Event], states: Mapping[int, str]) -> None:
    """Closes the cases of what has come to its end, and of what waits no longer although it is held now."""
    done = [event.draft.key for event in batch if states[event.id] in ("posted", "memo")]
    cases.settle(connection, context.id, _SETTLED_BY_BOOKING, done, _BOOKED)
    _settle_statements(connection, context, [e.draft for e in batch if states[e.id] in ("posted", "memo")])
    held = [event.draft.key for event in batch if states[event.id] == "held"]
    cases.settle(connection, context.id, _SETTLED_BY_ARRIVAL, held, "What it waited for has come.")


def _settle_statements(connection: Connection, context: LedgerContext, done: Sequence[EventDraft]) -> None:
    """Closes the cases of statements of which nothing is held any more."""
    subjects = sorted({subject for draft in done if (subject := statement_of(draft)) is not None})
    for case in cases.open_about(connection, context.id, STATEMENT_REASONS, subjects) if subjects else ():
        ids = [number for kind, number in map(parse_id, case.draft.links) if kind is IdKind.EVENT]
        if all(state.state != "held" for state in events.states(connection, context.id, ids).values()):
            cases.settle(connection, context.id, [case.draft.reason], [case.draft.subject], _BOOKED)


def _parked(event: Event, keys: tuple[str, ...], settings: Settings) -> State:
    """The deadline counts from when it happened, so that it does not depend on when we heard of it."""
    return State(event.id, "parked", keys, event.draft.occurred_at + timedelta(days=settings.park_days))


def _post(
    connection: Connection, context: LedgerContext, entries: Sequence[EntryDraft]
) -> tuple[set[int], list[tuple[int, CaseDraft]]]:
    """Posts all at once; if the ledger refuses, one by one, so that only what is wrong stays behind."""
    try:
        with connection.transaction():
            ledger.post(connection, context.id, entries, context.accounts)
        return {e.event_id for e in entries if e.event_id is not None}, []
    except PostingRefused as refusal:
        if len(entries) == 1:
            assert entries[0].event_id is not None
            return set(), [(entries[0].event_id, refused_case(entries[0], refusal))]
    posted: set[int] = set()
    refused: list[tuple[int, CaseDraft]] = []
    for entry in entries:
        done, not_done = _post(connection, context, [entry])
        posted |= done
        refused += not_done
    return posted, refused


def sweep(database: Database, settings: Settings, now: datetime, limit: int = 500) -> WorkReport:
    """Releases parked events that nothing holds any more, and raises those past their deadline; for idle workers."""
    report = WorkReport()
    with database.unit() as connection:
        for ledger_id in all_ledgers(connection):
            context = LedgerContext(connection, settings, ledger_id)
            report += release_ready(connection, context, settings, limit)
            report += raise_overdue(connection, context, now)
    return report


def release_ready(
    connection: Connection, context: LedgerContext, settings: Settings, limit: int | None = None
) -> WorkReport:
    """Books parked events that nothing holds any more.

    An event and what it waits for, understood at once by two workers, do not see each other: neither releases it.
    """
    ready = events.parked_and_ready(connection, context.id, limit)
    return advance(connection, context, settings, [*ready, *_with_rates(connection, context)])


def _with_rates(connection: Connection, context: LedgerContext) -> list[int]:
    """Events parked for an exchange rate that is known by now: parked by one while another imported the rates."""
    waited = {key: _asked_of(key) for key in events.rates_waited_for(connection, context.id)}
    books = context.books(connection, list(waited.values()))
    known = [key for key, (currency, day) in waited.items() if books.rate_for(currency, day) is not None]
    return events.parked_waiting_for(connection, context.id, known) if known else []


def _asked_of(key: str) -> tuple[str, date]:
    """The currency and day of a rate_key."""
    _, pair, day = key.split(":")
    return pair.partition("/")[0], date.fromisoformat(day)


def all_ledgers(connection: Connection) -> list[int]:
    """Numbers of all ledgers."""
    return [row.entity.id for row in masterdata.ledgers(connection)]


def raise_overdue(connection: Connection, context: LedgerContext, now: datetime) -> WorkReport:
    """A case for every parked event whose deadline has passed. It stays parked: arrival still releases it."""
    drafts = [overdue_case(late) for late in events.overdue(connection, context.id, now)]
    return WorkReport(cases=cases.open_cases(connection, context.id, STAGE, drafts).news)


def utc_now() -> datetime:
    """Now, with its zone."""
    return datetime.now(UTC)
