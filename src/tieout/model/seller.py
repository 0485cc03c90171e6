"""Sellers: who they are before the law and the tax office, and how they want to be paid."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from tieout.model.bucket import Bucket, ReservePlan
from tieout.model.settlement import Collector, Payee


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
    provider: str = ""
    provider_account: str = ""


class ReleaseBy(StrEnum):
    """What lets a sale's money become payable: days after the capture, delivery, or somebody's word."""

    DAYS = "days"
    DELIVERY = "delivery"
    EVENT = "event"


class ReleaseRule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """When a sale is released: `days` after its capture or its delivery; by EVENT only when somebody says so."""

    by: ReleaseBy = ReleaseBy.DAYS
    days: int = 0


class TaxForm(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A tax form on file: its kind (W-9, W-8BEN, DAC7, …), when it came and when it expires."""

    kind: str
    received_on: date
    expires_on: date | None = None


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
    vat_number: str = ""
    tax_forms: tuple[TaxForm, ...] = ()
    release: ReleaseRule | None = None
    reserve: ReservePlan | None = None
    """Its own rules, where they are not the marketplace's."""


class SettlementPolicy(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What the marketplace does by rule.

    `tax` says who remits tax on sellers' sales; `discounts_funded_by` how many per cent each side pays of a discount
    the shop tells of (nothing said: the seller all). A refund or a dispute takes what is not released of its own sale
    first, then goes on as `refund_draws` says. `alone_up_to_minor` is what one person may decide by kind of act and
    currency; nothing said, every act needs two people.
    """

    release: ReleaseRule = ReleaseRule()
    reserve: ReservePlan = ReservePlan()
    tax: Collector = Collector.FACILITATOR
    discounts_funded_by: Mapping[Payee, Decimal] = {}
    refund_draws: tuple[Bucket, ...] = (Bucket.RESERVE, Bucket.AVAILABLE)
    dispute_fee_to_seller: bool = False
    alone_up_to_minor: Mapping[str, Mapping[str, int]] = {}
