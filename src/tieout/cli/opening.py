"""Opening the installation a command works on, and saying who works on it."""

import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from tieout.model.entity import Actor
from tieout.model.error import SetupError

if TYPE_CHECKING:
    from tieout.app import Settings, Tieout

#: A command needs one connection for itself and one to listen with.
_CONNECTIONS = 2


def settings() -> "Settings":
    """The settings of the home named by ``--home``, by TIEOUT_HOME, or the standard one."""
    from tieout.app import home_of

    home = click.get_current_context().find_root().params.get("home")
    return home_of(str(home) if home else None)


def exists(where: "Settings") -> bool:
    """Whether anything was ever set up there, so that looking never creates a database."""
    return where.database_url is not None or (where.home / "postgres").exists()


@contextmanager
def opened(*, fresh: bool = False, connections_max: int = _CONNECTIONS) -> Iterator["Tieout"]:
    """The installation, open. Raises SetupError if there is none, unless a `fresh` one may be made."""
    from tieout.app import Tieout

    chosen = settings()
    if not fresh and not exists(chosen):
        raise SetupError(
            "Nothing is set up here", where=str(chosen.home), remedy="Run `tieout init`, or name another --home."
        )
    if fresh:
        chosen.home.mkdir(parents=True, exist_ok=True)
    log_to_stderr()
    with Tieout.open(chosen, connections_max=connections_max) as app:
        yield app


def actor() -> Actor:
    """Who acts: ``--actor``, or the name of whoever is logged in to the machine."""
    given = click.get_current_context().find_root().params.get("actor")
    return Actor(given or _login_name(), "person")


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run a number that has no name
        return "command line"


def log_to_stderr(level: str = "warning") -> None:
    """Sends the log to standard error: for people on a terminal, as JSON lines elsewhere."""
    import logging

    import structlog

    terminal = sys.stderr.isatty()
    colours = terminal and not os.environ.get("NO_COLOR")
    shown = structlog.dev.ConsoleRenderer(colors=colours) if terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            shown,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
