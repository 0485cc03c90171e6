"""The loop a worker runs: batches until nothing waits, then it listens. Any number of workers may run at once.

What a worker claims is claimed inside its unit of work, so a worker that dies in the middle of a batch leaves no
trace: the batch is ready again, and whoever takes it next books the same.
"""

import threading
import time

import structlog

from tieout.app import DatabaseAway, Tieout, WorkReport

_LOG = structlog.get_logger("tieout.worker")
#: How often parked events are looked at: whether something still holds them, whether their deadline has passed.
SWEEP_SECONDS = 5
#: The longest a worker listens before it looks of its own accord; what was put off becomes due without a call.
WAIT_SECONDS = 1
#: After a batch that was not full, so that the next is worth its fixed cost; nobody waits for a booking this long.
GATHER_SECONDS = 0.05
_PAUSE_MAX_SECONDS = 10


def run(app: Tieout, stop: threading.Event, *, until_empty: bool = False) -> WorkReport:
    """Works until `stop` is set, or `until_empty` until nothing is ready, and says what it did.

    A database that is away is waited for, longer each time. Other errors of a batch are ours: they end the loop.
    """
    done = WorkReport()
    swept_at = time.monotonic() - SWEEP_SECONDS
    failed = 0
    _LOG.info("worker.started", batch=app.settings.batch)
    while not stop.is_set():
        try:
            if time.monotonic() - swept_at >= SWEEP_SECONDS:
                done += _sweep(app)
                swept_at = time.monotonic()
            report = _work(app)
            if report == WorkReport():
                if until_empty:
                    break
                app.wait_for_work(WAIT_SECONDS)
            if report.deliveries < app.settings.batch and not until_empty:
                stop.wait(GATHER_SECONDS)
            done += report
            failed = 0
        except DatabaseAway as error:
            failed += 1
            pause = min(2 ** (failed - 1), _PAUSE_MAX_SECONDS)
            _LOG.warning("worker.database_away", error=str(error).strip(), attempt=failed, next_try_seconds=pause)
            stop.wait(pause)
    _LOG.info("worker.stopped", **_figures(done))
    return done


def _work(app: Tieout) -> WorkReport:
    began = time.monotonic()
    report = app.work()
    if report != WorkReport():
        _LOG.info("worker.batch", **_figures(report), milliseconds=round((time.monotonic() - began) * 1000))
    return report


def _sweep(app: Tieout) -> WorkReport:
    """A sweep that fails must not keep new work from being booked, so it is told of and tried again."""
    try:
        report = app.sweep()
    except DatabaseAway:
        raise
    except Exception:  # noqa: BLE001 -- told of above all; whatever it is, deliveries must be booked
        _LOG.exception("worker.sweep_failed")
        return WorkReport(failures=1)
    if report != WorkReport():
        _LOG.info("worker.swept", **_figures(report))
    return report


def _figures(report: WorkReport) -> dict[str, int]:
    names = ("deliveries", "events", "entries", "cases", "failures")
    return {name: getattr(report, name) for name in names if getattr(report, name)}
