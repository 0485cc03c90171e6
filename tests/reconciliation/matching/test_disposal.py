"""Why a row is open."""

from pathlib import Path

from tests.reconciliation.matching.comparing import compare
from tieout.reconciliation.matching.rule import Rules


def test_every_reason_of_a_row_that_nothing_answers_to(tmp_path: Path) -> None:
    left = ["1,2026-03-01,1.00,EUR,A", "2,2026-03-28,2.00,EUR,B", "3,2026-03-28,3.33,EUR,,", "4,2026-03-28,4.00,EUR,D"]
    right = ["d,2026-03-28,4.00,EUR,D", "e,2026-03-29,-1.00,EUR,D"]
    found = compare(tmp_path, left, right)
    assert found.open() == [
        ("left", "1", "expected_not_arrived"), ("left", "2", "expected_not_arrived"), ("left", "3", "missing_key"),
        ("right", "e", "late_correction"),
    ]  # fmt: skip
    assert found.why("1") == "Missing: was due by 2026-03-06. No row of the right side names “A”."
    assert found.why("2") == "Timing: due by 2026-04-02. No row of the right side names “B”."


def test_a_payout_nobody_says_the_parts_of(tmp_path: Path) -> None:
    found = compare(
        tmp_path, ["1,2026-03-01,1.00,EUR,,po_1"], ["a,2026-03-01,1.00,EUR,po_1", "b,2026-03-01,9.00,EUR,po_2"]
    )
    assert found.open() == [("right", "b", "batch_composition_missing")]


def test_parts_that_came_and_are_less_than_the_whole(tmp_path: Path) -> None:
    found = compare(tmp_path, ["1,2026-03-01,9.00,EUR,A"], ["a,2026-03-01,2.00,EUR,A", "b,2026-03-01,3.00,EUR,A"])
    assert {reason for *_, reason in found.open()} == {"partial"}
    assert (
        found.why("1") == "“A” agrees, the amount does not: 9.00 expected, 5.00 arrived (2 rows); difference -4.00 EUR."
    )


def test_signs_and_units_are_spoken_of(tmp_path: Path) -> None:
    found = compare(
        tmp_path,
        ["1,2026-03-01,9.00,EUR,A", "2,2026-03-01,9.00,EUR,B"],
        ["a,2026-03-01,-9.00,EUR,A", "b,2026-03-01,900.00,EUR,B"],
    )
    assert found.why("1").endswith("difference -18.00 EUR, as the signs are opposite.")
    assert found.why("2").endswith("difference 891.00 EUR: one side seems to count in cents.")


def test_days_are_bank_days_where_a_country_is_named(tmp_path: Path) -> None:
    """From Thursday before Easter, the second bank day is the Wednesday after: Friday and Monday are holidays."""
    found = compare(
        tmp_path, ["1,2026-04-02,1.00,EUR,A"], ["b,2026-04-02,9.99,EUR,B"], rules=Rules(sla_days=2, holidays="DE")
    )
    assert found.why("1").startswith("Timing: due by 2026-04-08.")
