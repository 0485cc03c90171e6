"""Everything a person or program may look at. Each method is one unit of work and changes nothing."""

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from tieout.app import proving, resolution, tracing
from tieout.app.context import LedgerContext
from tieout.app.explaining import explain
from tieout.app.linking import links_of
from tieout.app.opened import Opened
from tieout.app.understanding import utc_now
from tieout.app.views import (
    AccountView,
    CaseView,
    DeliveryView,
    EntryView,
    EventView,
    Expected,
    Explanation,
    HistoryView,
    ItemView,
    LineView,
    MatchView,
    Movement,
)
from tieout.cases import store as cases
from tieout.controls import store as controls
from tieout.controls.store import AuditLine
from tieout.db.pool import Connection
from tieout.events import registry
from tieout.events import store as events
from tieout.events.store import EventRow
from tieout.intake import store as intake
from tieout.ledger import period
from tieout.ledger import store as ledger
from tieout.model.case import Case
from tieout.model.connector import Manifest
from tieout.model.entity import Entity, Source
from tieout.model.entry import Entry
from tieout.model.error import BadInput, NotFound
from tieout.model.ids import IdKind, parse_id, public_id
from tieout.model.match import Match
from tieout.model.period import Period
from tieout.model.proof import Proof, ReasonTotal
from tieout.model.rate import read_rate_text
from tieout.model.trace import Trace
from tieout.reconciliation import store as reconciliation

#: No list is longer than this; ask for the next page with `before`.
PAGE_MAX = 500
#: The largest number the database gives.
NUMBER_MAX = 2**63 - 1
#: What LIKE takes for a wildcard or an escape, and how it is meant as itself.
_WILD, _LITERAL = re.compile(r"[\\%_]"), r"\\\g<0>"
_T = TypeVar("_T")


