"""Seller balances: the buckets money of a seller is in, the reserves kept back, and the holds on it."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from tieout.model.account import Role
from tieout.model.vocabulary import Word


class Bucket(Word):
    """Where what a seller is owed stands. Each is an account of the ledger, by seller."""

    PENDING = "pending", "Sold and not released yet."
    AVAILABLE = "available", "Payable; below zero the seller owes."
    RESERVE = "reserve", "Kept back for a while against refunds and disputes."
    DISPUTE_HOLD = "dispute_hold", "Held while a buyer's dispute is open."
    IN_TRANSIT = "in_transit", "Given to the bank, not yet on its statement."
    RECEIVABLE = "receivable", "Owed by the seller, shown as such or to be collected."

    @property
    def role(self) -> Role:
        """The role of the account it is."""
        return Role(f"seller_{self.value}")


class ReserveBase(StrEnum):
    """What a reserve's percentage is of: what the seller is owed, or all the buyer paid, tax included."""

    NET = "net"
    TOTAL = "total"


class ReservePlan(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is kept back when a sale is released: a percentage of each, up to a cap, for some days.

    `floor_minor` is kept in any case, as far as there is money; `cap_minor` bounds all that is kept (None: unbounded).
    """

    percent: Decimal = Decimal(0)
    base: ReserveBase = ReserveBase.NET
    floor_minor: int = 0
    cap_minor: int | None = None
    days: int = 0


class HoldReason(Word):
    """Why money of a seller is not paid out."""

    VERIFICATION = "verification", "The seller's identity is not verified."
    TAX_FORM = "tax_form", "A tax form is missing or out of date."
    PAUSED = "paused", "The shop is paused."
    BANK_CHANGE = "bank_change", "The bank account was changed; it is paid again after a time and a second person."
    SANCTIONS = "sanctions", "The name is like one on a sanctions list; a person must look."
    DISPUTE = "dispute", "A buyer disputes a payment."
    CLAIM = "claim", "A buyer's claim is open."
    RISK = "risk", "A person or rule asked for it."
    RETURNED = "returned", "The last payout came back."


class Hold(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A hold on a seller's money: why, since when, until when, who opened it, and what ends it, for the seller to read.

    `amount_minor` None holds everything. `until` None: until somebody releases it.
    """

    party: str
    reason: HoldReason
    since: date
    opened_by: str
    ends_when: str
    amount_minor: int | None = None
    until: date | None = None
    released_on: date | None = None
