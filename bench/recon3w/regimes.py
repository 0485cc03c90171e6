"""The seven regimes: which look at which world, what is broken in it how often, and what the company's rules say."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from bench.recon3w import files, truth, views, world
from bench.recon3w.corrupt import SINGLE, Damage
from bench.recon3w.rows import Group, Row, View
from bench.recon3w.shape import Shape

DIFFICULTIES: Mapping[str, float] = {"clean": 0.0, "low": 0.3, "medium": 1.0, "high": 3.0}
SLA_DAYS = 14
Rates = Mapping[str, float]

_ANY: Rates = {"lag": 0.02, "day_shift": 0.01, "out_of_order": 0.01, "lose_right": 0.004, "lose_left": 0.003}
_ONE: Rates = {
    **_ANY, "duplicate": 0.004, "conflict": 0.001, "twin": 0.005, "forget": 0.003, "sign": 0.001, "unit": 0.001,
    "currency": 0.001, "drift_within": 0.01, "drift_over": 0.004, "overcharge": 0.001, "correct": 0.003,
}  # fmt: skip
_KEYED: Rates = {**_ONE, "truncate": 0.01, "misread": 0.002, "reassign": 0.002}
_BATCH: Rates = {"lose_right": 0.003, "lose_left": 0.002, "duplicate": 0.02, "out_of_order": 0.01, "break_batch": 0.002}
_UNKEYED: Rates = {name: rate for name, rate in _ONE.items() if name != "forget"}
_TWINS: Rates = {**_UNKEYED, "lose_right": 0.03, "lose_left": 0.03, "twin": 0.12, "truncate": 0.02}


@dataclass(frozen=True, slots=True)
class Regime:
    """One of the seven. `whole_days` and `files` are how many days a file lacks or brings twice, per hundred days."""

    name: str
    title: str
    look: Callable[[world.World, Random, int], View]
    rates: Rates
    retail: bool
    rows_per_order: float
    accounts: int
    orders_per_day: int
    whole_days: float = 0.0
    files: float = 1.0
    currencies: tuple[str, ...] = ("EUR", "USD", "GBP", "JPY")


def _regime(name: str, title: str, look: Callable[[world.World, Random, int], View], rates: Rates) -> Regime:
    if name in ("R3", "R4"):
        return Regime(name, title, look, rates, False, 0.45, 100, 260, whole_days=0.2, files=0.2)
    if name == "R6":
        return Regime(name, title, look, rates, True, 1.05, 3, 130, currencies=("EUR", "USD", "GBP"))
    rows = 1.1 if name == "R2" else 2.05
    return Regime(name, title, look, rates, True, rows, 12 if name == "R2" else 8, 480)


REGIMES: Mapping[str, Regime] = {
    regime.name: regime
    for regime in (
        _regime("R1", "keyed 1:1", views.sales, _KEYED),
        _regime("R2", "keyed 1:N payout", views.payouts, _BATCH),
        _regime("R3", "payout and bank by reference", views.transfers, _KEYED),
        _regime("R4", "payout and bank, nothing names it", views.transfers_unnamed, _UNKEYED),
        _regime("R5", "1:1, nothing names it", views.sales_unnamed, _UNKEYED),
        _regime("R6", "batches, nothing names them", views.payouts_unnamed, _BATCH),
        _regime("R7", "adversarial twins", views.twins, _TWINS),
    )
}


def shape_of(regime: Regime, difficulty: str, items: int) -> Shape:
    """A world of about that many rows on both sides together."""
    much = DIFFICULTIES[difficulty]
    count = max(items / regime.rows_per_order, 200)
    per_day = min(regime.orders_per_day, max(int(count / 40), 5))
    base = Shape(
        f"{regime.name}/{difficulty}", int(count / per_day) + 1, per_day, regime.accounts,
        "retail" if regime.retail else "wholesale", regime.currencies,
    )  # fmt: skip
    base = replace(base, abroad=0.001 * much if regime.name == "R1" else 0.0, rounded=much > 0)
    if regime.name in ("R3", "R4"):
        return replace(
            base, netted=0.01 * much, charged=0.001 * much, merged=0.004 * much, reissued=0.001 * much,
            converted=0.001 * much, reserves=0.02,
        )  # fmt: skip
    return base


@dataclass(frozen=True, slots=True)
class Problem:
    """Two files, rules and the truth about them."""

    regime: Regime
    difficulty: str
    seed: int
    view: View
    truth: truth.Truth

    def write(self, folder: Path, shuffle: int | None = None) -> None:
        """left.csv, right.csv, rules.toml and the truth, in a folder; rows as they arrived, or shuffled."""
        folder.mkdir(parents=True, exist_ok=True)
        files.write(self.view, folder, shuffle)
        (folder / "rules.toml").write_text(files.rules(self.view.as_of, SLA_DAYS), "utf-8")
        self.truth.write(folder)


def make(name: str, difficulty: str, seed: int, items: int, as_of_offset: int = 0) -> Problem:
    """The problem of a regime, a difficulty and a seed; `as_of_offset` moves the day on which it is looked at."""
    regime = REGIMES[name]
    shape = shape_of(regime, difficulty, items)
    made = world.make(shape, seed)
    rng = Random(f"recon3w/{name}/{difficulty}/{seed}/damage")  # noqa: S311 -- to be the same for ever
    view = regime.look(made, rng, shape.first_day + shape.days - 1)
    much = DIFFICULTIES[difficulty]
    damage(view, {kind: rate * much for kind, rate in regime.rates.items()}, rng)
    lack_days(view, regime.whole_days * much, shape, rng)
    replay(view, regime.files * much, rng)
    if name == "R7" and much:
        cross(view, 0.02 * much, rng)
    view.as_of += as_of_offset
    return Problem(regime, difficulty, seed, view, truth.tell(view, SLA_DAYS))


def damage(view: View, rates: Rates, rng: Random) -> None:
    """At most one corruptor for each group that nothing has befallen yet."""
    state = Damage(view, rng)
    total = sum(rates.values())
    table = list(rates.items())
    assert total < 1, "a group has one corruptor at most"
    for group in view.groups:
        chance = rng.random()
        if chance >= total or not group.clean or not group.lefts or not group.rights:
            continue
        for kind, rate in table:
            if chance < rate:
                _befall(state, group, kind)
                break
            chance -= rate
    view.groups += state.added


def _befall(state: Damage, group: Group, kind: str) -> None:
    """Applies a corruptor where it makes sense: most are for one row against one."""
    everywhere = ("lag", "day_shift", "out_of_order", "lose_right", "lose_left", "duplicate")
    if kind == "break_batch":
        if len(group.lefts) < 4:
            return
    elif kind not in everywhere and len(group.lefts) + len(group.rights) > 2:
        return
    group.cause = SINGLE[kind](state, group)


def lack_days(view: View, share: float, shape: Shape, rng: Random) -> None:
    """Takes whole days out of the right file, so many in a hundred."""
    count = int(share * shape.days / 100 + rng.random()) if share else 0
    gone = {shape.first_day + rng.randrange(5, max(shape.days - 5, 6)) for _ in range(count)}
    for group in view.groups:
        rows = [row for row in group.rights if row.day in gone]
        for row in rows:
            row.hidden = True
        if rows and all(row.hidden for row in group.rights) and group.clean:
            group.cause = "gap"


def replay(view: View, share: float, rng: Random) -> None:
    """Delivers the right file of a day again, so many days in a hundred."""
    days: dict[int, list[Row]] = {}
    for group in view.groups:
        for row in group.rights:
            if not row.hidden and not row.copies:
                days.setdefault(row.arrival, []).append(row)
    for day in sorted(days):
        if rng.random() < share / 100:
            for row in days[day]:
                row.copies.append((row.amount, row.description))


def cross(view: View, share: float, rng: Random) -> None:
    """Pairs of sales alike in amount and day: of one the right row is lost, of the other the left one.

    What is left looks like a pair and is none; the names, or the references, say so.
    """
    whole = [group for group in view.groups if group.clean and len(group.lefts) == len(group.rights) == 1]
    for one, other in zip(whole[::2], whole[1::2], strict=False):
        if rng.random() >= share:
            continue
        for side in ("lefts", "rights"):
            mine, theirs = getattr(one, side)[0], getattr(other, side)[0]
            theirs.amount, theirs.currency, theirs.day = mine.amount, mine.currency, mine.day
            theirs.arrival = mine.arrival
        one.rights[0].hidden = other.lefts[0].hidden = True
        one.cause, other.cause = "lost_right", "lost_left"
