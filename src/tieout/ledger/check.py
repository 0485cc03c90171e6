"""Checks entries before the database does, so that the caller learns which one is wrong and what to do."""

from collections.abc import Mapping, Sequence

from tieout.model.account import Account
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import AccountUnfit, PostingRefused
from tieout.model.money import AMOUNT_MINOR_MAX, exponent_of

#: smallint in the database.
LINES_MAX = 32_000


def check(drafts: Sequence[EntryDraft], accounts: Mapping[str, Account]) -> None:
    """Raises PostingRefused for the first entry that does not hold, naming it; says nothing if all do."""
    for draft in drafts:
        _check_entry(draft, accounts)


def _check_entry(draft: EntryDraft, accounts: Mapping[str, Account]) -> None:
    if not draft.key or "\0" in f"{draft.key}{draft.memo}{draft.why}":
        raise _refused(draft, "its key is empty, or a text has a NUL character", "Give it a key that names the fact.")
    if draft.occurred_at.tzinfo is None:
        raise _refused(draft, "the time it occurred at has no zone", "Send a time with its zone.")
    if not 2 <= len(draft.lines) <= LINES_MAX:
        raise _refused(draft, f"it has {len(draft.lines)} lines", "An entry has two lines or more.")
    for line in draft.lines:
        _check_amounts(draft, line)
        _check_account(draft, line, accounts.get(line.account))
    _check_sums(draft)


def _check_amounts(draft: EntryDraft, line: Line) -> None:
    for amount in (line.amount_minor, line.base_minor):
        if type(amount) is not int:  # True is an int too
            raise _refused(draft, f"the amount {amount!r} is not whole minor units", "Send integers.")
        if abs(amount) > AMOUNT_MINOR_MAX:
            raise _refused(draft, "an amount is beyond 64 bits", "Check the unit of the amount.")
    if line.amount_minor == 0 and line.base_minor == 0:
        raise _refused(draft, f"a line on {line.account} is zero", "Leave out zero lines.")
    exponent_of(line.currency)


def _check_account(draft: EntryDraft, line: Line, account: Account | None) -> None:
    if account is None:
        raise _unfit(draft, f"there is no account “{line.account}”", "Add it to the chart of accounts first.")
    if not account.open_on(draft.effective_date):
        what = f"account {line.account} is closed on {draft.effective_date}"
        raise _unfit(draft, what, "Use an account that is open on that day.")
    if account.currencies and line.currency not in account.currencies:
        what = f"account {line.account} takes only {', '.join(account.currencies)}"
        raise _unfit(draft, what, "Use another account.")
    for name in account.needs:
        if name not in line.dimensions:
            what = f"a line on account {line.account} needs the dimension “{name}”"
            raise _unfit(draft, what, "Say what it is of.")
    takes = account.takes
    for name in () if takes is None else line.dimensions:
        if takes is not None and name not in takes:
            what = f"account {line.account} takes no dimension “{name}”"
            raise _unfit(draft, what, f"It takes: {', '.join(takes) or 'none'}.")


def _check_sums(draft: EntryDraft) -> None:
    """Debit equals credit, per currency and in base, and the debits fit 64 bits together.

    They must, because an open item and a subtotal may be made of several lines; then every sum of some fits too.
    """
    nets: dict[str, int] = {}
    debits: dict[str, int] = {}
    for line in draft.lines:
        for name, amount in ((line.currency, line.amount_minor), ("base", line.base_minor)):
            nets[name] = nets.get(name, 0) + amount
            debits[name] = debits.get(name, 0) + max(amount, 0)
    off = {name: net for name, net in nets.items() if net}
    if off:
        raise _refused(draft, f"debit and credit differ: {off} minor units", "Balance each currency.")
    if max(debits.values()) > AMOUNT_MINOR_MAX:
        raise _refused(draft, "its debits are beyond 64 bits together", "Check the unit of the amounts.")


def _refused(draft: EntryDraft, what: str, remedy: str) -> PostingRefused:
    return PostingRefused(f"Entry “{draft.key}” is refused: {what}", where=draft.key, remedy=remedy)


def _unfit(draft: EntryDraft, what: str, remedy: str) -> AccountUnfit:
    return AccountUnfit(f"Entry “{draft.key}” is refused: {what}", where=draft.key, remedy=remedy)
