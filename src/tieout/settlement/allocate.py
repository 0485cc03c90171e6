"""Allocation: an amount in parts that sum to it, to the minor unit, with no part of another sign.

The rule is largest remainder over *remaining* shares: each part gets the whole units of its quota, the odd units go
one each to the largest fractions, ties to the earlier part. A reversal allocates over what earlier ones left, so that
no part can be overdrawn and all end at zero together. Differences of two cumulative allocations do not have that
property (the Alabama paradox): a part can shrink while the total grows.

Source of the rules: M. Balinski, H. P. Young, “Fair Representation”, 1982, on quota and on house monotonicity.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from heapq import heapify, heapreplace
from math import ceil, floor

from tieout.model.commission import Rounding
from tieout.model.money import split_by_weight

_DECIMALS_MAX = 12


def is_percentage(value: Decimal, most: int = 1_000) -> bool:
    """Whether a number is a percentage one can calculate with: from nothing to `most`, of at most twelve decimals."""
    if not value.is_finite() or not 0 <= value <= most:
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_DECIMALS_MAX


def half_up(amount: Fraction) -> int:
    """The nearest whole number; a half goes away from zero, so that a refund mirrors its sale."""
    magnitude = (2 * abs(amount.numerator) + amount.denominator) // (2 * amount.denominator)
    return magnitude if amount >= 0 else -magnitude


def rounded(amount: Fraction, how: Rounding) -> int:
    """A whole number by the rounding a rule asks for. DOWN goes towards zero and UP away from it."""
    if how is Rounding.HALF_UP:
        return half_up(amount)
    if how is Rounding.HALF_EVEN:
        return round(amount)
    magnitude = abs(amount)
    whole = floor(magnitude) if how is Rounding.DOWN else ceil(magnitude)
    return whole if amount >= 0 else -whole


def allocate(amount_minor: int, weights: Sequence[int]) -> list[int]:
    """`amount_minor` in proportion to weights of one sign; zero weights get nothing. All zero: the amount must be."""
    magnitudes = [abs(weight) for weight in weights]
    assert min(weights, default=0) >= 0 or max(weights) <= 0, "weights have one sign"
    if not any(magnitudes):
        assert amount_minor == 0, "nothing can be given to nobody"
        return [0] * len(weights)
    return split_by_weight(amount_minor, magnitudes)


def draw(amount_minor: int, remaining: Sequence[int]) -> tuple[list[int], list[int]]:
    """What `amount_minor` takes from each remaining share, and what each has left. Never more than it has."""
    parts = allocate(amount_minor, remaining)
    assert abs(amount_minor) <= abs(sum(remaining)), "no more can be drawn than there is"
    return parts, [share - part for share, part in zip(remaining, parts, strict=True)]


def webster(amount_minor: int, shares: Sequence[int]) -> list[int]:
    """The first `amount_minor` units of non-negative shares, unit by unit to the highest share / (2 × given + 1).

    Its differences never change sign and do not depend on the order of refunds, so it suits refunds that arrive out
    of order; a part may be off its quota by a unit. At the full total it is exact.
    """
    assert 0 <= amount_minor <= sum(shares), "between nothing and all of it"
    parts = [0] * len(shares)
    queue = [(Fraction(-share), place) for place, share in enumerate(shares) if share]
    heapify(queue)
    for _ in range(amount_minor):
        _, place = queue[0]
        parts[place] += 1
        if parts[place] == shares[place]:
            heapreplace(queue, (Fraction(1), place))
        else:
            heapreplace(queue, (Fraction(-shares[place], 2 * parts[place] + 1), place))
    return parts


def allocate_with_minimum(amount_minor: int, weights: Mapping[str, int], minimum_minor: int) -> dict[str, int]:
    """As `allocate`, by recipient; who would get less than the minimum drops out, smallest first, and the rest share.

    If nobody would reach it, nobody gets anything: the amount is carried.
    """
    left = dict(sorted(weights.items()))
    while any(left.values()):
        parts = dict(zip(left, allocate(amount_minor, list(left.values())), strict=True))
        small = [name for name, part in parts.items() if abs(part) < minimum_minor]
        if not small:
            return dict.fromkeys(weights, 0) | parts
        del left[min(small, key=lambda name: (abs(parts[name]), left[name]))]
    return dict.fromkeys(weights, 0)
