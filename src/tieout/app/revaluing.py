"""Revaluation: what is to be received or paid in foreign currency, at the closing rate of a day.

What the amounts are worth more or less than they are carried at is not realised yet: it is booked on that day and taken
back on the next, so that settling them later realises the whole difference as if there had been no revaluation.
Source of the rule: IAS 21, paragraphs 23 and 28.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import msgspec

from tieout.app.context import LedgerContext, rates_for
from tieout.app.views import Remeasured, Revaluation
from tieout.db.pool import Connection
from tieout.ledger import store as ledger
from tieout.model.entry import EntryDraft
from tieout.model.error import NotFound, PeriodClosed
from tieout.model.ids import IdKind, public_id
from tieout.model.rate import rate_text
from tieout.posting.exchange import Difference, entry_of, moved, standard_currency_rules, turned, worth

_RULES = standard_currency_rules()


def revalue(connection: Connection, context: LedgerContext, at: date, *, preview: bool) -> Revaluation:
    """Measures, and books unless it is a preview. See the face for what is raised."""
    measured = _measure(connection, context, at)
    changed = [m for m in measured if m.difference_minor]
    if preview or not changed:
        return Revaluation(at, tuple(measured))
    drafts = _entries(connection, context, at, changed)
    numbers = [posted.entry_id for posted in ledger.post(connection, context.id, drafts, context.accounts)]
    back = [_back(context, at, draft, number) for draft, number in zip(drafts, numbers, strict=True)]
    returned = [posted.entry_id for posted in ledger.post(connection, context.id, back, context.accounts)]
    return Revaluation(at, tuple(measured), _names(numbers), _names(returned))


def _names(numbers: Iterable[int]) -> tuple[str, ...]:
    return tuple(public_id(IdKind.ENTRY, number) for number in numbers)


def _measure(connection: Connection, context: LedgerContext, at: date) -> list[Remeasured]:
    """Every foreign balance of a monetary account, as it is carried and as it would be at the closing rate."""
    base = context.entity.base_currency
    monetary = {account.role for account in context.chart.account if account.revalue}
    foreign = [
        balance
        for balance in ledger.balances(connection, context.id, until=at)
        if balance.currency != base and context.accounts[balance.account].role in monetary
        if balance.balance_minor or balance.base_minor
    ]
    rate_for = rates_for(connection, context.rate_policy, base, [(b.currency, at) for b in foreign])
    measured, missing = [], set()
    for balance in foreign:
        rate = rate_for(balance.currency, at)
        if rate is None:
            missing.add(balance.currency)
            continue
        name = context.accounts[balance.account].name
        now = worth(balance.balance_minor, balance.currency, base, rate.value)
        measured.append(
            Remeasured(
                balance.account, name, balance.currency, balance.balance_minor, balance.base_minor,
                rate.of(balance.currency), now, now - balance.base_minor,
            )
        )  # fmt: skip
    if missing:
        raise NotFound(
            f"There is no exchange rate for {', '.join(sorted(missing))} on {at}",
            where="exchange rate",
            remedy="Fetch or import the rates of the day; `tieout rates policy` says whether an older one will do.",
        )
    return measured


def _entries(
    connection: Connection, context: LedgerContext, at: date, measured: Sequence[Remeasured]
) -> list[EntryDraft]:
    """An entry for each account and currency. Raises PeriodClosed: on a later day it would not be of this one."""
    rule = _RULES.choose("fx.revalued", at)
    keys = _keys(connection, context, at, measured)
    drafts = []
    for key, found in zip(keys, measured, strict=True):
        difference = Difference(found.account, found.currency, -found.difference_minor)
        lines = moved(difference, rule, context.roles.account_for)
        if context.open_day(at, {line.account for line in lines}) != at:
            raise PeriodClosed(
                f"{at} is closed for {found.account}", where=str(at), remedy="Revalue before the period is closed."
            )
        memo = f"Revaluation of {found.account} in {found.currency} at {at}"
        draft = entry_of(key, at, at, lines, memo, rule)
        drafts.append(msgspec.structs.replace(draft, rate=rate_text([found.rate])))
    return drafts


def _keys(connection: Connection, context: LedgerContext, at: date, measured: Sequence[Remeasured]) -> list[str]:
    """A key for each that is not used yet: the first of the day, or the next if something changed since."""
    stems = [f"fx/revalued/{at}/{found.account}/{found.currency}" for found in measured]
    number: dict[str, int] = dict.fromkeys(stems, 1)
    asked = list(stems)
    while asked:
        known = ledger.known_keys(connection, context.id, [f"{stem}/{number[stem]}" for stem in asked])
        asked = [stem for stem in asked if f"{stem}/{number[stem]}" in known]
        number |= {stem: number[stem] + 1 for stem in asked}
    return [f"{stem}/{number[stem]}" for stem in stems]


def _back(context: LedgerContext, at: date, draft: EntryDraft, number: int) -> EntryDraft:
    """The entry that takes a revaluation back on the next day, or on the first open one after."""
    rule, day, lines = _RULES.choose("fx.revalued", at), at + timedelta(days=1), turned(draft.lines)
    booked = context.open_day(day, {line.account for line in lines})
    back = entry_of(f"{draft.key}/back", day, booked, lines, f"{draft.memo}, taken back", rule)
    return msgspec.structs.replace(back, reverses_id=number, rate=draft.rate)
