"""References inside free text, cut off, or read badly."""

from pathlib import Path

import pytest

from tests.reconciliation.matching.comparing import compare

LEFT = "1,2026-03-01,10.00,EUR,po_1NZZ9876543210aaaa"


@pytest.mark.parametrize(
    "fields",
    [
        ",,SEPA CREDIT EREF+PO-1NZZ9876543210AAAA STRIPE",
        ",,Payout po 1nzz 9876543210 aaaa",
        ",,EREF+po_1NZZ987654",
        "po_1NZZ9876543,,",
        ",,po_iNZZ98765432l0aaaa",
    ],
)
def test_a_reference_in_text_ties_with_its_amount(tmp_path: Path, fields: str) -> None:
    other = "2,2026-03-01,7.00,EUR,po_2XXX9876543210bbbb"
    found = compare(tmp_path, [LEFT, other], [f"a,2026-03-03,10.00,EUR,{fields}"])
    assert found.tied() == [("1", "a", "10.00", "text", "posted")]
    assert found.open() == [("left", "2", "expected_not_arrived")]


def test_a_text_that_names_it_with_another_amount_is_a_case_of_both(tmp_path: Path) -> None:
    right = ["a,2026-03-03,9.00,EUR,,,x po_1NZZ9876543210aaaa", "b,2026-03-03,10.00,EUR,,,"]
    found = compare(tmp_path, [LEFT], right)
    assert found.matches == []
    assert found.open() == [
        ("left", "1", "amount_under"),
        ("right", "a", "amount_under"),
        ("right", "b", "arrived_not_expected"),
    ]


def test_cut_references_are_told_apart_by_amount_only(tmp_path: Path) -> None:
    left = [
        "1,2026-03-01,10.00,EUR,po_1NZZ98765",
        "2,2026-03-01,11.00,EUR,po_1NZZ98766",
        "3,2026-03-01,11.00,EUR,po_1NZZ98767",
    ]
    found = compare(
        tmp_path, left, ["a,2026-03-02,10.00,EUR,,,CREDIT po_1NZZ98", "b,2026-03-02,11.00,EUR,,,CREDIT po_1NZZ98"]
    )
    assert found.tied() == [("1", "a", "10.00", "text", "posted")]
    assert {row[1] for row in found.open()} == {"2", "3", "b"}


def test_a_line_that_names_two_payouts_is_their_sum(tmp_path: Path) -> None:
    left = [
        "1,2026-03-01,10.00,EUR,po_1NZZ98765",
        "2,2026-03-01,11.00,EUR,po_1NZZ98766",
        "3,2026-03-01,1.00,EUR,,po_5555555",
    ]
    right = ["a,2026-03-02,21.00,EUR,,,po_1NZZ98765 po_1NZZ98766", "b,2026-03-02,1.00,EUR,,,ref po_5555555"]
    found = compare(tmp_path, left, right)
    assert [row[:4] for row in found.tied()] == [
        ("1", "a", "10.00", "text"), ("2", "a", "11.00", "text"), ("3", "b", "1.00", "text"),
    ]  # fmt: skip


def test_a_longer_number_is_not_the_shorter_one(tmp_path: Path) -> None:
    found = compare(tmp_path, ["1,2026-03-01,10.00,EUR,INV-100001"], ["a,2026-03-02,10.00,EUR,INV-1000012"])
    assert [m for m in found.matches if m["status"] == "posted"] == []
