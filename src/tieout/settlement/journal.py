"""Settlement's journals: what happens to a seller's money, as balanced entries.

The platform is an agent for sellers' goods (IFRS 15 B34 to B38, ASC 606-10-55-36): its revenue is commission and its
own services, and sellers' money is a liability, by bucket and seller. An amount here is debit positive.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction

import msgspec
from msgspec import Struct

from tieout.model.account import Role
from tieout.model.bucket import Bucket
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import ConfigError
from tieout.model.settlement import Leg, LegKind, Portion
from tieout.model.vocabulary import Word
from tieout.settlement.allocate import allocate, half_up
from tieout.settlement.bucket import Release

_VERSION = 1
_ROLES: Mapping[LegKind, Role] = {
    LegKind.SELLER: Role.SELLER_PENDING,
    LegKind.SELLER_TAX: Role.SELLER_PENDING,
    LegKind.COMMISSION: Role.COMMISSION_INCOME,
    LegKind.FEE: Role.SELLER_FEES,
    LegKind.FEE_TAX: Role.FEE_TAX_PAYABLE,
    LegKind.TAX: Role.TAX_PAYABLE,
    LegKind.CHANNEL_TAX: Role.FACILITATOR_TAX,
    LegKind.SHIPPING: Role.SHIPPING_INCOME,
    LegKind.OWN_SALES: Role.SALES,
    LegKind.GIFT_CARD: Role.GIFT_CARD_LIABILITY,
    LegKind.DISCOUNT: Role.PLATFORM_DISCOUNTS,
}
_OF_SELLERS = frozenset({LegKind.SELLER, LegKind.SELLER_TAX})
#: Where every line belongs to an open item.
_CLEARING = frozenset({Role.GATEWAY, Role.DISPUTED})
_TENDERS = {
    "gateway": Role.GATEWAY,
    "gift_card": Role.GIFT_CARD_LIABILITY,
    "store_credit": Role.STORE_CREDIT_LIABILITY,
}


class Posting(Struct, frozen=True, omit_defaults=True):
    """One line by role: debit positive. `party` on a seller's bucket, `tax` on tax, `item` on a clearing account."""

    role: Role
    amount_minor: int
    party: str | None = None
    tax: str = ""
    item: str | None = None


Postings = tuple[Posting, ...]


