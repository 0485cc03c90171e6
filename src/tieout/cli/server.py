"""The processes of `tieout serve`: this one, the server it hands requests to, and the worker beside it.

All of them end together, also when this one is killed: the others notice that their parent has gone.
"""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tieout.cli.opening import log_to_stderr
from tieout.cli.output import say
from tieout.model.error import SetupError

_STOP_SECONDS = 10
#: A server that does not answer after so long is late enough to say so.
_START_SECONDS = 60
#: Addresses that mean all of this machine's, and the one to ask there.
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 -- recognised, not bound


def check_port(host: str, port: int) -> None:
    """Raises SetupError if something else listens on the port, or the address is not this machine's."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise SetupError(
            f"Cannot listen on {host}:{port}: {error.strerror or error}",
            where="port",
            remedy="Stop what runs there, or choose another with --port.",
        ) from None


def serve(host: str, port: int, database_url: str, home: Path, *, with_worker: bool) -> None:
    """Serves until stopped, and says so once it answers. A worker or server process that dies is started again.

    Raises SetupError if the server dies at once, again and again.
    """
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    os.environ |= {"TIEOUT_DATABASE_URL": database_url, "TIEOUT_HOME": str(home)}
    # A process made by copying this one would inherit its threads' locks and the database's connections.
    multiprocessing.set_start_method("spawn", force=True)
    server = Server(
        "tieout.cli.server:create_app",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        websockets=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=_STOP_SECONDS,
    )
    worker = Companion([sys.executable, "-m", "tieout", "work", "--parent", str(os.getpid())])
    over = threading.Event()
    threading.Thread(target=tell_when_up, args=(host, port, over), name="tell-when-up", daemon=True).start()
    try:
        if with_worker:
            worker.start()
        server.serve()
    except SystemExit as ended:
        if ended.code:
            what = "The server stops as soon as it is started"
            remedy = "The lines above say why; `tieout doctor` may know more."
            raise SetupError(what, where=f"{host}:{port}", remedy=remedy) from None
    finally:
        over.set()
        worker.stop()


def tell_when_up(host: str, port: int, over: threading.Event) -> None:
    """Says where the server listens as soon as it answers there, or that it is late, unless all is `over` before."""
    late_at = time.monotonic() + _START_SECONDS
    asked = f"http://{_authority(_LOOPBACK.get(host, host), port)}/healthz"
    while not _answers(asked):
        if time.monotonic() > late_at:
            say(f"The server does not answer yet at {asked}. `tieout doctor` may know why.")
            late_at += 10 * _START_SECONDS
        if over.wait(0.05):
            return
    say(f"Listening on http://{_authority(host, port)}, console and hooks. Stop it with Ctrl-C.")


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _answers(url: str) -> bool:
    import httpx

    with suppress(httpx.HTTPError):
        return httpx.get(url, timeout=2, trust_env=False).is_success
    return False


def create_app() -> Any:
    """The ASGI application as the server's process makes it: it logs as we do, and ends when we do."""
    from tieout.api.asgi import create_app as make

    log_to_stderr("info")
    die_with(os.getppid())
    return make()


def die_with(parent: int) -> None:
    """Stops this process in the usual way as soon as its parent has gone, however that went."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


class Companion:
    """A process beside this one, started again when it dies, until it is stopped."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._process: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="companion", daemon=True)

    def start(self) -> None:
        """Starts it and whoever keeps it running."""
        self._launch()
        self._keeper.start()

    def _launch(self) -> None:
        # Its own session: Ctrl-C on the terminal reaches only us, and we stop it in order.
        self._process = subprocess.Popen(self._command, start_new_session=True)  # noqa: S603 -- our own command

    def _keep(self) -> None:
        pause = 1
        while not self._stopping.is_set():
            assert self._process is not None
            began = time.monotonic()
            self._process.wait()
            pause = 1 if time.monotonic() - began > _STOP_SECONDS else min(pause * 2, 30)
            if self._stopping.wait(pause):
                return
            self._launch()

    def stop(self) -> None:
        """Asks it to stop and waits; kills it if it does not listen."""
        self._stopping.set()
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
