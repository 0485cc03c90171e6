"""A server over a played month, for the whole run to look at, and one of its own for a test that changes something."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.api import hub
from tests.api.hub import Client
from tieout.app import Tieout


@pytest.fixture(scope="session")
def month_url(fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database of a played month; only ever copied."""
    url = fresh_database()
    hub.play_month(url, tmp_path_factory.mktemp("month"))
    return url


@pytest.fixture(scope="module")
def looked_at(server_url: str, month_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tieout]:
    """Books for looking only."""
    with hub.copy_of(server_url, month_url) as url, hub.opened(url, tmp_path_factory.mktemp("looked")) as app:
        yield app


@pytest.fixture(scope="module")
def key(looked_at: Tieout) -> str:
    """An API key of the books for looking."""
    return looked_at.new_api_key("tests")


@pytest.fixture(scope="module")
def api(looked_at: Tieout, key: str) -> Iterator[Client]:
    """A program with its key."""
    with hub.served(looked_at) as client:
        client.headers["Authorization"] = f"Bearer {key}"
        yield client


@pytest.fixture
def anyone(looked_at: Tieout) -> Iterator[Client]:
    """Somebody without login, at the server with the books for looking."""
    with hub.served(looked_at) as client:
        yield client


@pytest.fixture
def books(server_url: str, month_url: str, tmp_path: Path) -> Iterator[Tieout]:
    """The test's own copy of the books."""
    with hub.copy_of(server_url, month_url) as url, hub.opened(url, tmp_path / "home") as app:
        yield app


@pytest.fixture
def program(books: Tieout) -> Iterator[Client]:
    """A program with its key, at the test's own books."""
    with hub.served(books) as client:
        client.headers["Authorization"] = f"Bearer {books.new_api_key('tests')}"
        yield client
