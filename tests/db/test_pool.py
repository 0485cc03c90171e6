"""Units of work commit as a whole or not at all; the pool says when the server cannot be reached."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from psycopg_pool import ConnectionPool

from tieout.db import pool
from tieout.db.pool import Database, DatabaseAway
from tieout.model.error import SetupError


def rows(database: Database) -> list[tuple[int, ...]]:
    with database.unit() as connection:
        return connection.execute("select n from kept order by n").fetchall()


@pytest.fixture
def kept(database: Database) -> Database:
    """The test's database, with a table of numbers."""
    with database.unit() as connection:
        connection.execute("create table kept (n int primary key)")
    return database


def test_a_unit_commits_as_a_whole(kept: Database) -> None:
    with kept.unit() as connection:
        connection.execute("insert into kept values (1)")
        connection.execute("insert into kept values (2)")
        assert rows(kept) == [], "nobody sees half of it"
    assert rows(kept) == [(1,), (2,)]


def add_and_raise(database: Database) -> None:
    with database.unit() as connection:
        connection.execute("insert into kept values (1)")
        raise KeyError


def add_twice(database: Database) -> None:
    with database.unit() as connection:
        connection.execute("insert into kept values (1)")
        connection.execute("insert into kept values (1)")


def test_a_unit_that_fails_leaves_nothing(kept: Database) -> None:
    with pytest.raises(KeyError):
        add_and_raise(kept)
    with pytest.raises(psycopg.errors.UniqueViolation):
        add_twice(kept)
    assert rows(kept) == []


def test_a_part_may_fail_without_the_whole(kept: Database) -> None:
    with kept.unit() as connection:
        connection.execute("insert into kept values (1)")
        with pytest.raises(psycopg.errors.UniqueViolation), connection.transaction():
            connection.execute("insert into kept values (1)")
        connection.execute("insert into kept values (2)")
    assert rows(kept) == [(1,), (2,)]


def test_every_connection_is_in_utc_and_plans_for_what_it_is_given(database: Database) -> None:
    names = ("TimeZone", "lock_timeout", "plan_cache_mode", "application_name", "transaction_isolation")
    with database.unit() as connection:
        found = [connection.execute("select current_setting(%s)", [name]).fetchone() for name in names]
    assert found == [("UTC",), ("30s",), ("force_custom_plan",), ("tieout",), ("read committed",)]


def test_a_connection_the_server_dropped_is_replaced(kept: Database) -> None:
    with kept.unit() as connection:
        pid = connection.info.backend_pid
    with psycopg.connect(kept.url, autocommit=True) as other:
        other.execute("select pg_terminate_backend(%s, 5000)", [pid])
    with kept.unit() as connection:
        connection.execute("insert into kept values (1)")
        assert connection.info.backend_pid != pid
    assert rows(kept) == [(1,)]


def test_a_server_that_is_not_there_is_a_setup_error(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    patient = ConnectionPool.wait
    monkeypatch.setattr(ConnectionPool, "wait", lambda self, timeout: patient(self, min(timeout, 0.2)))
    nowhere = Database(make_conninfo(database_url, dbname="there_is_no_such_database"))
    with pytest.raises(SetupError, match="The database cannot be reached") as refused:
        nowhere.open()
    assert refused.value.where == "TIEOUT_DATABASE_URL"


def test_waiting_hears_what_is_told(database: Database) -> None:
    assert database.wait("news", 1) is True, "the first time it looks: something may have come before it listened"
    assert database.wait("news", 0) is False
    with ThreadPoolExecutor(1) as pool:
        heard = pool.submit(database.wait, "news", 10)
        with database.unit() as connection:
            connection.execute("notify news")
            assert not heard.done()
        assert heard.result(timeout=10) is True
    with database.unit() as connection:
        connection.execute("notify news")
    assert database.wait("news", 5) is True, "what was told between two waits counts"


def test_waiting_notices_that_the_server_went_and_listens_again(database: Database) -> None:
    assert database.wait("news", 0) is True
    assert database.wait("news", 0) is False
    assert database._listener is not None
    with ThreadPoolExecutor(1) as pool, psycopg.connect(database.url, autocommit=True) as other:
        heard = pool.submit(database.wait, "news", 10)
        threading.Event().wait(0.05)
        other.execute("select pg_terminate_backend(%s, 5000)", [database._listener.info.backend_pid])
        with pytest.raises(DatabaseAway):
            heard.result(timeout=10)
    assert database.wait("news", 0) is True


def test_a_url_that_is_none_is_said_at_once() -> None:
    with pytest.raises(SetupError) as caught:
        Database("postgresql://[half").open()
    assert caught.value.what.startswith("The database's URL cannot be read: ")
    assert (caught.value.where, "\n" in caught.value.what) == ("TIEOUT_DATABASE_URL", False)


def test_why_a_server_cannot_be_reached_is_said_once(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """The pool's own attempts, of which there are several, are not told on the way."""
    monkeypatch.setattr(pool, "_PATIENCE_SECONDS", 2)
    with pytest.raises(SetupError) as caught:
        Database("postgresql://nobody@127.0.0.1:1/none").open()
    assert caught.value.what.startswith("The database cannot be reached: connection failed: ")
    assert capfd.readouterr() == ("", "")


def test_a_steady_connection_is_a_threads_own_and_each_statement_stands_by_itself(kept: Database) -> None:
    with kept.steady() as one:
        one.execute("insert into kept values (1)")
        assert rows(kept) == [(1,)], "there at once"
        with pytest.raises(psycopg.errors.UniqueViolation):
            one.execute("insert into kept values (2), (1)")
    assert rows(kept) == [(1,)]
    with kept.steady() as again:
        assert again is one
    with ThreadPoolExecutor(1) as other, kept.steady() as mine:
        assert other.submit(lambda: steady(kept)).result() is not mine


def steady(database: Database) -> psycopg.Connection[Any]:
    with database.steady() as connection:
        return connection


def test_a_steady_connection_that_is_lost_is_made_anew(kept: Database) -> None:
    lost = steady(kept)
    with kept.unit() as connection:
        connection.execute("select pg_terminate_backend(%s, 5000)", [lost.info.backend_pid])
    with pytest.raises(DatabaseAway), kept.steady() as one:
        one.execute("insert into kept values (1)")
    with kept.steady() as anew:
        anew.execute("insert into kept values (2)")
    assert rows(kept) == [(2,)]
    kept.close()
    assert anew.closed
