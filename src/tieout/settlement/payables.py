"""What can be paid: open lines on sellers' available balances, as a projection of the journal, and what is held of it.

The projection follows the journal with one cursor, a snapshot: what that sees is here, or belongs to a payout.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.bucket import Hold, HoldReason
from tieout.model.payout import PayoutLine

_SQL = Queries("tieout.settlement", "payables.sql")
_START = "1:1:"


class Owed(NamedTuple):
    """What is open of a seller in a currency, and in how many lines. Below zero the seller owes."""

    party: str
    currency: str
    amount_minor: int
    lines: int


def gather(connection: Connection, ledger_id: int, account_id: int, *, wait: bool = False) -> int:
    """Takes in the lines that came since the last time and returns how many; none if another is at it.

    `wait` until that one is done.
    """
    columns: dict[str, Any] = {"ledger": ledger_id, "account": account_id}
    if wait:
        connection.execute(_SQL.take_turn, columns)
    elif not _value(connection, _SQL.turn, columns):
        return 0
    connection.execute(_SQL.open_cursor, columns)
    row = connection.execute(_SQL.cursor, columns).fetchone()
    assert row is not None
    upto, now, ours = row
    if not ours:
        connection.execute(_SQL.forget, columns)
        upto = _START
    if upto == _START:
        return int(_value(connection, _SQL.gather_all, columns | {"now": now}))
    under_way = [number for number in upto.split(":")[2].split(",") if number]
    return int(_value(connection, _SQL.gather, columns | {"after": upto, "now": now, "under_way": under_way}))


def rebuild(connection: Connection, ledger_id: int, account_id: int) -> int:
    """Forgets the projection and derives it anew from the journal and the payouts; returns how many lines are open."""
    connection.execute(_SQL.take_turn, {"ledger": ledger_id})
    connection.execute(_SQL.open_cursor, {"ledger": ledger_id})
    connection.execute(_SQL.forget, {"ledger": ledger_id})
    return gather(connection, ledger_id, account_id)


def owed(connection: Connection, ledger_id: int, parties: Sequence[str]) -> list[Owed]:
    """What is open of these sellers, by party and currency."""
    rows = connection.execute(_SQL.owed, {"ledger": ledger_id, "parties": list(parties)})
    return [Owed(*row) for row in rows]


def worth(connection: Connection, ledger_id: int, which: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """What is open of (party, currency), in base currency, as its lines stand in the books."""
    if not which:
        return {}
    columns = {"ledger": ledger_id, "parties": [p for p, _ in which], "currencies": [c for _, c in which]}
    return {(row[0], row[1]): int(row[2]) for row in connection.execute(_SQL.worth, columns)}


def parties(connection: Connection, ledger_id: int) -> list[str]:
    """Everybody who is owed something or has a profile, by name."""
    return [row[0] for row in connection.execute(_SQL.parties, {"ledger": ledger_id})]


def open_lines(connection: Connection, ledger_id: int, party: str, currency: str) -> list[PayoutLine]:
    """A seller's open lines in a currency, oldest entry first, each by the name of its entry and its number."""
    columns = {"ledger": ledger_id, "party": party, "currency": currency}
    rows = connection.execute(_SQL.open_lines, columns)
    return [PayoutLine(f"ent_{entry}/{number}", amount, "line") for entry, number, amount in rows]


def holds(connection: Connection, ledger_id: int, parties: Sequence[str], on: date) -> list[Hold]:
    """What holds these sellers' money on a day; an account that was changed and rests is a hold too."""
    columns = {"ledger": ledger_id, "parties": list(parties), "day": on}
    found = [
        Hold(
            party=row[0], reason=HoldReason(row[1]), amount_minor=row[2], since=row[3], until=row[4],
            ends_when=row[5], opened_by=row[6],
        )
        for row in connection.execute(_SQL.holds, columns)
    ]  # fmt: skip
    for party, by, since, until, approved in connection.execute(_SQL.resting, columns):
        ends = f"It may be paid to from {until}" + ("." if approved else ", once a second person has approved it.")
        found.append(Hold(party, HoldReason.BANK_CHANGE, min(since, on), by, ends))
    return found


def _value(connection: Connection, query: bytes, columns: dict[str, Any]) -> Any:
    row = connection.execute(query, columns).fetchone()
    assert row is not None
    return row[0]
