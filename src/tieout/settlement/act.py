"""Acts: what a person does to a seller's balance, or for a buyer, beside sales; and who may do it alone."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from tieout.model.error import BadInput
from tieout.model.seller import SettlementPolicy
from tieout.model.vocabulary import Word
from tieout.settlement.journal import Postings, Step, charged, step


class ActReason(Word):
    """Why somebody acts on a seller's balance or for a buyer."""

    COURTESY = "courtesy", "Goodwill to a buyer, without anybody's fault."
    LATE = "late", "A delivery came late."
    LOST_PACKAGE = "lost_package", "A package was lost."
    DAMAGED = "damaged", "Goods arrived damaged."
    NOT_AS_DESCRIBED = "not_as_described", "Goods were not what was offered."
    CORRECTION = "correction", "Something was booked wrong."
    AGREEMENT = "agreement", "It was agreed with the seller."
    FEE_SCHEDULE = "fee_schedule", "The fee schedule says so."
    GIFT_CARD = "gift_card", "A gift card was sold or lapsed."
    DEBT = "debt", "A seller owes after refunds or disputes."
    UNCOLLECTABLE = "uncollectable", "A seller will not pay what it owes."
    SETTLEMENT = "settlement", "The gateway's own fee, payout or rounding."


#: What people may do, and of these: what only two may do, however little it is, and what is no decision at all.
ALLOWED = frozenset(
    {
        Step.GOODWILL_PAID, Step.GOODWILL_CREDITED, Step.GOODWILL_OF_SELLER, Step.GIFT_CARD_SOLD, Step.LAPSED,
        Step.CREDITED, Step.CHARGED, Step.COLLECTED, Step.WRITTEN_OFF, Step.FEE_TAKEN, Step.ROUNDED,
    }
)  # fmt: skip
_STEPS = {one.value: one for one in Step}
_TWO = frozenset({Step.WRITTEN_OFF})
_FACTS = frozenset({Step.GIFT_CARD_SOLD, Step.COLLECTED, Step.FEE_TAKEN})
_OF_SELLER = frozenset({Step.GOODWILL_OF_SELLER, Step.CREDITED, Step.CHARGED, Step.COLLECTED, Step.WRITTEN_OFF})
_WITH_SOURCE = frozenset(
    {
        Step.GOODWILL_PAID, Step.GOODWILL_OF_SELLER, Step.GIFT_CARD_SOLD, Step.COLLECTED, Step.FEE_TAKEN, Step.ROUNDED,
    }
)  # fmt: skip
FEE = "fee_charged"


class Act(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One act: a step of the journal (or ``fee_charged``), of an amount in minor units, for a reason with a note.

    `extra_minor` is VAT on a fee. `source` is the gateway or bank account whose money moves. `sale` names what it is
    about. The same `key` again is the same act.
    """

    key: str
    step: str
    amount_minor: int
    currency: str
    day: date
    reason: ActReason
    note: str
    party: str | None = None
    sale: str | None = None
    source: str = ""
    extra_minor: int = 0
    evidence: str = ""


def checked(act: Act) -> Act:
    """The act itself, if it makes sense. Raises BadInput."""
    where = f"act {act.key:.80}"
    known = {one.value for one in ALLOWED} | {FEE}
    if act.step not in known:
        raise BadInput(f"“{act.step:.40}” is no act", where=where, remedy=f"Choose: {', '.join(sorted(known))}.")
    if act.amount_minor <= 0 or act.extra_minor < 0:
        raise BadInput("An act is of a positive amount", where=where, remedy="Choose the act for its direction.")
    if not act.note.strip() or not act.key.strip():
        raise BadInput("An act has a key and says why", where=where, remedy="Write a note, in a sentence.")
    of_seller = act.step == FEE or _STEPS[act.step] in _OF_SELLER
    if of_seller != (act.party is not None):
        what = "names a seller" if of_seller else "names no seller"
        raise BadInput(f"“{act.step}” {what}", where=where, remedy="Compare with docs/howto/run-a-marketplace.md.")
    if act.step != FEE and _STEPS[act.step] in _WITH_SOURCE and not act.source:
        raise BadInput("It moves money of a gateway or bank and names none", where=where, remedy="Name the source.")
    if act.extra_minor and act.step != FEE:
        raise BadInput("Only a fee has VAT on it", where=where, remedy="Leave the VAT out.")
    return act


def needs_second(act: Act, policy: SettlementPolicy) -> bool:
    """Whether another person must approve it: always a write-off; else what is over the limit of its kind."""
    if act.step != FEE and _STEPS[act.step] in _TWO:
        return True
    if act.step == FEE or _STEPS[act.step] in _FACTS:
        return False
    limits: Mapping[str, int] = policy.alone_up_to_minor.get(act.step, {})
    return act.amount_minor > limits.get(act.currency, 0)


def postings_of(act: Act, item: str) -> Postings:
    """What an act books."""
    if act.step == FEE:
        assert act.party is not None, "a fee is a seller's"
        return charged(act.party, act.amount_minor, act.extra_minor)
    which = _STEPS[act.step]
    amounts: Mapping[str, int] | int = act.amount_minor
    if act.party is not None:
        amounts = {act.party: act.amount_minor}
    return step(which, amounts, item)


def sentence_of(act: Act) -> str:
    """The rule's sentence for the entry."""
    return "A fee was charged to a seller." if act.step == FEE else _STEPS[act.step].meaning
