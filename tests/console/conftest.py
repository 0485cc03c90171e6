"""A person with a browser before a played month: one for the whole run to look at, one for each test that decides."""

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


@pytest.fixture(scope="session")
def looked_at(server_url: str, month_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tieout]:
    """Books for looking only."""
    with hub.copy_of(server_url, month_url) as url, hub.opened(url, tmp_path_factory.mktemp("looked")) as app:
        yield app


@pytest.fixture(scope="session")
def browser(looked_at: Tieout) -> Iterator[Client]:
    """A person looking at them."""
    with hub.served(looked_at) as client:
        yield hub.log_in(client)


@pytest.fixture
def books(server_url: str, month_url: str, tmp_path: Path) -> Iterator[Tieout]:
    """The test's own copy of the books."""
    with hub.copy_of(server_url, month_url) as url, hub.opened(url, tmp_path / "home") as app:
        yield app


@pytest.fixture
def person(books: Tieout) -> Iterator[Client]:
    """A person deciding in the test's own books, on pages of this server."""
    with hub.served(books) as client:
        client.headers.update(hub.OWN_PAGE)
        yield hub.log_in(client)


@pytest.fixture
def new_books(database_url: str, tmp_path: Path) -> Iterator[Tieout]:
    """Books in which nothing has happened yet."""
    with hub.opened(database_url, tmp_path / "home") as app:
        app.init("Mug & Bowl", password=hub.PASSWORD)
        yield app


@pytest.fixture
def newcomer(new_books: Tieout) -> Iterator[Client]:
    """A person before empty books."""
    with hub.served(new_books) as client:
        yield hub.log_in(client)
