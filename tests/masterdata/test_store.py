"""Reference data: opened once, kept as it is, and exchange rates that do not depend on when one asks."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.db.pool import Connection, Database
from tieout.masterdata import store
from tieout.masterdata.chart import ChartAccount, common_accounts, read_chart
from tieout.masterdata.store import RateRow
from tieout.model.account import Account, AccountType, Role
from tieout.model.entity import Entity
from tieout.model.period import Area
from tieout.model.rate import MissingRate, RatePolicy

CRAFT = Entity(0, "craft", "Craft Market GmbH", "EUR", "Europe/Berlin")
SALES = ChartAccount("4000", "Sales", AccountType.INCOME, Role.SALES)
GATEWAY = ChartAccount(
    "1320.stripe", "Gateway", AccountType.ASSET, Role.GATEWAY, "source", True, ("USD", "EUR"), "1300"
)


@pytest.fixture
def ledger(connection: Connection) -> int:
    """The number of a ledger."""
    number = store.open_ledger(connection, CRAFT, "marketplace")
    assert number is not None
    return number


def test_a_ledger_is_opened_once(connection: Connection) -> None:
    first = store.open_ledger(connection, CRAFT, "marketplace")
    assert store.open_ledger(connection, CRAFT, "retailer") is None
    second = store.open_ledger(connection, Entity(0, "b", "B SA", "CHF", "Europe/Zurich"), "retailer")
    assert [
        (row.entity.id, row.entity.code, row.entity.base_currency, row.chart) for row in store.ledgers(connection)
    ] == [
        (first, "craft", "EUR", "marketplace"),
        (second, "b", "CHF", "retailer"),
    ]


def test_accounts_are_opened_once_and_numbered(connection: Connection, ledger: int) -> None:
    store.add_accounts(connection, ledger, [SALES, GATEWAY], {"source": "stripe"})
    store.add_accounts(connection, ledger, [SALES, GATEWAY], {"source": "another"})
    assert store.accounts(connection, ledger) == {
        "1320.stripe": Account(
            2, "1320.stripe", "Gateway", AccountType.ASSET, Role.GATEWAY, True, ("USD", "EUR"), "stripe", "1300"
        ),
        "4000": Account(1, "4000", "Sales", AccountType.INCOME, Role.SALES, area=Area.SALES),
    }  # fmt: skip


def test_a_closed_account_is_not_open(connection: Connection, ledger: int) -> None:
    store.add_accounts(connection, ledger, [SALES], {})
    connection.execute("update account set closed_on = '2026-01-01'")
    assert store.accounts(connection, ledger)["4000"].open is False


def test_accounts_belong_to_their_ledger(connection: Connection, ledger: int) -> None:
    other = store.open_ledger(connection, Entity(0, "b", "B SA", "CHF", "Europe/Zurich"), "retailer")
    assert other is not None
    store.add_accounts(connection, ledger, [SALES], {})
    assert store.accounts(connection, other) == {}
    store.add_accounts(connection, other, [SALES], {})
    assert store.accounts(connection, other)["4000"].id == 1


def test_accounts_opened_by_several_at_once_have_numbers_of_their_own(database: Database) -> None:
    with database.unit() as connection:
        ledger = store.open_ledger(connection, CRAFT, "marketplace")
    assert ledger is not None

    def add(prefix: str) -> None:
        found = [ChartAccount(f"{prefix}{n}", "x", AccountType.ASSET, Role.BANK) for n in range(20)]
        with database.unit() as connection:
            store.add_accounts(connection, ledger, found, {})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, "abcd"))
    with database.unit() as connection:
        assert sorted(a.id for a in store.accounts(connection, ledger).values()) == list(range(1, 81))


@pytest.mark.parametrize("chart", ["marketplace", "retailer", "subscription"])
def test_the_accounts_of_a_chart_come_back_as_they_are_written(connection: Connection, ledger: int, chart: str) -> None:
    wanted = common_accounts(read_chart(chart))
    store.add_accounts(connection, ledger, wanted, {})
    found = store.accounts(connection, ledger)
    assert {a.code: (a.name, a.type, a.role, a.clearing, a.currencies, a.source) for a in found.values()} == {
        a.code: (a.name, a.type, a.role, a.clearing, a.currencies, None) for a in wanted
    }


def test_sources_are_added_once_and_keep_their_settings(connection: Connection, ledger: int) -> None:
    settings = {"own_brands": ["North Wool"], "depth": {"é": 1}}
    assert store.add_source(connection, ledger, "shop", "shopify", "shop", ["one"], settings) is True
    assert store.add_source(connection, ledger, "shop", "stripe", "gateway", [], {}) is False
    store.add_source(connection, ledger, "bank", "camt", "bank", [], {})
    store.set_secrets(connection, ledger, "shop", ["two", "one"])
    store.set_secrets(connection, ledger, "nobody", ["three"])
    found = store.sources(connection, ledger)
    assert [(s.name, s.connector, s.kind, s.secrets, s.settings) for s in found] == [
        ("shop", "shopify", "shop", ("two", "one"), settings),
        ("bank", "camt", "bank", (), {}),
    ]


# ── Exchange rates ────────────────────────────────────────────────────────────────────────────────────────────

MONDAY = date(2026, 3, 2)
ECB = RatePolicy()


def rate(day: date, value: str = "1.1", quote: str = "USD", source: str = "ecb") -> RateRow:
    return RateRow("EUR", quote, day, Decimal(value), source)


def asked(connection: Connection, day: date, quote: str = "USD", policy: RatePolicy = ECB) -> RateRow | None:
    return store.rates(connection, policy, [(quote, day)]).get((quote, day))


def after(days: int) -> date:
    return MONDAY + timedelta(days=days)


def test_a_rate_is_kept_as_it_first_came(connection: Connection) -> None:
    assert store.add_rates(connection, [rate(MONDAY, "1.2345678901"), rate(MONDAY, "9.9", "CHF")]) == 2
    assert store.add_rates(connection, [rate(MONDAY, "1.5"), rate(after(1))]) == 1
    assert asked(connection, MONDAY) == rate(MONDAY, "1.2345678901")
    assert store.add_rates(connection, []) == 0


def test_several_days_and_currencies_are_asked_for_at_once(connection: Connection) -> None:
    store.add_rates(connection, [rate(MONDAY), rate(after(1), "1.2"), rate(MONDAY, "0.9", "CHF")])
    wanted = [("USD", MONDAY), ("USD", after(1)), ("CHF", MONDAY), ("JPY", MONDAY), ("CHF", after(1))]
    assert store.rates(connection, ECB, wanted) == {
        ("USD", MONDAY): rate(MONDAY),
        ("USD", after(1)): rate(after(1), "1.2"),
        ("CHF", MONDAY): rate(MONDAY, "0.9", "CHF"),
    }
    assert store.rates(connection, RatePolicy(pivot="USD"), [("EUR", MONDAY)]) == {}


def test_a_weekend_has_fridays_rate(connection: Connection) -> None:
    store.add_rates(connection, [rate(after(4))])
    assert [asked(connection, after(n)) for n in (4, 5, 6)] == [rate(after(4))] * 3


def test_a_working_day_waits_for_its_own_rate(connection: Connection) -> None:
    """On Tuesday morning Monday's rate is the newest; but the books must come out as if asked on Wednesday."""
    store.add_rates(connection, [rate(MONDAY)])
    assert asked(connection, after(1)) is None
    store.add_rates(connection, [rate(after(1), "1.2")])
    assert asked(connection, after(1)) == rate(after(1), "1.2")


