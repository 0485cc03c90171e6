"""What is handed over: the journal of some days, what it opens with, and the control totals that go with it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

import msgspec
from msgspec import Struct

from tieout.model.account import Account
from tieout.model.balance import Balance
from tieout.model.entity import Entity
from tieout.model.entry import Entry, EntryDraft, Line, content_hash

#: The rule an opening entry names; such an entry stands in files only, never in the ledger.
OPENING = "opening"


class JournalEntry(Struct, frozen=True):
    """An entry as it is handed over. `reverses_key` is the key of the entry it reverses.

    `part_of_key` is that of the one it takes back in part, `replaces_key` that of the one it stands in the place of.
    The number of an entry that is in no ledger is 0.
    """

    entry: Entry
    reverses_key: str | None = None
    part_of_key: str | None = None
    replaces_key: str | None = None

    @property
    def related(self) -> tuple[tuple[str, str], ...]:
        """What it has to do with earlier entries, in a word, and their keys."""
        said = ("reverses", self.reverses_key), ("takes-part-of", self.part_of_key), ("replaces", self.replaces_key)
        return tuple((word, key) for word, key in said if key is not None)


class Extract(Struct, frozen=True):
    """The journal of the days `first` to `last`, both included, and what is needed to read it.

    `used` says from which day on an account is used; `closing` are the balances at the end of the last day.
    """

    entity: Entity
    accounts: tuple[Account, ...]
    first: date | None
    last: date
    used: Mapping[str, date]
    closing: tuple[Balance, ...]


class CurrencyTotal(Struct, frozen=True):
    """Debits and credits of one currency, in whole minor units of it and of the base currency."""

    currency: str
    lines: int
    debit_minor: int
    credit_minor: int
    base_debit_minor: int
    base_credit_minor: int


class Totals(Struct, frozen=True):
    """Control totals: how many entries and lines, and what they add up to in each currency."""

    entries: int
    lines: int
    currencies: tuple[CurrencyTotal, ...]


def opening_entry(balances: Sequence[Balance], first: date) -> JournalEntry | None:
    """The balances before `first` as one entry of that day; None if there are none.

    It balances by itself, since every entry before it did. Balances that are nil leave no line.
    """
    lines = tuple(
        Line(b.account, b.currency, b.balance_minor, b.base_minor)
        for b in sorted(balances, key=lambda b: (b.account, b.currency))
        if b.balance_minor or b.base_minor
    )
    if not lines:
        return None
    at = datetime.combine(first, time(), tzinfo=UTC)
    why = f"What every account stood at before {first}."
    draft = EntryDraft(f"{OPENING}:{first}", first, at, lines, "Opening balances", OPENING, 1, why)
    return JournalEntry(Entry(0, draft, at, content_hash(draft)))


class Tally:
    """Counts and adds up what passes through `count`, for the control totals."""

    def __init__(self) -> None:
        self._entries = 0
        self._sums: dict[str, list[int]] = {}

    def count(self, journal: Iterable[JournalEntry]) -> Iterator[JournalEntry]:
        """The same entries, counted."""
        for found in journal:
            self.add_entry(found)
            yield found

    def add_entry(self, found: JournalEntry | None = None) -> None:
        """Counts an entry with its lines; or none, whose lines come on their own."""
        self._entries += 1
        for line in found.entry.draft.lines if found else ():
            self.add(line.currency, line.amount_minor, line.base_minor)

    def add(self, currency: str, amount_minor: int, base_minor: int) -> None:
        """Adds a line."""
        sums = self._sums.setdefault(currency, [0] * 5)
        sums[0] += 1
        sums[1 if amount_minor > 0 else 2] += abs(amount_minor)
        sums[3 if base_minor > 0 else 4] += abs(base_minor)

    def add_totals(self, totals: Totals) -> None:
        """Adds what was added up elsewhere."""
        self._entries += totals.entries
        for total in totals.currencies:
            sums = self._sums.setdefault(total.currency, [0] * 5)
            self._sums[total.currency] = [a + b for a, b in zip(sums, msgspec.structs.astuple(total)[1:], strict=True)]

    def totals(self) -> Totals:
        """What has been counted so far."""
        currencies = tuple(CurrencyTotal(currency, *sums) for currency, sums in sorted(self._sums.items()))
        return Totals(self._entries, sum(total.lines for total in currencies), currencies)


def day_before(day: date) -> date:
    """The day whose end an opening entry of `day` stands for."""
    return day - timedelta(days=1)
