"""Balances: the fold of an account's lines."""

from datetime import date, datetime

from msgspec import Struct


class Balance(Struct, frozen=True):
    """An account's balance in one currency at the end of a day, and the same in base currency."""

    account: str
    currency: str
    balance_minor: int
    base_minor: int
    at: date | None = None


class TrialLine(Struct, frozen=True):
    """An account in one currency: all its debits, all its credits, and the balance, which is debits less credits."""

    account: str
    name: str
    type: str
    currency: str
    debit_minor: int
    credit_minor: int
    balance_minor: int
    base_minor: int


class TrialBalance(Struct, frozen=True):
    """All accounts at the end of a day, as known at a moment; None is now. Per currency debits are equal to credits."""

    at: date | None
    known_at: datetime | None
    lines: tuple[TrialLine, ...]

    @property
    def off_minor(self) -> dict[str, int]:
        """Debits less credits per currency, where that is not zero; then something wrote past the ledger."""
        nets: dict[str, int] = {}
        for line in self.lines:
            nets[line.currency] = nets.get(line.currency, 0) + line.balance_minor
        return {currency: net for currency, net in nets.items() if net}


class RegisterLine(Struct, frozen=True):
    """A line of an account, and what stands on the account after it. `place` is where the next page begins."""

    entry: str
    date: date
    recorded_at: datetime
    memo: str
    party: str | None
    item: str | None
    amount_minor: int
    base_minor: int
    balance_minor: int
    base_balance_minor: int
    place: str
