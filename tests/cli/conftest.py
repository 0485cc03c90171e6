"""Fixtures of the command line: commands run in this process, against a database of the test's or module's own."""

import io
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import structlog
from click.testing import CliRunner, Result

from tieout.cli.main import tieout

#: A charge of 100.25, of which the gateway keeps 0.25, and the payout of what is left: all of one seed.
CHAIN = (
    ("shop", "order_paid", "100.25"),
    ("stripe", "charge_succeeded", "100.25"),
    ("stripe", "payout_created", "100.00"),
    ("stripe", "payout_reconciled", "100.00"),
    ("bank", "payout_arrived", "100.00"),
)


class CommandLine:
    """Runs commands in one installation and expects an exit code."""

    def __init__(self, home: Path, database_url: str) -> None:
        self.home = home
        self.environment = {"TIEOUT_HOME": str(home), "TIEOUT_DATABASE_URL": database_url, "NO_COLOR": "1"}

    def __call__(self, *arguments: str | Path, code: int = 0, typed: str | bytes | None = None) -> Result:
        result = CliRunner().invoke(
            tieout, [str(a) for a in arguments], env=self.environment, input=typed, prog_name="tieout"
        )
        structlog.reset_defaults()  # a command says where the log goes, for its whole process
        assert result.exit_code == code, (result.exit_code, result.stdout, result.stderr, result.exception)
        return result

    def error(self, *arguments: str | Path, typed: str | bytes | None = None) -> str:
        """The one line a command that could not run said."""
        result = self(*arguments, code=2, typed=typed)
        assert result.stdout == ""
        assert result.stderr.count("\n") == 1, result.stderr
        return result.stderr.rstrip("\n")


class Terminal(io.StringIO):
    """Standard output or error as a terminal."""

    def isatty(self) -> bool:
        return True


def on_terminal(columns: int, doing: Callable[[], object]) -> list[str]:
    """The lines that doing something prints on a terminal of a width, without their colours."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TERM", "xterm")
        patch.setenv("COLUMNS", str(columns))
        patch.setattr(sys, "stdout", shown := Terminal())
        patch.setattr(sys, "stderr", shown)
        doing()
    return plain(shown.getvalue())


def plain(shown: str) -> list[str]:
    """The lines of what a terminal was sent, without colours and without the blanks at their ends."""
    return [line.rstrip() for line in re.sub(r"\x1b\[[0-9;]*m", "", shown).splitlines()]


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> CommandLine:
    """The command line of an installation of the test's own, in which nothing is set up yet."""
    return CommandLine(tmp_path / "home", database_url)


def with_sources(run: CommandLine) -> CommandLine:
    """Books with one shop, one gateway and one bank."""
    run("init", "--name", "Mug & Bowl", "--password", "correct horse")
    run("source", "add", "shop", "--connector", "shopify", "--secret", "shop secret")
    run("source", "add", "stripe", "--secret", "stripe secret")
    run("source", "add", "bank", "--connector", "camt")
    return run


@pytest.fixture
def books(run: CommandLine) -> CommandLine:
    """Books of the test's own with one shop, one gateway and one bank, in which nothing has happened yet."""
    return with_sources(run)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, fresh_database: Callable[..., str]) -> CommandLine:
    """Books to look at: one sale from order to bank, tied out, and one order nobody paid."""
    run = with_sources(CommandLine(tmp_path_factory.mktemp("told") / "home", fresh_database()))
    for source, example, amount in CHAIN:
        run("trigger", source, example, "--amount", amount, "--date", "2026-10-05", "--seed", "7")
    run("trigger", "shop", "order_created", "--amount", "59.90", "--date", "2026-10-06", "--seed", "8")
    run("reconcile", "--as-of", "2026-10-31")
    return run
