"""Paying sellers: runs, approvals, what is given to banks and providers, and what comes of it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import msgspec
from msgspec import Struct

from tieout.app import payout_bank, payout_providers, payout_run, payout_sending, payout_status
from tieout.app.context import LedgerContext
from tieout.app.opened import SYSTEM
from tieout.app.payout_desk import PayoutDesk
from tieout.app.payout_run import PART_SELLERS, SCHEDULED
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.model.entity import Actor
from tieout.model.error import BadInput, ConfigError, Conflict, NotFound
from tieout.model.ids import IdKind, public_id
from tieout.model.payout import (
    Decision,
    PayoutPolicy,
    PayoutState,
    PayoutVerdict,
    StoredFile,
)
from tieout.settlement import attempts, payables, payouts, sellers
from tieout.settlement.instrument import check_rail
from tieout.settlement.payouts import Run, Step

_S = PayoutState
_TRIES = 20


class RunView(Struct, frozen=True):
    """A run and what it said to sellers."""

    run: Run
    decisions: tuple[Decision, ...]


class _Again(Exception):
    """Somebody else has the part that was looked at."""


class Exported(Struct, frozen=True):
    """A file for the bank as it is taken. `time` counts how often; `warning` says who took it before."""

    name: str
    content: bytes
    sha256: str
    time: int
    warning: str = ""


class Paying(PayoutDesk):
    """The part of the face that pays sellers."""

    def publish_payout_policy(self, policy: PayoutPolicy, *, reason: str, actor: Actor = SYSTEM) -> int:
        """Publishes how sellers are paid from now on; returns the version. Raises BadInput, ConfigError, Conflict."""
        if not reason.strip():
            raise BadInput("A reason is required", where="reason", remedy="Say why, in a sentence.")
        names = [rail.name for rail in policy.rails]
        if len(set(names)) != len(names):
            raise ConfigError("Two rails have one name", where="rails", remedy="Name each rail once.")
        with self._books() as (connection, context):
            for rail in policy.rails:
                check_rail(rail)
                if rail.funded_from and rail.funded_from not in context.accounts:
                    remedy = "Name an account of the chart, or open it first."
                    raise ConfigError(f"There is no account “{rail.funded_from}”", where=rail.name, remedy=remedy)
            version = payouts.publish_policy(connection, context.id, policy, actor.name, reason)
            if version is None:
                raise Conflict("Somebody else changed the payout policy meanwhile", remedy="Look at it and try again.")
            controls.log(connection, context.id, actor.name, "payout_policy.published", f"version {version}", reason)
        return version

    def payout_policy(self) -> tuple[int, PayoutPolicy]:
        """The policy in force and its version; (0, an empty one) if none was published."""
        with self._books() as (connection, context):
            return payouts.policy(connection, context.id)

    # ── Runs ──────────────────────────────────────────────────────────────────────────────────────────────────

    def run_payouts(
        self, day: date | None = None, *, parties: Sequence[str] | None = None, key: str | None = None,
        actor: Actor = SYSTEM,
    ) -> Run:  # fmt: skip
        """Pays everybody who is due on a day, or these sellers whenever they are due; the same run again pays nothing.

        The run of a day is one run however often it is asked for. One for certain sellers is named by `key`, or by the
        day and the sellers. It is worked off here and by whoever else works; a killed one goes on where it was.
        """
        number = self.open_payout_run(day, parties=parties, key=key, actor=actor)
        self.work_payout_run(number)
        return self.payout_run(public_id(IdKind.RUN, number)).run

    def open_payout_run(
        self, day: date | None = None, *, parties: Sequence[str] | None = None, key: str | None = None,
        actor: Actor = SYSTEM, size: int = PART_SELLERS,
    ) -> int:  # fmt: skip
        """Opens a run, or finds it; nobody is paid yet. Raises ConfigError if there is no rail."""
        day = day or datetime.now(UTC).date()
        with self._books() as (connection, context):
            version, policy = payouts.policy(connection, context.id)
            if not policy.rails:
                remedy = "Publish one with `tieout payouts policy set FILE`."
                raise ConfigError("No rail is known that sellers could be paid by", where="rails", remedy=remedy)
            payout_run.gather(connection, context, wait=True)
        with self._books() as (connection, context):
            everybody = payables.parties(connection, context.id) if parties is None else sorted(set(parties))
            name = (key and f"asked:{key}") or _key(day, parties)
            number, new = payouts.open_run(
                connection, context.id, name, day, version, actor.name, everybody, size
            )  # fmt: skip
            if new:
                controls.log(connection, context.id, actor.name, "payouts.run", public_id(IdKind.RUN, number), name)
        return number

    def work_payout_run(self, number: int) -> int:
        """Works off the open parts of a run that nobody else has; returns how many payouts it made."""
        made = tries = 0
        while tries < _TRIES:
            with self._books() as (connection, context):
                _, policy = payouts.policy(connection, context.id)
                seen = payouts.look_parts(connection, context.id, number)
                if not seen:
                    return made
                names = self._payable(connection, context, seen[0][1]) if policy.screening or self.screen else []
            screening = policy.screening is not None or self.screen is not None
            hits = payout_providers.screened(policy, names, self.screen) if screening else None
            try:
                with self._books() as (connection, context):
                    part = payouts.take_part(connection, context.id, number)
                    if part is None:
                        return made
                    if hits is not None and part.number != seen[0][0]:
                        raise _Again  # its names were not screened
                    made += payout_run.work_part(connection, context, part, policy, hits or {})
                    tries = 0
            except (_Again, payouts.Changed):
                tries += 1
        raise Conflict(
            "What is owed to some sellers changes faster than it can be paid", where=public_id(IdKind.RUN, number),
            remedy="Run it again; what is done stays done.",
        )  # fmt: skip

    def _payable(
        self, connection: Connection, context: LedgerContext, parties: Sequence[str]
    ) -> list[sellers.SellerRow]:
        owed = {one.party for one in payables.owed(connection, context.id, parties) if one.amount_minor > 0}
        return sellers.sellers(connection, context.id, parties=sorted(owed), limit=max(len(owed), 1))

    def continue_payouts(self) -> int:
        """What a worker does: takes in what can be paid, opens the day's run if the policy says so, and goes on."""
        today = datetime.now(UTC).date()
        with self._books() as (connection, context):
            _, policy = payouts.policy(connection, context.id)
            fresh = payout_run.gather(connection, context)
            waiting = payouts.unfinished_runs(connection, context.id)
        if policy.runs_daily and policy.rails:
            waiting = sorted({*waiting, self.open_payout_run(today)})
        done = sum(self.work_payout_run(number) for number in waiting)
        with self._books() as (connection, context):
            busy = payouts.unfinished_runs(connection, context.id)  # a file is for a whole run, not for parts of it
        return fresh + done + (self.send_payouts() if policy.rails and not busy else 0)

    def payout_runs(self, limit: int = 100) -> list[Run]:
        """Runs, newest first."""
        with self._books() as (connection, context):
            return payouts.runs(connection, context.id, limit=limit)

    def payout_run(self, any_id: str, *, verdict: PayoutVerdict | None = None, limit: int = 1000) -> RunView:
        """A run and what it said to sellers. Raises NotFound."""
        number = int(any_id.rpartition("_")[2]) if any_id.rpartition("_")[2].isdecimal() else 0
        with self._books() as (connection, context):
            found = payouts.runs(connection, context.id, number)
            if not found:
                raise NotFound(
                    f"There is no payout run “{any_id}”", where="run", remedy="`tieout payouts runs` has them."
                )
            said = payouts.decisions(connection, context.id, number, verdict, limit)
        return RunView(found[0], tuple(said))

    # ── Giving away ───────────────────────────────────────────────────────────────────────────────────────────

    def send_payouts(self, day: date | None = None, *, actor: Actor = SYSTEM) -> int:
        """Gives what is queued and due to banks, as files, and to providers; hears what became of what is under way.

        From providers, and from statements of the bank. Returns how many payouts were sent, or moved since.
        """
        day = day or datetime.now(UTC).date()
        now = datetime.now(UTC)
        with self._books() as (connection, context):
            _, policy = payouts.policy(connection, context.id)
            waiting = payouts.queued_rails(connection, context.id, day)
        sent = 0
        for name, currency in waiting:
            rail = payout_sending.rail_named(policy, name)
            while True:
                with self._books() as (connection, context):
                    going = payout_sending.submit(connection, context, rail, currency, day, now, actor.name)
                sent += len(going)
                if len(going) < payout_sending.FILE_PAYOUTS:
                    break
        return sent + payout_providers.pursue(self._books, policy, day) + self.confirm_payouts()

    def payment_files(self, limit: int = 100) -> list[StoredFile]:
        """Files for the bank, newest first."""
        with self._books() as (connection, context):
            return attempts.files(connection, context.id, limit=limit)

    def export_payment_file(self, number: int, *, actor: Actor) -> Exported:
        """A file to carry to the bank; its payouts are in transit then. A second export says so. Raises NotFound."""
        with self._books() as (connection, context):
            found = attempts.files(connection, context.id, number)
            if not found:
                raise NotFound(
                    f"There is no payment file {number}", where="file", remedy="`tieout payouts files` has them."
                )
            file = found[0]
            content, time, first = attempts.export(connection, context.id, number, actor.name)
            moving = payouts.taken(connection, context.id, attempts.payouts_of_file(connection, context.id, number))
            payouts.record(
                connection, context.id,
                [
                    Step(one.id, one.steps + 1, one.state, _S.IN_TRANSIT, actor.name, "exported", file.name)
                    for one in moving if one.state is _S.SUBMITTED
                ],
            )  # fmt: skip
            controls.log(connection, context.id, actor.name, "payment_file.exported", file.name, f"time {time}")
        warning = ""
        if first is not None:
            warning = f"{first[0]} took this file on {first[1]:%Y-%m-%d %H:%M} UTC; give it to the bank once."
        return Exported(file.name, content, file.sha256, time, warning)

    def read_payment_status(self, body: bytes, *, day: date | None = None, actor: Actor = SYSTEM) -> int:
        """Reads a bank's status report (pain.002) and moves payouts by it; returns how many. Raises BadInput."""
        told = payout_status.read(body)
        with self._books() as (connection, context):
            return payout_status.apply(connection, context, told, day or datetime.now(UTC).date(), actor.name)

    def confirm_payouts(self) -> int:
        """Ties lines of bank statements that name payouts to them; returns how many lines."""
        with self._books() as (connection, context):
            return payout_bank.confirm(connection, context)


def _key(day: date, parties: Sequence[str] | None) -> str:
    if parties is None:
        return f"{SCHEDULED}{day}"
    return f"asked:{day}:{','.join(sorted(set(parties)))}"


def read_policy(document: Mapping[str, object]) -> PayoutPolicy:
    """A policy from a plain document. Raises BadInput, naming the field."""
    try:
        return msgspec.convert(document, PayoutPolicy, strict=False)
    except msgspec.ValidationError as error:
        raise BadInput(
            f"This is no payout policy: {error}", where="policy", remedy="See docs/howto/pay-sellers.md."
        ) from error
