"""Reads journals and opening balances from CSV: a row for each line of an entry, or for each balance.

Rows of one entry carry the same `key`, `id` or `entry`. The tables that are handed over (see `table`) can be read back.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TextIO

import msgspec

from tieout.model import spreadsheet
from tieout.model.error import AmountError, BadInput
from tieout.model.money import decimal_text
from tieout.reports.incoming import REFUSALS_MAX, Refusal, Told, ToldEntry, ToldLine, minor_of

#: What a column may be called, and what it is.
_NAMES = {"effective_date": "date", "balance": "amount", "base_balance": "base_amount"}
_KNOWN = (
    "key", "id", "entry", "date", "account", "currency", "amount", "amount_minor", "debit", "credit", "base_amount",
    "base_minor", "party", "item", "dimensions", "memo",
)  # fmt: skip
#: Columns of our own tables and of others that say nothing more.
_SAID_ELSEWHERE = ("line", "account_name", "name", "base_currency")
_TEXTS = ("key", "id", "party", "item", "memo")
_GROUPS = ("key", "id", "entry")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_Cells = Mapping[str, str]


def read_journal(text: str, name: str, base_currency: str) -> Told:
    """The entries of a journal. Raises BadInput for what is no such table; a wrong row is a refusal."""
    columns, rows = _open(io.StringIO(text, newline=""), name)
    group = next((column for column in _GROUPS if column in columns), None)
    if group is None:
        raise BadInput(
            "Nothing says which rows are one entry", where=f"{name}, line 1",
            remedy="Add a column “id” with the same text in all rows of an entry, or “key” to keep keys as they are.",
        )  # fmt: skip
    _require(columns, name, "date", "memo")
    facts: dict[str, _Fact] = {}
    refusals: list[Refusal] = []
    for place, row in rows:
        # A row that is refused spoils its entry, which is then not looked at: one mistake is one refusal.
        named = "".join(row[columns.index(group) :][:1])
        fact = facts.setdefault(spreadsheet.text_of(named), _Fact())
        try:
            _add_row(fact, place, _cells(columns, row), group, base_currency)
        except BadInput as error:
            fact.spoilt = True
            refusals.append(Refusal(place, error.what, error.remedy))
            if len(refusals) == REFUSALS_MAX:
                break
    entries = [
        ToldEntry(
            fact.head[0], fact.head[1], fact.head[2], tuple(fact.lines), key=named if group == "key" else None,
            id=named if group == "id" else None,
        )
        for named, fact in facts.items()
        if not fact.spoilt and fact.head is not None
    ]  # fmt: skip
    return Told(tuple(entries), tuple(refusals))


class _Fact:
    """The rows of one entry so far: its line in the file, day and memo, and its lines."""

    def __init__(self) -> None:
        self.head: tuple[int, date, str] | None = None
        self.lines: list[ToldLine] = []
        self.spoilt = False


def _add_row(fact: _Fact, place: int, cells: _Cells, group: str, base_currency: str) -> None:
    if not cells[group]:
        raise BadInput(f"It has no {group}", remedy="Give every row the key or id of its entry.")
    head = (place, _day(cells["date"]), cells["memo"])
    fact.head = fact.head or head
    if fact.head[1:] != head[1:]:
        what = f"Its date or memo is not that of line {fact.head[0]}, which is of the same entry"
        raise BadInput(what, remedy="Give all rows of an entry one date and one memo.")
    fact.lines.append(_line(place, cells, base_currency))


def read_balances(text: str, name: str, base_currency: str) -> tuple[list[ToldLine], list[Refusal]]:
    """Opening balances, a row each. Raises BadInput for what is no such table; balances of nil are passed over."""
    columns, rows = _open(io.StringIO(text, newline=""), name)
    found: list[ToldLine] = []
    refusals: list[Refusal] = []
    for place, row in rows:
        try:
            line = _line(place, _cells(columns, row), base_currency)
            found += [line] if line.amount_minor or line.base_minor else []
        except BadInput as error:
            refusals.append(Refusal(place, error.what, error.remedy))
            if len(refusals) == REFUSALS_MAX:
                break
    return found, refusals


def lines_of(file: TextIO, name: str, base_currency: str) -> Iterator[ToldLine]:
    """The lines of a table that was handed over. Raises BadInput for the first that is wrong."""
    columns, rows = _open(file, name)
    for place, row in rows:
        yield _line(place, _cells(columns, row), base_currency)


def rows_of(file: TextIO, name: str) -> Iterator[list[str]]:
    """The rows of a CSV table after its heading."""
    rows = _rows(csv.reader(file, strict=True), name)
    next(rows)
    yield from (row for _, row in rows)


def _open(file: TextIO, name: str) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """The columns, and the rows with their lines in the file."""
    rows = _rows(csv.reader(file, strict=True), name)
    heading = next(rows)[1]
    separator = next((char for char in ";\t" if len(heading) == 1 and char in heading[0]), None)
    if separator is not None:
        what = f"The columns are separated by {'semicolons' if separator == ';' else 'tabs'}"
        raise BadInput(what, where=f"{name}, line 1", remedy="Save it as CSV with commas, and amounts like 1234.56.")
    columns = [_column(cell) for cell in heading]
    unknown = [c for c in columns if c not in (*_KNOWN, *_SAID_ELSEWHERE) and not c.startswith("dim.")]
    twice = [c for c in columns if columns.count(c) > 1]
    if unknown or twice:
        what = (
            f"There is no use for the columns {', '.join(map(repr, unknown))}"
            if unknown
            else f"{twice[0]} is there twice"
        )
        remedy = f"Columns are {', '.join(_KNOWN)} and dim.NAME; leave out the others."
        raise BadInput(what, where=f"{name}, line 1", remedy=remedy)
    _require(columns, name, "account", "currency")
    if not {"amount", "amount_minor", "debit"} & set(columns):
        _require(columns, name, "amount")
    return columns, rows


def _column(cell: str) -> str:
    plain = cell.strip()
    if plain.lower().startswith("dim."):
        return f"dim.{plain[4:]}"
    plain = plain.lower().replace(" ", "_").replace("-", "_")
    return _NAMES.get(plain, plain)


def _require(columns: Sequence[str], name: str, *wanted: str) -> None:
    missing = [column for column in wanted if column not in columns]
    if missing:
        what = f"The column {missing[0]} is missing"
        raise BadInput(what, where=f"{name}, line 1", remedy=f"The first line names the columns: {', '.join(_KNOWN)}.")


def _rows(reader: Any, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with the line it begins on."""
    place, empty = 1, True
    try:
        for row in reader:
            if row:
                yield place, row
                empty = False
            place = reader.line_num + 1
    except csv.Error as error:
        remedy = "Half a file, or a quote too many or too few: export it again where it came from."
        raise BadInput(f"It is no CSV: {error}", where=f"{name}, line {place}", remedy=remedy) from error
    if empty:
        raise BadInput("There is nothing in it", where=name, remedy="Export it again where it came from.")


