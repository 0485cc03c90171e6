"""Posters, the sealer and PostgreSQL are killed at random; what was acknowledged is there once, and it verifies."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.app.house import open_house
from tests.faults.test_killed import _recovered
from tieout.app import Settings, Tieout
from tieout.db.embedded import start_embedded

#: Two hundred take half an hour; a short run finds what is wrong often enough.
ROUNDS = int(os.environ.get("TIEOUT_TEST_FAULT_ROUNDS", "10"))

POSTER = """
import itertools, sys
from pathlib import Path
from tests.app.house import ANNA, opening_balance
from tieout.app import Settings, Tieout

url, home, log, name = sys.argv[1:]
app = Tieout.open(Settings(home=Path(home), database_url=url), migrating=False, connections_max=2)
with open(log, "a", buffering=1) as acknowledged:
    for number in itertools.count():
        drafts = [opening_balance(f"{name}:{number}:{n}") for n in range(3)]
        for draft, entry in zip(drafts, app.post(drafts, actor=ANNA)):
            acknowledged.write(f"{draft.key} {entry}\\n")
"""
SEALER = """
import sys, time
from pathlib import Path
from tieout.app import Settings, Tieout

url, home = sys.argv[1:]
app = Tieout.open(Settings(home=Path(home), database_url=url), migrating=False, connections_max=2)
while True:
    app.seal()
    app.roll_up()
    time.sleep(0.01)
"""


def start(code: str, *arguments: str) -> subprocess.Popen[bytes]:
    root = Path(__file__).parent.parent.parent
    path = os.pathsep.join([str(root), str(root / "src"), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stderr=subprocess.DEVNULL)


def told(log: Path) -> dict[str, str]:
    """What was acknowledged: key -> entry. A last line that was cut off was not."""
    text = log.read_text("utf-8") if log.exists() else ""
    whole = (line.split() for line in text.splitlines(keepends=True) if line.endswith("\n"))
    return {key: entry for key, entry in whole}  # noqa: C416 -- says what is what


@pytest.mark.slow
def test_whoever_is_killed_nothing_acknowledged_is_missing_or_there_twice(tmp_path: Path) -> None:
    folder, log = tmp_path / "postgres", tmp_path / "acknowledged"
    url = start_embedded(folder)
    open_house(url, tmp_path).close()
    dice = random.Random(11)  # noqa: S311 -- chance, not secrets
    for number in range(ROUNDS):
        poster = start(POSTER, url, str(tmp_path), str(log), f"round{number}")
        sealer = start(SEALER, url, str(tmp_path))
        before, give_up = len(told(log)), time.monotonic() + 60
        while len(told(log)) <= before and time.monotonic() < give_up:
            time.sleep(0.02)
        time.sleep(dice.uniform(0, 0.4))
        victim = dice.choice(["poster", "sealer", "server"])
        if victim == "server":
            os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        for process in (poster, sealer) if victim != "sealer" else (sealer, poster):
            process.send_signal(signal.SIGKILL)
            process.wait()
        url = _recovered(folder)
    with Tieout.open(Settings(home=tmp_path, database_url=url), connections_max=4) as app:
        app.seal()
        while app.roll_up():
            pass
        found = app.verify()
        assert [(flaw.where, flaw.what) for flaw in found.flaws] == []
        with psycopg.connect(url) as connection:
            there: dict[str, str] = dict(connection.execute("select idem_key, 'ent_' || id from entry").fetchall())
        head = app.sealed().head
    acknowledged = told(log)
    assert len(acknowledged) >= 3 * ROUNDS
    assert {key: there.get(key) for key in acknowledged} == acknowledged, "acknowledged and gone, or another entry"
    assert len(there) == found.entries == len(set(there.values()))
    assert len(there) - len(acknowledged) <= 3 * ROUNDS, "at most one call a round was not acknowledged in time"
    assert found.unsealed == 0
    assert head is not None
    assert head.entries == found.entries
