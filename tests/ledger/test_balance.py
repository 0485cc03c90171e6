"""Whatever is posted, rolled up, closed and under way: every balance is the fold of the lines, at any day and time."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import NamedTuple

import msgspec
import psycopg
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.ledger.books import close, open_books
from tieout.db.pool import Connection, Database
from tieout.ledger import projection, store
from tieout.ledger.balance import Facet, Place, Span, Sums, hold_still, register, sums
from tieout.model.entry import EntryDraft, Line
from tieout.model.period import PeriodState

START = date(2025, 12, 20)
DAYS = 100
CODES = ("1200", "4000", "1320.stripe", "2300")
FACETS = (
    Facet(),
    Facet("Ana", party=True),
    Facet("Bo", party=True),
    Facet("web", dimension="channel"),
    Facet("web", dimension="shop"),
    Facet("x" * 3000, dimension="y" * 3000),
)


class Booked(NamedTuple):
    """A line with what decides whether a balance counts it."""

    day: date
    recorded_at: datetime
    line: Line
    entry_id: int
    line_no: int

    def has(self, facet: Facet) -> bool:
        if facet.party:
            return self.line.party == facet.value
        return facet.dimension is None or self.line.dimensions.get(facet.dimension) == facet.value


def fold(
    lines: Sequence[Booked], at: date | None = None, known_at: datetime | None = None, facet: Facet = FACETS[0]
) -> list[tuple[str, str, int, int, int, int]]:
    """The plainest way there is: account, currency, debits, credits, and both in base."""
    found: dict[tuple[str, str], list[int]] = {}
    for booked in lines:
        if at is not None and booked.day > at:
            continue
        if (known_at is None or booked.recorded_at <= known_at) and booked.has(facet):
            line = booked.line
            four = found.setdefault((line.account, line.currency), [0, 0, 0, 0])
            for place, amount in ((0, line.amount_minor), (2, line.base_minor)):
                four[place + (amount < 0)] += abs(amount)
    return [(*key, four[0], four[1], four[2], four[3]) for key, four in sorted(found.items())]


def plain(found: Sequence[Sums]) -> list[tuple[str, str, int, int, int, int]]:
    return [
        (s.account, s.currency, s.debit_minor, s.credit_minor, s.base_debit_minor, s.base_credit_minor) for s in found
    ]


lines = st.builds(
    lambda codes, amount, currency, party, dimensions: (
        Line(codes[0], currency, amount, amount + (currency != "EUR"), party, None, dimensions),
        Line(codes[1], currency, -amount, -amount - (currency != "EUR")),
    ),
    st.permutations(CODES),
    st.integers(1, 10**17),
    st.sampled_from(["EUR", "EUR", "USD"]),
    st.sampled_from([None, "Ana", "Bo"]),
    st.sampled_from([{}, {"channel": "web"}, {"channel": "shop", "shop": "web"}, {"y" * 3000: "x" * 3000}]),
)
days = st.integers(0, DAYS - 1).map(lambda n: START + timedelta(days=n))
#: How long ago an entry was recorded. Clocks differ and units of work last, so that it says little about their order.
ages = st.timedeltas(timedelta(0), timedelta(days=3))
_numbers = count()


class Books(RuleBasedStateMachine):
    """Posts at random days, takes back, closes, rolls up in small parts, while another unit of work stays open."""

    database: Database

    def __init__(self) -> None:
        super().__init__()
        self.keys = count()
        self.booked: list[Booked] = []
        self.under_way: list[Booked] = []
        self.open_unit: Connection | None = None
        self.reversed: set[int] = set()
        self.drafts: dict[int, EntryDraft] = {}
        self.declared: list[tuple[date, date, PeriodState]] = []
        with self.database.unit() as connection:
            self.ledger, self.accounts = open_books(connection, f"craft{next(_numbers)}")

    def teardown(self) -> None:
        if self.open_unit is not None:
            self.open_unit.close()
        with self.database.unit() as connection:
            while not projection.roll_up(connection, self.ledger).done:
                pass
            before = rows(connection, self.ledger)
            projection.rebuild(connection, self.ledger)
            assert rows(connection, self.ledger) == before

    def draft(self, day: date, posted: tuple[Line, ...], reverses: int | None = None) -> EntryDraft:
        return EntryDraft(
            key=f"k{next(self.keys)}", effective_date=day, occurred_at=datetime.combine(day, time(12), tzinfo=UTC),
            lines=posted, memo="", rule_id="test", rule_version=1, why="A test.", reverses_id=reverses,
        )  # fmt: skip

    def post(self, connection: Connection, draft: EntryDraft, age: timedelta) -> list[Booked]:
        (posted,) = store.post(connection, self.ledger, [draft], self.accounts)
        connection.execute("set local session_replication_role = replica")  # past the guard that it is recorded now
        connection.execute("update entry set recorded_at = recorded_at - %s where id = %s", (age, posted.entry_id))
        connection.execute("set local session_replication_role = origin")
        (entry,) = store.entries(connection, self.ledger, [posted.entry_id])
        self.drafts[entry.id] = draft
        return [
            Booked(entry.draft.effective_date, entry.recorded_at, line, entry.id, number)
            for number, line in enumerate(entry.draft.lines, start=1)
        ]

    def free(self, day: date) -> date:
        """The day itself, or the first one after it that is open."""
        while any(first <= day <= last for first, last, state in self.declared if state is not PeriodState.OPEN):
            day += timedelta(days=1)
        return day

    @rule(day=days, pairs=st.lists(lines, min_size=1, max_size=3), age=ages)
    def posts(self, day: date, pairs: list[tuple[Line, ...]], age: timedelta) -> None:
        with self.database.unit() as connection:
            draft = self.draft(self.free(day), tuple(line for pair in pairs for line in pair))
            self.booked += self.post(connection, draft, age)

    @precondition(lambda self: any(b.entry_id not in self.reversed for b in self.booked))
    @rule(data=st.data(), day=days, age=ages)
    def takes_back(self, data: st.DataObject, day: date, age: timedelta) -> None:
        numbers = sorted({b.entry_id for b in self.booked} - self.reversed)
        number = data.draw(st.sampled_from(numbers))
        taken = tuple(
            msgspec.structs.replace(line, amount_minor=-line.amount_minor, base_minor=-line.base_minor)
            for line in self.drafts[number].lines
        )
        with self.database.unit() as connection:
            found = self.post(connection, self.draft(self.free(day), taken, number), age)
        self.booked += found
        self.reversed |= {number, found[0].entry_id}

    @precondition(lambda self: self.open_unit is None)
    @rule(day=days, posted=lines, age=ages)
    def begins_another_unit(self, day: date, posted: tuple[Line, ...], age: timedelta) -> None:
        self.open_unit = psycopg.connect(self.database.url, options="-c timezone=UTC")
        self.under_way = self.post(self.open_unit, self.draft(self.free(day), posted), age)

    @precondition(lambda self: self.open_unit is not None)
    @rule(kept=st.booleans())
    def ends_the_other_unit(self, kept: bool) -> None:
        assert self.open_unit is not None
        if kept:
            self.open_unit.commit()
            self.booked += self.under_way
        self.open_unit.close()
        self.open_unit, self.under_way = None, []

    @rule(limit=st.sampled_from([1, 2, projection.ENTRIES_MAX]))
    def rolls_up(self, limit: int) -> None:
        with self.database.unit() as connection:
            projection.roll_up(connection, self.ledger, limit)

    @precondition(lambda self: self.open_unit is None)
    @rule(first=days, length=st.integers(0, 40), state=st.sampled_from(list(PeriodState)))
    def closes(self, first: date, length: int, state: PeriodState) -> None:
        last = first + timedelta(days=length)
        if any(a <= last and first <= b for a, b, _ in self.declared):
            return
        with self.database.unit() as connection:
            close(connection, self.ledger, first, last, state)
        self.declared.append((first, last, state))

    @precondition(lambda self: self.open_unit is None and any(d[2] is PeriodState.SOFT for d in self.declared))
    @rule()
    def opens_again(self) -> None:
        place = next(n for n, d in enumerate(self.declared) if d[2] is PeriodState.SOFT)
        first, last, _ = self.declared[place]
        with self.database.unit() as connection:
            close(connection, self.ledger, first, last, PeriodState.OPEN)
        self.declared[place] = (first, last, PeriodState.OPEN)

    @rule(at=st.none() | days, age=st.none() | ages, facet=st.sampled_from(FACETS))
    def asks(self, at: date | None, age: timedelta | None, facet: Facet) -> None:
        known_at = None if age is None else datetime.now(UTC) - age
        with self.database.unit() as connection:
            found = sums(connection, self.ledger, at=at, known_at=known_at, facet=facet)
        assert plain(found) == fold(self.booked, at, known_at, facet)

    @rule(account=st.sampled_from(CODES), currency=st.sampled_from(["EUR", "USD"]), since=st.none() | days,
          at=st.none() | days, age=st.none() | ages)  # fmt: skip
    def reads_the_register(
        self, account: str, currency: str, since: date | None, at: date | None, age: timedelta | None
    ) -> None:
        known_at = None if age is None else datetime.now(UTC) - age
        wanted = []
        standing = base = 0
        for booked in sorted(self.booked, key=lambda b: (b.day, b.entry_id, b.line_no)):
            line = booked.line
            if (line.account, line.currency) != (account, currency) or booked.day > (at or date.max):
                continue
            if known_at is None or booked.recorded_at <= known_at:
                standing, base = standing + line.amount_minor, base + line.base_minor
                if booked.day >= (since or date.min):
                    wanted.append((Place(booked.day, booked.entry_id, booked.line_no), standing, base))
        found: list[tuple[Place, int, int]] = []
        with self.database.unit() as connection:
            hold_still(connection)
            after, span = None, Span(since, at, known_at)
            while page := register(connection, self.ledger, account, currency, span=span, after=after, limit=2):
                found += [(row.place, row.balance_minor, row.base_balance_minor) for row in page]
                after = page[-1].place
        assert found == wanted

    @invariant()
    def every_balance_holds(self) -> None:
        with self.database.unit() as connection:
            assert plain(sums(connection, self.ledger)) == fold(self.booked)


def rows(connection: Connection, ledger_id: int) -> list[list[tuple[object, ...]]]:
    """All that is projected."""
    return [
        connection.execute(query, (ledger_id,)).fetchall()
        for query in (
            "select * from day_delta where ledger_id = %s order by 1, 2, 3, 4, 5, 6, 7, 8",
            "select * from balance_checkpoint where ledger_id = %s order by 1, 2",
            "select * from period_balance where ledger_id = %s order by 1, 2, 3, 4, 5",
            "select * from month_delta where ledger_id = %s order by 1, 2, 3, 4, 5",
        )
    ]


def test_every_balance_is_the_fold_of_the_lines(database: Database) -> None:
    kind = type("BooksHere", (Books,), {"database": database})
    run_state_machine_as_test(kind, settings=settings(max_examples=25, stateful_step_count=30))
    with database.unit() as connection:
        (ledgers,) = connection.execute("select count(*) from ledger").fetchone() or (0,)
    assert ledgers >= 25
