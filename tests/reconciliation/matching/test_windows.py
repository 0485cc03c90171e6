"""Runs of whole days that nobody named."""

from pathlib import Path

from tests.reconciliation.matching.comparing import compare

LINES = [
    "1,2026-03-01,1250.11,EUR", "2,2026-03-01,2117.23,EUR", "3,2026-03-02,-400.07,EUR", "4,2026-03-03,3190.19,EUR",
    "5,2026-03-03,1811.01,EUR", "6,2026-03-04,99.99,EUR",
]  # fmt: skip
PAYOUTS = ["a,2026-03-03,2967.27,EUR", "b,2026-03-05,5001.20,EUR"]


def test_each_row_is_a_run_of_days_of_the_other_side(tmp_path: Path) -> None:
    found = compare(tmp_path, LINES, PAYOUTS)
    pairs = [(row[0], row[1]) for row in found.tied()]
    assert pairs == [("1", "a"), ("2", "a"), ("3", "a"), ("4", "b"), ("5", "b")]
    assert {row[3:] for row in found.tied()} == {("windows", "posted")}
    assert found.open() == [("left", "6", "expected_not_arrived")]
    assert found.matches[0]["why"] == (
        "All 3 rows from 2026-03-01 to 2026-03-02 come to exactly the row of the other side,"
        " and no other run of days does."
    )


def test_and_the_other_way_round(tmp_path: Path) -> None:
    found = compare(tmp_path, PAYOUTS, LINES)
    assert [(row[1], row[0]) for row in found.tied()] == [("1", "a"), ("2", "a"), ("3", "a"), ("4", "b"), ("5", "b")]
    assert len({match["match_id"] for match in found.matches}) == 2


def test_a_run_that_two_rows_claim_belongs_to_neither(tmp_path: Path) -> None:
    found = compare(tmp_path, LINES, [*PAYOUTS, "c,2026-03-04,2967.27,EUR"])
    assert {row[1] for row in found.tied() if row[4] == "posted"} == {"b"}
