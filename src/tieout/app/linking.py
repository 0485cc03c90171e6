"""Corrections around an entry: what it takes back or replaces, and what does so to it."""

from collections.abc import Sequence

from tieout.app.context import LedgerContext
from tieout.db.pool import Connection
from tieout.ledger import link
from tieout.model.entry import EntryLink, LinkKind
from tieout.model.ids import IdKind, public_id
from tieout.model.trace import Correction

#: How an entry stands to the one it corrects, and how that one stands to it.
_RELATIONS = {
    LinkKind.REVERSES: ("reverses", "is reversed by"),
    LinkKind.REVERSES_PART: ("reverses a part of", "is reversed in part by"),
    LinkKind.REPLACES: ("replaces", "is replaced by"),
}
#: A correction of a correction of a correction; nobody goes further.
_STEPS_MAX = 5


def links_of(connection: Connection, context: LedgerContext, entry_id: int) -> list[Correction]:
    """What this entry corrects, and what corrects it."""
    return [
        Correction(_RELATIONS[made.kind][0], public_id(IdKind.ENTRY, made.of_entry_id))
        if made.entry_id == entry_id
        else Correction(_RELATIONS[made.kind][1], public_id(IdKind.ENTRY, made.entry_id))
        for made in link.links(connection, context.id, [entry_id])
    ]


def relation_to(kind: LinkKind) -> str:
    """How the corrected entry stands to the one that corrects it."""
    return _RELATIONS[kind][1]


def corrections_around(connection: Connection, context: LedgerContext, ids: Sequence[int]) -> list[EntryLink]:
    """The corrections of these entries, the corrections of those, and so on, both ways."""
    known, frontier = set(ids), set(ids)
    found: dict[tuple[int, str], EntryLink] = {}
    for _ in range(_STEPS_MAX):
        if not frontier:
            break
        for made in link.links(connection, context.id, sorted(frontier)):
            found[made.entry_id, made.kind] = made
        frontier = {n for made in found.values() for n in (made.entry_id, made.of_entry_id)} - known
        known |= frontier
    return list(found.values())
