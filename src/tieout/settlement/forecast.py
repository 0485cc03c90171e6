"""A forecast of sales for the cash plan: the last season, scaled by growth, with intervals that were tried on the past.

Where the history is too short to try it, there is no forecast and the answer says so. Source: R. J. Hyndman,
G. Athanasopoulos, “Forecasting: Principles and Practice”, on seasonal naive and on time series cross-validation.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from tieout.settlement.allocate import half_up

#: Rolling origins without which an interval would be a guess.
ORIGINS_MIN = 8


class Forecast(NamedTuple):
    """Amounts to come, in minor units, and how far off the method was on the past in half and in 80 of 100 cases."""

    growth: Fraction
    naive: list[int]
    scaled: list[int]
    within_50: int | None
    within_80: int | None
    why: str


def forecast(history: Sequence[int], season: int, horizon: int) -> Forecast | None:
    """The next `horizon` amounts of a series that repeats every `season`, or None without two whole seasons.

    The intervals are None where fewer than eight origins could be tried.
    """
    if len(history) < 2 * season or sum(history[-2 * season : -season]) <= 0:
        return None
    growth = _growth(history, season)
    naive = [history[-season + step % season] for step in range(horizon)]
    errors = sorted(
        abs(history[end] - _next(history[:end], season))
        for end in range(2 * season, len(history))
        if sum(history[end - 2 * season : end - season]) > 0
    )
    tried = len(errors) >= ORIGINS_MIN
    why = f"{len(errors)} periods of the past were forecast from what was known then" if tried else (
        f"Only {len(errors)} of at least {ORIGINS_MIN} periods of the past could be tried; there is no interval"
    )  # fmt: skip
    return Forecast(
        growth, naive, [half_up(amount * growth) for amount in naive],
        _quantile(errors, 50) if tried else None, _quantile(errors, 80) if tried else None, f"{why}.",
    )  # fmt: skip


def _growth(history: Sequence[int], season: int) -> Fraction:
    return Fraction(sum(history[-season:]), sum(history[-2 * season : -season]))


def _next(history: Sequence[int], season: int) -> int:
    return half_up(history[-season] * _growth(history, season))


def _quantile(ordered: Sequence[int], percent: int) -> int:
    """The smallest error that at least `percent` of 100 do not exceed."""
    return ordered[-(-len(ordered) * percent // 100) - 1]
