"""How orders are paid: charges at once or authorised first, declined attempts, and gift cards."""

from datetime import datetime, timedelta

import msgspec

from tieout.sandbox import cast
from tieout.sandbox.calendar import utc
from tieout.sandbox.dice import Dice, Ids
from tieout.sandbox.fates import Fate
from tieout.sandbox.orders import hours_later
from tieout.sandbox.trade import GiftPayment, Order
from tieout.sandbox.trail import Card, Charge

#: Stripe refuses smaller card payments (documented minimum for EUR and USD).
_CHARGE_MIN_MINOR = 50
#: By how much the shop misstates the total of the order that is wrong on purpose.
_MISSTATED_BY_MINOR = 500


class Till:
    """Takes the payments of one world in the order of time; it knows which gift cards still have money on them."""

    def __init__(self, seed: int, ids: Ids, end: datetime, fates: dict[int, Fate]) -> None:
        self._ids = ids
        self._end = end
        self._fates = fates
        self._dice = Dice(seed, "payments")
        self._cards: list[tuple[int, str, datetime]] = []  # gift card, currency, usable from
        self._left: dict[int, int] = {}
        self.charges: list[Charge] = []
        self.gift_payments: list[GiftPayment] = []

    def take(self, order: Order) -> Order:
        """Pays one order as its fate has it. Returns the order, misstated if that is its fate."""
        fate = self._fates.get(order.id, Fate.PLAIN)
        if fate is Fate.MISSTATED:
            return msgspec.structs.replace(order, misstated_minor=_MISSTATED_BY_MINOR)
        if fate is Fate.UNPAID:
            return order
        due = order.total_minor
        if fate is Fate.PLAIN:
            due -= self._redeem(order)
        if due:
            self.charges += (_with_tax(charge, order) for charge in self._charges(order, due, fate))
        self._sell_gift_cards(order)
        return order

    def _sell_gift_cards(self, order: Order) -> None:
        for line in order.lines:
            if line.product.gift_card:
                card = self._ids.other.next()
                self._cards.append((card, order.shop.currency, order.placed_at + timedelta(days=1)))
                self._left[card] = line.net_minor

    def _redeem(self, order: Order) -> int:
        """Pays with a gift card now and then; returns how much of the order that paid.

        Not where the channel remits the tax: it withholds the tax from what is paid through it.
        """
        usable = [
            card for card, currency, since in self._cards
            if currency == order.shop.currency and since <= order.placed_at and self._left[card]
        ]  # fmt: skip
        if (
            not usable
            or order.channel_liable
            or any(line.product.gift_card for line in order.lines)
            or not self._dice.chance(120)
        ):
            return 0
        card = self._dice.pick(usable)
        amount = min(self._left[card], order.total_minor)
        if 0 < order.total_minor - amount < _CHARGE_MIN_MINOR:
            amount = order.total_minor - _CHARGE_MIN_MINOR
        if amount <= 0:
            return 0
        self._left[card] -= amount
        at = order.placed_at + timedelta(seconds=1)
        self.gift_payments.append(GiftPayment(self._ids.step.next(), order, card, amount, at))
        return amount

    def _charges(self, order: Order, due: int, fate: Fate) -> list[Charge]:
        at = order.placed_at + timedelta(seconds=2)
        if fate is Fate.DECLINED_FIRST:
            before = at - timedelta(seconds=self._dice.between(40, 200))
            return [self.charge(order, due, before, failed=True), self.charge(order, due, at)]
        if fate not in (Fate.AUTHORISED, Fate.CAPTURED_IN_PART, Fate.CANCELLED_UNCAPTURED):
            return [self.charge(order, due, at)]
        charge = self.charge(order, due, at, direct=False)
        if fate is Fate.CANCELLED_UNCAPTURED:
            return [msgspec.structs.replace(charge, ends_at=hours_later(at, self._dice, 3, 20))]
        captured_at = hours_later(utc(at.date(), 8), self._dice, 24, 58)
        if captured_at >= self._end:
            return [charge]
        amount = due
        if fate is Fate.CAPTURED_IN_PART:
            missing = order.lines[-1]
            amount -= missing.net_minor + (0 if order.shop.taxes_included else missing.tax_minor)
        return [msgspec.structs.replace(charge, captured_at=captured_at, captured_minor=amount)]

    def charge(
        self,
        order: Order | None,
        amount_minor: int,
        at: datetime,
        *,
        direct: bool = True,
        failed: bool = False,
        note: str = "",
        account: str = "stripe",
        currency: str = "EUR",
    ) -> Charge:
        """A charge of an order, or of none (then `account` and `currency` say where)."""
        card = Card(
            self._dice.pick(cast.CARD_BRANDS), self._dice.digits(4), order.buyer.country_code if order else "DE"
        )
        captured = direct and not failed
        return Charge(
            id=self._ids.stripe("ch"),
            intent=self._ids.stripe("pi"),
            row_id=self._ids.stripe("txn"),
            account=order.shop.gateway if order else account,
            currency=order.shop.currency if order else currency,
            amount_minor=amount_minor,
            captured_minor=amount_minor if captured else 0,
            authorised_at=at,
            captured_at=at if captured else None,
            card=card,
            order=order,
            shop_ids=(self._ids.step.next(), self._ids.step.next()),
            direct=direct,
            failed=failed,
            note=note,
        )


def _with_tax(charge: Charge, order: Order) -> Charge:
    """The charge of an order with the tax that the gateway withholds of what is captured."""
    if charge.captured_at is None or not order.channel_liable:
        return charge
    left_out = order.lines[-1].tax_minor if charge.captured_minor < charge.amount_minor else 0
    return msgspec.structs.replace(charge, withheld_minor=order.tax_minor - left_out)
