"""Tables as Parquet, made by DuckDB from CSV a piece at a time, so that memory stays flat however long they are."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tieout.reports.journal import CurrencyTotal, Totals
from tieout.reports.table import ENTRIES, LINES

#: Wide enough for 64 bits of a currency without decimals, fine enough for one with four.
_AMOUNT = "DECIMAL(38,4)"
_OTHER_TYPES = {
    "effective_date": "DATE", "occurred_at": "TIMESTAMPTZ", "recorded_at": "TIMESTAMPTZ", "rule_version": "INTEGER",
    "late": "BOOLEAN", "lines": "INTEGER", "line": "INTEGER", "amount": _AMOUNT, "base_amount": _AMOUNT,
    "amount_minor": "BIGINT", "base_minor": "BIGINT",
}  # fmt: skip
_SETTINGS: Mapping[str, Any] = {"threads": 1, "memory_limit": "400MB"}
_DEBIT, _CREDIT = (f"coalesce({sign}sum({{0}}) filter ({{0}} {side} 0), 0)" for sign, side in (("", ">"), ("-", "<")))
_SIDES = [side.format(column) for column in ("amount_minor", "base_minor") for side in (_DEBIT, _CREDIT)]


def to_parquet(table: Path, columns: tuple[str, ...], file: Path) -> None:
    """Writes a CSV table of ENTRIES or LINES as Parquet, with types."""
    import duckdb

    assert columns in (ENTRIES, LINES)
    types = {name: _OTHER_TYPES.get(name, "VARCHAR") for name in columns}
    with duckdb.connect(config={**_SETTINGS, "temp_directory": str(file.parent)}) as engine:
        rows = engine.read_csv(
            str(table), header=True, columns=types, auto_detect=False, delimiter=",", quotechar='"', escapechar='"',
            max_line_size=100_000_000, parallel=False,
        )  # fmt: skip
        rows.write_parquet(str(file), compression="zstd")


def totals_of(entries: Path, lines: Path) -> Totals:
    """What two Parquet tables add up to, read by DuckDB and not by what wrote them."""
    import duckdb

    with duckdb.connect(config=dict(_SETTINGS)) as engine:
        sums = (
            engine.read_parquet(str(lines))
            .aggregate(", ".join(("currency", "count(*)", *_SIDES)), "currency")
            .order("currency")
            .fetchall()
        )
        ((count,),) = engine.read_parquet(str(entries)).aggregate("count(*)").fetchall()
    currencies = tuple(CurrencyTotal(row[0], *(int(figure) for figure in row[1:])) for row in sums)
    return Totals(count, sum(total.lines for total in currencies), currencies)
