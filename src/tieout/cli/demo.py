"""The demonstration: a made-up month through the real doors of a real server, and its proof.

The server, the worker and the database are those of `tieout serve`; only the providers are played, and what should
come out is known before the first message is sent.
"""

import atexit
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import httpx
import msgspec

from tieout.app import Settings, Tieout
from tieout.app.views import InitReport
from tieout.cli import market
from tieout.cli.comparing import balances_by_role, differences
from tieout.cli.group import PROBLEMS
from tieout.cli.opening import log_to_stderr
from tieout.cli.output import counted, progress, say
from tieout.cli.proving import show_proof
from tieout.cli.running import PORT
from tieout.cli.server import check_port
from tieout.cli.verifying import verdict
from tieout.model.error import SetupError
from tieout.model.seal import Verified
from tieout.sandbox import cast
from tieout.sandbox.ecb_wire import rates_xml
from tieout.sandbox.plan import Plan, compose
from tieout.sandbox.play import PlayReport, play
from tieout.sandbox.sellers import with_sellers
from tieout.sandbox.world import World

_HOST = "127.0.0.1"
_START_SECONDS = 30
#: If nothing is booked for so long, something is broken and waiting longer will not mend it.
_STALL_SECONDS = 60
#: What is under way on the server ends long before.
_SEAL_SECONDS = 10
_SENDERS = 8


class Options(NamedTuple):
    """What was asked for on the command line; `figures` is the file for the measured ones."""

    once: bool
    orders: int
    seed: int | None
    home: Path | None
    figures: Path | None
    port: int | None


class Figures(msgspec.Struct, frozen=True):
    """What was measured: seconds from start to proof and of posting alone, and how much went through."""

    seconds: float
    deliveries: int
    events: int
    entries: int
    posting_seconds: float
    orders: int


def demonstrate(options: Options) -> int:
    """Runs the demonstration and returns the exit code."""
    began = time.monotonic()
    log_to_stderr()
    plan = compose(_world(options))
    home = _home(options)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with Tieout.open(Settings(home=home, anchors=(f"file:{home}",)), connections_max=4) as app:
        port = _port(options.port)
        url = f"http://{_HOST}:{port}"
        access = app.init(cast.COMPANY)
        with _server(app.database.url, home, port) as server:
            signing = _add_sources(app, plan)  # while the server starts
            market.open_market(app, plan.facts)
            _wait_until_up(url, server, home / "server.log")
            code = _play_and_prove(app, plan, url, access, signing, options, began)
            if not options.once:
                say(f"console: {url}  user {access.user}  password {access.password}")
                say("It runs until you press Ctrl-C.")
                with contextlib.suppress(KeyboardInterrupt):
                    server.wait()
    return code


def _world(options: Options) -> World:
    return World(orders=options.orders) if options.seed is None else World(seed=options.seed, orders=options.orders)


def _home(options: Options) -> Path:
    """The folder of the books: the one given, or one that is thrown away."""
    if options.home is not None:
        return options.home.expanduser().resolve()
    folder = Path(tempfile.mkdtemp(prefix="tieout-demo-"))
    # Registered before the database starts, so it runs after the database has stopped.
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _add_sources(app: Tieout, plan: Plan) -> dict[str, str]:
    """The world's sources, each with a secret of its own, which it returns; and the month's exchange rates."""
    signing: dict[str, str] = {}
    for source in plan.sources:
        manifest = next(m for m in app.connectors() if m.name == source.connector)
        if manifest.secrets:
            signing[source.name] = secrets.token_urlsafe(24)
        own = {"own_brands": [cast.OWN_BRAND]} if manifest.kind == "shop" else {}
        given = [signing[source.name]] if source.name in signing else []
        app.add_source(source.name, source.connector, secrets=given, settings=own)
    app.import_rates(rates_xml(plan.facts.rates))
    return signing


