"""The story of one order, and the other things that can happen to sellers' money, as entries."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import msgspec

from tests.settlement.orders import MARKET, TEN
from tieout.masterdata.chart import accounts_of_source, common_accounts, read_chart
from tieout.model.account import Account, Role
from tieout.model.bucket import Bucket, ReservePlan
from tieout.model.entry import Entry, EntryDraft
from tieout.model.settlement import Part, Quote, Refund, RefundLine
from tieout.settlement.bucket import Release, release
from tieout.settlement.journal import (
    Occasion,
    Postings,
    Step,
    captured,
    charged,
    converted,
    dispute_lost,
    entry,
    refunded,
    released,
    step,
    together,
)
from tieout.settlement.quote import quote

FIRST_DAY = date(2026, 10, 1)
CHARGE = "charge:ch_1"
Event = tuple[str, str, Postings]

#: One unit of line 1 comes back; line 2 is disputed.
TAKEN_BACK = (Refund(lines=(RefundLine(1, quantity=1),)), Refund(lines=(RefundLine(2, Part.LINE),)))
SPLIT = quote(msgspec.structs.replace(MARKET, refunds=TAKEN_BACK), TEN)


def chart() -> dict[str, Account]:
    """The marketplace's chart with one gateway and one bank."""
    found = read_chart("marketplace")
    rows = [
        *common_accounts(found),
        *accounts_of_source(found, ["gateway", "disputed"], "stripe", "stripe"),
        *accounts_of_source(found, ["bank"], "bank", "camt"),
    ]
    return {
        row.code: Account(number, row.code, row.name, row.type, row.role, clearing=row.clearing)
        for number, row in enumerate(rows, start=1)
    }


def roles(accounts: Mapping[str, Account]) -> Callable[[Role], str | None]:
    by_role = {account.role: account.code for account in accounts.values()}
    return by_role.get


def entries(events: list[Event], currency: str = "USD") -> list[Entry]:
    """Events as entries, a day each."""
    account_for = roles(chart())
    made: list[Entry] = []
    for number, (name, why, postings) in enumerate(events, start=1):
        day = FIRST_DAY + timedelta(days=number - 1)
        at = datetime.combine(day, time(12), UTC)
        occasion = Occasion(name, why, f"story:{number}", f"{number}. {why}", currency, day, at)
        made.append(Entry(number, entry(occasion, postings, account_for), at, b""))
    return made


def drafts(events: list[Event]) -> list[EntryDraft]:
    return [made.draft for made in entries(events)]


def took(which: Step, amounts: Mapping[str, int] | int, item: str | None = CHARGE) -> Event:
    return which.value, which.meaning, step(which, amounts, item)


def releases(split: Quote, plans: Mapping[str, ReservePlan]) -> dict[str, Release]:
    return {
        party: release(amount, amount, plans.get(party, ReservePlan()), 0, FIRST_DAY)
        for party, amount in split.totals.sellers_minor.items()
    }


def order_to_return(split: Quote, dispute_fee: int = 1500, reserve: str = "10") -> list[Event]:
    """Capture, fee, settlement, release with a reserve, a refund, a dispute lost, a payout that comes back."""
    refund, dispute = split.refunds
    disputed = {party: -amount for party, amount in dispute.totals.sellers_minor.items()}
    plans = {"A": ReservePlan(percent=Decimal(reserve), days=90)}
    freed = releases(split, plans)
    payout = {"A": freed["A"].available_minor + refund.totals.sellers_minor["A"]}
    fee = split.gateway_fee_minor
    return [
        ("captured", "A sale was captured.", captured(split.legs, split.tenders_minor, CHARGE)),
        took(Step.FEE_TAKEN, fee),
        took(Step.SETTLED, split.totals.buyer_minor - fee),
        ("released", "A sale was released; a tenth of A's is kept back.", released(freed)),
        ("refunded", "One of two came back.", refunded(refund, {}, "refund:re_1")),
        (
            "disputed",
            "A buyer disputed a line; the gateway took it back with a fee.",
            together(
                [
                    *step(Step.DISPUTED, -dispute.totals.buyer_minor, "dispute:dp_1"),
                    *step(Step.DISPUTE_FEE, dispute_fee, "dispute:dp_1"),
                ]
            ),
        ),
        took(Step.HELD, disputed),
        ("dispute_lost", "The dispute was lost.", dispute_lost(dispute, "dispute:dp_1")),
        took(Step.FEE_RECHARGED, {"B": dispute_fee}),
        took(Step.SUBMITTED, payout),
        took(Step.CONFIRMED, payout),
        took(Step.CAME_BACK, payout),
        took(Step.FAILED, payout),
        took(Step.RESERVE_RELEASED, {"A": freed["A"].reserve_minor}),
    ]


def other_events() -> list[Event]:
    """What the story has no room for."""
    card = msgspec.structs.replace(MARKET, tenders_minor={"gift_card": 2000})
    paid_by_card = quote(card, TEN)
    by_sellers = quote(
        msgspec.structs.replace(card, discounts=(msgspec.structs.replace(MARKET.discounts[0], funded_by={}),)), TEN
    )
    return [
        took(Step.GIFT_CARD_SOLD, 5000),
        ("captured", "A sale was captured, in part by a gift card.",
         captured(paid_by_card.legs, paid_by_card.tenders_minor, CHARGE)),
        ("captured", "A sale was captured whose coupon the sellers pay.",
         captured(by_sellers.legs, {"gateway": by_sellers.totals.buyer_minor}, CHARGE)),
        took(Step.LAPSED, 3000),
        took(Step.DISPUTED, 3348, "dispute:dp_2"),
        took(Step.HELD, {"B": 1890, "C": 810}),
        took(Step.REINSTATED, 3348, "dispute:dp_2"),
        took(Step.UNHELD, {"B": 1890, "C": 810}),
        ("refunded", "A refund drew on the seller's own reserve first.",
         refunded(SPLIT.refunds[0], {"A": {Bucket.RESERVE: 510, Bucket.AVAILABLE: 1740}}, "refund:re_2")),
        took(Step.PRESENTED, {"B": 1500}),
        took(Step.UNPRESENTED, {"B": 1500}),
        took(Step.COLLECTED, {"B": 1500}),
        took(Step.PRESENTED, {"C": 700}),
        took(Step.WRITTEN_OFF, {"C": 700}),
        took(Step.GOODWILL_PAID, 500),
        took(Step.GOODWILL_CREDITED, 500),
        took(Step.GOODWILL_OF_SELLER, {"A": 500}),
        ("charged", "The month's fee of a seller, with VAT.", charged("A", 999, 210)),
        took(Step.CREDITED, {"A": 300}),
        took(Step.CHARGED, {"A": 100}),
        ("converted", "A payout in another currency was submitted.", converted("A", 8534, 8500)),
        took(Step.CONFIRMED, {"A": 8500}),
        took(Step.ROUNDED, 1),
    ]  # fmt: skip
