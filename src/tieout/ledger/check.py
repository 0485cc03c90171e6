"""Checks entries before the database does, so that the caller learns which one is wrong and what to do."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from tieout.model.account import Account
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import AccountUnfit, PostingRefused
from tieout.model.money import AMOUNT_MINOR_MAX, ISO_EXPONENTS, display, exponent_of

#: smallint in the database.
LINES_MAX = 32_000
_WHOLE = "Send whole minor units, such as 1050 for 10.50, without quotes and without a decimal point."
_TOO_WIDE = "Amounts are minor units: check that nobody multiplied twice; what is right goes into several entries."
_UNKNOWN = "`tieout account list` has those there are, and `tieout account add` opens another."


def check(drafts: Sequence[EntryDraft], accounts: Mapping[str, Account]) -> None:
    """Raises PostingRefused for the first entry that does not hold, naming it; says nothing if all do."""
    for draft in drafts:
        _check_head(draft)
        _check_lines(draft, accounts)
    if "\0" in "".join(text for draft in drafts for text in _texts(draft)):
        bad = next(draft for draft in drafts if "\0" in "".join(_texts(draft)))
        raise _refused(bad, "a text has a NUL character", "Leave it out.")


def _texts(draft: EntryDraft) -> Iterator[str]:
    yield from (draft.key, draft.memo, draft.why, draft.rule_id, draft.actor, draft.rate or "")
    for line in draft.lines:
        yield line.party or ""
        yield line.item or ""
        if line.dimensions:
            yield from (part for dimension in line.dimensions.items() for part in dimension)


def _check_head(draft: EntryDraft) -> None:
    if not draft.key:
        raise _refused(draft, "its key is empty", "Give it a key that names the fact.")
    if draft.occurred_at.tzinfo is None:
        raise _refused(draft, "the time it occurred at has no zone", "Send a time with its zone.")
    if type(draft.effective_date) is not date:  # a datetime is a date too
        raise _refused(draft, "its effective date is not a day", "Send a day without a time.")
    if not 2 <= len(draft.lines) <= LINES_MAX:
        raise _refused(draft, f"it has {len(draft.lines)} lines", f"An entry has 2 to {LINES_MAX:,} lines.")


def _check_lines(draft: EntryDraft, accounts: Mapping[str, Account]) -> None:
    """One quick look at every line; what looks wrong is asked about again, so that the answer can say what it is."""
    most = AMOUNT_MINOR_MAX // len(draft.lines)
    nets: dict[str, int] = {}
    base_net = 0
    large = False
    for line in draft.lines:
        amount, base, currency = line.amount_minor, line.base_minor, line.currency
        if type(amount) is not int or type(base) is not int or not (amount or base):
            _check_amounts(draft, line)
        large = large or not (-most <= amount <= most and -most <= base <= most)
        account = accounts.get(line.account)
        if account is None or _asks(account) or account.opened_on > draft.effective_date:
            _check_account(draft, line, account)
        if currency not in ISO_EXPONENTS:
            exponent_of(currency)
        nets[currency] = nets.get(currency, 0) + amount
        base_net += base
    if large:
        for line in draft.lines:
            _check_amounts(draft, line)
    if large or base_net or any(nets.values()):
        _check_sums(draft)


def _check_amounts(draft: EntryDraft, line: Line) -> None:
    for amount in (line.amount_minor, line.base_minor):
        if type(amount) is not int:  # True is an int too
            raise _refused(draft, f"the amount {amount!r} is not whole minor units", _WHOLE)
        if abs(amount) > AMOUNT_MINOR_MAX:
            raise _refused(draft, "an amount is beyond 64 bits", _TOO_WIDE)
    if line.amount_minor == 0 and line.base_minor == 0:
        raise _refused(draft, f"a line on {line.account} is zero", "Leave out zero lines.")


def _asks(account: Account) -> bool:
    """Whether the account does not simply take any line."""
    return bool(account.currencies or account.needs) or account.closed_on is not None or account.takes is not None


def _check_account(draft: EntryDraft, line: Line, account: Account | None) -> None:
    if account is None:
        raise _unfit(draft, f"there is no account “{line.account}”", _UNKNOWN)
    if not account.open_on(draft.effective_date):
        what = f"account {line.account} is closed on {draft.effective_date}"
        remedy = "Use another account, or open it again with `tieout account reopen`."
        raise _unfit(draft, what, remedy)
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
        by = " and ".join(_difference(name, net) for name, net in off.items())
        remedy = "Add the line that is missing or mend an amount: each currency balances, and so does base currency."
        raise _refused(draft, f"debit and credit differ by {by}", remedy)
    if max(debits.values()) > AMOUNT_MINOR_MAX:
        raise _refused(draft, "its debits are beyond 64 bits together", _TOO_WIDE)


def _difference(name: str, net: int) -> str:
    return f"{net} minor units of base currency" if name == "base" else f"{display(net, name)} {name}"


def _refused(draft: EntryDraft, what: str, remedy: str) -> PostingRefused:
    return PostingRefused(f"Entry “{draft.key}” is refused: {what}", where=draft.key, remedy=remedy)


def _unfit(draft: EntryDraft, what: str, remedy: str) -> AccountUnfit:
    return AccountUnfit(f"Entry “{draft.key}” is refused: {what}", where=draft.key, remedy=remedy)
