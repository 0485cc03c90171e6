"""Sellers: what is not said must not let money out by itself."""

import msgspec
import pytest

from tieout.model.seller import Every, PayoutAccount, Schedule, Seller, TaxStatus


def test_a_profile_with_nothing_but_a_name_is_paid_daily_without_limits_and_has_no_account() -> None:
    seller = Seller("A", "Anna Ltd", "EUR")
    assert (seller.account, seller.schedule, seller.paused) == (None, Schedule(Every.DAY, 1), "")
    assert (seller.payout_minimum_minor, seller.kept_minimum_minor, seller.payout_maximum_minor) == (0, 0, None)
    assert seller.tax_status is TaxStatus.NOT_REQUIRED


def test_a_profile_is_read_from_the_wire() -> None:
    body = {"party": "A", "legal_name": "Anna", "currency": "EUR", "account": {"holder": "Anna", "iban": "DE0"},
            "schedule": {"every": "month", "day": 31}}  # fmt: skip
    seller = msgspec.convert(body, Seller)
    assert (seller.account, seller.schedule) == (PayoutAccount("Anna", "DE0"), Schedule(Every.MONTH, 31))
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body | {"schedule": {"every": "year"}}, Seller)
