"""Facts: recorded once for ever, told by many, and never overwritten by what contradicts them."""

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import psycopg
import pytest

from tests.ledger.books import open_books
from tieout.db.pool import Connection, Database
from tieout.events import store as events
from tieout.events.store import Recorded, State, Told, content_hash
from tieout.model.event import Component, ComponentKind, EventDraft, EventKind

AT = datetime(2026, 3, 3, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def shared_url(fresh_database: Callable[..., str]) -> str:
    """A database with one ledger in which nothing is ever committed."""
    url = fresh_database()
    with psycopg.connect(url) as connection:
        open_books(connection)
    return url


@pytest.fixture
def connection(shared_url: str) -> Iterator[Connection]:
    """A unit of work that never commits."""
    with psycopg.connect(shared_url, options="-c timezone=UTC") as found:
        yield found
        found.rollback()


def draft(key: str = "s:charge:1", amount: int = 4900, **more: Any) -> EventDraft:
    parts = (Component(ComponentKind.GROSS, amount, "EUR"),) if amount else ()
    given: dict[str, Any] = {
        "kind": EventKind.PAYMENT_CAPTURED,
        "occurred_at": AT,
        "aggregate": "order:1",
        "components": parts,
    }
    return EventDraft(key=key, **{**given, **more})


def source_of(connection: Connection) -> int:
    row = connection.execute("select id from source where name = 'stripe'").fetchone()
    assert row is not None
    return int(row[0])


def record(connection: Connection, *drafts: EventDraft, delivery: int | None = 1) -> Recorded:
    source = source_of(connection)
    return events.record(connection, 1, [Told(source, delivery, one) for one in drafts])


def states(connection: Connection, *moves: State) -> None:
    events.set_states(connection, 1, moves)


def told(connection: Connection, *ids: int) -> list[tuple[int, int, str]]:
    return sorted(events.tellings_of_events(connection, 1, ids))


# ── What a fact is ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "s:charge:2"},
        {"amount": 4901},
        {"kind": EventKind.PAYMENT_REFUNDED},
        {"occurred_at": AT + timedelta(microseconds=1)},
        {"components": (Component(ComponentKind.GROSS, 4900, "USD"),)},
        {"components": (Component(ComponentKind.FEE, 4900, "EUR"),)},
        {"components": (Component(ComponentKind.GROSS, 4900, "EUR", seller="anna"),)},
        {"components": (Component(ComponentKind.GROSS, 4900, "EUR", of=ComponentKind.ITEM),)},
        {"components": (Component(ComponentKind.GROSS, 4000, "EUR"), Component(ComponentKind.GROSS, 900, "EUR"))},
    ],
)
def test_another_time_kind_or_money_is_another_fact(changes: Mapping[str, Any]) -> None:
    assert content_hash(draft(**changes)) != content_hash(draft())


@pytest.mark.parametrize(
    "changes",
    [
        {"references": ("order:1", "charge:1")},
        {"dimensions": {"colour": "red"}},
        {"facts": {"method": "card"}},
        {"requires": ("s:order:1",)},
        {"aggregate": "order:2"},
        {"objection": "net_mismatch"},
        {"components": (Component(ComponentKind.GROSS, 4900, "EUR", label="Fee", dimensions={"a": "b"}),)},
    ],
)
def test_more_to_know_about_a_fact_does_not_change_it(changes: Mapping[str, Any]) -> None:
    assert content_hash(draft(**changes)) == content_hash(draft())


def test_what_a_memo_says_is_what_it_is() -> None:
    """A statement's closing balance is no money moved, and still must not change in silence."""
    said = draft(amount=0, kind=EventKind.STATEMENT_RECEIVED, facts={"opening": "0.00", "closing": "10.00"})
    other = msgspec.structs.replace(said, facts={"opening": "0.00", "closing": "11.00"})
    assert content_hash(said) != content_hash(other)
    assert content_hash(said) == content_hash(msgspec.structs.replace(said, facts=dict(list(said.facts.items())[::-1])))


# ── Recording ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_fact_is_recorded_as_it_was_told(connection: Connection) -> None:
    one = draft(references=("order:1", "charge:1"), facts={"method": "card"}, dimensions={"market": "ä"})
    recorded = record(connection, one, delivery=7)
    (number,) = recorded.new_ids
    assert recorded.changed == ()
    (event,) = events.load(connection, 1, [number])
    assert (event.draft, event.source, event.delivery_id) == (one, "stripe", 7)
    assert event.content_hash == content_hash(one)
    assert told(connection, number) == [(number, 7, "first")]
    assert events.with_references(connection, 1, ["charge:1"]) == [number]
    assert events.count(connection, 1) == 1


