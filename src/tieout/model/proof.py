"""The proof: every clearing account decomposed into named open items, and the books against the bank."""

from datetime import date, datetime

from msgspec import Struct

from tieout.model.case import Reason


class ProofLine(Struct, frozen=True):
    """One clearing account in one currency.

    `balance_minor` is the fold of its lines; `transit`, `disputed`, `reserved`, `exceptions` are the open items by
    name; `unexplained_minor` = balance − all named items, and must be zero.
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


class BankLine(Struct, frozen=True):
    """One bank account: the balance in the books against the closing balance of its last statement."""

    account: str
    name: str
    currency: str
    books_minor: int
    statement_minor: int | None
    statement_date: date | None
    difference_minor: int
    continuous: bool


class ReasonTotal(Struct, frozen=True):
    """Open exceptions of one reason: how many, and the money at risk in one currency."""

    reason: Reason
    currency: str | None
    count: int
    amount_minor: int


class Proof(Struct, frozen=True):
    """What Today shows. `unexplained_minor` per currency must be zero for the books to tie out."""

    as_of: date
    made_at: datetime
    run_id: int | None
    lines: tuple[ProofLine, ...]
    banks: tuple[BankLine, ...]
    exceptions: tuple[ReasonTotal, ...]
    unexplained_minor: dict[str, int]
    deliveries_waiting: int
    events_parked: int

    @property
    def tied(self) -> bool:
        """True if nothing is unexplained and every bank account agrees with its statement."""
        return not any(self.unexplained_minor.values()) and all(b.difference_minor == 0 for b in self.banks)
