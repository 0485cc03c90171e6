"""The mass of a keyed flow: pairs by reference and whole batches, tied before the passes that compare everything.

The outcome is that of the keyed passes; only the work is less. What is tied is never copied: it stays a query over the
files and a small table of decisions until it is written.
"""

from msgspec import Struct

from tieout.reconciliation.matching.dialect import Dialect, quoted
from tieout.reconciliation.matching.keyed import RELATIONS, Open
from tieout.reconciliation.matching.side import Side

#: Rows of the longer side from which on it is worth while.
BULK = 200_000
#: With this many times fewer rows on the right, rows of the left are parts of batches, not partners.
_FEWER = 10


class Sum(Struct, frozen=True):
    """What was tied in a currency: rows of each side, matches, and minor units."""

    currency: str
    left: int
    right: int
    matches: int
    total_minor: int


class Part(Struct, frozen=True):
    """What was tied by one pass: the view of its matches as they are written, and what they come to."""

    pass_: str
    matches: str
    sums: tuple[Sum, ...]


def apply(dialect: Dialect, left: Side, right: Side) -> tuple[list[Part], Open]:
    """Ties what is plain. Gives what it tied and what it leaves to the passes."""
    all_ = Open(left.rows, right.rows, left.count, right.count)
    if max(left.count, right.count) < BULK:
        return [], all_
    if left.count > _FEWER * right.count:
        return _batches(dialect, all_)
    if right.count > _FEWER * left.count:
        return [], all_
    return _singles(dialect, left, right, all_)


def _singles(dialect: Dialect, left: Side, right: Side, all_: Open) -> tuple[list[Part], Open]:
    """Rows whose reference one row on each side has, with one amount."""
    dialect.make("partners", "bulk.partners", left=all_.left, right=all_.right)
    dialect.make("twins", "bulk.twins", partners="partners")
    dialect.look("singles", "bulk.singles", partners="partners", twins="twins")
    for side, whole in (("l", left), ("r", right)):
        dialect.make(f"not_single_{side}", "bulk.not_single", partners="partners", twins="twins", n=f"{side}_n")
        chosen = f"(select w.* from {whole.raw} w join not_single_{side} o on o.n = w.n)"
        dialect.make(f"rest_{side}", "read.typed", raw=chosen, **whole.shape)
    relation = RELATIONS[0]
    dialect.look(
        "single_matches", "bulk.single_matches", singles="singles", pass_=quoted(relation.name),
        one=quoted(relation.one),
    )  # fmt: skip
    sums = _sums(dialect, "bulk.single_sums", singles="singles")
    return [Part(relation.name, "single_matches", sums)], Open("rest_l", "rest_r", all_.left_count, all_.right_count)


def _batches(dialect: Dialect, all_: Open) -> tuple[list[Part], Open]:
    """Batches whose rows come to the one row on the right that they name, where no reference ties rows before."""
    if dialect.rows("bulk.shared", left=all_.left, right=all_.right):
        return [], all_
    dialect.make("batches", "bulk.batches", left=all_.left, right=all_.right)
    relation = RELATIONS[1]
    dialect.look(
        "batch_matches", "bulk.batch_matches", left=all_.left, batches="batches", pass_=quoted(relation.name),
        one=quoted(relation.one), many=quoted(relation.many),
    )  # fmt: skip
    for side, rows in (("left", all_.left), ("right", all_.right)):
        dialect.make(f"rest_{side}", f"bulk.not_batched_{side}", **{side: rows}, batches="batches")
    sums = _sums(dialect, "bulk.batch_sums", batches="batches")
    rest = Open("rest_left", "rest_right", all_.left_count, all_.right_count)
    return [Part(relation.name, "batch_matches", sums)], rest


def _sums(dialect: Dialect, template: str, **fills: object) -> tuple[Sum, ...]:
    return tuple(
        Sum(ccy, int(left), int(right), int(matches), int(total))
        for ccy, left, right, matches, total in dialect.rows(template, **fills)
    )
