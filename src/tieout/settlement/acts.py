"""Keeps acts: who asked for what, who approved it or refused it; and who owes at a day's end."""

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.settlement.act import Act, ActReason

_SQL = Queries("tieout.settlement", "acts.sql")


class ActRow(Struct, frozen=True):
    """An act with its number, who asked, and what a second person said; `approved` is None while nobody has."""

    id: int
    act: Act
    asked_by: str
    asked_at: datetime
    needs_second: bool
    approved: bool | None
    decided_by: str | None


def try_turn(connection: Connection, ledger_id: int, what: str) -> bool:
    """Whether this unit of work is the one that does a job; false while another does it."""
    row = connection.execute(_SQL.try_turn, {"ledger": ledger_id, "what": what}).fetchone()
    return row is not None and bool(row[0])


def add(connection: Connection, ledger_id: int, act: Act, by: str, *, needs_second: bool) -> int | None:
    """Records an act and returns its number; None if its key is there."""
    columns = {
        "ledger": ledger_id, "key": act.key, "step": act.step, "reason": act.reason.value, "party": act.party,
        "sale": act.sale, "currency": act.currency, "amount": act.amount_minor, "extra": act.extra_minor,
        "day": act.day, "source": act.source or None, "note": act.note, "evidence": act.evidence, "by": by,
        "second": needs_second,
    }  # fmt: skip
    row = connection.execute(_SQL.insert_act, columns).fetchone()
    return None if row is None else int(row[0])


def decide(connection: Connection, ledger_id: int, number: int, by: str, reason: str, *, approved: bool) -> bool:
    """Records what a second person says; False if somebody said so before."""
    columns = {"ledger": ledger_id, "act": number, "by": by, "reason": reason, "approved": approved}
    return connection.execute(_SQL.insert_verdict, columns).fetchone() is not None


def acts(
    connection: Connection, ledger_id: int, *, numbers: Sequence[int] | None = None, key: str | None = None,
    waiting: bool = False, limit: int = 200,
) -> list[ActRow]:  # fmt: skip
    """Acts, newest first: those with these numbers, the one of a key, or those that wait for a second person."""
    columns = {
        "ledger": ledger_id, "numbers": None if numbers is None else list(numbers), "key": key, "waiting": waiting,
        "limit": limit,
    }  # fmt: skip
    return [
        ActRow(row[0], Act(*row[1:6], *(ActReason(row[6]), *row[7:10], row[10] or "", *row[11:13])), *row[13:])
        for row in connection.execute(_SQL.acts, columns)
    ]  # fmt: skip


def overdrawn(connection: Connection, ledger_id: int, account: str, day: date) -> list[tuple[str, str, int]]:
    """(seller, currency, minor units) of those who owe on an account at the end of a day."""
    rows = connection.execute(_SQL.overdrawn, {"ledger": ledger_id, "account": account, "day": day})
    return [(row[0], row[1], int(row[2])) for row in rows]
