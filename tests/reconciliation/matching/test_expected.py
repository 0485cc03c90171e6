"""Differences that a rule expects: posted with the residual named, or refused."""

from pathlib import Path

from tests.reconciliation.matching.comparing import compare
from tieout.reconciliation.matching.rule import read_rules

RULES = read_rules(
    """
    [[fee]]
    name = "card fee"
    percent = "2.9"
    fixed = "0.30"

    [[charge]]
    name = "bank charge"
    amounts = ["2.50"]

    [[tolerance]]
    name = "rounding"
    from = "-0.02"
    to = "0.02"
    percent = "1"
    """,
    "rules",
)
LEFT = [
    "1,2026-03-01,100.00,EUR,A", "2,2026-03-01,50.00,EUR,B", "3,2026-03-01,10.00,EUR,,P", "4,2026-03-01,20.00,EUR,,P",
    "5,2026-03-01,40.00,EUR,po_123456789", "6,2026-03-01,1.00,EUR,F", "7,2026-03-01,10.00,EUR,G",
]  # fmt: skip
RIGHT = [
    "a,2026-03-01,96.80,EUR,A", "b,2026-03-01,50.02,EUR,B", "c,2026-03-01,28.53,EUR,P",
    "d,2026-03-01,37.50,EUR,,,x po_123456789",
    "e,2026-03-01,0.98,EUR,F", "f,2026-03-01,9.97,EUR,G",
]  # fmt: skip


def test_the_residual_is_a_row_of_its_own_with_the_name_of_its_rule(tmp_path: Path) -> None:
    found = compare(tmp_path, LEFT, RIGHT, rules=RULES)
    assert [row[:4] for row in found.tied()] == [
        ("1", "", "3.20", "card fee"), ("1", "a", "96.80", "expected"),
        ("2", "", "-0.02", "rounding"), ("2", "b", "50.02", "expected"),
        ("3", "", "1.47", "card fee"), ("3", "c", "8.53", "expected"), ("4", "c", "20.00", "expected"),
        ("5", "", "2.50", "bank charge"), ("5", "d", "37.50", "expected"),
    ]  # fmt: skip
    assert (
        found.matches[1]["why"] == "It agrees by name; the difference of 3.20 EUR is what the rule “card fee” expects."
    )


def test_a_difference_that_no_rule_expects_stays_a_case(tmp_path: Path) -> None:
    found = compare(tmp_path, LEFT, RIGHT, rules=RULES)
    assert found.open() == [
        (side, id_, "fee_unexpected") for side, ids in (("left", "67"), ("right", "ef")) for id_ in ids
    ]


def test_without_rules_nothing_is_tolerated(tmp_path: Path) -> None:
    found = compare(tmp_path, LEFT, RIGHT)
    assert found.matches == []
    assert {row[2] for row in found.open()} == {"amount_under", "amount_over"}
