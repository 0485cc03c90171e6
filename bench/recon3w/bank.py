"""The bank's side of a world: transfers as the account shows them, on business days, some not as they were sent."""

from collections import defaultdict
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from bench.recon3w import days
from bench.recon3w.shape import EXPONENTS

if TYPE_CHECKING:
    from bench.recon3w.world import Payout, World

#: What banks are known to take off a transfer, in hundredths; the rules know them too. Yen accounts have none.
KNOWN_CHARGES = (50, 250, 1500)
BATCH_MAX = 3


@dataclass(slots=True)
class Line:
    """One booking on the account and the payouts it carries, each with its amount; the rest is a charge.

    `what` says how it differs from a plain transfer: plain, netted, charged, merged, returned (came, went back and
    came again: three lines), converted.
    """

    id: str
    day: int
    amount: int
    currency: str
    carries: list[tuple["Payout", int]]
    what: str


def book(world: "World", rng: Random) -> list[Line]:
    """All lines, in order of day and number."""
    arrivals: defaultdict[tuple[int, str], list[tuple[Payout, int]]] = defaultdict(list)
    for payout in world.payouts:
        for part in payout.parts:
            arrivals[(days.after(payout.day, rng.choices((1, 2, 3), (60, 30, 10))[0]), payout.currency)].append(
                (payout, part)
            )
    found: list[Line] = []
    for (day, currency), transfers in sorted(arrivals.items(), key=lambda arrival: arrival[0]):
        found += _day(world, rng, day, currency, transfers)
    found.sort(key=lambda line: line.day)
    for number, line in enumerate(found):
        line.id = f"bank-{number:07}"
    return found


def _day(world: "World", rng: Random, day: int, currency: str, transfers: list[tuple["Payout", int]]) -> list[Line]:
    """What one day's transfers in one currency become."""
    shape, lines, position = world.shape, [], 0
    while position < len(transfers):
        payout, part = transfers[position]
        whole = len(payout.parts) == 1
        merged = transfers[position : position + rng.choice((2, 2, BATCH_MAX))]
        if rng.random() < shape.merged and len(merged) > 1 and all(len(other.parts) == 1 for other, _ in merged):
            lines.append(Line("", day, sum(amount for _, amount in merged), currency, merged, "merged"))
            position += len(merged)
            continue
        position += 1
        lines += _transfer(world, rng, day, (payout, part), whole)
    return lines


def _transfer(world: "World", rng: Random, day: int, transfer: tuple["Payout", int], whole: bool) -> list[Line]:  # noqa: FBT001
    """The lines of one transfer."""
    shape, (payout, part) = world.shape, transfer
    scale = 1 if EXPONENTS[payout.currency] else 100
    plain = Line("", day, part, payout.currency, [transfer], "plain")
    chance = rng.random()
    if not whole or part < 10_000 // scale:
        return [plain]
    if chance < shape.netted and scale == 1:
        plain.what, plain.amount = "netted", part - rng.choice(KNOWN_CHARGES)
    elif (chance := chance - shape.netted) < shape.charged:
        plain.what, plain.amount = "charged", part - rng.randrange(301, 999) // scale - 1
    elif (chance := chance - shape.charged) < shape.converted and payout.currency != "EUR":
        rate = world.rates[payout.currency][payout.day - shape.first_day]
        plain.what, plain.currency = "converted", "EUR"
        plain.amount = round(part / rate * rng.uniform(0.985, 0.999) * 10.0 ** (2 - EXPONENTS[payout.currency]))
    elif chance - shape.converted < shape.reissued:
        back, again = days.after(day, 2), days.after(day, rng.randrange(3, 6))
        return [
            Line("", when, amount, payout.currency, [(payout, amount)], "returned")
            for when, amount in ((day, part), (back, -part), (again, part))
        ]
    return [plain]