def test_a_bank_holiday_has_the_rate_before_it_once_there_is_one_after_it(connection: Connection) -> None:
    store.add_rates(connection, [rate(MONDAY)])
    assert asked(connection, after(1)) is None
    store.add_rates(connection, [rate(after(2), "1.2")])
    assert asked(connection, after(1)) == rate(MONDAY)


def test_a_rate_of_another_currency_or_source_says_nothing_about_the_day(connection: Connection) -> None:
    store.add_rates(connection, [rate(MONDAY), rate(after(2), "1.2", "CHF"), rate(after(2), "1.3", source="own")])
    assert asked(connection, after(1)) is None


def test_a_rate_serves_a_week_and_no_longer(connection: Connection) -> None:
    store.add_rates(connection, [rate(MONDAY), rate(after(30))])
    assert asked(connection, after(7)) == rate(MONDAY)
    assert asked(connection, after(8)) is None
    assert asked(connection, MONDAY - timedelta(days=1)) is None


def test_the_last_one_known_is_taken_where_the_policy_says_so(connection: Connection) -> None:
    """On Wednesday, Monday's rate is the newest: it serves as long as it may, and until Tuesday's own is there."""
    last = RatePolicy(missing=MissingRate.LAST_KNOWN, age_days=2)
    store.add_rates(connection, [rate(MONDAY)])
    assert [asked(connection, after(n), policy=last) for n in (0, 1, 2, 3)] == [rate(MONDAY)] * 3 + [None]
    store.add_rates(connection, [rate(after(1), "1.2")])
    assert asked(connection, after(1), policy=last) == rate(after(1), "1.2")
    assert asked(connection, MONDAY - timedelta(days=1), policy=last) is None


