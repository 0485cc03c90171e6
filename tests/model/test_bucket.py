"""Buckets are accounts; holds and plans say everything they need to be explained."""

from datetime import date

import msgspec
import pytest

from tieout.model.account import Role
from tieout.model.bucket import Bucket, Hold, HoldReason, ReservePlan


def test_each_bucket_is_an_account_by_its_role() -> None:
    assert [bucket.role for bucket in Bucket] == [
        Role.SELLER_PENDING, Role.SELLER_AVAILABLE, Role.SELLER_RESERVE, Role.SELLER_DISPUTE_HOLD,
        Role.SELLER_IN_TRANSIT, Role.SELLER_RECEIVABLE,
    ]  # fmt: skip
    assert [word for word in (*Bucket, *HoldReason) if not word.meaning.endswith(".")] == []


def test_a_plan_that_says_nothing_keeps_nothing() -> None:
    assert ReservePlan().percent == ReservePlan().floor_minor == ReservePlan().days == 0
    assert ReservePlan().cap_minor is None


def test_a_hold_says_who_why_and_what_ends_it() -> None:
    body = {"party": "A", "reason": "bank_change", "since": "2026-10-01", "opened_by": "eva", "ends_when": "72 hours"}
    assert msgspec.convert(body, Hold) == Hold("A", HoldReason.BANK_CHANGE, date(2026, 10, 1), "eva", "72 hours")
    del body["ends_when"]
    with pytest.raises(msgspec.ValidationError, match="missing required field `ends_when`"):
        msgspec.convert(body, Hold)
