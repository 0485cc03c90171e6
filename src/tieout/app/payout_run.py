"""Payout runs: part after part of the sellers, each in a unit of work of its own.

A run that is killed goes on where it was, whoever goes on with it; two who work at one take different parts; and asked
for twice it is one run. What a part does is decided by what is open when it is done, and the database lets no line into
two living payouts.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import msgspec

from tieout.app.booking import with_rate
from tieout.app.context import LedgerContext
from tieout.cases import store as cases
from tieout.db.pool import Connection
from tieout.ledger import store as ledger
from tieout.model.account import Role
from tieout.model.bucket import Hold, HoldReason
from tieout.model.case import CaseDraft, Reason
from tieout.model.entry import EntryDraft, Line
from tieout.model.ids import IdKind, public_id
from tieout.model.money import display
from tieout.model.payout import Decision, PayoutPolicy, PayoutState, PayoutVerdict, Rail
from tieout.model.seller import Seller
from tieout.settlement import payables, payouts, sellers
from tieout.settlement.allocate import half_up
from tieout.settlement.calendar import next_payout_day
from tieout.settlement.instrument import calendar_of, rail_for
from tieout.settlement.payables import Owed
from tieout.settlement.payout import decide
from tieout.settlement.payouts import NewPayout, Part, Step

STAGE = "settlement"
SCHEDULED = "scheduled:"
#: Sellers in one unit of work.
PART_SELLERS = 500
#: Screens names: the sellers in, those that are on a list out, each with a sentence. A silent list raises OSError.
Screen = Callable[[Sequence[Seller]], Mapping[str, str]]
_NEEDS_A_PERSON = frozenset(
    {
        PayoutVerdict.NO_RAIL, PayoutVerdict.NO_PROFILE, PayoutVerdict.NO_ACCOUNT, PayoutVerdict.OVER_LIMIT,
        PayoutVerdict.TAX_FORM,
    }
)  # fmt: skip


def end_to_end_of(number: int) -> str:
    """What the bank's statement calls a payout: letters and digits alone, which no bank changes on the way."""
    return f"SP{number:010d}"


def available_account(context: LedgerContext) -> str:
    """The account of what sellers can be paid."""
    code = context.roles.account_for(Role.SELLER_AVAILABLE, "")
    assert code is not None, "the chart has an account for what sellers can be paid"
    return code


def gather(connection: Connection, context: LedgerContext, *, wait: bool = False) -> int:
    """Takes what was posted since into what can be paid. Does nothing in a chart without sellers."""
    if (code := context.roles.account_for(Role.SELLER_AVAILABLE, "")) is None:
        return 0
    return payables.gather(connection, context.id, context.accounts[code].id, wait=wait)


def work_part(
    connection: Connection, context: LedgerContext, part: Part, policy: PayoutPolicy, hits: Mapping[str, str]
) -> int:
    """Decides about every seller of a part and makes its payouts; returns how many.

    `hits` are names found on a sanctions list, with a sentence. Raises Changed to begin anew.
    """
    known = _sellers(connection, context, part.parties)
    holds = payables.holds(connection, context.id, part.parties, part.day)
    holds += [hold_of(party, sentence, part.day) for party, sentence in hits.items()]
    since = payouts.day_before(connection, context.id, part.run) or part.day - timedelta(days=1)
    everybody = not part.key.startswith(SCHEDULED)
    found: list[tuple[Decision, Rail | None]] = []
    for owed in payables.owed(connection, context.id, part.parties):
        seller = known.get(owed.party)
        if everybody or seller is None or is_due(seller, owed.currency, since, part.day):
            found.append(judge(seller, owed, holds, part.day, policy))
    paid = [(one, rail) for one, rail in found if rail is not None]
    made = make(connection, context, paid, known, policy, part.day, run=part.run, by=part.made_by)
    payouts.add_decisions(connection, context.id, part.run, [one for one, _ in found], made)
    _tell(connection, context, [one for one, _ in found])
    payouts.end_part(connection, context.id, part)
    return len(made)


def _sellers(connection: Connection, context: LedgerContext, parties: Sequence[str]) -> dict[str, Seller]:
    rows = sellers.sellers(connection, context.id, parties=parties, limit=len(parties))
    return {row.seller.party: row.seller for row in rows}


def hold_of(party: str, sentence: str, day: date) -> Hold:
    """A name on a sanctions list holds what its seller is owed."""
    return Hold(party, HoldReason.SANCTIONS, day, "tieout", sentence)


def is_due(seller: Seller, currency: str, since: date, day: date) -> bool:
    """Whether its schedule lets a seller be paid on a day, or did since the last run."""
    due = next_payout_day(seller.schedule, since, calendar_of(currency))
    return due is not None and due <= day


def judge(
    seller: Seller | None, owed: Owed, holds: Sequence[Hold], day: date, policy: PayoutPolicy,
    asked_minor: int | None = None,
) -> tuple[Decision, Rail | None]:  # fmt: skip
    """What a seller is paid of what is open in a currency, and by which rail; or why nothing is."""
    if seller is None:
        verdict = PayoutVerdict.NO_PROFILE if owed.amount_minor > 0 else PayoutVerdict.NOTHING_OWED
        return _refused(owed, verdict, "Nobody has described this seller."), None
    named = msgspec.structs.replace(seller, currency=owed.currency)
    if owed.currency != seller.currency:  # its amounts are not of this currency
        named = msgspec.structs.replace(named, payout_minimum_minor=0, kept_minimum_minor=0, payout_maximum_minor=None)
    rail = None if seller.account is None else rail_for(policy, seller.account, owed.currency)
    unit = rail.unit_minor.get(owed.currency, 1) if isinstance(rail, Rail) else 1
    one = decide(named, owed.amount_minor, holds, day, unit_minor=unit, asked_minor=asked_minor)
    if one.verdict is not PayoutVerdict.PAID:
        return one, None
    if not isinstance(rail, Rail):
        return _refused(owed, PayoutVerdict.NO_RAIL, rail or ""), None
    limit = policy.maximum_minor.get(owed.currency)
    if limit is not None and one.amount_minor > limit:
        sentence = f"One payout is at most {display(limit, owed.currency)} {owed.currency}."
        return _refused(owed, PayoutVerdict.OVER_LIMIT, sentence), None
    return one, rail


