"""Seller buckets: what is released and what is kept back, what is held, and what a refund draws on."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import NamedTuple

from tieout.model.bucket import Bucket, Hold, HoldReason, ReserveBase, ReservePlan
from tieout.settlement.allocate import half_up

_WHOLE = 100
Moves = Mapping[Bucket, int]


class Release(NamedTuple):
    """What a sale becomes when it is released: the part that is payable, the part kept back, and until when."""

    available_minor: int
    reserve_minor: int
    reserve_until: date | None


def release(net_minor: int, total_minor: int, plan: ReservePlan, reserved_minor: int, on: date) -> Release:
    """Releases a sale of which the seller is owed `net_minor` and the buyer paid `total_minor`.

    `reserved_minor` is what is kept back of the seller so far. Never more is kept than the sale brings, and nothing of
    a sale that brings nothing.
    """
    base = net_minor if plan.base is ReserveBase.NET else total_minor
    wanted = max(half_up(base * Fraction(plan.percent) / _WHOLE), plan.floor_minor - reserved_minor, 0)
    if plan.cap_minor is not None:
        wanted = min(wanted, max(plan.cap_minor - reserved_minor, 0))
    kept = max(min(wanted, net_minor), 0)
    return Release(net_minor - kept, kept, on + timedelta(days=plan.days) if kept else None)


def draw_on(amount_minor: int, balances: Moves, order: Sequence[Bucket]) -> dict[Bucket, int]:
    """What an amount taken back from a seller takes of each bucket, in the order of the policy.

    What no bucket covers is taken of what is available, which falls below zero: the seller owes it.
    """
    assert amount_minor >= 0, "an amount is taken back"
    taken: dict[Bucket, int] = {}
    rest = amount_minor
    for bucket in order:
        part = min(rest, max(balances.get(bucket, 0), 0))
        if part:
            taken[bucket] = taken.get(bucket, 0) + part
            rest -= part
    if rest:
        taken[Bucket.AVAILABLE] = taken.get(Bucket.AVAILABLE, 0) + rest
    return taken


def payable(available_minor: int, kept_minimum_minor: int = 0, held_minor: int = 0) -> int:
    """What of an available balance may be paid out: nothing if the seller owes, and never what must stay."""
    return max(available_minor - kept_minimum_minor - held_minor, 0)


def in_force(holds: Iterable[Hold], party: str, on: date) -> tuple[Hold, ...]:
    """The holds on a seller on a day: begun, not past their end, not released."""
    return tuple(
        hold
        for hold in holds
        if hold.party == party
        and hold.since <= on
        and (hold.until is None or on < hold.until)
        and (hold.released_on is None or on < hold.released_on)
    )


def held_by_reason(holds: Iterable[Hold]) -> dict[HoldReason, int]:
    """Amounts held, by cause: a reserve of an account is the sum of its named causes and nothing else."""
    sums: dict[HoldReason, int] = {}
    for hold in holds:
        if hold.amount_minor is not None:
            sums[hold.reason] = sums.get(hold.reason, 0) + hold.amount_minor
    return sums


def running(moves: Iterable[Mapping[str, int]]) -> list[dict[str, int]]:
    """The balances after each move; every balance that ever moved stands in each."""
    listed = [dict(move) for move in moves]
    balances = dict.fromkeys((name for move in listed for name in move), 0)
    after = []
    for move in listed:
        for name, amount in move.items():
            balances[name] += amount
        after.append(dict(balances))
    return after
