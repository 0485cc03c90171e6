"""Periods: open, soft, hard."""

from datetime import date

import msgspec
import pytest

from tieout.model.period import Area, Period, PeriodState


def test_a_period_over_the_wire() -> None:
    period = Period(1, date(2026, 1, 1), date(2026, 1, 31), Area.TAX, PeriodState.SOFT)
    assert msgspec.json.decode(msgspec.json.encode(period), type=Period) == period
    assert [state.value for state in PeriodState] == ["open", "soft", "hard"]
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(
            {"id": 1, "first_day": "2026-01-01", "last_day": "2026-01-31", "area": "all", "state": "shut"}, Period
        )
