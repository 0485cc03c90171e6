"""The parts of `tieout serve` that can be looked at alone."""

import socket
import sys
import time
from pathlib import Path

import pytest

from tests.cli.processes import free_port, wait_until
from tieout.cli.server import Companion, check_port
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
