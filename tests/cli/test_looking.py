"""Looking by command: tables for people, JSON and CSV for programs, and the words of an explanation."""

import csv
import io
import json
from typing import Any

import pytest

from tests.cli.conftest import CommandLine
from tieout.model.money import to_minor

PAYOUT = "po_3TVduGmAect9XER2jdoi3F07"


def rows_of(run: CommandLine, *arguments: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(run(*arguments, "-o", "csv").stdout)))


def things_of(run: CommandLine, *arguments: str) -> Any:
    return json.loads(run(*arguments, "-o", "json").stdout, parse_float=str)


def test_balances_in_every_format(told: CommandLine) -> None:
    assert told("balances", "-o", "csv").stdout == (
        "account,name,type,balance,currency\n"
        "1100.bank,Bank account: bank,asset,100.00,EUR\n"
        "1200,Orders receivable,asset,59.90,EUR\n"
        '1310.stripe,"Captured, not settled: stripe",asset,0.00,EUR\n'
        "1320.stripe,Gateway balance: stripe,asset,0.00,EUR\n"
        "1330.stripe,Payouts in transit: stripe,asset,0.00,EUR\n"
        "2100,Tax payable,liability,-25.57,EUR\n"
        "2300,Seller payables,liability,-134.58,EUR\n"
        "5000,Gateway fees,expense,0.25,EUR\n"
    )
    table = told("balances").stdout.splitlines()
    assert table[0].split() == ["account", "name", "type", "balance", "currency"]
    assert table[7].split() == ["2100", "Tax", "payable", "liability", "−25.57", "EUR"]  # a true minus sign
    assert {a["code"]: a["balances"] for a in things_of(told, "balances")}["2100"] == {"EUR": -2557}


def test_balances_at_the_end_of_a_day(told: CommandLine) -> None:
    before = {row["account"]: row["balance"] for row in rows_of(told, "balances", "--until", "2026-10-05")}
    assert (before["1200"], before["2100"]) == ("0.00", "-16.01")
    assert rows_of(told, "balances", "--until", "2026-10-04") == []
    assert len(rows_of(told, "balances", "--all")) > 30


def test_the_journal_balances_line_by_line(told: CommandLine) -> None:
    rows = rows_of(told, "journal")
    assert len({row["entry"] for row in rows}) == 6
    assert sum(to_minor(row["debit"] or "0", "EUR") - to_minor(row["credit"] or "0", "EUR") for row in rows) == 0
    assert rows[0] == {
        "entry": rows[0]["entry"], "date": "2026-10-06", "account": "1200", "name": "Orders receivable",
        "debit": "59.90", "credit": "", "currency": "EUR", "party": "", "item": "order:6201526671249",
        "memo": "Order placed #1583 · order:6201526671249",
    }  # fmt: skip


def test_a_table_says_once_what_the_lines_of_an_entry_share(told: CommandLine) -> None:
    lines = told("journal", "--limit", "1").stdout.splitlines()
    assert [line.split()[0] for line in lines[2:]] == [rows_of(told, "journal")[0]["entry"], "2300", "2100"]


def test_the_journal_is_filtered(told: CommandLine) -> None:
    def dates(*arguments: str) -> list[str]:
        return sorted({row["date"] for row in rows_of(told, "journal", *arguments)})

    assert dates("--since", "2026-10-06") == ["2026-10-06"]
    assert dates("--until", "2026-10-05") == ["2026-10-05"]
    assert dates("--text", "#1583") == ["2026-10-06"]
    assert len({row["entry"] for row in rows_of(told, "journal", "--account", "1330.stripe")}) == 2
    assert len(things_of(told, "journal", "--limit", "2")) == 2


def test_explain_in_a_bookkeepers_words(told: CommandLine) -> None:
    entry = things_of(told, "journal", "--text", "#4022")[0]["id"]
    assert told("explain", entry).stdout.splitlines()[:5] == [
        f"{entry}  Order placed #4022 · order:6201770660439, booked on 2026-10-05.",
        (
            "Rule order.placed@1: The shop is the record for revenue, tax, discounts and liabilities;"
            " the buyer owes the total until a payment is confirmed."
        ),
        "Debit 1200 Orders receivable 100.25 EUR.",
        "Credit 2300 Seller payables 84.24 EUR for Tonwerk Ilmenau.",
        "Credit 2100 Tax payable 16.01 EUR.",
    ]
    assert things_of(told, "explain", entry)[0]["id"] == entry


