"""The commands about exchange rates."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine
from tieout.sandbox.ecb_wire import rates_xml
from tieout.sandbox.world import World

FACTS = World().facts


@pytest.fixture
def books(run: CommandLine, tmp_path: Path) -> CommandLine:
    """Books with a month of rates and a charge in dollars."""
    run("init")
    run("source", "add", "stripe", "--secret", "s")
    file = tmp_path / "rates.xml"
    file.write_bytes(rates_xml(FACTS.rates))
    run("rates", "import", file)
    run("trigger", "stripe", "charge_succeeded", "--currency", "USD", "--date", "2026-10-05")
    return run


def test_rates_are_listed(books: CommandLine) -> None:
    newest = max(FACTS.rates, key=lambda rate: rate.day)
    rows = books("rates", "list", "--currency", "USD", "--limit", "1", "-o", "csv").stdout.splitlines()
    value = f"{newest.ten_thousandths / 10_000:.4f}".rstrip("0")
    assert rows == ["day,for_one,rate,currency,source", f"{newest.day},EUR,{value},USD,ecb"]
    assert books("rates", "list", "--until", "2000-01-01", "-o", "json").stdout == "[]\n"


def test_providers_are_listed_and_unknown_ones_refused(books: CommandLine) -> None:
    names = [p["name"] for p in json.loads(books("rates", "providers", "-o", "json").stdout)]
    assert names == ["ecb", "ecb-daily", "ecb-history"]
    assert books.error("rates", "fetch", "--from", "nobody").startswith("[not_found] ")


def test_the_policy_is_shown_and_changed(books: CommandLine) -> None:
    assert books("rates", "policy", "-o", "csv").stdout == "source,for_one,while_missing,days\necb,EUR,wait,7\n"
    changed = books("rates", "policy", "--missing", "last-known", "--days", "3", "-o", "csv").stdout
    assert changed.splitlines()[1] == "ecb,EUR,last-known,3"
    assert books("rates", "policy", "-o", "csv").stdout == changed
    assert books.error("rates", "policy", "--days", "99").startswith("[bad_input] ")


def test_a_revaluation_is_shown_and_booked(books: CommandLine) -> None:
    shown = books("revalue", "--at", "2026-10-30", "--preview", "-o", "csv")
    header, *rows = shown.stdout.splitlines()
    assert header == "account,name,currency,balance,rate,of,carried,worth,difference"
    assert {row.split(",")[0] for row in rows} == {"1200", "1310.stripe"}
    assert shown.stderr == "Nothing was booked.\n"
    booked = books("revalue", "--at", "2026-10-30", "-o", "json")
    assert len(json.loads(booked.stdout)["entries"]) == 2
    assert booked.stderr == "Booked 2 entries, and as many to take them back the next day.\n"
    assert "Booked 0 entries" in books("revalue", "--at", "2026-10-30").stderr


def test_balances_say_what_foreign_amounts_are_carried_at(books: CommandLine) -> None:
    """A column of its own as soon as anything is in another currency: differences are in base currency alone."""
    header, *rows = csv.reader(books("balances", "-o", "csv").stdout.splitlines())
    assert header == ["account", "name", "type", "balance", "currency", "in_EUR"]
    assert {row[4] for row in rows} == {"USD"}
    owed = next(row for row in rows if row[0] == "1200")
    single = books("balance", "1200", "-o", "csv").stdout.splitlines()
    assert single == ["account,balance,currency,in_EUR", ",".join(["1200", owed[3], "USD", owed[5]])]
