"""Books to agree: one ledger, and entries posted in a few words."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.ledger.books import open_books
from tieout.db.pool import Connection, Database


@pytest.fixture(scope="module")
def shared_url(fresh_database: Callable[..., str]) -> str:
    """A database with one ledger in which nothing is ever committed."""
    url = fresh_database()
    with psycopg.connect(url) as connection:
        open_books(connection)
    return url


@pytest.fixture
def connection(shared_url: str) -> Iterator[Connection]:
    """A unit of work that never commits."""
    with psycopg.connect(shared_url, options="-c timezone=UTC") as found:
        yield found
        found.rollback()


@pytest.fixture
def books(database: Database) -> Database:
    """A database of the test's own, for what commits, with one ledger, number 1."""
    with database.unit() as found:
        open_books(found)
    return database
