"""Keeps deliveries and the work they cause. Receiving is one transaction: when the caller has an answer, it is kept."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
import psycopg
from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.delivery import Channel, Delivery, Envelope, Verdict
from tieout.model.entity import Source

_SQL = Queries("tieout.intake")
_IDENTITY_CHARACTERS_MAX = 500


class Arrival(Struct, frozen=True):
    """What came through a door, before it has a number."""

    source_id: int
    channel: Channel
    envelope: Envelope
    headers: Mapping[str, str]
    parameters: Mapping[str, str]
    body: bytes
    received_at: datetime
    lane: int = 0


class Kept(Struct, frozen=True):
    """A delivery as kept: its number, whether it is new work, and the first delivery if it is a repeat.

    `changed` is True if the same identity came with other content.
    """

    delivery_id: int
    verdict: Verdict
    first_id: int | None = None
    changed: bool = False


class WorkItem(Struct, frozen=True):
    """One delivery to be understood and booked, claimed by this unit of work."""

    ledger_id: int
    id: int
    delivery_id: int
    attempts: int


class DeliveryRow(Struct, frozen=True):
    """A delivery for lists: without its body, with its size and the state of its work."""

    delivery: Delivery
    size: int
    work: str


def keep(connection: Connection, ledger_id: int, arrival: Arrival) -> Kept:
    """Stores an arrival. The first with its identity becomes work; a later one is recorded and does nothing."""
    arrival = _with_short_identity(arrival)
    digest = hashlib.sha256(arrival.body).digest()
    known = _known(connection, ledger_id, arrival)
    if known is None:
        delivery_id = _keep_first(connection, ledger_id, arrival, digest)
        if delivery_id is not None:
            return Kept(delivery_id, Verdict.ACCEPTED)
        known = _known(connection, ledger_id, arrival)
        assert known is not None
    return _keep_repeat(connection, ledger_id, arrival, digest, known)


def _with_short_identity(arrival: Arrival) -> Arrival:
    """An index cannot hold an identity of thousands of characters; its digest names the delivery as well."""
    envelope = arrival.envelope
    if len(envelope.identity) <= _IDENTITY_CHARACTERS_MAX:
        return arrival
    short = f"sha256:{hashlib.sha256(envelope.identity.encode()).hexdigest()}"
    return msgspec.structs.replace(arrival, envelope=Envelope(envelope.topic, short))


def _keep_first(connection: Connection, ledger_id: int, arrival: Arrival, digest: bytes) -> int | None:
    """Stores it with its identity and its work; None, and nothing stored, if another door takes the identity first."""
    kept: int | None = None
    with connection.transaction() as attempt:
        delivery_id = _insert(connection, ledger_id, arrival, digest, Verdict.ACCEPTED, "")
        columns = {
            "ledger": ledger_id,
            "source": arrival.source_id,
            "identity": arrival.envelope.identity,
            "delivery": delivery_id,
            "hash": digest,
        }
        if connection.execute(_SQL.claim_identity, columns).fetchone() is None:
            raise psycopg.Rollback(attempt)
        columns = {"ledger": ledger_id, "delivery": delivery_id, "lane": arrival.lane, "at": arrival.received_at}
        connection.execute(_SQL.insert_work, columns)
        connection.execute(_SQL.wake)
        kept = delivery_id
    return kept  # noqa: RET504 -- None if the attempt was rolled back


def _known(connection: Connection, ledger_id: int, arrival: Arrival) -> tuple[int, bytes] | None:
    columns = {"ledger": ledger_id, "source": arrival.source_id, "identity": arrival.envelope.identity}
    row = connection.execute(_SQL.known_delivery, columns).fetchone()
    return None if row is None else (int(row[0]), bytes(row[1]))


def _keep_repeat(
    connection: Connection, ledger_id: int, arrival: Arrival, digest: bytes, known: tuple[int, bytes]
) -> Kept:
    first_id, first_digest = known
    reason = f"repeats dlv_{first_id}" if first_digest == digest else f"same identity as dlv_{first_id}, other content"
    delivery_id = _insert(connection, ledger_id, arrival, digest, Verdict.REPEATED, reason)
    return Kept(delivery_id, Verdict.REPEATED, first_id, first_digest != digest)


def keep_rejected(connection: Connection, ledger_id: int, arrival: Arrival, reason: str) -> int:
    """Stores an arrival whose signature did not verify, as evidence; it takes no identity and causes no work."""
    digest = hashlib.sha256(arrival.body).digest()
    return _insert(connection, ledger_id, arrival, digest, Verdict.REJECTED, reason)


def _insert(
    connection: Connection, ledger_id: int, arrival: Arrival, digest: bytes, verdict: Verdict, reason: str
) -> int:
    columns = {
        "ledger": ledger_id,
        "source": arrival.source_id,
        "channel": arrival.channel.value,
        "topic": arrival.envelope.topic,
        "identity": arrival.envelope.identity,
        "headers": msgspec.json.encode(arrival.headers).decode(),
        "parameters": msgspec.json.encode(arrival.parameters).decode(),
        "body": arrival.body,
        "hash": digest,
        "verdict": verdict.value,
        "reason": reason,
        "at": arrival.received_at,
    }
    try:
        with connection.transaction():
            row = connection.execute(_SQL.insert_delivery, columns).fetchone()
    except psycopg.errors.CheckViolation:  # the first delivery of a month makes the month's partition
        connection.execute(_SQL.make_month, {"at": arrival.received_at})
        row = connection.execute(_SQL.insert_delivery, columns).fetchone()
    assert row is not None
    return int(row[0])


def claim(connection: Connection, now: datetime, limit: int, only: int | None = None) -> list[WorkItem]:
    """The next items of work, locked until this unit of work ends; others skip them meanwhile.

    With `only`, the work of that delivery and no other; none if somebody has it already.
    """
    columns = {"now": now, "limit": limit, "only": only}
    return [WorkItem(*row) for row in connection.execute(_SQL.claim_work, columns)]


def finish(connection: Connection, ledger_id: int, ids: Sequence[int]) -> None:
    """Marks work as done. Fails loudly if it was not ours to finish."""
    done = connection.execute(_SQL.finish_work, {"ledger": ledger_id, "ids": list(ids)}).rowcount
    assert done == len(ids), f"{len(ids)} items were claimed and {done} could be finished"


def put_off(connection: Connection, item: WorkItem, *, next_at: datetime, error: str, quarantine: bool) -> bool:
    """Records a failed attempt: tried again at `next_at`, or set aside for good.

    False, and nothing recorded, if another worker has had more luck with it meanwhile.
    """
    columns = {
        "ledger": item.ledger_id,
        "id": item.id,
        "next": next_at,
        "error": error,
        "quarantine": quarantine,
    }
    return connection.execute(_SQL.retry_work, columns).rowcount == 1


def requeue(connection: Connection, ledger_id: int, delivery_id: int) -> bool:
    """Puts a delivery's work in the queue again; what it already caused does not happen twice."""
    return connection.execute(_SQL.requeue_work, {"ledger": ledger_id, "delivery": delivery_id}).rowcount == 1


