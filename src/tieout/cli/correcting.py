"""Correcting: take an entry back, whole or in part, or book another in its place. What is booked is never changed."""

import sys
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

import click

from tieout.cli.deciding import show_entries
from tieout.cli.group import OK, WAITS_FOR_APPROVAL
from tieout.cli.opening import actor, opened
from tieout.cli.output import say
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import BadInput
from tieout.model.money import to_minor

if TYPE_CHECKING:
    from tieout.app import Tieout
    from tieout.app.views import EntryView

_WHY = click.option("--why", required=True, help="The reason, in a sentence; it is kept for ever.")
_YES = click.option("--yes", is_flag=True, help="Do it without asking; without a terminal this is needed.")
_DAY = click.DateTime(["%Y-%m-%d"])
_ON = click.option("--on", type=_DAY, help="The open day to take it back on; from today the first that is.")


@click.command("reverse")
@click.argument("id")
@click.option("--line", "parts", nargs=2, multiple=True, metavar="NUMBER AMOUNT",
              help="Only this much of this line; give it for lines of both sides.")  # fmt: skip
@_ON
@_WHY
@_YES
def reverse_command(id: str, parts: tuple[tuple[str, str], ...], on: datetime | None, why: str, yes: bool) -> int:
    """Take the entry ID back by another one: all that is left of it, or some of its lines. Once, and on an open day.

    What it would post is shown first; nothing happens until you agree. Exit code 3 if it waits for your agreement.
    """
    with opened() as app:
        day = on.date() if on else None
        part = _part(app.entry(id), parts) if parts else None
        preview = app.preview_reversal(id, on=day, part=part, actor=actor())
        click.echo(preview.sentence)
        show_entries(preview.entries)
        if not _agreed(yes=yes):
            return WAITS_FOR_APPROVAL
        made = app.reverse(id, reason=why, on=day, part=part, actor=actor())
    say(f"{id} is taken back by {made.reversal}.")
    return OK


@click.command("correct")
@click.argument("id")
@click.option("--line", "lines", nargs=3, multiple=True, required=True, metavar="ACCOUNT AMOUNT CURRENCY",
              help="A line of the entry in its place; minus is credit, 10.00@9.20 is worth 9.20 in base.")  # fmt: skip
@click.option("--day", type=_DAY, help="The day of the entry in its place; that of the old one if not given.")
@click.option("--memo", help="What the entry in its place says; what the old one says if not given.")
@_ON
@_WHY
@_YES
def correct_command(
    id: str,
    lines: tuple[tuple[str, str, str], ...],
    day: datetime | None,
    memo: str | None,
    on: datetime | None,
    why: str,
    yes: bool,
) -> int:
    """Take the entry ID back and book another in its place: both or neither, and linked to each other.

    What it would post is shown first; nothing happens until you agree. Exit code 3 if it waits for your agreement.
    """
    with opened() as app:
        draft = _draft(app, id, lines, day.date() if day else None, memo, why)
        back = on.date() if on else None
        preview = app.preview_correction(id, draft, on=back, actor=actor())
        click.echo(preview.sentence)
        show_entries(preview.entries)
        if not _agreed(yes=yes):
            return WAITS_FOR_APPROVAL
        made = app.correct(id, draft, reason=why, on=back, actor=actor())
    say(f"{id} is taken back by {made.reversal}, and {made.replacement} stands in its place.")
    return OK


def _agreed(*, yes: bool) -> bool:
    if yes or (sys.stdin.isatty() and click.confirm("Do it?", err=True)):
        return True
    say("Nothing was done. Add --yes to do it.")
    return False


def _part(view: "EntryView", parts: tuple[tuple[str, str], ...]) -> dict[int, int]:
    """Minor units by number of line."""
    found: dict[int, int] = {}
    for number, amount in parts:
        if not (number.isascii() and number.isdecimal() and 1 <= int(number) <= len(view.lines)):
            remedy = f"{view.id} has lines 1 to {len(view.lines)}."
            raise BadInput(f"There is no line “{number}”", where="--line", remedy=remedy)
        line = int(number)
        found[line] = found.get(line, 0) + to_minor(amount, view.lines[line - 1].currency)
    return found


def _draft(
    app: "Tieout", id: str, lines: tuple[tuple[str, str, str], ...], day: date | None, memo: str | None, why: str
) -> EntryDraft:
    old = app.entry(id).entry.draft
    base = app.entity().base_currency
    on = day or old.effective_date
    return EntryDraft(
        key=f"correction:{id}",
        effective_date=on,
        occurred_at=datetime.combine(on, time(12), tzinfo=UTC) if day else old.occurred_at,
        lines=tuple(_line(line, base) for line in lines),
        memo=memo or old.memo,
        rule_id="correction",
        rule_version=1,
        why=why,
    )


def _line(line: tuple[str, str, str], base_currency: str) -> Line:
    account, text, currency = line
    amount, at, worth = text.partition("@")
    minor = to_minor(amount, currency)
    if bool(at) == (currency == base_currency):
        raise BadInput(
            f"{text} {currency}: what is it worth in {base_currency}?" if not at else f"{text} is {currency} already",
            where="--line",
            remedy=f"Write 10.00@9.20 for a line in another currency than {base_currency}, and only for one.",
        )
    return Line(account, currency, minor, to_minor(worth, base_currency) if at else minor)
