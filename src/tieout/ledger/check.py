"""Checks entries before the database does, so that the caller learns which one is wrong and what to do."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from tieout.model.account import Account
from tieout.model.entry import EntryDraft
from tieout.model.error import PostingRefused
from tieout.model.money import AMOUNT_MINOR_MAX, exponent_of
from tieout.model.period import Period, PeriodState

#: smallint in the database.
LINES_MAX = 32_000


def check(drafts: Sequence[EntryDraft], accounts: Mapping[str, Account]) -> None:
    """Raises PostingRefused for the first entry that does not hold, naming it; says nothing if all do."""
    for draft in drafts:
        _check_entry(draft, accounts)


def _check_entry(draft: EntryDraft, accounts: Mapping[str, Account]) -> None:
    if not 2 <= len(draft.lines) <= LINES_MAX:
        raise _refused(draft, f"it has {len(draft.lines)} lines", "An entry has two lines or more.")
    totals: dict[str, int] = {}
    base = 0
    for line in draft.lines:
        _check_whole(draft, line.amount_minor)
        _check_whole(draft, line.base_minor)
        if line.amount_minor == 0 or max(abs(line.amount_minor), abs(line.base_minor)) > AMOUNT_MINOR_MAX:
            raise _refused(draft, f"the amount {line.amount_minor} is zero or beyond 64 bits", "Leave out zero lines.")
        exponent_of(line.currency)
        account = accounts.get(line.account)
        if account is None:
            raise _refused(draft, f"there is no account “{line.account}”", "Add it to the chart of accounts first.")
        if not account.open:
            raise _refused(draft, f"account {line.account} is closed", "Use an open account.")
        if account.currency not in (None, line.currency):
            raise _refused(draft, f"account {line.account} takes only {account.currency}", "Use another account.")
        totals[line.currency] = totals.get(line.currency, 0) + line.amount_minor
        base += line.base_minor
    off = {currency: total for currency, total in totals.items() if total}
    if off or base:
        raise _refused(draft, f"debit and credit differ: {off or {'base': base}} minor units", "Balance each currency.")


def _check_whole(draft: EntryDraft, amount: object) -> None:
    """Types are not checked at run time; an amount that came from outside may be anything."""
    if not isinstance(amount, int) or isinstance(amount, bool):
        raise _refused(draft, f"the amount {amount!r} is not whole minor units", "Send integers.")


def _refused(draft: EntryDraft, what: str, remedy: str) -> PostingRefused:
    return PostingRefused(f"Entry “{draft.key}” is refused: {what}", where=draft.key, remedy=remedy)


def first_open_day(periods: Sequence[Period]) -> Callable[[date], date]:
    """A function from a day to that day, or to the first open day after it if its period is closed."""
    closed = [p for p in periods if p.area == "all" and p.state is not PeriodState.OPEN]

    def open_day(day: date) -> date:
        while (period := next((p for p in closed if p.first_day <= day <= p.last_day), None)) is not None:
            day = period.last_day + timedelta(days=1)
        return day

    return open_day
