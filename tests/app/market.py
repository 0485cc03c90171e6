"""A small marketplace for tests: sellers, a vendor's goods of theirs, and ways to look at what they are owed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.app import house
from tests.connectors.shopify import objects as shopify
from tieout.app import Tieout
from tieout.app.acting import Act
from tieout.model.commission import FeeRule, FeeRules
from tieout.model.ownership import Ownership, Share
from tieout.model.seller import Seller
from tieout.settlement.act import ActReason

TEN = FeeRules(commission=(FeeRule("all", percent=Decimal(10)),))
FREE = FeeRules()
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
PARTIES = ("anna", "bo")
Buckets = dict[tuple[str, str], int]


@contextmanager
def opened(url: str, home: Path) -> Iterator[Tieout]:
    """The house's books with two sellers and ten per cent commission."""
    with house.open_house(url, home) as app:
        app.add_seller(Seller("anna", "Anna Ahrens", "EUR"), reason="Her contract.", actor=house.ANNA)
        app.add_seller(Seller("bo", "Bo Berg", "EUR"), reason="His contract.", actor=house.ANNA)
        app.publish_fee_rules(TEN, reason="A beginning.", actor=house.ANNA)
        yield app


def own(app: Tieout, listing: str = "LADLE", since: datetime = BEGIN, **shares: int) -> None:
    """Lets a listing be owned by these, in basis points."""
    parts = tuple(Share(party, points) for party, points in shares.items())
    app.own_listing(Ownership(listing, parts, since), actor=house.ANNA)


def ladle(quantity: int = 2) -> dict[str, Any]:
    """Ladles at 24.50 of the vendor Linde."""
    return shopify.line("24.50", quantity, vendor="Linde", sku="LADLE")


def order(number: int = 1088) -> dict[str, Any]:
    """Two ladles."""
    return {"order": shopify.order("49.00", ladle(), id=number, name=f"#{number}")}


def refund(number: int = 9001, amount: str = "24.50", order_id: int = 1088) -> dict[str, Any]:
    """One ladle comes back."""
    line = shopify.refunded(amount, "0.00", ladle())
    return {"refund": shopify.refund(line, order_id=order_id, id=number)}


def buckets(app: Tieout, *parties: str) -> Buckets:
    """What sellers are owed, by seller and bucket."""
    return {
        (party, owed.bucket.value): owed.amount_minor
        for party in parties or PARTIES
        for owed in app.seller_balance(party)
    }


def settlement(app: Tieout) -> list[tuple[str, list[tuple[str, int]]]]:
    """The entries of settlement, oldest first: their rule, and account and party with the amount of each line."""
    return [
        (
            view.entry.draft.rule_id.removeprefix("settlement."),
            [(" ".join(filter(None, (line.account, line.party))), line.amount_minor) for line in view.lines],
        )
        for view in reversed(app.journal(limit=500))
        if view.entry.draft.rule_id.startswith("settlement.")
    ]


def charge(party: str, amount: int) -> Act:
    """A fee of a seller."""
    day = house.DAY
    return Act(f"fee of {party}", "fee_charged", amount, "EUR", day, ActReason.FEE_SCHEDULE, "The month's fee.", party)
