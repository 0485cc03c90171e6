"""The three files come whole or not at all."""

from pathlib import Path

import duckdb
import pytest

from tests.reconciliation.matching.comparing import compare
from tieout.model.error import BadInput
from tieout.reconciliation.matching.write import unfinished


def test_a_run_that_breaks_leaves_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for there in (False, True):
        if there:
            out.mkdir()
            (out / "summary.json").write_text("{}")

        def broken() -> None:
            with unfinished(out) as folder:
                (folder / "matches.csv").write_text("half")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            broken()
        assert sorted(path.name for path in tmp_path.rglob("*")) == (["out", "summary.json"] if there else [])


def test_an_earlier_run_is_replaced_and_other_files_stay(tmp_path: Path) -> None:
    compare(tmp_path, ["1,2026-03-01,1.00,EUR,A"], [])
    (tmp_path / "out" / "notes.txt").write_text("mine")
    found = compare(tmp_path, ["1,2026-03-01,1.00,EUR,A"], ["a,2026-03-01,1.00,EUR,A"])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "cases.csv",
        "matches.csv",
        "notes.txt",
        "summary.json",
    ]
    assert len(found.matches) == 1


def test_parquet_says_what_csv_says(tmp_path: Path) -> None:
    found = compare(tmp_path, ["=1,2026-03-01,1.00,EUR,A"], ["a,2026-03-01,1.00,EUR,A"])
    assert found.tied()[0][0] == "'=1"
    from tieout.app import matching

    matching.match(tmp_path / "left.csv", tmp_path / "right.csv", out=tmp_path / "out", parquet=True)
    assert not (tmp_path / "out" / "matches.csv").exists()
    rows = duckdb.read_parquet(f"{tmp_path}/out/matches.parquet").fetchall()
    assert [row[1:4] for row in rows] == [("=1", "a", "1.00")]


def test_a_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(BadInput, match="It is a file, not a folder"):
        compare(tmp_path, [], [])
