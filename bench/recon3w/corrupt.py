"""What goes wrong between two systems: corruptors, each with a rate and a label, at most one for each group.

A corruptor changes rows of one group and says so in the group's cause; the truth, who belongs to whom, stays as it was.
"""

from collections.abc import Callable, Mapping
from random import Random

from bench.recon3w.rows import Group, Row, View
from bench.recon3w.shape import EXPONENTS
from bench.recon3w.world import ALPHABET

MISREADINGS = {"0": "O", "O": "0", "1": "l", "l": "1", "I": "l", "5": "S", "S": "5", "8": "B", "B": "8", "2": "Z"}
#: Differences up to this are rounding under every regime's rules, in minor units.
TOLERANCE = 2
Corruptor = Callable[["Damage", Group], str]


class Damage:
    """One pass over a view; what a corruptor needs."""

    def __init__(self, view: View, rng: Random) -> None:
        self.view = view
        self.rng = rng
        self.waiting: list[Group] = []
        self.added: list[Group] = []

    def either(self, group: Group) -> Row:
        """The first row of one side or the other."""
        return group.lefts[0] if self.rng.random() < 0.5 else group.rights[0]


def lag(damage: Damage, group: Group) -> str:
    """The right row comes days later than usual."""
    late = damage.rng.randrange(4, 13)
    for row in group.rights:
        row.day += late
        row.arrival += late
    return "lag"


def day_shift(damage: Damage, group: Group) -> str:
    """The right side counts days in another zone."""
    shift = damage.rng.choice((-1, 1))
    for row in group.rights:
        row.day += shift
        row.arrival = max(row.arrival, row.day)
    return "day_shift"


def out_of_order(damage: Damage, group: Group) -> str:
    """The row is delivered days after its day."""
    row = damage.either(group)
    row.arrival += damage.rng.randrange(1, 5)
    return "out_of_order"


def lose_right(_damage: Damage, group: Group) -> str:
    """The right side never got its rows."""
    for row in group.rights:
        row.hidden = True
    return "payout_lost" if len(group.lefts) > 3 else "lost_right"


def lose_left(damage: Damage, group: Group) -> str:
    """The left side never got its row; of a payout's many lines one is lost, or all."""
    if len(group.lefts) > 3:
        if damage.rng.random() < 0.8:
            damage.rng.choice(group.lefts).hidden = True
            return "broken"
        for row in group.lefts:
            row.hidden = True
        return "lines_lost"
    for row in group.lefts:
        row.hidden = True
    return "lost_left"


def duplicate(damage: Damage, group: Group) -> str:
    """A row is delivered twice under one id."""
    row = damage.rng.choice(group.lefts + group.rights)
    row.copies.append((row.amount, row.description))
    return "duplicate"


def conflict(damage: Damage, group: Group) -> str:
    """A row is delivered again under its id with another amount."""
    row = damage.either(group)
    row.copies.append((row.amount + _some(damage.rng, row.amount), row.description))
    return "conflict"


def twin(damage: Damage, group: Group) -> str:
    """A second sale like this one in everything but its id and reference, on both sides."""
    reference = _token(damage.rng, group.lefts[0].reference)
    lefts, rights = (
        [
            Row(f"{row.id}t", row.day, row.amount, row.currency, named, row.batch, row.description, row.arrival)
            for row in rows
            for named in [reference if row.reference else ""]
        ]
        for rows in (group.lefts, group.rights)
    )
    damage.added.append(Group(lefts, rights, "twin"))
    return "twin"


def _token(rng: Random, like: str) -> str:
    return f"{like[:3]}{''.join(rng.choices(ALPHABET, k=24))}" if like else ""


def truncate(damage: Damage, group: Group) -> str:
    """The right side cuts the reference."""
    length = damage.rng.choice((16, 18))
    for row in group.rights:
        row.reference = row.reference[:length]
    return "truncated"


def misread(damage: Damage, group: Group) -> str:
    """One character of the reference is misread."""
    row = group.rights[0]
    places = [place for place, letter in enumerate(row.reference) if letter in MISREADINGS and place > 2]
    if not places:
        return "plain"
    place = damage.rng.choice(places)
    row.reference = f"{row.reference[:place]}{MISREADINGS[row.reference[place]]}{row.reference[place + 1 :]}"
    return "misread"


