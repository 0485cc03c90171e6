"""Release: sales become payable when their day has come, and reserves end. Jobs of the worker, safe to run twice.

Each stake is released once for ever, dated the day it was due, whenever and by whichever worker it is done; so a
balance at a date does not depend on when the job ran.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import groupby
from typing import NamedTuple

import msgspec

from tieout.app import owing
from tieout.app.context import LedgerContext
from tieout.app.opened import Opened
from tieout.app.reading import today_of
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.ledger import store as ledger
from tieout.model.bucket import ReservePlan
from tieout.model.entity import Actor
from tieout.model.entry import EntryDraft
from tieout.model.error import BadInput, PostingRefused
from tieout.model.sale import Fact, FactKind, Stake
from tieout.settlement import acts, sales, sellers
from tieout.settlement.bucket import Release, release
from tieout.settlement.journal import Occasion, Step, released, step

_BATCH = 1_000
_RELEASED = "A sale became payable."


class ReleaseReport(NamedTuple):
    """What a job did: parts of sales released, reserves ended, debts shown as receivables, sales taken up again."""

    released: int = 0
    reserves: int = 0
    presented: int = 0
    retried: int = 0


class Releasing(Opened):
    """The part of the face that lets sellers' money become payable."""

    def release_due(self, as_of: date | None = None) -> ReleaseReport:
        """Releases what is due by a day (today), ends reserves that have come to their end, takes up what waits.

        Does nothing while another worker does it.
        """
        done = ReleaseReport()
        while True:
            with self._books() as (connection, context):
                if not owing.is_marketplace(connection, context) or not acts.try_turn(
                    connection, context.id, "release"
                ):
                    return done
                today = today_of(context, datetime.now(UTC))
                day = min(as_of or today, today)
                freed = _release(connection, context, day)
                ended = _end_reserves(connection, context, day)
                retried = _retry(connection, context)
            done = ReleaseReport(done.released + freed, done.reserves + ended, 0, done.retried + retried)
            if max(freed, ended) < _BATCH:
                return done

    def release_job(self) -> int:
        """The worker's chore: how much `release_due` did."""
        return sum(self.release_due())

    def releases_due(self, as_of: date | None = None) -> bool:
        """Whether something is due by a day (today) that nobody has released."""
        with self._books() as (connection, context):
            day = as_of or today_of(context, datetime.now(UTC))
            due = sales.due(connection, context.id, day, 1) or sales.reserves_due(connection, context.id, day, 1)
            return bool(due)

    def release_sales(self, names: Sequence[str], *, at: datetime, reason: str, actor: Actor) -> int:
        """Says that these sales may be released from a moment on, whatever the policy waits for; returns how many.

        The job releases them. Raises BadInput without a reason and for a moment without its zone.
        """
        if not reason.strip() or at.tzinfo is None:
            raise BadInput("A release has a reason and a time", where="release", remedy="Give both; add Z to the time.")
        with self._books() as (connection, context):
            told = [(name, Fact(f"{name}/released", FactKind.RELEASED, at, reason=reason)) for name in names]
            owing.tell(connection, context, told, actor.name)
            controls.log(connection, context.id, actor.name, "sales.released", f"{len(told)} sales", reason)
        return len(told)

    def present_debts(self, day: date) -> int:
        """Shows what sellers owe at the end of a day as receivables, and nets it again the day after.

        Once a day and seller; returns how many sellers owe. Source: an available balance below zero is an asset.
        """
        with self._books() as (connection, context):
            account = context.roles.account_for(Step.PRESENTED.credit, "")
            assert account is not None, "a marketplace has this account"
            drafts: list[EntryDraft] = []
            for party, currency, owed in acts.overdrawn(connection, context.id, account, day):
                key = f"settlement/presented/{day.isoformat()}/{currency}/{party}"
                for which, on in ((Step.PRESENTED, day), (Step.UNPRESENTED, day + timedelta(days=1))):
                    of = _occasion(which.value, which.meaning, f"{key}/{which.value}", party, currency, on)
                    postings = [(posting, "") for posting in step(which, {party: owed})]
                    rate = _rate(connection, context, currency, on)
                    drafts.append(owing.sale_entry(context, of, postings, f"debt:{day.isoformat()}", rate))
            known = ledger.known_keys(connection, context.id, [draft.key for draft in drafts])
            new = [draft for draft in drafts if draft.key not in known]
            ledger.post(connection, context.id, new, context.accounts)
            return len(new) // 2


