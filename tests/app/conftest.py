"""Books to talk to: a copy for every test of books that were opened once."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.app.house import open_house
from tests.app.month import Month, live_through
from tests.app.payroom import open_market
from tieout.app import Settings, Tieout

_NUMBERS = itertools.count(1)


@pytest.fixture(scope="session")
def house_url(fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database of freshly opened books; only ever copied."""
    url = fresh_database()
    open_house(url, tmp_path_factory.mktemp("template")).close()
    return url


@pytest.fixture
def copied_url(server_url: str, house_url: str) -> Iterator[str]:
    """The URL of a copy of the freshly opened books, gone when the test ends."""
    template = str(conninfo_to_dict(house_url)["dbname"])
    name = f"{template}_copy_{next(_NUMBERS)}"
    create = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
    drop = sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(create)
        yield make_conninfo(server_url, dbname=name)
        connection.execute(drop)


@pytest.fixture
def house(copied_url: str, tmp_path: Path) -> Iterator[Callable[..., Tieout]]:
    """Opens the test's own books, with settings if any are given. Opened again, they are what another process sees."""
    opened: list[Tieout] = []

    def open_one(**settings: Any) -> Tieout:
        found = Settings(home=tmp_path / "home", database_url=copied_url, **settings)
        opened.append(Tieout.open(found, migrating=False, connections_max=4))
        return opened[-1]

    yield open_one
    for app in opened:
        app.close()


@pytest.fixture
def app(house: Callable[..., Tieout]) -> Tieout:
    """The test's own books."""
    return house()


@pytest.fixture(scope="session")
def month(fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Month]:
    """A week that has been lived through; for tests that only read."""
    found = live_through(fresh_database(), tmp_path_factory.mktemp("month"))
    yield found
    found.app.close()


@pytest.fixture(scope="session")
def market_template(fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database of a marketplace with a bank and a way to pay; only ever copied."""
    url = fresh_database()
    open_market(url, tmp_path_factory.mktemp("market")).close()
    return url


@pytest.fixture
def market(server_url: str, market_template: str, tmp_path: Path) -> Iterator[Tieout]:
    """A marketplace with a bank and a way to pay; nobody sells yet."""
    template = str(conninfo_to_dict(market_template)["dbname"])
    name = f"{template}_market_{next(_NUMBERS)}"
    create = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
    drop = sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(create)
        settings = Settings(home=tmp_path, database_url=make_conninfo(server_url, dbname=name))
        with Tieout.open(settings, migrating=False, connections_max=6) as found:
            yield found
        connection.execute(drop)
