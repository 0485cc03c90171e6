"""The canonical financial event: what happened to money, in our words, whoever told us.

One event is one fact. Its `key` names the fact (source, object, version), so hearing it twice changes nothing.
Amounts are minor units; a component's amount is positive in its natural direction (an item adds to what the
buyer owes, a discount takes away from it) and negative only where the source itself corrects downward.
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from tieout.model.vocabulary import Word


class EventKind(Word):
    """Every kind of event. Memo kinds say something useful (a reference, a date) and post nothing."""

    ORDER_PLACED = "order_placed", "A buyer placed an order; the shop is the record for revenue, tax and discounts."
    ORDER_EDITED = "order_edited", "An order was changed after it was placed; only the difference is booked."
    ORDER_REFUNDED = "order_refunded", "The shop accepted goods or shipping back and owes the buyer money."
    ORDER_NOTED = "order_noted", "The shop sent a newer state of an order; memo."
    GIFT_CARD_REDEEMED = "gift_card_redeemed", "Part of an order was paid with a gift card."
    STORE_CREDIT_REDEEMED = "store_credit_redeemed", "Part of an order was paid with store credit."
    TENDER_NOTED = "tender_noted", "The shop names the gateway payment behind an order; memo."
    PAYMENT_CAPTURED = "payment_captured", "The gateway took the buyer's money."
    PAYMENT_REFUNDED = "payment_refunded", "The gateway sent money back to the buyer."
    REFUND_FAILED = "refund_failed", "A refund could not be delivered and came back."
    CHARGE_SETTLED = "charge_settled", "A charge reached the gateway's balance, gross, with its fee."
    REFUND_SETTLED = "refund_settled", "A refund left the gateway's balance."
    REFUND_RETURNED = "refund_returned", "A failed refund returned to the gateway's balance."
    GATEWAY_FEE = "gateway_fee", "The gateway charged a fee of its own."
    TAX_WITHHELD = "tax_withheld", "The gateway withheld tax that the channel remits itself, or gave it back."
    GATEWAY_ADJUSTED = "gateway_adjusted", "The gateway corrected its balance and named no sale."
    DISPUTE_WITHDRAWN = "dispute_withdrawn", "A buyer disputed a charge; the money and a fee were withdrawn."
    DISPUTE_REINSTATED = "dispute_reinstated", "A dispute was won; the money came back."
    DISPUTE_LOST = "dispute_lost", "A dispute was lost; the money does not come back."
    DISPUTE_NOTED = "dispute_noted", "News of a dispute without movement of money; memo."
    RESERVE_HELD = "reserve_held", "The gateway holds back part of the balance."
    RESERVE_RELEASED = "reserve_released", "The gateway released what it had held back."
    PAYOUT_SENT = "payout_sent", "The gateway sent money towards the bank."
    PAYOUT_FAILED = "payout_failed", "A payout did not arrive and returned to the gateway's balance."
    PAYOUT_NOTED = "payout_noted", "State, trace id or arrival date of a payout; memo."
    PAYOUT_COMPOSED = "payout_composed", "The gateway's list of what a payout consists of; memo."
    TOP_UP = "top_up", "Money was moved from the bank to the gateway."
    BANK_CREDITED = "bank_credited", "The bank booked money in."
    BANK_DEBITED = "bank_debited", "The bank booked money out."
    STATEMENT_RECEIVED = "statement_received", "A bank statement with its opening and closing balance; memo."
    CASE_RESOLVED = "case_resolved", "A person resolved an exception with a posting."


class ComponentKind(Word):
    """The parts an event's money consists of."""

    ITEM = "item", "Goods or services at list price times quantity."
    DISCOUNT = "discount", "Taken off the price of an item."
    SHIPPING = "shipping", "Shipping charged to the buyer."
    SHIPPING_DISCOUNT = "shipping_discount", "Taken off the shipping."
    FEE_CHARGED = "fee_charged", "A service fee charged to the buyer, such as gift wrapping."
    TAX = "tax", "Tax added to the price."
    TAX_INCLUDED = "tax_included", "Tax contained in the price; not added to the total."
    FACILITATOR_TAX = "facilitator_tax", "Tax the channel collects and remits itself; added to the total."
    FACILITATOR_TAX_INCLUDED = "facilitator_tax_included", "The same, contained in the price."
    TIP = "tip", "A tip."
    DUTY = "duty", "Import duty charged to the buyer."
    GIFT_CARD_SOLD = "gift_card_sold", "A gift card sold; a liability, not revenue."
    ADJUSTMENT = "adjustment", "A difference the shop itself names in a refund or edit."
    GROSS = "gross", "The full amount of a gateway or bank movement."
    FEE = "fee", "A fee deducted from the movement."
    FEE_TAX = "fee_tax", "Tax on the fee."
    CONVERTED = "converted", "The other leg of a currency conversion, in its own currency."


