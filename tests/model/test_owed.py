"""Nouns of what sellers are told."""

from datetime import date

from tieout.model.bucket import Bucket
from tieout.model.owed import BridgeStep, BucketRow, Driver, PayoutMade, PayoutPart, SellerStatement, StatementRow

DAY = date(2026, 10, 1)


def test_sums_are_of_what_is_shown() -> None:
    row = StatementRow(
        DAY, "ent_1", "order:1", "Released", {Bucket.PENDING: -51, Bucket.AVAILABLE: 46, Bucket.RESERVE: 5}
    )
    assert row.total_minor == 0
    buckets = (BucketRow(Bucket.PENDING, 51, 0, -51, 0), BucketRow(Bucket.AVAILABLE, -6, 46, 0, 40))
    statement = SellerStatement("X", "A", "Anna", "EUR", DAY, DAY, buckets, (row,))
    assert (statement.opening_minor, statement.closing_minor) == (45, 40)
    parts = tuple(PayoutPart(f"{n}", DAY, "", "", n, {Driver.SALES: n + 1, Driver.FEES: -1}) for n in (5, 6))
    drivers = PayoutMade("pay_1", "A", "EUR", DAY, "paid", 11, parts).drivers_minor
    assert {driver: amount for driver, amount in drivers.items() if amount} == {Driver.SALES: 13, Driver.FEES: -2}
    assert BridgeStep(Driver.SALES, 5, 3).change_minor == -2
