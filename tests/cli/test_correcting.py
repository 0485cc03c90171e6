"""Correcting by command: shown first, done when agreed, once."""

import csv
import io
import json
from typing import Any

import pytest

from tests.cli.conftest import CommandLine


@pytest.fixture
def sale(books: CommandLine) -> str:
    """The entry of an order of 59.90."""
    books("trigger", "shop", "order_created", "--amount", "59.90", "--date", "2026-10-05")
    (entry,) = journal(books)
    return str(entry["id"])


def journal(run: CommandLine) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(run("journal", "-o", "json").stdout, parse_float=str)
    return found


def test_nothing_happens_before_it_is_agreed(books: CommandLine, sale: str) -> None:
    shown = books("reverse", sale, "--on", "2026-10-06", "--why", "A test order.", code=3)
    assert shown.stdout.splitlines()[0] == f"Takes back {sale} on 2026-10-06."
    assert f"2026-10-06  Reversal of {sale}: " in shown.stdout
    assert shown.stderr == "Nothing was done. Add --yes to do it.\n"
    assert len(journal(books)) == 1


def test_an_entry_is_taken_back_once(books: CommandLine, sale: str) -> None:
    done = books("reverse", sale, "--on", "2026-10-06", "--why", "A test order.", "--yes")
    made = journal(books)[0]["id"]
    assert done.stderr == f"{sale} is taken back by {made}.\n"
    assert f"It is reversed by {made}." in books("explain", sale).stdout
    assert books.error("reverse", sale, "--why", "Again.", "--yes") == (
        f"[conflict] {sale} has been reversed already, by {made} ({made})."
        f" An entry is reversed only once; if {made} was wrong, reverse that one."
    )
    assert {row["balance"] for row in balances(books)} == {"0.00"}


def balances(run: CommandLine) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run("balances", "-o", "csv").stdout)))


def test_a_part_of_an_entry(books: CommandLine, sale: str) -> None:
    lines = journal(books)[0]["lines"]
    credit = next(number for number, line in enumerate(lines, start=1) if line["amount_minor"] <= -1000)
    debit = next(number for number, line in enumerate(lines, start=1) if line["amount_minor"] >= 1000)
    part = ("--line", debit, "10.00", "--line", credit, "10.00")
    books("reverse", sale, *map(str, part), "--on", "2026-10-06", "--why", "One came back.", "--yes")
    assert [line["amount_minor"] for line in journal(books)[0]["lines"]] == [-1000, 1000]
    assert books.error("reverse", sale, "--line", "9", "1.00", "--why", "x").startswith(
        "[bad_input] There is no line “9” (--line)."
    )


def test_a_correction_stands_in_its_place(books: CommandLine, sale: str) -> None:
    text = "--line 1490 5.00 EUR --line 3000 -5.00 EUR --day 2026-10-07 --memo"
    new = (*text.split(), "By hand")
    preview = books("correct", sale, *new, "--on", "2026-10-06", "--why", "It was no sale.", code=3)
    assert "Books “By hand” in its place." in preview.stdout
    done = books("correct", sale, *new, "--on", "2026-10-06", "--why", "It was no sale.", "--yes")
    replacement, reversal = (entry["id"] for entry in journal(books)[:2])
    assert done.stderr == f"{sale} is taken back by {reversal}, and {replacement} stands in its place.\n"
    found = {row["account"]: row["balance"] for row in balances(books) if row["balance"] != "0.00"}
    assert found == {"1490": "5.00", "3000": "-5.00"}


@pytest.mark.parametrize("line", [("1490", "5.00@4.00", "EUR"), ("1490", "5.00", "USD")])
def test_what_a_line_is_worth_is_said_where_it_is_needed(books: CommandLine, sale: str, line: tuple[str, ...]) -> None:
    error = books.error("correct", sale, "--line", *line, "--why", "x")
    assert error.endswith("Write 10.00@9.20 for a line in another currency than EUR, and only for one.")