def test_explain_takes_numbers_of_the_outside_world(told: CommandLine) -> None:
    by_number, by_id = told("explain", "#4022"), told("explain", "6201770660439")
    assert "Order placed" in by_number.stdout
    assert "Payment captured" in by_id.stdout
    assert told("explain", PAYOUT).stderr.endswith(f" events carry “{PAYOUT}”.\n")
    assert told.error("explain", "#99") == (
        "[not_found] Nothing is known of “#99” (id). Ids look like ent_12; references like po_… or #1001."
    )
    assert told.error("explain", "ent_999999").startswith("[not_found] ")


def test_trace_walks_from_the_sale_to_the_bank(told: CommandLine) -> None:
    entry = things_of(told, "journal", "--text", "#4022")[0]["id"]
    trace = things_of(told, "trace", entry)
    kinds = [node["kind"] for node in trace["nodes"]]
    assert {kind: kinds.count(kind) for kind in kinds} == {"event": 5, "entry": 5, "delivery": 4, "match": 4}
    table = told("trace", entry).stdout
    assert f"{entry} is tied by it" in table
    assert "Bank credited" in table
    by_number = {node["id"] for node in things_of(told, "trace", "#4022")["nodes"]}
    assert by_number > {node["id"] for node in trace["nodes"]}
    assert told.error("trace", "xyz_1").startswith("[not_found] “xyz_1” is not an id (id). Ids look like dlv_…, ")


def test_the_inbox_shows_the_door_and_the_verdict(told: CommandLine) -> None:
    rows = rows_of(told, "inbox")
    assert [(row["source"], row["door"], row["topic"], row["verdict"], row["work"]) for row in rows] == [
        ("shop", "webhook", "orders/create", "accepted", "done"),
        ("bank", "file", "camt.053", "accepted", "done"),
        ("stripe", "objects", "balance_transactions", "accepted", "done"),
        ("stripe", "webhook", "payout.reconciliation_completed", "accepted", "done"),
        ("stripe", "webhook", "payout.created", "accepted", "done"),
        ("stripe", "webhook", "charge.succeeded", "accepted", "done"),
        ("shop", "webhook", "orders/paid", "accepted", "done"),
        ("shop", "webhook", "order_transactions/create", "accepted", "done"),
        ("shop", "webhook", "orders/create", "accepted", "done"),
    ]
    assert len(rows_of(told, "inbox", "--source", "bank")) == 1
    assert rows_of(told, "inbox", "--verdict", "rejected") == []
    assert told.error("inbox", "--source", "nobody") == (
        "[not_found] There is no source “nobody” (source). List them with `tieout source list`."
    )


def test_events_by_state(told: CommandLine) -> None:
    posted = rows_of(told, "events", "--state", "posted")
    assert [(row["kind"], row["amount"]) for row in posted] == [
        ("order_placed", "59.90"),
        ("bank_credited", "100.00"),
        ("payout_sent", "100.00"),
        ("charge_settled", "100.00"),
        ("payment_captured", "100.25"),
        ("order_placed", "100.25"),
    ]
    assert rows_of(told, "events", "--state", "parked") == []


def test_an_unknown_account_is_said_to_be_unknown(told: CommandLine) -> None:
    assert told.error("journal", "--account", "12") == (
        "[not_found] There is no account “12” (account). List them with `tieout balances --all`."
    )


@pytest.mark.parametrize("command", ["journal", "balances", "inbox", "events", "proof", "cases", "source list"])
def test_every_list_speaks_json_and_csv(told: CommandLine, command: str) -> None:
    words = command.split()
    assert things_of(told, *words)
    assert rows_of(told, *words)


def test_the_raw_payload_is_one_option_away(told: CommandLine) -> None:
    """The trace of a number ends at what the provider sent, and that can be read."""
    first = things_of(told, "inbox")[-1]["id"]
    assert json.loads(told("explain", first, "--raw").stdout)["total_price"] == "100.25"
    assert told("explain", "ent_1", "--raw", code=2).stdout == ""
