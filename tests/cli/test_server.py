"""The parts of `tieout serve` that can be looked at alone."""

import http.server
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.processes import free_port, wait_until
from tieout.cli.server import Companion, check_port, tell_when_up
from tieout.model.error import SetupError


def test_a_free_port_is_fine() -> None:
    port = free_port()
    check_port("127.0.0.1", port)
    with socket.socket() as probe:  # and it is still free
        probe.bind(("127.0.0.1", port))
        probe.listen()
        with pytest.raises(SetupError, match=f"Cannot listen on 127.0.0.1:{port}: Address already in use"):
            check_port("127.0.0.1", port)


def test_an_address_of_another_machine() -> None:
    with pytest.raises(SetupError, match=r"Cannot listen on 203.0.113.1:80"):
        check_port("203.0.113.1", 80)


class Answering(http.server.BaseHTTPRequestHandler):
    """A server whose database comes up between its first and its second answer."""

    def do_GET(self) -> None:
        self.server.asked.append(self.path)  # type: ignore[attr-defined]
        self.send_response(503 if len(self.server.asked) == 1 else 200)  # type: ignore[attr-defined]
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def answering(port: int) -> Iterator[list[str]]:
    """Serves on a port; yields the paths it was asked for."""
    with http.server.HTTPServer(("127.0.0.1", port), Answering) as server:
        server.asked = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        yield server.asked  # type: ignore[attr-defined]
        server.shutdown()


def test_a_server_that_answers_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    port = free_port()
    with answering(port) as asked:
        tell_when_up("0.0.0.0", port, threading.Event())  # noqa: S104 -- shown, not bound
    assert asked == ["/healthz", "/healthz"]
    assert capsys.readouterr() == (
        "", f"Listening on http://0.0.0.0:{port}, console and hooks. Stop it with Ctrl-C.\n",
    )  # fmt: skip


def test_a_server_that_is_late_is_told_of_once_and_one_that_is_over_not_at_all(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tieout.cli.server._START_SECONDS", 0.2)
    port, over = free_port(), threading.Event()
    threading.Timer(1, over.set).start()
    tell_when_up("::", port, over)
    late = f"The server does not answer yet at http://[::1]:{port}/healthz. `tieout doctor` may know why.\n"
    assert capsys.readouterr() == ("", late)


def test_a_companion_that_ends_is_started_again_until_it_is_stopped(tmp_path: Path) -> None:
    log = tmp_path / "log"
    script = f"with open({str(log)!r}, 'a') as log: log.write('here\\n')"
    companion = Companion([sys.executable, "-c", script])
    companion.start()
    wait_until(lambda: log.exists() and log.read_text().count("here") == 2)
    companion.stop()
    seen = log.read_text().count("here")
    time.sleep(2.5)
    assert log.read_text().count("here") == seen


def test_a_companion_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tieout.cli.server._STOP_SECONDS", 1)
    ready = tmp_path / "ready"
    script = (
        "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"
    )
    companion = Companion([sys.executable, "-c", script])
    companion.start()
    wait_until(ready.exists)
    began = time.monotonic()
    companion.stop()
    assert time.monotonic() - began < 20


def test_a_companion_that_was_never_started_can_be_stopped() -> None:
    companion = Companion([sys.executable, "-c", "1"])
    companion.stop()
    assert companion._process is None
