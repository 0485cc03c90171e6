"""What events tell of sales: an order, its money and what comes back, as facts.

A shop's order is booked with what its vendors get as payable. Its facts carry the order as far as it is split: goods
with their discounts and taxes, by the shop's own line. Shipping, tips and gift cards are booked and no vendor's.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from functools import partial

from tieout.model.event import Component, ComponentKind, Event, EventKind, total_minor
from tieout.model.sale import Fact, FactKind
from tieout.model.seller import SettlementPolicy
from tieout.model.settlement import Collector, Discount, Order, OrderLine, Part, Payee, RefundLine, Tax

_K = ComponentKind
_INCLUDED = (_K.TAX_INCLUDED, _K.FACILITATOR_TAX_INCLUDED)
_TAXES = (_K.TAX, _K.FACILITATOR_TAX, *_INCLUDED)
_CHANNEL = (_K.FACILITATOR_TAX, _K.FACILITATOR_TAX_INCLUDED)
#: Kinds of events that say something of a sale, and those that only connect a payment with its order.
TELLING = (
    EventKind.ORDER_PLACED,
    EventKind.ORDER_EDITED,
    EventKind.ORDER_REFUNDED,
    EventKind.ORDER_NOTED,
    EventKind.PAYMENT_CAPTURED,
    EventKind.GIFT_CARD_REDEEMED,
    EventKind.STORE_CREDIT_REDEEMED,
    EventKind.DISPUTE_WITHDRAWN,
    EventKind.DISPUTE_REINSTATED,
    EventKind.DISPUTE_LOST,
)
CONNECTING = (EventKind.TENDER_NOTED, EventKind.DISPUTE_NOTED)
_MONEY = (EventKind.PAYMENT_CAPTURED, EventKind.GIFT_CARD_REDEEMED, EventKind.STORE_CREDIT_REDEEMED)
_DISPUTES = {
    EventKind.DISPUTE_WITHDRAWN: FactKind.DISPUTED,
    EventKind.DISPUTE_REINSTATED: FactKind.DISPUTE_WON,
    EventKind.DISPUTE_LOST: FactKind.DISPUTE_LOST,
}
_ORDER = "order:"


def sales_of(near: Mapping[int, Collection[str]]) -> dict[int, str]:
    """The sale of each event, by what it refers to and by what it shares a payment or dispute with.

    Events that lead to no order, or to several, have none: nothing is guessed.
    """
    groups: list[tuple[set[int], set[str]]] = []
    for event, references in near.items():
        linked = {name for name in references if name.startswith(("charge:", "payment_intent:", "dispute:"))}
        own = ({event}, linked or {f"event:{event}"})
        for other in [group for group in groups if group[1] & own[1]]:
            groups.remove(other)
            own = (own[0] | other[0], own[1] | other[1])
        groups.append(own)
    found: dict[int, str] = {}
    for events, _ in groups:
        orders = {name for event in events for name in near[event] if name.startswith(_ORDER)}
        for event in events:
            direct = {name for name in near[event] if name.startswith(_ORDER)} or orders
            if len(direct) == 1:
                found[event] = next(iter(direct))
    return found


def facts_of(event: Event, own_brands: Collection[str], policy: SettlementPolicy) -> list[Fact]:
    """What an event says of its sale; nothing if it moves none."""
    draft = event.draft
    kind, parts = draft.kind, draft.components
    fact = partial(Fact, draft.key, occurred_at=draft.occurred_at, event_id=event.id)
    currency = parts[0].currency if parts else ""
    if kind is EventKind.ORDER_NOTED:
        if draft.facts.get("fulfillment_status") != "fulfilled":
            return []
        return [fact(FactKind.DELIVERED)]
    if kind in _MONEY:
        money = total_minor(parts)
        return [fact(FactKind.CAPTURED, amount_minor=money, currency=currency)] if money > 0 else []
    if kind in _DISPUTES:
        return _of_dispute(event)
    if kind is EventKind.ORDER_REFUNDED:
        return [_refund(draft.key, event, parts, total_minor(parts))]
    if kind is EventKind.ORDER_PLACED:
        return [_ordered(event, FactKind.PLACED, parts, own_brands, policy)]
    if kind is EventKind.ORDER_EDITED:
        more = [one for one in parts if one.amount_minor > 0]
        less = [_turned(one) for one in parts if one.amount_minor < 0 and one.kind in (_K.ITEM, *_TAXES)]
        found = [_ordered(event, FactKind.ADDED, more, own_brands, policy)]
        if less:
            found.append(_refund(f"{draft.key}/removed", event, less, 0))
        return found
    return []


def number_of(component: Component) -> int:
    """The number of the line a component belongs to: the shop's own, or one made of what it is of."""
    if component.line is not None and component.line.isdigit():
        return int(component.line)
    name = component.line or f"{component.seller}\x1f{component.label}"
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:6])


