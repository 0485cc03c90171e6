"""Running: the server with its worker, and the worker alone."""

import signal
import threading
from typing import TYPE_CHECKING

import click

from tieout.cli.opening import log_to_stderr, opened
from tieout.cli.output import say

if TYPE_CHECKING:
    from tieout.app import WorkReport

PORT = 8321


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
    check_port(host, port)
    with opened() as app:
        app.entity()  # raises if there are no books yet
        url, home = app.database.url, app.settings.home
    say(f"Listening on http://{host}:{port}, console and hooks. Stop it with Ctrl-C.")
    serve(host, port, url, home, with_worker=not no_worker)


@click.command("work")
@click.option("--once", is_flag=True, help="Stop when nothing is ready.")
@click.option("--parent", type=int, hidden=True)
def work_command(once: bool, parent: int | None) -> None:
    """Book what was received, until it is stopped. Several workers may run at once."""
    from tieout.cli.server import die_with
    from tieout.worker.loop import run

    stop = threading.Event()
    if parent is not None:
        die_with(parent)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with opened() as app:
        log_to_stderr("warning" if once else "info")
        done = run(app, stop, until_empty=once)
    say(_told(done))


def _told(done: "WorkReport") -> str:
    failures = f", {done.failures} failures" if done.failures else ""
    made = f"{done.events:,} events, {done.entries:,} entries, {done.cases:,} exceptions"
    return f"{done.deliveries:,} deliveries: {made}{failures}."
