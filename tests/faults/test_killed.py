"""Workers and the database are killed at random points; nothing acknowledged is lost and nothing is there twice."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.playing import last_day, open_books, picture, play, send_all, work_off
from tieout.app import Settings, Tieout
from tieout.db.embedded import start_embedded
from tieout.model.delivery import Verdict
from tieout.sandbox.plan import compose
from tieout.sandbox.world import World

PLAN = compose(World(seed=9, orders=60))


@pytest.fixture(scope="module")
def calm(fresh_database, tmp_path_factory):
    """The same world without any accident."""
    app = open_books(fresh_database(), tmp_path_factory.mktemp("calm"), PLAN)
    yield play(app, PLAN)
    app.close()


def start_worker(url: str, home: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "TIEOUT_DATABASE_URL": url, "TIEOUT_HOME": str(home)}
    command = [sys.executable, "-m", "tieout", "work"]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def waiting(app: Tieout) -> int:
    return app.proof().deliveries_waiting


@pytest.mark.slow
def test_workers_killed_in_the_middle(calm, database_url, tmp_path):
    """Two workers at once, one of them killed with every portion of deliveries."""
    app = open_books(database_url, tmp_path, PLAN)
    dice = random.Random(4)  # noqa: S311 -- chance, not secrets
    size = len(PLAN.emissions) // 5 + 1
    for start in range(0, len(PLAN.emissions), size):
        send_all(app, PLAN.emissions[start : start + size])
        doomed, other = start_worker(database_url, tmp_path), start_worker(database_url, tmp_path)
        time.sleep(dice.uniform(0.5, 1.1))
        doomed.send_signal(signal.SIGKILL)
        doomed.wait()
        other.terminate()
        other.wait(timeout=30)
    last = start_worker(database_url, tmp_path)
    give_up = time.monotonic() + 60
    while waiting(app) and time.monotonic() < give_up:
        time.sleep(0.1)
    last.terminate()
    assert last.wait(timeout=30) == 0
    app.sweep()
    after = picture(app, last_day(PLAN))
    app.close()
    assert after == calm


@pytest.mark.slow
def test_the_database_killed_in_the_middle(calm, tmp_path):
    """A server of the test's own is killed while it works, and recovers; what it acknowledged is there."""
    folder = tmp_path / "postgres"
    acknowledged: set[str] = set()
    url = start_embedded(folder)
    app = open_books(url, tmp_path, PLAN)
    size = len(PLAN.emissions) // 3 + 1
    for start in range(0, len(PLAN.emissions), size):
        for emission in PLAN.emissions[start : start + size]:
            send_all(app, [emission])
        acknowledged |= {view.id for view in app.inbox(verdict=Verdict.ACCEPTED.value, limit=500)}
        app = _kill_and_recover(app, folder, tmp_path)
    kept = {view.id for view in app.inbox(verdict=Verdict.ACCEPTED.value, limit=500)}
    assert acknowledged - kept == set() or len(kept) == 500, "acknowledged and gone"
    work_off(app)
    after = picture(app, last_day(PLAN))
    app.close()
    assert after == calm


def _kill_and_recover(app: Tieout, folder: Path, home: Path) -> Tieout:
    """Kills the server in the middle of a batch of work, starts it anew, and connects again."""
    postmaster = int((folder / "postmaster.pid").read_text().split()[0])
    worker = start_worker(start_embedded(folder), home)
    time.sleep(0.9)
    os.kill(postmaster, signal.SIGKILL)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    app.close()
    url = _recovered(folder)
    return Tieout.open(Settings(home=home, database_url=url), connections_max=4)


def _recovered(folder: Path) -> str:
    """Starts the server again; its old processes may need a moment to notice that their parent is gone."""
    for _ in range(50):
        try:
            url = start_embedded(folder)
            with psycopg.connect(url, connect_timeout=2):
                return url
        except Exception:  # noqa: BLE001 -- the server is not up yet, in whatever way it says so
            time.sleep(0.2)
    pytest.fail("the server did not recover")
