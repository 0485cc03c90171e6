"""Ownership and fee rules by command."""

import json
from pathlib import Path

from tests.cli.conftest import CommandLine

SOLO = {"listing": "mug", "valid_from": "2026-01-01T00:00:00Z", "shares": [{"party": "anna", "basis_points": 10000}]}
DUO = SOLO | {
    "valid_from": "2026-06-01T00:00:00Z",
    "shares": [{"party": "anna", "basis_points": 4000}, {"party": "bo", "basis_points": 6000}],
    "reason": "Bo joins.",
}


def written(folder: Path, thing: object) -> Path:
    file = folder / "file.json"
    file.write_text(json.dumps(thing), "utf-8")
    return file


def test_ownership_is_set_and_shown(books: CommandLine, tmp_path: Path) -> None:
    books("--actor", "eva", "ownership", "set", written(tmp_path, SOLO))
    done = books("--actor", "eva", "ownership", "set", written(tmp_path, DUO))
    assert done.stderr == "Version 2 of “mug” holds from 2026-06-01T00:00:00+00:00.\n"
    lines = books("ownership", "show", "mug", "-o", "csv").stdout.splitlines()
    assert lines == [
        "version,from,until,shares,fees_borne_by,changed_by,reason",
        "1,2026-01-01T00:00:00+00:00,,anna 10000,,eva,",
        '2,2026-06-01T00:00:00+00:00,,"anna 4000, bo 6000",,eva,Bo joins.',
    ]
    assert books("ownership", "show", "cup", "-o", "json").stdout == "[]\n"
    order = {"currency": "EUR", "lines": [{"line": 1, "unit_price": "10.00", "listing": "mug"}]}
    split = books("quote", "--books", written(tmp_path, {"order": order})).stdout
    assert json.loads(split, parse_float=str)["totals"]["sellers"] == {"anna": "4.00", "bo": "6.00"}


def test_fee_rules_are_published_and_shown(books: CommandLine, tmp_path: Path) -> None:
    assert books("fees", "show").stdout == "null\n"
    rules = {"commission": [{"id": "all", "percent": 10.5, "fixed": "0.30"}]}
    done = books("fees", "publish", written(tmp_path, rules), "--reason", "A beginning.", "--currency", "USD")
    assert done.stderr == "Version 1 of the fee rules is published.\n"
    shown = json.loads(books("fees", "show").stdout, parse_float=str)
    assert (shown["version"], shown["reason"]) == (1, "A beginning.")
    assert shown["rules"]["commission"] == [{"id": "all", "percent": "10.5", "fixed_minor": {"USD": 30}}]


def test_what_is_wrong_is_refused_in_one_line(books: CommandLine, tmp_path: Path) -> None:
    assert books.error("ownership", "set", written(tmp_path, [])).startswith("[bad_input] It is not an object")
    assert books.error("ownership", "set", "-", typed="{").startswith("[bad_input] It is not JSON")
    assert books.error("ownership", "set", written(tmp_path, SOLO | {"shares": []})).startswith(
        "[bad_input] The shares come to 0 basis points (ownership of mug)"
    )
    books("ownership", "set", written(tmp_path, DUO))
    assert books.error("ownership", "set", written(tmp_path, SOLO)).startswith("[conflict] Version 1 of the ownership")
    wrong = written(tmp_path, {"commission": [{"id": "a", "percent": "-1"}]})
    assert books.error("fees", "publish", wrong, "--reason", "x").startswith(
        "[config] -1 is no percentage of a fee (rule a)"
    )
    assert books("fees", "show").stdout == "null\n"
