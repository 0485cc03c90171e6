"""Keeps how payouts were given to banks and providers: attempts and what came of them, files and who took them."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.payout import Answer, Outcome, Payout, StoredFile

_SQL = Queries("tieout.settlement", "payouts.sql")


class Attempt(NamedTuple):
    """One time a payout was given away, and the newest answer; None if none came."""

    payout: int
    number: int
    rail: str
    idempotency_key: str
    file_id: int | None
    begun_at: datetime
    answer: Answer | None
    answered_at: datetime | None


class BankNews(NamedTuple):
    """A line of a bank statement that names payouts: `itself`, or the file they were in. Debits are below zero."""

    event_id: int
    kind: str
    currency: str
    item: str
    entry_id: int
    amount_minor: int
    day: date
    itself: bool
    payouts: list[int]


def begin(
    connection: Connection, ledger_id: int, payouts: Sequence[Payout], rail: str, file_id: int | None
) -> dict[int, int]:
    """Writes down that these are given away now; returns the number of each one's attempt."""
    columns = {"ledger": ledger_id, "payouts": [p.id for p in payouts]}
    before: dict[int, int] = dict(connection.execute(_SQL.attempt_counts, columns).fetchall())
    numbers = {p.id: int(before.get(p.id, 0)) + 1 for p in payouts}
    columns |= {
        "rail": rail, "file": file_id, "numbers": list(numbers.values()),
        "keys": [f"{p.end_to_end}-{numbers[p.id]}" for p in payouts],
    }  # fmt: skip
    connection.execute(_SQL.insert_attempts, columns)
    return numbers


def attempts(connection: Connection, ledger_id: int, payouts: Sequence[int]) -> list[Attempt]:
    """All attempts of these payouts, in order."""
    found = []
    for row in connection.execute(_SQL.attempts, {"ledger": ledger_id, "payouts": list(payouts)}):
        answer = None if row[6] is None else Answer(Outcome(row[6]), row[7], row[8], row[9])
        found.append(Attempt(row[0], row[1], row[2], row[3], row[4], row[5], answer, row[10]))
    return found


def answered(connection: Connection, ledger_id: int, payout: int, attempt: int, answer: Answer) -> None:
    """Writes down what came of an attempt."""
    columns = {
        "ledger": ledger_id, "payout": payout, "attempt": attempt, "outcome": answer.outcome.value,
        "reference": answer.provider_ref, "code": answer.code, "detail": answer.detail,
    }  # fmt: skip
    connection.execute(_SQL.insert_answer, columns)


def under_way(
    connection: Connection, ledger_id: int, rails: Sequence[str], ids: Sequence[int] | None = None, limit: int = 200
) -> list[int]:
    """Payouts with providers that are under way."""
    columns = {"ledger": ledger_id, "rails": list(rails), "ids": None if ids is None else list(ids), "limit": limit}
    return [row[0] for row in connection.execute(_SQL.under_way, columns)]


def take_one(connection: Connection, ledger_id: int, payout: int) -> bool:
    """Takes a payout for this unit of work; False if somebody else has it."""
    return connection.execute(_SQL.take_one, {"ledger": ledger_id, "payout": payout}).fetchone() is not None


def add_file(  # noqa: PLR0913 -- a file has as many columns
    connection: Connection, ledger_id: int, *, name: str, rail: str, kind: str, message_id: str, currency: str,
    payouts: int, total_minor: int, content: bytes, by: str,
) -> int:  # fmt: skip
    """Keeps a file for the bank and returns its number."""
    columns = {
        "ledger": ledger_id, "name": name, "rail": rail, "format": kind, "message": message_id, "currency": currency,
        "payouts": payouts, "total": total_minor, "sha256": hashlib.sha256(content).digest(), "content": content,
        "by": by,
    }  # fmt: skip
    row = connection.execute(_SQL.insert_file, columns).fetchone()
    assert row is not None
    return int(row[0])


def files(connection: Connection, ledger_id: int, file: int | None = None, limit: int = 100) -> list[StoredFile]:
    """Files, newest first, or the one asked for."""
    columns = {"ledger": ledger_id, "file": file, "limit": limit}
    return [StoredFile(*row) for row in connection.execute(_SQL.files, columns)]


def export(
    connection: Connection, ledger_id: int, file: int, person: str
) -> tuple[bytes, int, tuple[str, datetime] | None]:
    """A file's bytes, the how many-eth time it is taken, and who took it first, when, if this is not the first time."""
    columns = {"ledger": ledger_id, "file": file, "person": person}
    earlier = connection.execute(_SQL.first_export, columns).fetchone()
    seq = connection.execute(_SQL.insert_export, columns).fetchone()
    content = connection.execute(_SQL.file_content, columns).fetchone()
    assert seq is not None and content is not None
    return bytes(content[0]), int(seq[0]), None if earlier is None else (earlier[0], earlier[1])


def payouts_of_file(connection: Connection, ledger_id: int, file: int) -> list[int]:
    """The payouts a file pays."""
    return [row[0] for row in connection.execute(_SQL.file_payouts, {"ledger": ledger_id, "file": file})]


def file_by_message(connection: Connection, ledger_id: int, message_id: str) -> int | None:
    """The file with this name inside."""
    row = connection.execute(_SQL.file_by_message, {"ledger": ledger_id, "message": message_id}).fetchone()
    return None if row is None else int(row[0])


def bank_news(connection: Connection, ledger_id: int, suspense_id: int) -> list[BankNews]:
    """Lines of bank statements that wait in suspense and name payouts that are under way, or were paid."""
    rows = connection.execute(_SQL.bank_news, {"ledger": ledger_id, "suspense": suspense_id})
    return [BankNews(*row) for row in rows]
