"""Receiving: kept as received, once for each identity, worked on by one worker at a time."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.ledger.books import open_books
from tieout.db.pool import Connection, Database
from tieout.intake import store as intake
from tieout.intake.store import Arrival, Kept, WorkItem
from tieout.model.delivery import Channel, Envelope, Verdict

AT = datetime(2026, 3, 3, 10, tzinfo=UTC)
BODY = b'{"id": 1, "text": "\xc3\xa4"}\n'


@pytest.fixture
def books(database: Database) -> Database:
    """A database of the test's own, for what commits, with one ledger, number 1."""
    with database.unit() as connection:
        open_books(connection)
    return database


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


def arrival(identity: str = "evt_1", body: bytes = BODY, *, at: datetime = AT, lane: int = 0, **more: Any) -> Arrival:
    envelope = Envelope("charge.succeeded", identity)
    source = more.pop("source", None)
    headers = {"content-type": "application/json", "x-note": "ä"}
    return Arrival(source or 1, Channel.WEBHOOK, envelope, headers, {"payout": "po_1"}, body, at, lane, **more)


def source_of(connection: Connection) -> int:
    row = connection.execute("select id from source where name = 'stripe'").fetchone()
    assert row is not None
    return int(row[0])


def keep(connection: Connection, identity: str = "evt_1", body: bytes = BODY, **more: Any) -> Kept:
    return intake.keep(connection, 1, arrival(identity, body, source=source_of(connection), **more))


def states(connection: Connection) -> list[tuple[int, str, int]]:
    return list(connection.execute("select delivery_id, state, attempts from work_item order by delivery_id"))


# ── Keeping ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_delivery_is_kept_as_received(connection: Connection) -> None:
    kept = keep(connection)
    assert (kept.verdict, kept.first_id, kept.changed) == (Verdict.ACCEPTED, None, False)
    (found,) = intake.deliveries(connection, 1, [kept.delivery_id])
    assert (found.source, found.channel, found.topic, found.identity) == (
        "stripe", Channel.WEBHOOK, "charge.succeeded", "evt_1",
    )  # fmt: skip
    assert found.body == BODY
    assert found.body_sha256 == hashlib.sha256(BODY).digest()
    assert dict(found.headers) == {"content-type": "application/json", "x-note": "ä"}
    assert dict(found.parameters) == {"payout": "po_1"}
    assert (found.verdict, found.verdict_reason, found.received_at) == (Verdict.ACCEPTED, "", AT)
    assert states(connection) == [(kept.delivery_id, "ready", 0)]
    assert intake.count_waiting(connection, 1) == 1


@pytest.mark.parametrize("body", [b"\x00\xff\xfe", b"\\u0000", b" ", b"'; drop table delivery; --", b"x" * 300_000])
def test_any_bytes_can_be_kept(connection: Connection, body: bytes) -> None:
    kept = keep(connection, body=body)
    assert intake.deliveries(connection, 1, [kept.delivery_id])[0].body == body


def test_the_same_identity_again_is_kept_as_a_repeat_and_causes_no_work(connection: Connection) -> None:
    first = keep(connection)
    again = keep(connection)
    assert (again.verdict, again.first_id, again.changed) == (Verdict.REPEATED, first.delivery_id, False)
    assert again.delivery_id != first.delivery_id
    (found,) = intake.deliveries(connection, 1, [again.delivery_id])
    assert found.verdict_reason == f"repeats dlv_{first.delivery_id}"
    assert states(connection) == [(first.delivery_id, "ready", 0)]


def test_the_same_identity_with_other_content_is_evidence_of_a_contradiction(connection: Connection) -> None:
    first = keep(connection)
    other = keep(connection, body=b'{"id": 2}')
    assert (other.verdict, other.first_id, other.changed) == (Verdict.REPEATED, first.delivery_id, True)
    (found,) = intake.deliveries(connection, 1, [other.delivery_id])
    assert found.verdict_reason == f"same identity as dlv_{first.delivery_id}, other content"
    assert keep(connection).changed is False, "what counts is the first content, not the last"


def test_an_identity_is_for_ever_and_not_for_a_month(connection: Connection) -> None:
    first = keep(connection)
    again = keep(connection, at=AT + timedelta(days=400))
    assert again.first_id == first.delivery_id


def test_two_sources_may_use_the_same_identity(connection: Connection) -> None:
    keep(connection)
    row = connection.execute(
        "insert into source (ledger_id, name, connector, kind) values (1, 'two', 'stripe', 'gateway') returning id"
    ).fetchone()
    assert row is not None
    assert intake.keep(connection, 1, arrival(source=row[0])).verdict is Verdict.ACCEPTED


def test_an_identity_of_any_length_is_kept_and_known_again(connection: Connection) -> None:
    """An index holds some 2,700 bytes; what does not fit is named by its digest."""
    long = "".join(chr(0x4E00 + n * 7919 % 20000) for n in range(5000))
    first = keep(connection, long)
    assert keep(connection, long).first_id == first.delivery_id
    assert keep(connection, long + "x").verdict is Verdict.ACCEPTED
    (found,) = intake.deliveries(connection, 1, [first.delivery_id])
    assert found.identity.startswith("sha256:")


