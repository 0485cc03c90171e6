"""The proof by command: its figures, its sentence and its exit code."""

import csv
import io
import json

import msgspec

from tests.cli.conftest import CommandLine, on_terminal
from tieout.cli.proving import show_proof
from tieout.model.proof import Proof


def test_a_sale_from_order_to_bank_ties_out(told: CommandLine) -> None:
    result = told("proof")
    assert result.stderr == "Tied out, judged as of 2026-10-31: unexplained 0.00 EUR, every bank account agrees.\n"
    proof = json.loads(told("proof", "-o", "json").stdout, parse_float=str)
    assert proof["unexplained_minor"] == {"EUR": 0}
    assert [(line["role"], line["balance_minor"], line["tied_minor"]) for line in proof["lines"]] == [
        ("order_receivable", 5990, 10025),
        ("captured", 0, 10025),
        ("gateway", 0, 10000),
        ("payout_in_transit", 0, 10000),
    ]
    (bank,) = proof["banks"]
    assert (bank["books_minor"], bank["statement_minor"], bank["difference_minor"]) == (10000, 10000, 0)
    assert [(e["reason"], e["count"], e["amount_minor"]) for e in proof["exceptions"]] == [("order_unpaid", 1, 5990)]


def test_the_table_shows_every_clearing_account_bank_and_exception(told: CommandLine) -> None:
    lines = told("proof").stdout.splitlines()
    assert [line.split("  ")[0] for line in lines if line and not line.startswith("─")] == [
        "account", "1200", "1310.stripe", "1320.stripe", "1330.stripe", "bank account", "1100.bank", "exceptions",
        "order_unpaid",
    ]  # fmt: skip


def test_csv_has_plain_decimals(told: CommandLine) -> None:
    (first, *_) = csv.DictReader(io.StringIO(told("proof", "-o", "csv").stdout))
    assert (first["account"], first["balance"], first["exceptions"], first["unexplained"]) == (
        "1200", "59.90", "59.90", "0.00",
    )  # fmt: skip


def test_reconcile_again_finds_nothing_new(told: CommandLine) -> None:
    said = told("reconcile", "--as-of", "2026-10-31").stderr.splitlines()
    assert said[0].endswith(": 1 open item, 0 new matches, 1 exception, 0 settled by themselves.")
    assert said[1] == "Tied out as of 2026-10-31: unexplained 0.00 EUR, every bank account agrees."


def test_what_came_after_the_run_is_unexplained(books: CommandLine) -> None:
    books("reconcile", "--as-of", "2026-10-04")
    books("trigger", "shop", "order_created", "--amount", "59.90", "--date", "2026-10-05")
    assert books("proof", code=1).stderr == "Not tied out, judged as of 2026-10-04: 59.90 EUR is unexplained.\n"
    assert books("check", code=1).stdout == (
        "WRONG account 1200      59.90 EUR of Orders receivable is unexplained"
        "  → Run `tieout reconcile`; entries that came after the last run are not named yet.\n"
    )
    books("reconcile", "--as-of", "2026-10-05")
    assert books("check").stdout == ""


def test_books_in_which_nothing_is_booked_have_nothing_to_prove(books: CommandLine) -> None:
    """They are no success and no failure: a script that watches the books goes on."""
    nothing = "Nothing to prove yet{}: nothing is booked that must tie out."
    proof = books("proof", "--at", "1900-01-01")
    assert (proof.stdout, proof.stderr) == ("", nothing.format(" as of 1900-01-01") + "\n")
    said = books("reconcile", "--as-of", "2026-10-05").stderr.splitlines()
    assert said[1:] == [nothing.format(" as of 2026-10-05")]
    books("trigger", "shop", "order_created", "--amount", "59.90", "--date", "2026-10-06")
    assert books("proof", "--at", "2026-10-05").stderr == nothing.format(" as of 2026-10-05") + "\n"


def test_on_a_terminal_of_80_columns_the_proof_is_read_account_by_account(told: CommandLine) -> None:
    proof = msgspec.json.decode(told("proof", "-o", "json").stdout, type=Proof)
    lines = on_terminal(80, lambda: show_proof(proof))
    assert lines[:9] == [
        "1200  Orders receivable",
        "  balance      59.90 EUR",
        "  exceptions   59.90 EUR",
        "  unexplained   0.00 EUR",
        "  open items       1",
        "",
        "1310.stripe  Captured, not settled: stripe",
        "  balance       0.00 EUR",
        "  unexplained   0.00 EUR",
    ]
    assert lines[lines.index("1100.bank  Bank account: bank") :] == [
        "1100.bank  Bank account: bank",
        "  books         100.00 EUR",
        "  statement     100.00 EUR",
        "  of            2026-10-05",
        "  difference      0.00 EUR",
        "  statements    complete",
        "",
        "exceptions     count   money at risk   currency   meaning",
        "─" * 80,
        "order_unpaid       1           59.90   EUR        An order has no payment within",
        "                                                  the usual time.",
        "",
        "Tied out, judged as of 2026-10-31: unexplained 0.00 EUR, every bank account",
        "agrees.",
    ]


def test_on_a_wide_terminal_the_proof_is_what_a_program_reads(told: CommandLine) -> None:
    piped = told("proof")
    proof = msgspec.json.decode(told("proof", "-o", "json").stdout, type=Proof)
    assert on_terminal(160, lambda: show_proof(proof)) == [*piped.stdout.splitlines(), *piped.stderr.splitlines()]


def test_a_bank_that_differs_is_exit_code_1(books: CommandLine) -> None:
    """Without a rate the dollars are not booked, so the books do not have what the bank has."""
    books("trigger", "bank", "payout_arrived", "--currency", "USD", "--date", "2026-10-05")
    result = books("reconcile", "--as-of", "2026-10-05", code=1)
    assert result.stderr.splitlines()[-1] == (
        "Not tied out as of 2026-10-05: Bank account: bank differs from its statement by −100.00 USD."
        " Waiting for something that must come first: 1 event."
    )


def test_a_day_must_be_a_day(books: CommandLine) -> None:
    assert books.error("reconcile", "--as-of", "October") == (
        "[usage] Invalid value for '--as-of': 'October' does not match the format '%Y-%m-%d'."
        " See `tieout reconcile --help`."
    )
