"""Control totals: the first difference is found by halving, whatever it is."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tieout.reconciliation.totals import Row, Total, compare, first_difference

DAY = date(2026, 3, 3)


def rows(amounts: dict[str, int], status: str = "posted") -> list[Row]:
    return [Row(name, DAY, "EUR", amount, status) for name, amount in sorted(amounts.items())]


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(1, 9), max_size=12),
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.integers(1, 9), max_size=12),
)
@settings(max_examples=60)
def test_halving_finds_the_first_id_in_which_two_lists_differ(left: dict[str, int], right: dict[str, int]) -> None:
    different = sorted(i for i in left.keys() | right.keys() if left.get(i) != right.get(i))
    assert first_difference(rows(left), rows(right)) == (different[0] if different else None)


def test_a_day_that_differs_says_in_what() -> None:
    theirs = rows({"a": 100, "b": 200, "c": 300}, "available")
    ours = [*rows({"a": 100, "b": 250}), *rows({"d": 50}, "held")]
    (found,) = compare(theirs, ours)
    assert (found.missing, found.not_listed, found.differing, found.not_booked) == (("c",), ("d",), ("b",), ("d",))
    assert (found.first, found.agrees) == ("b", False)
    assert found.theirs == Total(3, 600, {"available": 3})
    assert found.ours == Total(3, 400, {"held": 1, "posted": 2})


def test_a_day_that_is_the_same_but_waits_does_not_agree_yet() -> None:
    (same,) = compare(rows({"a": 1}), rows({"a": 1}))
    (held,) = compare(rows({"a": 1}), rows({"a": 1}, "parked"))
    assert (same.agrees, held.agrees, held.first) == (True, False, None)
