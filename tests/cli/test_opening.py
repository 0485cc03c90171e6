"""Which installation a command works on, who acts, and where the log goes."""

import getpass
import json
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner

from tests.cli.conftest import CommandLine
from tieout.cli.main import tieout
from tieout.cli.opening import log_to_stderr


def test_home_on_the_command_line_goes_before_the_environment(tmp_path: Path) -> None:
    other = tmp_path / "other"
    environment = {"TIEOUT_HOME": str(tmp_path / "elsewhere"), "TIEOUT_DATABASE_URL": ""}
    result = CliRunner().invoke(tieout, ["--home", str(other), "balances"], env=environment, prog_name="tieout")
    assert (result.exit_code, result.stderr) == (
        2, f"[setup] Nothing is set up here ({other}). Run `tieout init`, or name another --home.\n",
    )  # fmt: skip
    assert not other.exists()


def test_a_wrong_setting_is_one_line(books: CommandLine) -> None:
    books.environment["TIEOUT_PARK_DAYS"] = "soon"
    assert books.error("balances") == (
        "[config] TIEOUT_PARK_DAYS is “soon” (TIEOUT_PARK_DAYS). Give a whole number, such as 3."
    )


def test_who_acts_is_who_is_logged_in(books: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "carla")
    books("trigger", "shop", "order_created", "--date", "2026-10-05")
    books("reconcile", "--as-of", "2026-10-31")
    books("resolve", "cas_1", "--dismiss", "--why", "A test.", "--yes")
    assert "dismiss by carla: A test." in books("case", "cas_1").stdout


def test_a_machine_without_names(books: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise OSError

    monkeypatch.setattr(getpass, "getuser", nobody)
    assert books("key", "new", "till").stdout.startswith("tok_")


def test_the_log_is_json_lines_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    log_to_stderr("info")
    structlog.get_logger("test").info("mug.fired", degrees=1240)
    structlog.get_logger("test").debug("mug.thought_of")
    log_to_stderr()
    structlog.get_logger("test").info("mug.cooled")
    captured = capsys.readouterr()
    line = json.loads(captured.err, parse_float=str)
    assert captured.out == ""
    assert (line["event"], line["degrees"], line["level"]) == ("mug.fired", 1240, "info")
    structlog.reset_defaults()
