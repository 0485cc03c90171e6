"""Importing files by command: what it says, and what it refuses before anything is imported."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tieout.sandbox.ecb_wire import rates_xml
from tieout.sandbox.world import World


@pytest.fixture
def statement(books: CommandLine, tmp_path: Path) -> Path:
    """A bank statement with one payout on it."""
    file = tmp_path / "statement.xml"
    file.write_bytes(books("sample", "camt", "--date", "2026-10-05", "--seed", "7").stdout_bytes)
    return file


def test_a_statement_is_booked_at_once_and_only_once(books: CommandLine, statement: Path) -> None:
    result = books("import", "bank", statement)
    heading, _, row = result.stdout.splitlines()
    assert heading.split() == ["file", "delivery", "verdict", "events", "entries", "exceptions", "remarks"]
    assert row.split()[:1] + row.split()[2:] == ["statement.xml", "accepted", "2", "1"]
    assert result.stderr == "Next: `tieout reconcile`.\n"
    first, again = row.split()[1], books("import", "bank", statement, "-o", "csv").stdout.splitlines()[1].split(",")
    assert again == ["statement.xml", again[1], "repeated", "0", "0", "", f"repeats {first}"]


def test_several_files_and_standard_input(books: CommandLine, statement: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.xml"
    sample = ("sample", "camt", "line_unknown", "--date", "2026-10-06", "--seed", "8")
    other.write_bytes(books(*sample).stdout_bytes)
    reports = json.loads(
        books("import", "bank", other, "-", "-o", "json", typed=statement.read_bytes()).stdout, parse_float=str
    )
    assert [(name, report["verdict"], report["entries"]) for name, report in reports] == [
        ("other.xml", "accepted", 1),
        ("-", "accepted", 1),
    ]


def test_a_file_that_is_not_there_imports_nothing(books: CommandLine, statement: Path, tmp_path: Path) -> None:
    missing = tmp_path / "missing.xml"
    assert books.error("import", "bank", statement, missing) == (
        f"[bad_input] The file cannot be read: No such file or directory ({missing})."
        " Check its name and your permission to read it."
    )
    assert books.error("import", "bank", tmp_path) == (
        f"[bad_input] The file cannot be read: Is a directory ({tmp_path})."
        " Check its name and your permission to read it."
    )
    assert books("inbox", "-o", "json").stdout == "[]\n"


def test_an_empty_file(books: CommandLine, tmp_path: Path) -> None:
    empty = tmp_path / "empty.xml"
    empty.write_text("\n \n")
    assert books.error("import", "bank", empty) == (
        f"[bad_input] The file is empty ({empty}). Download it again; nothing was imported."
    )


def test_a_file_of_another_kind_is_named(books: CommandLine, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear customer")
    line = books.error("import", "shop", letter)
    assert line.startswith("[bad_input] ")
    assert line.endswith(f"({letter} for shop). Look at the raw file: is it the format of this source, and complete?")


def test_a_bank_file_that_is_no_statement_is_kept_and_needs_a_person(books: CommandLine, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear customer")
    row = books("import", "bank", letter, "-o", "csv", code=1).stdout.splitlines()[1].split(",")
    assert row[2:5] == ["accepted", "0", "0"]
    assert books("explain", row[5]).stdout.startswith(f"{row[5]}  delivery_unreadable: ")


def test_a_source_nobody_added(books: CommandLine, statement: Path) -> None:
    assert books.error("import", "savings", statement) == (
        "[not_found] There is no source “savings” (source)."
        " Sources are: shop, stripe, bank. Add one with `tieout source add`."
    )


def test_what_was_imported_before_an_error_is_shown(books: CommandLine, tmp_path: Path) -> None:
    order, letter = tmp_path / "order.json", tmp_path / "letter.txt"
    order.write_text(books("sample", "shopify", "order_created", "--date", "2026-10-05").stdout)
    letter.write_text("Dear customer")
    result = books("import", "shop", order, letter, "-o", "csv", code=2)
    assert [line.split(",")[0] for line in result.stdout.splitlines()] == ["file", "order.json"]
    assert result.stderr.startswith("[bad_input] ")


def test_exceptions_are_named(books: CommandLine, statement: Path) -> None:
    text = statement.read_text("utf-8")
    assert text.count("100.00") > 1
    statement.write_text(text.replace('<Amt Ccy="EUR">0.00</Amt>', '<Amt Ccy="EUR">7.00</Amt>', 1), "utf-8")
    result = books("import", "bank", statement, "-o", "json", code=1)
    ((_, report),) = json.loads(result.stdout, parse_float=str)
    assert result.stderr == "Some of it needs a person: look at `tieout cases`.\n"
    for case in report["cases"]:
        assert books("explain", case).stdout.startswith(f"{case}  statement_unbalanced: ")
    assert len(report["cases"]) > 0


def test_rates_release_what_waited_for_them(run: CommandLine, tmp_path: Path) -> None:
    """Books in euro cannot book a dollar without a rate; its arrival does it."""
    run("init")
    run("source", "add", "stripe", "--secret", "s")
    run("trigger", "stripe", "charge_succeeded", "--currency", "USD", "--date", "2026-10-05")
    assert run("events", "--state", "parked", "-o", "csv").stdout.count("rate:") == 1
    rates = tmp_path / "rates.xml"
    rates.write_bytes(rates_xml(World().facts.rates))
    new = len(World().facts.rates)
    assert run("rates", "import", rates).stderr == f"New: {new} rates.\n"
    assert run("rates", "import", rates).stderr == "New: 0 rates.\n"
    assert run("events", "--state", "parked", "-o", "json").stdout == "[]\n"
    rates.write_text("no rates")
    assert run.error("rates", "import", rates).startswith("[bad_input] ")
