"""Balances: the fold of an account's lines."""

from datetime import date

from msgspec import Struct


class Balance(Struct, frozen=True):
    """An account's balance in one currency at the end of a day, and the same in base currency."""

    account: str
    currency: str
    balance_minor: int
    base_minor: int
    at: date | None = None
