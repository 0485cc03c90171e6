"""How commands end: exit codes, one line for what the caller can mend, and no traceback for it."""

import os
import subprocess
import sys

import click
import psycopg
import pytest
from click.testing import CliRunner, Result

from tests.cli.conftest import CommandLine
from tieout.cli.group import COULD_NOT_RUN, OK, PROBLEMS, WAITS_FOR_APPROVAL, Root
from tieout.model.error import NotFound


def ended(by: BaseException | None, code: object = None) -> Result:
    """What is left of a command that raises `by`, or returns `code`."""

    @click.group("tieout", cls=Root)
    def root() -> None:
        """A command line."""

    @root.command("go")
    def go() -> object:
        """The one command."""
        if by is not None:
            raise by
        return code

    return CliRunner().invoke(root, ["go"], prog_name="tieout")


def test_a_command_returns_its_exit_code() -> None:
    assert [ended(None, code).exit_code for code in (None, OK, PROBLEMS, COULD_NOT_RUN, WAITS_FOR_APPROVAL)] == [
        0, 0, 1, 2, 3,
    ]  # fmt: skip


def test_what_the_caller_can_mend_is_one_coded_line() -> None:
    result = ended(NotFound("There is no mug", where="shelf", remedy="Buy one."))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "[not_found] There is no mug (shelf). Buy one.\n"


def test_a_database_that_is_away_is_one_coded_line() -> None:
    result = ended(psycopg.OperationalError("the connection is lost\nDETAIL: much more"))
    assert (result.exit_code, result.stderr) == (
        2, "[setup] The database did not answer: the connection is lost. Run `tieout doctor`.\n",
    )  # fmt: skip


def test_our_own_mistakes_are_loud() -> None:
    result = ended(AssertionError("one is two"))
    lines = result.stderr.splitlines()
    assert result.exit_code == 2
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-2:] == [
        "AssertionError: one is two",
        "[internal] This is a mistake in tieout, not in what you typed. Please report the lines above.",
    ]


@pytest.mark.parametrize("by", [KeyboardInterrupt(), click.Abort()])
def test_stopped_by_hand(by: BaseException) -> None:
    result = ended(by)
    assert (result.exit_code, result.stderr.strip()) == (2, "Stopped.")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["nothing"], "[usage] No such command 'nothing'. See `tieout --help`."),
        (["journal", "--acount", "1200"], "[usage] No such option '--acount'. (Did you mean one of: '--account'"),
        (["journal", "--limit", "0"], "[usage] Invalid value for '--limit': 0 is not in the range 1<=x<=500."),
        (["explain"], "[usage] Missing argument '[payout] ID'. See `tieout explain --help`."),
        (["source", "add"], "[usage] Missing argument 'NAME'. See `tieout source add --help`."),
        (["unmatch", "mat_1"], "[usage] Missing option '--why'. See `tieout unmatch --help`."),
        (["proof", "-o", "xml"], "[usage] Invalid value for '-o' / '--output': 'xml' is not one of 'table', 'json'"),
    ],
)
def test_a_wrong_command_line_is_one_line(run: CommandLine, arguments: list[str], line: str) -> None:
    assert run.error(*arguments).startswith(line)


def test_without_a_command_it_shows_the_help(run: CommandLine) -> None:
    result = run(code=2)
    assert result.stdout == ""
    assert result.stderr.startswith("Usage: tieout [OPTIONS] COMMAND [ARGS]...\n")


def test_a_reader_that_has_enough_is_no_error(told: CommandLine) -> None:
    """`tieout journal | head -1` ends quietly, also when the pipe is gone before all is written."""
    command = f"{sys.executable} -m tieout export hledger | head -c 5"
    shell = ["bash", "-o", "pipefail", "-c", f"for i in 1 2 3; do {command} || exit; done"]
    done = subprocess.run(shell, env=surroundings(told), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "; Mug" * 3, "")


def test_a_pipe_closed_at_once(told: CommandLine) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "tieout", "journal"],
        env=surroundings(told), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.close()
    _, said = process.communicate()
    assert (process.returncode, said) == (0, b"")


def surroundings(run: CommandLine) -> dict[str, str]:
    """The environment of a process that is to work in the installation."""
    return {**os.environ, **run.environment, "PYTHONPATH": "src"}
