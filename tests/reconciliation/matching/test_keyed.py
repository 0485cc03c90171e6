"""Rows that name the same thing: one to one, groups, and what is no tie."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reconciliation.matching.comparing import compare
from tieout.reconciliation.matching.dialect import Duck

POSTED = ("reference", "posted")


def test_one_to_one_whatever_case_blanks_and_hyphens(tmp_path: Path) -> None:
    found = compare(
        tmp_path,
        "1,2026-03-01,100.00,EUR,INV-2026/1\n2,2026-03-01,-7.50,EUR,ref 2",
        "a,2026-03-05,100,EUR,inv 20261\nb,2025-01-01,-7.5,EUR,REF2",
    )
    assert found.tied() == [("1", "a", "100.00", *POSTED), ("2", "b", "-7.50", *POSTED)]
    assert found.cases == []
    assert found.summary.is_whole


def test_a_reference_that_agrees_while_the_amount_does_not_is_a_case_of_both(tmp_path: Path) -> None:
    found = compare(
        tmp_path,
        "1,2026-03-01,50.00,EUR,A\n2,2026-03-01,50.00,EUR,B",
        "a,2026-03-01,49.99,EUR,A\nb,2026-03-01,51.00,EUR,B",
    )
    assert found.matches == []
    assert found.open() == [
        ("left", "1", "amount_under"), ("left", "2", "amount_over"),
        ("right", "a", "amount_under"), ("right", "b", "amount_over"),
    ]  # fmt: skip
    assert found.why("a") == "“A” agrees, the amount does not: 50.00 expected, 49.99 arrived; difference -0.01 EUR."


def test_a_batch_on_the_left_is_the_payout_on_the_right(tmp_path: Path) -> None:
    left = "1,2026-03-01,100.00,EUR,o1,po_1\n2,2026-03-01,-20.00,EUR,o2,po_1\n3,2026-03-01,0.00,EUR,,po_1"
    found = compare(tmp_path, left, "a,2026-03-02,80.00,EUR,PO-1")
    assert found.tied() == [
        ("1", "a", "100.00", "batch", "posted"), ("2", "a", "-20.00", "batch", "posted"),
        ("3", "a", "0.00", "batch", "posted"),
    ]  # fmt: skip
    mirrored = compare(tmp_path, "a,2026-03-02,80.00,EUR,PO-1", left)
    assert [(left, right, amount) for right, left, amount, *_ in found.tied()] == [row[:3] for row in mirrored.tied()]


def test_several_rows_on_both_sides_are_allocated_to_the_cent(tmp_path: Path) -> None:
    found = compare(
        tmp_path,
        "1,2026-03-01,5.00,EUR,G\n2,2026-03-01,6.00,EUR,G\n3,2026-03-01,-3.00,EUR,G",
        "a,2026-03-01,7.00,EUR,G\nb,2026-03-01,1.00,EUR,G",
    )
    assert found.tied() == [
        ("1", "a", "4.00", *POSTED), ("1", "b", "1.00", *POSTED), ("2", "a", "6.00", *POSTED),
        ("3", "a", "-3.00", *POSTED),
    ]  # fmt: skip


def test_under_one_reference_equal_amounts_tie_and_the_rest_stays_open(tmp_path: Path) -> None:
    found = compare(tmp_path, "1,2026-03-01,5.00,EUR,G\n2,2026-03-01,9.00,EUR,G", "a,2026-03-01,9.00,EUR,G")
    assert found.tied() == [("2", "a", "9.00", *POSTED)]
    assert found.open() == [("left", "1", "expected_not_arrived")]


def test_twins_that_compete_for_one_row_are_not_chosen_from(tmp_path: Path) -> None:
    found = compare(tmp_path, "1,2026-03-01,5.00,EUR,G\n2,2026-03-01,5.00,EUR,G", "a,2026-03-01,5.00,EUR,G")
    assert found.matches == []
    assert found.open() == [(s, i, "twin_ambiguous") for s, i in (("left", "1"), ("left", "2"), ("right", "a"))]


def test_twins_on_both_sides_tie(tmp_path: Path) -> None:
    twins = "{0}1,2026-03-01,5.00,EUR,G\n{0}2,2026-03-02,5.00,EUR,G"
    found = compare(tmp_path, twins.format("l"), twins.format("r"))
    assert found.tied() == [("l1", "r1", "5.00", *POSTED), ("l2", "r2", "5.00", *POSTED)]


def test_another_currency_is_no_tie(tmp_path: Path) -> None:
    found = compare(tmp_path, "1,2026-03-01,500,JPY,A", "a,2026-03-01,500.00,USD,A")
    assert found.open() == [("left", "1", "currency_mismatch"), ("right", "a", "currency_mismatch")]


AMOUNTS = st.lists(st.integers(-9, 9), min_size=2, max_size=6)


@settings(max_examples=5, deadline=None)
@given(groups=st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=5, max_size=12))
def test_allocations_of_any_group_come_to_each_row(tmp_path_factory, groups: list[tuple[list[int], list[int]]]) -> None:
    """Each group is evened out by one more row on the right; every row is then tied by exactly its amount."""
    folder = tmp_path_factory.mktemp("groups")
    left: list[str] = []
    right: list[str] = []
    amounts: dict[str, int] = {}
    for number, (ours, theirs) in enumerate(groups):
        for side, rows, values in (("l", left, ours), ("r", right, [*theirs, sum(ours) - sum(theirs)])):
            for place, value in enumerate(values):
                amounts[f"{side}{number}.{place}"] = value
                rows.append(f"{side}{number}.{place},2026-03-01,{value},JPY,G{number}")
    found = compare(folder, left, right)
    assert found.cases == []
    sums = dict.fromkeys(amounts, 0)
    for match in found.matches:
        sums[match["left_id"]] += int(match["amount"])
        sums[match["right_id"]] += int(match["amount"])
    assert sums == amounts


def test_templates_are_filled_whole(tmp_path: Path) -> None:
    duck = Duck(tmp_path, threads=1)
    duck.put("rows", {"n": "bigint", "ccy": "varchar", "ref": "varchar", "amount": "bigint"}, [(1, "EUR", "A", 5)])
    assert duck.rows("keyed.totals", rows="rows", key="ref") == [("EUR", "A", 1, 5, 1)]
    duck.close()
