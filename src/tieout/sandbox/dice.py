"""Seeded chance in whole numbers: the same seed and purpose always give the same throws."""

from collections.abc import Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class Dice:
    """A stream of throws of its own for each purpose, so that a change in one part of a world leaves others alone."""

    def __init__(self, seed: int, purpose: str) -> None:
        self._random = Random(f"tieout sandbox {seed} {purpose}")  # noqa: S311 -- must repeat, not be secret

    def below(self, limit: int) -> int:
        """A whole number from 0 up to but without `limit`."""
        return self._random.randrange(limit)

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both possible."""
        return self._random.randint(low, high)

    def chance(self, per_mille: int) -> bool:
        """True in `per_mille` of a thousand throws."""
        return self._random.randrange(1000) < per_mille

    def pick(self, among: Sequence[T]) -> T:
        """One of them."""
        return among[self._random.randrange(len(among))]

    def weighted(self, among: Sequence[T], weights: Sequence[int]) -> T:
        """One of them, the heavier the likelier."""
        left = self._random.randrange(sum(weights))
        for choice, weight in zip(among, weights, strict=True):
            left -= weight
            if left < 0:
                return choice
        raise AssertionError("weights sum to less than themselves")

    def some(self, among: Sequence[T], count: int) -> list[T]:
        """`count` different ones, or all if there are fewer."""
        return self._random.sample(among, min(count, len(among)))

    def token(self, length: int) -> str:
        """Letters and digits without look-alikes, as in provider ids."""
        return "".join(self._random.choices(_ALPHABET, k=length))

    def digits(self, length: int) -> str:
        """Decimal digits, the first not zero."""
        return str(self._random.randrange(10 ** (length - 1), 10**length))


class Counter:
    """Provider numbers that only grow, with gaps, and stay below 2^53 so that every JSON reader keeps them whole."""

    def __init__(self, dice: Dice, first: int) -> None:
        self._dice = dice
        self._last = first + dice.below(10**9)

    def next(self) -> int:
        """The next number."""
        self._last += self._dice.between(1, 32_768)
        return self._last


class Ids:
    """All numbering of a world: Shopify's growing numbers, one counter per kind, and Stripe's random tokens."""

    def __init__(self, seed: int) -> None:
        self._dice = Dice(seed, "ids")
        self.order = Counter(self._dice, 6_201_000_000_000)
        self.line = Counter(self._dice, 1_480_000_000_000)
        self.step = Counter(self._dice, 7_530_000_000_000)
        self.refund = Counter(self._dice, 9_110_000_000_000)
        self.agreement = Counter(self._dice, 3_350_000_000_000)
        self.product = Counter(self._dice, 8_740_000_000_000)
        self.buyer = Counter(self._dice, 7_020_000_000_000)
        self.other = Counter(self._dice, 5_660_000_000_000)

    def stripe(self, prefix: str) -> str:
        """An id such as ``ch_3Qk…``, as long as Stripe's own."""
        return f"{prefix}_3T{self._dice.token(22)}"