def test_a_rejected_delivery_takes_no_identity(connection: Connection) -> None:
    """Otherwise a forger could send ahead and have the real message taken for a repeat."""
    number = intake.keep_rejected(connection, 1, arrival(source=source_of(connection)), "no signature")
    (found,) = intake.deliveries(connection, 1, [number])
    assert (found.verdict, found.verdict_reason, found.body) == (Verdict.REJECTED, "no signature", BODY)
    assert states(connection) == []
    assert keep(connection).verdict is Verdict.ACCEPTED


def test_what_is_kept_cannot_be_changed(connection: Connection) -> None:
    keep(connection)
    for statement in (
        "update delivery set body = 'x'",
        "delete from delivery",
        "truncate delivery",
        "update delivery_key set identity = 'x'",
        "delete from delivery_key",
        "truncate delivery_key",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation), connection.transaction():
            connection.execute(statement)


# ── Months ────────────────────────────────────────────────────────────────────────────────────────────────────────


def months(connection: Connection) -> list[str]:
    return [
        row[0]
        for row in connection.execute("select relname from pg_class where relname ~ '^delivery_\\d{6}$' order by 1")
    ]


def test_months_are_made_on_demand(connection: Connection) -> None:
    edges = [
        "2026-01-31T23:59:59.999999+00:00",
        "2026-02-01T00:00:00+00:00",
        "2025-12-31T23:30:00-01:00",
        "1999-05-05T00:00:00+00:00",
    ]
    kept = [keep(connection, str(n), at=datetime.fromisoformat(text)) for n, text in enumerate(edges)]
    assert months(connection) == ["delivery_199905", "delivery_202601", "delivery_202602"]
    found = intake.deliveries(connection, 1, [k.delivery_id for k in kept])
    assert [d.received_at for d in found] == [datetime.fromisoformat(text).astimezone(UTC) for text in edges]


def test_two_doors_make_the_same_month_at_once(books: Database) -> None:
    start = threading.Barrier(4)
    kept: list[Kept] = []

    def door(name: str) -> None:
        start.wait()
        with books.unit() as connection:
            kept.append(keep(connection, name, at=datetime(2031, 7, 1, tzinfo=UTC)))

    doors = [threading.Thread(target=door, args=(str(n),)) for n in range(4)]
    for one in doors:
        one.start()
    for one in doors:
        one.join()
    assert [k.verdict for k in kept] == [Verdict.ACCEPTED] * 4
    with books.unit() as connection:
        assert months(connection) == ["delivery_203107"]


@pytest.mark.parametrize("commits", [True, False])
def test_two_doors_take_the_same_identity_at_once(books: Database, commits: bool) -> None:
    """The second waits for the first: a repeat if it commits, the first itself if not. Never two, never none."""
    arrived = threading.Event()
    outcome: list[Kept] = []

    def second() -> None:
        with books.unit() as connection:
            arrived.set()
            outcome.append(keep(connection, body=b'{"other": true}'))

    with books.unit() as connection:
        keep(connection, "another", at=AT)
    thread = threading.Thread(target=second)

    class Abort(Exception):
        """The first door fails after all."""

    try:
        with books.unit() as connection:
            first = keep(connection)
            thread.start()
            arrived.wait()
            for _ in range(200):
                row = connection.execute("select count(*) from pg_locks where not granted").fetchone()
                if row and row[0]:
                    break
            if not commits:
                raise Abort
    except Abort:
        pass
    thread.join()
    (kept,) = outcome
    with books.unit() as connection:
        (found,) = intake.deliveries(connection, 1, [kept.delivery_id])
        work = states(connection)
    if commits:
        assert (kept.verdict, kept.first_id, kept.changed) == (Verdict.REPEATED, first.delivery_id, True)
        assert found.verdict is Verdict.REPEATED, "what has no work must not look as if it had"
        assert [number for number, _, _ in work][1:] == [first.delivery_id]
    else:
        assert (kept.verdict, found.verdict) == (Verdict.ACCEPTED, Verdict.ACCEPTED)
        assert [number for number, _, _ in work][1:] == [kept.delivery_id]


# ── Working ───────────────────────────────────────────────────────────────────────────────────────────────────────


def claim(connection: Connection, limit: int = 10, now: datetime = AT + timedelta(days=900)) -> list[WorkItem]:
    return intake.claim(connection, now, limit)


def test_two_workers_never_have_the_same_item(books: Database) -> None:
    with books.unit() as connection:
        kept = [keep(connection, str(n)).delivery_id for n in range(5)]
    with books.unit() as ours, books.unit() as theirs:
        mine = [item.delivery_id for item in claim(ours, 3)]
        others = [item.delivery_id for item in claim(theirs, 3)]
        assert (mine, others) == (kept[:3], kept[3:])
        intake.finish(ours, 1, [item.id for item in claim(ours, 3)])
        assert claim(theirs) == claim(theirs)
    with books.unit() as connection:
        assert [number for number, state, _ in states(connection) if state == "done"] == kept[:3]


