"""Balances by command, and projections derived anew."""

import csv
import io
import json

import psycopg

from tests.cli.conftest import CommandLine

TRIAL = (
    "account,name,debits,credits,balance,currency\n"
    "1100.bank,Bank account: bank,100.00,0.00,100.00,EUR\n"
)  # fmt: skip


def test_a_balance_of_an_account_a_class_and_a_party(told: CommandLine) -> None:
    heading = "account,balance,currency\n"
    assert told("balance", "1100.bank", "-o", "csv").stdout == f"{heading}1100.bank,100.00,EUR\n"
    assert told("balance", "11", "--below", "-o", "csv").stdout == f"{heading}11,100.00,EUR\n"
    assert told("balance", "1100.bank", "--at", "2026-10-04", "-o", "csv").stdout == heading
    assert told("balance", "1100.bank", "--known-at", "2020-01-01T00:00+01:00", "-o", "csv").stdout == heading
    assert told("balance", "1100.bank", "--currency", "USD", "-o", "csv").stdout == heading
    assert told("balance", "--party", "nobody", "-o", "csv").stdout == heading
    assert told("balance", "--dimension", "channel=pos", "-o", "csv").stdout == heading
    assert told("balance", "--dimension", "channel=web", "-o", "csv").stdout == (
        f"{heading}1200,160.15,EUR\n2100,-25.57,EUR\n2300,-134.58,EUR\n"
    )


def test_what_is_not_clear_is_asked_back(told: CommandLine) -> None:
    for arguments in (
        (),
        ("--below",),
        ("1200", "--party", "Ana", "--dimension", "a=b"),
        ("1", "--below", "--party", "A"),
    ):
        assert told.error("balance", *arguments).startswith("[bad_input] It is not clear what is asked for")
    assert told.error("balance", "99").startswith("[not_found] There is no account “99”")


def test_the_trial_balance_agrees(told: CommandLine) -> None:
    table = told("trial-balance")
    assert table.stderr.splitlines()[-1] == "Debits and credits agree in 1 currency."
    assert told("trial-balance", "-o", "csv").stdout.startswith(TRIAL)
    lines = json.loads(told("trial-balance", "--at", "2026-10-05", "-o", "json").stdout, parse_float=str)["lines"]
    assert sum(line["debit_minor"] for line in lines) == sum(line["credit_minor"] for line in lines) > 0


def test_a_register_ends_at_the_balance(told: CommandLine) -> None:
    first = told("register", "1200", "--limit", "2")
    place = first.stderr.strip().removeprefix("More with --after ")
    rest = told("register", "1200", "--after", place, "-o", "csv").stdout.splitlines()
    whole = told("register", "1200", "-o", "csv").stdout.splitlines()
    assert rest == [whole[0], *whole[3:]]
    assert whole[-1].endswith(",59.90,59.90,EUR")


def test_what_balances_are_read_from_is_derived_anew(told: CommandLine) -> None:
    before = told("balances").stdout
    assert told("ledger", "rebuild").stderr.splitlines()[-1].startswith("Derived from ")
    assert told("balances").stdout == before


def test_lines_to_come_get_a_table_of_their_own(books: CommandLine) -> None:
    books("trigger", "shop", "order_paid", "--date", "2026-10-05", "--seed", "7")
    before = books("balances").stdout
    assert " stay where they are; those to come have a table of their own." in books("ledger", "cut").stderr
    assert books("balances").stdout == before
    books("trigger", "shop", "order_paid", "--date", "2026-10-06", "--seed", "8")
    assert books("verify").stderr.splitlines()[-1].startswith("Verified: ")
    with psycopg.connect(books.environment["TIEOUT_DATABASE_URL"]) as connection:
        parts = connection.execute(
            "select inhrelid::regclass::text from pg_inherits where inhparent = 'line'::regclass"
        )
        assert sorted(row[0] for row in parts) == ["line_1", "line_2"]


def test_an_exchange_difference_shows_in_base_currency(books: CommandLine) -> None:
    books("trigger", "shop", "order_paid", "--date", "2026-10-05", "--seed", "7")
    entry = json.loads(books("journal", "-o", "json").stdout, parse_float=str)[0]["id"]
    lines = (("1490", "10.00@9.00"), ("3000", "-10.00@-9.00"), ("1490", "0.00@-0.98"), ("5920", "0.00@0.98"))
    given = [part for account, amount in lines for part in ("--line", account, amount, "USD")]
    books("correct", entry, *given, "--memo", "Drift", "--why", "By hand.", "--yes")
    shown = csv.DictReader(io.StringIO(books("journal", "--limit", "1", "-o", "csv").stdout))
    assert [(row["account"], row["debit"], row["credit"], row["in_EUR"]) for row in shown] == [
        ("1490", "10.00", "", "9.00"), ("3000", "", "10.00", "-9.00"), ("1490", "", "", "-0.98"),
        ("5920", "", "", "0.98"),
    ]  # fmt: skip
    (row,) = csv.DictReader(io.StringIO(books("register", "5920", "-o", "csv").stdout))
    assert (row["amount"], row["balance"], row["in_EUR"], row["balance_in_EUR"]) == ("0.00", "0.00", "0.98", "0.98")
    trial = {
        row["account"]: row["in_EUR"] for row in csv.DictReader(io.StringIO(books("trial-balance", "-o", "csv").stdout))
    }
    assert {code: trial[code] for code in ("1490", "3000", "5920")} == {"1490": "8.02", "3000": "-9.00", "5920": "0.98"}
