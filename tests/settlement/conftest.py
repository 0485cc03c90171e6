"""Books of a marketplace for the stores of settlement."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from tests.masterdata.test_store import CRAFT
from tieout.db.pool import Connection
from tieout.masterdata.store import open_ledger


@pytest.fixture(scope="module")
def url(fresh_database: Callable[..., str]) -> str:
    """A database for the tests of this file."""
    return fresh_database()


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A unit of work that never commits."""
    with psycopg.connect(url, options="-c timezone=UTC") as found:
        yield found
        found.rollback()


@pytest.fixture
def ledger(connection: Connection) -> int:
    number = open_ledger(connection, CRAFT, "marketplace")
    assert number is not None
    return number
