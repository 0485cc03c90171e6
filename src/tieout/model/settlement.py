"""Settlement: an order as far as it decides who gets what, and the split that says so.

Amounts are minor units of the order's one currency. In a split a positive amount goes to whoever the leg names and a
negative one comes from it; all legs together are what the buyer pays.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from tieout.model.commission import Keep, Rounding
from tieout.model.ownership import Share
from tieout.model.vocabulary import Word


class Part(StrEnum):
    """What of a line money is for. LINE is both, where that may be said."""

    GOODS = "goods"
    SHIPPING = "shipping"
    LINE = "line"


class Payee(StrEnum):
    """The two sides that may get the shipping or pay for a discount."""

    SELLER = "seller"
    PLATFORM = "platform"


class Collector(StrEnum):
    """Who remits a tax.

    The seller; the platform for the seller's sale (facilitator), as the law's own seller (deemed supplier) or for its
    own goods; or the channel, whose tax never reaches the platform's books.
    """

    SELLER = "seller"
    FACILITATOR = "facilitator"
    DEEMED_SUPPLIER = "deemed_supplier"
    PLATFORM = "platform"
    CHANNEL = "channel"


class Discount(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A price reduction: exactly one of an amount for all its lines together, one per unit, or a percentage.

    `lines` are those it is for (none: all); `funded_by` says how many per cent each side pays
    (nothing said: the seller all). `of` is goods or
    shipping. A discount never exceeds the price it reduces.
    """

    amount_minor: int | None = None
    per_unit_minor: int | None = None
    percent: Decimal | None = None
    lines: tuple[int, ...] = ()
    funded_by: Mapping[Payee, Decimal] = {}
    of: Part = Part.GOODS
    code: str = ""


