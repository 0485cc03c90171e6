"""Showing things: tables for people, JSON and CSV for programs, and talk that never mixes with data."""

import csv
import io
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from tieout.model.money import Money, decimal_text, display
from tieout.model.spreadsheet import guarded

if TYPE_CHECKING:
    from rich.console import Console

Cell = Money | str | int | date | None
#: Wider than any row, so that nothing is wrapped or cut where there is no terminal to fit.
_UNLIMITED = 10_000


class Column(NamedTuple):
    """A column: its heading, and what it shows of a row."""

    name: str
    cell: Callable[[Any], Cell]


def format_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``-o table|json|csv``."""
    choice = click.Choice(["table", "json", "csv"])
    return click.option("-o", "--output", type=choice, default="table", help="How to print it.", show_default=True)(
        command
    )


def limit_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--limit N``."""
    span = click.IntRange(1, 500)
    return click.option("--limit", type=span, default=50, help="The most to list.", show_default=True)(command)


def show(rows: Sequence[Any], columns: Sequence[Column], output: str, *, title: str = "") -> None:
    """Prints rows to standard output. JSON is the rows themselves, whole; amounts there are in minor units."""
    if output == "json":
        show_json(rows)
    elif output == "csv":
        click.echo(csv_text(rows, columns), nl=False)
    else:
        _table(rows, columns, title)


def show_json(thing: object) -> None:
    """Prints a thing as JSON to standard output."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(thing, enc_hook=_odd), indent=2).decode())


def _odd(thing: object) -> object:
    """What msgspec does not know: properties of ours that are not structs."""
    raise NotImplementedError(f"cannot show {type(thing)} as JSON")


def csv_text(rows: Sequence[Any], columns: Sequence[Column]) -> str:
    """The rows as CSV with a heading; amounts as plain decimal text, other text so that no spreadsheet runs it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name.replace(" ", "_") for column in columns])
    writer.writerows([guarded(_plain(column.cell(row))) for column in columns] for row in rows)
    return text.getvalue()


def _plain(cell: Cell) -> str:
    if isinstance(cell, Money):
        return decimal_text(cell.amount_minor, cell.currency)
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell)


def _pretty(cell: Cell) -> str:
    if isinstance(cell, Money):
        return display(cell.amount_minor, cell.currency)
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    return _plain(cell)


def _table(rows: Sequence[Any], columns: Sequence[Column], title: str) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    cells = [[column.cell(row) for column in columns] for row in rows]
    table = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", show_edge=False, pad_edge=False)
    for number, column in enumerate(columns):
        right = any(isinstance(row[number], Money | int) for row in cells)
        table.add_column(Text(column.name), justify="right" if right else "left", overflow="fold")
    for row in cells:
        table.add_row(*(Text(_pretty(cell)) for cell in row))
    _print(table)


def _print(thing: object) -> None:
    """Prints something of rich's to standard output: as wide as the terminal, or without limit elsewhere."""
    console = _console(sys.stdout)
    if console.is_terminal:
        console.print(thing)
        return
    with console.capture() as captured:
        console.print(thing)
    click.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _console(stream: Any) -> "Console":
    from rich.console import Console

    width = None if stream.isatty() else _UNLIMITED
    return Console(file=stream, width=width, highlight=False, no_color=bool(os.environ.get("NO_COLOR")) or None)


def say(text: str = "") -> None:
    """Talk: to standard error, so that data can be piped."""
    click.echo(text, err=True)


def counted(number: int, one: str, many: str = "") -> str:
    """``1 event``, ``2,026 events``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error for anything that may take over a second; call what it yields with how much is done.

    Where standard error is no terminal it says nothing.
    """
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_console(sys.stderr), transient=True) as bars:
        task = bars.add_task(f"{label:<28}", total=total)
        yield lambda done: bars.update(task, completed=done)
