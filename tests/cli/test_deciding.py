"""Deciding by command: nothing happens unseen, nothing without a reason."""

import csv
import io
import json

import pytest

from tests.cli.conftest import CommandLine


@pytest.fixture
def unpaid(books: CommandLine) -> tuple[CommandLine, str]:
    """Books with an order nobody paid, and its exception."""
    books("trigger", "shop", "order_created", "--amount", "59.90", "--date", "2026-10-05", "--seed", "8")
    books("reconcile", "--as-of", "2026-10-31")
    (case,) = json.loads(books("cases", "-o", "json").stdout, parse_float=str)
    return books, case["id"]


def balances(run: CommandLine) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO(run("balances", "-o", "csv").stdout))
    return {row["name"]: row["balance"] for row in rows}


def test_cases_are_listed(unpaid: tuple[CommandLine, str]) -> None:
    run, case = unpaid
    assert run("cases", "-o", "csv").stdout == (
        "case,reason,at_risk,currency,age,state,what_happened\n"
        f"{case},order_unpaid,59.90,EUR,0,open,"
        "Order #1583 of 2026-10-05 over 59.90 EUR has no payment after 7 days.\n"
    )
    assert run("cases", "--reason", "total_mismatch", "-o", "json").stdout == "[]\n"


def test_a_case_shows_what_can_be_done(unpaid: tuple[CommandLine, str]) -> None:
    run, case = unpaid
    lines = run("case", case).stdout.splitlines()
    assert lines[:2] == [
        f"{case}  order_unpaid: An order has no payment within the usual time.",
        "Order #1583 of 2026-10-05 over 59.90 EUR has no payment after 7 days.",
    ]
    assert lines[3:5] == [
        "Next: Ask the buyer, or cancel the order at the shop.",
        f"You can: --book, --match, --dismiss (`tieout resolve {case}`)",
    ]
    assert lines[6].split() == ["open", "item", "account", "item", "date", "open", "currency"]
    assert json.loads(run("case", case, "-o", "json").stdout, parse_float=str)["actions"] == [
        "book", "match", "dismiss",
    ]  # fmt: skip
    assert run.error("case", "cas_999") == (
        "[not_found] There is no case “cas_999” (case). List them with `tieout cases`."
    )


def test_without_agreement_it_only_shows_what_it_would_post(unpaid: tuple[CommandLine, str]) -> None:
    run, case = unpaid
    before = balances(run)
    result = run("resolve", case, "--book", "5900", "--why", "The buyer vanished.", code=3)
    assert result.stdout.startswith("Books what is open to 5900 Write-offs.\n")
    assert "59.90" in result.stdout
    assert result.stderr == "Nothing was done. Add --yes to do it.\n"
    assert balances(run) == before
    assert case in run("cases").stdout


def test_a_write_off_is_booked_and_the_case_closed(unpaid: tuple[CommandLine, str]) -> None:
    run, case = unpaid
    result = run("--actor", "anna", "resolve", case, "--book", "5900", "--why", "The buyer vanished.", "--yes")
    assert result.stderr == f"{case} is resolved.\n"
    assert (balances(run)["Orders receivable"], balances(run)["Write-offs"]) == ("0.00", "59.90")
    assert run("cases", "-o", "json").stdout == "[]\n"
    assert "resolved" in run("cases", "--all", "-o", "csv").stdout
    assert "book by anna: The buyer vanished." in run("case", case).stdout
    again = run("resolve", case, "--dismiss", "--why", "again", "--yes", code=2).stderr
    assert again == f"[resolution_refused] {case} is resolved already ({case}). Look at its history.\n"


def test_dismissing_posts_nothing(unpaid: tuple[CommandLine, str]) -> None:
    run, case = unpaid
    before = balances(run)
    result = run("resolve", case, "--dismiss", "--why", "A test order.", "--yes")
    assert result.stdout == "Closes the case without a posting. If its amount changes, it is reopened.\n"
    assert balances(run) == before


def test_a_held_event_is_released(books: CommandLine, tmp_path) -> None:
    sample = books("sample", "camt", "--date", "2026-10-05", "--seed", "7").stdout
    wrong = tmp_path / "wrong.xml"
    wrong.write_text(sample.replace('<Amt Ccy="EUR">0.00</Amt>', '<Amt Ccy="EUR">7.00</Amt>', 1))
    books("import", "bank", wrong, code=1)
    for case in json.loads(books("cases", "-o", "json").stdout, parse_float=str):
        books("resolve", case["id"], "--release", "--why", "The bank confirms it.", "--yes")
    assert balances(books)["Bank account: bank"] == "100.00"


@pytest.mark.parametrize("options", [[], ["--dismiss", "--release"], ["--book", "5900", "--match", "itm_1"]])
def test_exactly_one_decision(unpaid: tuple[CommandLine, str], options: list[str]) -> None:
    run, case = unpaid
    assert run.error("resolve", case, *options, "--why", "x") == (
        "[usage] Give exactly one of --book, --match, --release, --accept and --dismiss. See `tieout resolve --help`."
    )


def test_what_cannot_be_decided(unpaid: tuple[CommandLine, str]) -> None:
    run, case = unpaid
    refused = run("resolve", case, "--dismiss", "--why", " ", "--yes", code=2).stderr
    assert refused == "[resolution_refused] A reason is required (reason). Say why, in a sentence.\n"
    assert run.error("resolve", case, "--book", "1200", "--why", "x").startswith("[resolution_refused] “1200” is not")
    assert run.error("resolve", case, "--release", "--why", "x").startswith("[resolution_refused] ")
    assert run.error("resolve", case, "--match", "cas_1", "--why", "x") == (
        "[bad_input] “cas_1” is not an open item (--match). It starts with itm_."
    )


def test_a_match_is_taken_back_and_found_again(told: CommandLine) -> None:
    match = told("explain", "po_3TVduGmAect9XER2jdoi3F07").stdout
    assert "Payout sent" in match
    result = told("unmatch", "mat_1", "--why", "Looked wrong.")
    assert result.stdout.startswith("mat_")
    assert result.stderr == "mat_1 is taken back.\n"
    told("reconcile", "--as-of", "2026-10-31")
    assert told("check").stdout == ""
    assert told.error("unmatch", "mat_999", "--why", "x").startswith("[")


def test_a_delivery_read_again_changes_nothing(told: CommandLine) -> None:
    before = balances(told)
    delivery = json.loads(told("inbox", "--source", "bank", "-o", "json").stdout, parse_float=str)[0]["id"]
    assert told("replay", delivery, "--why", "A new mapping.").stderr == (
        "0 new events, 0 new entries, 0 new exceptions.\n"
    )
    assert balances(told) == before
    assert told.error("replay", "ent_1", "--why", "x") == (
        "[bad_input] ent_1 has no work to repeat (id). Choose an accepted delivery."
    )