def _release(connection: Connection, context: LedgerContext, day: date) -> int:
    due = sales.due(connection, context.id, day, _BATCH)
    if not due:
        return 0
    names = sorted({sale for sale, _ in due})
    sales.take(connection, context.id, names)
    rows = sales.sales(connection, context.id, names)
    stakes = sales.stakes(connection, context.id, names)
    policy = owing.policy_of(connection, context)
    parties = sorted({party for _, party in due})
    own = {
        row.seller.party: row.seller.reserve
        for row in sellers.sellers(connection, context.id, parties=parties, limit=len(parties))
        if row.seller.reserve is not None
    }
    kept: dict[tuple[str, str], int] = {}
    for currency in sorted({row.currency or "" for row in rows.values()}):
        for party, amount in sales.reserved(connection, context.id, parties, currency).items():
            kept[party, currency] = amount
    drafts: list[EntryDraft] = []
    changed: list[tuple[str, str, Stake]] = []
    for (sale, on), group in groupby(_ripe(due, stakes, day), key=lambda one: (one[0], one[1].due_on)):
        currency = rows[sale].currency or ""
        freed: dict[str, Release] = {}
        for _, stake in group:
            plan = own.get(stake.party, policy.reserve)
            one = _freed(stake, plan, kept.get((stake.party, currency), 0), on or day)
            freed[stake.party] = one
            kept[stake.party, currency] = kept.get((stake.party, currency), 0) + one.reserve_minor
            changed.append((sale, currency, _after(stake, one, on or day)))
        postings = [(posting, "") for posting in released(freed)]
        if postings:
            key = f"settlement/{sale}/released/{min(freed)}"
            of = _occasion("released", _RELEASED, key, sale, currency, on or day)
            rate = _rate(connection, context, currency, on or day)
            drafts.append(owing.sale_entry(context, of, postings, sale, rate))
    ledger.post(connection, context.id, drafts, context.accounts)
    sales.put_stakes(connection, context.id, changed)
    return len(changed)


def _ripe(
    due: Iterable[tuple[str, str]], stakes: dict[str, dict[str, Stake]], day: date
) -> Sequence[tuple[str, Stake]]:
    """The stakes that are still due now that their sales are ours, by day and sale."""
    found = [(sale, stakes[sale][party]) for sale, party in due]
    ripe = [one for one in found if one[1].released_on is None and one[1].due_on is not None and one[1].due_on <= day]
    return sorted(ripe, key=lambda one: (one[1].due_on or day, one[0], one[1].party))


def _freed(stake: Stake, plan: ReservePlan, reserved: int, day: date) -> Release:
    """What a stake becomes; a hold of a dispute stays where it is."""
    return release(stake.pending_minor, max(stake.total_minor, 0), plan, reserved, day)


def _after(stake: Stake, one: Release, day: date) -> Stake:
    return msgspec.structs.replace(
        stake, pending_minor=0, reserve_minor=stake.reserve_minor + one.reserve_minor, released_on=day,
        reserve_until=one.reserve_until or stake.reserve_until,
    )  # fmt: skip


def _end_reserves(connection: Connection, context: LedgerContext, day: date) -> int:
    due = sales.reserves_due(connection, context.id, day, _BATCH)
    if not due:
        return 0
    names = sorted({sale for sale, _ in due})
    sales.take(connection, context.id, names)
    rows = sales.sales(connection, context.id, names)
    stakes = sales.stakes(connection, context.id, names)
    drafts: list[EntryDraft] = []
    changed: list[tuple[str, str, Stake]] = []
    for sale, party in due:
        stake, currency = stakes[sale][party], rows[sale].currency or ""
        on = stake.reserve_until
        if not stake.reserve_minor or on is None or on > day:
            continue
        which = Step.RESERVE_RELEASED
        key = f"settlement/{sale}/reserve/{party}"
        of = _occasion(which.value, which.meaning, key, sale, currency, on)
        postings = [(posting, "") for posting in step(which, {party: stake.reserve_minor})]
        drafts.append(owing.sale_entry(context, of, postings, sale, _rate(connection, context, currency, on)))
        changed.append((sale, currency, msgspec.structs.replace(stake, reserve_minor=0)))
    ledger.post(connection, context.id, drafts, context.accounts)
    sales.put_stakes(connection, context.id, changed)
    return len(changed)


def _retry(connection: Connection, context: LedgerContext) -> int:
    """Takes up sales that wait for a rate that is known by now."""
    found = []
    for name in sales.waited_for(connection, context.id):
        if name.startswith("rate:"):
            _, pair, day = name.split(":")
            if owing.rate_of(connection, context, pair.partition("/")[0], date.fromisoformat(day)) is not None:
                found.append(name)
    return owing.retry(connection, context, found).entries if found else 0


def _rate(connection: Connection, context: LedgerContext, currency: str, day: date) -> Fraction:
    rate = owing.rate_of(connection, context, currency, day)
    if rate is None:
        raise PostingRefused(
            f"No rate of {currency} is known for {day}", where="release", remedy="Import exchange rates for the day."
        )
    return rate


def _occasion(name: str, why: str, key: str, of: str, currency: str, day: date) -> Occasion:
    at = datetime.combine(day, time(12), UTC)
    return Occasion(name, why, key, f"{why.rstrip('.')} · {of}", currency, day, at)
