"""What people chose and refused: kept, to rank and to propose by, never to post by."""

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.reconciliation.nearest import Habits, Refused

_SQL = Queries("tieout.reconciliation", "choices.sql")


def refuse(connection: Connection, ledger_id: int, one: int, two: int, why: str, actor: str) -> bool:
    """Says that two items do not belong together; False if that has been said before."""
    columns = {"ledger": ledger_id, "one": one, "two": two, "why": why, "actor": actor}
    return connection.execute(_SQL.refuse, columns).fetchone() is not None


def refused(connection: Connection, ledger_id: int) -> Refused:
    """The pairs that people refused."""
    return frozenset(frozenset(row) for row in connection.execute(_SQL.refused, {"ledger": ledger_id}))


def habits(connection: Connection, ledger_id: int) -> Habits:
    """How often people tied two items of an account that lie so many days apart."""
    return {(row[0], row[1]): row[2] for row in connection.execute(_SQL.habits, {"ledger": ledger_id})}
