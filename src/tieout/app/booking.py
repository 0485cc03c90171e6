"""Entries of one's own, and their corrections."""

from collections.abc import Sequence

import msgspec

from tieout.app.opened import Opened
from tieout.controls import store as controls
from tieout.ledger import store as ledger
from tieout.model.entity import Actor
from tieout.model.entry import EntryDraft
from tieout.model.ids import IdKind, public_id
from tieout.model.rate import STATED, implied_rates, rate_text


def with_rate(draft: EntryDraft, base_currency: str) -> EntryDraft:
    """The draft itself, or with the rates its own base amounts imply, if it names none for its foreign lines."""
    if draft.rate is not None or all(line.currency == base_currency for line in draft.lines):
        return draft
    stated = implied_rates(draft.lines, base_currency, STATED, draft.effective_date)
    return msgspec.structs.replace(draft, rate=rate_text(stated))


class Booking(Opened):
    """The part of the face that books what no event told."""

    def post(self, drafts: Sequence[EntryDraft], *, actor: Actor) -> list[str]:
        """Posts entries of one's own, all or none; returns their ids. Raises PostingRefused or Conflict."""
        with self._books() as (connection, context):
            rated = [with_rate(draft, context.entity.base_currency) for draft in drafts]
            posted = ledger.post(connection, context.id, rated, context.accounts)
            controls.log(connection, context.id, actor.name, "entries.posted", f"{len(posted)} entries")
            return [public_id(IdKind.ENTRY, p.entry_id) for p in posted]
