"""Runs, and what people say about matches: taking one back, or standing by it."""

from datetime import UTC, date, datetime, time

from tieout.app import banking, understanding
from tieout.app.opened import Opened
from tieout.app.reading import number_of, today_of
from tieout.app.realising import realise
from tieout.app.ruling import rules_of
from tieout.app.understanding import utc_now
from tieout.app.views import RunReport
from tieout.app.writing_off import residual_writer, take_write_off_back
from tieout.cases import store as cases
from tieout.controls import store as controls
from tieout.model.case import Reason
from tieout.model.entity import Actor
from tieout.model.error import BadInput
from tieout.model.ids import IdKind, public_id
from tieout.reconciliation import blocks
from tieout.reconciliation import store as reconciliation
from tieout.reconciliation.reconcile import reconcile, record_names


class Agreeing(Opened):
    """The part of the face that ties items and takes it back."""

    def reconcile(self, as_of: date | None = None, *, full: bool = False) -> RunReport:
        """Ties what can be tied without a guess, names what stays open, opens and settles exceptions.

        Looks at what came or changed since the last run and what shares a key with it; with `full`, at everything.
        Ages are judged by the day, but never by an earlier one than the run before: that would settle what is overdue.
        """
        with self._books() as (connection, context):
            understanding.release_ready(connection, context, self.settings)
        with self._books() as (connection, context):
            reconciliation.project(connection, context.id)
        with self._books() as (connection, context):
            reconciliation.take_turn(connection, context.id)
            today = today_of(context, utc_now())
            before = reconciliation.last_run(connection, context.id)
            day = max(as_of or today, min(before.as_of, today)) if before else as_of or today
            end_of_day = datetime.combine(day, time.max, tzinfo=UTC)
            understanding.raise_overdue(connection, context, end_of_day)
            outcome = reconcile(
                connection, context.id, rules_of(connection, context, day), context.patience(), day, utc_now(),
                residual_writer(connection, context), whole=full,
            )  # fmt: skip
            drafts = [*outcome.cases, *banking.exceptions(connection, context, day)]
            raised = cases.open_cases(connection, context.id, "reconciliation", drafts)
            done = "The items it was about are tied or settled."
            settled = cases.clear_stage(connection, context.id, "reconciliation", list(raised.numbers.values()), done)
            record_names(connection, context.id, outcome, raised.number_of)
            realise(connection, context, today)
            return RunReport(
                public_id(IdKind.RUN, outcome.run_id), day, outcome.items, outcome.matches, raised.standing, settled,
                outcome.result_hash, outcome.looked_at,
            )  # fmt: skip

    def unmatch(self, match_id: str, *, reason: str, actor: Actor) -> str:
        """Takes a match back by a reversing match; the items are open again. Returns the reversal's id.

        What the match wrote off is taken back too.
        """
        _check_reason(reason)
        with self._books() as (connection, context):
            chosen = number_of(match_id, IdKind.MATCH)
            reconciliation.take_turn(connection, context.id)
            today = today_of(context, utc_now())
            number = reconciliation.reverse_match(connection, context.id, chosen, reason, actor.name)
            take_write_off_back(connection, context, chosen, reason, actor.name, today)
            realise(connection, context, today)
            cases.settle(connection, context.id, [Reason.EVIDENCE_CHANGED], [match_id], "The match was taken back.")
            controls.log(connection, context.id, actor.name, "match.reversed", match_id, reason)
            return public_id(IdKind.MATCH, number)

    def confirm(self, match_id: str, *, reason: str, actor: Actor) -> None:
        """Stands by a match, whatever has come since: no run looks at it again. It can still be taken back."""
        _check_reason(reason)
        with self._books() as (connection, context):
            chosen = number_of(match_id, IdKind.MATCH)
            reconciliation.take_turn(connection, context.id)
            blocks.confirm(connection, context.id, chosen, reason, actor.name)
            done = f"{actor.name} stands by the match: {reason}"
            cases.settle(connection, context.id, [Reason.EVIDENCE_CHANGED], [match_id], done)
            controls.log(connection, context.id, actor.name, "match.confirmed", match_id, reason)


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise BadInput("A reason is required", where="reason", remedy="Say why, in a sentence.")