class Step(Word):
    """What happens beside sales and refunds: an amount goes from one account to another."""

    debit: Role
    credit: Role

    def __new__(cls, code: str, meaning: str, debit: Role, credit: Role) -> "Step":
        """A step with the account it debits and the one it credits."""
        word = str.__new__(cls, code)
        word._value_ = code
        word.meaning, word.debit, word.credit = meaning, debit, credit
        return word

    FEE_TAKEN = "fee_taken", "The gateway took its fee for a payment.", Role.GATEWAY_FEES, Role.GATEWAY
    SETTLED = "settled", "The gateway paid out to the bank.", Role.BANK, Role.GATEWAY
    RESERVE_RELEASED = "reserve_released", "A reserve came to its end.", Role.SELLER_RESERVE, Role.SELLER_AVAILABLE
    HELD = "held", "A dispute holds what its sellers are owed.", Role.SELLER_AVAILABLE, Role.SELLER_DISPUTE_HOLD
    UNHELD = "unheld", "A dispute no longer holds it.", Role.SELLER_DISPUTE_HOLD, Role.SELLER_AVAILABLE
    DISPUTED = "disputed", "A dispute took the money back for now.", Role.DISPUTED, Role.GATEWAY
    REINSTATED = "reinstated", "A dispute was won; the money came back.", Role.GATEWAY, Role.DISPUTED
    DISPUTE_FEE = "dispute_fee", "The gateway charged for a dispute.", Role.DISPUTE_FEES, Role.GATEWAY
    FEE_RECHARGED = (
        "fee_recharged",
        "A dispute's fee was passed on to the seller.",
        Role.SELLER_AVAILABLE,
        Role.DISPUTE_FEE_RECOVERY,
    )
    SUBMITTED = "submitted", "A payout was given to the bank.", Role.SELLER_AVAILABLE, Role.SELLER_IN_TRANSIT
    CONFIRMED = "confirmed", "The bank booked a payout.", Role.SELLER_IN_TRANSIT, Role.BANK
    FAILED = "failed", "A payout failed; it is owed again.", Role.SELLER_IN_TRANSIT, Role.SELLER_AVAILABLE
    CAME_BACK = "came_back", "A paid payout came back to the bank.", Role.BANK, Role.SELLER_IN_TRANSIT
    PRESENTED = (
        "presented",
        "At the period's end, what sellers owe is shown as such.",
        Role.SELLER_RECEIVABLE,
        Role.SELLER_AVAILABLE,
    )
    UNPRESENTED = "unpresented", "The next day it is netted again.", Role.SELLER_AVAILABLE, Role.SELLER_RECEIVABLE
    COLLECTED = "collected", "A seller paid what it owed.", Role.BANK, Role.SELLER_AVAILABLE
    WRITTEN_OFF = "written_off", "What a seller owes will not come.", Role.SELLER_BAD_DEBT, Role.SELLER_RECEIVABLE
    GOODWILL_PAID = "goodwill_paid", "The platform gave a buyer money.", Role.GOODWILL, Role.GATEWAY
    GOODWILL_CREDITED = (
        "goodwill_credited",
        "The platform gave a buyer store credit.",
        Role.GOODWILL,
        Role.STORE_CREDIT_LIABILITY,
    )
    GOODWILL_OF_SELLER = "goodwill_of_seller", "A seller gave a buyer money.", Role.SELLER_AVAILABLE, Role.GATEWAY
    GIFT_CARD_SOLD = "gift_card_sold", "A gift card was sold.", Role.GATEWAY, Role.GIFT_CARD_LIABILITY
    LAPSED = "lapsed", "A gift card lapsed, where the law lets it.", Role.GIFT_CARD_LIABILITY, Role.BREAKAGE
    CREDITED = "credited", "A person credited a seller.", Role.SELLER_ADJUSTMENTS, Role.SELLER_AVAILABLE
    CHARGED = "charged", "A person charged a seller.", Role.SELLER_AVAILABLE, Role.SELLER_ADJUSTMENTS
    ROUNDED = "rounded", "The gateway rounded.", Role.ROUNDING, Role.GATEWAY


def step(which: Step, amounts: Mapping[str, int] | int, item: str | None = None) -> Postings:
    """One step, of an amount, or of one for each seller. `item` names the open item on clearing accounts."""
    by_party: list[tuple[str | None, int]] = [(None, amounts)] if isinstance(amounts, int) else [*amounts.items()]
    found: list[Posting] = []
    for party, amount in by_party:
        found += [_posting(which.debit, amount, party, item), _posting(which.credit, -amount, party, item)]
    return together(found)


def _posting(role: Role, amount: int, party: str | None, item: str | None) -> Posting:
    of_seller = role.value.startswith("seller_") and role not in (Role.SELLER_FEES, Role.SELLER_ADJUSTMENTS)
    return Posting(role, amount, party if of_seller else None, item=item if role in _CLEARING else None)


def captured(legs: Iterable[Leg], tenders: Mapping[str, int], item: str | None = None) -> Postings:
    """A sale: what the buyer paid by which means, against everybody who gets a part of it."""
    return together([*_money(tenders, item), *(_of_leg(leg, Role.SELLER_PENDING) for leg in legs)])


