"""A whole comparison of two sides: the passes in their order, what is left, and the proof that nothing was lost."""

import hashlib
from collections.abc import Mapping, Sequence

from msgspec import Struct

from tieout.reconciliation.matching import amount, bulk, disposal, expected, keyed, subset, text, windows
from tieout.reconciliation.matching.bulk import Part
from tieout.reconciliation.matching.dialect import Dialect, quoted, union
from tieout.reconciliation.matching.disposal import Clash, Patience
from tieout.reconciliation.matching.keyed import RELATIONS, Open, left_over
from tieout.reconciliation.matching.reason import OpenReason
from tieout.reconciliation.matching.rule import Rules
from tieout.reconciliation.matching.side import Side


class Counted(Struct, frozen=True, order=True):
    """How many rows, and what they come to in minor units of a currency."""

    currency: str
    rows: int
    total_minor: int


class Tied(Struct, frozen=True, order=True, rename={"pass_": "pass"}):
    """What a pass tied in a currency."""

    pass_: str
    status: str
    currency: str
    matches: int
    allocations: int
    total_minor: int


class Opened(Struct, frozen=True, order=True):
    """Rows of a side that are cases for one reason, in a currency."""

    side: str
    reason: OpenReason
    currency: str
    rows: int
    total_minor: int


class Outcome(Struct, frozen=True):
    """What a run came to. `matches` and `cases` are SQL or tables of the dialect; the hash is over all their fields."""

    matches: str
    cases: str
    left: tuple[Counted, ...]
    right: tuple[Counted, ...]
    tied: tuple[Tied, ...]
    open: tuple[Opened, ...]
    engine: str
    version: str
    hash: str


#: Rows of the longer side up to which the outcome is hashed: hashing takes as long as matching.
HASHED = 2_000_000


def run(dialect: Dialect, left: Side, right: Side, rules: Rules) -> Outcome:
    """Applies the passes to two loaded sides. The same rows in any order give the same outcome, to the hash."""
    parts, rest = bulk.apply(dialect, left, right)
    open_ = Open(rest[0].rows, rest[1].rows, left.count, right.count)
    found: list[str] = []
    for number, relation in enumerate(RELATIONS):
        open_, more = keyed.apply(dialect, relation, number, open_)
        found += more
    if rules.expects:
        open_, more = expected.by_key(dialect, rules, open_)
        found += more
    known = disposal.clashes(dialect, left, right, open_, rest)
    free = unnamed(dialect, open_, known, "free")
    more, known = _unkeyed(dialect, rest, free, known, rules)
    found += more
    open_ = left_over(dialect, "last", open_, more)
    dialect.make("nothing", "keyed.nothing")
    all_found = union(["nothing", *found])
    cases = disposal.dispose(
        dialect,
        left,
        right,
        open_,
        rest,
        known,
        Patience(rules.sla_days, rules.as_of_day, bool(rules.fee), rules.holidays),
    )
    dialect.make("matches", "result.matches", found=all_found, left=rest[0].rows, right=rest[1].rows)
    return _outcome(dialect, rest, all_found, cases, parts)


def unnamed(dialect: Dialect, open_: Open, known: Mapping[str, Clash], prefix: str) -> Open:
    """Open rows that share no key with a row of the other side."""
    for name, rows in (("left", open_.left), ("right", open_.right)):
        dialect.make(f"{prefix}_{name}", "text.free", rows=rows, barred=known[name].clash)
    return Open(f"{prefix}_left", f"{prefix}_right", open_.left_count, open_.right_count)


def _unkeyed(
    dialect: Dialect, sides: tuple[Side, Side], open_: Open, known: dict[str, Clash], rules: Rules
) -> tuple[list[str], dict[str, Clash]]:
    """The passes over rows that no key ties: by texts, then by amounts. Gives what they found, and what rows clash."""
    found: list[str] = []
    own = text.units(dialect, "t_left", open_.left), text.units(dialect, "t_right", open_.right)
    if rules.runs("text"):
        judged = text.links(dialect, sides, own)
        more = text.apply(dialect, judged, own)
        more += expected.by_text(dialect, rules, judged, own, open_.left) if rules.expects else []
        found += more
        open_ = left_over(dialect, "t", open_, more)
        known = disposal.named_otherwise(dialect, judged, own, known, open_)
        open_ = unnamed(dialect, open_, known, "quiet")
    rounds = 0
    while True:
        own = text.units(dialect, f"a{rounds}_l", open_.left), text.units(dialect, f"a{rounds}_r", open_.right)
        laid = amount.field(dialect, sides, own, rules, rounds)
        more = amount.apply(dialect, laid, rules, open_.left) if rules.runs("amount") else []
        if not more and rules.runs("windows"):
            more = windows.apply(dialect, own, rounds)
        if not more:
            break
        found += more
        open_ = left_over(dialect, f"a{rounds}", open_, more)
        rounds += 1
    proposed: list[str] = []
    if rules.runs("amount"):
        proposed = amount.propose(dialect, laid)
        known = disposal.crowded(dialect, laid.filled, own, {side.name: side.rows for side in sides}, known)
    if rules.runs("subset"):
        proposed += subset.apply(dialect, sides, own, proposed, rules)
    found += proposed
    return found, known


