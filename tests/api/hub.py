"""A played month behind the server: made once for a test run, copied for every test that changes something."""

import itertools
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from litestar import Litestar
from litestar.testing import RequestFactory, TestClient
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.playing import open_books, play
from tieout.api.asgi import create_app
from tieout.app import Settings, Tieout
from tieout.sandbox.plan import Plan, compose
from tieout.sandbox.world import World

Client = TestClient[Litestar]
#: Requests for functions that only read one.
REQUESTS = RequestFactory(app=Litestar(logging_config=None))
PASSWORD = "not-a-secret"
_NUMBERS = itertools.count(1)
#: A browser says this of a form on our own page.
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


@cache
def plan() -> Plan:
    """A small month with all that can go wrong in it."""
    return compose(World(orders=40))


def play_month(url: str, home: Path) -> None:
    """Plays the month into a database and leaves it closed, so that it can be copied."""
    with open_books(url, home, plan()) as app:
        play(app, plan())


@contextmanager
def copy_of(server_url: str, url: str) -> Iterator[str]:
    """A copy of a closed database, gone afterwards."""
    template = str(conninfo_to_dict(url)["dbname"])
    name = f"{template}_served_{next(_NUMBERS)}"
    create = sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(create)
        yield make_conninfo(server_url, dbname=name)
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@contextmanager
def served(app: Tieout) -> Iterator[Client]:
    """A client of a server over these books. It follows no redirects and lets the server answer its own mistakes."""
    with TestClient(create_app(app), raise_server_exceptions=False) as client:
        client.follow_redirects = False
        yield client


@contextmanager
def opened(url: str, home: Path, **settings: Any) -> Iterator[Tieout]:
    """The books in a database."""
    found = Settings(home=home, database_url=url, **settings)
    with Tieout.open(found, migrating=False, connections_max=4) as app:
        yield app


def log_in(client: Client, name: str = "admin", password: str = PASSWORD) -> Client:
    """Logs the client in as a person with a browser."""
    answer = client.post("/login", data={"name": name, "password": password}, headers=OWN_PAGE)
    assert answer.status_code == 303, answer.text
    return client


def text_of(html: str) -> str:
    """What a page says, without its marks: for looking for sentences and figures."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
