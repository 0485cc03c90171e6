"""An empty, migrated database; what a test writes is rolled back."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from tieout.db.pool import Connection


@pytest.fixture(scope="module")
def url(fresh_database: Callable[..., str]) -> str:
    """A database for the tests of one file."""
    return fresh_database()


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A unit of work that never commits."""
    with psycopg.connect(url, options="-c timezone=UTC") as found:
        yield found
        found.rollback()
