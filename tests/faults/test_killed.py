"""Workers and the database are killed at random points; nothing acknowledged is lost and nothing is there twice."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from tests.playing import last_day, open_books, picture, play, send, send_all, work_off
from tieout.app import Settings, Tieout
from tieout.db.embedded import start_embedded
from tieout.model.delivery import Verdict
from tieout.model.error import SignatureRefused
from tieout.model.ids import parse_id
from tieout.sandbox.plan import compose
from tieout.sandbox.world import World

PLAN = compose(World(seed=9, orders=40))


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
    assert last.wait(timeout=30) in (0, -signal.SIGTERM)  # when nothing waits, it may be told to stop before it listens
    app.sweep()
    after = picture(app, last_day(PLAN))
    app.close()
    assert after == calm


def kept(app: Tieout) -> dict[str, str]:
    """Every delivery there is: its id and its identity."""
    found: dict[str, str] = {}
    before = None
    while page := app.inbox(before=before, limit=500):
        found |= {view.id: view.identity for view in page}
        before = parse_id(page[-1].id)[1]
    return found


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
            with suppress(SignatureRefused):
                acknowledged.add(send(app, emission).delivery)
        app = _kill_and_recover(app, folder, tmp_path)
        assert acknowledged - kept(app).keys() == set(), "acknowledged and gone"
    assert len(acknowledged) == len(PLAN.emissions) - PLAN.truth.refused
    work_off(app)
    after = picture(app, last_day(PLAN))
    app.close()
    assert after == calm


SENDER = """
import sys
from pathlib import Path
from tests.faults.test_killed import PLAN
from tests.playing import send
from tieout.app import Settings, Tieout
from tieout.model.error import SignatureRefused

url, home, log = sys.argv[1:]
app = Tieout.open(Settings(home=Path(home), database_url=url), migrating=False, connections_max=2)
with open(log, "a", buffering=1) as acknowledged:
    for number, emission in enumerate(PLAN.emissions):
        try:
            acknowledged.write(f"{number} {send(app, emission).delivery}\\n")
        except SignatureRefused:
            pass
app.close()
"""


@pytest.mark.slow
def test_the_door_killed_in_the_middle(calm, database_url, tmp_path):
    """The process behind the door is killed as it receives; the providers send all again, as they do."""
    app = open_books(database_url, tmp_path, PLAN)
    log = tmp_path / "acknowledged"
    dice = random.Random(5)  # noqa: S311 -- chance, not secrets
    command = [sys.executable, "-c", SENDER, database_url, str(tmp_path), str(log)]
    root = Path(__file__).parent.parent.parent
    path = os.pathsep.join([str(root), str(root / "src"), os.environ.get("PYTHONPATH", "")])
    for _ in range(3):
        door = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path})
        _wait_for_lines(log, _lines(log) + dice.randrange(10, 150), door)
        door.send_signal(signal.SIGKILL)
        door.wait()
        app.work(limit=40)
    subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=True)
    told = [line.split() for line in log.read_text(encoding="utf-8").splitlines()]
    found = kept(app)
    assert {delivery for _, delivery in told} <= found.keys(), "acknowledged and gone"
    assert {int(number) for number, _ in told} == {n for n, e in enumerate(PLAN.emissions) if not e.forged}
    accepted = app.inbox(verdict=Verdict.ACCEPTED.value, limit=500)
    assert len({(view.source, view.identity) for view in accepted}) == len(accepted), "no identity twice"
    work_off(app)
    after = picture(app, last_day(PLAN))
    app.close()
    assert after == calm


def _lines(log: Path) -> int:
    return log.read_bytes().count(b"\n") if log.exists() else 0


def _wait_for_lines(log: Path, wanted: int, process: subprocess.Popen[bytes]) -> None:
    give_up = time.monotonic() + 60
    while _lines(log) < wanted and process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.01)


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
