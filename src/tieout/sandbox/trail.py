"""The nouns of the money's trail: cards, charges, rows of a gateway's balance, payouts, bank lines. See `trade`.

`Facts` at the end is everything that happened in a world.
"""

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from tieout.model.case import Reason
from tieout.sandbox.trade import Cancellation, Edit, GiftPayment, Order, Product, Shop, ShopRefund


class Gateway(Struct, frozen=True):
    """An account at the gateway and its terms: a fee of `fee_per_mille` plus a fixed amount for every charge.

    `settle_days` business days pass until a charge may be paid out, `arrival_days` more until the bank has it.
    """

    source: str
    account: str
    currency: str
    fee_per_mille: int
    fee_fixed_minor: int
    dispute_fee_minor: int
    settle_days: int
    arrival_days: int


class Bank(Struct, frozen=True):
    """A bank account. `iban` is empty where the bank numbers its accounts otherwise."""

    source: str
    currency: str
    owner: str
    bank_name: str
    bic: str
    iban: str
    number: str
    gateway: str


class Card(Struct, frozen=True):
    """The card a charge was made to."""

    brand: str
    last4: str
    country: str


class Charge(Struct, frozen=True):
    """A payment by card. Not captured yet if `captured_at` is None; `failed` ones never moved money.

    `shop_ids` are the shop's own numbers of the steps: sale, or authorisation and capture. `ends_at` is when an
    authorisation was given up without a capture. `withheld_minor` is tax that the channel remits, which the gateway
    keeps back when it settles the charge.
    """

    id: str
    intent: str
    row_id: str
    account: str
    currency: str
    amount_minor: int
    captured_minor: int
    authorised_at: datetime
    captured_at: datetime | None
    card: Card
    order: Order | None
    shop_ids: tuple[int, ...] = ()
    direct: bool = True
    failed: bool = False
    ends_at: datetime | None = None
    note: str = ""
    withheld_minor: int = 0


class GatewayRefund(Struct, frozen=True):
    """Money the gateway sent back to the buyer. Of it `withheld_minor` is tax that had been withheld."""

    id: str
    row_id: str
    charge: Charge
    amount_minor: int
    at: datetime
    withheld_minor: int = 0


class Dispute(Struct, frozen=True):
    """A buyer's bank took the money back, tax and all. `won` is None while it is open.

    Tax that was withheld is not given back: it is with the authority, and only the channel's refund claims it.
    """

    id: str
    charge: Charge
    row_id: str
    return_row_id: str
    fee_minor: int
    opened_at: datetime
    closed_at: datetime | None
    won: bool | None
    reason: str


class RowKind(StrEnum):
    """What a row of the gateway's balance is about."""

    CHARGE = "charge"
    REFUND = "refund"
    DISPUTE = "dispute"
    DISPUTE_RETURN = "dispute_reversal"
    FEE = "fee"
    RESERVE_HOLD = "reserve_hold"
    RESERVE_RELEASE = "reserve_release"
    PAYOUT = "payout"
    UNHEARD_OF = "unheard_of"


class Row(Struct, frozen=True):
    """A row of the gateway's balance: amount − fee − withheld tax = net. Negative amounts leave the balance."""

    id: str
    account: str
    kind: RowKind
    subject: str
    currency: str
    amount_minor: int
    fee_minor: int
    created: datetime
    available_on: date
    description: str
    withheld_minor: int = 0

    @property
    def net_minor(self) -> int:
        """What the row adds to the balance."""
        return self.amount_minor - self.fee_minor - self.withheld_minor


class Payout(Struct, frozen=True):
    """A payout of the gateway: `rows` are what it consists of, `row` is its own row of the balance.

    `left_out` names a row that the gateway's list of this payout lacks (None in an honest world).
    """

    id: str
    row: Row
    account: str
    currency: str
    amount_minor: int
    created: datetime
    arrival: date
    trace: str
    rows: tuple[Row, ...]
    left_out: str | None = None


class BankLineKind(StrEnum):
    """What a bank line is about."""

    PAYOUT = "payout"
    CHARGES = "charges"
    INTEREST = "interest"
    RENT = "rent"
    SUPPLIER = "supplier"


class BankBooking(Struct, frozen=True):
    """A line on a bank account; positive is money in. `reference` is the bank's own and unique."""

    bank: str
    reference: str
    kind: BankLineKind
    booked: date
    value: date
    amount_minor: int
    currency: str
    counterparty: str
    end_to_end: str
    text: tuple[str, ...]
    payout: str | None = None


class Statement(Struct, frozen=True):
    """A bank account's end-of-day statement."""

    bank: Bank
    number: int
    day: date
    opening_minor: int
    bookings: tuple[BankBooking, ...]

    @property
    def closing_minor(self) -> int:
        """Opening plus all bookings."""
        return self.opening_minor + sum(booking.amount_minor for booking in self.bookings)


class Rate(Struct, frozen=True):
    """A reference rate of the European Central Bank: units of `quote` for one `base`, in ten-thousandths."""

    day: date
    base: str
    quote: str
    ten_thousandths: int

    @property
    def text(self) -> str:
        """The rate as decimal text, such as ``1.0843``."""
        return f"{self.ten_thousandths // 10_000}.{self.ten_thousandths % 10_000:04d}"


class Outcome(StrEnum):
    """What becomes of a planned oddity."""

    CASE = "case"
    PARKED = "parked"
    REJECTED = "rejected"


class Oddity(Struct, frozen=True):
    """Something wrong on purpose. `reason` is what the product should say about `subject`.

    `accepts` are reasons that are right as well; `outcome` says whether it is a case, or parked until a deadline,
    or not accepted at the door at all (then `reason` is None).
    """

    reason: Reason | None
    subject: str
    amount_minor: int
    currency: str
    story: str
    accepts: tuple[Reason, ...] = ()
    outcome: Outcome = Outcome.CASE


class Facts(Struct, frozen=True):
    """Everything that happened between `start` and `end` (without it), in the order of time within each kind.

    `lost_orders` are orders whose messages from the shop never arrived.
    """

    start: datetime
    end: datetime
    shops: tuple[Shop, ...]
    gateways: tuple[Gateway, ...]
    banks: tuple[Bank, ...]
    products: tuple[Product, ...]
    orders: tuple[Order, ...]
    charges: tuple[Charge, ...]
    gift_payments: tuple[GiftPayment, ...]
    shop_refunds: tuple[ShopRefund, ...]
    gateway_refunds: tuple[GatewayRefund, ...]
    edits: tuple[Edit, ...]
    cancellations: tuple[Cancellation, ...]
    disputes: tuple[Dispute, ...]
    rows: tuple[Row, ...]
    payouts: tuple[Payout, ...]
    statements: tuple[Statement, ...]
    rates: tuple[Rate, ...]
    lost_orders: frozenset[int]
    oddities: tuple[Oddity, ...]
