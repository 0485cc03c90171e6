"""How others match, shipped with the benchmark: each a few lines that do what the method is known to do, no better.

All of them match one row with one row, and say of the rest by its age what this benchmark's rules say. They are given
the same rules as the engine under test: the agreed days, and nothing else they would not use.
"""

import csv
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bench.recon3w import days
from bench.recon3w.causes import MISSING, TIMING
from bench.recon3w.files import minor
from bench.recon3w.rows import LEFT, RIGHT
from bench.recon3w.score import Answer, Said

WINDOW = 4
"""Days between the two sides, as the tolerance and the amount-and-days rules have it."""


@dataclass(frozen=True, slots=True)
class Told:
    """A row as its file tells it."""

    id: str
    day: int
    amount: int
    currency: str
    reference: str
    batch: str
    description: str


def read(path: Path) -> list[Told]:
    """The rows of a file, in its order."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Told(id, days.number(date.fromisoformat(day)), minor(amount, currency), currency, reference, batch, text)
            for id, day, amount, currency, reference, batch, text in list(csv.reader(file))[1:]
        ]


Pairs = Iterable[tuple[Told, Told]]
Method = Callable[[list[Told], list[Told]], Pairs]


def first_wins(lefts: list[Told], rights: list[Told]) -> Pairs:
    """The first free row with the same reference and amount; of the rest, the first of that amount within ten days.

    As engines do whose rule ends with “first one matching” or “lowest id”.
    """
    by_reference: defaultdict[tuple[str, str, int], list[Told]] = defaultdict(list)
    by_amount: defaultdict[tuple[str, int], list[Told]] = defaultdict(list)
    for right in rights:
        if right.reference:
            by_reference[right.reference, right.currency, right.amount].append(right)
        by_amount[right.currency, right.amount].append(right)
    used: set[int] = set()
    done: set[int] = set()
    for named in (True, False):
        for left in lefts:
            if id(left) in done:
                continue
            key = (left.batch or left.reference, left.currency, left.amount)
            alike = by_reference.get(key, ()) if named else by_amount.get((left.currency, left.amount), ())
            for right in alike:
                if id(right) not in used and (named or abs(right.day - left.day) <= 10):
                    used.add(id(right))
                    done.add(id(left))
                    yield left, right
                    break


def three_percent(lefts: list[Told], rights: list[Told]) -> Pairs:
    """The row closest in days, then in amount, within 3 % and four days; the oldest row chooses first (Odoo-like)."""
    by_day: defaultdict[tuple[str, int], list[tuple[int, int, Told]]] = defaultdict(list)
    for number, right in enumerate(rights):
        by_day[right.currency, right.day].append((right.amount, number, right))
    for alike in by_day.values():
        alike.sort()
    used: set[int] = set()
    for left in sorted(lefts, key=lambda row: (row.day, row.id)):
        slack = abs(left.amount) * 3 // 100
        for distance in range(WINDOW + 1):
            best: tuple[int, int, Told] | None = None
            for day in {left.day - distance, left.day + distance}:
                alike = by_day.get((left.currency, day), [])
                for amount, number, right in alike[bisect_left(alike, left.amount - slack, key=lambda at: at[0]) :]:
                    if amount > left.amount + slack:
                        break
                    off = abs(amount - left.amount)
                    if number not in used and (best is None or (off, number) < best[:2]):
                        best = off, number, right
            if best is not None:
                used.add(best[1])
                yield left, best[2]
                break


def amount_and_days(lefts: list[Told], rights: list[Told]) -> Pairs:
    """The first row of the same amount within four days, whether or not another row has it already (Blnk-like)."""
    by_amount: defaultdict[tuple[str, int], list[Told]] = defaultdict(list)
    for right in rights:
        by_amount[right.currency, right.amount].append(right)
    for left in lefts:
        for right in by_amount.get((left.currency, left.amount), []):
            if abs(right.day - left.day) <= WINDOW:
                yield left, right
                break


METHODS: Mapping[str, Method] = {
    "first wins": first_wins,
    "3 % and 4 days": three_percent,
    "amount and 4 days": amount_and_days,
}


def answer(lefts: list[Told], rights: list[Told], pairs: Pairs, as_of: int, sla_days: int, by: str) -> Answer:
    """Posts the pairs, and says of the other rows what their age says."""
    given = Answer()
    tied: dict[str, set[str]] = {LEFT: set(), RIGHT: set()}
    for left, right in pairs:
        given.said.append(Said(left.id, right.id, right.amount, left.currency, by, posted=True))
        tied[LEFT].add(left.id)
        tied[RIGHT].add(right.id)
    for side, rows in ((LEFT, lefts), (RIGHT, rights)):
        seen: set[str] = set()
        for row in rows:
            if row.id in seen:
                given.case(side, row.id, "duplicate")
            elif row.id not in tied[side]:
                late = MISSING if as_of - row.day > sla_days else TIMING
                given.case(side, row.id, late if side == LEFT else "arrived_not_expected")
            seen.add(row.id)
    return given


def first_deliveries(rows: list[Told]) -> list[Told]:
    """The rows without those whose id came before: every system refuses an id twice."""
    return list({row.id: row for row in reversed(rows)}.values())[::-1]


def run(name: str, folder: Path, as_of: int, sla_days: int) -> Answer:
    """What a baseline answers to the two files of a folder."""
    lefts, rights = read(folder / "left.csv"), read(folder / "right.csv")
    pairs = METHODS[name](first_deliveries(lefts), first_deliveries(rights))
    return answer(lefts, rights, pairs, as_of, sla_days, name)
