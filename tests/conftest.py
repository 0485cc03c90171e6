"""Fixtures every test may use: a database of its own, a home of its own, and how Hypothesis searches.

One embedded PostgreSQL serves a whole test run, shared by all workers. Every test gets a fresh database, copied
from a template that is already migrated. Set TIEOUT_TEST_DATABASE_URL to use a server of your own; its user must
be allowed to create databases.
"""

import atexit
import fcntl
import itertools
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tieout.db.embedded import start_embedded
from tieout.db.migrate import migrate
from tieout.db.pool import Database
from tools.environment import find_chromium

_TEMPLATE = "tieout_template"
_SERVER_URL_VARIABLE = "TIEOUT_TEST_DATABASE_URL"
#: Real files of other parties, which are not the project's to ship: a folder beside the checkout, if it is there.
_SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"

# A database makes the time of an example uneven, so there is no deadline. In CI the examples are the same every
# time: a red build means that the change is wrong, not that the search got lucky. `search` is for looking longer.
settings.register_profile("local", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("local"), derandomize=True, print_blob=True)
settings.register_profile("search", settings.get_profile("local"), max_examples=2000)
settings.load_profile(os.environ.get("TIEOUT_HYPOTHESIS") or ("ci" if os.environ.get("CI") else "local"))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Makes the folder all workers of this run share, and keeps the surroundings of whoever runs it out of the tests.

    Temporary folders stand in it too: in pytest's usual place another run may take away the rights that an embedded
    server, which is not root, needs on the way to its data.
    """
    for name in [n for n in os.environ if n.startswith("TIEOUT_") and not n.startswith("TIEOUT_TEST_")]:
        if name != "TIEOUT_HYPOTHESIS":
            del os.environ[name]
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # started in the background: what we start would be deaf
        with suppress(ValueError):
            signal.signal(signal.SIGINT, signal.default_int_handler)
    if _SAMPLES.is_dir():
        os.environ.setdefault("TIEOUT_TEST_SAMPLES", str(_SAMPLES))
    if not hasattr(config, "workerinput"):
        folder = Path(tempfile.mkdtemp(prefix="tieout-test-"))
        folder.chmod(0o755)
        os.environ["TIEOUT_TEST_RUN"] = str(folder)
        config.option.basetemp = config.option.basetemp or str(folder / "tmp")
        # Registered before any server starts, so it runs after the server's own exit handler.
        atexit.register(_remove_run, folder)


def _run_folder() -> Path:
    return Path(os.environ["TIEOUT_TEST_RUN"])


def _remove_run(folder: Path) -> None:
    """Removes the run's folder, and stops its server first if a killed worker left it running."""
    pid_file = folder / "postgres" / "postmaster.pid"
    with suppress(FileNotFoundError, ProcessLookupError, ValueError):
        os.kill(int(pid_file.read_text().split()[0]), signal.SIGINT)
        for _ in range(50):
            if not pid_file.exists():
                break
            time.sleep(0.1)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _execute(url: str, *statements: sql.Composed | sql.SQL) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture(scope="session")
def server_url() -> str:
    """The server of this test run, with a migrated template database on it."""
    folder = _run_folder()
    with _one_at_a_time(folder):
        url = os.environ.get(_SERVER_URL_VARIABLE)
        if url is None:
            url = start_embedded(folder / "postgres")
            # The data of a test run need not survive a power cut.
            settings_off = ("fsync", "synchronous_commit", "full_page_writes")
            _execute(url, *(sql.SQL("alter system set {} = off").format(sql.Identifier(s)) for s in settings_off))
            _execute(url, sql.SQL("select pg_reload_conf()"))
        if not (folder / "template").exists():
            name = sql.Identifier(_TEMPLATE)
            _execute(
                url,
                sql.SQL("drop database if exists {} with (force)").format(name),
                sql.SQL("create database {}").format(name),
            )
            migrate(make_conninfo(url, dbname=_TEMPLATE))
            (folder / "template").touch()
    return url


@pytest.fixture(scope="session")
def fresh_database(server_url: str, worker_id: str) -> Iterator[Callable[..., str]]:
    """Makes databases: call it for the URL of a new, migrated one, or with ``migrated=False`` for an empty one.

    For fixtures that live longer than a test; a test asks for `database_url`. All are dropped at the end.
    """
    numbers = itertools.count(1)
    made: list[sql.Identifier] = []

    def make(*, migrated: bool = True) -> str:
        name = f"{_run_folder().name}_{worker_id}_{next(numbers)}"
        template = sql.Identifier(_TEMPLATE if migrated else "template0")
        made.append(sql.Identifier(name))
        create = sql.SQL("create database {} template {}").format(sql.Identifier(name), template)
        _execute(server_url, create)
        return make_conninfo(server_url, dbname=name)

    yield make
    for name in made:
        _execute(server_url, sql.SQL("drop database if exists {} with (force)").format(name))


def _drop(server_url: str, url: str) -> None:
    name = sql.Identifier(str(conninfo_to_dict(url)["dbname"]))
    _execute(server_url, sql.SQL("drop database if exists {} with (force)").format(name))


@pytest.fixture
def database_url(server_url: str, fresh_database: Callable[..., str]) -> Iterator[str]:
    """The URL of a migrated database of the test's own, gone when the test ends."""
    url = fresh_database()
    yield url
    _drop(server_url, url)


@pytest.fixture
def empty_database_url(server_url: str, fresh_database: Callable[..., str]) -> Iterator[str]:
    """The URL of an empty database of the test's own, for tests of migrations."""
    url = fresh_database(migrated=False)
    yield url
    _drop(server_url, url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The test's own database, with its pool open."""
    pool = Database(database_url, connections_max=4).open()
    yield pool
    pool.close()


@pytest.fixture
def home(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A TIEOUT_HOME of the test's own, whose database is the test's own."""
    folder = tmp_path / "home"
    monkeypatch.setenv("TIEOUT_HOME", str(folder))
    monkeypatch.setenv("TIEOUT_DATABASE_URL", database_url)
    return folder


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the machine's chromium; without one the test is skipped."""
    path = find_chromium()
    if path is None:
        pytest.skip("no chromium here; install it (Debian: apt-get install chromium) to run the browser tests")
    return path
