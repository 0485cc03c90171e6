"""Cases: what needs a person, with the reason, the money at risk and what can be done. The console says Exceptions."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from tieout.model.vocabulary import Word


class Reason(Word):
    """Why a case was opened. The sentence says what it means; `NEXT_STEP` says what to do about it."""

    DELIVERY_UNREADABLE = "delivery_unreadable", "A delivery could not be read as what it claims to be."
    DELIVERY_FAILED = "delivery_failed", "Processing a delivery failed repeatedly; it is set aside."
    TOPIC_UNKNOWN = "topic_unknown", "The source sent a kind of message this connector does not know."
    CODE_UNKNOWN = "code_unknown", "The source used a code this connector does not know; nothing was guessed."
    FIELD_MISSING = "field_missing", "A field that the booking needs is missing or unusable."
    AMOUNT_UNUSABLE = "amount_unusable", "An amount has no usable value in its currency."
    CURRENCY_UNKNOWN = "currency_unknown", "A currency code is not in ISO 4217."
    TOTAL_MISMATCH = "total_mismatch", "The parts do not add up to the total the source itself states."
    NET_MISMATCH = "net_mismatch", "Amount less fee is not the net amount the source states."
    CONTENT_CHANGED = "content_changed", "A fact that was already booked came again with other content."
    PREREQUISITE_MISSING = "prerequisite_missing", "Something that must come first has not arrived in time."
    RATE_MISSING = "rate_missing", "No exchange rate is known for the day."
    POSTING_REFUSED = "posting_refused", "The ledger refused the entry."
    NO_RULE = "no_rule", "No posting rule covers this event."
    STATEMENT_UNBALANCED = (
        "statement_unbalanced",
        "A statement's entries do not lead from its opening to its closing balance.",
    )
    STATEMENT_INCOMPLETE = (
        "statement_incomplete",
        "A statement has no opening and closing balance, so nothing proves it is complete.",
    )
    OPENING_NOT_BOOKED = "opening_not_booked", "A bank account opened with money that no entry in the books shows."
    STATEMENT_GAP = "statement_gap", "A statement does not open where the previous one closed."
    STATEMENT_OVERDUE = "statement_overdue", "No statement of a bank account has come for longer than a month."
    STATEMENT_MIXED_CURRENCIES = (
        "statement_mixed_currencies",
        "One statement carries several currencies and cannot be added.",
    )
    DETAILS_MISMATCH = "details_mismatch", "The details of a bank entry do not add up to it."
    BANK_LINE_UNKNOWN = "bank_line_unknown", "The bank booked an amount whose origin no rule recognises."
    ADJUSTMENT_UNKNOWN = "adjustment_unknown", "The gateway corrected its balance and named no sale."
    ORDER_UNPAID = "order_unpaid", "An order has no payment within the usual time."
    ORDER_PAID_DIFFERENTLY = "order_paid_differently", "The payments of an order do not add up to what the buyer owes."
    ORDER_PAID_IN_ANOTHER_CURRENCY = (
        "order_paid_in_another_currency",
        "What was paid for an order, or given back, is in another currency than the order.",
    )
    PAYMENT_WITHOUT_ORDER = "payment_without_order", "A payment came in and no order is known for it."
    REFUND_WITHOUT_PAYMENT = "refund_without_payment", "The shop refunded, the gateway did not, or the other way round."
    CHARGE_NOT_SETTLED = (
        "charge_not_settled",
        "A captured charge has not reached the gateway's balance in the usual time.",
    )
    CHARGE_SETTLED_DIFFERENTLY = (
        "charge_settled_differently",
        "A charge was settled with another amount than was captured.",
    )
    SETTLED_WITHOUT_CAPTURE = "settled_without_capture", "The gateway settled a charge or refund we never heard of."
    BALANCE_NOT_PAID_OUT = (
        "balance_not_paid_out",
        "Money has stayed in the gateway's balance longer than its payout schedule.",
    )
    PAYOUT_COMPOSITION_MISMATCH = "payout_composition_mismatch", "A payout is not the sum of its lines."
    PAYOUT_NOT_ARRIVED = "payout_not_arrived", "A payout is overdue at the bank."
    PAYOUT_ARRIVED_DIFFERENTLY = (
        "payout_arrived_differently",
        "The bank booked another amount than the gateway paid out.",
    )
    BANK_CREDIT_WITHOUT_PAYOUT = (
        "bank_credit_without_payout",
        "The bank booked a gateway's money and no payout is known for it.",
    )
    SEVERAL_CANDIDATES = "several_candidates", "More than one match is possible; nothing was guessed."
    MATCH_TAKEN_BACK = "match_taken_back", "A person took this match back; it is not made again without one."
    EVIDENCE_CHANGED = (
        "evidence_changed",
        "What came after a match makes it doubtful: it is not the only one possible any more.",
    )
    TOTALS_DIFFER = "totals_differ", "What a source counts for a day is not what arrived here."
    TAX_NOT_WITHHELD = "tax_not_withheld", "The channel remits an order's tax itself, and nobody withheld it in time."
    TAX_WITHHELD_DIFFERENTLY = (
        "tax_withheld_differently",
        "What was withheld is not the tax that the channel remits for the order.",
    )
    DISPUTE_UNRESOLVED = "dispute_unresolved", "A dispute has been open longer than the scheme allows."
    RESERVE_NOT_RELEASED = "reserve_not_released", "A gateway has held money back longer than reserves are held."
    OWNERSHIP_UNKNOWN = "ownership_unknown", "A listing was sold and nobody is known to own it; its sale is not split."
    SALE_NOT_SPLIT = "sale_not_split", "What was told of a sale does not fit together; its sellers' part is not booked."
    SELLER_NOT_PAID = "seller_not_paid", "A seller is owed money that no payout could be made of."
    PAYOUT_FAILED = "payout_failed", "A payout to a seller failed; the money is owed again."
    PAYOUT_CAME_BACK = "payout_came_back", "A payout to a seller came back after it was paid; the money is owed again."
    PAYOUT_UNKNOWN = "payout_unknown", "Nobody knows what became of a payout to a seller; it is not sent again."
    PAYOUT_NOT_CONFIRMED = "payout_not_confirmed", "The bank has not booked a payout to a seller in the usual time."
    CONVERSION_OPEN = "conversion_open", "A currency conversion has one leg without the other."


NEXT_STEP: Mapping[Reason, str] = {
    Reason.DELIVERY_UNREADABLE: "Look at the raw payload; ask the source to send it again, then dismiss.",
    Reason.DELIVERY_FAILED: "Report the traceback kept with the delivery, then replay it after the update.",
    Reason.TOPIC_UNKNOWN: "Extend the mapping for this message, or tell the source not to send it.",
    Reason.CODE_UNKNOWN: "Extend the mapping for this code, then replay the delivery.",
    Reason.FIELD_MISSING: "Correct the record at the source and let it send again, or book it by hand.",
    Reason.AMOUNT_UNUSABLE: "Compare with the source; declare an exponent override or book it by hand.",
    Reason.CURRENCY_UNKNOWN: "Correct the currency at the source.",
    Reason.TOTAL_MISMATCH: "Open the record at the source; if its total is right, release it.",
    Reason.NET_MISMATCH: "Compare with the gateway's own report; release it if the net amount is right.",
    Reason.CONTENT_CHANGED: "Compare both versions; accept the later one if it is right.",
    Reason.PREREQUISITE_MISSING: "Ask the source to send the missing record again; arrival releases this by itself.",
    Reason.RATE_MISSING: "Import exchange rates for the day; arrival releases this by itself.",
    Reason.POSTING_REFUSED: "Read what the ledger refused, mend the account or period, then release.",
    Reason.NO_RULE: "Add a posting rule for this kind of event, then release.",
    Reason.STATEMENT_UNBALANCED: "Import the complete statement. Release this one only if the bank confirms it.",
    Reason.STATEMENT_INCOMPLETE: "Import the end-of-day statement, or release this one if it is all the bank gives.",
    Reason.OPENING_NOT_BOOKED: "Book it to the account it came from: equity, if it is from before these books.",
    Reason.STATEMENT_GAP: "Import the missing statements.",
    Reason.STATEMENT_OVERDUE: "Import the newest statements; dismiss this if the account is not used any more.",
    Reason.STATEMENT_MIXED_CURRENCIES: "Ask the bank for one statement per currency.",
    Reason.DETAILS_MISMATCH: "Compare with the bank; the entry's own amount is what was booked.",
    Reason.BANK_LINE_UNKNOWN: "Say what it is: match it, or book it to an account.",
    Reason.ADJUSTMENT_UNKNOWN: "Ask the gateway what it was, then book it to an account.",
    Reason.ORDER_UNPAID: "Ask the buyer, or cancel the order at the shop.",
    Reason.ORDER_PAID_DIFFERENTLY: "Find the missing payment or refund; write a small difference off.",
    Reason.ORDER_PAID_IN_ANOTHER_CURRENCY: (
        "If the payment is worth the order, book it to currency conversion (1495): both sides are settled."
    ),
    Reason.PAYMENT_WITHOUT_ORDER: "Find the order at the shop and let it send again, or refund the payment.",
    Reason.REFUND_WITHOUT_PAYMENT: "Check the refund at the gateway; issue or cancel it there.",
    Reason.CHARGE_NOT_SETTLED: "Look the charge up at the gateway and import its balance transactions.",
    Reason.CHARGE_SETTLED_DIFFERENTLY: "Compare the charge with its balance transaction; book the difference.",
    Reason.SETTLED_WITHOUT_CAPTURE: "Let the gateway send the charge again, or book it by hand.",
    Reason.BALANCE_NOT_PAID_OUT: "Check the gateway's payout schedule and holds.",
    Reason.PAYOUT_COMPOSITION_MISMATCH: "Import the gateway's list again; ask the gateway about the difference.",
    Reason.PAYOUT_NOT_ARRIVED: "Import the latest bank statement; then ask the gateway for the trace id.",
    Reason.PAYOUT_ARRIVED_DIFFERENTLY: "Check for a bank charge; match with the difference named.",
    Reason.BANK_CREDIT_WITHOUT_PAYOUT: "Import the gateway's payouts, or match the deposit to one of the candidates.",
    Reason.SEVERAL_CANDIDATES: "Choose the right one; the differing fields are shown.",
    Reason.MATCH_TAKEN_BACK: "Match its items with the right ones; if it was right after all, match them again.",
    Reason.EVIDENCE_CHANGED: "Confirm the match if it is right, or take it back (`tieout confirm`, `tieout unmatch`).",
    Reason.TOTALS_DIFFER: "Import what is missing, or ask the source about what it does not list.",
    Reason.TAX_NOT_WITHHELD: "Ask the channel; if the tax is yours to remit after all, book it to tax payable.",
    Reason.TAX_WITHHELD_DIFFERENTLY: "Compare the order's tax with the gateway's row; book the difference.",
    Reason.DISPUTE_UNRESOLVED: "Look the dispute up at the gateway.",
    Reason.RESERVE_NOT_RELEASED: "Ask the gateway when it releases the money, or what it was used for.",
    Reason.OWNERSHIP_UNKNOWN: "Record who owns the listing (`tieout ownership set`); arrival releases this by itself.",
    Reason.SALE_NOT_SPLIT: "Compare the refund or dispute with the order; correct it at the source, or adjust by hand.",
    Reason.SELLER_NOT_PAID: "Complete the seller's profile, account or rail; the next run pays it.",
    Reason.PAYOUT_FAILED: "Put the cause right, release the hold, and pay again with the next run.",
    Reason.PAYOUT_CAME_BACK: "Ask the seller for the account again, release the hold; the next run pays it.",
    Reason.PAYOUT_UNKNOWN: "Look it up at the provider, and say what came of it (`tieout payouts settle`).",
    Reason.PAYOUT_NOT_CONFIRMED: "Import the latest statement; then ask the bank for the payment by its reference.",
    Reason.CONVERSION_OPEN: "Find the missing leg at the gateway.",
}


class CaseState(StrEnum):
    """A case is open until resolved; a resolved one that returns is reopened, never opened twice."""

    OPEN = "open"
    REOPENED = "reopened"
    RESOLVED = "resolved"


class CaseDraft(Struct, frozen=True, omit_defaults=True):
    """A case as a stage raises it. (`reason`, `subject`) identifies it: raised again it is the same case.

    `subject` names the thing it is about, stably: an event key, a delivery, an item group.
    """

    reason: Reason
    subject: str
    sentence: str
    amount_minor: int = 0
    currency: str | None = None
    aggregate: str | None = None
    links: tuple[str, ...] = ()
    """Public ids of deliveries, events, entries and items the case is about."""


class Case(Struct, frozen=True):
    """A case as recorded, with its state."""

    id: int
    draft: CaseDraft
    state: CaseState
    opened_at: datetime
    changed_at: datetime
    next_step: str


class Action(StrEnum):
    """What a person can do with a case."""

    BOOK = "book"  # post the open amount to an account: write-off, reclassification
    MATCH = "match"  # tie chosen open items together; they must sum to zero
    RELEASE = "release"  # post a held event as the source states it
    ACCEPT = "accept"  # what came later takes the place of what stands; its entry is reversed and booked anew
    DISMISS = "dismiss"  # nothing to post; the reason says why


class Resolution(Struct, frozen=True, omit_defaults=True):
    """A person's decision. `reason` is required; `account` is for BOOK, `items` are ids for MATCH."""

    action: Action
    reason: str
    account: str | None = None
    items: tuple[int, ...] = ()
