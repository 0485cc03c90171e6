"""Keeps reconciliations: prepared by one person, signed by another, and what happened to their items afterwards."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.error import NotFound, ResolutionRefused

_SQL = Queries("tieout.reconciliation", "signed.sql")


class Kept(Struct, frozen=True):
    """A reconciliation as it was prepared, and who signed it, if anybody has. `content` is JSON, `hash` its SHA-256."""

    id: int
    account: str
    currency: str
    first_day: date
    last_day: date
    content: str
    hash: str
    prepared_by: str
    prepared_at: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    note: str | None
    csv: str


class Afterwards(Struct, frozen=True):
    """Something that was tied, or taken back (`reverses_id`), after a reconciliation was prepared."""

    match_id: int
    reverses_id: int | None
    key: str
    why: str
    actor: str
    at: datetime
    amount_minor: int


def prepare(connection: Connection, ledger_id: int, columns: Mapping[str, Any]) -> int:
    """Keeps one (account number, currency, first, last, content, hash, csv, actor, now); returns its number."""
    row = connection.execute(_SQL.prepare, {"ledger": ledger_id, **columns}).fetchone()
    assert row is not None
    return int(row[0])


def sign(connection: Connection, ledger_id: int, kept: Kept, actor: str, note: str, now: datetime, pdf: bytes) -> None:
    """Signs one, and stands by what runs had tied up to its day. Raises ResolutionRefused for whoever prepared it."""
    if kept.prepared_by == actor:  # the database refuses it too
        raise ResolutionRefused(
            f"{actor} prepared rec_{kept.id} and cannot review it",
            where=f"rec_{kept.id}",
            remedy="Let somebody else look at it.",
        )
    columns = {"ledger": ledger_id, "id": kept.id, "actor": actor, "note": note, "now": now, "pdf": pdf}
    connection.execute(_SQL.sign, columns)
    row = connection.execute(_SQL.upto, {"ledger": ledger_id, "id": kept.id}).fetchone()
    assert row is not None
    why = f"Signed with rec_{kept.id}: {note}"
    freeze = {"ledger": ledger_id, "actor": actor, "why": why, "currency": kept.currency, "last": kept.last_day}
    connection.execute(_SQL.freeze, {**freeze, "upto": row[0]})


def all_kept(connection: Connection, ledger_id: int) -> list[Kept]:
    """All reconciliations, newest first."""
    return [Kept(*row) for row in connection.execute(_SQL.found, {"ledger": ledger_id, "id": None})]


def one_kept(connection: Connection, ledger_id: int, number: int) -> Kept:
    """One of them; raises NotFound."""
    row = connection.execute(_SQL.found, {"ledger": ledger_id, "id": number}).fetchone()
    if row is None:
        raise NotFound(f"There is no reconciliation {number}", where="id", remedy="See `tieout reconciliation list`.")
    return Kept(*row)


def pdf(connection: Connection, ledger_id: int, number: int) -> bytes | None:
    """The signed PDF, or None if nobody has signed."""
    row = connection.execute(_SQL.pdf, {"ledger": ledger_id, "id": number}).fetchone()
    return None if row is None else bytes(row[0])


def afterwards(connection: Connection, ledger_id: int, number: int) -> list[Afterwards]:
    """What was tied or taken back since, of items the reconciliation was about."""
    rows = connection.execute(_SQL.afterwards, {"ledger": ledger_id, "id": number})
    return [Afterwards(*row) for row in rows]


def refunds(connection: Connection, ledger_id: int, currency: str, at: date) -> dict[str, int]:
    """Refunds that had not cleared at the end of a day, by account, in minor units."""
    columns = {"ledger": ledger_id, "currency": currency, "at": at}
    return {row[0]: row[1] for row in connection.execute(_SQL.refunds, columns)}
