"""Guarded accounts: never beyond their limit, whoever posts at the same time; others never wait."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.books import entry, open_books
from tieout.db.pool import Connection, Database
from tieout.ledger import store
from tieout.ledger.guard import Limit, Over, astray, guard_of, limits, set_guard
from tieout.masterdata import store as masterdata
from tieout.model.account import Account, AccountType, Guard
from tieout.model.error import Overdrawn

Accounts = Mapping[str, Account]
#: Gift cards: 2200 is what is owed on them, sold against suspense and redeemed against what an order owes.
SOLD, REDEEMED = "1490 {0}; 2200 -{0}", "2200 {0}; 1200 -{0}"


@pytest.fixture
def guarded(connection: Connection, accounts: Accounts) -> Accounts:
    """Gift cards cannot be redeemed beyond what was sold."""
    assert set_guard(connection, 1, accounts["2200"], Guard.NO_DEBIT_BALANCE, [], per_party=False) == []
    return masterdata.accounts(connection, 1)


@pytest.fixture
def takes(connection: Connection, accounts: Accounts) -> Callable[[str], bool]:
    """Whether the ledger takes an entry."""
    numbers = iter(range(1000))
    connection.execute("select 1")  # so that what follows is inside, and is rolled back

    def post(text: str) -> bool:
        try:
            with connection.transaction():
                store.post(connection, 1, [entry(f"e{next(numbers)}", text)], accounts)
        except Overdrawn:
            return False
        return True

    return post


def test_what_overdrawing_is_depends_on_the_type() -> None:
    assert {kind: guard_of(kind) for kind in AccountType} == {
        AccountType.ASSET: Guard.NO_CREDIT_BALANCE,
        AccountType.EXPENSE: Guard.NO_CREDIT_BALANCE,
        AccountType.LIABILITY: Guard.NO_DEBIT_BALANCE,
        AccountType.EQUITY: Guard.NO_DEBIT_BALANCE,
        AccountType.INCOME: Guard.NO_DEBIT_BALANCE,
    }


def test_no_account_is_guarded_unless_someone_says_so(accounts: Accounts, takes: Callable[[str], bool]) -> None:
    assert {account.guard for account in accounts.values()} == {Guard.NONE}
    assert takes(REDEEMED.format(10**12))


def test_a_guarded_account_takes_all_there_is_and_not_a_minor_unit_more(
    connection: Connection, guarded: Accounts, takes: Callable[[str], bool]
) -> None:
    assert guarded["2200"].guard is Guard.NO_DEBIT_BALANCE
    assert [takes(t) for t in (SOLD.format(500), REDEEMED.format(501), REDEEMED.format(500), REDEEMED.format(1))] == [
        True, False, True, False,
    ]  # fmt: skip
    assert takes(f"{SOLD.format(7)}; {REDEEMED.format(7)}")  # one entry that comes back to what there is
    assert [b.balance_minor for b in store.balances(connection, 1, accounts=["2200"])] == [0]
    assert astray(connection, 1) == []


def test_the_refusal_says_account_limit_and_balance(
    connection: Connection, accounts: Accounts, takes: Callable[[str], bool]
) -> None:
    set_guard(
        connection, 1, accounts["2300"], Guard.NO_DEBIT_BALANCE,
        [Limit("EUR", 100), Limit("EUR", 250, "Ben")], per_party=True,
    )  # fmt: skip
    assert takes("1490 500; 2300 -500 party=Ana")
    with pytest.raises(Overdrawn) as refused, connection.transaction():
        store.post(connection, 1, [entry("a", "2300 601 party=Ana; 1490 -601")], accounts)
    assert refused.value.what == (
        "The ledger refused: account 2300 of Ana may have a debit balance of at most 1.00 EUR; its balance is 5.00 EUR"
        " credit and this would take it to 1.01 EUR debit"
    )
    assert refused.value.where == "2300 Ana"
    assert refused.value.code == "overdrawn"
    # Every party for itself: what Ana has is not Ben's, who has a limit of his own, and nobody's has everybody's.
    for text, taken in (
        ("2300 600 party=Ana; 1490 -600", True),
        ("2300 251 party=Ben; 1490 -251", False),
        ("2300 250 party=Ben; 1490 -250", True),
        ("2300 101; 1490 -101", False),
        ("2300 100; 1490 -100", True),
        ("2300 1 USD 1 party=Ana; 1490 -1 USD -1", False),
    ):
        assert takes(text) is taken, text
    assert limits(connection, 1) == {"2300": [Limit("EUR", 100), Limit("EUR", 250, "Ben")]}


def test_what_is_over_already_may_come_back_and_not_go_further(
    connection: Connection, accounts: Accounts, takes: Callable[[str], bool]
) -> None:
    assert takes(REDEEMED.format(300))
    over = set_guard(connection, 1, accounts["2200"], Guard.NO_DEBIT_BALANCE, [Limit("EUR", 10)], per_party=False)
    assert over == [Over("2200", "EUR", "", 300, 10)]
    assert [takes(t) for t in (REDEEMED.format(1), SOLD.format(100), REDEEMED.format(1), SOLD.format(290))] == [
        False, True, False, True,
    ]  # fmt: skip
    assert [takes(t) for t in (REDEEMED.format(100), REDEEMED.format(1))] == [True, False]
    assert set_guard(connection, 1, accounts["2200"], Guard.NONE, [], per_party=False) == []
    assert takes(REDEEMED.format(10**9))
    assert limits(connection, 1) == {}
    assert connection.execute("select count(*) from guard_balance").fetchone() == (0,)


def test_an_asset_is_not_credited_below_what_there_is(
    connection: Connection, accounts: Accounts, takes: Callable[[str], bool]
) -> None:
    set_guard(connection, 1, accounts["1490"], Guard.NO_CREDIT_BALANCE, [], per_party=False)
    found = [takes(t) for t in ("1490 5; 4000 -5", "4000 6; 1490 -6", "4000 5; 1490 -5")]
    assert found == [True, False, True]


moves = st.lists(
    st.tuples(st.integers(-50, 50).filter(bool), st.sampled_from(["", "Ana", "Ben"])), min_size=1, max_size=12
)


@given(found=moves, limit=st.integers(0, 30), per_party=st.booleans())
def test_exactly_what_stays_within_the_limit_is_taken(
    url: str, found: list[tuple[int, str]], limit: int, per_party: bool
) -> None:
    with psycopg.connect(url) as connection:
        accounts = masterdata.accounts(connection, 1)
        set_guard(
            connection, 1, accounts["2300"], Guard.NO_DEBIT_BALANCE, [Limit("EUR", limit)], per_party=per_party
        )  # fmt: skip
        stands: dict[str, int] = {}
        for number, (amount, party) in enumerate(found):
            text = f"2300 {amount}{' party=' + party if party else ''}; 1490 {-amount}"
            key = party if per_party else ""
            after = stands.get(key, 0) + amount
            try:
                with connection.transaction():
                    store.post(connection, 1, [entry(f"m{number}", text)], accounts)
                taken = True
            except Overdrawn:
                taken = False
            assert taken == (amount < 0 or after <= limit)
            stands[key] = after if taken else after - amount
        assert astray(connection, 1) == []
        connection.rollback()


def test_a_guarded_balance_that_someone_changed_is_astray(
    connection: Connection, guarded: Accounts, takes: Callable[[str], bool]
) -> None:
    assert guarded
    assert takes(SOLD.format(500))
    connection.execute("update guard_balance set balance_minor = -501")
    assert astray(connection, 1) == [Over("2200", "EUR", "", -501, -500)]
    connection.execute("delete from guard_balance")
    assert astray(connection, 1) == [Over("2200", "EUR", "", 0, -500)]


# ── Several at once ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def several(database: Database) -> tuple[Database, Accounts]:
    with database.unit() as connection:
        _, accounts = open_books(connection)
        store.post(connection, 1, [entry("sold", SOLD.format(1000))], accounts)
        set_guard(connection, 1, accounts["2200"], Guard.NO_DEBIT_BALANCE, [], per_party=False)
    return database, accounts


def test_of_many_at_once_no_more_get_through_than_there_is_for(several: tuple[Database, Accounts]) -> None:
    """Twenty want 100 each of the 1000 there are, four at a time: ten get it, to the minor unit."""
    database, accounts = several

    def redeem(number: int) -> bool:
        try:
            with database.unit() as connection:
                store.post(connection, 1, [entry(f"r{number}", REDEEMED.format(100))], accounts)
        except Overdrawn:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(redeem, range(20)))
    assert sum(found) == 10
    with database.unit() as connection:
        assert [b.balance_minor for b in store.balances(connection, 1, accounts=["2200"])] == [0]
        assert astray(connection, 1) == []


def test_two_posters_cannot_both_have_the_last_of_it(several: tuple[Database, Accounts]) -> None:
    """The second waits until the first has committed, and then there is nothing left; other accounts do not wait."""
    database, accounts = several
    second = threading.Event()

    def redeem() -> None:
        with database.unit() as connection:
            second.set()
            store.post(connection, 1, [entry("second", REDEEMED.format(1000))], accounts)

    with ThreadPoolExecutor(2) as pool:
        with database.unit() as connection:
            store.post(connection, 1, [entry("first", REDEEMED.format(1000))], accounts)
            waiting = pool.submit(redeem)
            assert second.wait(5)
            with database.unit() as other:
                other.execute("set local lock_timeout = '1s'")
                store.post(other, 1, [entry("other", "1490 5; 4000 -5")], accounts)
            assert not waiting.done()
        with pytest.raises(Overdrawn):
            waiting.result(timeout=5)
