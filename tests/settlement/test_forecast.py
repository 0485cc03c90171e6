"""The forecast: the last season with growth, and no interval nobody tried."""

from fractions import Fraction

from tieout.settlement.forecast import forecast


def test_the_last_season_scaled_by_growth() -> None:
    found = forecast([100, 120, 80, 140, 110, 130, 90, 150], 4, 6)
    assert found is not None
    assert (found.growth, found.naive) == (Fraction(12, 11), [110, 130, 90, 150, 110, 130])
    assert found.scaled == [120, 142, 98, 164, 120, 142]
    assert (found.within_50, found.within_80) == (None, None)
    assert found.why == "Only 0 of at least 8 periods of the past could be tried; there is no interval."


def test_too_short_a_history_has_no_forecast() -> None:
    assert forecast([1] * 7, 4, 1) is None
    assert forecast([0, 0, 0, 0, 1, 2, 3, 4], 4, 1) is None, "nothing grows out of nothing"


def test_intervals_come_from_errors_of_the_past() -> None:
    steady = forecast([10, 20] * 6, 2, 2)
    assert steady is not None
    assert (steady.growth, steady.within_50, steady.within_80) == (Fraction(1), 0, 0)
    assert steady.why == "8 periods of the past were forecast from what was known then."
    bumpy = forecast([10, 20] * 5 + [10, 50], 2, 2)
    assert bumpy is not None
    assert (bumpy.within_50, bumpy.within_80) == (0, 0), "one of eight is beyond eighty of a hundred"
    wild = forecast([10, 20] * 4 + [10, 50, 10, 50], 2, 1)
    assert wild is not None
    assert (wild.within_50, wild.within_80) == (0, 30)
