"""Payouts: the states money goes through between a balance and a bank account."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

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
    NO_RAIL = "no_rail", "No rail takes the currency, or the account is none that one could pay to."
    NO_PROFILE = "no_profile", "Money is owed to somebody nobody has described."


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


class RailKind(StrEnum):
    """How money reaches a seller: in a file for the bank, or through a provider."""

    SEPA = "sepa"
    NACHA = "nacha"
    CSV = "csv"
    STRIPE = "stripe"
    PAYPAL = "paypal"
    WISE = "wise"

    @property
    def by_file(self) -> bool:
        """Whether a person carries a file to the bank."""
        return self in (RailKind.SEPA, RailKind.NACHA, RailKind.CSV)


class Rail(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One way to pay sellers: what it takes, and out of which account.

    `secret` names the environment variable that holds a provider's key. `funded_from` is the account of the books a
    provider takes the money from, credited when it says that it paid; without one, the bank's statement says so.
    `unit_minor` is what a currency is paid in whole units of, where a provider does.
    """

    name: str
    kind: RailKind
    currencies: tuple[str, ...]
    account: PayoutAccount | None = None
    version: str = ""
    bank_name: str = ""
    company_id: str = ""
    url: str = ""
    secret: str = ""
    profile: str = ""
    funded_from: str = ""
    unit_minor: Mapping[str, int] = {}
    timeout_seconds: int = 20


class Tier(Struct, frozen=True, forbid_unknown_fields=True):
    """How many people must approve a payout of `from_minor` or more."""

    currency: str
    from_minor: int
    approvals: int


class Screening(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Who is asked whether a name is on a sanctions list, how long, and whether silence holds the payout."""

    url: str
    timeout_seconds: int = 5
    silence_holds: bool = True


class PayoutPolicy(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How sellers are paid. A payout goes by the first rail that takes its currency and the seller's account.

    `run_tiers` are for payouts of a run, which need no approval below them; `tiers` for those a person makes, which
    always need one. `maximum_minor` bounds one payout, by currency. What failed is tried `attempts_max` times in all,
    if it failed for one of `retry_codes`; anything else is held.
    """

    rails: tuple[Rail, ...] = ()
    run_tiers: tuple[Tier, ...] = ()
    tiers: tuple[Tier, ...] = ()
    maximum_minor: Mapping[str, int] = {}
    screening: Screening | None = None
    attempts_max: int = 3
    retry_codes: tuple[str, ...] = ("provider_away", "insufficient_funds", "AM04", "MS03")
    runs_daily: bool = False

    def approvals(self, amount_minor: int, currency: str, *, by_person: bool) -> int:
        """How many people must approve a payout of this amount."""
        tiers = self.tiers if by_person else self.run_tiers
        fitting = [t.approvals for t in tiers if t.currency == currency and t.from_minor <= amount_minor]
        return max([*fitting, 1 if by_person else 0])


class Payout(Struct, frozen=True):
    """A payout as recorded. `name` is its public id; `end_to_end` is what the bank's statement calls it."""

    id: int
    name: str
    run: int | None
    party: str
    currency: str
    amount_minor: int
    rail: str
    account: PayoutAccount
    execute_on: date
    end_to_end: str
    remittance: str
    reason: str
    approvals_needed: int
    made_by: str
    made_at: datetime
    state: PayoutState
    steps: int
    changed_at: datetime


class PayoutStep(Struct, frozen=True):
    """A row of a payout's history: from where to where, why, by whom, and what was booked with it."""

    payout: int
    seq: int
    from_state: PayoutState
    to_state: PayoutState
    reason: str
    detail: str
    actor: str
    at: datetime
    entry_id: int | None
    attempt_no: int | None


class Decision(Struct, frozen=True):
    """What a run says to a seller in a currency. What is carried stays owed."""

    party: str
    currency: str
    verdict: PayoutVerdict
    owed_minor: int
    amount_minor: int
    carried_minor: int
    why: str
    payout: str | None = None


class Outcome(Word):
    """What came of giving a payout to a bank or provider."""

    ACCEPTED = "accepted", "It was taken; more will be heard."
    SENT = "sent", "It is on its way."
    PAID = "paid", "It arrived."
    FAILED = "failed", "It was refused, or did not arrive."
    RETURNED = "returned", "It came back after it was paid."
    UNKNOWN = "unknown", "Nobody knows; it is looked up before anything is tried again."


class Answer(Struct, frozen=True):
    """What a provider says of an attempt: the outcome, its own name for it, and a code and sentence if it failed."""

    outcome: Outcome
    provider_ref: str = ""
    code: str = ""
    detail: str = ""


class StoredFile(Struct, frozen=True):
    """A payment file as it is kept: its name, hash and how often it was taken."""

    id: int
    name: str
    rail: str
    format: str
    message_id: str
    currency: str
    payouts: int
    total_minor: int
    sha256: str
    made_by: str
    made_at: datetime
    exports: int
