"""What sellers are told of their money: lines on their buckets, statements, and what a payout is made of.

Amounts are minor units, positive where the seller is owed more by them and negative where less: the other way round
than in the ledger, where what is owed stands in credit.
"""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from tieout.model.bucket import Bucket
from tieout.model.vocabulary import Word


class Driver(Word):
    """Why one payout is larger or smaller than another. All drivers of a payout together are the payout."""

    SALES = "sales", "Goods and shipping sold, less discounts the seller gave."
    REFUNDS = "refunds", "Goods and shipping given back to buyers."
    COMMISSION = "commission", "Commission, less what of it came back with refunds."
    FEES = "fees", "Other fees, and VAT on commission and fees."
    DISPUTES = "disputes", "Held for disputes, lost by them, and their fees."
    RESERVE_HELD = "reserve_held", "Kept back when sales were released."
    RESERVE_RELEASED = "reserve_released", "Kept back earlier and released now."
    TAX = "tax", "Tax that the seller remits itself."
    ADJUSTMENTS = "adjustments", "Corrections by hand, with a reason and an approval."
    CARRY = "carry", "Left over from earlier payouts, or left for later ones."


class SellerLine(Struct, frozen=True):
    """A line of the ledger on a bucket of a seller: the rule that booked it, and the order or payout it is about."""

    entry: int
    day: date
    bucket: Bucket
    currency: str
    amount_minor: int
    occasion: str
    reference: str = ""
    memo: str = ""


class StatementRow(Struct, frozen=True):
    """What one entry moved on a seller's buckets, and of what it is made, where that is known."""

    day: date
    entry: str
    reference: str
    what: str
    moved_minor: Mapping[Bucket, int]
    parts_minor: Mapping[str, int] = {}

    @property
    def total_minor(self) -> int:
        """By how much more the seller is owed after it; nil where money only went from one bucket to another."""
        return sum(self.moved_minor.values())


class BucketRow(Struct, frozen=True):
    """A bucket over a period: opening, what came in, what went out, and closing, which is the ledger's balance."""

    bucket: Bucket
    opening_minor: int
    in_minor: int
    out_minor: int
    closing_minor: int


class Withheld(Struct, frozen=True):
    """Money that is owed and not payable yet: how much, in plain words why, and when that ends if it is known."""

    amount_minor: int | None
    why: str
    until: date | None = None


class SellerStatement(Struct, frozen=True):
    """A seller's period in one currency.

    `rows` stand by order, in the order in which each first moved. `expected_minor` is what would be paid on
    `expected_on` if nothing moved until then.
    """

    ledger: str
    party: str
    name: str
    currency: str
    since: date
    until: date
    buckets: tuple[BucketRow, ...]
    rows: tuple[StatementRow, ...]
    withheld: tuple[Withheld, ...] = ()
    expected_on: date | None = None
    expected_minor: int = 0
    expected_why: str = ""

    @property
    def opening_minor(self) -> int:
        """What the seller was owed in all before the first day."""
        return sum(row.opening_minor for row in self.buckets)

    @property
    def closing_minor(self) -> int:
        """What the seller is owed in all after the last day."""
        return sum(row.closing_minor for row in self.buckets)


class PayoutPart(Struct, frozen=True):
    """One line that a payout settles, and the drivers it consists of."""

    line: str
    day: date
    reference: str
    what: str
    amount_minor: int
    drivers_minor: Mapping[Driver, int]
    entry: str | None = None


class PayoutMade(Struct, frozen=True):
    """A payout with its lines: they come to its amount."""

    payout: str
    party: str
    currency: str
    day: date
    state: str
    amount_minor: int
    parts: tuple[PayoutPart, ...]

    @property
    def drivers_minor(self) -> dict[Driver, int]:
        """What each driver comes to; all of them together are the amount."""
        sums = dict.fromkeys(Driver, 0)
        for part in self.parts:
            for driver, amount in part.drivers_minor.items():
                sums[driver] += amount
        return sums


class BridgeStep(Struct, frozen=True):
    """A driver in two payouts, and what it adds to the difference between them."""

    driver: Driver
    earlier_minor: int
    later_minor: int

    @property
    def change_minor(self) -> int:
        """By how much the driver makes the later payout larger."""
        return self.later_minor - self.earlier_minor


class Bridge(Struct, frozen=True):
    """From one payout of a seller to the next of its currency: the steps come to the difference exactly."""

    earlier: PayoutMade
    later: PayoutMade
    steps: tuple[BridgeStep, ...]
