"""The timeline of a world: every message every provider sends, in the order of time, with the truth beside them."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from tieout.sandbox.camt_wire import statement_emission
from tieout.sandbox.corrupt import duplicate, shuffle
from tieout.sandbox.ecb_wire import rates_xml
from tieout.sandbox.emission import Emission
from tieout.sandbox.gateway import list_days, reconciled
from tieout.sandbox.shopify_objects import OrderState
from tieout.sandbox.shopify_wire import ShopifyWire
from tieout.sandbox.stripe_wire import StripeWire
from tieout.sandbox.trade import Cancellation, Edit, GiftPayment, Order, ShopRefund
from tieout.sandbox.trail import Card, Charge, Facts, Gateway, Row
from tieout.sandbox.truth import Truth, truth_of
from tieout.sandbox.world import World

#: How long after a fact its webhook may still count as sent in the world's time.
_GRACE = timedelta(seconds=10)


class SourceSpec(Struct, frozen=True):
    """A source to set up before a world can be played: its name, its connector and its currency."""

    name: str
    connector: str
    currency: str


class Plan(Struct, frozen=True):
    """A world made ready: the sources it needs, its messages in the order of time, its facts and its truth.

    `rates_file` is the European Central Bank's file with every exchange rate the world needs; it goes through no door.
    """

    world: World
    sources: tuple[SourceSpec, ...]
    emissions: tuple[Emission, ...]
    rates_file: bytes
    facts: Facts
    truth: Truth


def compose(world: World) -> Plan:
    """Works a world out. Equal worlds give equal plans, to the byte."""
    facts = world.facts
    told = [*_shops(facts, world.seed), *_gateways(facts, world), *_banks(facts)]
    end = facts.end + _GRACE
    emissions = tuple(sorted((e for e in told if e.at < end), key=lambda emission: emission.at))
    truth = truth_of(facts, sum(e.forged for e in emissions))
    return Plan(world, sources(facts), emissions, rates_xml(facts.rates), facts, truth)


def rough(plan: Plan, seed: int = 0) -> tuple[Emission, ...]:
    """The plan's messages after a bad road: some come twice, all a little out of order. The truth stays as it is."""
    return tuple(shuffle(duplicate(plan.emissions, seed=seed), seed=seed))


def sources(facts: Facts) -> tuple[SourceSpec, ...]:
    """The sources of a world, shops first."""
    return (
        *(SourceSpec(shop.source, "shopify", shop.currency) for shop in facts.shops),
        *(SourceSpec(gateway.source, "stripe", gateway.currency) for gateway in facts.gateways),
        *(SourceSpec(bank.source, "camt", bank.currency) for bank in facts.banks),
    )


class _Story(Struct):
    """All that happens to one order."""

    order: Order
    charges: list[Charge]
    gift_payments: list[GiftPayment]
    edits: list[Edit]
    refunds: list[ShopRefund]
    cancellation: Cancellation | None = None


def _stories(facts: Facts) -> dict[int, _Story]:
    stories = {order.id: _Story(order, [], [], [], []) for order in facts.orders}
    for refund in facts.shop_refunds:
        # A refund of an order from before the world has a story without the order's own messages.
        stories.setdefault(refund.order.id, _Story(refund.order, [], [], [], [])).refunds.append(refund)
    for charge in facts.charges:
        if charge.order is not None and not charge.failed:
            stories[charge.order.id].charges.append(charge)
    for payment in facts.gift_payments:
        stories[payment.order.id].gift_payments.append(payment)
    for edit in facts.edits:
        stories[edit.order.id].edits.append(edit)
    for cancellation in facts.cancellations:
        stories[cancellation.order.id].cancellation = cancellation
    return stories


def _shops(facts: Facts, seed: int) -> Iterator[Emission]:
    wires = {shop.source: ShopifyWire(shop, seed) for shop in facts.shops}
    for story in _stories(facts).values():
        if story.order.id in facts.lost_orders:
            continue
        wire = wires[story.order.shop.source]
        if story.order.placed_at >= facts.start:
            yield from _placed(wire, story)
            yield from _changed(wire, story)
        else:
            yield from (wire.refund(refund) for refund in story.refunds)


def _state(story: _Story, at: datetime) -> OrderState:
    """The order's state at a moment, from what has happened to it by then."""
    order = story.order
    made = [c for c in story.charges if c.authorised_at <= at]
    captured = sum(c.captured_minor for c in made if c.captured_at is not None and c.captured_at <= at)
    by_card = sum(payment.amount_minor for payment in story.gift_payments if payment.at <= at)
    edits = tuple(edit for edit in story.edits if edit.at <= at)
    refunds = tuple(refund for refund in story.refunds if refund.at <= at)
    cancellation = story.cancellation if story.cancellation and story.cancellation.at <= at else None
    due = order.total_minor + sum(edit.delta_minor for edit in edits)
    back = sum(refund.total_minor for refund in refunds)
    voided = bool(made) and all(c.ends_at is not None and c.ends_at <= at for c in made)
    gateways = (["gift_card"] if by_card else []) + (["stripe"] if made else [])
    return OrderState(
        at=at,
        financial_status="voided" if voided else _status(due, back, captured + by_card, made),
        gateways=tuple(gateways),
        outstanding_minor=max(0, due - back - captured - by_card),
        edits=edits,
        refunds=refunds,
        cancellation=cancellation,
    )


