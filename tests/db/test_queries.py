"""Named queries: found by name, or the name is an error where it is used."""

from importlib.resources import files
from pathlib import Path

import pytest

from tieout.db import queries
from tieout.db.queries import Queries


def make(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> Queries:
    (tmp_path / "queries.sql").write_text(text, encoding="utf-8")
    monkeypatch.setattr(queries, "files", lambda _: tmp_path)
    return Queries("tieout.test")


def test_a_query_is_its_text_without_the_header(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = make(
        monkeypatch,
        tmp_path,
        "-- Words before the first are nobody's.\n-- name: one\nselect 1;\n\n-- name: two  (more words)\n"
        "-- A comment.\nselect 'ü'\n  from t;\n",
    )
    assert found.text("one") == "select 1;"
    assert found.two == "-- A comment.\nselect 'ü'\n  from t;".encode()


def test_a_name_that_is_not_there_is_an_error_that_names_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = make(monkeypatch, tmp_path, "-- name: one\nselect 1;\n")
    with pytest.raises(AttributeError, match=r"tieout.test/queries.sql has no query named onne"):
        _ = found.onne
    assert not hasattr(found, "two")


def test_a_name_given_twice_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Otherwise the second would silently take the place of the first."""
    with pytest.raises(ValueError, match=r"tieout.test/queries.sql has two queries named one"):
        make(monkeypatch, tmp_path, "-- name: one\nselect 1;\n-- name: one\nselect 2;\n")


@pytest.mark.parametrize("stage", ["masterdata", "intake", "events", "ledger", "reconciliation", "cases", "controls"])
def test_every_stage_has_its_queries(stage: str) -> None:
    text = files(f"tieout.{stage}").joinpath("queries.sql").read_text(encoding="utf-8")
    names = [line.split()[2] for line in text.splitlines() if line.startswith("-- name: ")]
    found = Queries(f"tieout.{stage}")
    assert len(names) == len(set(names)) > 2
    assert [name for name in names if len(found.text(name)) < 10] == []
