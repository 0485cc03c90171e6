"""Guarded accounts: which may not be overdrawn, by how much they may, and what stands on them.

The check itself is the database's, as lines are inserted (check_admission): it adds to the guarded balance, whose row
two posters wait for each other at, and refuses what goes beyond the limit.
"""

from collections.abc import Sequence

from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.ledger.period import take_books
from tieout.model.account import Account, AccountType, Guard

_SQL = Queries("tieout.ledger", "guard.sql")
_CREDIT = (AccountType.LIABILITY, AccountType.EQUITY, AccountType.INCOME)


class Limit(Struct, frozen=True):
    """By how many minor units of a currency an account may be overdrawn; of one party if it is named."""

    currency: str
    limit_minor: int
    party: str = ""


class Over(Struct, frozen=True):
    """A guarded balance (debit positive) that is beyond its limit, or not what it should be."""

    account: str
    currency: str
    party: str
    balance_minor: int
    other_minor: int


def guard_of(kind: AccountType) -> Guard:
    """What overdrawing means for an account of this type: what we owe must not become a claim, nor the reverse."""
    return Guard.NO_DEBIT_BALANCE if kind in _CREDIT else Guard.NO_CREDIT_BALANCE


def set_guard(
    connection: Connection, ledger_id: int, account: Account, guard: Guard, limits: Sequence[Limit], *, per_party: bool
) -> list[Over]:  # fmt: skip
    """Guards an account, or no longer, with these limits and no others; no limit is none at all to overdraw by.

    Waits for posters under way. Returns what is beyond its limit already: it may come back, but not go further.
    """
    take_books(connection, ledger_id)
    columns = {"ledger": ledger_id, "account": account.id, "guard": guard.value, "per_party": per_party}
    for query in (_SQL.set_guard, _SQL.drop_balances, _SQL.drop_limits):
        connection.execute(query, columns)
    if guard is Guard.NONE:
        return []
    connection.execute(_SQL.put_balances, columns)
    for limit in limits:
        own = {"currency": limit.currency, "party": limit.party, "limit": limit.limit_minor}
        connection.execute(_SQL.put_limit, columns | own)
    return [_over(row) for row in connection.execute(_SQL.over, columns)]


def limits(connection: Connection, ledger_id: int) -> dict[str, list[Limit]]:
    """Limits by account."""
    found: dict[str, list[Limit]] = {}
    for code, currency, party, minor in connection.execute(_SQL.limits, {"ledger": ledger_id}):
        found.setdefault(code, []).append(Limit(currency, minor, party))
    return found


def is_any(connection: Connection, ledger_id: int) -> bool:
    """Whether some account is guarded."""
    row = connection.execute(_SQL.is_any, {"ledger": ledger_id}).fetchone()
    assert row is not None
    return bool(row[0])


def astray(connection: Connection, ledger_id: int) -> list[Over]:
    """Guarded balances that are not the sum of their lines (`other_minor`); none, unless something went past us."""
    return [_over(row) for row in connection.execute(_SQL.astray, {"ledger": ledger_id})]


def _over(row: tuple[object, ...]) -> Over:
    code, currency, party, balance, other = row
    return Over(str(code), str(currency), str(party), int(str(balance)), int(str(other)))
