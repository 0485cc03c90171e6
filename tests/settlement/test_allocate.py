"""Allocation: the laws, and the traps other systems fell into."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.model.commission import Rounding
from tieout.settlement.allocate import allocate, allocate_with_minimum, draw, half_up, is_percentage, rounded, webster


@pytest.mark.parametrize(
    ("how", "wholes"),
    [("half_up", [3, -3, 2, 1]), ("half_even", [2, -2, 2, 1]), ("down", [2, -2, 1, 1]), ("up", [3, -3, 2, 1])],
)
def test_other_ways_to_round(how: str, wholes: list[int]) -> None:
    amounts = [Fraction(5, 2), Fraction(-5, 2), Fraction(19, 10), Fraction(1)]
    assert [rounded(amount, Rounding(how)) for amount in amounts] == wholes


SHARES = st.lists(st.integers(0, 10_000), min_size=1, max_size=6).filter(any)


@pytest.mark.parametrize(
    ("number", "holds"),
    [("0", True), ("1000", True), ("1000.1", False), ("-0.1", False), ("NaN", False), ("Infinity", False),
     ("1e-12", True), ("1e-13", False), ("sNaN", False)],
)  # fmt: skip
def test_percentages_one_can_calculate_with(number: str, holds: bool) -> None:
    assert is_percentage(Decimal(number)) is holds


@pytest.mark.parametrize(
    ("amount", "whole"), [("0.5", 1), ("-0.5", -1), ("1.4999", 1), ("-1.4999", -1), ("2.5", 3), ("0", 0)]
)
def test_a_half_goes_away_from_zero(amount: str, whole: int) -> None:
    assert half_up(Fraction(amount)) == whole


@given(st.integers(-(10**9), 10**9), SHARES)
def test_parts_sum_have_one_sign_and_are_within_a_unit_of_their_quota(amount: int, weights: list[int]) -> None:
    parts = allocate(amount, weights)
    assert sum(parts) == amount
    assert all(part * amount >= 0 for part in parts)
    assert all(abs(part - Fraction(amount * w, sum(weights))) < 1 for part, w in zip(parts, weights, strict=True))


@given(st.integers(0, 10**9), SHARES)
def test_a_refund_mirrors_its_sale(amount: int, weights: list[int]) -> None:
    assert allocate(-amount, weights) == [-part for part in allocate(amount, weights)]


def test_nothing_over_nobody() -> None:
    assert allocate(0, []) == []
    assert allocate(0, [0, 0]) == [0, 0]
    assert allocate(5, [-1, -1]) == [3, 2], "shares below nothing have proportions too"
    with pytest.raises(AssertionError, match="nothing can be given to nobody"):
        allocate(1, [0])
    with pytest.raises(AssertionError, match="one sign"):
        allocate(1, [1, -1])


@given(SHARES, st.lists(st.integers(0, 3_000), max_size=12))
def test_drawing_never_overdraws_and_ends_at_nothing(shares: list[int], refunds: list[int]) -> None:
    left = shares
    for refund in [*refunds, sum(shares)]:
        parts, rest = draw(min(refund, sum(left)), left)
        assert all(0 <= part <= share for part, share in zip(parts, left, strict=True))
        left = rest
    assert left == [0] * len(shares)


def test_more_than_there_is_cannot_be_drawn() -> None:
    with pytest.raises(AssertionError, match="no more can be drawn"):
        draw(3, [1, 1])


@given(SHARES.filter(lambda shares: sum(shares) < 3_000), st.data())
def test_webster_is_monotone_within_shares_and_exact_in_the_end(shares: list[int], data: st.DataObject) -> None:
    amount = data.draw(st.integers(0, sum(shares) - 1))
    before, after = webster(amount, shares), webster(amount + 1, shares)
    assert sum(before) == amount
    assert sum(b - a for a, b in zip(before, after, strict=True)) == 1
    assert all(a <= b <= share for a, b, share in zip(before, after, shares, strict=True))
    assert webster(sum(shares), shares) == shares


def test_the_alabama_paradox_cannot_happen() -> None:
    """Differences of cumulative quotas would pay the third 1 back: 6 of 45:45:10 is 3, 3, 0 where 5 was 2, 2, 1."""
    shares = [4500, 4500, 1000]
    assert (allocate(5, shares), allocate(6, shares)) == ([2, 2, 1], [3, 3, 0])
    first, left = draw(5, shares)
    second, _ = draw(1, left)
    assert (first, second) == ([2, 2, 1], [1, 0, 0])


def test_who_would_get_too_little_drops_out() -> None:
    assert allocate_with_minimum(100, {"a": 90, "b": 6, "c": 4}, 5) == {"a": 94, "b": 6, "c": 0}
    assert allocate_with_minimum(100, {"a": 50, "b": 50}, 60) == {"a": 0, "b": 100}
    assert allocate_with_minimum(10, {"a": 1, "b": 1}, 11) == {"a": 0, "b": 0}, "it is carried"
    assert allocate_with_minimum(10, {"b": 0, "a": 0}, 0) == {"b": 0, "a": 0}
