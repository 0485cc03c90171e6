"""Periods: which days take entries on which accounts, from whom, and which is the first that does."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import msgspec
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.books import close, entry
from tieout.db.pool import Connection
from tieout.ledger import store
from tieout.ledger.period import OpenDays, allow, allowances, periods, set_period
from tieout.masterdata import store as masterdata
from tieout.model.account import Account, AccountType, Role
from tieout.model.error import BadInput, PeriodClosed, PostingRefused
from tieout.model.period import Area, Period, PeriodState

Accounts = Mapping[str, Account]
JANUARY = (date(2026, 1, 1), date(2026, 1, 31))
TOMORROW = datetime.now(UTC) + timedelta(days=1)
BOOK = {
    "4000": Account(1, "4000", "Sales", AccountType.INCOME, Role.SALES, area=Area.SALES),
    "2100": Account(2, "2100", "Tax", AccountType.LIABILITY, Role.TAX_PAYABLE, area=Area.TAX),
    "1490": Account(3, "1490", "Suspense", AccountType.ASSET, Role.SUSPENSE),
}


def period(first: date, last: date, state: PeriodState = PeriodState.HARD, area: Area = Area.ALL) -> Period:
    return Period(1, first, last, area, state)


# ── The first open day ────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_open_day() -> None:
    open_day = OpenDays(
        [
            period(date(2026, 1, 1), date(2026, 1, 31)),
            period(date(2026, 2, 1), date(2026, 2, 28), PeriodState.SOFT),
            period(date(2026, 3, 1), date(2026, 3, 31), PeriodState.OPEN),
            period(date(2026, 5, 1), date(2026, 5, 31)),
            period(date(2026, 4, 1), date(2026, 4, 30), area=Area.TAX),
        ],
        BOOK,
    )
    assert open_day(date(2025, 12, 31), ["4000"]) == date(2025, 12, 31)
    assert open_day(date(2026, 1, 1), ["4000"]) == date(2026, 3, 1)
    assert open_day(date(2026, 2, 28), ["4000"]) == date(2026, 3, 1)
    assert open_day(date(2026, 3, 15), ["4000"]) == date(2026, 3, 15)
    assert open_day(date(2026, 4, 15), ["4000", "1490"]) == date(2026, 4, 15)  # the tax area closes no sales
    assert open_day(date(2026, 4, 15), ["4000", "2100"]) == date(2026, 6, 1)  # and May is closed to all
    assert open_day(date(2026, 4, 15)) == date(2026, 6, 1)  # whatever accounts it is for
    assert open_day(date(2026, 4, 15), []) == date(2026, 4, 15)
    assert open_day(date(2026, 4, 15), ["no such account"]) == date(2026, 4, 15)
    assert open_day(date(2026, 5, 31), ["4000"]) == date(2026, 6, 1)
    assert OpenDays([])(date(2026, 1, 1)) == date(2026, 1, 1)


spans = st.lists(
    st.tuples(st.integers(0, 300), st.integers(0, 40), st.sampled_from(list(PeriodState)), st.sampled_from(list(Area))),
    max_size=8,
)


@given(found=spans, day=st.integers(0, 400), codes=st.sets(st.sampled_from(sorted(BOOK))))
def test_the_first_open_day_is_open_and_the_first(
    found: list[tuple[int, int, PeriodState, Area]], day: int, codes: set[str]
) -> None:
    start = date(2026, 1, 1)
    known = [period(start + timedelta(a), start + timedelta(a + n), state, area) for a, n, state, area in found]
    areas = {Area.ALL, *(BOOK[code].area for code in codes)}

    def closed(at: date) -> bool:
        standing = [p for p in known if p.state is not PeriodState.OPEN and p.area in areas]
        return any(p.first_day <= at <= p.last_day for p in standing)

    wanted = start + timedelta(day)
    first = OpenDays(known, BOOK)(wanted, codes)
    assert first >= wanted
    assert not closed(first)
    assert all(closed(wanted + timedelta(n)) for n in range((first - wanted).days))


@given(
    found=spans,
    day=st.integers(0, 330),
    text=st.sampled_from(["1200 9; 4000 -9", "1490 9; 2100 -9", "1490 9; 2300 -9"]),
)
def test_the_database_takes_exactly_what_open_days_promise(
    url: str, found: list[tuple[int, int, PeriodState, Area]], day: int, text: str
) -> None:
    start = date(2026, 1, 1)
    wanted = start + timedelta(day)
    with psycopg.connect(url) as connection:
        accounts = masterdata.accounts(connection, 1)
        for a, n, state, area in found:
            with suppress(PostingRefused), connection.transaction():  # it may overlap one before
                set_period(connection, 1, start + timedelta(a), start + timedelta(a + n), state, "ana", area)
        draft = entry("a", text, on=wanted)
        first = OpenDays(periods(connection, 1), accounts)(wanted, [line.account for line in draft.lines])
        if first != wanted:
            with pytest.raises(PeriodClosed), connection.transaction():
                store.post(connection, 1, [draft], accounts)
        store.post(connection, 1, [msgspec.structs.replace(draft, effective_date=first)], accounts)
        connection.rollback()


# ── Moving periods ────────────────────────────────────────────────────────────────────────────────────────────


def test_periods_are_opened_and_closed(connection: Connection) -> None:
    for state in (PeriodState.SOFT, PeriodState.OPEN, PeriodState.HARD):
        number = set_period(connection, 1, *JANUARY, state, "ana")
        assert periods(connection, 1) == [Period(number, *JANUARY, Area.ALL, state)]
    for state in PeriodState:
        with pytest.raises(PostingRefused, match="is closed for good"), connection.transaction():
            set_period(connection, 1, *JANUARY, state, "ana")
    with pytest.raises(PostingRefused) as refused, connection.transaction():
        set_period(connection, 1, JANUARY[1], date(2026, 2, 28), PeriodState.SOFT, "ana")
    assert refused.value.where == "2026-01-31 to 2026-02-28"
    with pytest.raises(PostingRefused), connection.transaction():
        set_period(connection, 1, date(2026, 3, 2), date(2026, 3, 1), PeriodState.SOFT, "ana")


def test_areas_close_each_for_itself(connection: Connection, accounts: Accounts) -> None:
    for area in (Area.SALES, Area.TAX):
        set_period(connection, 1, *JANUARY, PeriodState.HARD, "ana", area)
    assert [p.area for p in periods(connection, 1)] == [Area.SALES, Area.TAX]
    for text, what in (
        ("1490 10; 4000 -10", "lies in the sales period 2026-01-01 to 2026-01-31, which is closed for good"),
        ("1490 10; 2100 -10", "lies in the tax period 2026-01-01 to 2026-01-31, which is closed for good"),
    ):
        with pytest.raises(PeriodClosed, match=what) as refused, connection.transaction():
            store.post(connection, 1, [entry("a", text)], accounts)
        assert refused.value.remedy == "Date it after 2026-01-31."
    store.post(connection, 1, [entry("a", "1490 10; 1495 -10"), entry("b", "5000 10; 1320.stripe -10")], accounts)
    assert store.count(connection, 1) == (2, 4)


# ── Allowances ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def soft(connection: Connection) -> Period:
    number = set_period(connection, 1, *JANUARY, PeriodState.SOFT, "ana")
    return Period(number, *JANUARY, Area.ALL, PeriodState.SOFT)


@pytest.fixture
def posts(connection: Connection, accounts: Accounts) -> Callable[[str], bool]:
    """Whether the ledger takes an entry of a person in the soft-closed month."""

    def post(actor: str) -> bool:
        try:
            with connection.transaction():
                draft = msgspec.structs.replace(entry(f"{actor}:{datetime.now(UTC)}"), actor=actor)
                store.post(connection, 1, [draft], accounts)
        except PeriodClosed:
            return False
        return True

    return post


def test_only_whoever_is_allowed_posts_into_a_soft_closed_period(
    connection: Connection, soft: Period, posts: Callable[[str], bool]
) -> None:
    assert (posts("ben"), posts("ana")) == (False, False)
    made = allow(connection, 1, soft, "ben", "The auditor's entry.", "ana", TOMORROW)
    assert (made.person, made.reason, made.granted_by, made.expires_at) == (
        "ben", "The auditor's entry.", "ana", TOMORROW,
    )  # fmt: skip
    assert allowances(connection, 1) == [made]
    assert (posts("ben"), posts("ana"), posts("tieout")) == (True, False, False)


def test_an_allowance_ends_when_the_period_is_closed_anew(
    connection: Connection, soft: Period, posts: Callable[[str], bool]
) -> None:
    allow(connection, 1, soft, "ben", "The auditor's entry.", "ana", TOMORROW)
    set_period(connection, 1, *JANUARY, PeriodState.SOFT, "ana")
    assert not posts("ben")
    assert allowances(connection, 1) == []
    allow(connection, 1, soft, "ben", "Another one.", "ana", TOMORROW)
    assert posts("ben")
    set_period(connection, 1, *JANUARY, PeriodState.HARD, "ana")
    assert not posts("ben")


def test_an_allowance_expires(connection: Connection, soft: Period, posts: Callable[[str], bool]) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=0.3)
    allow(connection, 1, soft, "ben", "Quickly.", "ana", soon)
    assert posts("ben")
    while datetime.now(UTC) <= soon + timedelta(seconds=0.05):
        connection.execute("select pg_sleep(0.05)")
    assert not posts("ben")
    assert allowances(connection, 1) == []


def test_what_cannot_be_allowed(connection: Connection, soft: Period) -> None:
    for person, reason, until in (
        ("", "Why not.", TOMORROW),
        ("ben", " ", TOMORROW),
        ("ben", "Too late.", datetime.now(UTC) - timedelta(seconds=1)),
    ):
        with pytest.raises(BadInput), connection.transaction():
            allow(connection, 1, soft, person, reason, "ana", until)
    close(connection, 1, *JANUARY)
    with pytest.raises(PeriodClosed, match="is closed for good: there is nothing to allow"):
        allow(
            connection, 1, msgspec.structs.replace(soft, state=PeriodState.HARD), "ben", "Too late.", "ana", TOMORROW
        )  # fmt: skip
    assert allowances(connection, 1) == []


def test_an_allowance_of_one_area_opens_no_other(
    connection: Connection, soft: Period, posts: Callable[[str], bool]
) -> None:
    number = set_period(connection, 1, *JANUARY, PeriodState.SOFT, "ana", Area.SALES)
    sales = Period(number, *JANUARY, Area.SALES, PeriodState.SOFT)
    allow(connection, 1, sales, "ben", "Sales only.", "ana", TOMORROW)
    assert not posts("ben")
    allow(connection, 1, soft, "ben", "All.", "ana", TOMORROW)
    assert posts("ben")
