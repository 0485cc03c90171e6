"""What sellers are told, by command: statements, and why a payout is what it is; and the reports on all of them."""

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tieout.cli.group import OK, PROBLEMS
from tieout.cli.opening import opened
from tieout.cli.output import Cell, Column, counted, format_option, progress, say, show, show_json
from tieout.model.money import Money, display
from tieout.model.report import REPORTS

if TYPE_CHECKING:
    from tieout.model.owed import SellerStatement
    from tieout.model.report import Report

_DAY = click.DateTime(["%Y-%m-%d"])
_SINCE = click.option("--since", type=_DAY, help="The first day; that of the month if it is not given.")
_UNTIL = click.option("--until", type=_DAY, help="The last day.")


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


_STATEMENT = (
    Column("day", lambda row: row[0].day),
    Column("reference", lambda row: row[0].reference),
    Column("what", lambda row: row[0].what),
    Column("bucket", lambda row: row[1]),
    Column("amount", lambda row: Money(row[0].moved_minor[row[1]], row[2])),
    Column("currency", lambda row: row[2]),
    Column("entry", lambda row: row[0].entry, aside=True),
)


@click.command("statement")
@click.argument("seller", required=False)
@_SINCE
@_UNTIL
@click.option("--pdf", type=click.Path(path_type=Path, file_okay=False), help="Write PDFs to this folder.")
@click.option("--all", "everybody", is_flag=True, help="Of all sellers; with --pdf.")
@format_option
def statement_command(
    seller: str | None, since: datetime | None, until: datetime | None, pdf: Path | None, everybody: bool, output: str
) -> None:
    """State what SELLER is owed: opening, movements by order, closing, next payout; last month if no day is given.

    -o csv prints all of it as one table whose amounts add up.
    """
    if bool(seller) == everybody or (everybody and (pdf is None or since is None or until is None)):
        raise click.UsageError("Name a seller, or --all with --pdf, --since and --until")
    with opened() as app:
        if everybody:
            assert pdf is not None
            assert since is not None
            assert until is not None
            pdf.mkdir(parents=True, exist_ok=True)
            with progress("Statements", 0) as told:
                made = 0
                for one, body in app.every_statement(since.date(), until.date()):
                    (pdf / _name(one)).write_bytes(body)
                    made += 1
                    told(made)
            say(f"Wrote {counted(made, 'statement')} to {pdf}.")
            return
        assert seller is not None
        found = app.statements(seller, _day(since), _day(until))
        if pdf is not None:
            pdf.mkdir(parents=True, exist_ok=True)
            for one in found:
                (pdf / _name(one)).write_bytes(app.statement_pdf(seller, one.currency, one.since, one.until))
                say(f"Wrote {pdf / _name(one)}.")
        elif output == "json":
            show_json(found)
        elif output == "csv":
            click.echo(app.statement_csv(seller, _day(since), _day(until)), nl=False)
        else:
            for one in found:
                _show(one, output)


def _name(one: "SellerStatement") -> str:
    """A file's name that any system takes."""
    plain = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in one.party)
    return f"{plain}-{one.currency}-{one.since}-{one.until}.pdf"


def _show(one: "SellerStatement", output: str) -> None:
    rows = [(row, bucket, one.currency) for row in one.rows for bucket in row.moved_minor]
    show(rows, _STATEMENT, output, title=f"{one.name}, {one.since} to {one.until}")
    for bucket in one.buckets:
        opening, closing = (display(n, one.currency) for n in (bucket.opening_minor, bucket.closing_minor))
        say(f"{bucket.bucket.value.replace('_', ' ').capitalize()}: {opening} → {closing} {one.currency}")
    say(f"Owed in all at the end of {one.until}: {display(one.closing_minor, one.currency)} {one.currency}.")
    if one.expected_on is not None and one.expected_minor:
        say(f"Next payout: {display(one.expected_minor, one.currency)} {one.currency} on {one.expected_on}.")
    elif one.expected_why:
        say(f"Next payout: none yet. {one.expected_why}")
    for kept in one.withheld:
        amount = (
            "Everything" if kept.amount_minor is None else f"{display(kept.amount_minor, one.currency)} {one.currency}"
        )
        say(f"{amount}{f' until {kept.until}' if kept.until else ''}: {kept.why}")