class Readings(Opened):
    """The reading half of the face."""

    def entity(self) -> Entity:
        """The legal entity whose books these are."""
        with self._books() as (_, context):
            return context.entity

    def proof(self, at: date | None = None) -> Proof:
        """The proof: clearing accounts decomposed, books against bank, exceptions by reason.

        Of everything booked, or as of the end of a day: its balances and statements, and what was open then.
        """
        with self._books() as (connection, context):
            return proving.prove(connection, context, utc_now(), at)

    def sources(self) -> list[Source]:
        """Every source and when it was last heard."""
        with self._books() as (connection, context):
            return intake.health(connection, context.id)

    def connectors(self) -> list[Manifest]:
        """What every installed connector is, by name."""
        return [registry.load(name, self.settings.mappings).manifest for name in sorted(registry.connector_packages())]

    def accounts(self, until: date | None = None) -> list[AccountView]:
        """The chart with balances at the end of a day."""
        with self._books() as (connection, context):
            held: dict[str, dict[str, int]] = {}
            worth: dict[str, dict[str, int]] = {}
            for balance in ledger.balances(connection, context.id, until=until):
                held.setdefault(balance.account, {})[balance.currency] = balance.balance_minor
                worth.setdefault(balance.account, {})[balance.currency] = balance.base_minor
            return [
                AccountView(
                    a.code, a.name, a.type.value, a.role.value, a.clearing, held.get(a.code, {}), worth.get(a.code, {})
                )
                for a in context.accounts.values()
            ]  # fmt: skip

    def journal(self, *, limit: int = 50, **filters: Any) -> list[EntryView]:
        """Newest entries first. Filters: before, since, until, late, account, currency, party, text."""
        with self._books() as (connection, context):
            text = filters.get("text")
            filters["text"] = f"%{_WILD.sub(_LITERAL, text)}%" if text else None
            found = ledger.page(connection, context.id, filters, _page(limit, filters.get("before")))
            return [_entry_view(context, entry) for entry in found]

    def entry(self, entry_id: str) -> EntryView:
        """One entry with its lines."""
        with self._books() as (connection, context):
            found = ledger.entries(connection, context.id, [number_of(entry_id, IdKind.ENTRY)])
            view = _entry_view(context, _only(found, entry_id))
            return msgspec.structs.replace(view, links=tuple(links_of(connection, context, view.entry.id)))

    def event_list(self, *, before: int | None = None, state: str | None = None, limit: int = 50) -> list[EventView]:
        """Newest events first; `state` is posted, memo, parked or held."""
        with self._books() as (connection, context):
            rows = events.page(connection, context.id, before=before, state=state, limit=_page(limit, before))
            return [_event_view(connection, context, row) for row in rows]

    def event(self, event_id: str) -> EventView:
        """One event, who told of it and what it was booked as."""
        with self._books() as (connection, context):
            number = number_of(event_id, IdKind.EVENT)
            event = _only(events.load(connection, context.id, [number]), event_id)
            state = events.states(connection, context.id, [number]).get(number)
            row = (
                EventRow(event, state.state, state.waits_for, state.deadline)
                if state
                else EventRow(event, "new", (), None)
            )
            return _event_view(connection, context, row)

    def inbox(
        self, *, before: int | None = None, source: str | None = None, verdict: str | None = None, limit: int = 50
    ) -> list[DeliveryView]:
        """Newest deliveries first, without bodies."""
        with self._books() as (connection, context):
            rows = intake.page(
                connection, context.id, before=before, source=source, verdict=verdict, limit=_page(limit, before)
            )
            return [
                DeliveryView(
                    public_id(IdKind.DELIVERY, row.delivery.id), row.delivery.source, row.delivery.channel.value,
                    row.delivery.topic, row.delivery.identity, row.delivery.verdict.value, row.delivery.verdict_reason,
                    row.delivery.received_at, row.size, row.work,
                )
                for row in rows
            ]  # fmt: skip

    def delivery(self, delivery_id: str) -> DeliveryView:
        """One delivery with its body as received (JSON is indented for reading), its events and notes."""
        with self._books() as (connection, context):
            number = number_of(delivery_id, IdKind.DELIVERY)
            found = _only(intake.deliveries(connection, context.id, [number]), delivery_id)
            told = events.tellings_of_deliveries(connection, context.id, [number])
            return DeliveryView(
                id=public_id(IdKind.DELIVERY, number),
                source=found.source,
                channel=found.channel.value,
                topic=found.topic,
                identity=found.identity,
                verdict=found.verdict.value,
                verdict_reason=found.verdict_reason,
                received_at=found.received_at,
                size=len(found.body),
                work="",
                headers=dict(found.headers),
                body=_readable(found.body),
                events=tuple(public_id(IdKind.EVENT, event) for event, _, _ in told),
                notes=tuple(events.notes_of(connection, context.id, number)),
            )

    def case_list(
        self, *, only_open: bool | None = True, reason: str | None = None, limit: int = 200
    ) -> list[CaseView]:
        """Exceptions, most money at risk first."""
        with self._books() as (connection, context):
            found = cases.page(connection, context.id, only_open=only_open, reason=reason, limit=_page(limit))
            return [_case_view(case) for case in found]

    def case(self, case_id: str) -> CaseView:
        """One exception with its open items, what can be done, and its history."""
        with self._books() as (connection, context):
            case = resolution.find_case(connection, context, case_id)
            rows = resolution.items_of(connection, context, case)
            history = tuple(
                HistoryView(h.what, h.detail, h.actor, h.at) for h in cases.history(connection, context.id, case.id)
            )
            view = _case_view(case)
            return CaseView(
                view.id, case, view.age_days, tuple(r.item for r in rows), resolution.actions_of(case, rows), history
            )

    def exceptions(self) -> tuple[ReasonTotal, ...]:
        """Open exceptions by reason and currency, with the money at risk."""
        with self._books() as (connection, context):
            return cases.totals(connection, context.id)

    def items(self, *, account: str | None = None, currency: str | None = None) -> list[ItemView]:
        """The open items of clearing accounts, with the names the last run gave them."""
        with self._books() as (connection, context):
            rows = reconciliation.open_items(connection, context.id, account=account, currency=currency)
            names = reconciliation.names(connection, context.id, [row.item.id for row in rows])
            found = []
            for row in rows:
                named = names.get(row.item.id)
                case = public_id(IdKind.CASE, named.case_id) if named and named.case_id else None
                entry = public_id(IdKind.ENTRY, row.item.entry_id)
                found.append(ItemView(public_id(IdKind.ITEM, row.item.id), row.item, entry, named, case))
            return found

    def match_list(self, *, before: int | None = None, limit: int = 50) -> list[MatchView]:
        """Newest matches first."""
        with self._books() as (connection, context):
            found = reconciliation.match_page(connection, context.id, before, _page(limit, before))
            return [_match_view(connection, context, match) for match in found]

    def match(self, match_id: str) -> MatchView:
        """One match with the items it ties."""
        with self._books() as (connection, context):
            found = reconciliation.matches(connection, context.id, [number_of(match_id, IdKind.MATCH)])
            return _match_view(connection, context, _only(found, match_id))

    def trace(self, any_id: str) -> Trace:
        """From any id, or a reference such as an order number, to where it came from and what became of it."""
        with self._books() as (connection, context):
            return tracing.trace(connection, context, any_id.strip())

    def explain(self, any_id: str) -> Explanation:
        """Any id in a bookkeeper's words."""
        with self._books() as (connection, context):
            return explain(connection, context, any_id.strip())

    def find(self, reference: str) -> list[EventView]:
        """Events that carry a reference, such as an order number, charge id or payout id."""
        with self._books() as (connection, context):
            ids = events.with_references(connection, context.id, tracing.found_by(reference))
            states = events.states(connection, context.id, ids)
            return [
                _event_view(connection, context, EventRow(e, s.state, s.waits_for, s.deadline))
                for e in events.load(connection, context.id, ids)
                if (s := states.get(e.id)) is not None
            ]

    def movements(self, since: date, until: date, currency: str) -> tuple[Movement, ...]:
        """Gross to net in a period: what sales split up into."""
        with self._books() as (connection, context):
            return proving.movements(connection, context, since, until, currency)

    def expected(self) -> tuple[Expected, ...]:
        """What is on its way to the bank."""
        with self._books() as (connection, context):
            return proving.expected(connection, context)

    def periods(self) -> list[Period]:
        """The declared periods; all other days are open."""
        with self._books() as (connection, context):
            return period.periods(connection, context.id)

    def ledger_hash(self) -> str:
        """One hash over all entries, independent of the order in which anything arrived."""
        with self._books() as (connection, context):
            return ledger.ledger_hash(connection, context.id)

    def counts(self) -> tuple[int, int]:
        """(entries, lines) in the books."""
        with self._books() as (connection, context):
            return ledger.count(connection, context.id)

    def event_count(self) -> int:
        """How many events are recorded."""
        with self._books() as (connection, context):
            return events.count(connection, context.id)

    def audit(self, limit: int = 100) -> list[AuditLine]:
        """The newest decisions."""
        with self._books() as (connection, context):
            return controls.log_page(connection, context.id, _page(limit))


