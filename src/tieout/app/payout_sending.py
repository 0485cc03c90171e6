"""Gives payouts to the bank or a provider, and books what comes of it.

What is given away is written down and booked before: an attempt under a key of its own, available → in transit. An
attempt whose outcome nobody knows is looked up before anything is tried again.
"""

import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from tieout.app.booking import with_rate
from tieout.app.context import LedgerContext
from tieout.app.payout_run import STAGE, available_account
from tieout.cases import store as cases
from tieout.db.pool import Connection
from tieout.ledger import store as ledger
from tieout.model.account import Role
from tieout.model.bucket import Hold, HoldReason
from tieout.model.case import CaseDraft, Reason
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import BadInput, ConfigError
from tieout.model.ids import IdKind, parse_id, public_id
from tieout.model.money import display
from tieout.model.payout import (
    Answer,
    Instruction,
    Outcome,
    PaymentFile,
    Payout,
    PayoutPolicy,
    PayoutState,
    Rail,
    RailKind,
)
from tieout.model.seller import PayoutAccount
from tieout.settlement import attempts, payables, payouts, sellers
from tieout.settlement.nacha import Originator, nacha
from tieout.settlement.pain import VERSIONS, pain_001
from tieout.settlement.payout_list import payout_list
from tieout.settlement.payouts import Step

_S = PayoutState
#: Payouts in one unit of work, and in one file.
FILE_PAYOUTS = 10_000
_WHY = {
    "submitted": "A payout was given to the bank.",
    "failed": "A payout failed; it is owed again.",
    "came_back": "A paid payout came back to the bank.",
    "confirmed": "The bank booked a payout.",
}


def rail_named(policy: PayoutPolicy, name: str) -> Rail:
    """The rail of this name. Raises ConfigError if the policy has none of it any more."""
    found = next((rail for rail in policy.rails if rail.name == name), None)
    if found is None:
        remedy = "Publish a policy that has it, or cancel the payouts."
        raise ConfigError(f"There is no rail “{name}” any more", where="rails", remedy=remedy)
    return found


def submit(
    connection: Connection, context: LedgerContext, rail: Rail, currency: str, day: date, now: datetime, by: str
) -> list[Payout]:
    """Submits what is queued and due on a rail, booked and, for a bank, in a file; what may not go any more is held."""
    found = payouts.take_queued(connection, context.id, rail.name, currency, day, FILE_PAYOUTS)
    going = _still_good(connection, context, found, day, by)
    if not going:
        return []
    file_id = None
    if rail.kind.by_file:
        try:
            file_id = _write(connection, context, rail, going, now, by)
        except BadInput:
            if not (going := _fitting(connection, context, rail, going, now, by)):
                return []
            file_id = _write(connection, context, rail, going, now, by)
    numbers = attempts.begin(connection, context.id, going, rail.name, file_id)
    drafts = _submissions(connection, context, going, numbers, day)
    posted = ledger.post(connection, context.id, drafts, context.accounts)
    steps = [
        Step(one.id, one.steps + 1, _S.QUEUED, _S.SUBMITTED, by, "", "", entry.entry_id, numbers[one.id])
        for one, entry in zip(going, posted, strict=True)
    ]
    payouts.record(connection, context.id, steps)
    return going


def _still_good(
    connection: Connection, context: LedgerContext, found: Sequence[Payout], day: date, by: str
) -> list[Payout]:
    """Those that may still go. One to an account that is the seller's no more is canceled; a hold holds it."""
    parties = list({one.party for one in found})
    holds: dict[str, Hold] = {
        h.party: h for h in payables.holds(connection, context.id, parties, day) if h.amount_minor is None
    }
    rows = sellers.sellers(connection, context.id, parties=parties, limit=len(parties) or 1)
    account = {row.seller.party: row.seller.account for row in rows}
    going, steps = [], []
    for one in found:
        hold = holds.get(one.party)
        if hold is not None:
            steps.append(Step(one.id, one.steps + 1, one.state, _S.HELD, by, hold.reason.value, hold.ends_when))
        elif account.get(one.party) != one.account:
            why = "The seller's account is another by now."
            steps.append(Step(one.id, one.steps + 1, one.state, _S.CANCELED, by, HoldReason.BANK_CHANGE.value, why))
        else:
            going.append(one)
    payouts.record(connection, context.id, steps)
    return going


def _fitting(
    connection: Connection, context: LedgerContext, rail: Rail, going: Sequence[Payout], now: datetime, by: str
) -> list[Payout]:
    """Those a file can be written of, each tried by itself; the others are held with an exception that says why."""
    fitting = []
    for one, instruction in zip(going, _instruction(context, connection, going), strict=True):
        try:
            _content(rail, PaymentFile(one.end_to_end, now, one.execute_on, _debtor(rail), (instruction,)))
        except BadInput as error:
            payouts.record(
                connection, context.id, [Step(one.id, one.steps + 1, one.state, _S.HELD, by, error.code, error.what)]
            )
            _open(connection, context, one, Reason.SELLER_NOT_PAID, f"{one.name} to {one.party}: {error.what}.")
        else:
            fitting.append(one)
    return fitting