def _cells(columns: Sequence[str], row: Sequence[str]) -> _Cells:
    if len(row) != len(columns):
        what = f"It has {len(row)} fields, the first line has {len(columns)}"
        raise BadInput(what, remedy="Half a row, or a comma too many: put text with commas in quotes.")
    cells = dict.fromkeys(_KNOWN, "")
    given = {column: spreadsheet.text_of(cell) for column, cell in zip(columns, row, strict=True)}
    return cells | {column: cell if column in _TEXTS else cell.strip() for column, cell in given.items()}


def _day(text: str) -> date:
    try:
        if _ISO.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise BadInput(f"“{text:.40}” is not a day", remedy="Write days like 2026-10-31.")


def _line(place: int, cells: _Cells, base_currency: str) -> ToldLine:
    currency = cells["currency"]
    if cells.get("base_currency", "") not in ("", base_currency):
        remedy = "Import it into books of that currency, or leave its base columns out."
        raise BadInput(
            f"Its base currency is {cells['base_currency']}, that of the books {base_currency}", remedy=remedy
        )
    base = _amount(cells, "base_amount", "base_minor", base_currency)
    return ToldLine(
        place, cells["account"], currency, _signed(cells, currency), base, cells["party"] or None,
        cells["item"] or None, _dimensions(cells),
    )  # fmt: skip


def _signed(cells: _Cells, currency: str) -> int:
    """The amount of a row: debit positive, credit negative."""
    amount = _amount(cells, "amount", "amount_minor", currency)
    sides = [cells[side] for side in ("debit", "credit")]
    if (amount is None) is not any(sides) or all(sides):
        remedy = "Give an amount (debit positive), or a debit or a credit, and only one of them."
        raise BadInput("It has no amount, or more than one", remedy=remedy)
    if amount is not None:
        return amount
    minor = minor_of(sides[0] or sides[1], currency)
    if minor < 0:
        raise AmountError("A debit or credit is negative", remedy="Put it on the other side, without the minus.")
    return minor if sides[0] else -minor


def _amount(cells: _Cells, decimal: str, whole: str, currency: str) -> int | None:
    """An amount given as decimal text or in whole minor units; if both are given they must agree."""
    given = minor_of(cells[decimal], currency) if cells[decimal] else None
    if not cells[whole]:
        return given
    if not spreadsheet.is_number(cells[whole]) or "." in cells[whole] or len(cells[whole]) > 20:
        raise AmountError(f"“{cells[whole]:.40}” is not whole minor units", remedy=f"Leave {whole} out, or mend it.")
    minor = int(cells[whole])
    if given not in (None, minor):
        what = f"{decimal} says {decimal_text(given or 0, currency)}, {whole} says {minor}"
        raise AmountError(what, remedy="Leave one of them out.")
    return minor


def _dimensions(cells: _Cells) -> Mapping[str, str]:
    single = {name[4:]: cell for name, cell in cells.items() if name.startswith("dim.") and cell}
    if not cells["dimensions"]:
        return single
    try:
        return msgspec.json.decode(cells["dimensions"], type=dict[str, str]) | single
    except msgspec.DecodeError as error:
        raise BadInput("Its dimensions are no JSON object of texts", remedy='Write {"name": "value"}.') from error
