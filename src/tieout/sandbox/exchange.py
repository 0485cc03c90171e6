"""What exchange rates did to a world's settled money, from the causes: each amount at the rate of its own day.

Whatever comes to zero in its own currency is settled; what it comes to in base currency was gained or lost on the way.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

from msgspec import Struct

from tieout.sandbox.bank import stated
from tieout.sandbox.gateway import reconciled
from tieout.sandbox.trade import Order
from tieout.sandbox.trail import BankLineKind, Facts, Rate, Row, RowKind

#: Where the company of every world keeps its books.
_ZONE = ZoneInfo("Europe/Berlin")


class Realised(Struct, frozen=True):
    """Minor units of base currency lost (gained if negative) in one currency, unrounded, by so many amounts.

    The books round each amount, so theirs differs a little.
    """

    currency: str
    lost_minor: Fraction
    amounts: int


class Moved(Struct, frozen=True):
    """An amount on an account: `chain` names what it belongs to there. Debit positive."""

    chain: tuple[str, ...]
    currency: str
    amount_minor: int
    day: date


def realised(facts: Facts, booked: Iterable[Order], known: Iterable[Row]) -> tuple[Realised, ...]:
    """What was lost and gained by currency, of orders that are booked and rows that are known. Base currency is EUR."""
    chains: dict[tuple[str, ...], list[Moved]] = defaultdict(list)
    for moved in _moves(facts, list(booked), list(known)):
        chains[moved.chain].append(moved)
    found: dict[str, tuple[Fraction, int]] = {}
    for moves in chains.values():
        currency = moves[0].currency
        if currency != "EUR" and sum(move.amount_minor for move in moves) == 0:
            lost, amounts = found.get(currency, (Fraction(0), 0))
            worth = sum((move.amount_minor / _rate(facts.rates, currency, move.day) for move in moves), Fraction(0))
            found[currency] = (lost + worth, amounts + len(moves))
    return tuple(Realised(currency, *found[currency]) for currency in sorted(found))


def _rate(rates: Iterable[Rate], currency: str, day: date) -> Fraction:
    """Units of the currency for one euro: of the day, or of the last business day before it."""
    newest = max((r for r in rates if r.quote == currency and r.day <= day), key=lambda r: r.day)
    return Fraction(newest.ten_thousandths, 10_000)


def _day(at: datetime) -> date:
    return at.astimezone(_ZONE).date()


def _moves(facts: Facts, booked: list[Order], known: list[Row]) -> Iterator[Moved]:
    yield from _orders(facts, booked)
    yield from _captured(facts, known)
    yield from _withheld(facts, booked, known)
    yield from _payouts(facts, known)


def _orders(facts: Facts, booked: list[Order]) -> Iterator[Moved]:
    """What buyers owe, by order."""
    ids = {order.id for order in booked}

    def of(order: Order, amount: int, at: datetime) -> Moved:
        return Moved(("order", str(order.id)), order.shop.currency, amount, _day(at))

    for order in booked:
        yield of(order, order.total_minor, order.placed_at)
    for edit in facts.edits:
        yield of(edit.order, edit.delta_minor, edit.at)
    for refund in facts.shop_refunds:
        if refund.order.id in ids:
            yield of(refund.order, -refund.total_minor, refund.at)
    for order, amount, at in _paid(facts):
        yield of(order, -amount, at)


def _paid(facts: Facts) -> Iterator[tuple[Order, int, datetime]]:
    """What was paid for orders, less what was paid back."""
    for payment in facts.gift_payments:
        yield payment.order, payment.amount_minor, payment.at
    for charge in facts.charges:
        if charge.order is not None and charge.captured_at is not None:
            yield charge.order, charge.captured_minor, charge.captured_at
    for back in facts.gateway_refunds:
        if back.charge.order is not None:
            yield back.charge.order, -back.amount_minor, back.at


def _captured(facts: Facts, known: list[Row]) -> Iterator[Moved]:
    """What was captured and refunded until the gateway's balance shows it, and what disputes took until they ended."""
    for charge in facts.charges:
        if charge.captured_at is not None:
            day = _day(charge.captured_at)
            yield Moved(("captured", charge.id), charge.currency, charge.captured_minor, day)
    for refund in facts.gateway_refunds:
        yield Moved(("captured", refund.id), refund.charge.currency, -refund.amount_minor, _day(refund.at))
    for row in known:
        if row.kind in (RowKind.CHARGE, RowKind.REFUND):
            yield Moved(("captured", row.subject), row.currency, -row.amount_minor, _day(row.created))
        elif row.kind in (RowKind.DISPUTE, RowKind.DISPUTE_RETURN):
            yield Moved(("disputed", row.subject), row.currency, -row.amount_minor, _day(row.created))
    for dispute in facts.disputes:
        if dispute.won is False and dispute.closed_at is not None:
            charge, day = dispute.charge, _day(dispute.closed_at)
            yield Moved(("disputed", dispute.id), charge.currency, -charge.captured_minor, day)


def _withheld(facts: Facts, booked: list[Order], known: list[Row]) -> Iterator[Moved]:
    """Tax that the channel remits, by order, until the gateway has kept it back."""
    ids = {order.id for order in booked}
    orders = {charge.id: charge.order for charge in facts.charges}
    orders |= {refund.id: refund.charge.order for refund in facts.gateway_refunds}

    def of(order: Order, amount: int, at: datetime) -> Moved:
        return Moved(("withheld", str(order.id)), order.shop.currency, amount, _day(at))

    for order in booked:
        if order.channel_liable:
            yield of(order, -sum(tax.amount_minor for tax in order.taxes), order.placed_at)
    for edit in facts.edits:
        if edit.order.channel_liable:
            more = sum(tax.amount_minor for line in edit.added for tax in line.taxes)
            yield of(edit.order, sum(part.tax_minor for part in edit.removed) - more, edit.at)
    for refund in facts.shop_refunds:
        if refund.order.channel_liable and refund.order.id in ids:
            yield of(refund.order, refund.tax_minor, refund.at)
    for row in known:
        owner = orders.get(row.subject)
        if row.withheld_minor and owner is not None:
            yield of(owner, row.withheld_minor, row.created)


def _payouts(facts: Facts, known: list[Row]) -> Iterator[Moved]:
    """The gateway's balance by payout, and payouts until they are at the bank."""
    ids = {row.id for row in known}
    for payout in facts.payouts:
        if payout.row.id not in ids:
            continue
        if payout.left_out is None and reconciled(payout, facts.end):
            for row in (*payout.rows, payout.row):
                yield Moved(("payout", payout.id), row.currency, row.net_minor, _day(row.created))
        yield Moved(("transit", payout.id), payout.currency, payout.amount_minor, _day(payout.row.created))
    for statement in facts.statements:
        if stated(statement.day, facts.end):
            for booking in statement.bookings:
                if booking.kind is BankLineKind.PAYOUT and booking.payout is not None:
                    yield Moved(("transit", booking.payout), booking.currency, -booking.amount_minor, booking.booked)
