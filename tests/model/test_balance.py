"""Balances carry whole minor units, twice: in their currency and in base."""

from datetime import date

import msgspec
import pytest

from tieout.model.balance import Balance


def test_a_balance_goes_over_the_wire_unchanged() -> None:
    balance = Balance("1200", "USD", 2**63 - 1, -(2**63) + 1, date(2026, 1, 31))
    assert msgspec.json.decode(msgspec.json.encode(balance), type=Balance) == balance


@pytest.mark.parametrize("amount", [b"1.5", b"1e400", b'"100"', b"true", b"null"])
def test_a_balance_is_never_a_float_or_a_text(amount: bytes) -> None:
    body = b'{"account":"1200","currency":"EUR","balance_minor":%s,"base_minor":0}'
    assert msgspec.json.decode(body % b"100", type=Balance).balance_minor == 100
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body % amount, type=Balance)
