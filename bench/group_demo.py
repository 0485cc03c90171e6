"""The demo month: seconds from start to proof, and events posted per second.

The subject is the real thing: `tieout demo --once` in a new home, through the running server's doors. The baseline is
the floor under it: a new embedded server is started and migrated, and all rows the demo made are copied, one statement
a table, into bare tables without keys, triggers or thought.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from bench.lab import Figure, Lab, stopwatch
from tieout.db.embedded import start_embedded
from tieout.db.migrate import migrate

SECONDS_MAX = 60
#: A month of 10,000 orders, some five events each, within ten minutes, on two cores that also play the providers.
EVENTS_PER_SECOND_MIN = 100
#: What an event becomes when it is posted.
POSTED = ("event", "event_reference", "event_telling", "entry", "line")


def measure(lab: Lab) -> list[Figure]:
    """Plays the month `lab.times` times, each in a home of its own."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-", ignore_cleanup_errors=True) as folder:
        demo = Demo(Path(folder))
        found = lab.pairs("demo month", demo.play, demo.copy_bare)
    seconds, per_second = found["seconds"], found["events per second"]
    return [
        Figure("demo: start to proof", *_value(seconds, "s"), limit=SECONDS_MAX, baseline=round(seconds[1], 2)),
        Figure(
            "demo: events posted per second",
            *_value(per_second, "1/s"),
            limit=EVENTS_PER_SECOND_MIN,
            baseline=round(per_second[1], 2),
            higher_is_better=True,
        ),
    ]


def _value(pair: tuple[float, float], unit: str) -> tuple[float, str]:
    return round(pair[0], 2), unit


class Demo:
    """Demo months in homes under one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._number = 0

    @property
    def _home(self) -> Path:
        return self._folder / f"home{self._number}"

    def play(self) -> dict[str, float]:
        """One month from an empty home to its proof, as its own report has it."""
        self._number += 1
        report = self._folder / f"report{self._number}.json"
        tieout = str(Path(sys.executable).with_name("tieout"))
        command = [tieout, "demo", "--once", "--home", str(self._home), "--json", str(report)]
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("TIEOUT_")}
        with stopwatch() as watched:
            done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"the demo did not prove its books:\n{done.stdout}\n{done.stderr}"
        figures = json.loads(report.read_text("utf-8"))
        assert figures["events"] > 0
        return {"seconds": watched[0], "events per second": figures["events"] / figures["posting_seconds"]}

    def copy_bare(self) -> dict[str, float]:
        """The floor: start a new server and migrate it; copy the rows of the last month into bare tables."""
        with stopwatch() as started:
            migrate(start_embedded(self._folder / f"bare{self._number}" / "postgres"))
        with psycopg.connect(start_embedded(self._home / "postgres"), autocommit=True) as connection:
            rows = connection.execute("select relname from pg_stat_user_tables where schemaname = 'public'").fetchall()
            events = connection.execute("select count(*) from event").fetchone()
            assert events is not None
            everything = _seconds_to_copy(connection, [name for (name,) in rows])
            posted = _seconds_to_copy(connection, POSTED)
        return {"seconds": started[0] + everything, "events per second": events[0] / posted}


def _seconds_to_copy(connection: psycopg.Connection[tuple[object, ...]], tables: Sequence[str]) -> float:
    """How long it takes to copy whole tables into bare ones, committed once."""
    with stopwatch() as watched, connection.transaction():
        for name in tables:
            table = sql.Identifier(name)
            bare = sql.Identifier(f"bare_{name}")
            connection.execute(sql.SQL("create table {} as table {}").format(bare, table))
    for name in tables:
        connection.execute(sql.SQL("drop table {}").format(sql.Identifier(f"bare_{name}")))
    return watched[0]
