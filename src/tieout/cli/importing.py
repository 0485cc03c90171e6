"""Bringing files in: bank statements and whatever else a source gives as a file."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tieout.cli.group import OK, PROBLEMS
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, format_option, progress, say, show
from tieout.model.error import BadInput

if TYPE_CHECKING:
    from tieout.app import Tieout
    from tieout.app.views import ImportReport

_FILE = click.Path(path_type=Path)


def read(file: Path) -> bytes:
    """The bytes of a file, or of standard input for ``-``. Raises BadInput, naming the file, if there are none."""
    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        what = f"The file cannot be read: {error.strerror or error}"
        raise BadInput(what, where=str(file), remedy="Check its name and your permission to read it.") from None
    if not body.strip():
        raise BadInput("The file is empty", where=str(file), remedy="Download it again; nothing was imported.")
    return body


_COLUMNS = (
    Column("file", lambda row: row[0]),
    Column("delivery", lambda row: row[1].delivery),
    Column("verdict", lambda row: row[1].verdict),
    Column("events", lambda row: row[1].events),
    Column("entries", lambda row: row[1].entries),
    Column("exceptions", lambda row: ", ".join(row[1].cases) or None),
    Column("remarks", lambda row: "; ".join(part for part in (row[1].reason, *row[1].notes) if part) or None),
)


@click.command("import")
@click.argument("source")
@click.argument("files", nargs=-1, required=True, type=_FILE, metavar="FILE…")
@format_option
def import_command(source: str, files: tuple[Path, ...], output: str) -> int:
    """Import one or more FILEs that SOURCE gave, and book them at once.

    All files are read before the first is imported, so a mistyped name imports nothing. Importing a file twice
    changes nothing. Use - for standard input. Exit code 1 if something in them needs a person.
    """
    bodies = [read(file) for file in files]
    reports: list[tuple[str, ImportReport]] = []
    try:
        with opened() as app, progress("Importing", len(files)) as move:
            for file, body in zip(files, bodies, strict=True):
                reports.append((file.name, _imported(app, source, file, body)))
                move(len(reports))
    finally:
        if reports:
            show(reports, _COLUMNS, output)
    odd = any(report.cases for _, report in reports)
    say("Some of it needs a person: look at `tieout cases`." if odd else "Next: `tieout reconcile`.")
    return PROBLEMS if odd else OK


def _imported(app: "Tieout", source: str, file: Path, body: bytes) -> "ImportReport":
    """Imports one file; an error names the file, since several may be given."""
    try:
        return app.import_file(source, body, name=file.name, actor=actor())
    except BadInput as error:
        raise BadInput(error.what, where=f"{file} for {source}", remedy=error.remedy) from error