class Component(Struct, frozen=True, omit_defaults=True):
    """One part of an event's money. `of` refines the kind: on a tax, whether it is tax of an item or of shipping.

    `line` is the source's own number of the order line it belongs to, `quantity` how many units of it there are.
    """

    kind: ComponentKind
    amount_minor: int
    currency: str
    seller: str | None = None
    label: str | None = None
    of: ComponentKind | None = None
    dimensions: Mapping[str, str] = {}
    line: str | None = None
    quantity: int = 1


class EventDraft(Struct, frozen=True, omit_defaults=True):
    """An event as mapping made it, before it is recorded.

    `references` are typed names shared along the chain (``order:…``, ``charge:…``, ``payout:…``, ``trace:…``).
    `requires` are keys of events that must be recorded first; until then the event is parked.
    `objection` is a case reason when the source's own figures do not hold; such an event is held, not posted.
    """

    key: str
    kind: EventKind
    occurred_at: datetime
    aggregate: str
    references: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    components: tuple[Component, ...] = ()
    dimensions: Mapping[str, str] = {}
    facts: Mapping[str, str] = {}
    objection: str | None = None
    objection_detail: str | None = None


class Event(Struct, frozen=True):
    """A recorded event: the draft with its number, its source and the delivery that first told of it."""

    id: int
    source: str
    draft: EventDraft
    content_hash: bytes
    delivery_id: int | None
    recorded_at: datetime


#: Kinds that never post: they carry references, dates and compositions for matching.
MEMO_KINDS = frozenset(
    {
        EventKind.ORDER_NOTED,
        EventKind.TENDER_NOTED,
        EventKind.DISPUTE_NOTED,
        EventKind.PAYOUT_NOTED,
        EventKind.PAYOUT_COMPOSED,
        EventKind.STATEMENT_RECEIVED,
    }
)

#: Kinds whose money moves one way only; a negative gross amount in them is the source's mistake, never booked.
ONE_WAY_KINDS = frozenset(
    {
        EventKind.PAYMENT_CAPTURED,
        EventKind.PAYMENT_REFUNDED,
        EventKind.REFUND_FAILED,
        EventKind.CHARGE_SETTLED,
        EventKind.REFUND_SETTLED,
        EventKind.REFUND_RETURNED,
        EventKind.DISPUTE_WITHDRAWN,
        EventKind.DISPUTE_REINSTATED,
        EventKind.DISPUTE_LOST,
        EventKind.RESERVE_HELD,
        EventKind.RESERVE_RELEASED,
        EventKind.PAYOUT_FAILED,
        EventKind.BANK_CREDITED,
        EventKind.BANK_DEBITED,
    }
)

#: What each component adds to (+1) or takes from (−1) the event's total; 0 = contained in another component.
TOTAL_SIGN: Mapping[ComponentKind, int] = {
    ComponentKind.ITEM: 1,
    ComponentKind.DISCOUNT: -1,
    ComponentKind.SHIPPING: 1,
    ComponentKind.SHIPPING_DISCOUNT: -1,
    ComponentKind.FEE_CHARGED: 1,
    ComponentKind.TAX: 1,
    ComponentKind.TAX_INCLUDED: 0,
    ComponentKind.FACILITATOR_TAX: 1,
    ComponentKind.FACILITATOR_TAX_INCLUDED: 0,
    ComponentKind.TIP: 1,
    ComponentKind.DUTY: 1,
    ComponentKind.GIFT_CARD_SOLD: 1,
    ComponentKind.ADJUSTMENT: 1,
    ComponentKind.GROSS: 1,
    ComponentKind.FEE: -1,
    ComponentKind.FEE_TAX: -1,
    ComponentKind.CONVERTED: 0,
}


def total_minor(components: tuple[Component, ...]) -> int:
    """What the components come to, in minor units of their one currency (conversion legs left out)."""
    return sum(TOTAL_SIGN[c.kind] * c.amount_minor for c in components)
