"""Matching rules by command: which are in force, a new version and its approval, and trying one over all history."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tieout.cli.group import OK, Tree
from tieout.cli.importing import read
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, counted, format_option, say, show, show_json
from tieout.model.error import BadInput
from tieout.model.money import Money, display

if TYPE_CHECKING:
    from tieout.app.ruling import Trial

_WHY = click.option("--why", required=True, help="The reason, in a sentence; it is kept for ever.")
_DAY = click.DateTime(["%Y-%m-%d"])
_VERSIONS = (
    Column("version", lambda v: v.version),
    Column("from", lambda v: v.from_day),
    Column("published by", lambda v: v.published_by),
    Column("reason", lambda v: v.reason, aside=True),
    Column("approved by", lambda v: v.approved_by),
    Column("hash", lambda v: v.hash),
)
_MATCHES = (
    Column("pass", lambda m: m.pass_id),
    Column("key", lambda m: m.key),
    Column("account", lambda m: m.account),
    Column("amount", lambda m: Money(m.amount_minor, m.currency)),
    Column("currency", lambda m: m.currency),
    Column("written off", lambda m: Money(abs(m.written_off_minor), m.currency) if m.written_off_minor else None),
    Column("items", lambda m: len(m.items)),
)


@click.group("rules", cls=Tree)
def rules_group() -> None:
    """Matching rules: data that one person publishes and another approves."""


@rules_group.command("show")
@click.option("--at", type=_DAY, help="Those in force on this day; else today.")
def show_command(at: datetime | None) -> None:
    """Print the matching rules in force, as TOML to change and to try."""
    with opened() as app:
        version, text = app.matching_rules(at.date() if at else None)
    click.echo(text, nl=False)
    say(f"Version {version}." if version else "These come with the product; nobody has approved others.")


@rules_group.command("list")
@format_option
def list_command(output: str) -> None:
    """List every version that was published, and who approved it."""
    with opened() as app:
        show(app.rule_versions(), _VERSIONS, output)


@rules_group.command("try")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def try_command(file: Path, output: str) -> int:
    """Run the rules in FILE over all history, beside those in force: what would be new, lost or tied otherwise.

    Nothing is written.
    """
    text = _text(file)
    with opened() as app:
        found = app.try_rules(text)
    if output == "json":
        show_json(found)
    else:
        _show_trial(found)
    return OK


def _show_trial(found: "Trial") -> None:
    both = [change.after for change in found.changed]
    for title, matches in (("New", found.new), ("Lost", found.lost), ("Tied otherwise", both)):
        if matches:
            show(matches, _MATCHES, "table", title=title)
            click.echo()
    for title, rows in (("new", found.new), ("lost", found.lost), ("tied otherwise", both)):
        sums = ", ".join(f"{display(minor, currency)} {currency}" for currency, minor in found.money(rows).items())
        click.echo(f"{counted(len(rows), 'match', 'matches')} {title}{f', {sums}' if sums else ''}")
    if found.contradicted:
        click.echo(f"{counted(len(found.contradicted), 'match', 'matches')} a person has taken back before")
    say(f"{counted(found.same, 'match', 'matches')} as now, over {counted(found.items, 'item')}. Nothing was written.")


@rules_group.command("publish")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--from", "from_day", type=_DAY, required=True, help="The first day on which they apply.")
@_WHY
def publish_command(file: Path, from_day: datetime, why: str) -> None:
    """Publish the rules in FILE as a new version, to be approved by somebody else."""
    text = _text(file)
    with opened() as app:
        number = app.publish_rules(text, from_day=from_day.date(), reason=why, actor=actor())
    click.echo(number)
    say(f"Version {number} waits for approval (`tieout rules approve {number}`), by somebody else.")


@rules_group.command("approve")
@click.argument("version", type=click.IntRange(1))
@_WHY
def approve_command(version: int, why: str) -> None:
    """Approve a VERSION that somebody else published."""
    with opened() as app:
        found = app.approve_rules(version, reason=why, actor=actor())
    say(f"Version {version} is in force from {found.from_day}.")


def _text(file: Path) -> str:
    try:
        return read(file).decode()
    except UnicodeDecodeError:
        raise BadInput("These rules are no text", where=str(file), remedy="Save them as UTF-8.") from None
