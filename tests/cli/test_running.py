"""The server and the worker as processes: they start, answer, book, and end together however they are ended."""

import json
import os
import signal
import sys
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import CommandLine
from tests.cli.processes import alive, answers, children, free_port, serving, started, wait_until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]


def waiting(run: CommandLine) -> int:
    rows = json.loads(run("source", "list", "-o", "json").stdout, parse_float=str)
    return sum(row["waiting"] for row in rows)


def test_work_once_books_what_waits(books: CommandLine) -> None:
    assert books("work", "--once").stderr == "0 deliveries: 0 events, 0 entries, 0 exceptions.\n"
    before = signal.getsignal(signal.SIGINT)
    books("work", "--once")
    assert signal.getsignal(signal.SIGINT) is before


def test_a_worker_stops_when_asked(books: CommandLine) -> None:
    with started(books, "work") as process:
        assert process.stderr is not None
        assert json.loads(process.stderr.readline(), parse_float=str)["event"] == "worker.started"
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)
        assert (process.returncode, said.splitlines()[-1]) == (
            0, "0 deliveries: 0 events, 0 entries, 0 exceptions.",
        )  # fmt: skip


def test_serve_answers_books_and_stops(books: CommandLine) -> None:
    with serving(books) as (process, url):
        assert httpx.post(f"{url}/hooks/stripe", content=b"{}").status_code == 401
        assert httpx.get(f"{url}/v1/balances").status_code == 401
        key = books("key", "new", "test").stdout.strip()
        for example in ("charge_succeeded", "payout_reconciled"):
            books(
                "trigger", "stripe", example, "--date", "2026-10-05", "--seed", "7", "--url", url, "--key", key,
            )  # fmt: skip
        wait_until(lambda: waiting(books) == 0)
        assert "Gateway balance: stripe" in books("balances").stdout
        family = [process.pid, *children(process.pid)]
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
        assert process.returncode == 0
        assert said.splitlines().count(f"Listening on {url}, console and hooks. Stop it with Ctrl-C.") == 1
        assert "Traceback" not in said
        wait_until(lambda: not any(alive(one) for one in family))


def test_who_waits_for_the_line_finds_a_server_that_answers(books: CommandLine) -> None:
    port = free_port()
    with started(books, "serve", "--no-worker", "--port", str(port)) as process:
        assert process.stderr is not None
        told = next(line for line in process.stderr if line.startswith("Listening on "))
        url = told.split()[2].removesuffix(",")
        assert url == f"http://127.0.0.1:{port}"
        assert httpx.get(f"{url}/readyz").status_code == 200


def test_without_a_worker_it_only_receives(books: CommandLine) -> None:
    with serving(books, "--no-worker") as (_, url):
        books("trigger", "stripe", "charge_succeeded", "--date", "2026-10-05", "--url", url)
        assert waiting(books) == 1
    assert books("work", "--once").stderr == "1 delivery: 1 event, 1 entry, 0 exceptions.\n"


def test_all_end_when_the_parent_is_killed(books: CommandLine) -> None:
    with serving(books) as (process, url):
        family = children(process.pid)
        assert len(family) >= 2
        process.kill()
        wait_until(lambda: not any(alive(one) for one in family))
        assert not answers(url)


def test_a_worker_that_dies_is_started_again(books: CommandLine) -> None:
    with serving(books) as (process, url):
        (worker,) = [one for one in children(process.pid) if "work" in command_of(one)]
        os.kill(worker, signal.SIGKILL)
        books("trigger", "stripe", "charge_succeeded", "--date", "2026-10-05", "--url", url)
        wait_until(lambda: waiting(books) == 0)


def command_of(process: int) -> list[str]:
    return Path(f"/proc/{process}/cmdline").read_text("utf-8").split("\0")


def test_a_port_that_is_taken_is_one_line(books: CommandLine) -> None:
    with serving(books, "--no-worker") as (_, url):
        port = url.rpartition(":")[2]
        assert books.error("serve", "--port", port) == (
            f"[setup] Cannot listen on 127.0.0.1:{port}: Address already in use (port)."
            " Stop what runs there, or choose another with --port."
        )


def test_books_must_be_open(run: CommandLine) -> None:
    assert run.error("serve") == "[setup] No books have been opened yet (ledger). Run `tieout init`."
