"""Deciding: exceptions and their resolution, taking a match back, reading a delivery again."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from tieout.cli.group import OK, WAITS_FOR_APPROVAL
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, counted, format_option, limit_option, say, show, show_json
from tieout.model.case import Action, Reason, Resolution
from tieout.model.entry import EntryDraft
from tieout.model.error import BadInput
from tieout.model.ids import IdKind, parse_id
from tieout.model.money import Money

if TYPE_CHECKING:
    from tieout.app.views import Preview

_WHY = click.option("--why", required=True, help="The reason, in a sentence; it is kept for ever.")
_CASES = (
    Column("case", lambda c: c.id),
    Column("reason", lambda c: c.case.draft.reason.value),
    Column("at risk", lambda c: _at_risk(c.case.draft)),
    Column("currency", lambda c: c.case.draft.currency),
    Column("age", lambda c: c.age_days),
    Column("state", lambda c: c.case.state.value),
    Column("what happened", lambda c: c.case.draft.sentence),
)
_ITEMS = (
    Column("open item", lambda i: f"{IdKind.ITEM}_{i.id}"),
    Column("account", lambda i: i.account),
    Column("item", lambda i: i.item),
    Column("date", lambda i: i.effective_date),
    Column("open", lambda i: Money(i.open_minor, i.currency)),
    Column("currency", lambda i: i.currency),
)


def _at_risk(draft: Any) -> Money | None:
    return Money(draft.amount_minor, draft.currency) if draft.currency else None


@click.command("cases")
@click.option("--reason", type=click.Choice([reason.value for reason in Reason]), metavar="CODE",
              help="Only exceptions with this reason code.")  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Resolved ones too.")
@limit_option
@format_option
def cases_command(reason: str | None, everything: bool, limit: int, output: str) -> None:
    """List exceptions: what needs a person, most money at risk first."""
    with opened() as app:
        found = app.case_list(only_open=None if everything else True, reason=reason, limit=limit)
        show(found, _CASES, output)


@click.command("case")
@click.argument("id")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")
def case_command(id: str, output: str) -> None:
    """Show the exception ID: what happened, what is open, what can be done, and its history."""
    with opened() as app:
        view = app.case(id)
    if output == "json":
        show_json(view)
        return
    draft = view.case.draft
    click.echo(f"{view.id}  {draft.reason.value}: {draft.reason.meaning}")
    click.echo(draft.sentence)
    click.echo(f"State: {view.case.state.value}, {view.age_days} days old. Links: {', '.join(draft.links) or 'none'}.")
    click.echo(f"Next: {view.case.next_step}")
    click.echo(f"You can: {', '.join(f'--{action.value}' for action in view.actions)} (`tieout resolve {view.id}`)")
    if view.items:
        click.echo()
        show(view.items, _ITEMS, "table")
    for line in view.history:
        click.echo(f"{line.at:%Y-%m-%d %H:%M}  {line.what} by {line.actor}: {line.detail}")


@click.command("resolve")
@click.argument("id")
@click.option("--book", metavar="ACCOUNT", help="Book what is open to this account.")
@click.option("--match", "items", metavar="ITEM", multiple=True, help="Tie these open items; give it for each of them.")
@click.option("--release", is_flag=True, help="Book the held event as its source states it.")
@click.option("--accept", is_flag=True, help="Book what was told later in the place of what was told first.")
@click.option("--dismiss", is_flag=True, help="Close it without a posting.")
@_WHY
@click.option("--yes", is_flag=True, help="Do it without asking; without a terminal this is needed.")
def resolve_command(
    id: str,
    book: str | None,
    items: tuple[str, ...],
    release: bool,
    accept: bool,
    dismiss: bool,
    why: str,
    yes: bool,
) -> int:
    """Resolve the exception ID. What it would post is shown first; nothing happens until you agree.

    Exit code 3 if it waits for your agreement.
    """
    decision = _decision(book, items, (release, accept, dismiss), why)
    with opened() as app:
        _show_preview(app.preview(id, decision, actor=actor()))
        if not yes and not (sys.stdin.isatty() and click.confirm("Do it?", err=True)):
            say("Nothing was done. Add --yes to do it.")
            return WAITS_FOR_APPROVAL
        app.resolve(id, decision, actor=actor())
    say(f"{id} is resolved.")
    return OK


def _decision(book: str | None, items: tuple[str, ...], flags: tuple[bool, bool, bool], why: str) -> Resolution:
    """The one decision the options make."""
    chosen = [
        action
        for action, given in (
            (Action.BOOK, book is not None),
            (Action.MATCH, bool(items)),
            *zip((Action.RELEASE, Action.ACCEPT, Action.DISMISS), flags, strict=True),
        )
        if given
    ]
    if len(chosen) != 1:
        what = "Give exactly one of --book, --match, --release, --accept and --dismiss"
        raise click.UsageError(what, click.get_current_context())
    return Resolution(chosen[0], why, account=book, items=tuple(_item(text) for text in items))


def _item(text: str) -> int:
    kind, number = parse_id(text)
    if kind is not IdKind.ITEM:
        raise BadInput(f"“{text}” is not an open item", where="--match", remedy=f"It starts with {IdKind.ITEM}_.")
    return number


def _show_preview(preview: "Preview") -> None:
    click.echo(preview.sentence)
    show_entries(preview.entries)
    if preview.items and not preview.entries:
        show(preview.items, _ITEMS, "table")


def show_entries(entries: Sequence[EntryDraft]) -> None:
    """Entries that are not posted yet, a table each."""
    columns = (
        Column("account", lambda line: line.account),
        Column("debit", lambda line: Money(line.amount_minor, line.currency) if line.amount_minor > 0 else None),
        Column("credit", lambda line: Money(-line.amount_minor, line.currency) if line.amount_minor < 0 else None),
        Column("currency", lambda line: line.currency),
        Column("item", lambda line: line.item),
    )
    for entry in entries:
        show(entry.lines, columns, "table", title=f"{entry.effective_date}  {entry.memo}")


@click.command("unmatch")
@click.argument("id")
@_WHY
def unmatch_command(id: str, why: str) -> None:
    """Take the match ID back by a reversing match; its items are open again."""
    with opened() as app:
        click.echo(app.unmatch(id, reason=why, actor=actor()))
    say(f"{id} is taken back.")


@click.command("replay")
@click.argument("id")
@_WHY
def replay_command(id: str, why: str) -> None:
    """Read the delivery ID again with today's mapping; what is booked already is not booked twice."""
    with opened() as app:
        report = app.replay(id, reason=why, actor=actor())
    made = f"{counted(report.events, 'new event')}, {counted(report.entries, 'new entry', 'new entries')}"
    say(f"{made}, {counted(report.cases, 'new exception')}.")
