"""What goes wrong on purpose, and what the product should say about it.

Each function looks at facts that are already wrong and writes down the expected exception beside them, so the
expectation comes from the cause and not from anything that was read back.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from tieout.model.case import Reason
from tieout.sandbox.bank import Mishaps
from tieout.sandbox.dice import Dice
from tieout.sandbox.fates import Fate
from tieout.sandbox.gateway import GatewayAccount, Twins, reconciled
from tieout.sandbox.trade import Order, ShopRefund
from tieout.sandbox.trail import BankLineKind, Charge, Oddity, Outcome, Payout, Row, RowKind, Statement

#: What an incoming wire costs at the American bank.
_WIRE_FEE_MINOR = 1500
#: A payout that has not arrived after this many days is overdue.
_OVERDUE_DAYS = 4


def of_orders(orders: Iterable[Order], fates: Mapping[int, Fate], charges: Sequence[Charge]) -> list[Oddity]:
    """Orders that are unpaid, misstated, or whose messages were lost; and payments that name no order."""
    found = []
    for order in orders:
        currency, subject, total = order.shop.currency, f"order:{order.id}", order.total_minor
        fate = fates.get(order.id)
        if fate is Fate.UNPAID:
            story = f"The buyer of {order.name} never paid."
            found.append(Oddity(Reason.ORDER_UNPAID, subject, total, currency, story))
        elif fate is Fate.MISSTATED:
            story = f"The shop states {order.name} with a total that its parts do not come to."
            found.append(Oddity(Reason.TOTAL_MISMATCH, subject, total, currency, story))
        elif fate is Fate.LOST:
            story = f"The shop's messages about {order.name} never arrived; its payment did."
            found.append(Oddity(Reason.PAYMENT_WITHOUT_ORDER, subject, total, currency, story))
    for charge in charges:
        if charge.order is None:
            story = "Someone took a card payment by hand, outside the shop."
            subject = f"charge:{charge.id}"
            found.append(Oddity(Reason.PAYMENT_WITHOUT_ORDER, subject, charge.captured_minor, charge.currency, story))
    return found


def of_refunds(refunds: Iterable[ShopRefund], known: frozenset[int]) -> list[Oddity]:
    """Refunds the gateway never made, and one of an order from before anyone listened."""
    found = []
    for refund in refunds:
        currency = refund.order.shop.currency
        if any(step.status == "pending" for step in refund.steps):
            story = f"The shop refunded {refund.order.name}; the gateway did not."
            subject = f"order:{refund.order.id}"
            found.append(Oddity(Reason.REFUND_WITHOUT_PAYMENT, subject, refund.total_minor, currency, story))
        elif refund.order.id not in known:
            found.append(
                Oddity(
                    Reason.PREREQUISITE_MISSING,
                    f"shop_refund:{refund.id}",
                    refund.total_minor,
                    currency,
                    f"A refund in cash of {refund.order.name}, an order from before the hub was connected.",
                    outcome=Outcome.PARKED,
                )
            )
    return found


def of_rows(rows: Iterable[Row]) -> list[Oddity]:
    """Balance rows of a kind no one has documented."""
    return [
        Oddity(
            Reason.CODE_UNKNOWN, f"txn:{row.id}", -row.net_minor, row.currency, "The gateway used a new kind of row."
        )
        for row in rows
        if row.kind is RowKind.UNHEARD_OF
    ]  # fmt: skip


def choose_deposits(
    accounts: Sequence[GatewayAccount], seed: int, end: datetime
) -> tuple[Mishaps, dict[str, str], list[Oddity]]:
    """Which payouts arrive short, without a reference, or with a row missing from their list.

    Returns the bank's mishaps, payout id -> the row left out of its list, and what to expect of each.
    """
    dice = Dice(seed, "deposits")
    overdue = [p for a in accounts for p in a.payouts if _overdue(p, end)]
    twins = next((a.twins for a in accounts if a.twins and _overdue(a.twins.second, end)), None)
    taken = {twins.first.id, twins.second.id} if twins else set()
    nameless = twins.first if twins else _pick(overdue, taken, dice)
    taken |= {nameless.id} if nameless else set()
    wired = [p for p in overdue if p.currency == "USD" and p.amount_minor > 2 * _WIRE_FEE_MINOR]
    short = _pick(wired or overdue, taken, dice)
    taken |= {short.id} if short else set()
    alone = _nets_that_occur_once(accounts)
    listed = [p for a in accounts for p in a.payouts if reconciled(p, end) and _charges(p, alone) and len(p.rows) > 1]
    gappy = _pick([p for p in listed if p.currency == "EUR"] or listed, taken, dice)
    left_out = dice.pick(_charges(gappy, alone)) if gappy else None
    oddities = _nameless(nameless, twins) if nameless else []
    deducted = {}
    if short:
        deducted[short.id] = min(_WIRE_FEE_MINOR, short.amount_minor // 2)
        story = "The bank kept a charge from this payout."
        oddities.append(
            Oddity(Reason.PAYOUT_ARRIVED_DIFFERENTLY, f"payout:{short.id}", deducted[short.id], short.currency, story)
        )
    if gappy and left_out:
        story = f"The gateway's list of this payout lacks {left_out.id}."
        subject = f"payout:{gappy.id}"
        oddities.append(Oddity(Reason.PAYOUT_COMPOSITION_MISMATCH, subject, left_out.net_minor, gappy.currency, story))
    gaps = {gappy.id: left_out.id} if gappy and left_out else {}
    return Mishaps(deducted, frozenset({nameless.id} if nameless else ())), gaps, oddities


def _overdue(payout: Payout, end: datetime) -> bool:
    return payout.arrival + timedelta(days=_OVERDUE_DAYS) < end.date()


def _pick(among: Sequence[Payout], taken: set[str], dice: Dice) -> Payout | None:
    free = [payout for payout in among if payout.id not in taken]
    return dice.pick(free) if free else None


def _nets_that_occur_once(accounts: Iterable[GatewayAccount]) -> set[tuple[str, int]]:
    """A missing row can be told by its amount only if no other row of the account has the same."""
    counts = Counter((row.account, row.net_minor) for account in accounts for row in account.rows)
    return {net for net, count in counts.items() if count == 1}


def _charges(payout: Payout, alone: set[tuple[str, int]]) -> list[Row]:
    return [row for row in payout.rows if row.kind is RowKind.CHARGE and (row.account, row.net_minor) in alone]


def _nameless(payout: Payout, twins: Twins | None) -> list[Oddity]:
    """The deposit that lost its reference, and the payout that therefore seems not to have arrived."""
    story = "The bank cut the reference off" + (", and another payout has the same amount." if twins else ".")
    amount, currency = payout.amount_minor, payout.currency
    unclear = (Reason.SEVERAL_CANDIDATES, Reason.PAYOUT_NOT_ARRIVED)
    return [
        Oddity(Reason.BANK_CREDIT_WITHOUT_PAYOUT, f"deposit_of:{payout.id}", amount, currency, story, unclear[:1]),
        Oddity(Reason.PAYOUT_NOT_ARRIVED, f"payout:{payout.id}", amount, currency, story, unclear[:1]),
    ]


def of_bank(statements: Iterable[Statement]) -> list[Oddity]:
    """Bank lines whose origin no rule knows."""
    stories = {
        BankLineKind.RENT: "The rent of the workshop.",
        BankLineKind.SUPPLIER: "A supplier's invoice.",
        BankLineKind.INTEREST: "Interest on the account.",
    }
    return [
        Oddity(
            Reason.BANK_LINE_UNKNOWN,
            f"bank_line:{booking.reference}",
            abs(booking.amount_minor),
            booking.currency,
            stories[booking.kind],
        )
        for statement in statements
        for booking in statement.bookings
        if booking.kind in stories
    ]


def with_deposit_references(oddities: Iterable[Oddity], statements: Iterable[Statement]) -> list[Oddity]:
    """Names deposits by the bank's own reference, which exists only once the statements are written."""
    references = {b.payout: b.reference for s in statements for b in s.bookings if b.payout}
    named = []
    for oddity in oddities:
        kind, _, payout = oddity.subject.partition(":")
        subject = f"bank_line:{references[payout]}" if kind == "deposit_of" else oddity.subject
        named.append(msgspec.structs.replace(oddity, subject=subject))
    return named
