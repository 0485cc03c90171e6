"""Handing the journal over and taking one over, by command."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine

SALE = (
    "id,date,memo,account,currency,amount\n1,2026-03-02,A mug,1100.bank,EUR,12.50\n1,2026-03-02,A mug,4000,EUR,-12.50\n"
)


@pytest.fixture
def sale(tmp_path: Path) -> Path:
    file = tmp_path / "old.csv"
    file.write_text(SALE, "utf-8")
    return file


def test_beancount_is_printed_or_written_with_its_manifest(told: CommandLine, tmp_path: Path) -> None:
    text = told("export", "beancount").stdout
    assert text.startswith('option "title" "Mug & Bowl"\noption "operating_currency" "EUR"\n')
    result = told("export", "beancount", "--out", tmp_path)
    manifest = tmp_path / "manifest.json"
    assert (result.stdout, result.stderr) == ("", f"Wrote 6 entries with 15 lines to {tmp_path}, and {manifest}.\n")
    assert (tmp_path / "journal.beancount").read_text("utf-8") == text
    assert "^ent_" not in told("export", "beancount", "--portable").stdout
    assert len(told("export", "beancount", "--to", "2026-10-05").stdout) < len(text)


def test_a_period_begins_with_what_stood_before(told: CommandLine) -> None:
    text = told("export", "hledger", "--from", "2026-10-06", "--to", "2026-10-06").stdout
    assert [row for row in text.splitlines() if row.startswith("2026")] == [
        "2026-10-06 * (opening) Opening balances",
        next(row for row in text.splitlines() if "Order placed #1583" in row),
        "2026-10-06 * (closing) Balances",
    ]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tables_go_to_a_folder_and_can_be_checked(told: CommandLine, tmp_path: Path, kind: str) -> None:
    told("export", kind, "--out", tmp_path)
    checked = told("export", "check", tmp_path / "manifest.json")
    assert (checked.stdout, checked.stderr) == ("", "")
    lines = tmp_path / f"lines.{kind}"
    lines.write_bytes(lines.read_bytes()[:-1])
    said = told("export", "check", tmp_path / "manifest.json", code=1).stdout
    assert said.startswith(f"lines.{kind}: its size is not what was written (SHA-256 ")
    assert told.error("export", kind) == f"[usage] Missing option '--out'. See `tieout export {kind} --help`."


def test_checking_needs_no_books(told: CommandLine, tmp_path: Path) -> None:
    told("export", "csv", "--out", tmp_path / "out")
    stranger = CommandLine(tmp_path / "nowhere", "postgresql://127.0.0.1:1/none")
    assert stranger("export", "check", tmp_path / "out" / "manifest.json").stdout == ""


def test_export_says_where_it_cannot_write(told: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    said = told.error("export", "csv", "--out", tmp_path / "taken" / "in")
    assert said.startswith("[bad_input] The files cannot be written: ")
    assert said.endswith(" Choose another folder with --out.")
    assert told.error("export", "csv", "--from", "2026-02-01", "--to", "2026-01-01", "--out", tmp_path) == (
        "[bad_input] 2026-02-01 is after 2026-01-01 (from). Give a first day, and a last one that is not before it."
    )


def test_a_journal_is_imported_once_after_a_dry_run(books: CommandLine, sale: Path) -> None:
    tried = books("import-journal", sale, "--dry-run")
    assert [row.split() for row in tried.stdout.splitlines()[2:]] == [
        ["1100.bank", "0.00", "12.50", "EUR"],
        ["4000", "0.00", "−12.50", "EUR"],
    ]
    assert tried.stderr == "1 entry would be posted.\n"
    assert books("import-journal", sale).stderr == "1 entry posted.\n"
    assert books("import-journal", sale).stderr == "0 entries posted, 1 known already.\n"


def test_a_dry_run_lists_every_refused_line(books: CommandLine, sale: Path) -> None:
    sale.write_text(SALE.replace("4000", "9999").replace("1100.bank", "8888"), "utf-8")
    tried = books("import-journal", sale, "--dry-run", "-o", "json", code=1)
    refusals = json.loads(tried.stdout, parse_float=str)["refusals"]
    assert [(refusal["line"], refusal["what"]) for refusal in refusals] == [
        (2, "There is no account “8888”"),
        (3, "There is no account “9999”"),
    ]
    assert tried.stderr == "Nothing would be posted: 2 lines refused.\n"
    assert "9999" in books("import-journal", sale, "--dry-run", code=1).stdout
    assert books.error("import-journal", sale).startswith(
        "[import_refused] Nothing was posted. Line 2: There is no account “8888” (old.csv, line 2, 3). "
    )


def test_opening_balances_are_imported_against_equity(books: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "balances.csv"
    file.write_text("account,currency,amount\n1100.bank,EUR,900\n", "utf-8")
    report = books("import-journal", file, "--opening", "2026-01-01", "-o", "csv")
    assert report.stdout == "account,before,after,currency\n1100.bank,0.00,900.00,EUR\n3000,0.00,-900.00,EUR\n"


def test_what_was_exported_is_known_already(told: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "books.txt"
    file.write_text(told("export", "beancount").stdout, "utf-8")
    assert told("import-journal", file, "--format", "beancount").stderr == "0 entries posted, 6 known already.\n"
    assert told.error("import-journal", file) == (
        "[bad_input] Its name does not say what kind of file it is (books.txt). Say what it is: beancount or csv."
    )


def test_what_is_left_behind_is_said(books: CommandLine, tmp_path: Path) -> None:
    file = tmp_path / "a.beancount"
    file.write_text(
        '2026-03-02 * "Sale" #tag\n  Assets:1100-bank-Bank-account-bank 5 EUR\n  Income:4000-Sales -5 EUR\n', "utf-8"
    )
    assert books("import-journal", file).stderr == "Left behind: tags (1).\n1 entry posted.\n"
