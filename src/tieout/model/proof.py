"""The proof: every clearing account decomposed into named open items, and the books against the bank."""

from datetime import date, datetime

from msgspec import Struct

from tieout.model.case import Reason


class ProofLine(Struct, frozen=True):
    """One clearing account in one currency.

    `balance_minor` is the fold of its lines; `transit`, `disputed`, `reserved`, `exceptions` are the open items by
    name; `unexplained_minor` = balance − all named items, and must be zero. So must `unexplained_base_minor`: what the
    account carries in base currency less what the named items carry.
    """

    account: str
    name: str
    role: str
    currency: str
    balance_minor: int
    transit_minor: int
    disputed_minor: int
    reserved_minor: int
    exceptions_minor: int
    unexplained_minor: int
    items: int
    tied_minor: int
    """Money (debit side) that matches have tied out on this account so far."""
    exception_items: int = 0
    """How many of the items are exceptions; amounts alone can cancel out."""
    base_minor: int = 0
    unexplained_base_minor: int = 0


class BankLine(Struct, frozen=True):
    """One bank account: the balance in the books against the closing balance of its last statement.

    `opening_minor` is what was on it before the first statement and is in no entry yet; an exception names it.
    `difference_minor` = books + opening − statement. `continuous`: no statement of the chain is missing.
    """

    account: str
    name: str
    currency: str
    books_minor: int
    statement_minor: int | None
    statement_date: date | None
    difference_minor: int
    continuous: bool
    opening_minor: int = 0


class ReasonTotal(Struct, frozen=True):
    """Open exceptions of one reason: how many, and the money at risk in one currency."""

    reason: Reason
    currency: str | None
    count: int
    amount_minor: int


class Proof(Struct, frozen=True):
    """What Today shows: everything booked, judged as of a day; with `cut_off`, only what was booked up to that day.

    Either way it is what is known now: exceptions and deliveries are counted as they stand. What is unexplained, per
    currency and in base currency, must be zero for the books to tie out.
    """

    as_of: date
    made_at: datetime
    run_id: int | None
    lines: tuple[ProofLine, ...]
    banks: tuple[BankLine, ...]
    exceptions: tuple[ReasonTotal, ...]
    unexplained_minor: dict[str, int]
    deliveries_waiting: int
    events_parked: int
    base_currency: str = ""
    unexplained_base_minor: int = 0
    cut_off: bool = False

    @property
    def tied(self) -> bool:
        """True if nothing is unexplained and every bank account agrees with an unbroken chain of statements."""
        agrees = all(bank.difference_minor == 0 and bank.continuous for bank in self.banks)
        return agrees and not any(self.unexplained_minor.values()) and not self.unexplained_base_minor
