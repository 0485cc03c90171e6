"""The journal as Beancount text, which an accountant can read and `bean-check` can judge.

Beancount's signs are the ledger's: debit positive, credit negative.

What is handed over is written whole: with it, other books can be made that are the same to the hash (see
`beancount_reader`). A foreign line has what it is worth in base currency as its total price, and an exchange
difference, which is worth something and has no amount, is a posting in base currency on an account beside the line's
own. So Beancount weighs every entry in base currency, and comes to our balances in base as well as in each currency.

For reading, the short form leaves out what only a program needs. There, what a foreign line is worth stands in its
metadata, so that each entry is seen to balance in each of its currencies.

Source of the rules: the Beancount language syntax (version 3), https://beancount.github.io/docs/.
"""

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, timedelta

from tieout.model.account import Account, AccountType
from tieout.model.balance import Balance
from tieout.model.entry import Entry, Line
from tieout.model.ids import IdKind, public_id
from tieout.model.money import decimal_text
from tieout.reports.journal import Extract, JournalEntry

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
#: A price an item, which Beancount works out of the total, may not come out even.
_TOLERANCE = "0.000001"
#: A name of a dimension that may stand in a metadata key as it is.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]+")


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
    chart = list(accounts)
    names = account_names(chart)
    journal = sorted(entries, key=lambda entry: (entry.draft.effective_date, entry.id))
    asserted = sorted(balances, key=_balance_order)
    parts = [
        _options(title, base_currency),
        "".join(_opens(chart, names, _first_days(journal, asserted))),
        *("".join(f"{line}\n" for line in _entry_lines(entry, names, base_currency)) for entry in journal),
        balance_text(names, asserted),
    ]
    return "\n".join(part for part in parts if part)


def write(extract: Extract, journal: Iterable[JournalEntry], *, portable: bool = False) -> Iterator[str]:
    """The file in pieces, an entry each; `journal` comes in the order of its days.

    A `portable` file leaves out the numbers of this database, so that the files of two books can be compared.
    """
    names = account_names(extract.accounts)
    base_currency = extract.entity.base_currency
    beside = Beside(names)
    yield _options(extract.entity.name, base_currency)
    yield f'option "inferred_tolerance_default" "{base_currency}:{_TOLERANCE}"\n'
    opens = "".join(_opens(extract.accounts, names, extract.used))
    yield f"\n{opens}" if opens else ""
    for found in journal:
        lines = _whole_entry_lines(found, beside, base_currency, portable=portable)
        yield "".join(("\n", *(f"{line}\n" for line in lines)))
    yield "".join(_opens_beside(beside))
    closing = balance_text(names, (b for b in extract.closing if b.account in extract.used))
    yield f"\n{closing}" if closing else ""


def _options(title: str, base_currency: str) -> str:
    return f'option "title" {_quoted(title)}\noption "operating_currency" {_quoted(base_currency)}\n'


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


def _opens(accounts: Iterable[Account], names: Mapping[str, str], first: Mapping[str, date]) -> Iterator[str]:
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
    yield f"{draft.effective_date} * {_quoted(draft.memo)}{_links(entry)}"
    yield f"  key: {_quoted(draft.key)}"
    yield f"  rule: {_quoted(draft.rule_id)}"
    yield f"  version: {draft.rule_version}"
    if draft.late:
        yield f"  occurred: {_quoted(draft.occurred_at.isoformat())}"
    if draft.rate is not None:
        yield f"  rate: {_quoted(draft.rate)}"
    for line in draft.lines:
        yield from _line_lines(line, names[line.account], base_currency)


