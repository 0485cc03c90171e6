"""The roll-up: every entry once, whatever else is under way, and the same rows from nothing."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import psycopg
import pytest

from tests.ledger.books import DAY, close, entry, open_books
from tieout.db.pool import Connection, Database
from tieout.ledger import balance, projection, store
from tieout.ledger.projection import RolledUp
from tieout.model.account import Account
from tieout.model.entry import EntryDraft
from tieout.model.period import PeriodState

Accounts = Mapping[str, Account]
NEXT = DAY + timedelta(days=1)


@pytest.fixture
def accounts(database: Database) -> Accounts:
    with database.unit() as connection:
        return open_books(connection)[1]


@pytest.fixture
def writer(database_url: str) -> Iterator[Connection]:
    """A unit of work of somebody else."""
    with psycopg.connect(database_url) as connection:
        yield connection
        connection.rollback()


def post(database: Database, accounts: Accounts, *drafts: EntryDraft) -> None:
    with database.unit() as connection:
        store.post(connection, 1, drafts, accounts)


def roll_up(database: Database, limit: int = projection.ENTRIES_MAX) -> RolledUp:
    with database.unit() as connection:
        return projection.roll_up(connection, 1, limit)


def rows(database: Database) -> tuple[list[tuple[object, ...]], ...]:
    """All that is projected, in order."""
    with database.unit() as connection:
        return tuple(
            connection.execute(query).fetchall()
            for query in (
                "select * from day_delta order by 1, 2, 3, 4, 5, 6, 7, 8",
                "select * from balance_checkpoint order by 1, 2",
                "select * from period_balance order by 1, 2, 3, 4, 5",
                "select * from month_delta order by 1, 2, 3, 4, 5",
            )
        )


def days(database: Database, facet: str = "", value: str = "") -> list[tuple[object, ...]]:
    """Account, currency, day, debit, credit, base debit, base credit and number of lines, of one facet."""
    with database.unit() as connection:
        return [
            (row[0], row[1], row[2], *map(int, row[3:]))
            for row in connection.execute(
                "select a.code, d.currency, effective_date, debit_minor, credit_minor, base_debit_minor,"
                " base_credit_minor, n from day_delta d join account a on a.ledger_id = d.ledger_id"
                " and a.id = d.account_id where facet = %s and value = %s order by 1, 2, 3",
                (facet, value),
            )
        ]


def test_what_moves_on_a_day_is_one_row(database: Database, accounts: Accounts) -> None:
    post(database, accounts, entry("a"), entry("b", "1200 -300; 4000 300"), entry("c", on=NEXT))
    post(database, accounts, entry("d", "1200 50 USD 40 party=Ana; 4000 -50 USD -40"))
    assert roll_up(database) == RolledUp(4, 8)
    assert roll_up(database) == RolledUp()
    assert days(database) == [
        ("1200", "EUR", DAY, 1000, 300, 1000, 300, 2),
        ("1200", "EUR", NEXT, 1000, 0, 1000, 0, 1),
        ("1200", "USD", DAY, 50, 0, 40, 0, 1),
        ("4000", "EUR", DAY, 300, 1000, 300, 1000, 2),
        ("4000", "EUR", NEXT, 0, 1000, 0, 1000, 1),
        ("4000", "USD", DAY, 0, 50, 0, 40, 1),
    ]
    assert days(database, "party", "Ana") == [("1200", "USD", DAY, 50, 0, 40, 0, 1)]


def test_who_commits_late_is_fed_late_and_holds_nobody_up(
    database: Database, accounts: Accounts, writer: Connection
) -> None:
    store.post(writer, 1, [entry("slow")], accounts)
    post(database, accounts, entry("fast", on=NEXT))
    assert roll_up(database) == RolledUp(1, 2)
    post(database, accounts, entry("faster", on=NEXT))
    writer.commit()
    assert roll_up(database) == RolledUp(2, 4)
    assert [row[2:] for row in days(database) if row[0] == "1200"] == [
        (DAY, 1000, 0, 1000, 0, 1),
        (NEXT, 2000, 0, 2000, 0, 2),
    ]


def test_a_long_backlog_is_fed_in_parts_of_whole_units_of_work(database: Database, accounts: Accounts) -> None:
    for unit in range(4):
        post(database, accounts, *(entry(f"{unit}:{number}") for number in range(3)))
    steps: list[RolledUp] = []
    while not steps or not steps[-1].done:
        steps.append(roll_up(database, 4))
    # Somebody else's unit of work, in another database of the server, may make one part of it all.
    assert [step.entries for step in steps] in ([6, 6, 0], [12], [6, 6])
    assert days(database)[0][3:] == (12_000, 0, 12_000, 0, 12)


def test_only_one_rolls_up(database: Database, accounts: Accounts, writer: Connection) -> None:
    post(database, accounts, entry("a"))
    assert projection.roll_up(writer, 1) == RolledUp(1, 2)
    assert roll_up(database) == RolledUp()
    writer.commit()
    assert roll_up(database) == RolledUp()


def test_a_checkpoint_stands_while_its_period_is_closed(database: Database, accounts: Accounts) -> None:
    january, february = (date(2026, 1, 1), date(2026, 1, 31)), (date(2026, 2, 1), date(2026, 2, 28))
    post(database, accounts, entry("a"), entry("b", on=february[0]), entry("c", on=date(2026, 3, 1)))
    with database.unit() as connection:
        close(connection, 1, *january)
        close(connection, 1, *february, PeriodState.SOFT)
    assert roll_up(database).checkpoints == 2
    january_rows, february_rows = ([r for r in rows(database)[2] if r[1] == month[1]] for month in (january, february))
    assert [int(str(row[5])) for row in january_rows] == [1000, 0]
    assert [int(str(row[5])) for row in february_rows] == [2000, 0]
    with database.unit() as connection:
        close(connection, 1, *february, PeriodState.OPEN)
    assert roll_up(database).checkpoints == 0
    assert rows(database)[2] == january_rows


def test_a_checkpoint_stays_right_if_an_earlier_day_moves(database: Database, accounts: Accounts) -> None:
    with database.unit() as connection:
        close(connection, 1, date(2026, 1, 1), date(2026, 1, 31))
    roll_up(database)
    post(database, accounts, entry("a", on=date(2025, 12, 31)))  # no period covers it, so it is open
    roll_up(database)
    assert [(row[1], int(str(row[5])), int(str(row[6]))) for row in rows(database)[2]] == [
        (date(2026, 1, 31), 1000, 0),
        (date(2026, 1, 31), 0, 1000),
    ]


def test_a_rebuild_finds_the_same_rows(database: Database, accounts: Accounts) -> None:
    for number in range(5):
        post(database, accounts, entry(f"a{number}", on=DAY + timedelta(days=20 * number)))
        post(database, accounts, entry(f"b{number}", "1200 5 party=Ana; 4000 -5"))
        roll_up(database)
        if number == 3:
            with database.unit() as connection:
                close(connection, 1, date(2026, 2, 1), date(2026, 2, 28))
    before = rows(database)
    told: list[tuple[int, int]] = []
    with database.unit() as connection:
        assert projection.rebuild(connection, 1, lambda done, of: told.append((done, of))) == 20
    assert rows(database) == before
    assert all(before)
    assert told[-1] == (10, 10)


def restored(database: Database) -> None:
    """Makes the entries look as if a dump of a server that had given many more numbers were restored here."""
    with database.unit() as connection:
        connection.execute("set local session_replication_role = replica")
        connection.execute("update entry set txid = (txid::text::numeric + 1000000)::text::xid8")
        connection.execute(
            "update roll_up_cursor set upto = format('%s:%s:', x, x)::pg_snapshot from"
            " (select pg_snapshot_xmax(upto)::text::numeric + 1000000 as x from roll_up_cursor) y"
        )


def test_after_a_dump_was_restored_elsewhere_nothing_is_lost(database: Database, accounts: Accounts) -> None:
    post(database, accounts, entry("a"), entry("b", on=NEXT))
    roll_up(database)
    post(database, accounts, entry("c"))
    restored(database)
    post(database, accounts, entry("d"))
    wanted = ("1200", "EUR", 3000)
    for fed in (None, 4, 0):
        if fed is not None:
            assert roll_up(database).entries == fed
        with database.unit() as connection:
            found = [s for s in balance.sums(connection, 1, at=DAY) if s.account == "1200"]
        assert [(s.account, s.currency, s.balance_minor) for s in found] == [wanted]
    post(database, accounts, entry("e"))
    assert roll_up(database) == RolledUp(1, 2)
    assert days(database)[0][3:] == (4000, 0, 4000, 0, 4)