def _refused(owed: Owed, verdict: PayoutVerdict, why: str) -> Decision:
    return Decision(owed.party, owed.currency, verdict, owed.amount_minor, 0, owed.amount_minor, why)


def make(  # noqa: PLR0913 -- what is paid, to whom, by which rules, when, and on whose word
    connection: Connection, context: LedgerContext, paid: Sequence[tuple[Decision, Rail]],
    known: Mapping[str, Seller], policy: PayoutPolicy, day: date, *, run: int | None, by: str, reason: str = "",
) -> dict[tuple[str, str], int]:  # fmt: skip
    """Makes payouts of what was decided, as far as they may go without a person. Raises Changed."""
    if not paid:
        return {}
    ids = payouts.reserve(connection, len(paid))
    entries = _carry(connection, context, [(n, one) for n, (one, _) in zip(ids, paid, strict=True)], day)
    new = []
    for number, (one, rail) in zip(ids, paid, strict=True):
        account = known[one.party].account
        assert account is not None, "who has no account is not paid"
        needed = policy.approvals(one.amount_minor, one.currency, by_person=run is None)
        carried = (entries[number], one.carried_minor) if number in entries else None
        execute_on = next_open_of(one.currency, day)
        new.append(
            NewPayout(
                number, one.party, one.currency, one.amount_minor, rail.name, account, execute_on,
                end_to_end_of(number), f"{context.entity.name} {public_id(IdKind.PAYOUT, number)}", needed, carried,
            )
        )  # fmt: skip
    payouts.add(connection, context.id, new, run=run, by=by, reason=reason)
    payouts.record(connection, context.id, [step for one in new for step in _first_steps(one, by)])
    return {(one.party, one.currency): one.id for one in new}


def next_open_of(currency: str, day: date) -> date:
    """The day, or the first after it on which banks move the currency."""
    is_open = calendar_of(currency)
    while not is_open(day):
        day += timedelta(days=1)
    return day


def _first_steps(one: NewPayout, by: str) -> list[Step]:
    draft, waits, approved, queued = (
        PayoutState.DRAFT, PayoutState.PENDING_APPROVAL, PayoutState.APPROVED, PayoutState.QUEUED,
    )  # fmt: skip
    if one.approvals_needed:
        return [Step(one.id, 1, draft, waits, by, "approval_needed", f"{one.approvals_needed} must approve it.")]
    return [Step(one.id, 1, draft, approved, by, "within_tier"), Step(one.id, 2, approved, queued, by)]


def _carry(
    connection: Connection, context: LedgerContext, paid: Sequence[tuple[int, Decision]], day: date
) -> dict[int, int]:
    """Entries that carry what payouts leave over to the next: one line of each is the payout's, the other is open."""
    kept = [(number, one) for number, one in paid if one.carried_minor]
    if not kept:
        return {}
    code = available_account(context)
    own = context.entity.base_currency
    foreign = [(one.party, one.currency) for _, one in kept if one.currency != own]
    worth = payables.worth(connection, context.id, foreign)
    drafts = []
    for number, one in kept:
        base = one.carried_minor
        if one.currency != own:
            base = half_up(Fraction(worth[one.party, one.currency] * one.carried_minor, one.owed_minor))
        lines = tuple(Line(code, one.currency, sign * one.carried_minor, sign * base, one.party) for sign in (1, -1))
        draft = EntryDraft(
            key=f"settlement/payout/{end_to_end_of(number)}/carried",
            effective_date=context.open_day(day, {code}),
            occurred_at=datetime.combine(day, datetime.min.time(), UTC),
            lines=lines,
            memo=f"Carried to the next payout of {one.party}",
            rule_id="settlement.carried",
            rule_version=1,
            why="What a payout leaves over stays owed and is a line of the next.",
        )
        drafts.append(with_rate(draft, own))
    posted = ledger.post(connection, context.id, drafts, context.accounts)
    return {number: one.entry_id for (number, _), one in zip(kept, posted, strict=True)}


def _tell(connection: Connection, context: LedgerContext, found: Sequence[Decision]) -> None:
    """Sellers that are owed something and cannot be paid without a person are cases; those that were paid no longer."""
    drafts = [
        CaseDraft(
            Reason.SELLER_NOT_PAID, f"{one.party}/{one.currency}",
            f"{one.party} is owed {display(one.owed_minor, one.currency)} {one.currency} and was not paid:"
            f" {one.verdict.meaning} {one.why}".strip(),
            one.owed_minor, one.currency, f"seller:{one.party}",
        )
        for one in found
        if one.verdict in _NEEDS_A_PERSON and one.owed_minor > 0
    ]  # fmt: skip
    cases.open_cases(connection, context.id, STAGE, drafts)
    done = [f"{one.party}/{one.currency}" for one in found if one.verdict is PayoutVerdict.PAID]
    if done:
        cases.settle(connection, context.id, [Reason.SELLER_NOT_PAID], done, "A payout was made.")
