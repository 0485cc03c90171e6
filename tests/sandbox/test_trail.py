"""The arithmetic of rows, statements and rates."""

from datetime import UTC, date, datetime

import pytest

from tieout.sandbox import cast
from tieout.sandbox.trail import BankBooking, BankLineKind, Rate, Row, RowKind, Statement

DAY = date(2026, 10, 5)


def test_net_is_amount_less_fee() -> None:
    at = datetime(2026, 10, 5, tzinfo=UTC)
    row = Row("txn_1", "stripe", RowKind.DISPUTE, "du_1", "EUR", -1000, 1500, at, DAY, "")
    assert row.net_minor == -2500


def test_a_statement_closes_where_its_lines_lead() -> None:
    def booking(amount: int) -> BankBooking:
        return BankBooking("bank", "1", BankLineKind.PAYOUT, DAY, DAY, amount, "EUR", "", "", ())

    assert Statement(cast.BANKS[0], 1, DAY, 1000, (booking(250), booking(-1600))).closing_minor == -350
    assert Statement(cast.BANKS[0], 2, DAY, -350, ()).closing_minor == -350


@pytest.mark.parametrize(("units", "text"), [(10_840, "1.0840"), (9_999, "0.9999"), (10_000, "1.0000")])
def test_a_rate_as_text(units: int, text: str) -> None:
    assert Rate(DAY, "EUR", "USD", units).text == text
