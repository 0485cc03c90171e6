"""A marketplace's sellers in a made-up month: who owns what, what is charged, and what each must be owed at its end.

Added up from the causes alone: what was ordered, paid, taken back and disputed. A sale counts once its money has come.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from tieout.model.account import Role
from tieout.model.bucket import Bucket
from tieout.model.money import split_by_weight
from tieout.sandbox import cast
from tieout.sandbox.trade import Edit, GiftPayment, Line, Order, Product, ReturnedLine, Shop, ShopRefund
from tieout.sandbox.trail import Charge, Facts
from tieout.sandbox.truth import ExpectedBalance, Truth

#: Commission in per cent of the price without tax, after discounts.
COMMISSION_PERCENT = 10
#: Of what is released, so much is kept back of these sellers, for so many days.
RESERVE_PERCENT = 10
RESERVE_DAYS = 90
RESERVED = frozenset({"Goldschmiede Fink", "Sattlerei Nordlicht", "Hudson Loom Co."})
#: Sellers who sell together: the partner and its basis points.
PARTNERS = {
    "Linol & Druck": ("Bindewerk Aue", 3_000),
    "Atelier Perlmutt": ("Goldschmiede Fink", 2_500),
    "Hudson Loom Co.": ("Prairie Basketry", 3_333),
}
#: A shop on holiday, and why.
PAUSED = {"Korb Weidner": "On holiday until the middle of November."}
_WHOLE = 10_000
_HUNDRED = 100
_EDITED, _PAID, _BACK = range(3)
#: When, what kind of thing, the thing itself, and by how much it changes what is paid or owed.
_Happening = tuple[datetime, int, Edit | Charge | GiftPayment | ShopRefund, int]


class Owner(Struct, frozen=True):
    """One party's basis points of a listing."""

    party: str
    basis_points: int


class Owed(Struct, frozen=True):
    """What a seller must be owed in a bucket at the end, in minor units."""

    party: str
    bucket: Bucket
    currency: str
    amount_minor: int


def parties() -> dict[str, str]:
    """Every seller and the currency it is paid in."""
    found = dict.fromkeys(cast.SELLERS, "EUR") | dict.fromkeys(cast.US_SELLERS, "USD")
    return {party: currency for party, currency in sorted(found.items()) if party != cast.OWN_BRAND}


def owners(product: Product) -> tuple[Owner, ...]:
    """Who owns a listing, for the whole month."""
    partner = PARTNERS.get(product.seller)
    if partner is None:
        return (Owner(product.seller, _WHOLE),)
    return (Owner(product.seller, _WHOLE - partner[1]), Owner(*partner))


def listings(facts: Facts) -> list[Product]:
    """The goods of sellers."""
    return [one for one in facts.products if one.seller != cast.OWN_BRAND and not one.gift_card]


def released(facts: Facts) -> list[str]:
    """The sales somebody released at the end of the month: those whose money came in its first half."""
    middle = facts.start + timedelta(days=14)
    return [f"order:{sale.order.id}" for sale in _sales(facts) if sale.paid_at is not None and sale.paid_at < middle]


def owed(facts: Facts, *, reserves_ended: bool = False) -> list[Owed]:
    """What each seller must be owed, by bucket, once the sales of `released` are."""
    sums: Counter[tuple[str, Bucket, str]] = Counter()
    free = set(released(facts))
    for sale in _sales(facts):
        if sale.paid_at is None:
            continue
        currency, is_free = sale.order.shop.currency, f"order:{sale.order.id}" in free
        for party, amount in sale.net().items():
            if sale.disputed is None and not sale.lost and is_free:
                kept = (2 * amount * RESERVE_PERCENT + _HUNDRED) // (2 * _HUNDRED) if party in RESERVED else 0
                sums[party, Bucket.AVAILABLE if reserves_ended else Bucket.RESERVE, currency] += kept
                sums[party, Bucket.AVAILABLE, currency] += amount - kept
            else:
                bucket = Bucket.PENDING if sale.disputed is None else Bucket.DISPUTE_HOLD
                sums[party, bucket, currency] += amount
    return [Owed(*key, amount) for key, amount in sorted(sums.items()) if amount]


def with_sellers(truth: Truth, facts: Facts, expected: Iterable[Owed]) -> Truth:
    """The truth of a month's books that know their sellers: what vendors were owed is theirs, less commission."""
    sums: Counter[tuple[Role, str]] = Counter()
    for one in expected:
        sums[one.bucket.role, one.currency] -= one.amount_minor
    for sale in _sales(facts):
        if sale.paid_at is not None:
            currency = sale.order.shop.currency
            sums[Role.COMMISSION_INCOME, currency] -= sale.commission()
            sums[Role.SELLER_PAYABLE, currency] += sale.price()
            sums[Role.CHARGEBACK_LOSSES, currency] -= sale.price() if sale.lost else 0
    balances = list(truth.balances)
    for (role, currency), amount in sums.items():
        before = next((b for b in balances if (b.role, b.currency) == (role, currency)), None)
        if before is not None:
            balances.remove(before)
        there = before.amount_minor if before is not None else 0
        balances.append(ExpectedBalance(role, currency, None, there + amount))
    return msgspec.structs.replace(truth, balances=tuple(balances))


