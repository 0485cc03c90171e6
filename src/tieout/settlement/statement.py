"""Statements: what moved between two balances of a seller, and why one payout differs from another.

Both are sums of named rows. Nothing is left over: a statement's opening and rows come to its closing, and the drivers
of a difference come to the difference.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tieout.model.bucket import Bucket
from tieout.model.settlement import Leg, LegKind, Part, Portion, Quote


class Movement(NamedTuple):
    """One amount in one bucket: `kind` is the row of the statement, `of` the order, refund or payout it came from."""

    bucket: Bucket
    kind: str
    amount_minor: int
    of: str = ""


class Statement(NamedTuple):
    """A seller's period: per bucket the opening balance, the rows by kind, and the closing balance."""

    opening: Mapping[Bucket, int]
    rows: Mapping[Bucket, Mapping[str, int]]
    closing: Mapping[Bucket, int]


def statement(opening: Mapping[Bucket, int], movements: Iterable[Movement]) -> Statement:
    """Rolls balances forward over the movements, by bucket and kind."""
    rows: dict[Bucket, dict[str, int]] = {}
    closing = dict(opening)
    for move in movements:
        kinds = rows.setdefault(move.bucket, {})
        kinds[move.kind] = kinds.get(move.kind, 0) + move.amount_minor
        closing[move.bucket] = closing.get(move.bucket, 0) + move.amount_minor
    return Statement(dict(opening), rows, closing)


def bridge(earlier: Mapping[str, int], later: Mapping[str, int]) -> dict[str, int]:
    """What each row adds to the difference between two payouts. The drivers come to it exactly, nil ones included."""
    names = [*earlier, *(name for name in later if name not in earlier)]
    return {name: later.get(name, 0) - earlier.get(name, 0) for name in names}


def rows_of(quote: Quote | Portion, party: str) -> dict[str, int]:
    """What a sale or a refund is to a seller, gross: price, shipping, tax, commission, fees and VAT on them.

    The rows come to what the seller is owed by it, or gives back.
    """
    return rows_of_legs(quote.legs, party)


def rows_of_legs(legs: Iterable[Leg], party: str) -> dict[str, int]:
    """The same of some legs: of one line, or of a portion together with what is charged again."""
    rows: dict[str, int] = {}

    def add(name: str, amount: int) -> None:
        rows[name] = rows.get(name, 0) + amount

    for leg in legs:
        if leg.party != party:
            continue
        price = "sales" if leg.part is Part.GOODS else "shipping"
        if leg.kind is LegKind.SELLER:
            add(price, leg.amount_minor)
        elif leg.kind is LegKind.SELLER_TAX:
            add("tax", leg.amount_minor)
        else:  # what the seller bears is part of its price, and taken off again
            add(price, leg.amount_minor)
            add(leg.label if leg.kind is LegKind.FEE else leg.kind.value, -leg.amount_minor)
    return rows