def forget(damage: Damage, group: Group) -> str:
    """One side lost the reference."""
    row = damage.either(group)
    rows = group.lefts if row is group.lefts[0] else group.rights
    for row in rows:
        row.reference = row.batch = ""
        if any(token in row.description for token in ("po_", "ch_", "re_")):
            row.description = "PAYOUT"
    return "null"


def reassign(damage: Damage, group: Group) -> str:
    """A line gets the reference of the next group this befalls."""
    if not damage.waiting:
        damage.waiting.append(group)
        return "plain"
    other = damage.waiting.pop()
    if not other.clean or other.rights[0].reference == "" or len(other.rights) > 1:
        return "plain"
    other.rights[0].reference = group.lefts[0].reference
    other.rights[0].description = group.rights[0].description
    other.cause = "reassigned"
    return "robbed"


def sign(damage: Damage, group: Group) -> str:
    """One side turns the sign around."""
    row = damage.either(group)
    row.amount = -row.amount
    return "sign"


def unit(damage: Damage, group: Group) -> str:
    """One side writes minor units as major ones, or the other way round where nothing is lost by it."""
    row = damage.either(group)
    row.amount = row.amount // 100 if row.amount % 100 == 0 and damage.rng.random() < 0.5 else row.amount * 100
    return "unit"


def currency(damage: Damage, group: Group) -> str:
    """One side names another currency with as many decimals."""
    row = damage.either(group)
    others = [code for code in EXPONENTS if code != row.currency and EXPONENTS[code] == EXPONENTS[row.currency]]
    if not others:
        return "plain"
    row.currency = damage.rng.choice(others)
    return "currency"


def drift_within(damage: Damage, group: Group) -> str:
    """A rounding difference the rules allow."""
    damage.either(group).amount += damage.rng.choice((-2, -1, 1, 2))
    return "within"


def drift_over(damage: Damage, group: Group) -> str:
    """A difference beyond what the rules allow."""
    row = damage.either(group)
    row.amount += _some(damage.rng, row.amount)
    return "over"


def overcharge(damage: Damage, group: Group) -> str:
    """Part of it was kept that nobody agreed to."""
    row = group.rights[0]
    row.amount -= max(abs(row.amount) * damage.rng.randrange(3, 15) // 1000, TOLERANCE + 1)
    return "overcharged"


def _some(rng: Random, amount: int) -> int:
    """A difference of 0.5 to 20 percent, never within the tolerance."""
    return rng.choice((-1, 1)) * max(abs(amount) * rng.randrange(5, 200) // 1000, TOLERANCE + 1)


def correct(damage: Damage, group: Group) -> str:
    """The right side corrects its row by a second one; in half of the cases the left side has the new amount."""
    row, rng = group.rights[0], damage.rng
    delta, later = _some(rng, row.amount), rng.randrange(1, 6)
    day = row.day + later
    correction = Row(f"{row.id}c", day, delta, row.currency, row.reference, "", "CORRECTION", day)
    if rng.random() < 0.5:
        group.lefts[0].amount += delta
        group.rights.append(correction)
        return "corrected"
    correction.says = ("late_correction", "amount_under", "amount_over", "arrived_not_expected", "propose")
    damage.added.append(Group([], [correction], "uncorrected"))
    return "uncorrected"


def break_batch(damage: Damage, group: Group) -> str:
    """A line's amount differs from what went into the payout, its sign, its currency or its payout."""
    row, rng = damage.rng.choice(group.lefts), damage.rng
    chance = rng.random()
    if chance < 0.4:
        row.amount += _some(rng, row.amount)
    elif chance < 0.6:
        row.amount = -row.amount
    elif chance < 0.8:
        row.amount *= 100
    else:
        row.batch = _token(rng, "po_")  # a payout nobody heard of
        row.says = ("expected_not_arrived", "missing", "missing_key", "propose", "amount_under", "amount_over")
    return "broken"


SINGLE: Mapping[str, Corruptor] = {
    "lag": lag, "day_shift": day_shift, "out_of_order": out_of_order, "lose_right": lose_right, "lose_left": lose_left,
    "duplicate": duplicate, "conflict": conflict, "twin": twin, "truncate": truncate, "misread": misread,
    "forget": forget, "reassign": reassign, "sign": sign, "unit": unit, "currency": currency,
    "drift_within": drift_within, "drift_over": drift_over, "overcharge": overcharge, "correct": correct,
    "break_batch": break_batch,
}  # fmt: skip
