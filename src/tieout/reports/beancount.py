"""The journal as Beancount text, which an accountant can read and `bean-check` can judge.

Beancount's signs are the ledger's: debit positive, credit negative. Every entry balances in each of its currencies by
itself (conversions pass through a clearing account), so no cost and no price is needed; what a foreign line is worth
in base currency stands in its metadata. Tolerances are zero: one minor unit off is an error.

Source of the rules: the Beancount language syntax (version 3), https://beancount.github.io/docs/.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from tieout.model.account import Account, AccountType
from tieout.model.balance import Balance
from tieout.model.entry import Entry, Line
from tieout.model.ids import IdKind, public_id
from tieout.model.money import decimal_text

_ROOTS: Mapping[AccountType, str] = {
    AccountType.ASSET: "Assets",
    AccountType.LIABILITY: "Liabilities",
    AccountType.EQUITY: "Equity",
    AccountType.INCOME: "Income",
    AccountType.EXPENSE: "Expenses",
}
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
#: Amounts end in this column, so that they can be read down.
_AMOUNT_COLUMN = 78


def export(
    title: str,
    base_currency: str,
    accounts: Iterable[Account],
    entries: Iterable[Entry],
    balances: Iterable[Balance] = (),
) -> str:
    """A whole Beancount file: options, the accounts that are used, the entries by day, and balance assertions.

    `balances` are the figures to assert; each is at the end of its day, so it needs one.
    """
    known = sorted(accounts, key=lambda account: account.code)
    names = account_names(known)
    journal = sorted(entries, key=lambda entry: (entry.draft.effective_date, entry.id))
    asserted = sorted(balances, key=_balance_order)
    parts = [
        f'option "title" {_quoted(title)}\noption "operating_currency" {_quoted(base_currency)}\n',
        "".join(_opens(known, names, _first_days(journal, asserted))),
        *("".join(f"{line}\n" for line in _entry_lines(entry, names, base_currency)) for entry in journal),
        balance_text(names, asserted),
    ]
    return "\n".join(part for part in parts if part)


def account_names(accounts: Iterable[Account]) -> dict[str, str]:
    """Code -> Beancount account: the type, then code and name in letters, digits and hyphens.

    Unique whatever the codes are: where two would come out the same, both carry their number.
    """
    ordered = sorted(accounts, key=lambda account: account.code)
    plain = Counter(_name(account) for account in ordered)
    names: dict[str, str] = {}
    for account in ordered:
        name = _name(account)
        if plain[name] > 1:
            name += f"-{account.id}"
            while name in plain or name in names.values():
                name += f"-{account.id}"
        names[account.code] = name
    return names


def _name(account: Account) -> str:
    return f"{_ROOTS[account.type]}:{_component(f'{account.code} {account.name}')}"


def _component(text: str) -> str:
    """Text as a part of an account's name: ASCII letters, digits and hyphens, starting with a capital or a digit."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "-", plain).strip("-")
    return words[:1].upper() + words[1:] or "Account"


def _first_days(entries: Sequence[Entry], balances: Sequence[Balance]) -> dict[str, date]:
    """Code -> the first day the account is used or asserted."""
    used = [(line.account, entry.draft.effective_date) for entry in entries for line in entry.draft.lines]
    days: dict[str, date] = {}
    for code, day in [*used, *((balance.account, _asserted_on(balance)) for balance in balances)]:
        days[code] = min(day, days.get(code, day))
    return days


def _opens(accounts: Sequence[Account], names: Mapping[str, str], first: Mapping[str, date]) -> Iterator[str]:
    for account in sorted(accounts, key=lambda a: (first.get(a.code, date.max), names[a.code])):
        if account.code in first:
            currency = f" {','.join(account.currencies)}" if account.currencies else ""
            yield (
                f"{first[account.code]} open {names[account.code]}{currency}\n"
                f"  code: {_quoted(account.code)}\n"
                f"  name: {_quoted(account.name)}\n"
            )


def _entry_lines(entry: Entry, names: Mapping[str, str], base_currency: str) -> Iterator[str]:
    draft = entry.draft
    links = [public_id(IdKind.ENTRY, entry.id)]
    links += [public_id(IdKind.EVENT, draft.event_id)] if draft.event_id is not None else []
    links += [public_id(IdKind.ENTRY, draft.reverses_id)] if draft.reverses_id is not None else []
    yield f"{draft.effective_date} * {_quoted(draft.memo)} {' '.join(f'^{link}' for link in links)}"
    yield f"  key: {_quoted(draft.key)}"
    yield f"  rule: {_quoted(draft.rule_id)}"
    yield f"  version: {draft.rule_version}"
    if draft.late:
        yield f"  occurred: {_quoted(draft.occurred_at.isoformat())}"
    if draft.rate is not None:
        yield f"  rate: {_quoted(draft.rate)}"
    for line in draft.lines:
        yield from _line_lines(line, names[line.account], base_currency)


def _line_lines(line: Line, name: str, base_currency: str) -> Iterator[str]:
    yield _aligned(f"  {name}", line.amount_minor, line.currency)
    if line.currency != base_currency:
        yield f"    base: {decimal_text(line.base_minor, base_currency)} {base_currency}"
    if line.item is not None:
        yield f"    item: {_quoted(line.item)}"
    if line.party is not None:
        yield f"    party: {_quoted(line.party)}"
    for key, value in _dimension_keys(line.dimensions).items():
        yield f"    {key}: {_quoted(value)}"


def _aligned(start: str, amount_minor: int, currency: str, tolerance: str = "") -> str:
    """`start`, then the amount so that it ends in the amount column, then currency."""
    amount = decimal_text(amount_minor, currency)
    return f"{start} {amount:>{max(_AMOUNT_COLUMN - len(start) - 1, 1)}}{tolerance} {currency}"


def _dimension_keys(dimensions: Mapping[str, str]) -> dict[str, str]:
    """Dimensions under keys Beancount allows: ``dim-`` and small letters; a key that comes again is numbered."""
    keys: dict[str, str] = {}
    for name in sorted(dimensions):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        stem = "dim-" + (re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "x")
        key, number = stem, 1
        while key in keys:
            number += 1
            key = f"{stem}-{number}"
        keys[key] = dimensions[name]
    return keys


def balance_text(names: Mapping[str, str], balances: Iterable[Balance]) -> str:
    """Balance assertions, exact to the minor unit. `names` gives each account's Beancount name by its code.

    Beancount asserts at the start of a day, so a balance at the end of one is asserted on the next.
    """
    lines = [
        _aligned(f"{_asserted_on(b)} balance {names[b.account]}", b.balance_minor, b.currency, tolerance=" ~ 0")
        for b in sorted(balances, key=_balance_order)
    ]
    return "".join(f"{line}\n" for line in lines)


def _asserted_on(balance: Balance) -> date:
    assert balance.at is not None, f"a balance to be asserted has a day; {balance.account} has none"
    return balance.at + timedelta(days=1)


def _balance_order(balance: Balance) -> tuple[date, str, str]:
    return _asserted_on(balance), balance.account, balance.currency


def _quoted(text: str) -> str:
    """A Beancount string. Line ends are escaped; other control characters cannot stand in a text file."""
    return '"' + "".join(_ESCAPES.get(char) or _printable(char) for char in text) + '"'


def _printable(char: str) -> str:
    return "\ufffd" if unicodedata.category(char) in ("Cc", "Cs") else char
