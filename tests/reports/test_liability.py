"""Reports on what is owed: they close, and percentages are exact."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.model.money import Money
from tieout.reports.liability import fee_yield, percent, rates, reserves, roll_forward
from tieout.reports.sold import MadeOf

DAYS = (date(2026, 10, 1), date(2026, 10, 31))
amounts = st.integers(-(10**6), 10**6)
codes = st.sampled_from(["EUR", "JPY"])
occasions = st.sampled_from(["captured", "refunded", "confirmed"])
moves = st.lists(st.tuples(occasions.map("settlement.{}".format), codes, amounts), max_size=6)
parts = st.lists(
    st.builds(MadeOf, occasions, codes, st.just(""), st.sampled_from(["sales", "commission", "tax"]), amounts),
    max_size=6,
)


@given(moves, parts, st.dictionaries(codes, amounts))
def test_opening_and_movements_come_to_closing(moved, made, opening) -> None:
    """Whatever is told by its parts is told once: the lines are all that moves what is owed."""
    closing = dict(opening)
    for _, code, amount in moved:
        closing[code] = closing.get(code, 0) + amount
    found = roll_forward(opening, moved, made, closing, DAYS)
    assert [tie for tie in found.ties if tie.off_minor] == []
    for tie in found.ties:
        own = [row[1].amount_minor for row in found.rows if row[2] == tie.currency and isinstance(row[1], Money)]
        assert sum(own[:-1]) == own[-1] == closing.get(tie.currency, 0)


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(1, 8, "12.5 %"), (1, 3, "33.3 %"), (2, 3, "66.7 %"), (-1, 8, "−12.5 %"), (-1, 10_000, "0.0 %"), (0, 5, "0.0 %"),
     (5, 0, "")],
)  # fmt: skip
def test_percentages_are_rounded_once(part: int, whole: int, shown: str) -> None:
    assert percent(part, whole) == shown


def test_nothing_makes_empty_tables_that_tie() -> None:
    for found in (reserves([], {}, DAYS[1]), fee_yield([], {}, "region", DAYS), rates([], {}, DAYS)):
        assert (found.rows, found.ties) == ((), ())


def test_a_table_that_does_not_tie_says_so() -> None:
    found = fee_yield([MadeOf("captured", "EUR", "Books", "sales", 100)], {"EUR": 99}, "category", DAYS)
    assert [tie.off_minor for tie in found.ties] == [1]