def _submissions(
    connection: Connection, context: LedgerContext, going: Sequence[Payout], numbers: Mapping[int, int], day: date
) -> list[EntryDraft]:
    own = context.entity.base_currency
    worth = payouts.worth(connection, context.id, [one.id for one in going if one.currency != own])
    available, transit = available_account(context), in_transit_account(context)
    booked = context.open_day(day, {available, transit})
    drafts = []
    for one in going:
        base, item = worth.get(one.id, one.amount_minor), f"payout:{one.name}"
        lines = (
            Line(available, one.currency, one.amount_minor, base, one.party, item),
            Line(transit, one.currency, -one.amount_minor, -base, one.party, item),
        )
        drafts.append(_entry(one, "submitted", str(numbers[one.id]), lines, day, booked, own))
    return drafts


def _entry(
    one: Payout, name: str, which: str, lines: tuple[Line, ...], day: date, booked: date, own: str
) -> EntryDraft:
    draft = EntryDraft(
        key=f"settlement/payout/{one.end_to_end}/{name}/{which}",
        effective_date=booked,
        occurred_at=datetime.combine(day, datetime.min.time(), UTC),
        lines=lines,
        memo=f"Payout {one.name} to {one.party}",
        rule_id=f"settlement.{name}",
        rule_version=1,
        why=_WHY[name],
        late=booked != day,
    )
    return with_rate(draft, own)


def in_transit_account(context: LedgerContext) -> str:
    """The account of what was given to the bank for sellers."""
    code = context.roles.account_for(Role.SELLER_IN_TRANSIT, "")
    assert code is not None, "the chart has an account for payouts to sellers in transit"
    return code


def back(connection: Connection, context: LedgerContext, one: Payout, name: str, day: date, which: str) -> int:
    """Books in transit → available, at what the submission was worth, and returns the entry."""
    own = context.entity.base_currency
    base = one.amount_minor
    if one.currency != own:
        base = payouts.worth(connection, context.id, [one.id])[one.id]
    available, transit, item = available_account(context), in_transit_account(context), f"payout:{one.name}"
    lines = (
        Line(transit, one.currency, one.amount_minor, base, one.party, item),
        Line(available, one.currency, -one.amount_minor, -base, one.party, item),
    )
    draft = _entry(one, name, which, lines, day, context.open_day(day, {available, transit}), own)
    return ledger.post(connection, context.id, [draft], context.accounts)[0].entry_id


def _write(
    connection: Connection, context: LedgerContext, rail: Rail, going: Sequence[Payout], now: datetime, by: str
) -> int:
    """Writes and keeps the file these go to the bank in, named after the first of them."""
    first = going[0]
    message = f"F{first.end_to_end}{first.steps:02d}"
    file = PaymentFile(
        id=message, created_at=now, execute_on=max(one.execute_on for one in going),
        debtor=_debtor(rail), instructions=tuple(_instruction(context, connection, going)),
    )  # fmt: skip
    suffix = {RailKind.SEPA: "xml", RailKind.NACHA: "ach"}.get(rail.kind, "csv")
    name = f"{rail.name}-{first.currency}-{file.execute_on}-{message}.{suffix}"
    total = sum(one.amount_minor for one in going)
    return attempts.add_file(
        connection, context.id, name=name, rail=rail.name, kind=_format(rail), message_id=message,
        currency=first.currency, payouts=len(going), total_minor=total, content=_content(rail, file), by=by,
    )  # fmt: skip


def _format(rail: Rail) -> str:
    return f"pain.{rail.version or VERSIONS[-1]}" if rail.kind is RailKind.SEPA else rail.kind.value


def _content(rail: Rail, file: PaymentFile) -> bytes:
    if rail.kind is RailKind.SEPA:
        return pain_001(file, rail.version or VERSIONS[-1])
    if rail.kind is RailKind.NACHA:
        assert rail.account is not None, "a rail for the bank has an account"
        by = Originator(rail.account.routing, rail.bank_name, rail.company_id, rail.account.holder)
        return nacha(file, by)
    return payout_list(file).encode()


def _debtor(rail: Rail) -> PayoutAccount:
    if rail.account is None:
        raise ConfigError(
            f"The rail “{rail.name}” pays out of no account", where="rails", remedy="Give its account in the policy."
        )
    return rail.account


def _instruction(context: LedgerContext, connection: Connection, going: Sequence[Payout]) -> list[Instruction]:
    parties = list({one.party for one in going})
    rows = sellers.sellers(connection, context.id, parties=parties, limit=len(parties))
    known = {row.seller.party: row.seller for row in rows}
    return [
        Instruction(
            one.end_to_end, one.amount_minor, one.currency, one.account, one.remittance,
            known[one.party].town, known[one.party].country, known[one.party].company,
        )
        for one in going
    ]  # fmt: skip


# ── What comes of it ────────────────────────────────────────────────────────────────────────────────────────────


