"""The demonstration's sellers: who they are in the books, and whether each is owed what the made-up month says."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from tieout.app import Tieout
from tieout.model.bucket import Bucket, ReservePlan
from tieout.model.commission import FeeRule, FeeRules
from tieout.model.entity import Actor
from tieout.model.money import display
from tieout.model.ownership import Ownership, Share
from tieout.model.seller import PayoutAccount, ReleaseBy, ReleaseRule, Seller, SettlementPolicy
from tieout.sandbox import cast, sellers
from tieout.sandbox.trade import Product
from tieout.sandbox.trail import Facts

MARKET = Actor("market", "person")
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_WAIT_SECONDS = 0.05


def open_market(app: Tieout, facts: Facts) -> None:
    """Sellers with their accounts, who owns what, what is charged, and when it is released: when somebody says so."""
    app.publish_settlement_policy(
        SettlementPolicy(release=ReleaseRule(ReleaseBy.EVENT)), reason="We release by hand.", actor=MARKET
    )
    rule = FeeRule("commission", percent=Decimal(sellers.COMMISSION_PERCENT))
    app.publish_fee_rules(FeeRules((rule,)), reason="Ten per cent of the price without tax.", actor=MARKET)
    plan = ReservePlan(percent=Decimal(sellers.RESERVE_PERCENT), days=sellers.RESERVE_DAYS)
    found = [
        _seller(number, party, currency, plan) for number, (party, currency) in enumerate(sellers.parties().items())
    ]
    app.add_sellers(found, reason="Joined the market.", actor=MARKET)
    app.own_listings([_ownership(product) for product in sellers.listings(facts)], actor=MARKET)


def _seller(number: int, party: str, currency: str, plan: ReservePlan) -> Seller:
    if currency == "EUR":
        account = PayoutAccount(party, iban=cast.iban("DE", f"82099999{4711000000 + number:010d}"))
    else:
        account = PayoutAccount(party, routing="021000021", number=f"{900_000 + number}")
    return Seller(
        party, party, currency, country="DE" if currency == "EUR" else "US", account=account, company=True,
        paused=sellers.PAUSED.get(party, ""), reserve=plan if party in sellers.RESERVED else None,
    )  # fmt: skip


def _ownership(product: Product) -> Ownership:
    shares = tuple(Share(owner.party, owner.basis_points) for owner in sellers.owners(product))
    return Ownership(product.sku, shares, _BEGIN, reason="As agreed.")


def release_first_half(app: Tieout, facts: Facts) -> None:
    """Releases the first half of the month on its last day, and waits until that is booked, whoever does it."""
    last = facts.end - timedelta(hours=12)
    app.release_sales(sellers.released(facts), at=last, reason="The first half of the month.", actor=MARKET)
    while app.releases_due():
        app.release_due()
        time.sleep(_WAIT_SECONDS)


def expected(facts: Facts) -> list[sellers.Owed]:
    """What each seller must be owed now: a reserve may have ended since the month was played."""
    until = facts.end.date() - timedelta(days=1) + timedelta(days=sellers.RESERVE_DAYS)
    return sellers.owed(facts, reserves_ended=datetime.now(UTC).date() >= until)


def compared(app: Tieout, wanted: list[sellers.Owed]) -> Iterator[str]:
    """What each seller is owed by the books and should not be, in sentences."""
    truth = {(one.party, one.bucket, one.currency): one.amount_minor for one in wanted}
    held = {
        (party, owed.bucket, owed.currency): owed.amount_minor
        for party in sellers.parties()
        for owed in app.seller_balance(party)
    }
    for party, bucket, currency in sorted({*truth, *held}):
        is_, must = held.get((party, bucket, currency), 0), truth.get((party, bucket, currency), 0)
        if is_ != must:
            is_text, must_text = display(is_, currency), display(must, currency)
            yield f"{party} is owed {is_text} {currency} ({bucket.value}) and should be {must_text} {currency}"


def summary(wanted: list[sellers.Owed]) -> str:
    """One sentence: how many sellers are owed what, by bucket."""
    sums: dict[tuple[str, Bucket], int] = {}
    for one in wanted:
        sums[one.currency, one.bucket] = sums.get((one.currency, one.bucket), 0) + one.amount_minor
    parts = [f"{display(amount, c)} {c} {b.value.replace('_', ' ')}" for (c, b), amount in sorted(sums.items())]
    return f"{len({one.party for one in wanted})} sellers are owed {', '.join(parts)}."
