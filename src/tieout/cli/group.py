"""How every command ends: one coded line for what the caller can put right, and the exit code that says so."""

import os
import re
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from tieout.model.error import TieoutError

OK = 0
PROBLEMS = 1
COULD_NOT_RUN = 2
WAITS_FOR_APPROVAL = 3


class Tree(click.Group):
    """A group of commands, listed in the order in which they were added: that of the work."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the work."""
        del ctx
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands, each with its whole first sentence."""
        del ctx
        _describe(formatter, "Commands", tuple(self.commands.values()))


class Root(Tree):
    """The whole command line. Nothing a caller can cause ends in a traceback."""

    def __init__(self, *args: Any, **extra: Any) -> None:
        super().__init__(*args, **extra)
        self._sections: list[tuple[str, tuple[click.Command, ...]]] = []

    def add_section(self, title: str, commands: tuple[click.Command, ...]) -> None:
        """Adds commands that belong together, under a heading of the help page."""
        self._sections.append((title, commands))
        for command in commands:
            self.add_command(command)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command; click itself would call it a failure when the reader closes the pipe."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return _read_enough()

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands by section, each with its whole first sentence."""
        del ctx
        for title, commands in self._sections:
            _describe(formatter, title, commands)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,  # noqa: FBT002 -- click's own signature
        **extra: Any,
    ) -> NoReturn:
        """Runs a command line and exits with its code."""
        del standalone_mode
        try:
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
            sys.stdout.flush()
            sys.exit(code if isinstance(code, int) else OK)
        except (click.Abort, KeyboardInterrupt):
            click.echo("Stopped.", err=True)
            sys.exit(COULD_NOT_RUN)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.format_message(), err=True)
            sys.exit(COULD_NOT_RUN)
        except click.ClickException as error:
            sys.exit(_refused(_usage_line(error)))
        except TieoutError as error:
            sys.exit(_refused(str(error)))
        except BrokenPipeError:
            sys.exit(_read_enough())
        except Exception as error:  # noqa: BLE001 -- the last one to hear of it
            sys.exit(_ours(error))


def _describe(formatter: click.HelpFormatter, title: str, commands: Sequence[click.Command]) -> None:
    with formatter.section(title):
        formatter.write_dl([(command.name or "", _first_sentence(command)) for command in commands])


def _first_sentence(command: click.Command) -> str:
    text = " ".join((command.help or "").partition("\n\n")[0].split())
    return re.split(r"(?<=\.)\s", text, maxsplit=1)[0]


def _refused(line: str) -> int:
    click.echo(click.style(line, fg="red"), err=True, color=_colour())
    return COULD_NOT_RUN


def _colour() -> bool | None:
    """False where NO_COLOR forbids it; otherwise click decides by the terminal."""
    return False if os.environ.get("NO_COLOR") else None


def _usage_line(error: click.ClickException) -> str:
    """A wrong command line as one line, ending with the next thing to type."""
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "tieout"
    what = error.format_message().rstrip(".").replace("\n", " ")
    return f"[usage] {what}. See `{path} --help`."


def _read_enough() -> int:
    """A reader such as ``head`` that closed the pipe is no error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at exit
    return OK


def _ours(error: Exception) -> int:
    """What the caller cannot put right is told whole, since someone has to mend it."""
    from tieout.app import DatabaseAway

    if isinstance(error, DatabaseAway):
        what = str(error).strip().partition("\n")[0]
        return _refused(f"[setup] The database did not answer: {what}. Run `tieout doctor`.")
    traceback.print_exception(error)
    return _refused("[internal] This is a mistake in tieout, not in what you typed. Please report the lines above.")
