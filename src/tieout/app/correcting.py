"""Corrections: an entry is taken back, whole or in part, or taken back and booked anew. Nothing is changed."""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec
from msgspec import Struct

from tieout.app.context import LedgerContext
from tieout.app.opened import Opened
from tieout.app.reading import number_of, today_of
from tieout.app.understanding import utc_now
from tieout.app.views import Preview
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.ledger import link, period
from tieout.ledger import store as ledger
from tieout.ledger.correction import Terms, partial_reversal, reversal
from tieout.model.entity import Actor
from tieout.model.entry import Entry, EntryDraft, EntryLink, LinkKind
from tieout.model.error import BadInput, Conflict, NotFound, PeriodClosed
from tieout.model.ids import IdKind, public_id
from tieout.model.period import PeriodState


class Corrected(Struct, frozen=True):
    """The entries a correction made: what takes the old one back, and what stands in its place, if anything does."""

    reversal: str
    replacement: str | None = None


class Correcting(Opened):
    """The part of the face that corrects what is booked."""

    def preview_reversal(
        self, entry_id: str, *, on: date | None = None, part: Mapping[int, int] | None = None, actor: Actor
    ) -> Preview:
        """What `reverse` would post, without posting it."""
        with self._books() as (connection, context):
            draft = _reversal(connection, context, _taken(connection, context, entry_id), on, "", actor, part)
            return Preview(_sentence(entry_id, draft), (draft,))

    def reverse(
        self,
        entry_id: str,
        *,
        reason: str,
        actor: Actor,
        on: date | None = None,
        part: Mapping[int, int] | None = None,
    ) -> Corrected:
        """Takes an entry back on an open day: whole, what is left of it, or `part`: minor units by number of line.

        Without a day it is today, or the first open day after it. Raises Conflict if it has been taken back already,
        naming by what, PeriodClosed for a closed day, and BadInput for a part that is not there.
        """
        with self._books() as (connection, context):
            entry = _taken(connection, context, entry_id)
            draft = _reversal(connection, context, entry, on, _reason(reason), actor, part)
            number = _post(connection, context, entry, draft)
            controls.log(connection, context.id, actor.name, "entry.reversed", entry_id, reason)
            return Corrected(number)

    def preview_correction(
        self, entry_id: str, draft: EntryDraft, *, on: date | None = None, actor: Actor
    ) -> Preview:  # fmt: skip
        """What `correct` would post, without posting it."""
        with self._books() as (connection, context):
            back = _reversal(connection, context, _taken(connection, context, entry_id), on, "", actor, None)
            return Preview(f"{_sentence(entry_id, back)} Books “{draft.memo}” in its place.", (back, draft))

    def correct(
        self, entry_id: str, draft: EntryDraft, *, reason: str, actor: Actor, on: date | None = None
    ) -> Corrected:
        """Takes an entry back and books another in its place, both or neither, each linked to the old one.

        `on` is the day of the reversal; the new entry has its own. Raises what `reverse` and posting raise.
        """
        with self._books() as (connection, context):
            entry = _taken(connection, context, entry_id)
            back = _reversal(connection, context, entry, on, _reason(reason), actor, None)
            new = msgspec.structs.replace(draft, actor=actor.name)
            numbers = [p.entry_id for p in ledger.post(connection, context.id, [back, new], context.accounts)]
            _link_part(connection, context, back, numbers[0], entry.id)
            link.put_link(connection, context.id, EntryLink(numbers[1], LinkKind.REPLACES, entry.id))
            made = Corrected(*(public_id(IdKind.ENTRY, number) for number in numbers))
            controls.log(connection, context.id, actor.name, "entry.corrected", entry_id, reason)
            return made


def _reason(text: str) -> str:
    if not text.strip():
        raise BadInput("A reason is required", where="reason", remedy="Say why, in a sentence.")
    return text


def _taken(connection: Connection, context: LedgerContext, entry_id: str) -> Entry:
    """The entry, which nobody else corrects before this unit of work ends."""
    number = number_of(entry_id, IdKind.ENTRY)
    link.take_entry(connection, context.id, number)
    found = ledger.entries(connection, context.id, [number])
    if not found:
        raise NotFound(f"There is no entry “{entry_id}”", where="id", remedy="List them with `tieout journal`.")
    return found[0]


def _reversal(
    connection: Connection,
    context: LedgerContext,
    entry: Entry,
    on: date | None,
    reason: str,
    actor: Actor,
    part: Mapping[int, int] | None,
) -> EntryDraft:
    done = [made for made in link.links(connection, context.id, [entry.id]) if made.of_entry_id == entry.id]
    _check_not_whole(entry, done)
    parts = sum(made.kind is LinkKind.REVERSES_PART for made in done)
    left = link.left(connection, context.id, entry.id)
    now = utc_now()
    accounts = {found.account for found in left}
    terms = Terms(_day(connection, context, on, accounts, now, actor), now, reason, actor.name, parts)
    if part is None:
        return reversal(entry, left, terms)
    return partial_reversal(entry, left, part, context.entity.base_currency, terms)


def _check_not_whole(entry: Entry, done: list[EntryLink]) -> None:
    whole = next((made.entry_id for made in done if made.kind is LinkKind.REVERSES), None)
    if whole is not None:
        name, by = public_id(IdKind.ENTRY, entry.id), public_id(IdKind.ENTRY, whole)
        raise Conflict(
            f"{name} has been reversed already, by {by}",
            where=by,
            remedy=f"An entry is reversed only once; if {by} was wrong, reverse that one.",
        )


def _day(
    connection: Connection, context: LedgerContext, on: date | None, accounts: set[str], now: datetime, actor: Actor
) -> date:
    """The day of a correction: the one that was said, if it is open or allowed, else the first open one from today."""
    if on is None:
        return context.open_day(today_of(context, now), accounts)
    first = context.open_day(on, accounts)
    if first == on:
        return on
    allowed = {a.period_id for a in period.allowances(connection, context.id) if a.person == actor.name}
    closed = context.open_day.closing(on, accounts)
    if all(found.state is PeriodState.SOFT and found.id in allowed for found in closed):
        return on
    raise PeriodClosed(
        f"{on} is closed for what this entry touches",
        where="on",
        remedy=f"A correction is dated on an open day; the first from there is {first}.",
    )


def _post(connection: Connection, context: LedgerContext, entry: Entry, draft: EntryDraft) -> str:
    (posted,) = ledger.post(connection, context.id, [draft], context.accounts)
    _link_part(connection, context, draft, posted.entry_id, entry.id)
    return public_id(IdKind.ENTRY, posted.entry_id)


def _link_part(connection: Connection, context: LedgerContext, draft: EntryDraft, number: int, of: int) -> None:
    if draft.reverses_id is None:
        link.put_link(connection, context.id, EntryLink(number, LinkKind.REVERSES_PART, of))


def _sentence(entry_id: str, draft: EntryDraft) -> str:
    how = "Takes back" if draft.reverses_id is not None else "Takes back a part of"
    return f"{how} {entry_id} on {draft.effective_date}."