def test_nothing_told_is_nothing(connection: Connection) -> None:
    assert record(connection) == Recorded((), ())


def test_the_same_fact_again_is_a_repeat_that_may_add_references(connection: Connection) -> None:
    (number,) = record(connection, draft(references=("order:1",)), delivery=1).new_ids
    again = record(connection, draft(references=("charge:1",), dimensions={"x": "y"}), delivery=2)
    assert again == Recorded((), ())
    assert told(connection, number) == [(number, 1, "first"), (number, 2, "repeated")]
    assert events.with_references(connection, 1, ["charge:1"]) == [number]
    (event,) = events.load(connection, 1, [number])
    assert event.draft == draft(references=("order:1",)), "the first telling is kept as it was"


def test_other_money_for_a_known_fact_is_a_contradiction(connection: Connection) -> None:
    (number,) = record(connection, draft(), delivery=1).new_ids
    other = record(connection, draft(amount=5000), delivery=2)
    assert other.new_ids == ()
    ((known, telling),) = other.changed
    assert (known, telling.draft.components[0].amount_minor, telling.delivery_id) == (number, 5000, 2)
    assert told(connection, number) == [(number, 1, "first"), (number, 2, "changed")]
    assert record(connection, draft(), delivery=3) == Recorded((), ())


def test_one_call_may_tell_a_fact_twice(connection: Connection) -> None:
    recorded = record(connection, draft(), draft(), draft(amount=5000))
    assert len(recorded.new_ids) == 1
    assert [telling.draft.components[0].amount_minor for _, telling in recorded.changed] == [5000]


def test_an_odd_telling_never_contradicts_a_sound_one_and_a_sound_one_replaces_it(connection: Connection) -> None:
    odd = draft(amount=4800, objection="total_mismatch")
    (held,) = record(connection, odd, delivery=1).new_ids
    states(connection, State(held, "held"))
    sound = record(connection, draft(), delivery=2)
    (better,) = sound.new_ids
    assert (better != held, sound.changed) == (True, ())
    assert events.states(connection, 1, [held])[held].state == "superseded"
    assert record(connection, odd, delivery=3) == Recorded((), ())
    assert told(connection, held) == [(held, 1, "first")]
    assert told(connection, better) == [(better, 2, "first"), (better, 3, "repeated")]


def test_the_order_of_a_sound_and_an_odd_telling_in_one_call_makes_no_difference(connection: Connection) -> None:
    odd = draft(amount=4800, objection="total_mismatch")
    (number,) = record(connection, odd, draft()).new_ids
    (event,) = events.load(connection, 1, [number])
    assert event.draft.objection is None


def test_a_sound_telling_does_not_replace_a_fact_a_person_released(connection: Connection) -> None:
    """Once it is booked it stands; the other figures are a contradiction for people."""
    (number,) = record(connection, draft(amount=4800, objection="total_mismatch")).new_ids
    states(connection, State(number, "posted"))
    assert [event for event, _ in record(connection, draft(), delivery=2).changed] == [number]


def test_two_who_hear_the_same_fact_at_once(database: Database) -> None:
    with database.unit() as connection:
        open_books(connection)
    start = threading.Barrier(4)
    found: list[Recorded] = []

    def hear(delivery: int) -> None:
        start.wait()
        with database.unit() as connection:
            found.append(record(connection, draft(), draft("s:charge:2"), delivery=delivery))

    ears = [threading.Thread(target=hear, args=(n,)) for n in range(4)]
    for ear in ears:
        ear.start()
    for ear in ears:
        ear.join()
    assert sorted(len(recorded.new_ids) for recorded in found) == [0, 0, 0, 2]
    assert [recorded.changed for recorded in found] == [()] * 4
    with database.unit() as connection:
        outcomes = [outcome for _, _, outcome in events.tellings_of_events(connection, 1, [1, 2, 3, 4, 5, 6, 7, 8])]
    assert sorted(outcomes) == ["first"] * 2 + ["repeated"] * 6


def test_what_is_recorded_cannot_be_changed(connection: Connection) -> None:
    record(connection, draft(references=("order:1",)))
    for statement in (
        "update event set kind = 'x'", "delete from event", "truncate event", "update event_reference set event_id = 1",
        "delete from event_reference", "update event_telling set outcome = 'first'", "delete from event_telling",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.RestrictViolation), connection.transaction():
            connection.execute(statement)


