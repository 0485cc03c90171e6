"""One side of a comparison: a file as a table the passes can use, or an error that names row and column."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from msgspec import Struct, structs

from tieout.model.error import AmountError, BadInput
from tieout.model.money import ISO_EXPONENTS, exponent_of, to_minor
from tieout.reconciliation.matching.dialect import Dialect, quoted
from tieout.reconciliation.matching.table import COLUMNS, CsvFile, Place, parquet_columns

_TYPED = dict.fromkeys(COLUMNS, "varchar")
_ISO = r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?)?"
_DAY = re.compile(_ISO)
_AMOUNT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)")
#: Amounts are counted in ten-thousandths first: no currency has more decimals.
_FINEST = 4
#: Bytes of a Parquet file up to which its rows are kept as a table.
_COPIED = 16 << 20
#: And rows up to which what is left of a side without its duplicates is kept as one.
_KEPT = 1_000_000


class Side(Struct, frozen=True):
    """A side as tables: `raw` has the fields as told, `rows` what takes part, `gone` what does not."""

    name: str
    file: str
    raw: str
    rows: str
    gone: str
    count: int
    #: What fills the template that makes rows of raw ones, for those who need only some.
    shape: Mapping[str, str] = {}


def load(duck: Dialect, name: str, path: Path, named: Mapping[str, str]) -> Side:
    """Reads a file. Raises BadInput, with row and column, for the first row that has no usable value."""
    if not path.is_file():
        remedy = "Check the name." if not path.is_dir() else "Name a file, not a folder."
        raise BadInput("There is no such file", where=str(path), remedy=remedy)
    raw, typed = f"{name}_raw", f"{name}_typed"
    with path.open("rb") as file:
        parquet = file.read(4) == b"PAR1"
    try:
        day, amount = _view(duck, raw, path, named) if parquet else _table(duck, raw, CsvFile(path, named))
    except OSError as error:
        raise BadInput(f"It cannot be read: {error.strerror}", where=str(path), remedy="Check the file.") from error
    # A long Parquet file is read again rather than copied: reading it is cheap, and memory is not.
    keep = duck.look if parquet and path.stat().st_size > _COPIED else duck.make
    shape = {"day": day, "amount": amount, "divisors": _divisors()}
    keep(typed, "read.typed", raw=raw, **shape)
    ((wrong,),) = duck.rows("read.first_wrong", typed=typed)
    if wrong is not None:
        raise _objection(duck, raw, path, named, int(wrong), parquet=parquet)
    return structs.replace(_distinct(duck, name, path.name), shape=shape)


def _distinct(duck: Dialect, name: str, file: str) -> Side:
    """The side with its repeated rows set aside."""
    typed = f"{name}_typed"
    ((count, distinct),) = duck.rows("read.counted", typed=typed)
    gone = f"{name}_gone"
    if count == distinct:
        duck.put(gone, {"n": "bigint", "id": "varchar", "first_n": "bigint", "reason": "varchar"}, ())
        return Side(name, file, f"{name}_raw", typed, gone, count)
    duck.make(gone, "read.repeated", typed=typed, raw=f"{name}_raw")
    keep = duck.look if count > _KEPT else duck.make
    keep(f"{name}_rows", "read.without", rows=typed, gone=gone)
    return Side(name, file, f"{name}_raw", f"{name}_rows", gone, count)


def _table(duck: Dialect, raw: str, file: CsvFile) -> tuple[str, str]:
    """Loads a CSV file; gives the SQL for its days and amounts."""
    rows = ((row, *cells) for row, _, cells in file.rows())
    duck.put(raw, {"n": "bigint", **_TYPED}, rows)
    return _day_of("VARCHAR"), _amount_of("VARCHAR")


def _view(duck: Dialect, raw: str, path: Path, named: Mapping[str, str]) -> tuple[str, str]:
    """Makes a view of a Parquet file; gives the SQL for its days and amounts."""
    found = parquet_columns(duck.columns(path), named, path.name)
    chosen = []
    for ours in COLUMNS:
        kind, _, theirs = found.get(ours, "\0").partition("\0")
        column = '"' + theirs.replace('"', '""') + '"'
        if ours not in found:
            chosen.append(f"cast(null as varchar) as {ours}")
        elif ours in ("amount", "date"):
            chosen.append(f"{column} as {ours}")
        else:
            chosen.append(f"{column} as {ours}" if kind == "VARCHAR" else f"cast({column} as varchar) as {ours}")
    duck.view(raw, path, ", ".join(chosen))
    return _day_of(found["date"].partition("\0")[0]), _amount_of(found["amount"].partition("\0")[0])


def _day_of(kind: str) -> str:
    """SQL for days since 1970-01-01."""
    if kind == "VARCHAR":
        text = "trim(date)"
        told = f"case when regexp_full_match({text}, {quoted(_ISO)}) then try_cast(left({text}, 10) as date) end"
    else:
        told = "date" if kind == "DATE" else "cast(date as date)"
    return f"cast({told} - date '1970-01-01' as integer)"


def _amount_of(kind: str) -> str:
    """SQL for an amount in ten-thousandths; null for what is no amount or finer than that."""
    if kind == "VARCHAR":
        text = "trim(amount)"
        short = f"trim(trailing '.' from trim(trailing '0' from {text}))"
        plain = f"case when contains({text}, '.') then {short} else {text} end"
        number = f"case when {plain} in ('', '+', '-') then '0' else trim(leading '+' from {plain}) end"
        fine = "[+-]?([0-9]{1,19}([.][0-9]{0,4})?|[.][0-9]{1,4})"
        told = f"case when regexp_full_match({text}, '[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)') and"
        told += f" regexp_full_match({number}, {quoted(fine)}) then try_cast({number} as decimal(38, 4)) end"
        return f"cast({told} * 10000 as hugeint)"
    precision, scale = (int(part) for part in kind.removeprefix("DECIMAL(").rstrip(")").split(","))
    if scale <= _FINEST:
        # A narrow decimal is counted in 64 bits, which is many times as fast.
        whole = "bigint" if precision - scale <= 14 else "hugeint"
        return f"cast(amount * {10**_FINEST} as {whole})"
    exact = f"case when amount = cast(amount as decimal(38, {_FINEST})) then cast(amount as decimal(38, {_FINEST})) end"
    return f"cast({exact} * {10**_FINEST} as hugeint)"


def _divisors() -> str:
    """Cases of SQL from currency to what ten-thousandths are divided by for its minor units; null if there is none."""
    by_exponent: dict[int, list[str]] = {}
    for code, exponent in ISO_EXPONENTS.items():
        by_exponent.setdefault(exponent, []).append(code)
    return " ".join(
        f"when ccy in ({', '.join(map(quoted, codes))}) then {10 ** (_FINEST - exponent)}"
        for exponent, codes in sorted(by_exponent.items(), key=lambda pair: pair[0] != 2)
    )


def _objection(duck: Dialect, raw: str, path: Path, named: Mapping[str, str], row: int, *, parquet: bool) -> BadInput:
    """What is wrong with a row, with the row and column it is wrong in."""
    (fields,) = duck.rows("read.raw_row", raw=raw, n=row)
    line = None if parquet else next(line for number, line, _ in CsvFile(path, named).rows() if number == row)
    place = Place(path.name, row, line)
    theirs = {ours: named.get(ours, ours) for ours in COLUMNS}
    for objection in _objections(dict(zip(COLUMNS, fields, strict=True)), place, theirs):
        return objection
    raise AssertionError(f"{place} was refused and nothing is wrong with it: {fields}")


def _objections(told: Mapping[str, object], place: Place, theirs: Mapping[str, str]) -> Iterator[BadInput]:
    text = {column: "" if value is None else str(value).strip() for column, value in told.items()}
    if not text["id"]:
        yield BadInput("There is no id", where=place.column(theirs["id"]), remedy="Give every row an id of its own.")
    if not _is_day(text["date"]):
        what = f"“{text['date']:.40}” is not a day" if text["date"] else "There is no date"
        yield BadInput(what, where=place.column(theirs["date"]), remedy="Write days like 2026-10-31.")
    currency = text["currency"].upper()
    try:
        exponent_of(currency)
    except AmountError as error:
        what = error.what if currency else "There is no currency"
        remedy = "Codes are three capital letters of ISO 4217, such as EUR."
        yield AmountError(what, where=place.column(theirs["currency"]), remedy=remedy)
        return
    amount = text["amount"]
    where = place.column(theirs["amount"])
    if not amount:
        yield AmountError("There is no amount", where=where, remedy="Write 0.00 if it is nothing.")
    elif not _AMOUNT.fullmatch(amount):
        remedy = "Write a decimal number such as 1234.56, without thousands separators, exponents or symbols."
        yield AmountError(f"“{amount:.80}” is not an amount", where=where, remedy=remedy)
    else:
        try:
            to_minor(amount, currency)
        except AmountError as error:
            yield AmountError(error.what, where=where, remedy="Correct the amount, or the currency, at the source.")


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and date.fromisoformat(text[:10]) is not None
    except ValueError:
        return False