def is_waiting(connection: Connection, ledger_id: int, delivery_id: int) -> bool:
    """Whether a delivery's work has not been tried yet, here or by another worker."""
    row = connection.execute(_SQL.work_state, {"ledger": ledger_id, "delivery": delivery_id}).fetchone()
    return row is not None and row[0] == "ready" and row[1] == 0


def deliveries(connection: Connection, ledger_id: int, ids: Sequence[int]) -> list[Delivery]:
    """Deliveries with their bodies, in order."""
    rows = connection.execute(_SQL.deliveries_by_id, {"ledger": ledger_id, "ids": list(ids)})
    return [_delivery(row) for row in rows]


def _delivery(row: tuple[Any, ...]) -> Delivery:
    return Delivery(
        row[0], row[1], Channel(row[2]), row[3], row[4], row[5], row[6], bytes(row[7]), bytes(row[8]), Verdict(row[9]),
        row[10], row[11],
    )  # fmt: skip


def first_deliveries(connection: Connection, ledger_id: int, ids: Sequence[int]) -> dict[int, int]:
    """Repeated delivery -> the first one with its identity, which did what there was to do."""
    return dict(connection.execute(_SQL.first_deliveries, {"ledger": ledger_id, "ids": list(ids)}))


def page(
    connection: Connection, ledger_id: int, *, before: int | None, source: str | None, verdict: str | None, limit: int
) -> list[DeliveryRow]:
    """The newest deliveries, or those older than `before`; without their bodies."""
    columns = {"ledger": ledger_id, "before": before, "source": source, "verdict": verdict, "limit": limit}
    return [DeliveryRow(_delivery(row), row[12], row[13]) for row in connection.execute(_SQL.delivery_page, columns)]


def health(connection: Connection, ledger_id: int) -> list[Source]:
    """Every source with when it was last heard, and how much waits or was rejected."""
    return [Source(*row) for row in connection.execute(_SQL.health, {"ledger": ledger_id})]


def count_waiting(connection: Connection, ledger_id: int) -> int:
    """Deliveries accepted and not yet worked on."""
    row = connection.execute(_SQL.count_waiting, {"ledger": ledger_id}).fetchone()
    assert row is not None
    return int(row[0])


def accepted_after(connection: Connection, ledger_id: int, after: int, limit: int) -> list[int]:
    """Numbers of accepted deliveries, for a replay."""
    columns = {"ledger": ledger_id, "after": after, "limit": limit}
    return [row[0] for row in connection.execute(_SQL.accepted_after, columns)]
