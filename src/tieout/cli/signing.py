"""Reconciliations by command: what they say, preparing one, signing it, and the files that were signed."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tieout.cli.group import OK, PROBLEMS, Tree
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, format_option, say, show, show_json
from tieout.model.money import display

if TYPE_CHECKING:
    from tieout.app.signing import Reconciled

_DAY = click.DateTime(["%Y-%m-%d"])
_KEPT = (
    Column("reconciliation", lambda k: f"rec_{k.id}"),
    Column("account", lambda k: k.account),
    Column("currency", lambda k: k.currency),
    Column("from", lambda k: k.first_day),
    Column("to", lambda k: k.last_day),
    Column("prepared by", lambda k: k.prepared_by),
    Column("reviewed by", lambda k: k.reviewed_by),
    Column("hash", lambda k: k.hash[:16], aside=True),
)
_AFTERWARDS = (
    Column("match", lambda a: f"mat_{a.match_id}"),
    Column("takes back", lambda a: f"mat_{a.reverses_id}" if a.reverses_id else None),
    Column("key", lambda a: a.key),
    Column("by", lambda a: a.actor),
    Column("at", lambda a: a.at),
    Column("why", lambda a: a.why),
)


def _period(command: Callable[..., Any]) -> Callable[..., Any]:
    """The account, its currency and the days."""
    for decorate in (
        click.option("--to", "last", type=_DAY, required=True, help="The last day."),
        click.option("--from", "first", type=_DAY, required=True, help="The first day."),
        click.option("--currency", default="EUR", show_default=True, help="Of the account."),
        click.argument("account"),
    ):
        command = decorate(command)
    return command


@click.group("reconciliation", cls=Tree)
def reconciliation_group() -> None:
    """Reconciliations that two people sign: a bank account, and what is on its way to it."""


@reconciliation_group.command("show")
@_period
@click.option("-o", "--output", type=click.Choice(["csv", "json"]), default="csv", help="How to print it.")
def show_command(account: str, currency: str, first: datetime, last: datetime, output: str) -> int:
    """Print what a reconciliation of the bank ACCOUNT would say now; exit code 1 if it does not agree."""
    from tieout.app.signing import csv_of

    with opened() as app:
        found = app.reconciled(account, currency, first.date(), last.date())
    if output == "json":
        show_json(found)
    else:
        click.echo(csv_of(found), nl=False)
    return _verdict(found)


@reconciliation_group.command("prepare")
@_period
def prepare_command(account: str, currency: str, first: datetime, last: datetime) -> int:
    """Freeze what a reconciliation of the bank ACCOUNT says, for somebody else to sign."""
    with opened() as app:
        number = app.prepare_reconciliation(account, currency, first.date(), last.date(), actor=actor())
        found = app.reconciled(account, currency, first.date(), last.date())
    click.echo(number)
    return _verdict(found)


@reconciliation_group.command("sign")
@click.argument("number", type=click.IntRange(1))
@click.option("--note", required=True, help="What was looked at, in a sentence; it is kept for ever.")
def sign_command(number: int, note: str) -> None:
    """Sign the reconciliation NUMBER that somebody else prepared."""
    with opened() as app:
        kept = app.sign_reconciliation(number, note=note, actor=actor())
    say(f"rec_{number} is signed: SHA-256 {kept.hash}.")


@reconciliation_group.command("list")
@format_option
def list_command(output: str) -> None:
    """List every reconciliation that was prepared."""
    with opened() as app:
        show(app.reconciliations(), _KEPT, output)


@reconciliation_group.command("export")
@click.argument("number", type=click.IntRange(1))
@click.option("--pdf", type=click.Path(path_type=Path, dir_okay=False), help="Write the signed PDF to this file.")
@click.option("--csv", "table", type=click.Path(path_type=Path, dir_okay=False), help="Write the CSV to this file.")
@format_option
def export_command(number: int, pdf: Path | None, table: Path | None, output: str) -> None:
    """Write the files of the reconciliation NUMBER, and list what happened to its items afterwards."""
    with opened() as app:
        kept, afterwards = app.reconciliation(number)
        if pdf is not None:
            pdf.write_bytes(app.reconciliation_pdf(number))
    if table is not None:
        table.write_text(kept.csv, encoding="utf-8")
    show(afterwards, _AFTERWARDS, output)
    say(f"rec_{number}: SHA-256 {kept.hash}, {'signed by ' + kept.reviewed_by if kept.reviewed_by else 'not signed'}.")


def _verdict(found: "Reconciled") -> int:
    if found.agrees:
        say(f"{found.account} agrees with the bank as of {found.last_day}; nothing is unexplained.")
        return OK
    off = f"{display(found.bank.difference_minor, found.currency)} {found.currency}"
    say(f"{found.account} does not agree: difference {off}, or a statement is missing, or something is unexplained.")
    return PROBLEMS