def accrued(legs: Iterable[Leg], booked: Iterable[Posting]) -> Postings:
    """What is missing between an order as it was booked, without knowing its split, and the split.

    `booked` are the lines of the order's own entries but for the money side, which stays as it is. The two must come
    to the same; raises ConfigError if they do not.
    """
    missing = together([*(_of_leg(leg, Role.SELLER_PENDING) for leg in legs), *_negated(booked)])
    off = sum(posting.amount_minor for posting in missing)
    if off:
        raise ConfigError(
            f"The split and what was booked differ by {off} minor units", where="settlement",
            remedy="Compare the order's tax, shipping and discounts at the shop with those of the split.",
        )  # fmt: skip
    return missing


def refunded(portion: Portion, buckets: Mapping[str, Mapping[Bucket, int]], item: str | None = None) -> Postings:
    """A refund: what everybody gives back, and the money. `buckets` says what of each seller it is drawn on.

    See `tieout.settlement.bucket.draw_on`; a seller it does not name gives back what is available. Own goods come back
    as returns. Fees the platform keeps are charged again in the same entry.
    """
    back = (*portion.legs, *portion.kept)
    return together([*_money(portion.tenders_minor, item), *_given_back(back, buckets)])


def dispute_lost(portion: Portion, item: str | None = None) -> Postings:
    """A dispute is lost: sellers' parts leave their holds, everything else is reversed, the money does not come."""
    back = (*portion.legs, *portion.kept)
    holds = {party: {Bucket.DISPUTE_HOLD: -amount} for party, amount in portion.totals.sellers_minor.items()}
    return together([Posting(Role.DISPUTED, portion.totals.buyer_minor, item=item), *_given_back(back, holds)])


def _given_back(back: Iterable[Leg], buckets: Mapping[str, Mapping[Bucket, int]]) -> list[Posting]:
    """The legs of a refund; a seller's part by the buckets it is drawn on."""
    found: list[Posting] = []
    of_sellers: dict[str, int] = {}
    for leg in back:
        if leg.kind in _OF_SELLERS:
            assert leg.party is not None, "what a seller gives back names the seller"
            of_sellers[leg.party] = of_sellers.get(leg.party, 0) - leg.amount_minor
        elif leg.kind is LegKind.OWN_SALES:
            found.append(Posting(Role.RETURNS, -leg.amount_minor))
        else:
            found.append(_of_leg(leg, Role.SELLER_AVAILABLE))
    for party, amount in of_sellers.items():
        drawn = dict(buckets.get(party, {}))
        found += [Posting(bucket.role, part, party) for bucket, part in drawn.items()]
        found.append(Posting(Role.SELLER_AVAILABLE, amount - sum(drawn.values()), party))
    return found


def released(releases: Mapping[str, Release]) -> Postings:
    """Sales become payable, by seller, less what is kept back."""
    found: list[Posting] = []
    for party, one in releases.items():
        found += [
            Posting(Role.SELLER_PENDING, one.available_minor + one.reserve_minor, party),
            Posting(Role.SELLER_AVAILABLE, -one.available_minor, party),
            Posting(Role.SELLER_RESERVE, -one.reserve_minor, party),
        ]
    return together(found)


def charged(party: str, fee_minor: int, vat_minor: int) -> Postings:
    """A fee beside commission, such as a monthly one, with its VAT, out of what is available."""
    return together(
        [
            Posting(Role.SELLER_AVAILABLE, fee_minor + vat_minor, party),
            Posting(Role.SELLER_FEES, -fee_minor),
            Posting(Role.FEE_TAX_PAYABLE, -vat_minor),
        ]
    )


def converted(party: str, owed_minor: int, paid_minor: int) -> Postings:
    """A payout in another currency is submitted: the difference between what was owed and what goes is the fee."""
    return together(
        [
            Posting(Role.SELLER_AVAILABLE, owed_minor, party),
            Posting(Role.SELLER_IN_TRANSIT, -paid_minor, party),
            Posting(Role.FX_FEES, paid_minor - owed_minor),
        ]
    )


