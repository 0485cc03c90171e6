"""Posting while everything else goes on.

The books are verified and their projections derived anew over and over; every second they are rolled up, as a worker
does it, and a period is closed and opened; each in a process of its own. The baseline is the same posting into the same
books with nothing beside it. All share the machine's cores, so on two of them this is the hardest way to ask whether
anybody waits for anybody.
"""

import multiprocessing
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from multiprocessing.synchronize import Event

from bench.lab import Figure, Lab
from bench.ledger_posting import ACTOR, Posting, books
from tieout.app import Settings, Tieout
from tieout.model.error import TieoutError
from tieout.model.period import PeriodState

#: Of what is posted with nothing beside it.
SHARE_MIN = 0.8
#: Runs of bulk posting before the clock starts, so that there is something to verify and to derive.
RUNS_BEFORE = 15


def measure(lab: Lab) -> list[Figure]:
    """Entries per second in bulk, with everything else beside it and without."""
    with books() as (app, url):
        posting = Posting(app, url)
        for _ in range(RUNS_BEFORE):
            posting.bulk()

        def beside() -> dict[str, float]:
            with everything_else(app.settings):
                return posting.bulk()

        value, baseline = lab.pairs("posting beside all else", beside, posting.bulk)["per second"]
    return [
        Figure(
            "ledger: bulk posting beside verify, rebuild, roll-up and closing", round(value), "entries/s",
            limit=round(baseline * SHARE_MIN), baseline=round(baseline), higher_is_better=True,
        )
    ]  # fmt: skip


@contextmanager
def everything_else(settings: Settings) -> Iterator[None]:
    """Runs all of it beside the block; what fails to be done at least once fails the measurement."""
    spawn = multiprocessing.get_context("spawn")
    stop = spawn.Event()
    done = {name: spawn.Event() for name in _CHORES}
    processes = [spawn.Process(target=over_and_over, args=(name, settings, stop, done[name])) for name in _CHORES]
    for process in processes:
        process.start()
    try:
        assert all(event.wait(120) for event in done.values()), "something else did not start"
        yield
    finally:
        stop.set()
        for process in processes:
            process.join()


def over_and_over(name: str, settings: Settings, stop: Event, done: Event) -> None:
    """Does one of the chores until it is told to stop."""
    with Tieout.open(settings, migrating=False) as app:
        do, pause = _CHORES[name]
        while not stop.wait(pause if done.is_set() else 0):
            do(app)
            done.set()


def close_and_open(app: Tieout) -> None:
    """Closes a month nobody posts to and opens it again; both take the books for a moment."""
    first = date(2001, 1, 1)
    for state in (PeriodState.SOFT, PeriodState.OPEN):
        with suppress(TieoutError):
            app.set_period(first, first + timedelta(days=30), state, actor=ACTOR)


#: What is done, and how many seconds are between.
_CHORES: dict[str, tuple[Callable[[Tieout], object], float]] = {
    "verify": (lambda app: app.verify(), 0),
    "rebuild": (lambda app: app.rebuild(actor=ACTOR), 0),
    "roll up": (lambda app: app.roll_up(), 1),
    "close": (close_and_open, 1),
}
