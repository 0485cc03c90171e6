"""Control totals by command."""

from pathlib import Path

import click

from tieout.cli.group import OK, PROBLEMS
from tieout.cli.importing import read
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, counted, format_option, say, show
from tieout.model.error import BadInput
from tieout.model.money import Money

_DAYS = (
    Column("day", lambda d: d.day),
    Column("currency", lambda d: d.currency),
    Column("listed", lambda d: d.theirs.count),
    Column("listed sum", lambda d: Money(d.theirs.sum_minor, d.currency)),
    Column("here", lambda d: d.ours.count),
    Column("sum here", lambda d: Money(d.ours.sum_minor, d.currency)),
    Column("missing", lambda d: len(d.missing) or None),
    Column("not listed", lambda d: len(d.not_listed) or None),
    Column("differing", lambda d: len(d.differing) or None),
    Column("not booked", lambda d: len(d.not_booked) or None),
    Column("first", lambda d: d.first),
)


@click.command("totals")
@click.argument("source")
@click.argument("file", type=click.Path(path_type=Path))
@format_option
def totals_command(source: str, file: Path, output: str) -> int:
    """Compare a provider's list in FILE with what the SOURCE told: count and sum by day, and the first difference.

    FILE is CSV with the columns id, date, amount and currency, and a status if there is one. Every day that differs is
    an exception; exit code 1 if there is one.
    """
    try:
        text = read(file).decode()
    except UnicodeDecodeError:
        raise BadInput("The list is no text", where=str(file), remedy="Save it as UTF-8.") from None
    with opened() as app:
        found = app.compare_totals(source, text, actor=actor())
    show(found, _DAYS, output)
    wrong = sum(not day.agrees for day in found)
    say(f"{counted(wrong, 'day')} of {len(found):,} differ." if wrong else "Every day agrees.")
    return PROBLEMS if wrong else OK
