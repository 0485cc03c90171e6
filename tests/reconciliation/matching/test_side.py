"""A side: what a row is worth, and the row and column of what is not usable."""

from pathlib import Path

import duckdb
import pytest

from tests.reconciliation.matching.comparing import compare
from tieout.app import matching
from tieout.model.error import BadInput

GOOD = "1,2026-03-01,1.00,EUR"


@pytest.mark.parametrize(
    ("row", "code", "said", "column"),
    [
        (",2026-03-01,1.00,EUR", "bad_input", "There is no id", "id"),
        ("2,,1.00,EUR", "bad_input", "There is no date", "date"),
        ("2,2026-02-30,1.00,EUR", "bad_input", "“2026-02-30” is not a day", "date"),
        ("2,01.03.2026,1.00,EUR", "bad_input", "“01.03.2026” is not a day", "date"),
        ("2,2026-03-01,,EUR", "amount", "There is no amount", "amount"),
        ("2,2026-03-01,1.005,EUR", "amount", "1.005 EUR has more decimals than the 2 of EUR", "amount"),
        ("2,2026-03-01,1.5,JPY", "amount", "1.5 JPY has more decimals than the 0 of JPY", "amount"),
        ("2,2026-03-01,1 000.00,EUR", "amount", "“1 000.00” is not an amount", "amount"),
        ("2,2026-03-01,1e3,EUR", "amount", "“1e3” is not an amount", "amount"),
        ("2,2026-03-01,NaN,EUR", "amount", "“NaN” is not an amount", "amount"),
        ("2,2026-03-01,(5.00),EUR", "amount", "“(5.00)” is not an amount", "amount"),
        ("2,2026-03-01,92233720368547758.08,EUR", "amount", "The amount 9223372036854775808 does not fit 64 bits",
         "amount"),
        ("2,2026-03-01,1.00,EURO", "amount", "“EURO” is not an ISO 4217 currency", "currency"),
        ("2,2026-03-01,1.00,", "amount", "There is no currency", "currency"),
    ],
)  # fmt: skip
def test_a_row_without_a_usable_value_is_named(tmp_path: Path, row: str, code: str, said: str, column: str) -> None:
    with pytest.raises(BadInput) as refused:
        compare(tmp_path, [GOOD, row], [GOOD])
    assert (refused.value.code, refused.value.what) == (code, said)
    assert refused.value.where == f"left.csv, row 2 (line 3), column {column}"
    assert refused.value.remedy
    assert not (tmp_path / "out").exists()


def test_values_that_are_written_otherwise_and_are_the_same(tmp_path: Path) -> None:
    left = [
        "1,2026-03-01,+1.5,eur,A",
        "2,2026-03-01T23:59:59Z,.5000,EUR,B",
        "3,2026-03-01,-0,EUR,C",
        "4,2026-03-01, 007 ,JPY,D",
    ]
    right = ["a,2026-03-01,1.50,EUR,A", "b,2026-03-01,0.5,EUR,B", "c,2026-03-01,0.,EUR,C", "d,2026-03-01,7.000,JPY,D"]
    found = compare(tmp_path, left, right)
    assert [m["amount"] for m in found.matches] == ["1.50", "0.50", "0.00", "7"]


def test_the_same_row_again_is_a_duplicate_and_another_with_its_id_a_conflict(tmp_path: Path) -> None:
    left = [GOOD + ",A", GOOD + ",A", "2,2026-03-01,2.00,EUR,B", "2,2026-03-01,2.00,EUR,C", "3,2026-03-01,1.00,EUR,D"]
    right = ["a,2026-03-01,1.00,EUR,A", "b,2026-03-01,2.00,EUR,B", "d,2026-03-01,1.00,EUR,D"]
    found = compare(tmp_path, left, right)
    assert [row[:2] for row in found.tied()] == [("1", "a"), ("3", "d")]
    assert found.open()[:3] == [("left", "1", "duplicate"), ("left", "2", "id_conflict"), ("left", "2", "id_conflict")]
    assert [c.rows for c in found.summary.left] == [5]


def parquet(path: Path, select: str) -> Path:
    duckdb.sql(f"copy ({select}) to '{path}' (format parquet)")
    return path


def test_parquet_with_decimals_texts_and_dates(tmp_path: Path) -> None:
    row = "select 7 as id, date '2026-03-01' as date, {} as amount, 'EUR' as currency, 'A' as reference"
    amounts = ("5.25::decimal(9,2)", "5.25::decimal(30,10)", "'5.25'")
    right = parquet(tmp_path / "right.parquet", row.format("5.250::decimal(18,3)"))
    for amount in amounts:
        summary = matching.match(parquet(tmp_path / "left.parquet", row.format(amount)), right)
        assert (summary.is_whole, summary.left[0].total_minor) == (True, 525)
    with pytest.raises(BadInput, match=r"left\.parquet, row 1, column amount"):
        matching.match(parquet(tmp_path / "left.parquet", row.format("5.255::decimal(9,3)")), right)
    (tmp_path / "left.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(BadInput, match="no Parquet"):
        matching.match(tmp_path / "left.parquet", right)


def test_a_file_with_a_heading_only_has_no_rows(tmp_path: Path) -> None:
    found = compare(tmp_path, [], ["a,2026-03-01,1.00,EUR,A"])
    assert found.open() == [("right", "a", "arrived_not_expected")]
    assert compare(tmp_path, [], []).summary.is_whole


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no such file"):
        matching.match(tmp_path / "no.csv", tmp_path / "no.csv")
