"""The demonstration as a whole, with a small world: every door, the real server, the proof, and what is left behind."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import pytest

from tests.cli.conftest import CommandLine
from tests.cli.processes import alive, children, free_port, wait_until
from tieout.cli.demo import _unanswered
from tieout.sandbox.plan import compose
from tieout.sandbox.play import Failure, PlayReport
from tieout.sandbox.world import World

pytestmark = pytest.mark.slow


def demonstrated(*options: str | Path, temporary: Path) -> subprocess.CompletedProcess[str]:
    surroundings = {**os.environ, "PYTHONPATH": "src", "TMPDIR": str(temporary), "TIEOUT_HOME": str(temporary / "own")}
    command = [sys.executable, "-m", "tieout", "demo", "--port", str(free_port()), *map(str, options)]
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False, timeout=240)


def short_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder for the demonstration's own; pytest's are not open to the user an embedded server of root's runs as."""
    return tempfile.TemporaryDirectory(prefix="tieout-test-", ignore_cleanup_errors=True)


def test_a_small_month_is_proved_and_nothing_is_left_behind(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    with short_folder() as folder:
        done = demonstrated("--once", "--orders", "30", "--json", figures, temporary=Path(folder))
        assert list(Path(folder).glob("tieout-demo-*")) == [], "the demonstration's own folder is gone"
    assert done.returncode == 0, done.stderr
    said = done.stderr.splitlines()
    assert said[0].startswith(f"Clay & Loom GmbH, 2026-10, 30 orders: {len(compose(World(orders=30)).emissions)}")
    assert said[1].startswith("Tied out as of 2026-10-31: unexplained 0.00 EUR")
    assert [line for line in said if line.startswith("DIFFERENT")] == []
    assert any(line.startswith("As it must be: ") for line in said)
    plan = compose(World(orders=30))
    (verified,) = (line for line in said if line.startswith("Verified: "))
    assert verified.endswith("; all agree, and with 1 anchor.")
    measured = json.loads(figures.read_text(), parse_float=str)
    assert (measured["orders"], measured["deliveries"]) == (30, len(plan.emissions))
    assert measured["entries"] > 50
    assert measured.keys() == {"seconds", "deliveries", "events", "entries", "posting_seconds", "orders"}
    assert "1100.bank" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc")
def test_it_runs_on_until_it_is_stopped_and_keeps_the_books_it_was_told_to_keep() -> None:
    with short_folder() as folder:
        home, port = Path(folder) / "kept", free_port()
        command = [sys.executable, "-m", "tieout", "demo", "--orders", "3", "--home", str(home), "--port", str(port)]
        surroundings = {**os.environ, "PYTHONPATH": "src"}
        with subprocess.Popen(
            command, env=surroundings, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        ) as demo:
            try:
                assert demo.stderr is not None
                lines = iter(demo.stderr.readline, "")
                told = next(line for line in lines if line.startswith("console: "))
                url, user, password = told.split()[1], told.split()[3], told.split()[5]
                assert (url, user) == (f"http://127.0.0.1:{port}", "admin")
                assert httpx.get(f"{url}/readyz").status_code == 200
                family = children(demo.pid)
                demo.send_signal(signal.SIGINT)
                rest = demo.stderr.read()
                assert demo.wait(60) == 0, rest
                wait_until(lambda: not any(alive(one) for one in family))
            finally:
                demo.kill()
        kept = CommandLine(home, "")
        assert kept("check").stdout == ""
        assert kept.error("demo", "--home", str(home)) == (
            "[config] The books are open already (init)."
            " One installation keeps one entity for now; use another TIEOUT_HOME."
        )
        assert len(password) == 16


def test_what_was_not_answered_as_it_should_is_said() -> None:
    plan = compose(World(orders=3))
    failure = Failure(plan.emissions[0], "500 oops")
    name = f"{plan.emissions[0].source} {plan.emissions[0].topic}"
    assert list(_unanswered(PlayReport(10, plan.truth.refused, ()), plan)) == []
    assert list(_unanswered(PlayReport(10, plan.truth.refused, (failure,) * 7), plan)) == [
        *[f"{name} was answered 500 oops"] * 5, "and 2 more were not answered as they should",
    ]  # fmt: skip
    assert list(_unanswered(PlayReport(10, 0, ()), plan)) == [
        f"0 forged deliveries were refused and {plan.truth.refused} should have been"
    ]
