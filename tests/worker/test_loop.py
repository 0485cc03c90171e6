"""The worker: killed at the worst moment it books the same, it waits for its database, and it hears when work comes."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import psycopg
import pytest
from psycopg import sql
from structlog.testing import capture_logs

from tieout.app import SYSTEM, DatabaseAway, Settings, Tieout, WorkReport
from tieout.sandbox.catalogue import trigger
from tieout.sandbox.ecb_wire import rates_xml
from tieout.sandbox.emission import Door, Emission
from tieout.sandbox.plan import compose
from tieout.sandbox.world import World
from tieout.worker.loop import SWEEP_SECONDS, run

SECRET = "not so secret"
PLAN = compose(World(orders=25))


@contextmanager
def opened(home: Path, database_url: str, *, batch: int = 200) -> Iterator[Tieout]:
    with Tieout.open(Settings(home, database_url, batch=batch), connections_max=3) as app:
        yield app


def set_up(app: Tieout) -> None:
    """Books with every source of the world, and its exchange rates."""
    app.init("Clay & Loom GmbH")
    for source in PLAN.sources:
        secrets = [] if source.connector == "camt" else [SECRET]
        app.add_source(source.name, source.connector, secrets=secrets)
    app.import_rates(rates_xml(PLAN.facts.rates))


def receive(app: Tieout, emission: Emission) -> None:
    if emission.door is Door.HOOK:
        headers = {k.lower(): v for k, v in emission.headers_signed(SECRET, datetime.now(UTC)).items()}
        app.receive_hook(emission.source, headers, emission.body)
    elif emission.door is Door.OBJECTS:
        app.receive_objects(emission.source, emission.parameters, emission.body, actor=SYSTEM)


def fill_inbox(app: Tieout) -> int:
    """Everything the shops and gateways of the world send, received and not yet worked on; returns how many."""
    wanted = [e for e in PLAN.emissions if e.door is not Door.FILE and not e.forged]
    for emission in wanted:
        receive(app, emission)
    return len(wanted)


def worker_process(home: Path, database_url: str) -> subprocess.Popen[bytes]:
    surroundings = {**os.environ, "TIEOUT_HOME": str(home), "TIEOUT_DATABASE_URL": database_url, "PYTHONPATH": "src"}
    return subprocess.Popen(
        [sys.executable, "-m", "tieout", "work", "--once"], env=surroundings, stderr=subprocess.PIPE
    )


def wait_until(holds: Callable[[], object], seconds: int = 30) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


@pytest.mark.parametrize("table", ["event", "entry", "line", "event_state"])
def test_a_worker_killed_in_the_middle_of_a_batch_leaves_no_trace(
    table: str, tmp_path: Path, fresh_database: Callable[..., str]
) -> None:
    """The batch is stopped by a lock at one table after the other, the worker is killed there, another one goes on."""
    calm_url, harsh_url = fresh_database(), fresh_database()
    with opened(tmp_path, calm_url) as calm:
        set_up(calm)
        received = fill_inbox(calm)
        assert run(calm, threading.Event(), until_empty=True).deliveries == received
        calm_hash, calm_counts, calm_events = calm.ledger_hash(), calm.counts(), calm.event_count()
        assert calm_counts[0] > 50
    with opened(tmp_path, harsh_url) as harsh:
        set_up(harsh)
        fill_inbox(harsh)
        with psycopg.connect(harsh_url) as blocker, psycopg.connect(harsh_url, autocommit=True) as watcher:
            blocker.execute(sql.SQL("lock table {} in share row exclusive mode").format(sql.Identifier(table)))
            with worker_process(tmp_path, harsh_url) as worker:
                wait_until(lambda: _someone_waits(watcher))
                worker.kill()
            blocker.rollback()
            wait_until(lambda: _alone(watcher))
        assert (harsh.counts(), harsh.event_count()) == ((0, 0), 0)
        assert harsh.proof().deliveries_waiting == received
        with worker_process(tmp_path, harsh_url) as after:
            _, said = after.communicate(timeout=120)
        assert (after.returncode, said.decode().split(":")[0]) == (0, f"{received:,} deliveries")
        assert (harsh.ledger_hash(), harsh.counts(), harsh.event_count()) == (calm_hash, calm_counts, calm_events)
        assert harsh.proof().deliveries_waiting == 0


def _someone_waits(watcher: psycopg.Connection) -> bool:
    waiting = (
        "select count(*) from pg_locks l join pg_database d on d.oid = l.database"
        " where not l.granted and d.datname = current_database()"
    )
    row = watcher.execute(waiting).fetchone()
    return row is not None and row[0] > 0


def _alone(watcher: psycopg.Connection) -> bool:
    """Whether the server has noticed that the killed worker has gone."""
    open_ones = (
        "select count(*) from pg_stat_activity where datname = current_database() and state <> 'idle'"
        " and pid <> pg_backend_pid()"
    )
    row = watcher.execute(open_ones).fetchone()
    return row is not None and row[0] == 0


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[Tieout]:
    with opened(tmp_path, database_url) as found:
        set_up(found)
        yield found


def example(seed: int) -> Emission:
    """A made-up card charge; another seed is another charge."""
    at = datetime(2026, 10, 5, 12, tzinfo=UTC)
    (emission,) = trigger(
        "stripe", "charge_succeeded", amount_minor=1000, currency="EUR", source="stripe", at=at, seed=seed
    )
    return emission


@contextmanager
def running(app: Tieout) -> Iterator[threading.Thread]:
    stop = threading.Event()
    thread = threading.Thread(target=run, args=(app, stop))
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def test_a_running_worker_books_what_arrives_and_stops_when_told(app: Tieout) -> None:
    with running(app):
        receive(app, example(1))
        wait_until(lambda: app.counts()[0] == 1)
        receive(app, example(2))
        wait_until(lambda: app.counts()[0] == 2)


def test_work_is_called_out(app: Tieout) -> None:
    assert app.wait_for_work(1) is True  # the first look, for what came before anyone listened
    assert app.wait_for_work(0) is False
    receive(app, example(1))
    assert app.wait_for_work(5) is True


def test_two_workers_share_the_work(app: Tieout, tmp_path: Path, database_url: str) -> None:
    received = fill_inbox(app)
    done: list[WorkReport] = []
    with opened(tmp_path, database_url, batch=10) as one, opened(tmp_path, database_url, batch=10) as two:
        threads = [
            threading.Thread(target=lambda worker=worker: done.append(run(worker, threading.Event(), until_empty=True)))
            for worker in (one, two)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
    assert sum(report.deliveries for report in done) == received
    assert sum(report.failures for report in done) == 0
    assert app.proof().deliveries_waiting == 0
    assert sum(report.entries for report in done) == app.counts()[0]


def test_connections_that_are_cut_are_made_again(app: Tieout, database_url: str) -> None:
    with running(app):
        receive(app, example(1))
        wait_until(lambda: app.counts()[0] == 1)
        with psycopg.connect(database_url, autocommit=True) as administrator:
            cut = (
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
            assert administrator.execute(cut).rowcount >= 2
        wait_until(lambda: _counts(app) == 1)
        receive(app, example(2))
        wait_until(lambda: app.counts()[0] == 2)


def _counts(app: Tieout) -> int:
    try:
        return app.counts()[0]
    except DatabaseAway:
        return -1


class Frail:
    """Stands in for a `Tieout` whose database comes and goes, as the script says."""

    settings = Settings(Path("nowhere"))

    def __init__(self, *script: WorkReport | Exception, sweep: Exception | None = None) -> None:
        self.script = list(script)
        self.sweeps = 0
        self._sweep = sweep

    def work(self) -> WorkReport:
        step = self.script.pop(0) if self.script else WorkReport()
        if isinstance(step, Exception):
            raise step
        return step

    def sweep(self) -> WorkReport:
        self.sweeps += 1
        if self._sweep is not None:
            raise self._sweep
        return WorkReport()


class Patient(threading.Event):
    """A stop that notes the pauses instead of waiting them out."""

    def __init__(self) -> None:
        super().__init__()
        self.pauses: list[object] = []

    def wait(self, timeout: object = None) -> bool:
        self.pauses.append(timeout)
        return False


def test_a_database_that_is_away_is_waited_for_longer_each_time() -> None:
    away = [DatabaseAway("gone") for _ in range(6)]
    frail = Frail(*away, WorkReport(deliveries=3), DatabaseAway("gone again"))
    stop = Patient()
    with capture_logs() as logs:
        done = run(cast("Tieout", frail), stop, until_empty=True)
    assert done == WorkReport(deliveries=3)
    assert stop.pauses == [1, 2, 4, 8, 10, 10, 1]
    told = [(line["attempt"], line["error"]) for line in logs if line["event"] == "worker.database_away"]
    assert told[0] == (1, "gone")
    assert told[-1] == (1, "gone again")


def test_a_sweep_that_fails_does_not_keep_work_from_being_booked() -> None:
    frail = Frail(WorkReport(deliveries=2, entries=2), sweep=AssertionError("one is two"))
    with capture_logs() as logs:
        done = run(cast("Tieout", frail), threading.Event(), until_empty=True)
    assert done == WorkReport(deliveries=2, entries=2, failures=1)
    assert [line["event"] for line in logs] == [
        "worker.started", "worker.sweep_failed", "worker.batch", "worker.stopped",
    ]  # fmt: skip


def test_a_batch_that_fails_ends_the_worker_loudly() -> None:
    with pytest.raises(AssertionError, match="one is two"):
        run(cast("Tieout", Frail(AssertionError("one is two"))), threading.Event())


def test_it_sweeps_at_the_start_and_then_every_few_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 2))
    monkeypatch.setattr("tieout.worker.loop.time.monotonic", lambda: next(clock))
    frail = Frail(*[WorkReport(deliveries=1)] * 6)
    done = run(cast("Tieout", frail), threading.Event(), until_empty=True)
    assert done.deliveries == 6
    readings = 2 + 4 * 6 + 4  # one at the start, and at most four in every round
    assert 2 <= frail.sweeps <= readings * 2 // SWEEP_SECONDS + 1
