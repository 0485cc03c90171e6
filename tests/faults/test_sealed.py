"""Posters, the sealer and PostgreSQL are killed at random; what was acknowledged is there once, and it verifies.

Two posters and a sealer never stop. Each round one of them is killed in the middle of what it does (SIGKILL), or a
process of the server that serves one of them, or the whole server at once; those that were not killed go on by
themselves. What a poster was not told it sends again, as a caller does, and some of what it was told as well.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from tests.app.house import open_house
from tests.faults.players import SHARED, TOGETHER, amount_of, told
from tests.faults.test_killed import _recovered
from tieout.app import Settings, Tieout
from tieout.db.embedded import start_embedded

#: One of each in the suite; two hundred are for who has a quarter of an hour.
ROUNDS = int(os.environ.get("TIEOUT_TEST_FAULT_ROUNDS", "4"))
SEED = int(os.environ.get("TIEOUT_TEST_FAULT_SEED", "11"))
VICTIMS = ("poster", "sealer", "backend", "server")
#: How long nothing may happen: longer than a connection pool may wait before it tries once more.
PATIENCE_SECONDS = 60
#: Verifying while all go on is done every so many rounds, and at the end.
VERIFIED_EVERY = 8


class Stage:
    """The server, who plays, and what was told."""

    def __init__(self, home: Path) -> None:
        self.home, self.folder, self.safe, self.log = home, home / "postgres", home / "safe", home / "acknowledged"
        self.safe.mkdir()
        self.url = start_embedded(self.folder)
        self.settings = Settings(home=home, database_url=self.url, anchors=(f"file:{self.safe}",))
        open_house(self.url, home).close()
        self.playing = {name: self.start(name) for name in ("poster-a", "poster-b", "sealer")}

    def start(self, name: str) -> subprocess.Popen[bytes]:
        root = Path(__file__).parent.parent.parent
        path = os.pathsep.join([str(root), str(root / "src"), os.environ.get("PYTHONPATH", "")])
        role = name.partition("-")[0]
        last = [str(self.safe)] if role == "sealer" else [str(self.log), name]
        command = [sys.executable, "-m", "tests.faults.players", role, self.url, str(self.home), *last]
        with (self.home / f"{name}.err").open("ab") as errors:
            return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stderr=errors)

    def kill(self, name: str) -> None:
        self.check_alive()
        process = self.playing[name]
        process.send_signal(signal.SIGKILL)
        process.wait()

    def check_alive(self) -> None:
        """Nobody ends who was not killed."""
        for name, process in self.playing.items():
            assert process.poll() is None, f"{name} has ended: {self._errors(name)}"

    def _errors(self, name: str) -> str:
        return (self.home / f"{name}.err").read_text("utf-8")[-3000:]

    def wait_for_news(self) -> None:
        """Until somebody has been told something more, and a block more has been anchored."""
        files = (self.log, self.safe / "anchors-lindenhof-gmbh.jsonl")
        before, give_up = [_size(file) for file in files], time.monotonic() + PATIENCE_SECONDS
        while any(_size(file) <= then for file, then in zip(files, before, strict=True)):
            self.check_alive()
            if time.monotonic() > give_up:
                pytest.fail(f"{before} came to {[_size(file) for file in files]} only\n{self._where_they_stand()}")
            time.sleep(0.01)

    def _where_they_stand(self) -> str:
        for process in self.playing.values():
            process.send_signal(signal.SIGUSR1)
        time.sleep(0.5)
        with psycopg.connect(self.url) as connection:
            rows = connection.execute("select pid, state, wait_event, query from pg_stat_activity").fetchall()
        return "\n".join([*map(self._errors, self.playing), *map(str, rows)])

    def kill_server(self) -> None:
        """The postmaster and all its children at once, as when the machine goes."""
        postmaster = self._postmaster()
        for number in (postmaster, *_children(postmaster)):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)

    def wait_for_server(self) -> None:
        """Until it answers, also if it has not yet noticed that one of its processes was killed."""
        time.sleep(0.2)
        assert _recovered(self.folder) == self.url

    def kill_backend(self, dice: random.Random) -> bool:
        """One process that serves somebody; the postmaster then ends the others and recovers. False if it was gone."""
        serving = [n for n in _children(self._postmaster()) if b"postgres: " in _title(n) and b"[local]" in _title(n)]
        busy = [n for n in serving if not _title(n).rstrip(b"\0 ").endswith(b" idle")]
        if not serving:
            return False
        with suppress(ProcessLookupError):
            os.kill(dice.choice(busy or serving), signal.SIGKILL)
            return True
        return False

    def _postmaster(self) -> int:
        return int((self.folder / "postmaster.pid").read_text().split()[0])


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _title(number: int) -> bytes:
    try:
        return Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return b""


def _children(parent: int) -> list[int]:
    found: list[int] = []
    for file in Path(f"/proc/{parent}/task").glob("*/children"):
        found += map(int, file.read_text().split())
    return found


def _play_round(stage: Stage, victim: str, dice: random.Random) -> bool:
    """Kills one, at a random point of what it is doing, and lets it begin anew. True if there was somebody to kill."""
    stage.wait_for_news()
    time.sleep(dice.uniform(0, 0.3))
    if victim == "server":
        stage.kill_server()
        time.sleep(dice.uniform(0, 0.3))  # those who play find nobody there
        assert _recovered(stage.folder) == stage.url
    elif victim == "backend":
        return stage.kill_backend(dice)
    else:
        name = dice.choice(["poster-a", "poster-b"]) if victim == "poster" else victim
        stage.kill(name)
        stage.playing[name] = stage.start(name)
    return True


def _check(app: Tieout, stage: Stage) -> dict[str, str]:
    """Whatever was told by now is there, once, as it was told; and the books verify while all go on."""
    acknowledged = told(stage.log)
    with psycopg.connect(stage.url) as connection:
        rows = connection.execute("select idem_key, 'ent_' || id from entry").fetchall()
    there: dict[str, str] = dict(rows)
    assert len(there) == len(rows), "a key is there twice"
    assert {key: there.get(key) for key in acknowledged} == acknowledged, "acknowledged and gone, or another entry"
    assert [(flaw.where, flaw.what) for flaw in app.verify().flaws] == []
    return there


def _check_content(app: Tieout, stage: Stage, there: dict[str, str]) -> None:
    """Every entry that is there says what its key says, on both sides, and none was left out between two others."""
    with psycopg.connect(stage.url) as connection:
        lines = connection.execute(
            "select e.idem_key, array_agg(l.amount_minor order by l.line_no)"
            " from entry e join line l on l.ledger_id = e.ledger_id and l.entry_id = e.id group by 1"
        ).fetchall()
    assert dict(lines) == {key: [amount_of(key), -amount_of(key)] for key in there}
    due = sum(map(amount_of, there))
    assert {(b.account, b.balance_minor) for b in app.balances()} == {("1100.bank", due), ("3000", -due)}
    numbers: dict[str, set[int]] = {}
    for key in there:
        name, _, number = key.rpartition(":")
        numbers.setdefault(name, set()).add(int(number))
    assert numbers.keys() == {"poster-a-bulk", "poster-a-alone", "poster-b-bulk", "poster-b-alone", SHARED}
    for name, found in numbers.items():
        assert found == set(range(len(found))), f"{name} has a gap"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks for processes of the server in /proc")
def test_whoever_is_killed_nothing_acknowledged_is_missing_or_there_twice(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    dice = random.Random(SEED)  # noqa: S311 -- chance, not secrets
    killed: Counter[str] = Counter()
    try:
        for number in range(ROUNDS):
            if not number % len(VICTIMS):
                order = dice.sample(VICTIMS, len(VICTIMS))
            victim = order[number % len(VICTIMS)]
            killed[victim] += _play_round(stage, victim, dice)
            if number % VERIFIED_EVERY == VERIFIED_EVERY - 1:
                stage.wait_for_news()
                stage.wait_for_server()
                with Tieout.open(stage.settings, migrating=False, connections_max=2) as app:
                    _check(app, stage)
        stage.wait_for_news()  # whoever was left goes on after the last one, too
    finally:
        for process in stage.playing.values():
            process.kill()
            process.wait()
    with Tieout.open(stage.settings, migrating=False, connections_max=2) as app:
        app.seal()
        while app.roll_up():
            pass
        there = _check(app, stage)
        _check_content(app, stage, there)
        found, head = app.verify(), app.sealed().head
    acknowledged = told(stage.log)
    assert len(there) == found.entries
    assert len(there) - len(acknowledged) <= 2 * (TOGETHER + 1) + 1, "what was under way when all ended, and no more"
    assert (found.unsealed, found.anchors > ROUNDS) == (0, True)
    assert head is not None
    assert head.entries == found.entries
    again = [line.split() for line in stage.log.read_text("utf-8").splitlines()]
    sys.stderr.write(
        f"\n{ROUNDS} rounds, killed {dict(killed)}: {len(acknowledged):,} acknowledged of {len(there):,} there,"
        f" {len(again) - len(acknowledged):,} told once more, {_posted_unheard(again)} posted and not heard of before;"
        f" {found.blocks:,} blocks, {found.anchors:,} anchors\n"
    )
    assert all(killed[victim] >= ROUNDS // len(VICTIMS) - (victim == "backend") for victim in VICTIMS), killed
    assert len(again) > len(acknowledged), "something was sent once more, and answered the same"


def _posted_unheard(lines: list[list[str]]) -> int:
    """How many were posted by a call whose answer never came: told for the first time, and there already.

    Only of those that one poster alone sends one by one; of the others it cannot be told.
    """
    seen: set[str] = set()
    found = 0
    for key, _, repeated in lines:
        found += key not in seen and repeated == "1" and "-alone:" in key
        seen.add(key)
    return found
