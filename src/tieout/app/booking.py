"""Entries of one's own, and their corrections."""

import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

import msgspec

from tieout.app.context import LedgerContext
from tieout.app.gathering import Gathering
from tieout.app.opened import Opened
from tieout.app.views import Booked
from tieout.controls import store as controls
from tieout.db.pool import Connection, DatabaseAway
from tieout.ledger import store as ledger
from tieout.model.account import Account
from tieout.model.entity import Actor
from tieout.model.entry import EntryDraft
from tieout.model.error import TieoutError, Unanswered
from tieout.model.ids import IdKind, public_id
from tieout.model.rate import STATED, implied_rates, rate_text

_MAKING = threading.Lock()
_Outcome = ledger.Posted | TieoutError


class _Books(NamedTuple):
    """What must be known to post: read once, and again whenever something is refused."""

    id: int
    base_currency: str
    accounts: Mapping[str, Account]


def with_rate(draft: EntryDraft, base_currency: str) -> EntryDraft:
    """The draft itself, or with the rates its own base amounts imply, if it names none for its foreign lines."""
    if draft.rate is not None or all(line.currency == base_currency for line in draft.lines):
        return draft
    if any(type(amount) is not int for line in draft.lines for amount in (line.amount_minor, line.base_minor)):
        return draft  # the ledger will say so
    stated = implied_rates(draft.lines, base_currency, STATED, draft.effective_date)
    return msgspec.structs.replace(draft, rate=rate_text(stated))


class Booking(Opened):
    """The part of the face that books what no event told."""

    _gathering: Gathering[EntryDraft, Booked] | None = None
    _known: _Books | None = None

    @property
    def base_currency(self) -> str:
        """The base currency of the books, which never changes."""
        if (known := self._known) is None:
            with self._books() as (_, context):
                self._known = known = _books_of(context)
        return known.base_currency

    def post(self, drafts: Sequence[EntryDraft], *, actor: Actor) -> list[str]:
        """Posts entries of one's own, all or none; returns their ids. Raises PostingRefused or Conflict."""
        with self._books() as (connection, context):
            rated = [with_rate(draft, context.entity.base_currency) for draft in drafts]
            posted = ledger.post(connection, context.id, rated, context.accounts)
            controls.log(connection, context.id, actor.name, "entries.posted", f"{len(posted)} entries")
            return [public_id(IdKind.ENTRY, p.entry_id) for p in posted]

    def post_each(self, drafts: Sequence[EntryDraft], *, actor: Actor) -> list[Booked | TieoutError]:
        """Posts every entry that holds and says of each other one what is wrong with it, in the order they came."""
        with self._books() as (connection, context):
            outcomes = _post_each(connection, _books_of(context), drafts)
            posted = sum(isinstance(outcome, ledger.Posted) for outcome in outcomes)
            controls.log(connection, context.id, actor.name, "entries.posted", f"{posted} entries")
        return [_booked(outcome) for outcome in outcomes]

    def post_one(self, draft: EntryDraft) -> Booked:
        """Posts one entry; committed with those that other callers post at the same moment.

        For many callers with one entry each: nobody's mistake hurts a neighbour. Who posted it stands in the entry, and
        not in the audit log as well. Raises PostingRefused or Conflict, and Unanswered if the database went away: sent
        again, it is posted once.
        """
        gathering = self._gathering
        return (gathering or self._gather()).ask(draft)

    def stop_posting(self) -> None:
        """Lets those who wait have their answers; from now on nobody posts one by one."""
        self._gather().close()

    def cut_lines(self, *, actor: Actor) -> None:
        """Gives the lines to come a table of their own, for books of some hundred million lines; posting goes on."""
        with self.database.steady() as connection:
            ledger.cut_lines(connection)
        with self._books() as (connection, context):
            controls.log(connection, context.id, actor.name, "ledger.cut", context.entity.code)

    def _gather(self) -> Gathering[EntryDraft, Booked]:
        with _MAKING:
            if self._gathering is None:
                self._gathering = Gathering(self._post_together)
            return self._gathering

    def _post_together(self, drafts: Sequence[EntryDraft]) -> Sequence[Booked | TieoutError]:
        try:
            if (known := self._known) is not None:
                # If that fails, somebody's entry does not hold; whose, is asked below.
                with suppress(TieoutError, UnicodeEncodeError), self.database.steady() as connection:
                    rated = [with_rate(draft, known.base_currency) for draft in drafts]
                    return [_booked(posted) for posted in ledger.post(connection, known.id, rated, known.accounts)]
            with self.database.unit() as connection:
                self._known = _books_of(LedgerContext(connection, self.settings))
                outcomes = _post_each(connection, self._known, drafts)
            return [_booked(outcome) for outcome in outcomes]
        except DatabaseAway as error:
            return [_lost(draft, error) for draft in drafts]


def _books_of(context: LedgerContext) -> _Books:
    return _Books(context.id, context.entity.base_currency, context.accounts)


def _post_each(connection: Connection, books: _Books, drafts: Sequence[EntryDraft]) -> list[_Outcome]:
    outcomes: dict[int, _Outcome] = {}
    rated: dict[int, EntryDraft] = {}
    for place, draft in enumerate(drafts):
        try:
            rated[place] = with_rate(draft, books.base_currency)
        except TieoutError as error:
            outcomes[place] = error
    posted = ledger.post_each(connection, books.id, list(rated.values()), books.accounts)
    outcomes |= zip(rated, posted, strict=True)
    return [outcomes[place] for place in range(len(drafts))]


def _booked(outcome: _Outcome) -> Booked | TieoutError:
    if isinstance(outcome, TieoutError):
        return outcome
    return Booked(public_id(IdKind.ENTRY, outcome.entry_id), outcome.repeated)


def _lost(draft: EntryDraft, error: DatabaseAway) -> Unanswered:
    lost = Unanswered(
        "The database went away while this was posted; it may be there or not",
        where=draft.key,
        remedy="Send it again: the same key and content is posted once.",
    )
    lost.__cause__ = error
    return lost
