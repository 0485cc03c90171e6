"""What a person does with one payout: make it, approve it, hold it, cancel it, try it again, say what became of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from msgspec import Struct

from tieout.app import payout_providers, payout_run, payout_sending
from tieout.app.context import LedgerContext
from tieout.app.opened import SYSTEM, Opened
from tieout.app.payout_run import Screen
from tieout.cases import store as cases
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.model.case import Reason
from tieout.model.entity import Actor
from tieout.model.error import BadInput, NotFound, PayoutRefused
from tieout.model.ids import IdKind, public_id
from tieout.model.payout import Answer, Outcome, Payout, PayoutLine, PayoutState, PayoutStep
from tieout.settlement import attempts, payables, payouts, sellers
from tieout.settlement.attempts import Attempt
from tieout.settlement.payouts import SettledLine, Step

_S = PayoutState


class PayoutView(Struct, frozen=True):
    """A payout with its history, approvals, attempts and the first of the lines it settles."""

    payout: Payout
    history: tuple[PayoutStep, ...]
    approvals: tuple[tuple[str, str, datetime], ...]
    attempts: tuple[Attempt, ...]
    lines: tuple[SettledLine, ...]


class PayoutDesk(Opened):
    """The part of the face for one payout."""

    screen: Screen | None = None
    """Asked whether names are on a sanctions list, instead of the service the policy names."""

    def make_payout(
        self, party: str, amount_minor: int | None, currency: str, *, reason: str, day: date | None = None,
        actor: Actor = SYSTEM,
    ) -> Payout:  # fmt: skip
        """A person pays a seller, all that can be paid or an amount; others approve it.

        Raises BadInput without a reason, and PayoutRefused with the verdict: a hold, nothing owed, over the limit.
        """
        day = day or datetime.now(UTC).date()
        if not reason.strip():
            raise BadInput("A reason is required", where="reason", remedy="Say why, in a sentence.")
        with self._books() as (connection, context):
            payout_run.gather(connection, context, wait=True)
        with self._books() as (connection, context):
            _, policy = payouts.policy(connection, context.id)
            rows = sellers.sellers(connection, context.id, parties=[party], limit=1)
            seller = rows[0].seller if rows else None
            owed = next(
                (one for one in payables.owed(connection, context.id, [party]) if one.currency == currency),
                payables.Owed(party, currency, 0, 0),
            )
            holds = payables.holds(connection, context.id, [party], day)
            hits = payout_providers.screened(policy, rows, self.screen)
            holds += [payout_run.hold_of(name, said, day) for name, said in hits.items()]
            decided, rail = payout_run.judge(seller, owed, holds, day, policy, amount_minor)
            if rail is None or seller is None:
                raise PayoutRefused(
                    f"{party} is not paid: {decided.verdict.meaning} {decided.why}".strip(),
                    where=decided.verdict.value, remedy="Put that right, or ask for less.",
                )  # fmt: skip
            made = payout_run.make(
                connection, context, [(decided, rail)], {party: seller}, policy, day, run=None, by=actor.name,
                reason=reason,
            )  # fmt: skip
            number = made[party, currency]
            controls.log(connection, context.id, actor.name, "payout.made", public_id(IdKind.PAYOUT, number), reason)
            return payouts.payouts(connection, context.id, ids=[number])[0]

    def approve_payout(self, any_id: str, *, note: str = "", actor: Actor) -> Payout:
        """A person approves; with the last approval that is needed it is queued. Raises PayoutRefused for its maker."""
        number = payout_sending.check_number(any_id)
        with self._books() as (connection, context):
            one = _one(connection, context, number)
            if not payouts.approve(connection, context.id, number, actor.name, note):
                remedy = "Let somebody else approve it."
                raise PayoutRefused(f"{actor.name} has approved {any_id} already", where=any_id, remedy=remedy)
            given = len(payouts.approvals(connection, context.id, [number]))
            if given >= one.approvals_needed and one.state is _S.PENDING_APPROVAL:
                steps = [(_S.APPROVED, "approved", note), (_S.QUEUED, "", "")]
                payouts.record(connection, context.id, _steps(one, steps, actor.name))
            controls.log(connection, context.id, actor.name, "payout.approved", any_id, note)
            return _one(connection, context, number)

    def hold_payout(self, any_id: str, *, reason: str, actor: Actor) -> Payout:
        """Stops a payout that was not given away yet. Raises BadInput without a reason, Conflict if it is too late."""
        return self._move(any_id, [(_S.HELD, "held", reason)], "payout.held", reason, actor)

    def cancel_payout(self, any_id: str, *, reason: str, actor: Actor) -> Payout:
        """Withdraws a payout that was not given away, or that failed; its lines can be paid again."""
        return self._move(any_id, [(_S.CANCELED, "canceled", reason)], "payout.canceled", reason, actor)

    def release_payout(self, any_id: str, *, reason: str, actor: Actor) -> Payout:
        """Lets a held payout go on: to approval if it lacks some, else to the sender."""
        number = payout_sending.check_number(any_id)
        with self._books() as (connection, context):
            one = _one(connection, context, number)
            lacking = one.approvals_needed > len(payouts.approvals(connection, context.id, [number]))
        ways = [(_S.PENDING_APPROVAL, "", "")] if lacking else [(_S.APPROVED, "", ""), (_S.QUEUED, "", "")]
        ways[0] = (ways[0][0], "released", reason)
        return self._move(any_id, ways, "payout.released", reason, actor)

    def retry_payout(self, any_id: str, *, reason: str, actor: Actor) -> Payout:
        """Queues a failed payout again with its lines. Raises PayoutRefused if another payout has some of them."""
        return self._move(any_id, [(_S.QUEUED, "retried", reason)], "payout.retried", reason, actor)

    def _move(
        self, any_id: str, ways: Sequence[tuple[PayoutState, str, str]], deed: str, reason: str, actor: Actor
    ) -> Payout:
        if not reason.strip():
            raise BadInput("A reason is required", where="reason", remedy="Say why, in a sentence.")
        number = payout_sending.check_number(any_id)
        with self._books() as (connection, context):
            one = _one(connection, context, number)
            payouts.record(connection, context.id, _steps(one, ways, actor.name))
            controls.log(connection, context.id, actor.name, deed, any_id, reason)
            return _one(connection, context, number)

    def decide_payout(self, any_id: str, action: str, *, reason: str, actor: Actor) -> Payout:
        """One of approve, hold, release, cancel and retry, by name. Raises BadInput for another."""
        if action == "approve":
            return self.approve_payout(any_id, note=reason, actor=actor)
        deeds = {
            "hold": self.hold_payout, "release": self.release_payout, "cancel": self.cancel_payout,
            "retry": self.retry_payout,
        }  # fmt: skip
        if action not in deeds:
            known = ", ".join(("approve", *deeds))
            raise BadInput(f"“{action:.40}” is nothing to do with a payout", where="action", remedy=f"It is {known}.")
        return deeds[action](any_id, reason=reason, actor=actor)

    def settle_payout(
        self, any_id: str, outcome: Outcome, *, code: str = "", detail: str = "", actor: Actor, day: date | None = None
    ) -> Payout:
        """A person says what became of a payout that was given away. Raises PayoutRefused if it was not."""
        number = payout_sending.check_number(any_id)
        with self._books() as (connection, context):
            one = _one(connection, context, number)
            if not attempts.attempts(connection, context.id, [number]):
                raise PayoutRefused(f"{any_id} was not given away", where=any_id, remedy="Send it first.")
            _, policy = payouts.policy(connection, context.id)
            answer = Answer(outcome, "", code, detail)
            day = day or datetime.now(UTC).date()
            before = one.state
            after = payout_sending.settle(connection, context, one, answer, day, actor.name, policy)
            if after is before and outcome is not Outcome.UNKNOWN:
                raise PayoutRefused(f"{any_id} is {before}; it cannot be {outcome}", where=any_id, remedy="Look at it.")
            cases.settle(connection, context.id, [Reason.PAYOUT_UNKNOWN], [any_id], f"{actor.name} said {outcome}.")
            controls.log(connection, context.id, actor.name, "payout.settled", any_id, f"{outcome} {code} {detail}")
            return _one(connection, context, number)

    def payout_list(
        self, *, states: Sequence[PayoutState] | None = None, party: str | None = None, run: int | None = None,
        before: int | None = None, limit: int = 100,
    ) -> list[Payout]:  # fmt: skip
        """Payouts that fit, newest first."""
        with self._books() as (connection, context):
            return payouts.payouts(
                connection, context.id, states=states, party=party, run=run, before=before, limit=limit
            )

    def payout(self, any_id: str, *, lines: int = 1000) -> PayoutView:
        """A payout with everything known of it. Raises NotFound."""
        number = payout_sending.check_number(any_id)
        with self._books() as (connection, context):
            one = _one(connection, context, number)
            said = payouts.approvals(connection, context.id, [number])
            return PayoutView(
                one,
                tuple(payouts.history(connection, context.id, [number])),
                tuple((person, note, at) for _, person, note, at in said),
                tuple(attempts.attempts(connection, context.id, [number])),
                tuple(payouts.lines(connection, context.id, number, lines)),
            )

    def payable(self, party: str) -> Mapping[str, list[PayoutLine]]:
        """A seller's open lines, by currency: what its next payout would settle."""
        with self._books() as (connection, context):
            payout_run.gather(connection, context, wait=True)
        with self._books() as (connection, context):
            return {
                owed.currency: payables.open_lines(connection, context.id, party, owed.currency)
                for owed in payables.owed(connection, context.id, [party])
            }


def _one(connection: Connection, context: LedgerContext, number: int) -> Payout:
    found = payouts.taken(connection, context.id, [number])
    if not found:
        name = public_id(IdKind.PAYOUT, number)
        raise NotFound(f"There is no payout “{name}”", where="id", remedy="`tieout payouts list` has them.")
    return found[0]


def _steps(one: Payout, ways: Sequence[tuple[PayoutState, str, str]], by: str) -> list[Step]:
    states = [one.state, *(to for to, _, _ in ways)]
    return [
        Step(one.id, one.steps + place, states[place - 1], to, by, reason, detail)
        for place, (to, reason, detail) in enumerate(ways, start=1)
    ]
