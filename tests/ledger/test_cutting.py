"""Lines in several tables: nothing changes but where they are."""

import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from psycopg import errors

from tests.ledger.books import entry, open_books
from tieout.db.pool import Connection, Database
from tieout.ledger import store
from tieout.model.account import Account
from tieout.model.error import PostingRefused

Accounts = Mapping[str, Account]
DAY_MAX = date(9999, 12, 31)


@pytest.fixture
def books(database: Database) -> Iterator[tuple[Connection, Accounts]]:
    """Books of the test's own, with ten entries, on a connection where each statement stands by itself."""
    with database.steady() as connection:
        _, accounts = open_books(connection)
        store.post(connection, 1, [entry(f"k{n}") for n in range(10)], accounts)
        yield connection, accounts


def spread(connection: Connection) -> dict[str, int]:
    """How many lines are in which table."""
    rows = connection.execute("select tableoid::regclass::text, count(*) from line group by 1").fetchall()
    return dict(rows)


def test_the_books_are_the_same_before_and_after(books: tuple[Connection, Accounts]) -> None:
    connection, accounts = books
    before = store.ledger_hash(connection, 1), store.balances(connection, 1), list(store.walk(connection, 1, DAY_MAX))
    for _ in range(3):
        store.cut_lines(connection, margin=5)
        after = store.ledger_hash(connection, 1), store.balances(connection, 1)
        assert (*after, list(store.walk(connection, 1, DAY_MAX))) == before
    again = store.post(connection, 1, [entry(f"k{n}") for n in range(10)], accounts)
    assert all(posted.repeated for posted in again)


def test_one_call_may_fill_several_tables(books: tuple[Connection, Accounts]) -> None:
    connection, accounts = books
    store.cut_lines(connection, margin=5)
    store.cut_lines(connection, margin=15)
    drafts = [entry(f"new{n:02}") for n in range(30)]
    posted = store.post(connection, 1, drafts, accounts)
    assert [e.draft for e in store.entries(connection, 1, [p.entry_id for p in posted])] == drafts
    last = posted[-1].entry_id
    assert spread(connection) == {"line_1": 28, "line_2": 30, "line_3": 22}
    assert last == 40
    assert store.count(connection, 1) == (40, 80)
    assert [b.balance_minor for b in store.balances(connection, 1)] == [40_000, -40_000]


CHANGES = {
    "an appended line": (
        (
            "insert into {} (ledger_id, entry_id, line_no, account_id, currency, amount_minor, base_minor,"
            " effective_date) select ledger_id, entry_id, 3, account_id, currency, 5, 5, effective_date from {}"
            " where line_no = 1 limit 1"
        ),
        "entry_balances",
    ),
    "an edited amount": ("update {} set amount_minor = 5", None),
    "a deleted line": ("delete from {}", None),
    "all gone": ("truncate {}", None),
}


@pytest.mark.parametrize("table", ["line", "line_1", "line_2", "line_3"])
@pytest.mark.parametrize("change", CHANGES)
def test_every_table_is_guarded_like_the_whole(books: tuple[Connection, Accounts], table: str, change: str) -> None:
    connection, accounts = books
    store.cut_lines(connection, margin=5)
    store.cut_lines(connection, margin=5)
    store.post(connection, 1, [entry(f"new{n}") for n in range(20)], accounts)
    before = spread(connection)
    assert set(before) == {"line_1", "line_2", "line_3"}
    statement, constraint = CHANGES[change]
    with pytest.raises((errors.CheckViolation, errors.RestrictViolation)) as refused:
        connection.execute(statement.format(table, table).encode())
    assert refused.value.diag.constraint_name == constraint
    assert spread(connection) == before


def test_posting_goes_on(database: Database, books: tuple[Connection, Accounts]) -> None:
    connection, accounts = books
    stop = threading.Event()
    posted: list[int] = []

    def post() -> None:
        while not stop.is_set():
            with database.unit() as unit:
                (one,) = store.post(unit, 1, [entry(f"meanwhile {len(posted)}")], accounts)
            posted.append(one.entry_id)

    thread = threading.Thread(target=post)
    thread.start()
    for _ in range(3):
        store.cut_lines(connection, margin=1000)
    stop.set()
    thread.join()
    assert store.count(connection, 1)[0] == 10 + len(posted) == len({*posted}) + 10
    assert sum(spread(connection).values()) == 2 * (10 + len(posted))


def test_a_cut_that_cannot_begin_leaves_everything_as_it_was(
    database: Database, books: tuple[Connection, Accounts]
) -> None:
    connection, accounts = books
    connection.execute("set lock_timeout = '200ms'")
    with database.unit() as reader:
        reader.execute("select from line limit 1")
        with pytest.raises(errors.LockNotAvailable):
            store.cut_lines(connection, margin=2)
    store.post(connection, 1, [entry(f"new{n}") for n in range(20)], accounts)
    assert spread(connection) == {"line": 60}


def test_a_cut_waits_for_who_came_to_read_in_the_middle_of_it(
    database: Database, books: tuple[Connection, Accounts]
) -> None:
    connection, _ = books
    begun = "select 1 from pg_constraint where conname = 'cut_here'"
    with ThreadPoolExecutor(1) as pool, database.unit() as reader:
        # Validating shares with readers, so that this one is let in after the first step and before the last.
        reader.execute("lock table line in share mode")
        reader.execute("savepoint shared")
        cutting = pool.submit(store.cut_lines, connection)
        while not waiting(reader):
            time.sleep(0.01)
        reader.execute("rollback")
        reader.execute("begin")
        while not reader.execute(begun).fetchall() and not cutting.done():
            reader.execute("commit")
            reader.execute("begin")
        reader.execute("select from line limit 1")
        time.sleep(1.5)
        reader.execute("commit")
        cutting.result(30)
        reader.execute("begin")
    assert spread(connection) == {"line_1": 20}
    assert connection.execute("show lock_timeout").fetchall() == [("30s",)]
    assert connection.execute(begun).fetchall() == []


def waiting(connection: Connection) -> bool:
    return bool(connection.execute("select 1 from pg_locks where not granted").fetchall())


def test_a_beginning_is_undone(books: tuple[Connection, Accounts]) -> None:
    connection, accounts = books
    connection.execute("alter table line add constraint cut_here check (entry_id < 12) not valid")
    with pytest.raises(PostingRefused):
        store.post(connection, 1, [entry(f"new{n}") for n in range(20)], accounts)
    connection.execute("call uncut_lines()")
    store.post(connection, 1, [entry(f"new{n}") for n in range(20)], accounts)
