"""Facts of a sale in the order of time: when its money had come, in which currency it is, and what was sold."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from tieout.model.sale import Fact, FactKind

_OF_GATEWAY = frozenset({FactKind.CAPTURED, FactKind.DISPUTED, FactKind.DISPUTE_WON, FactKind.DISPUTE_LOST})
_RANK = {kind: place for place, kind in enumerate(FactKind)}


def in_order(facts: Iterable[Fact]) -> list[Fact]:
    """Facts by time; at one moment by what they are, then by name."""
    return sorted(facts, key=lambda fact: (fact.occurred_at, _RANK[fact.kind], fact.key))


def listings_of(facts: Iterable[Fact]) -> dict[str, datetime]:
    """The listings a sale is of, and when each was sold."""
    found: dict[str, datetime] = {}
    for fact in in_order(facts):
        for line in fact.order.lines if fact.order is not None else ():
            if line.listing is not None and not line.owners:
                found.setdefault(line.listing, fact.occurred_at)
    return found


def capture_of(facts: Iterable[Fact]) -> datetime | None:
    """When the buyer's money had come for all that was ordered by then; None if it has not.

    Told directly, every capture counts for itself. What a shop books counts once the payments reach the order's total.
    """
    due: int | None = None
    paid = 0
    for fact in in_its_currency(facts):
        if fact.kind is FactKind.CAPTURED and fact.order is not None:
            return fact.occurred_at
        if fact.kind in (FactKind.PLACED, FactKind.ADDED):
            due = (due or 0) + fact.due_minor
        elif fact.kind is FactKind.REFUNDED and due is not None:
            due -= fact.due_minor
        elif fact.kind is FactKind.CAPTURED:
            paid = max(due or 0, 1) if fact.amount_minor is None else paid + fact.amount_minor
        if due is not None and paid > 0 and paid >= due:
            return fact.occurred_at
    return None


def currency_of(facts: Iterable[Fact]) -> str | None:
    """The currency of the sale: its order's."""
    return next((fact.order.currency for fact in in_order(facts) if fact.order is not None), None)


def in_its_currency(facts: Iterable[Fact]) -> list[Fact]:
    """Facts in order; an amount in another currency than the order's is about all of the sale."""
    found = in_order(facts)
    currency = currency_of(found)
    return [
        fact
        if fact.currency in ("", currency) or fact.kind not in _OF_GATEWAY
        else msgspec.structs.replace(fact, amount_minor=None, fee_minor=0)
        for fact in found
    ]
