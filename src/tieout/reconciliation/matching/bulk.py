"""The mass of a keyed flow: pairs by reference and whole batches, tied before the passes that compare everything.

The outcome is that of the keyed passes; only the work is less. What is tied is never copied: it stays a query over the
files and a small table of decisions until it is written.
"""

from msgspec import Struct, structs

from tieout.reconciliation.matching.dialect import Dialect, quoted
from tieout.reconciliation.matching.keyed import RELATIONS
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


def apply(dialect: Dialect, left: Side, right: Side) -> tuple[list[Part], tuple[Side, Side]]:
    """Ties what is plain. Gives what it tied and, as sides, the rows it leaves to the passes."""
    whole = left, right
    if max(left.count, right.count) < BULK or right.count > _FEWER * left.count:
        return [], whole
    if left.count > _FEWER * right.count:
        return _batches(dialect, whole)
    return _singles(dialect, whole)


def _singles(dialect: Dialect, whole: tuple[Side, Side]) -> tuple[list[Part], tuple[Side, Side]]:
    """Rows whose reference one row on each side has, with one amount."""
    dialect.make("partners", "bulk.partners", left=whole[0].rows, right=whole[1].rows)
    dialect.make("twins", "bulk.twins", partners="partners")
    dialect.look("singles", "bulk.singles", partners="partners", twins="twins")
    for side, n in zip(whole, ("l_n", "r_n"), strict=True):
        dialect.make(f"{side.name}_not_tied", "bulk.not_single", partners="partners", twins="twins", n=n)
    relation = RELATIONS[0]
    dialect.look(
        "single_matches", "bulk.single_matches", singles="singles", pass_=quoted(relation.name),
        one=quoted(relation.one),
    )  # fmt: skip
    sums = _sums(dialect, "bulk.single_sums", singles="singles")
    return [Part(relation.name, "single_matches", sums)], _rest(dialect, whole)


def _batches(dialect: Dialect, whole: tuple[Side, Side]) -> tuple[list[Part], tuple[Side, Side]]:
    """Batches whose rows come to the one row on the right that they name, where no reference ties rows before."""
    left, right = (side.rows for side in whole)
    if dialect.rows("bulk.shared", left=left, right=right):
        return [], whole
    dialect.make("batches", "bulk.batches", left=left, right=right)
    relation = RELATIONS[1]
    dialect.look(
        "batch_matches", "bulk.batch_matches", left=left, batches="batches", pass_=quoted(relation.name),
        one=quoted(relation.one), many=quoted(relation.many),
    )  # fmt: skip
    for side, template in zip(whole, ("bulk.not_batched_left", "bulk.not_batched_right"), strict=True):
        dialect.make(f"{side.name}_not_tied", template, left=left, right=right, batches="batches")
    sums = _sums(dialect, "bulk.batch_sums", batches="batches")
    return [Part(relation.name, "batch_matches", sums)], _rest(dialect, whole)


def _rest(dialect: Dialect, whole: tuple[Side, Side]) -> tuple[Side, Side]:
    """The sides with only those rows, raw and as the passes want them, that are not tied."""
    for side in whole:
        name = side.name
        dialect.make(f"{name}_rest_raw", "bulk.chosen", raw=side.raw, numbers=f"{name}_not_tied")
        dialect.make(f"{name}_rest", "read.typed", raw=f"{name}_rest_raw", **side.shape)
    left, right = (structs.replace(side, raw=f"{side.name}_rest_raw", rows=f"{side.name}_rest") for side in whole)
    return left, right


def _sums(dialect: Dialect, template: str, **fills: object) -> tuple[Sum, ...]:
    return tuple(
        Sum(ccy, int(left), int(right), int(matches), int(total))
        for ccy, left, right, matches, total in dialect.rows(template, **fills)
    )