class _Part:
    """A line of a seller's: its commission and its owners' parts, and what is left of each."""

    def __init__(self, line: Line, shop: Shop) -> None:
        self.price = _net(line, shop)
        self.commission = (2 * self.price * COMMISSION_PERCENT + _HUNDRED) // (2 * _HUNDRED)
        shares = sorted(owners(line.product), key=lambda owner: owner.party)
        rest = split_by_weight(self.price - self.commission, [owner.basis_points for owner in shares])
        self.parties = dict(zip([owner.party for owner in shares], rest, strict=True))
        self.back = 0

    def take(self, amount: int) -> None:
        """An amount goes back, of commission and owners by what each has left."""
        if not amount:
            return
        owned = sum(self.parties.values())
        fee, rest = split_by_weight(amount, [self.commission, owned])
        self.commission -= fee
        self.back += amount
        if rest:
            parts = split_by_weight(rest, list(self.parties.values()))
            self.parties = {p: left - part for (p, left), part in zip(self.parties.items(), parts, strict=True)}


class _Sale:
    """An order as far as it is sellers': when its money had come, and what came back."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.parts: dict[int, _Part] = {}
        self.paid_at: datetime | None = None
        self.disputed: str | None = None
        self.lost = False

    def add(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if line.product.seller != cast.OWN_BRAND and not line.product.gift_card:
                self.parts[line.id] = _Part(line, self.order.shop)

    def take(self, back: Iterable[ReturnedLine]) -> None:
        for one in back:
            if one.line.id in self.parts:
                self.parts[one.line.id].take(_net(one, self.order.shop))

    def play(self, happened: Iterable[_Happening]) -> None:
        """Goes through what happened; the sale counts from when all was paid that was owed by then."""
        self.add(self.order.lines)
        due, paid = self.order.total_minor, 0
        for at, rank, what, amount in happened:
            paid, due = (paid + amount, due) if rank == _PAID else (paid, due + amount)
            if isinstance(what, Edit):
                self.add(what.added)
                self.take(what.removed)
            elif isinstance(what, ShopRefund):
                self.take(what.lines)
            if self.paid_at is None and paid >= due and paid > 0:
                self.paid_at = max(at, self.order.placed_at)

    def lose(self) -> None:
        """A dispute is lost: all of it goes back, and the gateway's loss is the sellers' and the platform's."""
        self.lost = True
        for part in self.parts.values():
            part.commission, part.parties = 0, {}

    def net(self) -> dict[str, int]:
        sums: Counter[str] = Counter()
        for part in self.parts.values():
            sums.update(part.parties)
        return dict(sums)

    def commission(self) -> int:
        return sum(part.commission for part in self.parts.values())

    def price(self) -> int:
        """What vendors had been owed for it, and are not any more."""
        return sum(part.price - part.back for part in self.parts.values())


def _net(priced: Line | ReturnedLine, shop: Shop) -> int:
    return priced.net_minor - priced.tax_minor if shop.taxes_included else priced.net_minor


def _sales(facts: Facts) -> Iterator[_Sale]:
    """Every booked order, played through in the order of time."""
    happened = _happened(facts)
    disputes = {one.charge.order.id: one for one in facts.disputes if one.charge.order is not None}
    for order in facts.orders:
        if order.id in facts.lost_orders or order.misstated_minor:
            continue
        sale = _Sale(order)
        sale.play(sorted(happened.get(order.id, []), key=lambda one: one[:2]))
        dispute = disputes.get(order.id)
        if dispute is not None and dispute.won is None:
            sale.disputed = dispute.id
        elif dispute is not None and dispute.won is False:
            sale.lose()
        yield sale


def _happened(facts: Facts) -> dict[int, list[_Happening]]:
    """What happened to each order: edits before money, and money before refunds of the same moment."""
    found: dict[int, list[_Happening]] = {}
    for edit in facts.edits:
        found.setdefault(edit.order.id, []).append((edit.at, _EDITED, edit, edit.delta_minor))
    for charge in facts.charges:
        if charge.order is not None and charge.captured_at is not None:
            found.setdefault(charge.order.id, []).append((charge.captured_at, _PAID, charge, charge.captured_minor))
    for payment in facts.gift_payments:
        found.setdefault(payment.order.id, []).append((payment.at, _PAID, payment, payment.amount_minor))
    for refund in facts.shop_refunds:
        found.setdefault(refund.order.id, []).append((refund.at, _BACK, refund, -refund.total_minor))
    return found
