"""Ownership: a record is a fact about a time and never changes."""

from datetime import UTC, datetime

import msgspec
import pytest

from tieout.model.ownership import WHOLE_BASIS_POINTS, Ownership, Share

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_record_is_read_from_the_wire() -> None:
    body = {"listing": "mug", "valid_from": "2026-01-01T00:00:00Z", "shares": [{"party": "A", "basis_points": 10000}]}
    assert msgspec.convert(body, Ownership) == Ownership("mug", (Share("A", WHOLE_BASIS_POINTS),), JANUARY)
    with pytest.raises(msgspec.ValidationError, match="unknown field `until`"):
        msgspec.convert(body | {"until": None}, Ownership)


def test_a_share_is_a_sellers_and_takes_odd_units_unless_it_says_otherwise() -> None:
    share = Share("A", 10)
    assert (share.role, share.rounds_down) == ("seller", False)
    with pytest.raises(AttributeError):
        share.basis_points = 11  # type: ignore[misc]
