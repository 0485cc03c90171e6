"""Chores: what one worker at a time does beside booking, about every second, however many workers run.

Each chore is a method of the app that takes a lock of its own for its unit of work and does nothing if another worker
holds it; so whoever comes first leads, and nothing has to be handed over when that worker dies.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import structlog

from tieout.app import DatabaseAway, Tieout

_LOG = structlog.get_logger("tieout.worker")
#: How long after one round the next begins.
ROUND_SECONDS = 1
#: After a chore has failed, so that the log stays readable.
_PAUSE_SECONDS = 10


class Chore(NamedTuple):
    """A name for the log, and the method, which says how much it did: 0 if there was nothing to do."""

    name: str
    do: Callable[[Tieout], int]


CHORES: tuple[Chore, ...] = (
    Chore("roll_up", lambda app: app.roll_up()),
    Chore("seal", lambda app: app.seal_due()),
    Chore("rates", lambda app: app.fetch_rates_due()),
    Chore("release", lambda app: app.release_job()),
    Chore("payouts", lambda app: app.continue_payouts()),
)


def do_all(app: Tieout) -> bool:
    """One round. A chore that fails is told of and keeps no other from being done; False if one did fail."""
    held = True
    for chore in CHORES:
        began = time.monotonic()
        try:
            done = chore.do(app)
        except DatabaseAway as error:
            _LOG.warning("chore.database_away", chore=chore.name, error=str(error).strip())
            held = False
        except Exception:  # noqa: BLE001 -- told of above all; a chore must not keep deliveries from being booked
            _LOG.exception("chore.failed", chore=chore.name)
            held = False
        else:
            if done:
                spent = round((time.monotonic() - began) * 1000)
                _LOG.info("chore.done", chore=chore.name, amount=done, milliseconds=spent)
    return held


@contextmanager
def doing(app: Tieout) -> Iterator[None]:
    """Does the chores beside the block, in a thread of its own, round after round until the block is left."""
    stop = threading.Event()
    thread = threading.Thread(target=_rounds, args=(app, stop), name="chores", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _rounds(app: Tieout, stop: threading.Event) -> None:
    while not stop.wait(ROUND_SECONDS if do_all(app) else _PAUSE_SECONDS):
        pass
