"""The embedded server: what was committed survives the power cord, and the server goes when its last user goes."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from tieout.db import embedded
from tieout.db.embedded import database_url, start_embedded
from tieout.model.error import SetupError

#: Starts the server, commits a number and goes; prints the postmaster's process.
VISITOR = """
import sys, pathlib, psycopg
from tieout.db import embedded
from tieout.db.embedded import start_embedded
folder = pathlib.Path(sys.argv[1])
with psycopg.connect(start_embedded(folder)) as connection:
    connection.execute("create table if not exists kept (n int)")
    connection.execute("insert into kept values (%s)", [sys.argv[2]])
print((folder / "postmaster.pid").read_text().split()[0])
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder the server's own user may reach; pytest's are for the user of the tests alone."""
    with tempfile.TemporaryDirectory(prefix="tieout-embedded-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o755)
        yield Path(name) / "postgres"
        with suppress(OSError, ValueError):
            os.kill(postmaster(Path(name) / "postgres"), signal.SIGINT)
            gone(postmaster(Path(name) / "postgres"))


def postmaster(folder: Path) -> int:
    return int((folder / "postmaster.pid").read_text(encoding="utf-8").split()[0])


def visit(folder: Path, number: int) -> int:
    command = [sys.executable, "-c", VISITOR, str(folder), str(number)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    return int(done.stdout)


def gone(pid: int) -> bool:
    """True once the process has ended; gives up after ten seconds."""
    for _ in range(1000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text(encoding="utf-8").split()[2] == "Z":
            return True
        time.sleep(0.01)
    return False


def numbers(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("select n from kept order by n")]


@pytest.mark.slow
def test_what_was_committed_is_kept(folder: Path, request: pytest.FixtureRequest) -> None:
    first = visit(folder, 1)
    assert gone(first), "the server stops with its last user"

    url = start_embedded(folder)
    assert numbers(url) == [1]
    server = postmaster(folder)
    assert visit(folder, 2) == server, "a second process joins the same server"
    assert start_embedded(folder) == url, "so does a second call"
    assert numbers(url) == [1, 2], "and leaves it running"

    held = psycopg.connect(url)
    request.addfinalizer(held.close)
    row = held.execute("select current_setting('fsync'), current_setting('shared_buffers')").fetchone()
    assert row == ("on", "256MB")
    held.execute("insert into kept values (3)")
    held.commit()
    held.execute("insert into kept values (4)")  # never committed
    os.kill(server, signal.SIGKILL)
    assert gone(server)
    again = start_embedded(folder)
    assert postmaster(folder) != server
    assert numbers(again) == [1, 2, 3]
    assert (folder / "postgresql.auto.conf").read_text(encoding="utf-8").count("shared_buffers") == 1


REST = ["/data", "1790000000", "5432", "/data", "", "  8826964     65536", "ready"]


def left_behind(folder: Path, *lines: str) -> Path:
    file = folder / "postmaster.pid"
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return file


def test_the_number_of_a_dead_server_is_not_taken_for_a_live_one(tmp_path: Path) -> None:
    """After the restart of a container the number in the file is that of another process, here of this test."""
    file = left_behind(tmp_path, str(os.getpid()), *REST)
    embedded._forget_the_dead(tmp_path)
    assert file.read_text(encoding="utf-8").splitlines() == ["4194304", *REST]


@pytest.mark.parametrize("lines", [[], [""], ["no number"], ["999999999", "/data"], [str(os.getpid()), "/data"]])
def test_a_file_a_crash_left_unfinished_is_removed(tmp_path: Path, lines: list[str]) -> None:
    file = left_behind(tmp_path, *lines)
    embedded._forget_the_dead(tmp_path)
    assert not file.exists()


def test_a_server_at_work_is_left_alone(tmp_path: Path) -> None:
    """A process that was started with this very folder, as the server is."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", str(tmp_path)]) as process:
        while str(tmp_path) not in Path(f"/proc/{process.pid}/cmdline").read_text(encoding="utf-8"):
            time.sleep(0.01)  # it is still becoming what it is
        file = left_behind(tmp_path, str(process.pid), *REST)
        before = file.read_text(encoding="utf-8")
        embedded._forget_the_dead(tmp_path)
        process.kill()
    assert file.read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    "problem",
    [
        subprocess.TimeoutExpired("pg_ctl", 10),  # it is still replaying what a crash left
        AssertionError("starting"),
        subprocess.CalledProcessError(1, "pg_ctl"),  # children of a dead server have not gone yet
    ],
)
def test_a_server_that_recovers_is_waited_for_but_not_for_ever(
    monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    tries: list[Exception | None] = [problem, problem, None]

    def start() -> None:
        if (error := tries.pop(0)) is not None:
            raise error

    embedded._start(start)
    assert tries == []
    monkeypatch.setattr(embedded, "_RECOVERY_SECONDS_MAX", -1)
    monkeypatch.setattr(embedded, "_ORPHANS_SECONDS_MAX", -1)
    tries.append(problem)
    with pytest.raises(type(problem)):
        embedded._start(start)


def test_a_server_that_cannot_start_says_where_to_look(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(SetupError, match="The embedded PostgreSQL did not start") as refused:
        start_embedded(tmp_path / "file" / "postgres")
    assert refused.value.where == str(tmp_path / "file" / "postgres")
    assert "TIEOUT_DATABASE_URL" in refused.value.remedy


def test_a_server_of_ones_own_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIEOUT_DATABASE_URL", "postgresql://db.example/books")
    assert database_url(tmp_path) == "postgresql://db.example/books"
    assert list(tmp_path.iterdir()) == []
