from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from tests.reports.journals import ACCOUNTS, journals, sample
from tieout.model.money import from_minor
from tieout.reports.journal import JournalEntry, Tally
from tieout.reports.parquet import to_parquet, totals_of
from tieout.reports.table import ENTRIES, LINES, Table, entry_row, line_rows


def write(journal: list[JournalEntry], folder: Path) -> tuple[Path, Path]:
    """Both tables as Parquet."""
    raw, files = (folder / "e.csv", folder / "l.csv"), (folder / "e.parquet", folder / "l.parquet")
    with raw[0].open("w", newline="", encoding="utf-8") as one, raw[1].open("w", newline="", encoding="utf-8") as two:
        entries, lines = Table(one, ENTRIES, guarded=False), Table(two, LINES, guarded=False)
        for found in journal:
            entries.write(entry_row(found))
            for row in line_rows(found, ACCOUNTS, "EUR"):
                lines.write(row)
    to_parquet(raw[0], ENTRIES, files[0])
    to_parquet(raw[1], LINES, files[1])
    return files


def test_columns_have_types(tmp_path: Path) -> None:
    entries, lines = (duckdb.read_parquet(str(file)) for file in write(sample(), tmp_path))
    kinds = dict(zip(lines.columns, map(str, lines.types), strict=True))
    assert (tuple(entries.columns), tuple(lines.columns)) == (ENTRIES, LINES)
    assert {kinds[name] for name in ("amount", "base_amount")} == {"DECIMAL(38,4)"}
    assert {kinds[name] for name in ("amount_minor", "base_minor")} == {"BIGINT"}
    assert kinds["effective_date"] == "DATE"
    times = dict(zip(entries.columns, map(str, entries.types), strict=True))
    assert {times[name] for name in ("occurred_at", "recorded_at")} == {"TIMESTAMP WITH TIME ZONE"}


def test_the_same_journal_is_the_same_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    first, second = (write(sample(), tmp_path / name) for name in "ab")
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in second]


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(journal=journals())
def test_every_line_is_in_it(journal, tmp_path_factory: pytest.TempPathFactory) -> None:
    files = write(journal, tmp_path_factory.mktemp("p"))
    tally = Tally()
    list(tally.count(journal))
    assert totals_of(*files) == tally.totals()
    rows = (
        duckdb.read_parquet(str(files[1])).project("key, line, amount, currency, amount_minor, memo, party").fetchall()
    )
    assert rows == [
        (f.entry.draft.key, number, Decimal(from_minor(ln.amount_minor, ln.currency)), ln.currency, ln.amount_minor,
         f.entry.draft.memo or None, ln.party)
        for f in journal
        for number, ln in enumerate(f.entry.draft.lines, start=1)
    ]  # fmt: skip
