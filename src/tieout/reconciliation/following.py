"""Whether the open items follow the journal: each is what the lines of its entry come to, and none is missing."""

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.ids import IdKind, public_id
from tieout.model.seal import Flaw

_SQL = Queries("tieout.reconciliation", "following.sql")
_WHY = {
    "invented": "no lines make it",
    "missing": "it is not there",
    "other": "its lines make another",
    "tied": "its matches allocate another amount than it says is tied",
}


def upto(connection: Connection, ledger_id: int) -> int:
    """The entry up to which the open items follow the journal."""
    return int(connection.execute(_SQL.cursor, {"ledger": ledger_id}).fetchall()[0][0])


def wrong_items(connection: Connection, ledger_id: int, after: int, upto: int, cursor: int) -> list[Flaw]:
    """Open items of entries above `after`, up to `upto`, that are not what their lines and matches come to.

    Those of entries above `cursor` may be missing still.
    """
    columns = {"ledger": ledger_id, "after": after, "upto": upto, "cursor": cursor}
    flaws = []
    for entry, code, item, why in connection.execute(_SQL.wrong_items, columns):
        what = f"its open item “{item}” on {code}: {_WHY[why]}"
        flaws.append(Flaw(public_id(IdKind.ENTRY, entry), what, (2, entry)))
    return flaws
