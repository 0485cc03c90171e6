"""Reads the two files: CSV or Parquet, row by row strict. What is wrong is named with its row and column."""

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from tieout.model import spreadsheet
from tieout.model.error import BadInput

#: What a file tells of a row, and whether it must.
COLUMNS: Mapping[str, bool] = {
    "id": True, "date": True, "amount": True, "currency": True, "reference": False, "batch": False,
    "description": False,
}  # fmt: skip
_FIELD_MAX = 50_000_000
#: More of a text than any bank carries; the rest is not looked at.
TEXT_MAX = 1000
_WIDE = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_UTF8 = "Save it as UTF-8."


class Place(Struct, frozen=True):
    """Where a row stands, for people."""

    file: str
    row: int
    line: int | None = None

    def column(self, name: str) -> str:
        """The place of one field of the row."""
        return f"{self}, column {name}"

    def __str__(self) -> str:
        line = f" (line {self.line})" if self.line is not None else ""
        return f"{self.file}, row {self.row}{line}"


def mapping_of(text: str, option: str) -> dict[str, str]:
    """``amount=Net,date=Booked`` as our column -> theirs. Raises BadInput for what it is not."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        ours, equals, theirs = (piece.strip() for piece in part.partition("="))
        if not equals or ours not in COLUMNS or not theirs or ours in found:
            twice = f"{ours} is there twice" if ours in found else f"“{part}” is not a column of ours=one of the file"
            remedy = f"Write {option} amount=Net,date=Booked; ours are {', '.join(COLUMNS)}."
            raise BadInput(twice, where=option, remedy=remedy)
        found[ours] = theirs
    return found


def positions(heading: Sequence[str], named: Mapping[str, str], file: str) -> dict[str, int]:
    """Our column -> where it stands in the file. Raises BadInput for one that is missing or there twice."""
    plain = [cell.strip() for cell in heading]
    lower = [cell.lower() for cell in plain]
    found: dict[str, int] = {}
    for ours, needed in COLUMNS.items():
        theirs = named.get(ours)
        cells, wanted = (plain, theirs) if theirs else (lower, ours)
        if not theirs and ours in {cell.lower() for cell in named.values()} and ours not in named:
            continue  # the file's column of our name is mapped to another of ours
        if cells.count(wanted) > 1:
            remedy = "Name each column once."
            raise BadInput(f"The column “{wanted}” is there twice", where=f"{file}, line 1", remedy=remedy)
        if wanted in cells:
            found[ours] = cells.index(wanted)
        elif needed or theirs:
            raise BadInput(
                f"There is no column “{wanted}”", where=f"{file}, line 1, column {ours}",
                remedy=f"It has {', '.join(plain[:12])}. Name another with --left-map or --right-map {ours}=NAME.",
            )  # fmt: skip
    return found


class CsvFile:
    """A CSV file: its columns, and its rows as canonical fields in the order of COLUMNS."""

    def __init__(self, path: Path, named: Mapping[str, str]) -> None:
        self.path = path
        self.name = path.name
        if path.stat().st_size == 0:
            raise BadInput("There is nothing in it", where=self.name, remedy="Export it again where it came from.")
        heading = next(self._lines(), None)
        if heading is None:
            raise BadInput("There is nothing in it", where=self.name, remedy="Export it again where it came from.")
        cells = [spreadsheet.text_of(cell) for cell in heading[1]]
        separator = next((char for char in ";\t|" if len(cells) == 1 and char in cells[0]), None)
        if separator is not None:
            word = {";": "semicolons", "\t": "tabs", "|": "bars"}[separator]
            remedy = "Save it as CSV with commas, and amounts like 1234.56."
            raise BadInput(f"The columns are separated by {word}", where=f"{self.name}, line 1", remedy=remedy)
        self.positions = positions(cells, named, self.name)
        self.width = len(cells)

    def rows(self) -> Iterator[tuple[int, int, list[str]]]:
        """(row, line, fields) of every row after the heading. Raises BadInput for a ragged one."""
        order = [self.positions.get(column) for column in COLUMNS]
        for row, (line, cells) in enumerate(self._body(), start=1):
            if len(cells) != self.width:
                what = f"It has {len(cells)} fields, the first line has {self.width}"
                at = min(len(cells), self.width)
                column = f", column {at + 1}"
                remedy = "Half a row, or a comma too many: put text with commas in quotes."
                raise BadInput(what, where=f"{Place(self.name, row, line)}{column}", remedy=remedy)
            yield row, line, ["" if at is None else self._field(cells[at], row, line) for at in order]

    def _field(self, cell: str, row: int, line: int) -> str:
        if "\0" in cell:
            remedy = "Export it again where it came from."
            raise BadInput("A field has a NUL in it", where=str(Place(self.name, row, line)), remedy=remedy)
        return spreadsheet.text_of(cell)[:TEXT_MAX]

    def _body(self) -> Iterator[tuple[int, list[str]]]:
        lines = self._lines()
        next(lines)
        yield from lines

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        """The rows that are not empty, with the line each begins on."""
        with self.path.open("rb") as file:
            head = file.read(4)
        if head.startswith(_WIDE):
            raise BadInput("It is UTF-16 or UTF-32, not UTF-8", where=self.name, remedy=_UTF8)
        limit = csv.field_size_limit(_FIELD_MAX)
        place = 1
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file, strict=True)
                for cells in reader:
                    if cells:
                        yield place, cells
                    place = reader.line_num + 1
        except UnicodeDecodeError:
            where = f"{self.name}, line {self._undecodable()}"
            raise BadInput("It is not UTF-8", where=where, remedy=_UTF8) from None
        except csv.Error as error:
            remedy = "A quote too many or too few, or half a file: export it again where it came from."
            raise BadInput(f"It is no CSV: {error}", where=f"{self.name}, line {place}", remedy=remedy) from error
        finally:
            csv.field_size_limit(limit)

    def _undecodable(self) -> int:
        """The first line that is not UTF-8."""
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                try:
                    line.decode()
                except UnicodeDecodeError:
                    return number
        return 1


def parquet_columns(described: Sequence[Sequence[Any]], named: Mapping[str, str], file: str) -> dict[str, str]:
    """Our column -> its type, in capitals, and name as SQL quotes it. Raises BadInput for types that lose digits."""
    names = [str(row[0]) for row in described]
    types = {str(row[0]): str(row[1]).upper() for row in described}
    found = {}
    for ours, at in positions(names, named, file).items():
        kind = types[names[at]]
        where = f"{file}, row 1, column {ours}"
        if ours == "amount" and not (kind.startswith("DECIMAL") or kind == "VARCHAR"):
            remedy = "Write amounts as decimals or as text, such as “12.34”."
            if kind in ("FLOAT", "DOUBLE"):
                raise BadInput("The amounts are floats, which lose cents", where=where, remedy=remedy)
            raise BadInput(f"The amounts are {kind}: are they cents?", where=where, remedy=remedy)
        if ours == "date" and not (kind in ("DATE", "VARCHAR") or kind.startswith("TIMESTAMP")):
            raise BadInput(f"The dates are {kind}", where=where, remedy="Write dates as dates, or as 2026-10-31.")
        if kind in ("FLOAT", "DOUBLE", "BLOB") or "[" in kind or kind.startswith(("STRUCT", "MAP")):
            raise BadInput(f"The column is {kind}, not text", where=where, remedy="Write it as text.")
        found[ours] = (names[at], kind)
    return {ours: f"{kind}\0{name}" for ours, (name, kind) in found.items()}