def settle(
    connection: Connection, context: LedgerContext, one: Payout, answer: Answer, day: date, by: str,
    policy: PayoutPolicy,
) -> PayoutState:  # fmt: skip
    """Writes down an answer, books it and moves the payout. What was heard before changes nothing."""
    tried = attempts.attempts(connection, context.id, [one.id])
    number = tried[-1].number
    if tried[-1].answer != answer:
        attempts.answered(connection, context.id, one.id, number, answer)
    steps: list[Step] = []

    def go(to: PayoutState, entry: int | None = None) -> None:
        before = steps[-1].to_state if steps else one.state
        seq = one.steps + len(steps) + 1
        steps.append(Step(one.id, seq, before, to, by, answer.code, answer.detail, entry, number))

    if answer.outcome is Outcome.SENT and one.state is _S.SUBMITTED:
        go(_S.IN_TRANSIT)
    elif answer.outcome is Outcome.PAID and one.state in (_S.SUBMITTED, _S.IN_TRANSIT):
        go(_S.PAID, _funded(connection, context, one, day, policy, number))
        _settle_cases(connection, context, one)
    elif answer.outcome is Outcome.FAILED and one.state in (_S.SUBMITTED, _S.IN_TRANSIT):
        go(_S.FAILED, back(connection, context, one, "failed", day, str(number)))
        if answer.code in policy.retry_codes and number < policy.attempts_max:
            go(_S.QUEUED)
        else:
            _put_aside(connection, context, one, answer, day, Reason.PAYOUT_FAILED)
    elif answer.outcome is Outcome.RETURNED and one.state in (_S.IN_TRANSIT, _S.PAID):
        go(_S.RETURNED, back(connection, context, one, "came_back", day, str(number)))
        _put_aside(connection, context, one, answer, day, Reason.PAYOUT_CAME_BACK)
    elif answer.outcome is Outcome.UNKNOWN:
        sentence = (
            f"{one.name} to {one.party} over {_money(one)} was given away and nothing is known of it: {answer.detail}"
        )
        _open(connection, context, one, Reason.PAYOUT_UNKNOWN, sentence)
    payouts.record(connection, context.id, steps)
    return steps[-1].to_state if steps else one.state


def _funded(
    connection: Connection, context: LedgerContext, one: Payout, day: date, policy: PayoutPolicy, number: int
) -> int | None:
    """Where a provider takes the money from an account of the books, its word that it paid books it there."""
    rail = next((rail for rail in policy.rails if rail.name == one.rail), None)
    if rail is None or not rail.funded_from:
        return None
    own = context.entity.base_currency
    base = one.amount_minor
    if one.currency != own:
        base = payouts.worth(connection, context.id, [one.id])[one.id]
    item = f"payout:{one.name}"
    lines = (
        Line(in_transit_account(context), one.currency, one.amount_minor, base, one.party, item),
        Line(rail.funded_from, one.currency, -one.amount_minor, -base, None, item),
    )
    draft = _entry(one, "confirmed", str(number), lines, day, context.open_day(day), own)
    return ledger.post(connection, context.id, [draft], context.accounts)[0].entry_id


def _put_aside(
    connection: Connection, context: LedgerContext, one: Payout, answer: Answer, day: date, reason: Reason
) -> None:
    """A payout that did not arrive holds its seller until somebody has looked."""
    ends = f"Somebody has looked at why {one.name} did not arrive and released this."
    sellers.open_hold(connection, context.id, Hold(one.party, HoldReason.RETURNED, day, "tieout", ends))
    said = " ".join(part for part in (answer.code, answer.detail) if part) or "no reason was given"
    what = "came back" if reason is Reason.PAYOUT_CAME_BACK else "failed"
    _open(connection, context, one, reason, f"{one.name} to {one.party} over {_money(one)} {what}: {said}.")


def _money(one: Payout) -> str:
    return f"{display(one.amount_minor, one.currency)} {one.currency}"


def _open(connection: Connection, context: LedgerContext, one: Payout, reason: Reason, sentence: str) -> None:
    draft = CaseDraft(
        reason, one.name, sentence, one.amount_minor, one.currency, f"seller:{one.party}", (one.name,)
    )  # fmt: skip
    cases.open_cases(connection, context.id, STAGE, [draft])


def _settle_cases(connection: Connection, context: LedgerContext, one: Payout) -> None:
    cases.settle(connection, context.id, [Reason.PAYOUT_UNKNOWN], [one.name], f"{one.name} was paid.")


def secret_of(rail: Rail) -> str:
    """A provider's key, from the environment. Raises ConfigError if there is none."""
    found = os.environ.get(rail.secret, "") if rail.secret else ""
    if not found:
        raise ConfigError(
            f"The rail “{rail.name}” has no key", where=rail.secret or "rails",
            remedy="Set the environment variable that the policy names as its secret.",
        )  # fmt: skip
    return found


def check_number(any_id: str) -> int:
    """The number in a payout's id. Raises BadInput for another kind of id."""
    kind, number = parse_id(any_id)
    if kind is not IdKind.PAYOUT:
        remedy = f"Payouts look like {public_id(IdKind.PAYOUT, 12)}."
        raise BadInput(f"{any_id} is no payout", where="id", remedy=remedy)
    return number
