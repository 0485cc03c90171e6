"""What became of every row that no pass tied: a reason from the closed vocabulary, and a sentence."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct

from tieout.reconciliation.matching.dialect import Dialect, places, quoted, union
from tieout.reconciliation.matching.keyed import RELATIONS, Open
from tieout.reconciliation.matching.side import Side
from tieout.reconciliation.matching.text import Units

_EPOCH = date(1970, 1, 1)


class Clash(Struct, frozen=True):
    """Tables about open rows of a side: whom they share a key with, whose key is settled, how crowded amounts are."""

    clash: str
    settled: str
    crowd: str = "no_crowd"


class Patience(Struct, frozen=True):
    """How many days a row may wait, seen from which day (the newest if None), by whose bank holidays, if any."""

    days: int
    as_of: int | None = None
    fees: bool = False
    country: str | None = None


def clashes(dialect: Dialect, left: Side, right: Side, open_: Open, rest: tuple[Side, Side]) -> dict[str, Clash]:
    """What open rows of each side share a key with, by side. `rest` is what was left when what is plain was tied."""
    dialect.make("no_crowd", "disposal.no_crowd")
    found = {}
    for own, other, rows, other_rows, near in (
        (left, right, open_.left, open_.right, rest[1]),
        (right, left, open_.right, open_.left, rest[0]),
    ):
        tables = _relations(dialect, own.name, rows, other_rows, (near.rows, other.rows), is_left=own is left)
        found[own.name] = Clash(*tables)
    return found


def dispose(
    dialect: Dialect, left: Side, right: Side, open_: Open, rest: tuple[Side, Side], known: dict[str, Clash],
    patience: Patience,
) -> str:  # fmt: skip
    """Says of all open rows why they are; gives SQL for all cases of both sides."""
    figures = {side.name: dialect.rows("disposal.figures", rows=side.rows, raw=side.raw)[0] for side in (left, right)}
    due = _due(dialect, open_, patience)
    as_of = patience.as_of if patience.as_of is not None else max(figure[1] for figure in figures.values())
    tables = []
    for own, other, rows in ((left, right, open_.left), (right, left, open_.right)):
        is_left = own is left
        clash = known[own.name]
        _, _, _, keyed = figures[own.name]
        _, _, batched, _ = figures[other.name]
        expected, arrived = ("own", "other") if is_left else ("other", "own")
        rows_of = "case when {0}_members > 1 then concat(' (', {0}_members, ' rows)') else '' end"
        dialect.make(
            f"{own.name}_cases", "disposal.cases",
            own=rows, raw=rest[0 if is_left else 1].raw, clash=clash.clash, settled=clash.settled, crowd=clash.crowd,
            other_name=other.name,
            expected=f"{expected}_total", arrived=f"{arrived}_total", arrived_members=f"{arrived}_members",
            expected_rows=rows_of.format(expected), arrived_rows=rows_of.format(arrived),
            fees=_truth(patience.fees),
            keyed=_truth(keyed), batched=_truth(batched), due=due, as_of=as_of, places=places("x.ccy"),
            alone="expected_not_arrived" if is_left else "arrived_not_expected",
            beside="expected_not_arrived" if is_left else "late_correction",
        )  # fmt: skip
        dialect.make(f"{own.name}_repeated", "disposal.repeated", gone=own.gone, typed=f"{own.name}_typed")
        tables += [(own.name, f"{own.name}_cases"), (own.name, f"{own.name}_repeated")]
    for side, table in tables:
        dialect.make(f"{table}_told", "disposal.told", side=quoted(side), cases=table)
    return union(f"{table}_told" for _, table in tables)


def _due(dialect: Dialect, open_: Open, patience: Patience) -> str:
    """A table of the days of open rows, with the day by which each should have its counterpart."""
    days = sorted({row[0] for row in dialect.rows("disposal.days", rows=union([open_.left, open_.right]))})
    dialect.put("due", {"day": "int", "due": "int"}, zip(days, _due_days(days, patience), strict=True))
    return "due"


def _due_days(days: Sequence[int], patience: Patience) -> Iterator[int]:
    """Calendar days, or with a country its bank days: no weekend and no holiday is counted."""
    if patience.country is None:
        yield from (day + patience.days for day in days)
        return
    import holidays

    known = holidays.country_holidays(patience.country)
    for day in days:
        due = _EPOCH + timedelta(days=day)
        for _ in range(patience.days):
            due += timedelta(days=1)
            while due.weekday() > 4 or due in known:
                due += timedelta(days=1)
        yield (due - _EPOCH).days


def _relations(
    dialect: Dialect, name: str, own: str, other: str, settled_in: tuple[str, str], *, is_left: bool
) -> tuple[str, str]:
    """Tables of what open rows share a key with: other open rows, and rows that are tied.

    A reference that was tied in bulk is that of one row on each side, so open rows share one with the rest only.
    """
    clashes, settled = [], []
    for rank, relation in enumerate(RELATIONS, start=1):
        key, other_key = (relation.left_key, relation.right_key) if is_left else (relation.right_key, relation.left_key)
        if rank > 1 and not dialect.rows("disposal.has_key", rows=own, key=key):
            continue
        other_all = settled_in[0] if key == other_key == "ref" else settled_in[1]
        prefix = f"{name}_{rank}"
        dialect.look(f"{prefix}_own", "keyed.totals", rows=own, key=key)
        dialect.look(f"{prefix}_other", "keyed.totals", rows=other, key=other_key)
        dialect.look(f"{prefix}_amounts", "disposal.amounts", rows=other, key=other_key)
        dialect.look(
            f"{prefix}_clash", "disposal.clashes", own=own, key=key, rank=rank, own_totals=f"{prefix}_own",
            other_totals=f"{prefix}_other", other_amounts=f"{prefix}_amounts",
        )  # fmt: skip
        dialect.look(
            f"{prefix}_settled", "disposal.settled_keys", own=own, key=key, other_all=other_all, other_key=other_key
        )
        clashes.append(f"{prefix}_clash")
        settled.append(f"{prefix}_settled")
    dialect.make(f"{name}_clash", "disposal.best_clash", clashes=union(clashes))
    dialect.make(f"{name}_settled", "disposal.distinct_rows", rows=union(settled))
    return f"{name}_clash", f"{name}_settled"


def _truth(flag: object) -> str:
    return "true" if flag else "false"


def named_otherwise(
    dialect: Dialect, judged: str, own: tuple[Units, Units], known: dict[str, Clash], open_: Open
) -> dict[str, Clash]:
    """Adds open rows that a text of the other side names, or whose text names one, and whose sums differ."""
    found = {}
    for side, other, units, rows, ours, theirs in (
        ("left", "right", own[0], open_.left, "l", "r"),
        ("right", "left", own[1], open_.right, "r", "l"),
    ):
        dialect.make(
            f"{side}_named_clash", "text.named_only", judged=judged, units=units.units, unit_rows=units.rows, rows=rows,
            names=f"{side}_names", other_names=f"{other}_names", rank=len(RELATIONS) + 1, u=f"{ours}_u",
            other_u=f"{theirs}_u", links=f"{ours}_links",
            own_amount=f"{ours}_amount", other_amount=f"{theirs}_amount", other_sum=f"{theirs}_sum",
        )  # fmt: skip
        columns = "n, rank, name, own_members, own_total, other_members, other_total, other_ccy, twins"
        clash = f"{side}_clash_and_named"
        dialect.make(clash, "disposal.all_rows", rows=union([known[side].clash, f"{side}_named_clash"], columns))
        found[side] = Clash(clash, known[side].settled)
    return found


def crowded(
    dialect: Dialect, filled: Mapping[str, object], own: tuple[Units, Units], rows: Mapping[str, str],
    known: dict[str, Clash],
) -> dict[str, Clash]:  # fmt: skip
    """Adds how many units each open one could be, where that is why nothing was posted."""
    found = {}
    for side, other, units, ours, theirs in (("left", "right", own[0], "l", "r"), ("right", "left", own[1], "r", "l")):
        crowds, told = f"{side}_crowds", f"{side}_candidates"
        dialect.make(
            crowds, "amount.crowds", counted=filled["counted"], own=ours, other=theirs, common=filled[f"{side}_common"],
            own_units=units.units, own_values=filled[f"{side}_values"], other_values=filled[f"{other}_values"],
        )  # fmt: skip
        dialect.make(told, "amount.candidates", counted=filled["counted"], own=ours, other=theirs, rows=rows[other])
        dialect.make(f"{side}_crowd", "amount.crowded", crowds=crowds, unit_rows=units.rows, candidates=told)
        found[side] = Clash(known[side].clash, known[side].settled, f"{side}_crowd")
    return found
