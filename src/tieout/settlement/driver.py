"""What a payout consists of: each of its lines by drivers, and the bridge from one payout to the next.

A release pays out sales that came in gross, so its line is told as what the sales were made of: price, commission, fees
and tax, less what is kept back as a reserve. Where a line is only a part of what it came from, the parts are allocated
to it, so that they come to it to the minor unit.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction

from tieout.model.owed import Bridge, BridgeStep, Driver, PayoutMade
from tieout.settlement.allocate import allocate, half_up

NOTHING: Mapping[Driver, int] = {}
_SOLD = frozenset({"sales", "shipping", "discount"})
_TAXES = frozenset({"tax", "channel_tax"})
#: What is not told in parts: the rule that booked it, and the driver it is.
_WHOLE: Mapping[str, Driver] = {
    "held": Driver.DISPUTES,
    "unheld": Driver.DISPUTES,
    "dispute_lost": Driver.DISPUTES,
    "fee_recharged": Driver.DISPUTES,
    "reserve_released": Driver.RESERVE_RELEASED,
    "fee_charged": Driver.FEES,
    "submitted": Driver.CARRY,
    "failed": Driver.CARRY,
    "came_back": Driver.CARRY,
    "returned": Driver.CARRY,
    "carried": Driver.CARRY,
}
#: Where parts are not known, a line of these is at least this.
_UNDIVIDED: Mapping[str, Driver] = {
    "captured": Driver.SALES,
    "accrued": Driver.SALES,
    "released": Driver.SALES,
    "refunded": Driver.REFUNDS,
}


def driver_of(occasion: str, row: str) -> Driver:
    """The driver of a row of `tieout.settlement.statement.rows_of`, which was booked on an occasion."""
    if occasion in _WHOLE:
        return _WHOLE[occasion]
    if row in _SOLD:
        return Driver.REFUNDS if occasion == "refunded" else Driver.SALES
    if row in _TAXES:
        return Driver.TAX
    return Driver.COMMISSION if row == "commission" else Driver.FEES


def in_drivers(origins: Iterable[tuple[str, Mapping[str, int]]]) -> dict[Driver, int]:
    """Rows of several occasions, added up by driver."""
    sums: dict[Driver, int] = {}
    for occasion, rows in origins:
        for row, amount in rows.items():
            driver = driver_of(occasion, row)
            sums[driver] = sums.get(driver, 0) + amount
    return sums


def part_of(drivers: Mapping[Driver, int], amount_minor: int) -> dict[Driver, int]:
    """Drivers in proportion, so that they come to `amount_minor` exactly; what adds and what takes each rounded once.

    Drivers that come to nothing have no proportion: then an amount cannot be told by them, and the answer is empty.
    """
    total = sum(drivers.values())
    if total == amount_minor:
        return {driver: amount for driver, amount in drivers.items() if amount}
    if total == 0:
        return {}
    plus = {driver: amount for driver, amount in drivers.items() if amount > 0}
    minus = {driver: amount for driver, amount in drivers.items() if amount < 0}
    if not plus or not minus:
        return _allocated({**plus, **minus}, amount_minor)
    added = half_up(sum(plus.values()) * Fraction(amount_minor, total))
    return {**_allocated(plus, added), **_allocated(minus, amount_minor - added)}


def _allocated(drivers: Mapping[Driver, int], amount_minor: int) -> dict[Driver, int]:
    parts = allocate(amount_minor, [abs(amount) for amount in drivers.values()])
    return {driver: part for driver, part in zip(drivers, parts, strict=True) if part}


def drivers_of(
    occasion: str, amount_minor: int, kept_minor: int = 0, behind: Mapping[Driver, int] = NOTHING
) -> dict[Driver, int]:
    """What a line on what is available is made of. The drivers come to `amount_minor` exactly.

    `kept_minor` is what its entry kept back as a reserve; `behind` is what stands behind the line, by driver. What was
    booked by hand, or by a rule that is not settlement's, is an adjustment.
    """
    if occasion in _WHOLE:
        return {_WHOLE[occasion]: amount_minor} if amount_minor else {}
    found = part_of(behind, amount_minor + kept_minor)
    if not found and amount_minor + kept_minor:
        found = {_UNDIVIDED.get(occasion, Driver.ADJUSTMENTS): amount_minor + kept_minor}
    if kept_minor:
        found[Driver.RESERVE_HELD] = found.get(Driver.RESERVE_HELD, 0) - kept_minor
    return found


def bridge(earlier: PayoutMade, later: PayoutMade) -> Bridge:
    """Why one payout differs from another: every driver that either has, in their order."""
    before, after = earlier.drivers_minor, later.drivers_minor
    steps = tuple(
        BridgeStep(driver, before[driver], after[driver]) for driver in Driver if before[driver] or after[driver]
    )
    off = later.amount_minor - earlier.amount_minor - sum(step.change_minor for step in steps)
    assert off == 0, f"the drivers leave {off} minor units of the difference"
    return Bridge(earlier, later, steps)
