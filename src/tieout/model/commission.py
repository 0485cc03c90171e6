"""Commission and fees as data: ordered rules of which the first that matches wins.

Source of the shape: marketplaces' published fee schedules. They are lists with exceptions first, a percentage with a
fixed part, bounds per currency, and tiers by price or by volume.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct


class FixedPer(StrEnum):
    """What the fixed part of a fee is charged for. ORDER: once, however many lines and captures there are."""

    UNIT = "unit"
    LINE = "line"
    ORDER = "order"


class TiersBy(StrEnum):
    """What a tier looks at: the price of one unit, or what the seller sold in the period so far."""

    PRICE = "price"
    VOLUME = "volume"


class Base(StrEnum):
    """NET: the price without the tax contained in it. GROSS: with all tax on it, contained or added."""

    NET = "net"
    GROSS = "gross"


class Rounding(StrEnum):
    """What becomes of a part of a minor unit. HALF_UP goes away from zero at the half, HALF_EVEN to the even one."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"
    UP = "up"


class Keep(StrEnum):
    """What the platform keeps of a fee when the sale is refunded."""

    NOTHING = "nothing"
    FIXED = "fixed"
    ALL = "all"


class Tier(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """From this amount on (minor units by currency) this percentage holds."""

    from_minor: Mapping[str, int]
    percent: Decimal


class FeeRule(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One rule. It matches if every dimension in `when` has one of the values listed for it.

    Dimensions are ``seller``, ``listing`` and whatever facts the order and its line carry (category, channel,
    promotion, …). The fee is `percent` of the base plus the fixed part, then at least the minimum and at most the
    maximum of the sale's currency (a currency without bounds is unbounded). With `tiers`, the percentage is the
    tier's; `graduated` charges each tier on its own slice only. `vat_percent` comes on top, rounded apart. The base is
    the price after the seller's own discounts, unless it is to be `before_discount`.
    """

    id: str
    version: int = 1
    when: Mapping[str, str | tuple[str, ...]] = {}
    percent: Decimal = Decimal(0)
    fixed_minor: Mapping[str, int] = {}
    fixed_per: FixedPer = FixedPer.UNIT
    minimum_minor: Mapping[str, int] = {}
    maximum_minor: Mapping[str, int] = {}
    tiers: tuple[Tier, ...] = ()
    tiers_by: TiersBy = TiersBy.PRICE
    graduated: bool = False
    base: Base = Base.NET
    before_discount: bool = False
    with_shipping: bool = False
    rounding: Rounding = Rounding.HALF_UP
    vat_percent: Decimal = Decimal(0)
    kept_on_refund: Keep = Keep.NOTHING
    valid_from: date | None = None
    valid_until: date | None = None


class FeeRules(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a marketplace charges: commission, further fees by name, and what its gateway charges it for a payment.

    A line that no rule of a list matches is not charged that fee. The gateway's fee is the platform's own cost.
    """

    commission: tuple[FeeRule, ...] = ()
    fees: Mapping[str, tuple[FeeRule, ...]] = {}
    gateway_fee: FeeRule | None = None
