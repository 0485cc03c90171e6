"""Handing the journal over to other programs, and taking journals over from them."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tieout.cli.group import OK, PROBLEMS, Tree
from tieout.cli.importing import read
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, counted, format_option, say, show, show_json
from tieout.model.money import Money

if TYPE_CHECKING:
    from tieout.app.views import JournalReport

_DAY = click.DateTime(["%Y-%m-%d"])
_FOLDER = click.Path(path_type=Path, file_okay=False)
_FILE = click.Path(path_type=Path)
_FROM = click.option("--from", "first", type=_DAY,
                     help="First day; what every account stood at before is the first entry.")  # fmt: skip
_TO = click.option("--to", "last", type=_DAY, help="Last day; that of the newest entry if it is not given.")
_OUT_OR_PRINT = click.option("--out", type=_FOLDER, help="Folder for the file and its manifest; printed if not given.")
_OUT = click.option("--out", type=_FOLDER, required=True, help="Folder for the files and their manifest.")


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


@click.group("export", cls=Tree)
def export_group() -> None:
    """Hand the journal over, with a manifest of what it adds up to."""


@export_group.command("beancount")
@_FROM
@_TO
@_OUT_OR_PRINT
@click.option("--portable", is_flag=True, help="Without this database's own numbers (ent_…), to compare two books.")
def beancount_command(first: datetime | None, last: datetime | None, out: Path | None, portable: bool) -> None:
    """Export Beancount text, from which the same books can be made again."""
    _export("beancount", first, last, out, portable=portable)


@export_group.command("hledger")
@_FROM
@_TO
@_OUT_OR_PRINT
def hledger_command(first: datetime | None, last: datetime | None, out: Path | None) -> None:
    """Export an hledger journal."""
    _export("hledger", first, last, out)


@export_group.command("csv")
@_FROM
@_TO
@_OUT
def csv_command(first: datetime | None, last: datetime | None, out: Path) -> None:
    """Export two CSV tables: entries and lines."""
    _export("csv", first, last, out)


@export_group.command("parquet")
@_FROM
@_TO
@_OUT
def parquet_command(first: datetime | None, last: datetime | None, out: Path) -> None:
    """Export two Parquet tables: entries and lines."""
    _export("parquet", first, last, out)


@export_group.command("check")
@click.argument("manifest", type=_FILE)
def check_command(manifest: Path) -> int:
    """Check the files of an export against its MANIFEST; silent, and exit code 0, when they are as written.

    Needs no books: whoever received the files can check them, too.
    """
    from tieout.app import check_export

    findings = check_export(manifest)
    for finding in findings:
        click.echo(f"{finding.what}: {finding.detail}. {finding.remedy}")
    return PROBLEMS if findings else OK


def _export(
    name: str, first: datetime | None, last: datetime | None, out: Path | None, *, portable: bool = False
) -> None:
    from tieout.app import ExportKind

    kind = ExportKind(name)
    with opened() as app:
        if out is None:
            sys.stdout.writelines(app.journal_text(kind, first=_day(first), last=_day(last), portable=portable))
            return
        made = app.export(kind, out, first=_day(first), last=_day(last), portable=portable)
    entries = counted(made.totals.entries, "entry", "entries")
    say(f"Wrote {entries} with {counted(made.totals.lines, 'line')} to {out}, and {out / 'manifest.json'}.")


_BALANCES = (
    Column("account", lambda row: row.account),
    Column("before", lambda row: Money(row.before_minor, row.currency)),
    Column("after", lambda row: Money(row.after_minor, row.currency)),
    Column("currency", lambda row: row.currency),
)
_REFUSALS = (
    Column("file", lambda row: row.file),
    Column("line", lambda row: row.line),
    Column("what", lambda row: row.what),
    Column("remedy", lambda row: row.remedy),
)


@click.command("import-journal")
@click.argument("file", type=_FILE)
@click.option(
    "--format", "kind", type=click.Choice(["beancount", "csv"]), help="What FILE is; by its name if not given."
)
@click.option("--opening", type=_DAY, help="FILE is a table of balances: book them on this day, against equity.")
@click.option("--dry-run", is_flag=True, help="Post nothing: show what would be posted and refused, and the balances.")
@format_option
def import_journal_command(file: Path, kind: str | None, opening: datetime | None, dry_run: bool, output: str) -> int:
    """Import entries of other books from FILE, Beancount text or CSV: all of them, or none if a line is refused.

    Importing a file twice posts nothing twice. Exit code 1 if a dry run finds anything to refuse.
    """
    from tieout.app import JournalFormat

    body = read(file)
    with opened() as app:
        report = app.import_journal(
            body, name=file.name, kind=JournalFormat(kind) if kind else None, opening=_day(opening), dry_run=dry_run,
            actor=actor(),
        )  # fmt: skip
    _show_report(report, output)
    return PROBLEMS if report.refusals else OK


def _show_report(report: "JournalReport", output: str) -> None:
    if output == "json":
        show_json(report)
    else:
        show(report.refusals or report.balances, _REFUSALS if report.refusals else _BALANCES, output)
    for note in report.notes:
        say(note)
    if report.refusals:
        say(f"Nothing would be posted: {counted(len(report.refusals), 'line')} refused.")
        return
    known = f", {counted(report.repeated, 'known already', 'known already')}" if report.repeated else ""
    said = "would be posted" if report.dry_run else "posted"
    say(f"{counted(report.new, 'entry', 'entries')} {said}{known}.")