def _money(tenders: Mapping[str, int], item: str | None) -> list[Posting]:
    unknown = sorted(set(tenders) - set(_TENDERS))
    if unknown:
        raise ConfigError(
            f"No account is known for the tender “{unknown[0]}”", where="tenders",
            remedy=f"Use one of: {', '.join(_TENDERS)}.",
        )  # fmt: skip
    return [
        Posting(_TENDERS[name], amount, item=item if name == "gateway" else None) for name, amount in tenders.items()
    ]


def _of_leg(leg: Leg, sellers: Role) -> Posting:
    role = sellers if leg.kind in _OF_SELLERS else _ROLES[leg.kind]
    return Posting(
        role, -leg.amount_minor, leg.party if leg.kind in _OF_SELLERS else None,
        leg.label if leg.kind in (LegKind.TAX, LegKind.CHANNEL_TAX) else "",
    )  # fmt: skip


def posting_of(leg: Leg, *, back: bool = False) -> Posting:
    """Where a leg that is no seller's goes; own goods that come `back` are returns."""
    found = _of_leg(leg, Role.SELLER_PENDING)
    return msgspec.structs.replace(found, role=Role.RETURNS) if back and leg.kind is LegKind.OWN_SALES else found


def _negated(postings: Iterable[Posting]) -> Iterable[Posting]:
    return (msgspec.structs.replace(posting, amount_minor=-posting.amount_minor) for posting in postings)


def together(postings: Iterable[Posting]) -> Postings:
    """Postings of one account and party added up, debits first; nothing that comes to nothing."""
    sums: dict[Posting, int] = {}
    for posting in postings:
        blank = msgspec.structs.replace(posting, amount_minor=0)
        sums[blank] = sums.get(blank, 0) + posting.amount_minor
    found = [msgspec.structs.replace(blank, amount_minor=amount) for blank, amount in sums.items() if amount]
    return tuple(sorted(found, key=lambda posting: posting.amount_minor < 0))


class Occasion(Struct, frozen=True):
    """What an entry is about: the kind of thing that happened and its sentence, its key, memo, currency and times."""

    name: str
    why: str
    key: str
    memo: str
    currency: str
    day: date
    occurred_at: datetime


def entry(
    of: Occasion, postings: Sequence[Posting], account_for: Callable[[Role], str | None], rate: Fraction | None = None
) -> EntryDraft:
    """Postings as an entry ready for the ledger.

    `account_for` gives the account that plays a role; `rate` is base currency per unit, None in base currency: debits
    and credits are each allocated their worth, so that the entry balances there too. Raises ConfigError for a role
    nobody plays.
    """
    assert sum(posting.amount_minor for posting in postings) == 0, f"{of.key} does not balance"
    worth = _worth([posting.amount_minor for posting in postings], rate)
    lines = []
    for posting, base in zip(postings, worth, strict=True):
        account = account_for(posting.role)
        if account is None:
            remedy = "Add one to the chart of accounts."
            raise ConfigError(f"No account plays the role “{posting.role}”", where=of.key, remedy=remedy)
        dimensions = {"tax": posting.tax} if posting.tax else {}
        lines.append(Line(account, of.currency, posting.amount_minor, base, posting.party, posting.item, dimensions))
    return EntryDraft(
        key=of.key,
        effective_date=of.day,
        occurred_at=of.occurred_at,
        lines=tuple(lines),
        memo=of.memo,
        rule_id=f"settlement.{of.name}",
        rule_version=_VERSION,
        why=of.why,
        rate=None if rate is None else f"{rate.numerator}/{rate.denominator}",
    )


def _worth(amounts: Sequence[int], rate: Fraction | None) -> list[int]:
    """Each amount in base currency, so that they sum to nothing there too."""
    if rate is None:
        return list(amounts)
    debits = [max(amount, 0) for amount in amounts]
    total = half_up(sum(debits) * rate)
    plus = allocate(total, debits)
    minus = allocate(-total, [min(amount, 0) for amount in amounts])
    return [a + b for a, b in zip(plus, minus, strict=True)]
