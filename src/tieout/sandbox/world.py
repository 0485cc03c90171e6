"""A seeded month of commerce: from the options of a world to everything that happened in it, as facts.

The chain is causal: orders lead to payments, payments to refunds and disputes, these to rows of the gateway's balance,
rows to payouts, payouts to lines on a bank statement. Nothing is drawn to fit a total.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property

import msgspec
from msgspec import Struct

from tieout.sandbox import cast, oddities
from tieout.sandbox.aftersales import Desk
from tieout.sandbox.bank import BankAccount, Mishaps
from tieout.sandbox.calendar import business_days, next_month, utc
from tieout.sandbox.dice import Dice, Ids
from tieout.sandbox.fates import Fate, decide
from tieout.sandbox.gateway import GatewayAccount
from tieout.sandbox.orders import Market
from tieout.sandbox.payments import Till
from tieout.sandbox.trade import Order, RefundStep, ReturnedLine, ShopRefund
from tieout.sandbox.trail import Facts, GatewayRefund, Oddity, Payout, Rate, Statement

#: The share of orders placed in the American shop.
_US_PER_MILLE = 120
#: Units of the dollar for one euro about which the rates of a world move, in ten-thousandths.
_USD_TEN_THOUSANDTHS = 10_840


class World(Struct, frozen=True, dict=True):
    """The options of a world; equal options give equal bytes.

    `month` is any day of the month played. `orders` counts those of all shops together. A `clean` world has nothing
    wrong in it: no exception should come of it. `opening_minor` is what is on each bank account at the start.
    """

    seed: int = 20261001
    month: date = date(2026, 10, 1)
    orders: int = 600
    clean: bool = False
    opening_minor: int = 0

    @cached_property
    def facts(self) -> Facts:
        """Everything that happened, worked out once."""
        return _simulate(self)


class _Trade(Struct, frozen=True):
    """What happened between shops and buyers."""

    ids: Ids
    market: Market
    orders: list[Order]
    fates: dict[int, Fate]
    till: Till
    desk: Desk


def _simulate(world: World) -> Facts:
    """Plays the month, again if need be.

    A balance too small to bear what goes out of it would stay below nil for weeks, which no payout schedule explains.
    Then nothing goes out of it, and the month is played anew.
    """
    first = world.month.replace(day=1)
    start, end = utc(first), utc(next_month(first))
    calm: frozenset[str] = frozenset()
    while True:
        trade = _trade(world, start, end, calm)
        accounts = _accounts(world, trade, start, end, calm)
        stuck = frozenset(source for source, account in accounts.items() if account.is_stuck())
        if stuck <= calm:
            return _facts(world, trade, list(accounts.values()), start, end)
        calm |= stuck


def _trade(world: World, start: datetime, end: datetime, calm: frozenset[str]) -> _Trade:
    ids = Ids(world.seed)
    market = Market(world.seed, ids)
    placed = _orders(world, market, start, end)
    fates = decide(placed, start, end, world.seed, clean=world.clean, calm=calm)
    till = Till(world.seed, ids, end, fates)
    orders = [till.take(order) for order in placed]
    desk = Desk(world.seed, ids, end, market, till, cast.GATEWAYS)
    paid = {charge.order.id: charge for charge in till.charges if charge.order and not charge.failed}
    for order in orders:
        if order.id in paid:
            desk.serve(order, paid[order.id], fates.get(order.id, Fate.PLAIN))
    if not world.clean:
        _odd_payments(ids, market, till, desk, start)
    return _Trade(ids, market, orders, fates, till, desk)


def _facts(world: World, trade: _Trade, accounts: Sequence[GatewayAccount], start: datetime, end: datetime) -> Facts:
    orders, till, desk = trade.orders, trade.till, trade.desk
    payouts, statements, bank_oddities = _banks(world, accounts, start, end)
    wrong = [
        *oddities.of_orders(orders, trade.fates, till.charges),
        *oddities.of_refunds(desk.shop_refunds, frozenset(order.id for order in orders)),
        *oddities.of_rows(row for account in accounts for row in account.rows),
        *bank_oddities,
    ]
    return Facts(
        start=start,
        end=end,
        shops=cast.SHOPS,
        gateways=cast.GATEWAYS,
        banks=cast.BANKS,
        products=trade.market.all_products(),
        orders=tuple(orders),
        charges=tuple(sorted(till.charges, key=lambda c: (c.authorised_at, c.id))),
        gift_payments=tuple(till.gift_payments),
        shop_refunds=tuple(sorted(desk.shop_refunds, key=lambda r: (r.at, r.id))),
        gateway_refunds=tuple(sorted(desk.gateway_refunds, key=_refund_order)),
        edits=tuple(sorted(desk.edits, key=lambda e: (e.at, e.id))),
        cancellations=tuple(sorted(desk.cancellations, key=lambda c: (c.at, c.order.id))),
        disputes=tuple(sorted(desk.disputes, key=lambda d: (d.opened_at, d.id))),
        rows=tuple(row for account in accounts for row in account.rows),
        payouts=payouts,
        statements=statements,
        rates=_rates(world, start, end),
        lost_orders=frozenset(number for number, fate in trade.fates.items() if fate is Fate.LOST),
        oddities=() if world.clean else tuple(wrong),
    )


def _refund_order(refund: GatewayRefund) -> tuple[datetime, str]:
    return refund.at, refund.id


def _orders(world: World, market: Market, start: datetime, end: datetime) -> list[Order]:
    """Orders of all shops, in the order of time. A world of a few orders has them all in the first shop."""
    abroad = world.orders * _US_PER_MILLE // 1000
    counts = (world.orders - abroad, abroad)
    placed = [
        order
        for shop, count in zip(cast.SHOPS, counts, strict=True)
        for order in market.orders(shop, count, start, end)
    ]  # fmt: skip
    return sorted(placed, key=lambda order: (order.placed_at, order.id))


def _odd_payments(ids: Ids, market: Market, till: Till, desk: Desk, start: datetime) -> None:
    """A card payment that belongs to no order, and a refund whose order was placed before anyone listened."""
    at = start + timedelta(days=8, hours=13, minutes=20)
    till.charges.append(till.charge(None, 18_000, at, note="Stall fee, autumn market"))
    early = market.orders(cast.SHOPS[0], 1, start - timedelta(days=8), start - timedelta(days=2))[0]
    line = next((line for line in early.lines if not line.product.gift_card), early.lines[0])
    back = ReturnedLine(line, line.quantity, line.net_minor, line.tax_minor)
    before = msgspec.structs.replace(early, number=998, lines=(line,))
    step = RefundStep(ids.step.next(), "cash", "success", line.net_minor, None, None)
    returned_at = start + timedelta(days=11, hours=10, minutes=5)
    desk.shop_refunds.append(ShopRefund(ids.refund.next(), before, returned_at, (back,), 0, 0, (step,), "return"))


def _accounts(
    world: World, trade: _Trade, start: datetime, end: datetime, calm: frozenset[str]
) -> dict[str, GatewayAccount]:
    """The accounts at the gateway by source."""
    accounts = {}
    for gateway in cast.GATEWAYS:
        account = GatewayAccount(gateway, world.seed, trade.ids, start, end)
        odd = not world.clean and gateway.currency == "EUR"
        desk = trade.desk
        account.run(trade.till.charges, desk.gateway_refunds, desk.disputes, odd=odd, calm=gateway.source in calm)
        accounts[gateway.source] = account
    return accounts


def _banks(
    world: World, accounts: Sequence[GatewayAccount], start: datetime, end: datetime
) -> tuple[tuple[Payout, ...], tuple[Statement, ...], list[Oddity]]:
    payouts = [payout for account in accounts for payout in account.payouts]
    mishaps = Mishaps()
    gaps: dict[str, str] = {}
    found: list[Oddity] = []
    if not world.clean:
        mishaps, gaps, found = oddities.choose_deposits(accounts, world.seed, end)
    statements = tuple(
        statement
        for bank in cast.BANKS
        for statement in BankAccount(bank, world.seed, start, end, world.opening_minor).statements(
            payouts, mishaps, clean=world.clean
        )
    )
    found = oddities.with_deposit_references(found, statements) + oddities.of_bank(statements)
    return tuple(_with_gap(payout, gaps) for payout in payouts), statements, found


def _with_gap(payout: Payout, gaps: Mapping[str, str]) -> Payout:
    return msgspec.structs.replace(payout, left_out=gaps[payout.id]) if payout.id in gaps else payout


def _rates(world: World, start: datetime, end: datetime) -> tuple[Rate, ...]:
    """Reference rates of each business day, from a week before the world so that its first days have one."""
    dice = Dice(world.seed, "rates")
    value, rates = _USD_TEN_THOUSANDTHS, []
    for day in business_days(start.date() - timedelta(days=7), end.date(), "EUR"):
        value += dice.between(-45, 45)
        rates.append(Rate(day, "EUR", "USD", value))
    return tuple(rates)