@click.command("bridge")
@click.argument("payout")
@click.option("--than", help="The payout to compare with; the seller's last one before it if it is not given.")
@click.option("--lines", is_flag=True, help="Open every driver: the lines it is the sum of.")
@format_option
def bridge_command(payout: str, than: str | None, lines: bool, output: str) -> None:
    """Say why PAYOUT differs from the one before it: drivers that sum exactly to the difference."""
    with opened() as app:
        found = app.payout_bridge(payout, than)
    if output == "json":
        show_json(found)
        return
    code = found.later.currency
    columns = (
        Column("driver", lambda s: s.driver.value.replace("_", " ")),
        Column(found.earlier.payout, lambda s: Money(s.earlier_minor, code)),
        Column(found.later.payout, lambda s: Money(s.later_minor, code)),
        Column("difference", lambda s: Money(s.change_minor, code)),
        Column("currency", lambda _s: code),
    )
    show(found.steps, columns, output)
    change = found.later.amount_minor - found.earlier.amount_minor
    word = "more" if change >= 0 else "less"
    before, after = (display(one.amount_minor, code) for one in (found.earlier, found.later))
    say(f"{found.later.payout} over {after} {code} is {display(abs(change), code)} {word} than "
        f"{found.earlier.payout} over {before}.")  # fmt: skip
    if lines:
        for made in (found.earlier, found.later):
            show([(part, *pair, code) for part in made.parts for pair in part.drivers_minor.items()], _LINES, output,
                 title=made.payout)  # fmt: skip


_LINES = (
    Column("driver", lambda row: row[1].value.replace("_", " ")),
    Column("line", lambda row: row[0].line),
    Column("day", lambda row: row[0].day),
    Column("reference", lambda row: row[0].reference),
    Column("what", lambda row: row[0].what),
    Column("amount", lambda row: Money(row[2], row[3])),
    Column("currency", lambda row: row[3]),
)


@click.command("report")
@click.argument("name", required=False)
@_SINCE
@_UNTIL
@click.option(
    "--by", type=click.Choice(["category", "channel", "region", "day"]), default="category", show_default=True,
    help="What fee-yield is grouped by.",
)  # fmt: skip
@format_option
@click.pass_context
def report_command(
    context: click.Context, name: str | None, since: datetime | None, until: datetime | None, by: str, output: str
) -> None:
    """Print the report NAME on what sellers are owed, or list the reports; exit code 1 if it does not tie out.

    The tax packs are of the year of --until; the others are of the days given, this month if none are.
    """
    if name is None:
        show(list(REPORTS.items()), (Column("report", lambda r: r[0]), Column("what", lambda r: r[1])), output)
        return
    with opened() as app:
        found = app.report(name, _day(since), _day(until), by=by)
    off = [tie for tie in found.ties if tie.off_minor]
    if output == "json":
        show_json(found)
    else:
        show(found.rows, [_column(found, place) for place in range(len(found.columns))], output, title=found.title)
        for note in found.notes:
            say(note)
        for tie in found.ties:
            said = (
                "ties to the ledger"
                if not tie.off_minor
                else f"differs from the ledger by {display(tie.off_minor, tie.currency)}"
            )
            say(f"{tie.what}: {display(tie.report_minor, tie.currency)} {tie.currency} {said}.")
    context.exit(PROBLEMS if off else OK)


def _column(found: "Report", place: int) -> Column:
    def cell(row: tuple[Cell, ...]) -> Cell:
        return row[place]

    return Column(found.columns[place], cell)