class Tax(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A tax on a line or, given with the order, on each of its lines: exactly one of an amount or a percentage.

    `included` tax is contained in the price. `of` LINE is computed on goods and shipping together. `before_coupon`
    computes it as if the platform paid no part of a discount, as some jurisdictions want it.
    """

    amount_minor: int | None = None
    percent: Decimal | None = None
    collector: Collector = Collector.SELLER
    included: bool = False
    of: Part = Part.LINE
    before_coupon: bool = False
    label: str = ""


class OrderLine(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A line of an order. `line` is its number, which also decides who gets an odd minor unit.

    Whose it is stands in `owners` (basis points by party), or is looked up by `listing`; with neither, it is the
    platform's own. A gift card sold is nobody's revenue. `facts` are what fee rules look at.
    """

    line: int
    unit_price_minor: int
    quantity: int = 1
    listing: str | None = None
    owners: Mapping[str, int] = {}
    shipping_minor: int = 0
    shipping_to: Payee | None = None
    taxes: tuple[Tax, ...] = ()
    facts: Mapping[str, str] = {}
    gift_card: bool = False


class RefundLine(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What goes back of one line: a number of units, an amount, or (neither) all that is left.

    `amount_minor` includes the tax added to the price, unless `tax_minor` gives that apart. Of LINE: goods and
    shipping. Units bring goods back; shipping goes back only if it is asked for.
    """

    line: int
    of: Part = Part.GOODS
    quantity: int | None = None
    amount_minor: int | None = None
    tax_minor: int | None = None


class Refund(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Money back to the buyer: by lines, or an amount allocated over all that is left, or (neither) everything.

    `to` names the tender it goes to; None: each gets back in proportion to what it has left. `settled_minor` is what
    the gateway took in `settled_currency`, if that is another one.
    """

    amount_minor: int | None = None
    lines: tuple[RefundLine, ...] = ()
    to: str | None = None
    settled_minor: int | None = None
    settled_currency: str | None = None


class Order(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An order as it was captured, and what came back of it since.

    `shipping_minor` is spread over the lines by discounted price. `tenders` are means of payment beside the gateway
    (gift_card, store_credit). `captures_minor`: the parts in which the money was taken; none: at once.
    `volume_minor` is what each seller sold in the period before, for tiers.
    """

    currency: str
    lines: tuple[OrderLine, ...]
    id: str = ""
    captured_at: datetime | None = None
    discounts: tuple[Discount, ...] = ()
    taxes: tuple[Tax, ...] = ()
    shipping_minor: int = 0
    shipping_to: Payee = Payee.SELLER
    facts: Mapping[str, str] = {}
    tenders_minor: Mapping[str, int] = {}
    captures_minor: tuple[int, ...] = ()
    volume_minor: Mapping[str, int] = {}
    refunds: tuple[Refund, ...] = ()


class LegKind(Word):
    """Where a part of the buyer's money goes."""

    SELLER = "seller", "Owed to a seller: its price less commission and fees."
    SELLER_TAX = "seller_tax", "Tax the seller remits, passed on to it."
    COMMISSION = "commission", "Commission, kept by the platform out of a seller's price."
    FEE = "fee", "Another fee, kept by the platform out of a seller's price."
    FEE_TAX = "fee_tax", "VAT on commission or a fee, borne by the seller and owed by the platform."
    TAX = "tax", "Tax on the sale that the platform remits."
    CHANNEL_TAX = "channel_tax", "Tax on the sale that the channel remits."
    SHIPPING = "shipping", "Shipping the platform keeps."
    OWN_SALES = "own_sales", "The platform's own goods."
    GIFT_CARD = "gift_card", "A gift card sold; owed to whoever brings it."
    DISCOUNT = "discount", "The platform's part of a discount; it pays in, so it is negative."


class Leg(Struct, frozen=True, omit_defaults=True):
    """One part of the buyer's money and where it goes.

    `party` is the seller who gets it or bears it. `label` is the name of a fee or tax, `rule` the fee's rule with its
    version. A leg that is `kept` stays with the platform on a refund.
    """

    line: int
    part: Part
    kind: LegKind
    amount_minor: int
    party: str | None = None
    label: str = ""
    rule: str = ""
    kept: bool = False


class FrozenFee(Struct, frozen=True, omit_defaults=True):
    """A fee of one line as it was worked out at capture. A refund reverses it, whatever the rules say by then.

    `shipping_base_minor` is the shipping within the base.
    """

    line: int
    name: str
    rule: str
    version: int
    base_minor: int
    percent: Decimal
    fixed_minor: int
    fee_minor: int
    vat_percent: Decimal
    vat_minor: int
    kept_on_refund: Keep
    why: str
    shipping_base_minor: int = 0
    rounding: Rounding = Rounding.HALF_UP
    minimum_minor: int | None = None
    maximum_minor: int | None = None


class LineQuote(Struct, frozen=True, omit_defaults=True):
    """One line's figures: price, who reduced it by how much, shipping, tax, and the ownership it was sold under."""

    line: int
    price_minor: int
    discount_by_seller_minor: int
    discount_by_platform_minor: int
    shipping_minor: int
    tax_added_minor: int
    tax_included_minor: int
    buyer_pays_minor: int
    shares: tuple[Share, ...] = ()
    ownership_version: int | None = None


class Totals(Struct, frozen=True):
    """Legs added up.

    `platform_minor` is what the platform earns: commission, fees, shipping and own goods less the discounts it pays
    for. Tax, VAT on fees and gift cards are owed on.
    """

    buyer_minor: int
    sellers_minor: Mapping[str, int]
    commission_minor: int
    fees_minor: int
    fee_tax_minor: int
    tax_minor: int
    channel_tax_minor: int
    shipping_minor: int
    own_sales_minor: int
    gift_cards_minor: int
    discounts_minor: int
    platform_minor: int


class Portion(Struct, frozen=True, omit_defaults=True):
    """A part of a split that was captured (positive) or went back (negative), to the minor unit.

    `units` are those taken back by line. `kept` are fees charged again because the platform keeps them; they come to
    zero. `settled_minor` are the same totals in the currency the gateway settled in, at `rate`.
    """

    legs: tuple[Leg, ...]
    totals: Totals
    tenders_minor: Mapping[str, int]
    kept: tuple[Leg, ...] = ()
    units: Mapping[int, int] = {}
    settled: Totals | None = None
    settled_currency: str | None = None
    rate: str | None = None


class Quote(Struct, frozen=True, omit_defaults=True):
    """An order split: who gets what of it and why, what of it was captured and refunded so far, and what is left."""

    order: str
    currency: str
    totals: Totals
    lines: tuple[LineQuote, ...]
    fees: tuple[FrozenFee, ...]
    legs: tuple[Leg, ...]
    tenders_minor: Mapping[str, int]
    gateway_fee_minor: int = 0
    captures: tuple[Portion, ...] = ()
    refunds: tuple[Portion, ...] = ()
    left: Totals | None = None
