"""Exports as files: every change to them after they were written is found, and named."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.reports.journals import ENTITY, extract, sample
from tieout.model.error import BadInput
from tieout.reports.journal import Tally
from tieout.reports.manifest import (
    FILES,
    FORMAT,
    FileSeen,
    Kind,
    Manifest,
    Seal,
    decode,
    encode,
    problems,
    seen,
    totals_of,
    write_files,
)


def written(kind: Kind, folder: Path) -> Manifest:
    """The sample as files, and their manifest."""
    tally, part = Tally(), extract(sample())
    write_files(kind, part, tally.count(sample()), folder)
    return Manifest(
        FORMAT, kind, ENTITY.code, ENTITY.name, ENTITY.base_currency, part.first, part.last, False, tally.totals(),
        Seal(7, "ab"), tuple(seen(folder / name) for name in FILES[kind]), "tieout 1", datetime(2026, 4, 1, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize("kind", Kind)
def test_an_export_is_what_its_manifest_says(kind: Kind, tmp_path: Path) -> None:
    found = written(kind, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FILES[kind])
    assert list(problems(found, tmp_path)) == []
    assert totals_of(found, [tmp_path / name for name in FILES[kind]]) == found.totals


@pytest.mark.parametrize("kind", Kind)
def test_every_changed_byte_is_found(kind: Kind, tmp_path: Path) -> None:
    found = written(kind, tmp_path)
    for name in FILES[kind]:
        whole = (tmp_path / name).read_bytes()
        middle = len(whole) // 2
        (tmp_path / name).write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
        ((where, what),) = problems(found, tmp_path)
        assert (where, what.startswith("its content is not what was written (SHA-256 ")) == (name, True)
        (tmp_path / name).write_bytes(whole[:middle])
        ((where, what),) = problems(found, tmp_path)
        assert (where, what.startswith("its size is not what was written (SHA-256 ")) == (name, True)
        (tmp_path / name).unlink()
        assert list(problems(found, tmp_path)) == [(name, "it is missing")]
        (tmp_path / name).write_bytes(whole)


@pytest.mark.parametrize("kind", Kind)
def test_a_changed_total_is_found(kind: Kind, tmp_path: Path) -> None:
    found = written(kind, tmp_path)
    first = found.totals.currencies[0]
    for totals, what in (
        (replace(found.totals, entries=5), "its entries are not what the files come to: 4"),
        (replace(found.totals, lines=8), "its lines are not what the files come to: 9"),
    ):
        assert list(problems(replace(found, totals=totals), tmp_path)) == [("manifest.json", what)]
    off = replace(
        found.totals, currencies=(replace(first, debit_minor=1, base_debit_minor=1), *found.totals.currencies[1:])
    )
    said = [what for _, what in problems(replace(found, totals=off), tmp_path)]
    assert said[0].startswith("its currencies are not what the files come to: (CurrencyTotal(currency='EUR', lines=7,")
    assert said[1:] == [
        "debit and credit differ in EUR",
        "debit and credit differ in EUR overall, by -10099 minor units",
    ]


def test_a_file_too_many_or_too_few_is_found(tmp_path: Path) -> None:
    found = written(Kind.CSV, tmp_path)
    more = replace(found, files=(*found.files, FileSeen("../else", 1, "00")))
    assert list(problems(more, tmp_path)) == [("../else", "it is not what such an export consists of")]
    assert list(problems(replace(found, files=found.files[:1]), tmp_path)) == [
        ("lines.csv", "the manifest does not name it")
    ]


def test_a_manifest_is_json_and_comes_back(tmp_path: Path) -> None:
    found = written(Kind.BEANCOUNT, tmp_path)
    body = encode(found)
    plain: dict[str, Any] = json.loads(body)
    assert list(plain) == [
        "format", "kind", "ledger", "name", "base_currency", "from", "to", "opening", "totals", "seal", "files",
        "generator", "made_at",
    ]  # fmt: skip
    assert (plain["from"], plain["to"], plain["seal"]) == (None, "2026-03-04", {"block": 7, "hash": "ab"})
    assert plain["totals"]["currencies"][1] == {
        "currency": "USD", "lines": 2, "debit_minor": 11900, "credit_minor": 11900, "base_debit_minor": 10818,
        "base_credit_minor": 10818,
    }  # fmt: skip
    assert decode(body, "manifest.json") == found


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "It is no manifest: Input data was truncated"),
        (b"{}", "It is no manifest: Object missing required field `format`"),
        (b"\xff", "It is no manifest: JSON is malformed"),
    ],
)
def test_what_is_no_manifest(body: bytes, what: str) -> None:
    with pytest.raises(BadInput) as caught:
        decode(body, "m.json")
    assert (caught.value.what.startswith(what), caught.value.where) == (True, "m.json")


def test_a_manifest_of_another_format(tmp_path: Path) -> None:
    body = encode(replace(written(Kind.CSV, tmp_path), format="tieout-export-9"))
    with pytest.raises(BadInput, match="Its format is “tieout-export-9”, not tieout-export-1"):
        decode(body, "m.json")
