"""CSV files and the columns of Parquet: everything a stranger's file may have wrong with it."""

from pathlib import Path

import pytest

from tieout.model.error import BadInput
from tieout.reconciliation.matching.table import COLUMNS, CsvFile, mapping_of, parquet_columns

HEADING = b"id,date,amount,currency\n"


def file_of(tmp_path: Path, body: bytes) -> Path:
    path = tmp_path / "f.csv"
    path.write_bytes(body)
    return path


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "There is nothing in it (f.csv)"),
        (b"\n\n", "There is nothing in it (f.csv)"),
        (b"\xff\xfei\0d\0", "It is UTF-16 or UTF-32, not UTF-8 (f.csv)"),
        (HEADING + b"1,2026-03-01,1.00,EUR\n\xe9,2026-03-01,1.00,EUR\n", "It is not UTF-8 (f.csv, line 3)"),
        (b"id;date;amount;currency\n", "The columns are separated by semicolons (f.csv, line 1)"),
        (b"id,date,amount\n", "There is no column “currency” (f.csv, line 1, column currency)"),
        (b"id,date,amount,currency,ID\n", "The column “id” is there twice (f.csv, line 1)"),
        (HEADING + b"1,2026-03-01\n", "It has 2 fields, the first line has 4 (f.csv, row 1 (line 2), column 3)"),
        (HEADING + b"1,2026-03-01,1,EUR,\n", "It has 5 fields, the first line has 4 (f.csv, row 1 (line 2), column 5)"),
        (HEADING + b'1,"2026-03-01\n', "It is no CSV: unexpected end of data (f.csv, line 2)"),
        (HEADING + b"1\0,2026-03-01,1,EUR\n", "A field has a NUL in it (f.csv, row 1 (line 2))"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_named_with_its_place(tmp_path: Path, body: bytes, said: str) -> None:
    with pytest.raises(BadInput) as refused:
        list(CsvFile(file_of(tmp_path, body), {}).rows())
    assert f"{refused.value.what} ({refused.value.where})" == said
    assert refused.value.remedy


def test_a_whole_file_of_odd_but_honest_rows(tmp_path: Path) -> None:
    body = b'\xef\xbb\xbfcurrency,ID,amount,Date,note\r\nEUR,1,5,2026-03-01,"a\nb"\r\n\r\nUSD,\'=2,-6,2026-03-02,\r\n'
    rows = list(CsvFile(file_of(tmp_path, body), {"description": "note"}).rows())
    assert rows == [
        (1, 2, ["1", "2026-03-01", "5", "EUR", "", "", "a\nb"]),
        (2, 5, ["=2", "2026-03-02", "-6", "USD", "", "", ""]),
    ]


def test_a_huge_field_is_read_and_cut(tmp_path: Path) -> None:
    body = b"id,date,amount,currency,description\n1,2026-03-01,1,EUR," + b"x" * 300_000 + b"\n"
    ((_, _, cells),) = CsvFile(file_of(tmp_path, body), {}).rows()
    assert cells[-1] == "x" * 1000


def test_columns_are_named_by_a_mapping() -> None:
    assert mapping_of("amount=Net, date=Booked on", "--left-map") == {"amount": "Net", "date": "Booked on"}
    assert mapping_of("", "--left-map") == {}


@pytest.mark.parametrize("text", ["amount", "net=Net", "amount=", "amount=A,amount=B"])
def test_a_mapping_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="--left-map"):
        mapping_of(text, "--left-map")


@pytest.mark.parametrize(
    ("column", "kind", "said"),
    [
        ("amount", "DOUBLE", "The amounts are floats, which lose cents"),
        ("amount", "BIGINT", "The amounts are BIGINT: are they cents?"),
        ("date", "INTEGER", "The dates are INTEGER"),
        ("id", "VARCHAR[]", "The column is VARCHAR[], not text"),
    ],
)
def test_parquet_types_that_lose_something_are_refused(column: str, kind: str, said: str) -> None:
    kinds = {"id": "VARCHAR", "date": "DATE", "amount": "DECIMAL(18,2)", "currency": "VARCHAR"} | {column: kind}
    with pytest.raises(BadInput) as refused:
        parquet_columns(list(kinds.items()), {}, "f.parquet")
    assert (refused.value.what, refused.value.where) == (said, f"f.parquet, row 1, column {column}")


def test_every_column_is_ours() -> None:
    assert [name for name, needed in COLUMNS.items() if needed] == ["id", "date", "amount", "currency"]
