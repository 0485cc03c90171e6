"""Periods: which days of the books are closed, to whom, and for how long."""

import calendar
import re
import sys
from datetime import UTC, date, datetime, time

import click

from tieout.cli.group import OK, WAITS_FOR_APPROVAL, Tree
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, format_option, say, show
from tieout.model.error import BadInput
from tieout.model.period import Area, PeriodState

_AREA = click.option(
    "--area", type=click.Choice([area.value for area in Area]), default="all", show_default=True,
    help="Only the accounts of this area.",
)  # fmt: skip
_PERIODS = (
    Column("from", lambda p: p.first_day),
    Column("to", lambda p: p.last_day),
    Column("area", lambda p: p.area.value),
    Column("state", lambda p: p.state.value),
    Column("allowed", lambda p: ", ".join(f"{a.person} until {a.expires_at:%Y-%m-%d}" for a in p.allowances) or None),
)


@click.group("period", cls=Tree)
def period_group() -> None:
    """Periods: which days of the books are closed."""


@period_group.command("list")
@format_option
def period_list(output: str) -> None:
    """List the periods that were closed once, and who may still post into them; all other days are open."""
    with opened() as app:
        show(app.period_list(), _PERIODS, output)


def span(text: str) -> tuple[date, date]:
    """First and last day of a month written 2026-09, or of days written 2026-09-01..2026-09-15."""
    first, dots, last = text.partition("..")
    if dots:
        return _day(first), _day(last)
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", text, re.ASCII):
        raise BadInput(f"“{text}” is not a month", where="month", remedy="Write it like 2026-09.")
    year, month = int(text[:4]), int(text[5:])
    try:
        return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
    except ValueError:
        raise BadInput(f"There is no year {text[:4]}", where="month", remedy="Write it like 2026-09.") from None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput(f"“{text}” is not a day", where="month", remedy="Write it like 2026-09-01.") from None


@period_group.command("close")
@click.argument("month")
@_AREA
@click.option("--hard", is_flag=True, help="For ever: it can never be opened again.")
@click.option("--despite", metavar="REASON", help="Close although something of it is open; kept for ever.")
@click.option("--yes", is_flag=True, help="Close hard without asking; without a terminal this is needed.")
def period_close(month: str, area: str, hard: bool, despite: str | None, yes: bool) -> int:
    """Close MONTH, such as 2026-09. What happens late is booked on the first open day.

    Days that are no month are written 2026-09-01..2026-09-15. A soft close takes entries from whoever is allowed to
    post; a hard close takes none, and is refused while exceptions, items or events of the period are open. Closing a
    whole month books what foreign currency is worth at the rate of its last day, and takes that back on the next.
    """
    first, last = span(month)
    if hard and not yes and not (sys.stdin.isatty() and click.confirm("This is for ever. Close it?", err=True)):
        say("Nothing was done: a hard close is for ever. Add --yes to do it.")
        return WAITS_FOR_APPROVAL
    state = PeriodState.HARD if hard else PeriodState.SOFT
    with opened() as app:
        standing = app.set_period(first, last, state, area=Area(area), despite=despite, actor=actor())
    say(f"{_called(month, area)} is closed{' for ever' if hard else ''}.")
    for what in standing:
        say(f"Despite {what}.")
    return OK


@period_group.command("open")
@click.argument("month")
@_AREA
def period_open(month: str, area: str) -> None:
    """Open MONTH again, unless it was closed for ever."""
    first, last = span(month)
    with opened() as app:
        app.set_period(first, last, PeriodState.OPEN, area=Area(area), actor=actor())
    say(f"{_called(month, area)} is open.")


@period_group.command("allow")
@click.argument("month")
@click.option("--person", required=True, help="Who may post; the name entries are posted under.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), required=True, help="The last day of it.")
@click.option("--why", required=True, help="The reason, in a sentence; it is kept for ever.")
@_AREA
def period_allow(month: str, person: str, until: datetime, why: str, area: str) -> None:
    """Let one person post into MONTH although it is closed, until a day. A hard close allows nobody."""
    first, last = span(month)
    end = datetime.combine(until.date(), time.max, tzinfo=UTC)
    with opened() as app:
        made = app.allow_posting(first, last, area=Area(area), person=person, reason=why, until=end, actor=actor())
    say(f"{made.person} may post into {_called(month, area)} until {made.expires_at:%Y-%m-%d}.")


def _called(month: str, area: str) -> str:
    return month if area == "all" else f"{month} of {area}"
