"""The face of two-sided matching, which needs no books."""

from pathlib import Path

import pytest

from tests.reconciliation.matching.comparing import table
from tieout.app import matching
from tieout.model.error import BadInput


def test_two_files_without_an_answer_on_disk(tmp_path: Path) -> None:
    for name, row in (("l.csv", "1,2026-03-01,5.00,EUR,A"), ("r.csv", "a,2026-03-01,5.00,EUR,A")):
        (tmp_path / name).write_text(table(row))
    summary = matching.match(tmp_path / "l.csv", tmp_path / "r.csv")
    assert summary.is_whole
    assert (summary.left_file, summary.right_file, summary.engine) == ("l.csv", "r.csv", "duckdb")
    assert summary.tied == (matching.Tied("reference", "posted", "EUR", 1, 1, 500),)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["l.csv", "r.csv"]


def test_three_files_are_two_legs(tmp_path: Path) -> None:
    rows = {
        "sales": ["s,2026-03-01,10.00,EUR,o1"],
        "gateway": ["g,2026-03-01,10.00,EUR,o1,po_1", "f,2026-03-01,-1.00,EUR,,po_1"],
        "bank": ["b,2026-03-03,9.00,EUR,po_1"],
    }
    files = [tmp_path / f"{name}.csv" for name in rows]
    for file in files:
        file.write_text(table(rows[file.stem]))
    chain = matching.match_chain(*files, out=tmp_path / "out")
    assert [(o.side, o.reason.value) for o in chain.sold.open] == [("right", "arrived_not_expected")]
    assert (chain.paid.is_whole, chain.is_whole) == (True, False)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["paid", "sold"]


def test_settings_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is no amount of memory"):
        matching.match(tmp_path, tmp_path, memory="much")
    with pytest.raises(BadInput, match="The rules cannot be read"):
        matching.rules_of(tmp_path / "none.toml")
