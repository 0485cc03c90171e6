"""Periods by command: closed by month and area, opened, allowed; and for ever only when nothing is open."""

import json

import pytest

from tests.cli.conftest import CommandLine


def test_a_closed_month_takes_nothing_more(books: CommandLine) -> None:
    assert books("period", "close", "2026-10").stderr == "2026-10 is closed.\n"
    assert books("period", "list", "-o", "csv").stdout == (
        "from,to,area,state,allowed\n2026-10-01,2026-10-31,all,soft,\n"
    )
    books("trigger", "shop", "order_created", "--date", "2026-10-05")
    assert "2026-11-01" in books("journal", "--late", "-o", "csv").stdout
    assert books("period", "open", "2026-10").stderr == "2026-10 is open.\n"
    books("trigger", "shop", "order_created", "--date", "2026-10-06", "--seed", "9")
    assert len(json.loads(books("journal", "--late", "-o", "json").stdout, parse_float=str)) == 1
    assert len(json.loads(books("journal", "-o", "json").stdout, parse_float=str)) == 2


def test_an_area_is_closed_for_itself(books: CommandLine) -> None:
    assert books("period", "close", "2026-10", "--area", "bank").stderr == "2026-10 of bank is closed.\n"
    books("trigger", "shop", "order_created", "--date", "2026-10-05")
    assert books("journal", "--late", "-o", "json").stdout == "[]\n"
    assert books("period", "close", "2026-10-01..2026-10-10", "--area", "sales").stderr == (
        "2026-10-01..2026-10-10 of sales is closed.\n"
    )
    books("trigger", "shop", "order_created", "--date", "2026-10-06", "--seed", "9")
    assert "2026-10-11" in books("journal", "--late", "-o", "csv").stdout


def test_a_hard_close_is_for_ever_and_needs_agreement(books: CommandLine) -> None:
    assert books("period", "close", "2026-09", "--hard", code=3).stderr == (
        "Nothing was done: a hard close is for ever. Add --yes to do it.\n"
    )
    assert books("period", "list", "-o", "json").stdout == "[]\n"
    assert books("period", "close", "2026-09", "--hard", "--yes").stderr == "2026-09 is closed for ever.\n"
    assert books.error("period", "open", "2026-09").startswith("[posting_refused] ")


def test_a_hard_close_is_refused_while_something_is_open(books: CommandLine) -> None:
    books("trigger", "shop", "order_created", "--date", "2026-10-05")
    assert books.error("period", "close", "2026-10", "--hard", "--yes") == (
        "[period_not_ready] 2026-10-01 to 2026-10-31 cannot be closed for good: 1 item not reconciled (2026-10-01 to"
        " 2026-10-31). See to these first, or say with `--despite` why it is closed all the same."
    )
    books("reconcile", "--as-of", "2026-10-31")
    error = books.error("period", "close", "2026-10", "--hard", "--yes")
    assert error.startswith("[period_not_ready] ")
    assert " cannot be closed for good: 1 exception open (cas_" in error
    done = books("period", "close", "2026-10", "--hard", "--yes", "--despite", "The year is audited.").stderr
    assert done.splitlines()[0] == "2026-10 is closed for ever."
    assert done.splitlines()[1].startswith("Despite 1 exception open (cas_")


def test_one_person_is_allowed_for_a_while(books: CommandLine) -> None:
    allow = ("period", "allow", "2026-10", "--person", "ben", "--why", "The auditor's entry.", "--until")
    assert books.error(*allow, "2099-12-31").startswith("[not_found] No period of all goes from 2026-10-01")
    books("period", "close", "2026-10")
    assert books(*allow, "2099-12-31").stderr == "ben may post into 2026-10 until 2099-12-31.\n"
    assert books("period", "list", "-o", "csv").stdout.splitlines()[1] == (
        "2026-10-01,2026-10-31,all,soft,ben until 2099-12-31"
    )
    assert books.error(*allow, "2020-01-01").startswith("[bad_input] It would have expired already")


@pytest.mark.parametrize("month", ["2026-13", "October", "2026-9", "0000-01", "\uff12026-10"])
def test_a_month_must_be_a_month(books: CommandLine, month: str) -> None:
    assert books.error("period", "close", month).endswith("(month). Write it like 2026-09.")


@pytest.mark.parametrize("days", ["2026-09-01..", "2026-09-01..2026-09-31", "a..b"])
def test_days_must_be_days(books: CommandLine, days: str) -> None:
    assert books.error("period", "close", days).endswith("(month). Write it like 2026-09-01.")
