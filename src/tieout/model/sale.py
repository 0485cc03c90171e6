"""Sales as settlement knows them: facts that are told in any order, and what they come to for each seller."""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct

from tieout.model.commission import FeeRules
from tieout.model.ownership import Ownership
from tieout.model.settlement import Order, RefundLine
from tieout.model.vocabulary import Word


class FactKind(Word):
    """What may happen to a sale. The sale is their sum, in whatever order they are heard."""

    PLACED = "placed", "A buyer ordered; who gets what is decided when the money comes."
    ADDED = "added", "Lines were added to the order."
    CAPTURED = "captured", "The buyer's money came."
    REFUNDED = "refunded", "Goods, shipping or an amount went back."
    PACKAGE_LOST = "package_lost", "A package was lost; the buyer gets the money back and somebody bears it."
    DISPUTED = "disputed", "A buyer's dispute took the money back for now."
    DISPUTE_WON = "dispute_won", "A dispute was won; the money came back."
    DISPUTE_LOST = "dispute_lost", "A dispute was lost."
    DELIVERED = "delivered", "The goods, or some lines of them, arrived."
    RELEASED = "released", "A person released the sale."


class Fact(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One fact of a sale. `key` names it for ever; amounts are minor units of the order's currency.

    `order` comes with PLACED and ADDED, or with the first capture; `vendors` names the vendor of its lines. `lines` are
    those that went back, or arrived; `amount_minor` is the money of a capture, a refund without lines or a dispute. One
    whose `currency` is not the order's says only that something happened: it then is about all of the sale. `due_minor`
    is by how much an order of a shop changed what the buyer owes. `item` is the open item of the money on clearing
    accounts of the gateway `source`; without a source the shop has booked the order already and only the sellers' part
    is. `fee_minor` is what the gateway charged for a dispute. `borne_by` platform: sellers keep theirs.
    """

    key: str
    kind: FactKind
    occurred_at: datetime
    order: Order | None = None
    amount_minor: int | None = None
    due_minor: int = 0
    lines: tuple[RefundLine, ...] = ()
    dispute: str = ""
    fee_minor: int = 0
    item: str = ""
    source: str = ""
    borne_by: str = "seller"
    reason: str = ""
    currency: str = ""
    vendors: Mapping[int, str] = {}
    event_id: int | None = None


class Frozen(Struct, frozen=True, omit_defaults=True):
    """What a sale was made under, kept when it was captured: rules, ownership and how much each had sold before."""

    rules: FeeRules = FeeRules()
    ownership: tuple[Ownership, ...] = ()
    volume_minor: Mapping[str, int] = {}


class Stake(Struct, frozen=True):
    """What a sale has come to for one seller. Owed amounts are positive; what became available is left out."""

    party: str
    captured_on: date
    gross_minor: int = 0
    total_minor: int = 0
    net_minor: int = 0
    pending_minor: int = 0
    held_minor: int = 0
    reserve_minor: int = 0
    due_on: date | None = None
    released_on: date | None = None
    reserve_until: date | None = None
