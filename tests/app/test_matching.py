"""The face of two-sided matching, which needs no books."""

from pathlib import Path

from tests.reconciliation.matching.comparing import table
from tieout.app import matching


def test_two_files_without_an_answer_on_disk(tmp_path: Path) -> None:
    for name, row in (("l.csv", "1,2026-03-01,5.00,EUR,A"), ("r.csv", "a,2026-03-01,5.00,EUR,A")):
        (tmp_path / name).write_text(table(row))
    summary = matching.match(tmp_path / "l.csv", tmp_path / "r.csv")
    assert summary.is_whole
    assert (summary.left_file, summary.right_file, summary.engine) == ("l.csv", "r.csv", "duckdb")
    assert summary.tied == (matching.Tied("reference", "posted", "EUR", 1, 1, 500),)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["l.csv", "r.csv"]
