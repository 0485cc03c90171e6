"""Commands that run until they are stopped, as processes of their own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from tests.cli.conftest import CommandLine


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], object], seconds: int = 40) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


@contextmanager
def started(run: CommandLine, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A `tieout` process; it is killed at the end if it still runs."""
    command = [sys.executable, "-m", "tieout", *arguments]
    surroundings = {**os.environ, **run.environment, "PYTHONPATH": "src"}
    with subprocess.Popen(command, env=surroundings, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def serving(run: CommandLine, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`tieout serve` on a free port, up; yields the process and its address."""
    port = free_port()
    with started(run, "serve", "--port", str(port), *options) as process:
        url = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(url) or process.poll() is not None)
        assert process.poll() is None, process.communicate()[1]
        yield process, url


def answers(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    return False


def children(parent: int) -> list[int]:
    """Process ids of the children of a process."""
    return [int(number) for number in Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()]


def alive(process: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
