"""Payouts: the states money goes through between a balance and a bank account."""

from collections.abc import Mapping
from datetime import date, datetime

from msgspec import Struct

from tieout.model.seller import PayoutAccount
from tieout.model.vocabulary import Word


class PayoutState(Word):
    """States of a payout, ours to sellers and the gateway's to us. RETURNED is reachable from PAID."""

    DRAFT = "draft", "Calculated, not yet submitted for approval."
    PENDING_APPROVAL = "pending_approval", "Waits for a second person."
    APPROVED = "approved", "May be sent."
    HELD = "held", "Stopped for a reason that is shown."
    QUEUED = "queued", "Handed to the sender."
    SUBMITTED = "submitted", "Given to the bank or provider."
    IN_TRANSIT = "in_transit", "On its way."
    PAID = "paid", "Reported as paid."
    FAILED = "failed", "Did not arrive."
    RETURNED = "returned", "Came back after it was paid."
    CANCELED = "canceled", "Withdrawn before it was sent."


_S = PayoutState
#: From each state, those a payout may go to. PAID is not the end: a bank may send the money back days later.
NEXT_STATES: Mapping[PayoutState, frozenset[PayoutState]] = {
    _S.DRAFT: frozenset({_S.PENDING_APPROVAL, _S.APPROVED, _S.CANCELED}),
    _S.PENDING_APPROVAL: frozenset({_S.APPROVED, _S.HELD, _S.CANCELED}),
    _S.APPROVED: frozenset({_S.QUEUED, _S.HELD, _S.CANCELED}),
    _S.HELD: frozenset({_S.PENDING_APPROVAL, _S.APPROVED, _S.CANCELED}),
    _S.QUEUED: frozenset({_S.SUBMITTED, _S.HELD, _S.FAILED, _S.CANCELED}),
    _S.SUBMITTED: frozenset({_S.IN_TRANSIT, _S.PAID, _S.FAILED}),
    _S.IN_TRANSIT: frozenset({_S.PAID, _S.FAILED, _S.RETURNED}),
    _S.PAID: frozenset({_S.RETURNED}),
    _S.FAILED: frozenset({_S.QUEUED, _S.CANCELED}),
    _S.RETURNED: frozenset(),
    _S.CANCELED: frozenset(),
}


class PayoutVerdict(Word):
    """What a payout run says to a seller; each seller that was looked at gets one."""

    PAID = "paid", "There is a payout."
    NOTHING_OWED = "nothing_owed", "Nothing is owed."
    OWES = "owes", "The seller owes; its next sales go against that first."
    BELOW_MINIMUM = "below_minimum", "What could be paid is below the minimum and is carried."
    HELD = "held", "A hold is on it."
    PAUSED = "paused", "The seller is paused."
    TAX_FORM = "tax_form", "A tax form is missing or expired."
    NO_ACCOUNT = "no_account", "There is no account to pay to."
    OVER_LIMIT = "over_limit", "It is over the seller's limit; a person must raise it or pay in parts."


class PayoutLine(Struct, frozen=True):
    """One open amount of a seller: `id` names the entry's line it is, `kind` the row of the statement it stands in."""

    id: str
    amount_minor: int
    kind: str


class Composition(Struct, frozen=True):
    """The lines a payout settles and what they come to, or why there is none.

    `carried_minor` stays owed; `why` says what holds it, for the seller to read.
    """

    party: str
    currency: str
    verdict: PayoutVerdict
    amount_minor: int
    lines: tuple[PayoutLine, ...]
    carried_minor: int
    why: str


class PayoutTerms(Struct, frozen=True):
    """Fees that come out of the balance itself: basis points of what arrives, fixed amounts in minor units."""

    account_fee_minor: int = 0
    basis_points: int = 0
    fixed_minor: int = 0
    cross_border_basis_points: int = 0


class Instruction(Struct, frozen=True, omit_defaults=True):
    """One payout in a payment file. `end_to_end` comes back on the bank statement and must be unique in the file."""

    end_to_end: str
    amount_minor: int
    currency: str
    account: PayoutAccount
    remittance: str = ""
    town: str = ""
    country: str = ""
    company: bool = False


class PaymentFile(Struct, frozen=True, omit_defaults=True):
    """Payouts that go to the bank in one file, out of one account. `id` makes a file that is sent twice one file."""

    id: str
    created_at: datetime
    execute_on: date
    debtor: PayoutAccount
    instructions: tuple[Instruction, ...]
