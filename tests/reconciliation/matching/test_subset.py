"""Subset sums are counted, and only the only one is proposed."""

from itertools import combinations
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reconciliation.matching.comparing import compare
from tieout.reconciliation.matching.rule import Post, Rules
from tieout.reconciliation.matching.subset import ROWS_MAX, _apart, count_subsets


@settings(max_examples=60, deadline=None)
@given(amounts=st.lists(st.integers(-12, 12).filter(bool), max_size=8), total=st.integers(-20, 20))
def test_every_set_is_counted(amounts: list[int], total: int) -> None:
    sets = [
        places
        for size in range(2, len(amounts) + 1)
        for places in combinations(range(len(amounts)), size)
        if sum(amounts[place] for place in places) == total
    ]
    singles = amounts.count(total)
    found = count_subsets(amounts, total)
    if total == 0:
        assert found is None
        return
    assert found is not None
    if len(sets) == 1 and not singles:
        assert found == (1, sets[0])
    elif len(sets) != 1:
        assert found[1] == ()
        assert found[0] != 1 or singles


def test_too_many_rows_say_nothing() -> None:
    assert count_subsets([1] * (ROWS_MAX + 1), 3) is None


LEFT = ["1,2026-03-01,11.11,EUR", "2,2026-03-05,22.23,EUR", "3,2026-03-06,45.07,EUR", "4,2026-03-07,90.19,EUR"]


def test_the_only_set_is_proposed_and_posted_up_to_an_amount(tmp_path: Path) -> None:
    found = compare(tmp_path, LEFT, ["a,2026-03-10,101.30,EUR"])
    assert found.tied() == [("1", "a", "11.11", "subset", "proposed"), ("4", "a", "90.19", "subset", "proposed")]
    assert [row[:2] for row in found.open()] == [("left", "2"), ("left", "3")]
    for limit, status in (("101.29", "proposed"), ("101.30", "posted")):
        found = compare(tmp_path, LEFT, ["a,2026-03-10,101.30,EUR"], rules=Rules(post=Post(subset_max=limit)))
        assert {row[4] for row in found.tied()} == {status}


def test_two_sets_are_no_answer(tmp_path: Path) -> None:
    found = compare(tmp_path, [*LEFT, "5,2026-03-02,101.29,EUR", "6,2026-03-04,0.01,EUR"], ["a,2026-03-10,101.30,EUR"])
    assert found.matches == []


def test_sets_that_share_a_row_are_both_left_out() -> None:
    by_left = [(1, 1, 10, "proposed"), (1, 2, 10, "proposed")]
    by_right = [(2, 2, 11, "proposed"), (2, 2, 12, "proposed")]
    apart = [(5, 5, 13, "proposed"), (5, 6, 13, "proposed")]
    assert _apart([by_left, by_right, apart]) == apart