def test_a_worker_that_dies_leaves_its_items_ready(books: Database) -> None:
    with books.unit() as connection:
        keep(connection)

    class Killed(Exception):
        """As a process that is gone: nothing is committed."""

    def work_and_die() -> None:
        with books.unit() as connection:
            intake.finish(connection, 1, [item.id for item in claim(connection)])
            raise Killed

    with pytest.raises(Killed):
        work_and_die()
    with books.unit() as connection:
        assert len(claim(connection)) == 1


def test_work_is_done_in_the_order_of_arrival_and_lanes_age(connection: Connection) -> None:
    """One lane of advantage is worth a quarter of an hour: a backfill does not starve."""
    late = keep(connection, "late", at=AT + timedelta(minutes=14)).delivery_id
    backfill = keep(connection, "backfill", lane=1).delivery_id
    later = keep(connection, "later", at=AT + timedelta(minutes=16)).delivery_id
    first = keep(connection, "first").delivery_id
    assert [item.delivery_id for item in claim(connection)] == [first, late, backfill, later]


def test_what_is_put_off_waits_for_its_time_and_holds_up_nobody(connection: Connection) -> None:
    bad, good = keep(connection, "bad").delivery_id, keep(connection, "good").delivery_id
    now = AT + timedelta(days=900)
    item = claim(connection, 1, now)[0]
    assert item.delivery_id == bad
    assert intake.put_off(connection, item, next_at=now + timedelta(seconds=4), error="boom", quarantine=False)
    assert [i.delivery_id for i in claim(connection, 10, now)] == [good]
    assert [i.delivery_id for i in claim(connection, 10, now + timedelta(seconds=3))] == [good]
    again = claim(connection, 10, now + timedelta(seconds=4))
    assert [(i.delivery_id, i.attempts) for i in again] == [(bad, 1), (good, 0)]
    assert not intake.is_waiting(connection, 1, bad)
    assert intake.is_waiting(connection, 1, good)


def test_what_is_set_aside_is_never_claimed_until_somebody_asks(connection: Connection) -> None:
    number = keep(connection).delivery_id
    (item,) = claim(connection)
    assert intake.put_off(connection, item, next_at=AT, error="boom", quarantine=True)
    assert claim(connection) == []
    assert states(connection) == [(number, "quarantined", 1)]
    assert intake.count_waiting(connection, 1) == 0
    assert [source.waiting for source in intake.health(connection, 1) if source.name == "stripe"] == [1]
    assert intake.requeue(connection, 1, number)
    (item,) = claim(connection, now=datetime.now(UTC) + timedelta(minutes=1))
    assert item.attempts == 0
    assert not intake.requeue(connection, 1, number + 1)


def test_a_failure_does_not_undo_what_another_finished(connection: Connection) -> None:
    keep(connection)
    (item,) = claim(connection)
    intake.finish(connection, 1, [item.id])
    assert not intake.put_off(connection, item, next_at=AT, error="boom", quarantine=True)
    assert [state for _, state, _ in states(connection)] == ["done"]
    with pytest.raises(AssertionError, match="1 items were claimed and 0 could be finished"):
        intake.finish(connection, 1, [item.id])


# ── Lists ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pages_and_health(connection: Connection) -> None:
    first, second = keep(connection, "1"), keep(connection, "2", body=b"x" * 1234)
    repeated = keep(connection, "1", at=AT + timedelta(hours=2))
    rejected = intake.keep_rejected(
        connection, 1, arrival("3", source=source_of(connection), at=AT + timedelta(hours=3)), "forged"
    )

    def page(**filters: Any) -> list[int]:
        wanted = {"before": None, "source": None, "verdict": None, "limit": 50} | filters
        return [row.delivery.id for row in intake.page(connection, 1, **wanted)]

    assert page() == [rejected, repeated.delivery_id, second.delivery_id, first.delivery_id]
    assert page(limit=2) == [rejected, repeated.delivery_id]
    assert page(before=repeated.delivery_id) == [second.delivery_id, first.delivery_id]
    assert page(verdict="accepted") == [second.delivery_id, first.delivery_id]
    assert page(source="stripe", verdict="rejected") == [rejected]
    assert page(source="nobody") == []
    rows = {row.delivery.id: row for row in intake.page(connection, 1, before=None, source=None, verdict=None, limit=9)}
    assert (rows[second.delivery_id].size, rows[second.delivery_id].work) == (1234, "ready")
    assert rows[second.delivery_id].delivery.body == b"", "lists do not carry bodies"
    assert (rows[rejected].work, rows[repeated.delivery_id].work) == ("", "")
    (health,) = [source for source in intake.health(connection, 1) if source.name == "stripe"]
    assert (health.deliveries, health.waiting, health.rejected) == (4, 2, 1)
    assert health.last_delivery_at == AT + timedelta(hours=2), "a forger is not heard"
    assert intake.accepted_after(connection, 1, 0, 10) == [first.delivery_id, second.delivery_id]
    assert intake.accepted_after(connection, 1, first.delivery_id, 10) == [second.delivery_id]