def _port(wanted: int | None) -> int:
    """The port asked for, else the usual one, else any free one."""
    if wanted is not None:
        check_port(_HOST, wanted)
        return wanted
    with contextlib.suppress(SetupError):
        check_port(_HOST, PORT)
        return PORT
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def _server(database_url: str, home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`tieout serve` as a process of its own; its log goes to a file in the home."""
    command = [sys.executable, "-m", "tieout", "--home", str(home), "serve", "--port", str(port)]
    command += ["--parent", str(os.getpid())]
    with (home / "server.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 -- our own command
            command,
            env={**os.environ, "TIEOUT_DATABASE_URL": database_url},
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C reaches us, and we stop the server in order
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait()


def _wait_until_up(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/readyz", timeout=2).is_success:
                return
        time.sleep(0.05)
    said = log.read_text("utf-8", errors="replace").strip().rpartition("\n")[2] or "nothing"
    raise SetupError(f"The server did not start; it last said: {said}", where=url, remedy="Run `tieout doctor`.")


def _play_and_prove(
    app: Tieout, plan: Plan, url: str, access: InitReport, signing: Mapping[str, str], options: Options, began: float
) -> int:
    played_at = time.monotonic()
    month = f"{cast.COMPANY}, {plan.world.month:%Y-%m}, {counted(options.orders, 'order')}"
    say(f"{month}: {counted(len(plan.emissions), 'message')} to {url}")
    with progress("Providers send their messages", len(plan.emissions)) as move:
        report = play(plan.emissions, url, signing, access.api_key, senders=_SENDERS, progress=move)
    sent_seconds = time.monotonic() - played_at
    _wait_until_booked(app)
    posting_seconds = time.monotonic() - played_at
    market.release_first_half(app, plan.facts)
    as_of = (plan.facts.end - timedelta(days=1)).date()
    app.reconcile(as_of)
    proof = app.proof(as_of)
    figures = _figures(app, report, options, began, posting_seconds)
    code = show_proof(proof)
    say(_timings(figures, sent_seconds))
    wrong = [*_unanswered(report, plan), *_compared(app, plan)]
    for sentence in wrong:
        say(f"DIFFERENT  {sentence}")
    if not wrong:
        say(_all_as_expected(plan, report))
        say(market.summary(market.expected(plan.facts)))
    verified = _verified(app)
    say(verdict(verified))
    if options.figures is not None:
        options.figures.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    return code if verified.holds and not wrong else PROBLEMS


def _verified(app: Tieout) -> Verified:
    """Seals what was posted, writes the head to a file beside the books, and works everything out again."""
    give_up = time.monotonic() + _SEAL_SECONDS
    while app.sealed().lag.entries and time.monotonic() < give_up:
        app.seal()  # the server may be at it as well, or have something under way
        time.sleep(0.02)
    app.anchor()
    return app.verify()


def _wait_until_booked(app: Tieout) -> None:
    """Waits until the worker has nothing left; raises SetupError if it gets no further."""
    at_first = left = app.proof().deliveries_waiting
    moved_at = time.monotonic()
    with progress("The worker books the rest", at_first) as move:
        while left:
            time.sleep(0.2)
            now_left = app.proof().deliveries_waiting
            if now_left != left:
                moved_at = time.monotonic()
            elif time.monotonic() - moved_at > _STALL_SECONDS:
                raise SetupError(
                    f"The worker stopped with {left:,} deliveries left",
                    where="worker",
                    remedy="Run the demonstration with --home and look at server.log there.",
                )
            left = now_left
            move(at_first - left)


def _figures(app: Tieout, report: PlayReport, options: Options, began: float, posting_seconds: float) -> Figures:
    return Figures(
        seconds=round(time.monotonic() - began, 2),
        deliveries=report.sent,
        events=app.event_count(),
        entries=app.counts()[0],
        posting_seconds=round(posting_seconds, 2),
        orders=options.orders,
    )


def _timings(figures: Figures, sent_seconds: float) -> str:
    rate = round(figures.events / figures.posting_seconds)
    return (
        f"{figures.deliveries:,} deliveries in {sent_seconds:.1f} s; {figures.events:,} events and {figures.entries:,}"
        f" entries after {figures.posting_seconds:.1f} s ({rate:,} events a second);"
        f" the proof after {figures.seconds:.1f} s."
    )


def _unanswered(report: PlayReport, plan: Plan) -> Iterator[str]:
    """What the doors did not answer as they should."""
    for failure in report.failures[:5]:
        yield f"{failure.emission.source} {failure.emission.topic} was answered {failure.answer}"
    if len(report.failures) > 5:
        yield f"and {len(report.failures) - 5} more were not answered as they should"
    if report.refused != plan.truth.refused:
        yield f"{report.refused} forged deliveries were refused and {plan.truth.refused} should have been"


def _compared(app: Tieout, plan: Plan) -> list[str]:
    cases = [view.case.draft for view in app.case_list(only_open=True, limit=500)]
    owed = market.expected(plan.facts)
    truth = with_sellers(plan.truth, plan.facts, owed)
    return [*differences(truth, balances_by_role(app.accounts()), cases), *market.compared(app, owed)]


def _all_as_expected(plan: Plan, report: PlayReport) -> str:
    truth = plan.truth
    return (
        f"As it must be: {len(truth.balances)} balances and {len(truth.exceptions)} exceptions are those of the made-up"
        f" month, and {counted(report.refused, 'forged delivery', 'forged deliveries')} refused."
    )