def test_another_source_is_kept_apart_and_may_have_another_pivot(connection: Connection) -> None:
    own = RateRow("USD", "EUR", MONDAY, Decimal("0.9"), "treasury")
    store.add_rates(connection, [own, rate(MONDAY)])
    assert asked(connection, MONDAY, "EUR", RatePolicy("treasury", "USD")) == own
    assert asked(connection, MONDAY, "USD", RatePolicy("treasury", "EUR")) is None
    assert store.rate_page(connection, "treasury", quote=None, since=None, until=None, limit=9) == [own]


def test_rates_are_listed_newest_first(connection: Connection) -> None:
    store.add_rates(connection, [rate(MONDAY), rate(after(1)), rate(after(1), quote="CHF"), rate(after(2))])
    found = store.rate_page(connection, "ecb", quote="USD", since=after(1), until=None, limit=9)
    assert found == [rate(after(2)), rate(after(1))]
    newest = store.rate_page(connection, "ecb", quote=None, since=None, until=after(1), limit=2)
    assert [(r.day, r.quote) for r in newest] == [(after(1), "CHF"), (after(1), "USD")]


def test_a_policy_is_the_ledgers_own(connection: Connection, ledger: int) -> None:
    assert [row.rates for row in store.ledgers(connection) if row.entity.id == ledger] == [ECB]
    policy = RatePolicy("treasury", "USD", MissingRate.CASE, 3)
    store.set_rate_policy(connection, ledger, policy)
    assert [row.rates for row in store.ledgers(connection) if row.entity.id == ledger] == [policy]


def test_a_rate_of_nothing_is_refused(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        store.add_rates(connection, [rate(MONDAY, "0")])


@given(st.sets(st.integers(0, 20), min_size=1), st.lists(st.integers(0, 22), min_size=1, max_size=5), st.randoms())
def test_what_is_answered_once_is_answered_the_same_for_ever(
    url: str, known: set[int], days: Sequence[int], order: random.Random
) -> None:
    """However the rates trickle in, in order of their days, no answer given on the way differs from the last one."""
    with psycopg.connect(url) as connection:
        wanted = [("USD", after(n)) for n in days]
        seen: dict[tuple[str, date], RateRow] = {}
        for n in sorted(n for n in known if after(n).isoweekday() < 6):
            store.add_rates(connection, [rate(after(n), f"1.{n}1")])
            if order.random() < 0.7:
                found = store.rates(connection, ECB, wanted)
                assert {key: found.get(key) for key in seen} == seen
                seen |= found
        connection.rollback()
