"""What an entry has to do with earlier ones: what it takes back, whole or in part, and what it replaces."""

from collections.abc import Sequence

import psycopg

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.ledger.correction import Left
from tieout.model.entry import EntryLink, LinkKind
from tieout.model.error import Conflict
from tieout.model.ids import IdKind, public_id

_SQL = Queries("tieout.ledger", "link.sql")


def take_entry(connection: Connection, ledger_id: int, entry_id: int) -> None:
    """Waits for whoever else corrects this entry; nobody does before this unit of work ends."""
    connection.execute(_SQL.take_entry, {"ledger": ledger_id, "entry": entry_id})


def left(connection: Connection, ledger_id: int, entry_id: int) -> list[Left]:
    """What of an entry no other has taken back, in the order of its lines; lines that say the same are one."""
    rows = connection.execute(_SQL.left, {"ledger": ledger_id, "entry": entry_id})
    return [
        Left(code, currency, party, item, dim, int(amount), int(base), tuple(numbers))
        for code, currency, party, item, dim, amount, base, numbers in rows
    ]


def put_link(connection: Connection, ledger_id: int, link: EntryLink) -> None:
    """Links an entry of this unit of work to the one it corrects. Raises Conflict if that has been done meanwhile."""
    assert link.kind is not LinkKind.REVERSES, "that stands in the entry itself"
    columns = {"ledger": ledger_id, "entry": link.entry_id, "kind": link.kind.value, "of": link.of_entry_id}
    try:
        connection.execute(_SQL.put_link, columns)
    except psycopg.IntegrityError as error:
        name = public_id(IdKind.ENTRY, link.of_entry_id)
        raise Conflict(
            f"{name} cannot be corrected so: {error.diag.message_primary}",
            where=name,
            remedy=f"Look at what has been done to it with `tieout explain {name}`.",
        ) from error


def links(connection: Connection, ledger_id: int, ids: Sequence[int]) -> list[EntryLink]:
    """The corrections these entries are, and those that were made to them."""
    rows = connection.execute(_SQL.links, {"ledger": ledger_id, "ids": list(ids)})
    return [EntryLink(entry, LinkKind(kind), of) for entry, kind, of in rows]
