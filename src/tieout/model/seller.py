"""Sellers: who they are before the law and the tax office, and how they want to be paid."""

from enum import StrEnum

from msgspec import Struct


class TaxStatus(StrEnum):
    """What is known of a seller's tax form. Only COMPLETE lets money out where a form is required."""

    NOT_REQUIRED = "not_required"
    MISSING = "missing"
    COMPLETE = "complete"
    EXPIRED = "expired"


class Every(StrEnum):
    """How often a seller is paid. ON_DEMAND: when it asks."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    ON_DEMAND = "on_demand"


class Schedule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """When a seller is paid.

    `day` is 1 (Monday) to 7 of a week, or 1 to 31 of a month; 29 to 31 mean its last day where the month is shorter.
    A day on which no bank works is moved to the next one that does.
    """

    every: Every = Every.DAY
    day: int = 1


class PayoutAccount(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a seller's money goes: an IBAN with an optional BIC, or a routing and an account number."""

    holder: str
    iban: str = ""
    bic: str = ""
    routing: str = ""
    number: str = ""
    savings: bool = False


class Seller(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A seller's profile. Amounts are minor units of `currency`, in which it is paid."""

    party: str
    legal_name: str
    currency: str
    country: str = ""
    town: str = ""
    tax_number: str = ""
    company: bool = False
    tax_status: TaxStatus = TaxStatus.NOT_REQUIRED
    account: PayoutAccount | None = None
    schedule: Schedule = Schedule()
    payout_minimum_minor: int = 0
    kept_minimum_minor: int = 0
    payout_maximum_minor: int | None = None
    paused: str = ""
    """Why no payout is made for now; empty if it is."""
