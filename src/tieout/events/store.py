"""Keeps events: one row a fact for ever, who told of it, what it refers to, and where it stands."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.event import Event, EventDraft

_SQL = Queries("tieout.events")
_DRAFT = msgspec.json.Decoder(EventDraft)
#: Separates prerequisites inside one text; cannot occur in a key, which is printable.
_UNIT = "\x1f"


class Told(Struct, frozen=True):
    """A draft as one delivery tells it."""

    source_id: int
    delivery_id: int | None
    draft: EventDraft


class Recorded(Struct, frozen=True):
    """The outcome of recording: ids of new events, and tellings that contradict what is recorded."""

    new_ids: tuple[int, ...]
    changed: tuple[tuple[int, Told], ...]


class State(Struct, frozen=True):
    """Where an event stands: posted, memo, held, or parked until `waits_for` are met or `deadline` passes."""

    event_id: int
    state: str
    waits_for: tuple[str, ...] = ()
    deadline: datetime | None = None


class Overdue(Struct, frozen=True):
    """A parked event whose deadline has passed."""

    event_id: int
    draft: EventDraft
    waits_for: tuple[str, ...]
    deadline: datetime


class EventRow(Struct, frozen=True):
    """An event with its standing, for lists."""

    event: Event
    state: str
    waits_for: tuple[str, ...]
    deadline: datetime | None


def content_hash(draft: EventDraft) -> bytes:
    """SHA-256 over what the fact *is*: kind, time and money, or for a memo what it says.

    References and dimensions may grow without a conflict.
    """
    parts = [(c.kind, c.amount_minor, c.currency, c.seller, c.of) for c in draft.components]
    said = [] if draft.components else sorted(draft.facts.items())
    fact = ("tieout-event-1", draft.key, draft.kind, draft.occurred_at, parts, said)
    return hashlib.sha256(msgspec.json.encode(fact)).digest()


class _Known(Struct, frozen=True):
    """The newest version of a fact, and whether it is held for what its own figures say."""

    event_id: int
    content_hash: bytes
    version: int
    held: bool


def record(connection: Connection, ledger_id: int, told: Sequence[Told]) -> Recorded:
    """Records each fact once. Told again with the same money it is a repeat; with other money it is `changed`.

    A telling whose own figures are odd never contradicts a sound one; a sound one replaces one that is held.
    """
    if not told:
        return Recorded((), ())
    told = sorted(told, key=lambda t: t.draft.objection is not None)  # a sound telling is the first, if there is one
    new_ids = _insert(connection, ledger_id, [(t, 1) for t in told])
    known = _newest(connection, ledger_id, told)
    better = [t for t in told if t.draft.objection is None and known[t.draft.key].held]
    if better:
        replaced = {known[t.draft.key].event_id for t in better}
        new_ids |= _insert(connection, ledger_id, [(t, known[t.draft.key].version + 1) for t in better])
        set_states(connection, ledger_id, [State(number, "superseded") for number in sorted(replaced)])
        known = _newest(connection, ledger_id, told)
    tellings: list[tuple[int, int | None, str]] = []
    changed: list[tuple[int, Told]] = []
    first: set[int] = set()
    for t in told:
        fact = known[t.draft.key]
        same = fact.content_hash == content_hash(t.draft) or t.draft.objection is not None
        outcome = "repeated" if same else "changed"
        if fact.event_id in new_ids and fact.event_id not in first:
            outcome = "first"
            first.add(fact.event_id)
        elif not same:
            changed.append((fact.event_id, t))
        tellings.append((fact.event_id, t.delivery_id, outcome))
    _record_tellings(connection, ledger_id, tellings)
    _record_references(connection, ledger_id, [(known[t.draft.key].event_id, t.draft) for t in told])
    return Recorded(tuple(sorted(new_ids)), tuple(changed))


def _insert(connection: Connection, ledger_id: int, told: Sequence[tuple[Told, int]]) -> set[int]:
    """Inserts facts in the given versions, leaving out those that are there; returns the numbers of the new ones."""
    columns = {
        "ledger": ledger_id,
        "keys": [t.draft.key for t, _ in told],
        "kinds": [t.draft.kind.value for t, _ in told],
        "sources": [t.source_id for t, _ in told],
        "aggregates": [t.draft.aggregate for t, _ in told],
        "times": [t.draft.occurred_at for t, _ in told],
        "contents": [msgspec.json.encode(t.draft).decode() for t, _ in told],
        "hashes": [content_hash(t.draft) for t, _ in told],
        "deliveries": [t.delivery_id for t, _ in told],
        "versions": [version for _, version in told],
    }
    return {row[0] for row in connection.execute(_SQL.insert_events, columns)}


def _newest(connection: Connection, ledger_id: int, told: Sequence[Told]) -> dict[str, _Known]:
    columns = {"ledger": ledger_id, "keys": [t.draft.key for t in told]}
    return {
        row[0]: _Known(row[1], bytes(row[2]), row[3], row[4]) for row in connection.execute(_SQL.events_by_key, columns)
    }


def replace(connection: Connection, ledger_id: int, told: Told) -> int:
    """Records a telling as the next version of a fact, in the place of the newest; returns its number."""
    known = _newest(connection, ledger_id, [told])[told.draft.key]
    (number,) = _insert(connection, ledger_id, [(told, known.version + 1)])
    set_states(connection, ledger_id, [State(known.event_id, "superseded")])
    _record_tellings(connection, ledger_id, [(number, told.delivery_id, "first")])
    _record_references(connection, ledger_id, [(number, told.draft)])
    return number


def newest(connection: Connection, ledger_id: int, key: str) -> tuple[int, int]:
    """(number, version) of what stands of a fact that is known."""
    row = connection.execute(_SQL.newest, {"ledger": ledger_id, "key": key}).fetchone()
    assert row is not None
    return int(row[0]), int(row[1])


def key_of_version(key: str, version: int) -> str:
    """The key of the entry of a version that was accepted in the place of one that was booked."""
    return f"{key}~{version}"


def _record_tellings(connection: Connection, ledger_id: int, tellings: list[tuple[int, int | None, str]]) -> None:
    rows = [t for t in tellings if t[1] is not None]
    connection.execute(
        _SQL.insert_tellings,
        {
            "ledger": ledger_id,
            "events": [r[0] for r in rows],
            "deliveries": [r[1] for r in rows],
            "outcomes": [r[2] for r in rows],
        },
    )


def _record_references(connection: Connection, ledger_id: int, drafts: list[tuple[int, EventDraft]]) -> None:
    pairs = [(reference, event_id) for event_id, draft in drafts for reference in draft.references]
    connection.execute(
        _SQL.insert_references,
        {"ledger": ledger_id, "references": [p[0] for p in pairs], "events": [p[1] for p in pairs]},
    )


def note(connection: Connection, ledger_id: int, notes: Sequence[tuple[int, int, str]]) -> None:
    """Keeps why parts of deliveries mean nothing for the books: (delivery, number, sentence)."""
    columns = {
        "ledger": ledger_id,
        "deliveries": [n[0] for n in notes],
        "numbers": [n[1] for n in notes],
        "whys": [n[2] for n in notes],
    }
    connection.execute(_SQL.insert_notes, columns)


def set_states(connection: Connection, ledger_id: int, states: Sequence[State]) -> None:
    """Moves events to their new standing. A deadline once set is kept, however often the event is parked again."""
    columns = {
        "ledger": ledger_id,
        "events": [s.event_id for s in states],
        "states": [s.state for s in states],
        "waits": [_UNIT.join(s.waits_for) for s in states],
        "deadlines": [s.deadline for s in states],
    }
    connection.execute(_SQL.set_states, columns)


def unmet(connection: Connection, ledger_id: int, keys: Sequence[str]) -> set[str]:
    """Those of the keys whose event has not been posted (or noted) yet."""
    wanted = set(keys)
    met = connection.execute(_SQL.settled_keys, {"ledger": ledger_id, "keys": sorted(wanted)})
    return wanted - {row[0] for row in met}


def load(connection: Connection, ledger_id: int, ids: Sequence[int]) -> list[Event]:
    """The events with these numbers, in order."""
    rows = connection.execute(_SQL.events_by_id, {"ledger": ledger_id, "ids": list(ids)})
    return [_event(row) for row in rows]


def _event(row: tuple[Any, ...]) -> Event:
    number, source, content, known_hash, delivery_id, recorded_at = row
    return Event(number, source, _DRAFT.decode(content), bytes(known_hash), delivery_id, recorded_at)


def parked_waiting_for(connection: Connection, ledger_id: int, keys: Sequence[str]) -> list[int]:
    """Parked events that wait for one of the keys; locked for this unit of work."""
    rows = connection.execute(_SQL.parked_waiting_for, {"ledger": ledger_id, "keys": list(keys)})
    return [row[0] for row in rows]


def parked_and_ready(connection: Connection, ledger_id: int, limit: int | None = None) -> list[int]:
    """Parked events that wait for nothing any more; all of them without a limit."""
    return [row[0] for row in connection.execute(_SQL.parked_and_ready, {"ledger": ledger_id, "limit": limit})]


def overdue(connection: Connection, ledger_id: int, now: datetime) -> list[Overdue]:
    """Parked events whose deadline has passed."""
    rows = connection.execute(_SQL.parked_past_deadline, {"ledger": ledger_id, "now": now})
    return [Overdue(row[0], _DRAFT.decode(row[6]), tuple(row[4]), row[5]) for row in rows]


def count(connection: Connection, ledger_id: int) -> int:
    """How many events are recorded."""
    row = connection.execute(_SQL.count_events, {"ledger": ledger_id}).fetchone()
    assert row is not None
    return int(row[0])


def count_parked(connection: Connection, ledger_id: int) -> int:
    """How many events are parked."""
    row = connection.execute(_SQL.count_parked, {"ledger": ledger_id}).fetchone()
    assert row is not None
    return int(row[0])


def page(
    connection: Connection, ledger_id: int, *, before: int | None, state: str | None, limit: int
) -> list[EventRow]:
    """The newest events, or those older than `before`."""
    rows = connection.execute(_SQL.event_page, {"ledger": ledger_id, "before": before, "state": state, "limit": limit})
    return [EventRow(_event(row[:6]), row[6], tuple(row[7]), row[8]) for row in rows]


def with_references(connection: Connection, ledger_id: int, references: Sequence[str], limit: int = 200) -> list[int]:
    """Numbers of the events that carry one of these references."""
    columns = {"ledger": ledger_id, "references": list(references), "limit": limit}
    return [row[0] for row in connection.execute(_SQL.events_of_references, columns)]


def tellings_of_events(connection: Connection, ledger_id: int, ids: Sequence[int]) -> list[tuple[int, int, str]]:
    """(event, delivery, outcome) for these events."""
    return list(connection.execute(_SQL.tellings_of_events, {"ledger": ledger_id, "ids": list(ids)}))


def tellings_of_deliveries(connection: Connection, ledger_id: int, ids: Sequence[int]) -> list[tuple[int, int, str]]:
    """(event, delivery, outcome) for these deliveries."""
    return list(connection.execute(_SQL.tellings_of_deliveries, {"ledger": ledger_id, "ids": list(ids)}))


def notes_of(connection: Connection, ledger_id: int, delivery_id: int) -> list[str]:
    """Why parts of a delivery meant nothing for the books."""
    return [row[0] for row in connection.execute(_SQL.notes_of_delivery, {"ledger": ledger_id, "id": delivery_id})]


def rates_waited_for(connection: Connection, ledger_id: int) -> list[str]:
    """The exchange rates that parked events wait for, each once."""
    return [row[0] for row in connection.execute(_SQL.rates_waited_for, {"ledger": ledger_id})]


def parked_for_rates(connection: Connection, ledger_id: int) -> list[int]:
    """Parked events that wait for an exchange rate; locked for this unit of work."""
    return [row[0] for row in connection.execute(_SQL.parked_for_rates, {"ledger": ledger_id})]


def states(connection: Connection, ledger_id: int, ids: Sequence[int]) -> dict[int, State]:
    """Where these events stand, by number."""
    rows = connection.execute(_SQL.states_of, {"ledger": ledger_id, "ids": list(ids)})
    return {row[0]: State(row[0], row[1], tuple(row[2]), row[3]) for row in rows}
