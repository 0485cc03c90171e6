"""Keeps payouts: policies, runs in parts, payouts with their lines, and the history that alone moves them."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
import psycopg

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.error import Conflict, PayoutRefused
from tieout.model.ids import IdKind, public_id
from tieout.model.payout import Decision, Payout, PayoutPolicy, PayoutState, PayoutStep, PayoutVerdict
from tieout.model.seller import PayoutAccount

_SQL = Queries("tieout.settlement", "payouts.sql")
_POLICY = msgspec.json.Decoder(PayoutPolicy)
_ACCOUNT = msgspec.json.Decoder(PayoutAccount)


class Changed(Conflict):
    """What is owed changed between being looked at and being paid; nothing was. Look again."""


class Run(NamedTuple):
    """A run: its day, who made it, how many of its parts are open, and what it decided."""

    id: int
    key: str
    day: date
    made_by: str
    made_at: datetime
    parts_open: int
    parts: int
    decisions: int
    payouts: int


class Part(NamedTuple):
    """A part of a run, taken by whoever works it off."""

    run: int
    number: int
    parties: list[str]
    day: date
    key: str
    made_by: str


class NewPayout(NamedTuple):
    """A payout to be recorded; `carried` is the entry that carries what it leaves over, and how much that is."""

    id: int
    party: str
    currency: str
    amount_minor: int
    rail: str
    account: PayoutAccount
    execute_on: date
    end_to_end: str
    remittance: str
    approvals_needed: int
    carried: tuple[int, int] | None = None


class Step(NamedTuple):
    """A step of a payout to be recorded: `seq` follows the steps it has."""

    payout: int
    seq: int
    from_state: PayoutState
    to_state: PayoutState
    actor: str
    reason: str = ""
    detail: str = ""
    entry_id: int | None = None
    attempt_no: int | None = None


class SettledLine(NamedTuple):
    """A line a payout settles, with what its entry says."""

    entry_id: int
    line_no: int
    amount_minor: int
    memo: str
    rule_id: str
    day: date
    item: str | None


def publish_policy(connection: Connection, ledger_id: int, policy: PayoutPolicy, by: str, reason: str) -> int | None:
    """Publishes how sellers are paid, as the next version; None if somebody else did so meanwhile."""
    columns = {"ledger": ledger_id, "policy": msgspec.json.encode(policy).decode(), "by": by, "reason": reason}
    row = connection.execute(_SQL.insert_policy, columns).fetchone()
    return None if row is None else int(row[0])


def policy(connection: Connection, ledger_id: int) -> tuple[int, PayoutPolicy]:
    """The newest policy and its version; (0, an empty one) if none was published."""
    row = connection.execute(_SQL.policy, {"ledger": ledger_id}).fetchone()
    return (0, PayoutPolicy()) if row is None else (int(row[0]), _POLICY.decode(row[1]))


def open_run(
    connection: Connection, ledger_id: int, key: str, day: date, version: int, by: str, parties: Sequence[str],
    size: int,
) -> tuple[int, bool]:  # fmt: skip
    """The number of the run with this key, and whether it is new: then it goes over `parties`, `size` to a part."""
    columns = {"ledger": ledger_id, "key": key, "day": day, "version": version, "by": by}
    row = connection.execute(_SQL.insert_run, columns).fetchone()
    if row is None:
        row = connection.execute(_SQL.run_by_key, columns).fetchone()
        assert row is not None
        return int(row[0]), False
    columns = {"ledger": ledger_id, "run": row[0], "parties": list(parties), "size": size}
    connection.execute(_SQL.insert_parts, columns)
    return int(row[0]), True


def runs(connection: Connection, ledger_id: int, run: int | None = None, limit: int = 100) -> list[Run]:
    """Runs, newest first, or the one asked for."""
    return [Run(*row) for row in connection.execute(_SQL.runs, {"ledger": ledger_id, "run": run, "limit": limit})]


def day_before(connection: Connection, ledger_id: int, run: int) -> date | None:
    """The day of the last scheduled run before this one."""
    row = connection.execute(_SQL.day_before, {"ledger": ledger_id, "run": run}).fetchone()
    assert row is not None
    found: date | None = row[0]
    return found


def unfinished_runs(connection: Connection, ledger_id: int) -> list[int]:
    """Runs with parts nobody has done."""
    return [row[0] for row in connection.execute(_SQL.unfinished_runs, {"ledger": ledger_id})]


def look_parts(connection: Connection, ledger_id: int, run: int, limit: int = 1) -> list[tuple[int, list[str]]]:
    """The next open parts and their sellers, without taking them."""
    rows = connection.execute(_SQL.look_part, {"ledger": ledger_id, "run": run, "limit": limit})
    return [(row[0], row[1]) for row in rows]


def take_part(connection: Connection, ledger_id: int, run: int) -> Part | None:
    """Takes an open part for this unit of work; None if there is none that nobody else has."""
    row = connection.execute(_SQL.take_part, {"ledger": ledger_id, "run": run}).fetchone()
    return None if row is None else Part(run, *row)


def end_part(connection: Connection, ledger_id: int, part: Part) -> None:
    """A part is done."""
    connection.execute(_SQL.end_part, {"ledger": ledger_id, "run": part.run, "part": part.number})


def reserve(connection: Connection, n: int) -> list[int]:
    """Numbers for payouts to come."""
    return [row[0] for row in connection.execute(_SQL.reserve, {"n": n})]


def add(
    connection: Connection, ledger_id: int, new: Sequence[NewPayout], *, run: int | None, by: str, reason: str = ""
) -> None:
    """Records payouts with all that is open of their sellers. Raises Changed if that is not what they come to."""
    carried = [(one.id, *one.carried) for one in new if one.carried is not None]
    columns: dict[str, Any] = {
        "ledger": ledger_id, "run": run, "by": by, "reason": reason,
        "ids": [one.id for one in new], "parties": [one.party for one in new],
        "currencies": [one.currency for one in new], "amounts": [one.amount_minor for one in new],
        "rails": [one.rail for one in new], "accounts": [msgspec.json.encode(one.account).decode() for one in new],
        "days": [one.execute_on for one in new], "names": [one.end_to_end for one in new],
        "remittances": [one.remittance for one in new], "approvals": [one.approvals_needed for one in new],
        "carry_ids": [c[0] for c in carried], "carry_entries": [c[1] for c in carried],
        "carry_amounts": [-c[2] for c in carried],
    }  # fmt: skip
    try:
        connection.execute(_SQL.insert_payouts, columns)
    except psycopg.errors.CheckViolation as error:
        if error.diag.constraint_name != "payout_is_its_lines":
            raise
        raise Changed(
            "What is owed to a seller changed while it was paid", where="payout", remedy="Look at it and try again."
        ) from error


def add_decisions(
    connection: Connection, ledger_id: int, run: int, found: Sequence[Decision], made: dict[tuple[str, str], int]
) -> None:
    """Records what a run says to each seller; `made` are the payouts by party and currency."""
    columns = {
        "ledger": ledger_id, "run": run, "parties": [d.party for d in found], "currencies": [d.currency for d in found],
        "verdicts": [d.verdict.value for d in found], "owed": [d.owed_minor for d in found],
        "amounts": [d.amount_minor for d in found], "carried": [d.carried_minor for d in found],
        "whys": [d.why for d in found], "payouts": [made.get((d.party, d.currency)) for d in found],
    }  # fmt: skip
    connection.execute(_SQL.insert_decisions, columns)


def decisions(
    connection: Connection, ledger_id: int, run: int, verdict: PayoutVerdict | None = None, limit: int = 1000
) -> list[Decision]:
    """What a run said to each seller it looked at."""
    columns = {"ledger": ledger_id, "run": run, "verdict": verdict and verdict.value, "limit": limit}
    return [
        Decision(
            row[0], row[1], PayoutVerdict(row[2]), row[3], row[4], row[5], row[6],
            None if row[7] is None else public_id(IdKind.PAYOUT, row[7]),
        )
        for row in connection.execute(_SQL.decisions, columns)
    ]  # fmt: skip


def record(connection: Connection, ledger_id: int, steps: Iterable[Step]) -> None:
    """Moves payouts, step by step. Raises Conflict if one is not where it was, PayoutRefused if it may not go."""
    found = list(steps)
    if not found:
        return
    columns = {
        "ledger": ledger_id, "payouts": [s.payout for s in found], "seqs": [s.seq for s in found],
        "froms": [s.from_state.value for s in found], "tos": [s.to_state.value for s in found],
        "reasons": [s.reason for s in found], "details": [s.detail for s in found],
        "actors": [s.actor for s in found], "entries": [s.entry_id for s in found],
        "attempts": [s.attempt_no for s in found],
    }  # fmt: skip
    try:
        connection.execute(_SQL.insert_history, columns)
    except psycopg.errors.UniqueViolation as error:
        if error.diag.constraint_name == "paid_once":
            raise PayoutRefused(
                "Another payout has some of these lines by now",
                where="payout",
                remedy="Cancel this one; what was left of it is paid with the next.",
            ) from error
        raise _moved_on(found) from error
    except psycopg.errors.CheckViolation as error:
        if error.diag.constraint_name == "payout_is_approved":
            raise PayoutRefused(
                error.diag.message_primary or "It is not approved", where="payout",
                remedy="Have it approved by people who did not make it.",
            ) from error  # fmt: skip
        raise _moved_on(found) from error


def _moved_on(steps: Sequence[Step]) -> Conflict:
    ways = sorted({f"{s.from_state} to {s.to_state}" for s in steps})
    return Conflict(
        f"A payout cannot go from {', '.join(ways)}: it is somewhere else by now", where="payout",
        remedy="Look at it again.",
    )  # fmt: skip


def history(connection: Connection, ledger_id: int, payouts: Sequence[int]) -> list[PayoutStep]:
    """All steps of these payouts, in order."""
    rows = connection.execute(_SQL.history, {"ledger": ledger_id, "payouts": list(payouts)})
    return [PayoutStep(r[0], r[1], PayoutState(r[2]), PayoutState(r[3]), *r[4:]) for r in rows]


def payouts(
    connection: Connection, ledger_id: int, *, ids: Sequence[int] | None = None,
    states: Sequence[PayoutState] | None = None, party: str | None = None, run: int | None = None,
    before: int | None = None, limit: int = 100,
) -> list[Payout]:  # fmt: skip
    """Payouts that fit, newest first."""
    columns = {
        "ledger": ledger_id, "ids": None if ids is None else list(ids), "party": party, "run": run, "before": before,
        "states": None if states is None else [s.value for s in states], "limit": limit,
    }  # fmt: skip
    return [
        Payout(
            row[0], public_id(IdKind.PAYOUT, row[0]), *row[1:6],
            *(_ACCOUNT.decode(row[6]), *row[7:14], PayoutState(row[14]), *row[15:]),
        )
        for row in connection.execute(_SQL.payouts, columns)
    ]  # fmt: skip


def taken(connection: Connection, ledger_id: int, ids: Sequence[int]) -> list[Payout]:
    """These payouts, for this unit of work alone, by number."""
    if not ids:
        return []
    connection.execute(_SQL.take_payouts, {"ledger": ledger_id, "ids": list(ids)})
    return payouts(connection, ledger_id, ids=ids, limit=len(ids))[::-1]


def take_queued(
    connection: Connection, ledger_id: int, rail: str, currency: str, day: date, limit: int
) -> list[Payout]:
    """Queued payouts of a rail that are due, which nobody else has, for this unit of work."""
    columns = {"ledger": ledger_id, "rail": rail, "currency": currency, "day": day, "limit": limit}
    ids = [row[0] for row in connection.execute(_SQL.take_queued, columns)]
    return payouts(connection, ledger_id, ids=ids, limit=len(ids))[::-1] if ids else []


def queued_rails(connection: Connection, ledger_id: int, day: date) -> list[tuple[str, str]]:
    """Rails and currencies with payouts that are due."""
    rows = connection.execute(_SQL.queued_rails, {"ledger": ledger_id, "day": day})
    return [(row[0], row[1]) for row in rows]


def worth(connection: Connection, ledger_id: int, ids: Sequence[int]) -> dict[int, int]:
    """What these payouts are worth in base currency, as their lines stand in the books."""
    if not ids:
        return {}
    rows = connection.execute(_SQL.worth, {"ledger": ledger_id, "payouts": list(ids)})
    return {row[0]: int(row[1]) for row in rows}


def by_end_to_end(connection: Connection, ledger_id: int, names: Sequence[str]) -> list[int]:
    """The numbers of payouts by what the bank calls them."""
    return [row[0] for row in connection.execute(_SQL.by_end_to_end, {"ledger": ledger_id, "names": list(names)})]


def lines(connection: Connection, ledger_id: int, payout: int, limit: int = 1000) -> list[SettledLine]:
    """The lines a payout settles, oldest first."""
    columns = {"ledger": ledger_id, "payout": payout, "limit": limit}
    return [SettledLine(*row) for row in connection.execute(_SQL.lines, columns)]


def approve(connection: Connection, ledger_id: int, payout: int, person: str, note: str) -> bool:
    """A person approves; False if it did before. Raises PayoutRefused for the maker, or where none is waited for."""
    columns = {"ledger": ledger_id, "payout": payout, "person": person, "note": note}
    try:
        return connection.execute(_SQL.insert_approval, columns).fetchone() is not None
    except psycopg.errors.CheckViolation as error:
        raise PayoutRefused(
            error.diag.message_primary or "It cannot be approved", where=public_id(IdKind.PAYOUT, payout),
            remedy="Let somebody else approve what waits for it.",
        ) from error  # fmt: skip


def approvals(connection: Connection, ledger_id: int, payouts: Sequence[int]) -> list[tuple[int, str, str, datetime]]:
    """(payout, person, note, when) of each approval."""
    rows = connection.execute(_SQL.approvals, {"ledger": ledger_id, "payouts": list(payouts)})
    return [(row[0], row[1], row[2], row[3]) for row in rows]
