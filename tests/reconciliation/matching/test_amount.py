"""Rows that nothing names: posted where the amount can mean one thing, else left to people."""

import random
from pathlib import Path

from tests.reconciliation.matching.comparing import compare


def test_an_amount_that_stands_once_on_each_side(tmp_path: Path) -> None:
    left = ["1,2026-03-01,1234.56,EUR,,", "2,2026-03-01,80.33,EUR,,po_1", "3,2026-03-01,-12.00,EUR,,po_1"]
    found = compare(tmp_path, left, ["a,2026-03-03,1234.56,EUR", "b,2026-03-04,68.33,EUR"])
    assert [row[:2] + row[3:] for row in found.tied()] == [
        ("1", "a", "amount", "posted"), ("2", "b", "amount", "posted"), ("3", "b", "amount", "posted"),
    ]  # fmt: skip


def test_beyond_the_widest_window_nothing_is_said(tmp_path: Path) -> None:
    found = compare(tmp_path, ["1,2026-01-01,1234.56,EUR"], ["a,2026-03-03,1234.56,EUR"])
    assert found.matches == []


def test_twins_are_left_to_people_with_all_candidates(tmp_path: Path) -> None:
    left = ["1,2026-03-01,49.99,EUR", "2,2026-03-02,49.99,EUR"]
    found = compare(tmp_path, left, ["a,2026-03-03,49.99,EUR"])
    assert found.matches == []
    assert found.open() == [
        ("left", "1", "twin_ambiguous"), ("left", "2", "twin_ambiguous"), ("right", "a", "multiple_candidates"),
    ]  # fmt: skip
    assert "(1 of 2026-03-01, 2 of 2026-03-02)" in found.why("a")


def test_a_crowded_amount_is_tied_by_a_word_that_is_not_common(tmp_path: Path) -> None:
    left = ["1,2026-03-01,19.99,EUR,,,Order Anna Schmidt", "2,2026-03-01,19.99,EUR,,,Order Boris Becker"]
    right = [
        "a,2026-03-02,19.99,EUR,,,BECKER B",
        "b,2026-03-02,19.99,EUR,,,card SCHMIDTANNA x",
        "c,2026-03-02,19.99,EUR,,,SCHMIDT A.",
    ]
    found = compare(tmp_path, left, right)
    assert [row[:2] + row[3:] for row in found.tied()] == [("2", "a", "words", "posted")]


def test_references_of_one_kind_that_differ_are_no_pair(tmp_path: Path) -> None:
    """Each lost its partner: the amount agrees by chance, and the references say so."""
    left = ["1,2026-03-01,49.99,EUR,ch_0001", "2,2026-03-01,10.00,EUR,ch_0002"]
    right = ["a,2026-03-01,49.99,EUR,ch_0009", "b,2026-03-01,10.00,EUR,ch_0002"]
    found = compare(tmp_path, left, right)
    assert found.tied() == [("1", "a", "49.99", "amount", "proposed"), ("2", "b", "10.00", "reference", "posted")]
    assert not found.summary.is_whole


def test_what_is_posted_in_a_crowd_of_lost_partners_is_right(tmp_path: Path) -> None:
    """Retail prices, a fifth of the partners lost on either side: whatever is posted is the truth."""
    dice = random.Random(7)  # noqa: S311 -- a world that can be had again
    left, right = [], []
    for number in range(600):
        amount = f"{dice.randrange(5, 900)}.{dice.choice(['99', '95', '49', f'{dice.randrange(100):02}'])}"
        day = dice.randrange(1, 27)
        if dice.random() < 0.8:
            left.append(f"l{number},2026-03-{day:02},{amount},EUR")
        if dice.random() < 0.8:
            right.append(f"r{number},2026-03-{day + 1:02},{amount},EUR")
    found = compare(tmp_path, left, right)
    posted = [m for m in found.matches if m["status"] == "posted"]
    assert [m for m in posted if m["left_id"][1:] != m["right_id"][1:]] == []
    assert len(posted) + len(found.matches) > 0
