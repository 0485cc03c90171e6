"""Books shared by the tests of one file; what a test writes is rolled back."""

from collections.abc import Callable, Iterator, Mapping

import psycopg
import pytest

from tests.ledger.books import open_books
from tieout.db.pool import Connection
from tieout.model.account import Account


@pytest.fixture(scope="module")
def url(fresh_database: Callable[..., str]) -> str:
    """A database with one ledger, number 1."""
    found = fresh_database()
    with psycopg.connect(found) as connection:
        open_books(connection)
    return found


@pytest.fixture(scope="module")
def accounts(url: str) -> Mapping[str, Account]:
    """The accounts of ledger 1."""
    from tieout.masterdata import store as masterdata

    with psycopg.connect(url) as connection:
        return masterdata.accounts(connection, 1)


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A unit of work that never commits."""
    with psycopg.connect(url, options="-c timezone=UTC") as found:
        yield found
        found.rollback()
