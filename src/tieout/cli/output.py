"""Showing things: tables for people, JSON and CSV for programs, and talk that never mixes with data."""

import csv
import io
import os
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from tieout.model.money import Money, decimal_text, display
from tieout.model.spreadsheet import guarded

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

Cell = Money | str | int | date | None
#: Wider than any row, so that nothing is wrapped or cut where there is no terminal to fit.
_UNLIMITED = 10_000
#: What stands between two columns of a table.
_GAP = 3
#: Words in a narrower column than this are no longer read as a sentence.
_LEAST_WORDS = 20
#: Between a figure and its currency.
_BOUND = re.compile(r"(?<=\d) (?=[A-Z]{3}\b)")


class Column(NamedTuple):
    """A column: its heading, and what it shows of a row.

    Where a terminal is too narrow, one that is `aside` or empty is left out of the table if the others fit then; if
    they do not, a row is a block of lines, and one that is `spare` has a line only if it is not nil.
    """

    name: str
    cell: Callable[[Any], Cell]
    aside: bool = False
    spare: bool = False


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
    """Prints a table; where the terminal is too narrow for it, one of fewer columns, or a block for each row."""
    width = _console(sys.stdout).width
    needed = [c for c in columns if not c.aside and any(c.cell(row) not in (None, "") for row in rows)]
    for tried in (columns, needed):
        cells = [[column.cell(row) for column in tried] for row in rows]
        widths = _widths(cells, tried, width)
        if widths is not None:
            _print(_drawn(cells, tried, widths, title))
            return
    _print_blocks([[column.cell(row) for column in columns] for row in rows], columns, title)


def _widths(cells: list[list[Cell]], columns: Sequence[Column], room: int) -> list[int] | None:
    """The width of each column, such that all fit and only sentences are wrapped; None if that cannot be."""
    from rich.cells import cell_len

    widths, least = [], []
    for number, column in enumerate(columns):
        texts = [column.name, *(_pretty(row[number]) for row in cells)]
        widths.append(max(cell_len(text) for text in texts))
        longest_word = max(cell_len(word) for text in texts[1:] or [""] for word in _words(text))
        least.append(min(widths[-1], max(longest_word, cell_len(column.name), _LEAST_WORDS)))
    room -= _GAP * (len(columns) - 1)
    if sum(least) > room:
        return None
    while sum(widths) > room:
        slack = [width if width > fewest else 0 for width, fewest in zip(widths, least, strict=True)]
        widths[slack.index(max(slack))] -= 1
    return widths


def _words(text: str) -> list[str]:
    """What may not be broken: words, codes, and figures with their currencies."""
    return _BOUND.sub("\xa0", text).split(" ")


def _wrapped(text: str, width: int) -> list[str]:
    """The text in lines of a width; longer only where a word is."""
    lines = textwrap.wrap(_BOUND.sub("\xa0", text), width, break_long_words=False, break_on_hyphens=False)
    return [line.replace("\xa0", " ") for line in lines] or [""]


def _drawn(cells: list[list[Cell]], columns: Sequence[Column], widths: list[int], title: str) -> "Table":
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, title=title or None, title_justify="left", show_edge=False, pad_edge=False)
    for number, column in enumerate(columns):
        right = any(isinstance(row[number], Money | int) for row in cells)
        table.add_column(Text(column.name), justify="right" if right else "left", width=widths[number])
    for row in cells:
        texts = [_pretty(cell) for cell in row]
        fits = zip(texts, widths, strict=True)
        table.add_row(*(Text(text if len(text) <= width else "\n".join(_wrapped(text, width))) for text, width in fits))
    return table


def _print_blocks(cells: list[list[Cell]], columns: Sequence[Column], title: str) -> None:
    """Prints for each row what it is, and under that a line for each further thing it says."""
    from rich.text import Text

    console = _console(sys.stdout)
    if title:
        console.print(Text(title, style="italic"), soft_wrap=True)
    figures = max((len(_figure(cell)) for row in cells for cell in row), default=0)
    labels = max(len(column.name) for column in columns)
    for number, row in enumerate(cells):
        heading, lines = _block(row, columns, figures, labels, console.width)
        if number or title:
            console.print()
        if heading:
            console.print(Text(heading, style="bold"), soft_wrap=True)
        for line in lines:
            console.print(Text(line), soft_wrap=True)


def _block(row: list[Cell], columns: Sequence[Column], figures: int, labels: int, room: int) -> tuple[str, list[str]]:
    """A row's first two texts, which are its name, and its other cells with their labels."""
    named = 1 if len(row) == 1 or isinstance(row[1], Money | int) else 2
    heading = "  ".join(_pretty(cell) for cell in row[:named] if cell is not None)
    has_money = any(isinstance(cell, Money) for cell in row)
    lines = []
    for cell, column in zip(row[named:], columns[named:], strict=True):
        if _nil(cell, column) or (column.name == "currency" and has_money):
            continue
        label = f"  {column.name:<{labels}}  "
        if figure := _figure(cell):
            currency = f" {cell.currency}" if isinstance(cell, Money) else ""
            lines.append(f"{label}{figure:>{figures}}{currency}")
            continue
        first, *more = _wrapped(_pretty(cell), max(room - len(label), _LEAST_WORDS))
        lines += [label + first, *(" " * len(label) + line for line in more)]
    return heading, lines


def _figure(cell: Cell) -> str:
    return _pretty(cell) if isinstance(cell, Money | int) else ""


def _nil(cell: Cell, column: Column) -> bool:
    return (
        cell is None or cell == "" or (column.spare and (cell.amount_minor if isinstance(cell, Money) else cell) == 0)
    )


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
    """Talk: to standard error, so that data can be piped; on a terminal no word is broken."""
    if sys.stderr.isatty():
        width = _console(sys.stderr).width
        text = "\n".join(part for line in text.split("\n") for part in _wrapped(line, width))
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