# ── Standing ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_met_is_what_is_posted_or_a_memo(connection: Connection) -> None:
    keys = ["posted", "memo", "parked", "held", "new"]
    ids = dict(zip(keys, record(connection, *(draft(key) for key in keys)).new_ids, strict=True))
    states(connection, *(State(ids[key], key) for key in keys[:4]))
    assert events.unmet(connection, 1, [*keys, "unheard"]) == {"parked", "held", "new", "unheard"}
    assert events.unmet(connection, 1, []) == set()


def test_a_deadline_once_set_is_kept_however_often_the_event_is_parked(connection: Connection) -> None:
    (number,) = record(connection, draft()).new_ids
    states(connection, State(number, "parked", ("a", "b"), AT))
    states(connection, State(number, "parked", ("b",), AT + timedelta(days=9)))
    assert events.states(connection, 1, [number])[number] == State(number, "parked", ("b",), AT)
    assert [late.event_id for late in events.overdue(connection, 1, AT)] == [number]
    assert events.overdue(connection, 1, AT - timedelta(microseconds=1)) == []
    (late,) = events.overdue(connection, 1, AT)
    assert (late.draft, late.waits_for, late.deadline) == (draft(), ("b",), AT)
    assert events.count_parked(connection, 1) == 1
    states(connection, State(number, "posted"))
    assert events.states(connection, 1, [number])[number].waits_for == ()
    assert (events.overdue(connection, 1, AT), events.count_parked(connection, 1)) == ([], 0)


def test_who_waits_for_what(connection: Connection) -> None:
    a, b, c = record(connection, draft("a"), draft("b"), draft("c")).new_ids
    rate = "rate:USD/EUR:2026-03-03"
    states(
        connection, State(a, "parked", ("x", "y"), AT), State(b, "parked", (rate,), AT), State(c, "parked", ("y",), AT)
    )
    assert events.parked_waiting_for(connection, 1, ["x"]) == [a]
    assert events.parked_waiting_for(connection, 1, ["y", "z"]) == [a, c]
    assert events.parked_waiting_for(connection, 1, []) == []
    assert events.parked_for_rates(connection, 1) == [b]
    assert events.rates_waited_for(connection, 1) == [rate]
    assert events.parked_and_ready(connection, 1, 10) == []
    record(connection, draft("y"))
    assert events.parked_and_ready(connection, 1, 10) == [], "recorded is not met"
    (y,) = events.with_references(connection, 1, ["none"]) or [
        row[0] for row in connection.execute("select id from event where key = 'y'")
    ]
    states(connection, State(y, "memo"))
    assert events.parked_and_ready(connection, 1, 10) == [c]
    assert events.parked_and_ready(connection, 1, 0) == []


def test_a_prerequisite_of_any_spelling(connection: Connection) -> None:
    (number,) = record(connection, draft()).new_ids
    odd = ("a,b", 'q"', "{x}", "\\N", "NULL", " blank ", "ä|€")
    states(connection, State(number, "parked", odd, AT))
    assert events.states(connection, 1, [number])[number].waits_for == odd
    assert events.parked_waiting_for(connection, 1, ["{x}"]) == [number]


def test_two_workers_never_release_the_same_event(database: Database) -> None:
    with database.unit() as connection:
        open_books(connection)
        (number,) = record(connection, draft()).new_ids
        states(connection, State(number, "parked", ("x",), AT))
    with database.unit() as ours, database.unit() as theirs:
        assert events.parked_waiting_for(ours, 1, ["x"]) == [number]
        assert events.parked_waiting_for(theirs, 1, ["x"]) == []


# ── Lists ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pages(connection: Connection) -> None:
    one, two = record(connection, draft("one"), draft("two")).new_ids
    states(connection, State(one, "held"))

    def page(**filters: Any) -> list[tuple[int, str]]:
        wanted: dict[str, Any] = {"before": None, "state": None, "limit": 9} | filters
        return [(row.event.id, row.state) for row in events.page(connection, 1, **wanted)]

    assert page() == [(two, "new"), (one, "held")]
    assert page(limit=1) == [(two, "new")]
    assert page(before=two) == [(one, "held")]
    assert page(state="held") == [(one, "held")]


def test_notes_say_why_a_part_of_a_delivery_meant_nothing(connection: Connection) -> None:
    events.note(connection, 1, [(7, 1, "A test."), (7, 2, "Declined."), (8, 1, "Pending.")])
    events.note(connection, 1, [(7, 1, "A test.")])
    events.note(connection, 1, [])
    assert events.notes_of(connection, 1, 7) == ["A test.", "Declined."]
    assert events.notes_of(connection, 1, 9) == []
