"""What sellers are told, by command."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.app import owing
from tests.app.house import open_house
from tests.cli.conftest import CommandLine

OCTOBER = ("--since", "2026-10-01", "--until", "2026-10-31")


@pytest.fixture(scope="module")
def told(fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Books with the story of one order, and two payouts of one seller; only read."""
    home, url = tmp_path_factory.mktemp("stating"), fresh_database()
    with open_house(url, home) as app:
        owing.story(app)
        owing.profile(app, "A")
        owing.pay(app, "A", 4590, {"story:4": 4590}, date(2026, 10, 11))
        owing.pay(app, "A", 510, {"story:14": 510}, date(2026, 10, 16))
    return CommandLine(home, url)


def test_a_statement_by_command(told: CommandLine, tmp_path: Path) -> None:
    done = told("statement", "A", *OCTOBER)
    assert "order:1001" in done.stdout
    assert "Owed in all at the end of 2026-10-31: 28.50 EUR." in done.stderr
    assert "Next payout: 28.50 EUR on 2026-11-06." in done.stderr
    csv = told("statement", "A", *OCTOBER, "-o", "csv").stdout
    assert csv.splitlines()[-1] == "A,EUR,closing,2026-10-31,,,in_transit,0.00,0,,"
    assert json.loads(told("statement", "A", *OCTOBER, "-o", "json").stdout, parse_float=str)[0]["party"] == "A"
    told("statement", "A", *OCTOBER, "--pdf", tmp_path)
    one = tmp_path / "A-EUR-2026-10-01-2026-10-31.pdf"
    assert one.read_bytes().startswith(b"%PDF-1.7")
    done = told("statement", "--all", *OCTOBER, "--pdf", tmp_path / "all")
    assert done.stderr == f"Wrote 1 statement to {tmp_path / 'all'}.\n"
    assert (tmp_path / "all" / one.name).read_bytes() == one.read_bytes()
    assert "Name a seller, or --all with --pdf, --since and --until" in told.error("statement")
    assert "There is no seller “Z”" in told.error("statement", "Z")


def test_why_a_payout_is_smaller(told: CommandLine) -> None:
    done = told("bridge", "pay_2", "--lines", "-o", "csv")
    assert done.stdout.splitlines()[:5] == [
        "driver,pay_1,pay_2,difference,currency",
        "sales,56.00,0.00,-56.00,EUR",
        "commission,-5.00,0.00,5.00,EUR",
        "reserve held,-5.10,0.00,5.10,EUR",
        "reserve released,0.00,5.10,5.10,EUR",
    ]
    assert "pay_2 over 5.10 EUR is 40.80 less than pay_1 over 45.90." in done.stderr
    assert "order:1001" in done.stdout
    assert "is the seller's first payout" in told.error("bridge", "pay_1")
    said = told("explain", "payout", "pay_2").stdout
    assert "Payout of 5.10 EUR to A" in said
    assert "40.80 EUR less than pay_1" in said
    assert told("explain", "pay_2").stdout == said
    assert "Give one id" in told.error("explain", "ent_1", "ent_2")


def test_reports_by_command(told: CommandLine) -> None:
    assert "forecast" in told("report").stdout
    done = told("report", "liability", *OCTOBER, "-o", "csv")
    assert done.stdout.splitlines()[:3] == [
        "movement,amount,currency", '"Opening, before 2026-10-01",0.00,EUR', "Sales,86.00,EUR",
    ]  # fmt: skip
    assert "Closing: 13.50 EUR ties to the ledger." in done.stderr
    assert json.loads(told("report", "dac7", *OCTOBER, "-o", "json").stdout, parse_float=str)["name"] == "dac7"
    assert "There is no report “x”" in told.error("report", "x")