def _outcome(dialect: Dialect, rest: tuple[Side, Side], found: str, cases: str, parts: Sequence[Part]) -> Outcome:
    sums = {}
    for side, n in zip(rest, ("l_n", "r_n"), strict=True):
        rows = f"{side.name}_typed"
        sums[side.name] = tuple(Counted(*_figures(row)) for row in dialect.rows("result.input_sums", rows=rows))
        _prove(dialect, side, n, found, cases, sums[side.name], parts)
    tied = [
        Tied(pass_, status, ccy, int(matches), int(rows), int(total))
        for pass_, status, rows, matches, ccy, total in dialect.rows("result.by_pass", found=found, rows=rest[0].rows)
    ]
    opened = (
        Opened(side, OpenReason(reason), ccy, int(rows), int(total))
        for side, reason, ccy, rows, total in dialect.rows("result.by_reason", cases=cases)
    )
    matches = union(["matches", *(part.matches for part in parts)])
    count = max(sum(counted.rows for counted in side) for side in sums.values())
    return Outcome(
        matches=matches, cases=cases, left=sums[rest[0].name], right=sums[rest[1].name],
        tied=tuple(sorted(_with(tied, parts))), open=tuple(opened), engine=dialect.name, version=dialect.version,
        hash=_hash(dialect, matches, cases) if count <= HASHED else "",
    )  # fmt: skip


def _with(tied: Sequence[Tied], parts: Sequence[Part]) -> list[Tied]:
    """What passes tied, with what was tied in bulk before them."""
    figures: dict[tuple[str, str, str], tuple[int, int, int]] = {
        (t.pass_, t.status, t.currency): (t.matches, t.allocations, t.total_minor) for t in tied
    }
    for part in parts:
        for told in part.sums:
            key = (part.pass_, "posted", told.currency)
            before = figures.get(key, (0, 0, 0))
            figures[key] = (before[0] + told.matches, before[1] + told.left, before[2] + told.total_minor)
    return [Tied(*key, *counted) for key, counted in figures.items()]


def _figures(row: tuple[str, int, int]) -> tuple[str, int, int]:
    return row[0], int(row[1]), int(row[2])


def _prove(
    dialect: Dialect, side: Side, n: str, found: str, cases: str, told: tuple[Counted, ...],
    parts: Sequence[Part],
) -> None:  # fmt: skip
    """Conservation: what is posted, proposed and a case comes to what was told, per currency, to the minor unit."""
    ((wrong,),) = dialect.rows("result.overdrawn", found=found, rows=side.rows, n=n)
    assert wrong == 0, f"{wrong} rows of the {side.name} side are tied by more or less than they are"
    rows: dict[str, int] = {}
    totals: dict[str, int] = {}
    counted = [(ccy, count, total) for ccy, _, count, total in dialect.rows(
        "result.tied_sums", found=found, rows=side.rows, n=n)]  # fmt: skip
    counted += [
        (ccy, count, total)
        for ccy, count, total in dialect.rows("result.case_sums", cases=cases, side=quoted(side.name))
    ]
    for tied in (tied for part in parts for tied in part.sums):
        counted.append((tied.currency, tied.left if n == "l_n" else tied.right, tied.total_minor))
    for ccy, count, total in counted:
        rows[ccy] = rows.get(ccy, 0) + int(count)
        totals[ccy] = totals.get(ccy, 0) + int(total)
    expected: Mapping[str, tuple[int, int]] = {c.currency: (c.rows, c.total_minor) for c in told}
    assert {ccy: (rows[ccy], totals[ccy]) for ccy in rows} == expected, f"rows of the {side.name} side were lost"


def _hash(dialect: Dialect, matches: str, cases: str) -> str:
    """A hash over every field of the outcome, the same for rows in any order and on any engine."""
    parts = []
    for template, name, table in (("result.match_digest", "matches", matches), ("result.case_digest", "cases", cases)):
        digests = {f"digest_{part}": f"cast(digest(line, {part}) as decimal(38, 0))" for part in (0, 1)}
        (row,) = dialect.rows(template, **{name: table}, **digests)
        parts.append(" ".join(str(int(figure or 0)) for figure in row))
    return hashlib.sha256(("tieout-match-1\n" + "\n".join(parts)).encode()).hexdigest()
