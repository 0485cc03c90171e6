"""Journals to hand over: a sample by hand, and any number made by Hypothesis."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from tieout.model.account import Account, AccountType, Role
from tieout.model.balance import Balance
from tieout.model.entity import Entity
from tieout.model.entry import Entry, EntryDraft, Line, content_hash
from tieout.reports.journal import Extract, JournalEntry

ENTITY = Entity(1, "kiln", "Kiln & Sons", "EUR", "Europe/Berlin")
DAY = date(2026, 3, 2)
CURRENCIES = ("EUR", "USD", "JPY", "KWD", "CLF")


def account(number: int, code: str, name: str, kind: AccountType = AccountType.ASSET) -> Account:
    return Account(number, code, name, kind, Role.BANK)


CHART = (
    account(1, "1100.bank", "Bank: main"),
    account(2, "1320.stripe", "Gateway"),
    account(3, "3000", "Opening balances", AccountType.EQUITY),
    account(4, "4000", "Sales", AccountType.INCOME),
    account(5, "6100", "Fees", AccountType.EXPENSE),
)
ACCOUNTS = {a.code: a for a in CHART}


def line(code: str, amount: int, currency: str = "EUR", base: int | None = None, **more: Any) -> Line:
    return Line(code, currency, amount, amount if base is None else base, **more)


def entry(number: int, *lines: Line, day: date = DAY, reverses_key: str | None = None, **draft: Any) -> JournalEntry:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    plain: dict[str, Any] = {
        "key": f"bank:line:{number}", "effective_date": day, "occurred_at": at, "lines": lines, "memo": "Memo",
        "rule_id": "bank.credit", "rule_version": 1, "why": "Because.",
    }  # fmt: skip
    made = EntryDraft(**plain | draft)
    return JournalEntry(Entry(number, made, at, content_hash(made)), reverses_key)


def sample() -> list[JournalEntry]:
    """A sale in dollars, its settlement, a correction, and a payment the next day."""
    return [
        entry(
            10, line("1320.stripe", 11_900, "USD", 10_818, party="acme", item="order:1001", dimensions={"shop": "a b"}),
            line("4000", -11_900, "USD", -10_818), event_id=7, memo='=Sale “1001”; "web", late', rate="1.10 ecb",
        ),
        entry(11, line("1320.stripe", 500), line("4000", -500), late=True, why="It came late."),
        entry(13, line("1320.stripe", -500), line("4000", 500), reverses_id=11, reverses_key="bank:line:11"),
        entry(12, line("1100.bank", 9_000), line("6100", 100), line("4000", -9_100), day=date(2026, 3, 4)),
    ]  # fmt: skip


def folded(journal: Sequence[JournalEntry], until: date) -> list[Balance]:
    """The balances at the end of a day."""
    sums: Counter[tuple[str, str]] = Counter()
    bases: Counter[tuple[str, str]] = Counter()
    for found in journal:
        for part in found.entry.draft.lines if found.entry.draft.effective_date <= until else ():
            sums[part.account, part.currency] += part.amount_minor
            bases[part.account, part.currency] += part.base_minor
    return [Balance(*key, total, bases[key], until) for key, total in sorted(sums.items())]


def extract(journal: Sequence[JournalEntry], chart: Sequence[Account] = CHART) -> Extract:
    """The extract of a whole journal that is in the order of its days."""
    last = max((found.entry.draft.effective_date for found in journal), default=DAY)
    used: dict[str, date] = {}
    for found in journal:
        for part in found.entry.draft.lines:
            used.setdefault(part.account, found.entry.draft.effective_date)
    return Extract(ENTITY, tuple(chart), None, last, used, tuple(folded(journal, last)))


#: Any text a file can hold.
WORDS = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=20) | st.sampled_from(
    ['"', "\\", '\\"n', "=1+1", "'=x", "''", "-5", "a\nb", "\t", "a\r\nb", "; x", "#t ^l", "@", ",", "  two  "]
)
_TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- zone given


@st.composite
def journals(draw: st.DrawFn, chart: Sequence[Account] = CHART) -> list[JournalEntry]:
    """Entries by day that balance in each currency and in base."""
    codes = st.sampled_from([a.code for a in chart])
    amounts = st.integers(-(10**12), 10**12).filter(bool)
    days = sorted(draw(st.lists(st.dates(date(1950, 1, 1), date(2150, 1, 1)), max_size=6)))
    found: list[JournalEntry] = []
    for number, day in enumerate(days, start=1):
        lines: list[Line] = []
        for currency in draw(st.lists(st.sampled_from(CURRENCIES), min_size=1, max_size=3, unique=True)):
            some = draw(st.lists(amounts, min_size=1, max_size=3))
            for amount in [*some, *([-sum(some)] if sum(some) else [])]:
                more = {
                    "party": draw(st.none() | WORDS.filter(bool)), "item": draw(st.none() | WORDS.filter(bool)),
                    "dimensions": draw(st.dictionaries(WORDS, WORDS, max_size=2)),
                }  # fmt: skip
                base = amount if currency == "EUR" else draw(amounts)
                lines.append(line(draw(codes), amount, currency, base, **more))
        off = sum(part.base_minor for part in lines)
        if off:  # a line of base alone, as a revaluation has
            lines.append(line(draw(codes), 0, "USD", -off))
        if len(lines) < 2:
            continue
        earlier = [f for f in found if f.reverses_key is None]
        undone: JournalEntry | None = draw(st.sampled_from([None, *earlier]))
        found.append(
            entry(
                number, *lines, day=day, key=f"{draw(WORDS)}:{number}", memo=draw(WORDS), why=draw(WORDS),
                rule_id=draw(WORDS), rule_version=draw(st.integers(1, 9)), occurred_at=draw(_TIMES),
                late=draw(st.booleans()), rate=draw(st.none() | WORDS), event_id=draw(st.none() | st.integers(1, 99)),
                reverses_key=undone.entry.draft.key if undone else None,
                reverses_id=undone.entry.id if undone else None,
            )
        )  # fmt: skip
    return found


def without_numbers(draft: EntryDraft) -> EntryDraft:
    """A draft without what a database gives: numbers of events and entries, and who posted it."""
    at = draft.occurred_at.astimezone(UTC)
    return replace(draft, event_id=None, reverses_id=None, actor="tieout", occurred_at=at)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)