def _ordered(
    event: Event, kind: FactKind, parts: Iterable[Component], own_brands: Collection[str], policy: SettlementPolicy
) -> Fact:
    """An order, or what was added to one; without goods it only changes what the buyer owes."""
    draft = event.draft
    facts = dict(draft.dimensions)
    lines: dict[int, OrderLine] = {}
    vendors: dict[int, str] = {}
    parts = list(parts)
    for one in parts:
        if one.kind is not _K.ITEM:
            continue
        number = number_of(one)
        vendor = None if one.seller is None or one.seller in own_brands else one.seller
        before = lines.get(number)
        amount = one.amount_minor + (before.unit_price_minor * before.quantity if before else 0)
        pieces = one.quantity if before is None and amount % one.quantity == 0 else 1
        listing = None if vendor is None else one.label or f"line:{number}"
        lines[number] = OrderLine(
            number, amount // pieces, pieces, listing=listing, taxes=_taxes(parts, number, policy)
        )
        if vendor is not None:
            vendors[number] = vendor
    discounts = tuple(
        Discount(
            amount_minor=one.amount_minor, lines=(number_of(one),),
            funded_by=policy.discounts_funded_by if number_of(one) in vendors else {Payee.PLATFORM: Decimal(100)},
        )
        for one in parts
        if one.kind is _K.DISCOUNT and number_of(one) in lines and one.amount_minor > 0
    )  # fmt: skip
    currency = parts[0].currency if parts else ""
    order = Order(currency, tuple(lines.values()), id=draft.aggregate, discounts=discounts, facts=facts)
    changed = total_minor(draft.components)
    return Fact(
        draft.key, kind, draft.occurred_at, order=order if lines else None, due_minor=changed, vendors=vendors,
        currency=currency, event_id=event.id,
    )  # fmt: skip


def _taxes(parts: Iterable[Component], number: int, policy: SettlementPolicy) -> tuple[Tax, ...]:
    """The taxes of a line's goods as the shop states them."""
    return tuple(
        Tax(
            amount_minor=one.amount_minor, collector=Collector.CHANNEL if one.kind in _CHANNEL else policy.tax,
            included=one.kind in _INCLUDED, of=Part.GOODS, label=one.label or "",
        )
        for one in parts
        if one.kind in _TAXES and one.of is _K.ITEM and one.line is not None and number_of(one) == number
        and one.amount_minor > 0
    )  # fmt: skip


def _refund(key: str, event: Event, parts: Iterable[Component], due: int) -> Fact:
    """What came back: goods with their tax by line, and amounts that name none."""
    parts = list(parts)
    goods: dict[int, list[int]] = {}
    for one in parts:
        if one.kind is _K.ITEM:
            goods.setdefault(number_of(one), [0, 0])[0] += one.amount_minor
    for one in parts:
        if one.kind in _TAXES and one.of is _K.ITEM and one.line is not None and number_of(one) in goods:
            amounts = goods[number_of(one)]
            amounts[0] -= one.amount_minor if one.kind in _INCLUDED else 0
            amounts[1] += one.amount_minor
    lines = tuple(
        RefundLine(number, amount_minor=amount, tax_minor=tax)
        for number, (amount, tax) in goods.items()
        if amount or tax
    )
    loose = sum(one.amount_minor for one in parts if one.kind is _K.ADJUSTMENT)
    return Fact(
        key, FactKind.REFUNDED, event.draft.occurred_at, amount_minor=max(loose, 0), due_minor=due, lines=lines,
        currency=parts[0].currency if parts else "", event_id=event.id,
    )  # fmt: skip


def _turned(component: Component) -> Component:
    return Component(
        component.kind, -component.amount_minor, component.currency, component.seller, component.label, component.of,
        component.dimensions, component.line, component.quantity,
    )  # fmt: skip


def _of_dispute(event: Event) -> list[Fact]:
    draft = event.draft
    gross = sum(one.amount_minor for one in draft.components if one.kind is _K.GROSS)
    fee = sum(one.amount_minor for one in draft.components if one.kind in (_K.FEE, _K.FEE_TAX))
    name = next((name.partition(":")[2] for name in draft.references if name.startswith("dispute:")), "")
    if gross <= 0 or not name:
        return []
    return [
        Fact(
            draft.key, _DISPUTES[draft.kind], draft.occurred_at, amount_minor=gross, dispute=name,
            fee_minor=max(fee, 0), currency=draft.components[0].currency, event_id=event.id,
        )
    ]  # fmt: skip
