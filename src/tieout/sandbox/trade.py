"""The nouns of trade: shops, goods, buyers, orders, and what becomes of orders. Frozen, in minor units, times in UTC.

These are causes, not messages: the wire modules say how a provider would tell of them, and `truth` adds them up.
"""

from datetime import datetime

from msgspec import Struct


class Shop(Struct, frozen=True):
    """A web shop with the gateway account and the bank account its money goes through."""

    source: str
    name: str
    domain: str
    currency: str
    country: str
    zone: str
    gateway: str
    bank: str
    taxes_included: bool


class Product(Struct, frozen=True):
    """Something a seller offers; `tax_bp` is its tax rate in hundredths of a per cent."""

    id: int
    variant_id: int
    seller: str
    title: str
    sku: str
    price_minor: int
    tax_bp: int
    gift_card: bool = False


class Buyer(Struct, frozen=True):
    """A person who buys."""

    id: int
    first: str
    last: str
    street: str
    zip: str
    city: str
    country: str
    country_code: str
    province: str | None
    province_code: str | None

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        """An address that can never be real (RFC 2606)."""
        return f"buyer{self.id % 1_000_000}@mail.example"


class Tax(Struct, frozen=True):
    """One tax on a line or on the shipping; `channel_liable` if the channel remits it."""

    title: str
    rate_bp: int
    amount_minor: int
    channel_liable: bool = False


class Promotion(Struct, frozen=True):
    """A discount as the buyer saw it: a code for the whole order, or an offer on one line.

    `value` is a whole percentage, or an amount in minor units.
    """

    title: str
    code: str | None
    percentage: bool
    value: int
    across: bool = True


class Line(Struct, frozen=True):
    """One line of an order. `discounts` holds (which promotion, how much of the whole line)."""

    id: int
    product: Product
    quantity: int
    unit_minor: int
    discounts: tuple[tuple[int, int], ...] = ()
    taxes: tuple[Tax, ...] = ()

    @property
    def list_minor(self) -> int:
        """List price times quantity."""
        return self.unit_minor * self.quantity

    @property
    def discount_minor(self) -> int:
        """All that was taken off the line."""
        return sum(amount for _, amount in self.discounts)

    @property
    def net_minor(self) -> int:
        """List price less discounts; contains the tax where the shop's prices do."""
        return self.list_minor - self.discount_minor

    @property
    def tax_minor(self) -> int:
        """All tax of the line, contained or added."""
        return sum(tax.amount_minor for tax in self.taxes)


class Shipping(Struct, frozen=True):
    """What the buyer paid for shipping."""

    id: int
    title: str
    price_minor: int
    taxes: tuple[Tax, ...] = ()

    @property
    def tax_minor(self) -> int:
        """All tax of the shipping, contained or added."""
        return sum(tax.amount_minor for tax in self.taxes)


class Order(Struct, frozen=True):
    """An order as placed. `misstated_minor` is what the shop's own total is off by (0 in an honest world)."""

    id: int
    number: int
    shop: Shop
    buyer: Buyer
    placed_at: datetime
    lines: tuple[Line, ...]
    shipping: Shipping | None
    promotions: tuple[Promotion, ...]
    tip_minor: int
    channel: str
    attributes: tuple[tuple[str, str], ...]
    misstated_minor: int = 0

    @property
    def name(self) -> str:
        """The number people see."""
        return f"#{self.number}"

    @property
    def shipping_minor(self) -> int:
        """Shipping charged."""
        return self.shipping.price_minor if self.shipping else 0

    @property
    def list_minor(self) -> int:
        """All lines at list price."""
        return sum(line.list_minor for line in self.lines)

    @property
    def discount_minor(self) -> int:
        """All discounts."""
        return sum(line.discount_minor for line in self.lines)

    @property
    def taxes(self) -> tuple[Tax, ...]:
        """Every tax of every line and of the shipping."""
        parts: tuple[Line | Shipping, ...] = (*self.lines, *self.shipping_parts)
        return tuple(tax for part in parts for tax in part.taxes)

    @property
    def shipping_parts(self) -> tuple[Shipping, ...]:
        """The shipping as a tuple of none or one."""
        return (self.shipping,) if self.shipping else ()

    @property
    def tax_minor(self) -> int:
        """All tax, contained or added."""
        return sum(tax.amount_minor for tax in self.taxes)

    @property
    def channel_liable(self) -> bool:
        """Whether the channel remits the tax of this order itself: of all of it or of nothing."""
        return any(tax.channel_liable for tax in self.taxes)

    @property
    def total_minor(self) -> int:
        """What the buyer owes: lines − discounts + shipping + tax where it is added + tip."""
        added = 0 if self.shop.taxes_included else self.tax_minor
        return self.list_minor - self.discount_minor + self.shipping_minor + added + self.tip_minor


class GiftPayment(Struct, frozen=True):
    """A gift card used to pay part or all of an order; `id` is the shop's number of the step."""

    id: int
    order: Order
    card_id: int
    amount_minor: int
    at: datetime


class ReturnedLine(Struct, frozen=True):
    """Part of a line given back: `net_minor` contains the tax where the shop's prices do."""

    line: Line
    quantity: int
    net_minor: int
    tax_minor: int


class RefundStep(Struct, frozen=True):
    """How the shop says it paid a refund: through `gateway`, or by hand."""

    id: int
    gateway: str
    status: str
    amount_minor: int
    parent: int | None
    authorization: str | None


class ShopRefund(Struct, frozen=True):
    """A refund as the shop has it. `restock` is Shopify's word for why: return, cancel or no_restock."""

    id: int
    order: Order
    at: datetime
    lines: tuple[ReturnedLine, ...]
    shipping_minor: int
    shipping_tax_minor: int
    steps: tuple[RefundStep, ...]
    restock: str
    note: str = ""

    @property
    def total_minor(self) -> int:
        """What the buyer gets back, tax included."""
        added = 0 if self.order.shop.taxes_included else self.tax_minor
        return sum(line.net_minor for line in self.lines) + self.shipping_minor + added

    @property
    def tax_minor(self) -> int:
        """The tax that goes back."""
        return sum(line.tax_minor for line in self.lines) + self.shipping_tax_minor


class Edit(Struct, frozen=True):
    """A change of an order after it was placed: lines added, and parts of lines taken off."""

    id: int
    order: Order
    at: datetime
    added: tuple[Line, ...]
    removed: tuple[ReturnedLine, ...]

    @property
    def delta_minor(self) -> int:
        """By how much the order's total changed, tax included."""
        included = self.order.shop.taxes_included
        more = sum(line.net_minor + (0 if included else line.tax_minor) for line in self.added)
        less = sum(line.net_minor + (0 if included else line.tax_minor) for line in self.removed)
        return more - less


class Cancellation(Struct, frozen=True):
    """An order called off; the money side is a refund or a void."""

    order: Order
    at: datetime
    reason: str
