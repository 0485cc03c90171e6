"""A whole comparison of two sides: the passes in their order, what is left, and the proof that nothing was lost."""

import hashlib
from collections.abc import Mapping

from msgspec import Struct

from tieout.reconciliation.matching import disposal, keyed
from tieout.reconciliation.matching.dialect import Dialect, quoted, union
from tieout.reconciliation.matching.keyed import RELATIONS, Open
from tieout.reconciliation.matching.reason import OpenReason
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


def run(dialect: Dialect, left: Side, right: Side, *, patience: int = 5) -> Outcome:
    """Applies the passes to two loaded sides. The same rows in any order give the same outcome, to the hash."""
    open_ = Open(left.rows, right.rows, left.count, right.count)
    found: list[str] = []
    for number, relation in enumerate(RELATIONS):
        open_, more = keyed.apply(dialect, relation, number, open_)
        found += more
    dialect.make("nothing", "keyed.nothing")
    all_found = union(["nothing", *found])
    cases = disposal.dispose(dialect, left, right, open_, patience)
    dialect.make("matches", "result.matches", found=all_found, left=left.rows, right=right.rows)
    return _outcome(dialect, left, right, all_found, cases)


def _outcome(dialect: Dialect, left: Side, right: Side, found: str, cases: str) -> Outcome:
    sums = {}
    for side, n in ((left, "l_n"), (right, "r_n")):
        rows = f"{side.name}_typed"
        sums[side.name] = tuple(Counted(*_figures(row)) for row in dialect.rows("result.input_sums", rows=rows))
        _prove(dialect, side, n, found, cases, sums[side.name])
    tied = (
        Tied(pass_, status, ccy, int(matches), int(rows), int(total))
        for pass_, status, rows, matches, ccy, total in dialect.rows("result.by_pass", found=found, rows=left.rows)
    )
    opened = (
        Opened(side, OpenReason(reason), ccy, int(rows), int(total))
        for side, reason, ccy, rows, total in dialect.rows("result.by_reason", cases=cases)
    )
    return Outcome(
        matches="matches", cases=cases, left=sums[left.name], right=sums[right.name], tied=tuple(sorted(tied)),
        open=tuple(opened), engine=dialect.name, version=dialect.version, hash=_hash(dialect, "matches", cases),
    )  # fmt: skip


def _figures(row: tuple[str, int, int]) -> tuple[str, int, int]:
    return row[0], int(row[1]), int(row[2])


def _prove(dialect: Dialect, side: Side, n: str, found: str, cases: str, told: tuple[Counted, ...]) -> None:
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