class Beside:
    """The accounts that exchange differences of the accounts of a chart are written to, as far as they are needed."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        #: (code, currency) -> the account, and the first day it is used.
        self.used: dict[tuple[str, str], tuple[str, date]] = {}
        self._taken = set(names.values())

    def of(self, line: Line, day: date) -> str:
        """The account beside that of a line, for its currency. Entries come in the order of their days."""
        key = (line.account, line.currency)
        if key not in self.used:
            name = f"{self.names[line.account]}-Exchange-{line.currency}"
            while name in self._taken:
                name += "-1"
            self._taken.add(name)
            self.used[key] = (name, day)
        return self.used[key][0]


def is_plain(line: Line, base_currency: str) -> bool:
    """Whether one posting says it all: in base currency, or an amount worth something of the same sign, or nothing."""
    return line.currency == base_currency or (line.amount_minor != 0 and line.amount_minor * line.base_minor >= 0)


def price(line: Line, base_currency: str) -> str:
    """What a foreign line is worth, after its amount; nothing if that is said beside it."""
    if line.currency == base_currency:
        return ""
    worth = abs(line.base_minor) if is_plain(line, base_currency) else 0
    return f" @@ {decimal_text(worth, base_currency)} {base_currency}"


def _opens_beside(beside: Beside) -> Iterator[str]:
    for (code, currency), (name, day) in sorted(beside.used.items()):
        yield f"\n{day} open {name}\n  exchange-of: {_quoted(code)}\n  exchange-currency: {_quoted(currency)}\n"


def _whole_line_lines(line: Line, day: date, beside: Beside, base_currency: str) -> Iterator[str]:
    plain, name = is_plain(line, base_currency), beside.names[line.account]
    if plain or line.amount_minor:
        yield _aligned(f"  {name}", line.amount_minor, line.currency) + price(line, base_currency)
        yield from _line_meta(line)
    if not plain:
        yield _aligned(f"  {beside.of(line, day)}", line.base_minor, base_currency)
        if line.amount_minor:
            yield "    joined: TRUE"
        else:
            yield from _line_meta(line)


def _whole_entry_lines(
    found: JournalEntry, beside: Beside, base_currency: str, *, portable: bool
) -> Iterator[str]:  # fmt: skip
    draft = found.entry.draft
    yield f"{draft.effective_date} * {_quoted(draft.memo)}{'' if portable else _links(found.entry)}"
    yield f"  key: {_quoted(draft.key)}"
    yield f"  occurred: {_quoted(draft.occurred_at.astimezone(UTC).isoformat())}"
    yield f"  rule: {_quoted(draft.rule_id)}"
    yield f"  version: {draft.rule_version}"
    yield f"  why: {_quoted(draft.why)}"
    if draft.late:
        yield "  late: TRUE"
    if draft.rate is not None:
        yield f"  rate: {_quoted(draft.rate)}"
    yield from (f"  {word}: {_quoted(key)}" for word, key in found.related)
    for line in draft.lines:
        yield from _whole_line_lines(line, draft.effective_date, beside, base_currency)


def _links(entry: Entry) -> str:
    """The numbers of this database that belong to an entry, each after a blank."""
    draft = entry.draft
    numbers = (
        (IdKind.ENTRY, entry.id or None), (IdKind.EVENT, draft.event_id), (IdKind.ENTRY, draft.reverses_id)
    )  # fmt: skip
    return "".join(f" ^{public_id(kind, number)}" for kind, number in numbers if number is not None)


def _line_lines(line: Line, name: str, base_currency: str) -> Iterator[str]:
    yield _aligned(f"  {name}", line.amount_minor, line.currency)
    if line.currency != base_currency:
        yield f"    base: {decimal_text(line.base_minor, base_currency)} {base_currency}"
    yield from _line_meta(line)


def _line_meta(line: Line) -> Iterator[str]:
    if line.item is not None:
        yield f"    item: {_quoted(line.item)}"
    if line.party is not None:
        yield f"    party: {_quoted(line.party)}"
    yield from (f"    {key}: {_quoted(value)}" for key, value in _dimension_keys(line.dimensions))


def _aligned(start: str, amount_minor: int, currency: str, tolerance: str = "") -> str:
    """`start`, then the amount so that it ends in the amount column, then currency."""
    amount = decimal_text(amount_minor, currency)
    return f"{start} {amount:>{max(_AMOUNT_COLUMN - len(start) - 1, 1)}}{tolerance} {currency}"


def _dimension_keys(dimensions: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Dimensions as metadata: ``dim-`` and the name; all whose names Beancount would not take as one JSON object."""
    odd = {}
    for name in sorted(dimensions):
        if _PLAIN_NAME.fullmatch(name):
            yield f"dim-{name}", dimensions[name]
        else:
            odd[name] = dimensions[name]
    if odd:
        yield "dimensions", json.dumps(odd, ensure_ascii=False)


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
