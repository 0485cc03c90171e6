"""Throws repeat, purposes do not disturb each other, and numbers look like the providers'."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.sandbox.dice import Counter, Dice, Ids


def throws(dice: Dice) -> tuple[int, bool, str, int, str, list[int], str]:
    return (
        dice.below(1000), dice.chance(500), dice.pick("abcdef"), dice.between(3, 9), dice.token(8),
        dice.some(range(100), 3), dice.digits(12),
    )  # fmt: skip


def test_the_same_seed_and_purpose_repeat() -> None:
    assert throws(Dice(7, "orders")) == throws(Dice(7, "orders"))


@pytest.mark.parametrize(("seed", "purpose"), [(8, "orders"), (7, "payments")])
def test_another_seed_or_purpose_does_not(seed: int, purpose: str) -> None:
    assert throws(Dice(7, "orders")) != throws(Dice(seed, purpose))


@given(seed=st.integers())
def test_what_weighs_nothing_is_never_picked(seed: int) -> None:
    dice = Dice(seed, "weights")
    assert {dice.weighted("abc", (0, 3, 1)) for _ in range(40)} <= {"b", "c"}


def test_weights_are_kept_roughly() -> None:
    dice = Dice(1, "weights")
    picked = [dice.weighted("ab", (9, 1)) for _ in range(2000)]
    assert 1700 < picked.count("a") < 1900


def test_no_chance_and_certainty() -> None:
    dice = Dice(1, "chance")
    assert not any(dice.chance(0) for _ in range(50))
    assert all(dice.chance(1000) for _ in range(50))


def test_some_of_too_few_are_all() -> None:
    assert sorted(Dice(1, "some").some([1, 2], 5)) == [1, 2]


def test_digits_do_not_begin_with_zero() -> None:
    dice = Dice(3, "digits")
    assert {len(dice.digits(15)) for _ in range(50)} == {15}


@given(seed=st.integers())
def test_counters_only_grow_and_have_thirteen_digits(seed: int) -> None:
    counter = Counter(Dice(seed, "ids"), 6_201_000_000_000)
    numbers = [counter.next() for _ in range(20)]
    assert numbers == sorted(set(numbers))
    assert {len(str(number)) for number in numbers} == {13}


def test_counters_stay_far_below_what_a_double_keeps() -> None:
    ids = Ids(1)
    kinds = (ids.order, ids.line, ids.step, ids.refund, ids.agreement, ids.product, ids.buyer, ids.other)
    assert max(counter.next() for counter in kinds) < 2**53


def test_stripe_ids_have_their_prefix_and_differ() -> None:
    ids = Ids(1)
    made = [ids.stripe("txn") for _ in range(500)]
    assert len(set(made)) == 500
    assert {(one[:6], len(one)) for one in made} == {("txn_3T", 28)}
