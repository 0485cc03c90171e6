"""Entries of one's own, and their corrections."""

from collections.abc import Sequence

from tieout.app.opened import Opened
from tieout.controls import store as controls
from tieout.ledger import store as ledger
from tieout.model.entity import Actor
from tieout.model.entry import EntryDraft
from tieout.model.ids import IdKind, public_id


class Booking(Opened):
    """The part of the face that books what no event told."""

    def post(self, drafts: Sequence[EntryDraft], *, actor: Actor) -> list[str]:
        """Posts entries of one's own, all or none; returns their ids. Raises PostingRefused or Conflict."""
        with self._books() as (connection, context):
            posted = ledger.post(connection, context.id, drafts, context.accounts)
            controls.log(connection, context.id, actor.name, "entries.posted", f"{len(posted)} entries")
            return [public_id(IdKind.ENTRY, p.entry_id) for p in posted]
