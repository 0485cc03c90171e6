"""Every help page is the reference, so every word of it is compared. TIEOUT_TEST_UPDATE=1 writes it anew."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import click
from click.testing import CliRunner

from tieout.cli.main import tieout

SNAPSHOT = Path(__file__).with_name("help.txt")


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every command, in the order of the help pages."""
    yield path
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from commands(inner, (*path, name))


def help_page(path: tuple[str, ...]) -> str:
    result = CliRunner().invoke(tieout, [*path, "--help"], prog_name="tieout", terminal_width=100)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


def forget(command: click.Command) -> None:
    """Click keeps a command's help option as it was first asked for, perhaps by a test that called it alone."""
    command._help_option = None
    for part in getattr(command, "commands", {}).values():
        forget(part)


def test_the_help_pages() -> None:
    forget(tieout)
    pages = "\n".join(f"$ {' '.join(('tieout', *path, '--help'))}\n{help_page(path)}" for path in commands(tieout))
    if os.environ.get("TIEOUT_TEST_UPDATE"):
        SNAPSHOT.write_text(pages, "utf-8")
    assert pages == SNAPSHOT.read_text("utf-8")


def test_every_command_stands_under_a_heading() -> None:
    page = help_page(())
    assert [name for name in tieout.commands if f"\n  {name} " not in page] == []


def test_the_version() -> None:
    result = CliRunner().invoke(tieout, ["--version"], prog_name="tieout")
    assert result.stdout == f"tieout, version {version('tieout')}\n"


def test_help_is_quick_because_nothing_heavy_is_imported() -> None:
    heavy = ("tieout.app", "tieout.db", "psycopg", "duckdb", "rich", "litestar", "granian", "httpx", "tieout.sandbox")
    code = (
        "import sys; from tieout.cli.main import tieout\n"
        "try: tieout.main(['--help'], prog_name='tieout')\n"
        f"except SystemExit: print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "[]\n"
    assert time.monotonic() - began < 5
