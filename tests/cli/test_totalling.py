"""Control totals by command."""

from pathlib import Path

from tests.cli.conftest import CommandLine


def test_a_day_that_differs_is_a_problem(told: CommandLine, tmp_path: Path) -> None:
    listing = tmp_path / "list.csv"
    listing.write_text("id,date,amount,currency\ntxn_nowhere,2026-11-30,5.00,EUR\n")
    done = told("totals", "stripe", listing, "-o", "csv", code=1)
    assert done.stdout.splitlines()[1] == "2026-11-30,EUR,1,5.00,0,0.00,1,,,,txn_nowhere"
    assert done.stderr == "1 day of 1 differ.\n"
    listing.write_bytes(b"\xff")
    assert told.error("totals", "stripe", listing).startswith("[bad_input] The list is no text")
