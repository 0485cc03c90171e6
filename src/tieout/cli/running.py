"""Running: the server with its worker, and the worker alone."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tieout.cli.opening import log_to_stderr, opened
from tieout.cli.output import counted, say

if TYPE_CHECKING:
    from tieout.app import WorkReport

PORT = 8321
#: A worker needs one connection for its batch and one for its chores.
_CONNECTIONS = 2


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=PORT, show_default=True, help="Port to listen on.")
@click.option("--no-worker", is_flag=True, help="Only receive; `tieout work` books elsewhere.")
@click.option("--parent", type=int, hidden=True)
def serve_command(host: str, port: int, no_worker: bool, parent: int | None) -> None:
    """Run the server (hooks, API and console) with a worker beside it, until it is stopped.

    Stop it with Ctrl-C or SIGTERM. What has been answered is kept, whenever and however it stops.
    """
    from tieout.cli.server import check_port, die_with, serve

    if parent is not None:
        die_with(parent)
    with opened() as app:
        app.entity()  # raises if there are no books yet
        check_port(host, port)
        url, home = app.database.url, app.settings.home
    serve(host, port, url, home, with_worker=not no_worker)


@click.command("work")
@click.option("--once", is_flag=True, help="Stop when nothing is ready.")
@click.option("--parent", type=int, hidden=True)
def work_command(once: bool, parent: int | None) -> None:
    """Book what was received, until it is stopped. Several workers may run at once."""
    from tieout.cli.server import die_with
    from tieout.worker import chores
    from tieout.worker.loop import run

    if parent is not None:
        die_with(parent)
    with opened(connections_max=_CONNECTIONS) as app, _stopped_by_signals() as stop:
        log_to_stderr("warning" if once else "info")
        if once:
            done = run(app, stop, until_empty=True)
            chores.do_all(app)
        else:
            with chores.doing(app):
                done = run(app, stop)
    say(_told(done))


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set, so that the batch under way is finished first."""
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _told(done: "WorkReport") -> str:
    made = f"{counted(done.events, 'event')}, {counted(done.entries, 'entry', 'entries')}"
    failures = f", {counted(done.failures, 'failure')}" if done.failures else ""
    done_with = counted(done.deliveries, "delivery", "deliveries")
    return f"{done_with}: {made}, {counted(done.cases, 'exception')}{failures}."