def _status(due: int, back: int, paid: int, made: list[Charge]) -> str:
    if not paid:
        return "authorized" if made else "pending"
    if back:
        return "refunded" if back >= due else "partially_refunded"
    return "paid" if paid >= due else "partially_paid"


def _placed(wire: ShopifyWire, story: _Story) -> Iterator[Emission]:
    """The order's first message, its payments, and the message that it is paid."""
    order = story.order
    just_after = order.placed_at + timedelta(seconds=3)
    state = _state(story, just_after)
    yield wire.order("orders/create", order, state)
    for payment in story.gift_payments:
        yield wire.gift_step(payment)
    for charge in story.charges:
        yield from wire.charge_steps(charge)
    captures = [c.captured_at for c in story.charges if c.captured_at is not None]
    if state.financial_status == "paid":
        yield wire.order("orders/paid", order, state)
    elif captures:
        yield wire.order("orders/paid", order, _state(story, min(captures) + timedelta(seconds=31)))


def _changed(wire: ShopifyWire, story: _Story) -> Iterator[Emission]:
    """Edits, cancellation and refunds, each followed by the order's new state."""
    order = story.order
    for count, edit in enumerate(story.edits, start=1):
        yield wire.edited(edit)
        yield wire.order("orders/updated", order, _state(story, edit.at + timedelta(seconds=1)))
        yield wire.agreements(order, story.edits[:count], edit.at + timedelta(seconds=75))
    if story.cancellation is not None:
        yield wire.order("orders/cancelled", order, _state(story, story.cancellation.at))
    for refund in story.refunds:
        yield wire.refund(refund)
        yield wire.order("orders/updated", order, _state(story, refund.at + timedelta(seconds=2)))


def _gateways(facts: Facts, world: World) -> Iterator[Emission]:
    for gateway in facts.gateways:
        rows = [row for row in facts.rows if row.account == gateway.source]
        wire = StripeWire(gateway, {row.id: row for row in rows}, world.seed)
        yield from _payments(wire, facts, gateway)
        yield from _settlement(wire, facts, gateway, rows)
        if not world.clean and gateway.currency == "EUR":
            yield _forgery(wire, facts)


def _payments(wire: StripeWire, facts: Facts, gateway: Gateway) -> Iterator[Emission]:
    """What happens between buyers and the gateway."""
    for charge in facts.charges:
        if charge.account == gateway.source:
            yield from wire.charge_events(charge)
    refunded: dict[str, int] = defaultdict(int)
    for refund in facts.gateway_refunds:
        if refund.charge.account == gateway.source:
            refunded[refund.charge.id] += refund.amount_minor
            yield from wire.refund_events(refund, refunded[refund.charge.id])
    for dispute in facts.disputes:
        if dispute.charge.account == gateway.source:
            yield from wire.dispute_events(dispute)


def _settlement(wire: StripeWire, facts: Facts, gateway: Gateway, rows: list[Row]) -> Iterator[Emission]:
    """What happens between the gateway and the bank, and the lists fetched of it."""
    for payout in facts.payouts:
        if payout.account == gateway.source:
            yield from wire.payout_events(payout)
            if reconciled(payout, facts.end):
                yield wire.payout_list(payout)
    for day in list_days(facts.start, facts.end):
        made = [row for row in rows if row.created.date() == day]
        if made:
            yield wire.day_list(day, made)


def _forgery(wire: StripeWire, facts: Facts) -> Emission:
    """A charge that never was, sent by someone who does not know the secret."""
    at = facts.start + timedelta(days=12, hours=3, minutes=33)
    charge = Charge(
        id="ch_3TForgedForgedForgedForge",
        intent="pi_3TForgedForgedForgedForge",
        row_id="txn_3TForgedForgedForgedForg",
        account="stripe",
        currency="EUR",
        amount_minor=999_900,
        captured_minor=999_900,
        authorised_at=at,
        captured_at=at,
        card=Card("visa", "0000", "DE"),
        order=None,
        note="Forged",
    )
    event = wire.event("charge.succeeded", wire.charge(charge, at), at, (f"charge:{charge.id}",))
    return msgspec.structs.replace(event, forged=True)


def _banks(facts: Facts) -> Iterator[Emission]:
    for statement in facts.statements:
        yield statement_emission(statement)
