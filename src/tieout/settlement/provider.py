"""A split as payment providers want to hear it: transfers to sellers, split legs of a payment, invoices both ways."""

from collections.abc import Mapping
from typing import NamedTuple

from tieout.model.settlement import Totals

PLATFORM = "platform"


class Transfers(NamedTuple):
    """A charge that stays with the platform, what goes on to each seller, and what is kept of it."""

    to_sellers: Mapping[str, int]
    platform_keeps_minor: int


def transfers(totals: Totals) -> Transfers:
    """One transfer for each seller that is owed something (separate charges and transfers).

    What the platform keeps includes tax it has to remit and what it owes on gift cards.
    """
    owed = {party: amount for party, amount in totals.sellers_minor.items() if amount > 0}
    return Transfers(owed, totals.buyer_minor - totals.channel_tax_minor - sum(owed.values()))


class SplitLeg(NamedTuple):
    """A leg of a split payment. The provider puts the amount of its own fee in; it is then borne by the account."""

    kind: str
    account: str
    amount_minor: int | None


def split_legs(totals: Totals, fee_borne_by: str = PLATFORM) -> list[SplitLeg]:
    """The legs of one payment: each seller's part, the platform's, and whose account the provider's fee is for.

    The legs with an amount come to the payment. A seller's part below nothing is left to the platform to collect.
    """
    sent = transfers(totals)
    legs = [SplitLeg("seller", party, amount) for party, amount in sent.to_sellers.items()]
    return [*legs, SplitLeg("commission", PLATFORM, sent.platform_keeps_minor), SplitLeg("fee", fee_borne_by, None)]


class Invoice(NamedTuple):
    """A billing cycle as transfers: what the seller owes the platform, what the platform owes it, and the payout."""

    from_seller: list[int]
    to_seller: list[int]
    payout_minor: int


def invoice(payout_minor: int, items: Mapping[str, int]) -> Invoice:
    """Turns signed items of a cycle (charges to the seller negative, credits positive) into transfers both ways."""
    charges = [-amount for amount in items.values() if amount < 0]
    return Invoice(charges, [amount for amount in items.values() if amount > 0], payout_minor)
