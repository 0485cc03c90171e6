"""Chores: done round after round beside the booking, each by one worker, and none in another's way."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest
from structlog.testing import capture_logs

from tests.app.house import ANNA, open_house, opening_balance
from tieout.app import DatabaseAway, Tieout
from tieout.worker import chores
from tieout.worker.chores import Chore, do_all, doing

NOBODY = cast("Tieout", None)


def chores_of(monkeypatch: pytest.MonkeyPatch, **methods: Callable[[Tieout], int]) -> None:
    monkeypatch.setattr(chores, "CHORES", tuple(Chore(name, do) for name, do in methods.items()))


def fail(error: Exception) -> Callable[[Tieout], int]:
    def do(_app: Tieout) -> int:
        raise error

    return do


def test_a_chore_that_fails_keeps_no_other_from_being_done(monkeypatch: pytest.MonkeyPatch) -> None:
    chores_of(monkeypatch, bad=fail(AssertionError("one is two")), away=fail(DatabaseAway("gone\n")), good=lambda _: 7)
    with capture_logs() as logs:
        assert do_all(NOBODY) is False
    told = [(line["event"], line["chore"], line.get("amount"), line.get("error")) for line in logs]
    assert told == [
        ("chore.failed", "bad", None, None),
        ("chore.database_away", "away", None, "gone"),
        ("chore.done", "good", 7, None),
    ]


def test_a_round_with_nothing_to_do_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    chores_of(monkeypatch, idle=lambda _: 0)
    with capture_logs() as logs:
        assert do_all(NOBODY) is True
    assert logs == []


def test_rounds_follow_each_other_until_the_block_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds = threading.Semaphore(0)
    monkeypatch.setattr(chores, "ROUND_SECONDS", 0.01)

    def count(_app: Tieout) -> int:
        rounds.release()
        return 0

    chores_of(monkeypatch, count=count)
    with doing(NOBODY):
        assert all(rounds.acquire(timeout=10) for _ in range(3))
    while rounds.acquire(blocking=False):
        pass
    time.sleep(0.05)
    assert not rounds.acquire(blocking=False)


def test_the_projections_follow_the_journal(tmp_path: Path, database_url: str) -> None:
    with open_house(database_url, tmp_path) as app:
        app.post([opening_balance()], actor=ANNA)
        with capture_logs() as logs:
            assert do_all(app) is True
            assert do_all(app) is True
        done = [(line["chore"], line["amount"]) for line in logs if line["event"] == "chore.done"]
        assert done[0] == ("roll_up", 1)
        assert done[1:] in ([("seal", 1)], []), "sealed, unless another test's writer holds the horizon back"