def _page(limit: int, before: int | None = None) -> int:
    """How many a page has. Raises BadInput for a length or a place that no list has."""
    if limit < 1:
        raise BadInput(f"A page of {limit} is none", where="limit", remedy=f"Ask for 1 to {PAGE_MAX}.")
    if before is not None and not 0 < before <= NUMBER_MAX:
        raise BadInput(f"{before} is no place in a list", where="before", remedy="Follow `next` of an answer.")
    return min(limit, PAGE_MAX)


def number_of(any_id: str, wanted: IdKind) -> int:
    """The number in an id of this kind; raises NotFound for an id of another kind."""
    kind, number = parse_id(any_id)
    if kind is not wanted:
        raise NotFound(
            f"“{any_id}” is not the id of {wanted.name.lower()}", where="id", remedy=f"It starts with {wanted}_."
        )
    return number


def _only(found: Sequence[_T], any_id: str) -> _T:
    if not found:
        raise NotFound(f"There is nothing called “{any_id}”", where="id", remedy="Ids are shown beside every number.")
    return found[0]


def _entry_view(context: LedgerContext, entry: Entry) -> EntryView:
    lines = tuple(
        LineView(
            ln.account, context.accounts[ln.account].name, ln.currency, ln.amount_minor, ln.base_minor, ln.party,
            ln.item, dict(ln.dimensions),
        )
        for ln in entry.draft.lines
    )  # fmt: skip
    event = entry.draft.event_id
    rates = read_rate_text(entry.draft.rate, entry.draft.lines, context.entity.base_currency)
    told = public_id(IdKind.EVENT, event) if event else None
    return EntryView(public_id(IdKind.ENTRY, entry.id), told, entry, lines, rates)


def _event_view(connection: Connection, context: LedgerContext, row: EventRow) -> EventView:
    number = row.event.id
    told = events.tellings_of_events(connection, context.id, [number])
    booked = ledger.of_events(connection, context.id, [number])
    return EventView(
        id=public_id(IdKind.EVENT, number),
        source=row.event.source,
        draft=row.event.draft,
        recorded_at=row.event.recorded_at,
        state=row.state,
        waits_for=row.waits_for,
        deadline=row.deadline,
        deliveries=tuple(public_id(IdKind.DELIVERY, d) for _, d, _ in told),
        entries=tuple(public_id(IdKind.ENTRY, e) for _, e in booked),
    )


def _case_view(case: Case) -> CaseView:
    return CaseView(public_id(IdKind.CASE, case.id), case, max((utc_now() - case.opened_at).days, 0))


def _match_view(connection: Connection, context: LedgerContext, match: Match) -> MatchView:
    ids = [a.item_id for a in match.draft.allocations]
    rows = reconciliation.open_items(connection, context.id, ids=ids, closed_too=True)
    return MatchView(public_id(IdKind.MATCH, match.id), match, tuple(row.item for row in rows))


def _readable(body: bytes) -> str:
    text = body.decode("utf-8", errors="replace")
    try:
        return json.dumps(json.loads(text, parse_float=str), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):  # a forged body may be nested a thousand levels deep
        return text


def today_of(context: LedgerContext, now: datetime) -> date:
    """The entity's own calendar day."""
    return now.astimezone(ZoneInfo(context.entity.timezone)).date()
