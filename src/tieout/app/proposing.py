"""Proposals: what could be meant where no rule may decide, and a person's word on it."""

from collections.abc import Sequence

from tieout.app.context import LedgerContext
from tieout.app.opened import Opened
from tieout.app.reading import number_of, today_of
from tieout.app.realising import realise
from tieout.app.understanding import utc_now
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.model.entity import Actor
from tieout.model.error import BadInput, NotFound, ResolutionRefused
from tieout.model.ids import IdKind, public_id
from tieout.model.match import Allocation, MatchDraft
from tieout.reconciliation import choices, nearest
from tieout.reconciliation import store as reconciliation
from tieout.reconciliation.nearest import Candidate, Proposal
from tieout.reconciliation.store import ItemRow


class Proposing(Opened):
    """The part of the face that asks people which items belong together."""

    def proposals(self, *, account: str | None = None, limit: int = 100) -> list[Proposal]:
        """Open items that others could settle as they are, most money first, each with all candidates ranked."""
        with self._books() as (connection, context):
            rows = reconciliation.open_items(connection, context.id, account=account)
            refused, habits = choices.refused(connection, context.id), choices.habits(connection, context.id)
            found = nearest.propose(rows, refused, habits)
            return sorted(found, key=lambda p: (-abs(p.item.open_minor), p.item.id))[:limit]

    def accept_proposal(self, item_id: str, other_ids: Sequence[str], *, reason: str, actor: Actor) -> str:
        """Ties an item to others because a person says so. Returns the match's id.

        Raises ResolutionRefused if they are not open, not of one account and currency, or do not come to zero.
        """
        _check_reason(reason)
        with self._books() as (connection, context):
            reconciliation.take_turn(connection, context.id)
            rows = _open(connection, context, [item_id, *other_ids])
            places = {(row.account_id, row.item.currency) for row in rows}
            if len(places) != 1 or sum(row.item.open_minor for row in rows) != 0:
                raise ResolutionRefused(
                    "The items cannot be tied: they must be of one account and currency and come to zero",
                    where="items", remedy="Choose others, or book the difference first (`tieout resolve`).",
                )  # fmt: skip
            first = rows[0].item
            allocations = tuple(Allocation(row.item.id, row.item.open_minor) for row in rows)
            evidence = {"by": "a person", "proposed": "yes"}
            draft = MatchDraft(first.account, first.currency, "person", 1, first.item, allocations, reason, evidence)
            (number,) = reconciliation.record_matches(
                connection, context.id, [(rows[0].account_id, draft)], None, actor.name
            )
            realise(connection, context, today_of(context, utc_now()))
            name = public_id(IdKind.MATCH, number)
            controls.log(connection, context.id, actor.name, "match.accepted", name, reason)
            return name

    def refuse_proposal(self, item_id: str, other_id: str, *, reason: str, actor: Actor) -> None:
        """Says that two items do not belong together; they are not proposed again."""
        _check_reason(reason)
        with self._books() as (connection, context):
            one, two = _open(connection, context, [item_id, other_id])
            choices.refuse(connection, context.id, one.item.id, two.item.id, reason, actor.name)
            subject = f"{item_id} and {other_id}"
            controls.log(connection, context.id, actor.name, "match.refused", subject, reason)


def _open(connection: Connection, context: LedgerContext, ids: Sequence[str]) -> list[ItemRow]:
    """These items, in order. Raises NotFound for one that is tied already or does not exist."""
    numbers = [number_of(any_id, IdKind.ITEM) for any_id in ids]
    if len(set(numbers)) != len(numbers) or len(numbers) < 2:
        raise BadInput("Two items or more, each of them once", where="items", remedy="Name both sides.")
    found = {row.item.id: row for row in reconciliation.open_items(connection, context.id, ids=numbers)}
    for number in numbers:
        if number not in found:
            raise NotFound(
                f"{public_id(IdKind.ITEM, number)} does not exist or is tied already", where="items",
                remedy="Choose among the open items.",
            )  # fmt: skip
    return [found[number] for number in numbers]


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise BadInput("A reason is required", where="reason", remedy="Say why, in a sentence.")


__all__ = ["Candidate", "Proposal", "Proposing"]
