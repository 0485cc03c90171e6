"""Decides what becomes of each order before it happens, so that every world of some size has one of each kind."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from tieout.sandbox.dice import Dice
from tieout.sandbox.trade import Order

#: From this many orders on a world has at least one order of every fate.
_SURE_FROM = 100
#: Within how many days a refund is made and stands in a list of the gateway's rows.
_RETURN_DAYS = 12


class Fate(StrEnum):
    """What becomes of an order after it is placed. The last five are wrong on purpose."""

    PLAIN = "plain"
    AUTHORISED = "authorised"
    CAPTURED_IN_PART = "captured_in_part"
    CANCELLED_UNCAPTURED = "cancelled_uncaptured"
    CANCELLED = "cancelled"
    DECLINED_FIRST = "declined_first"
    REFUNDED = "refunded"
    REFUNDED_IN_PART = "refunded_in_part"
    SHIPPING_REFUNDED = "shipping_refunded"
    EDITED_UP = "edited_up"
    EDITED_DOWN = "edited_down"
    DISPUTE_WON = "dispute_won"
    DISPUTE_LOST = "dispute_lost"
    DISPUTE_OPEN = "dispute_open"
    UNPAID = "unpaid"
    LOST = "lost"
    MISSTATED = "misstated"
    REFUNDED_BY_SHOP_ONLY = "refunded_by_shop_only"


#: Fates that take money out of the gateway's balance again.
_TAKING = frozenset(
    {
        Fate.CANCELLED, Fate.REFUNDED, Fate.REFUNDED_IN_PART, Fate.SHIPPING_REFUNDED, Fate.EDITED_DOWN,
        Fate.DISPUTE_WON, Fate.DISPUTE_LOST, Fate.DISPUTE_OPEN,
    }
)  # fmt: skip


class _Window(Struct, frozen=True):
    """An order and where in the world's time it stands."""

    order: Order
    days_in: int
    days_left: int

    @property
    def ordinary(self) -> bool:
        """Goods only, no tip and no tax the channel remits: changing it needs no special rule."""
        return self.returnable and not self.order.channel_liable

    @property
    def returnable(self) -> bool:
        """Goods only and no tip: all of it can go back, withheld tax while its return can still be told."""
        late = self.order.channel_liable and self.days_left < _RETURN_DAYS
        return not (self.order.tip_minor or self.has_gift_card or late)

    @property
    def taxed_by_channel(self) -> bool:
        """It can go back, and the channel remits its tax."""
        return self.returnable and self.order.channel_liable

    @property
    def has_gift_card(self) -> bool:
        return any(line.product.gift_card for line in self.order.lines)


class _Wish(Struct, frozen=True):
    fate: Fate
    per_mille: int
    least: int
    fits: Callable[[_Window], bool]


def _several_lines(window: _Window) -> bool:
    return window.ordinary and len(window.order.lines) > 1


def _reducible(window: _Window) -> bool:
    return window.ordinary and any(line.quantity > 1 and not line.discounts for line in window.order.lines)


def _divisible(window: _Window) -> bool:
    return window.returnable and sum(line.quantity for line in window.order.lines) > 1


_WISHES = (
    _Wish(Fate.REFUNDED, 2, 1, lambda w: w.taxed_by_channel),
    _Wish(Fate.REFUNDED_IN_PART, 2, 1, lambda w: w.taxed_by_channel and _divisible(w)),
    _Wish(Fate.DISPUTE_LOST, 1, 1, lambda w: w.days_in <= 10 and w.taxed_by_channel),
    _Wish(Fate.DISPUTE_WON, 3, 1, lambda w: w.days_in <= 10 and w.ordinary),
    _Wish(Fate.DISPUTE_LOST, 3, 1, lambda w: w.days_in <= 10 and w.ordinary),
    _Wish(Fate.DISPUTE_OPEN, 3, 1, lambda w: w.days_in >= 6 and w.days_left >= 10 and w.ordinary),
    _Wish(Fate.EDITED_UP, 12, 1, lambda w: w.days_left >= 4 and w.ordinary),
    _Wish(Fate.EDITED_DOWN, 8, 1, lambda w: w.days_left >= 4 and _reducible(w)),
    _Wish(Fate.CANCELLED_UNCAPTURED, 8, 1, lambda w: w.days_left >= 2 and w.ordinary),
    _Wish(Fate.CANCELLED, 6, 1, lambda w: w.days_left >= 4 and w.returnable),
    _Wish(Fate.CAPTURED_IN_PART, 4, 1, lambda w: w.days_left >= 4 and _several_lines(w)),
    _Wish(Fate.SHIPPING_REFUNDED, 10, 1, lambda w: w.ordinary and w.order.shipping_minor > 0),
    _Wish(Fate.REFUNDED_IN_PART, 38, 1, _divisible),
    _Wish(Fate.REFUNDED, 22, 1, lambda w: w.returnable),
    _Wish(Fate.DECLINED_FIRST, 20, 1, lambda w: w.order.total_minor > 0),
    _Wish(Fate.AUTHORISED, 90, 1, lambda w: w.order.channel == "web"),
)

_WRONG = (
    _Wish(Fate.UNPAID, 0, 1, lambda w: w.days_in <= 9 and w.ordinary),
    _Wish(Fate.LOST, 0, 1, lambda w: 2 <= w.days_in <= 14 and w.ordinary),
    _Wish(Fate.MISSTATED, 0, 1, lambda w: w.days_in >= 8 and w.days_left >= 4 and w.ordinary),
    _Wish(Fate.REFUNDED_BY_SHOP_ONLY, 0, 1, lambda w: w.days_in <= 10 and w.days_left >= 12 and w.ordinary),
)


def decide(
    orders: list[Order], start: datetime, end: datetime, seed: int, *, clean: bool, calm: frozenset[str] = frozenset()
) -> dict[int, Fate]:
    """The fate of each order by its number; what is not named is PLAIN. A clean world has nothing wrong in it.

    `calm` names gateways from whose balance no order takes money out again.
    """
    dice = Dice(seed, "fates")
    windows = [_Window(o, (o.placed_at - start).days, (end - o.placed_at).days) for o in orders]
    fates: dict[int, Fate] = {}
    for wish in (() if clean else _WRONG) + _WISHES:
        count = (len(orders) * wish.per_mille + dice.below(1000)) // 1000
        if not wish.per_mille or len(orders) >= _SURE_FROM:
            count = max(count, wish.least)
        if wish.fate is Fate.UNPAID and len(orders) >= 3 * _SURE_FROM:
            count = 2
        quiet = calm if wish.fate in _TAKING else frozenset()
        open_to_it = [w for w in windows if w.order.shop.gateway not in quiet and wish.fits(w)]
        free = [w.order.id for w in open_to_it if w.order.id not in fates]
        fates.update(dict.fromkeys(dice.some(free, count), wish.fate))
    return fates
