"""The keyed passes: rows that name the same thing, one or many a side, and come to the same sum."""

from collections.abc import Sequence

from msgspec import Struct

from tieout.reconciliation.matching.dialect import Dialect, quoted, union


class Relation(Struct, frozen=True):
    """Which column of the left side is compared with which of the right, and how a tie by it is explained."""

    name: str
    left_key: str
    right_key: str
    one: str
    many: str


#: In order of strength. A batch names a payout; a reference names the row itself.
RELATIONS: Sequence[Relation] = (
    Relation(
        "reference", "ref", "ref", "The reference is the same on both sides and so is the amount; no other row has it.",
        "row(s) with the same reference on both sides come to the same sum",
    ),
    Relation(
        "batch", "batch", "ref", "The batch of the left row is the reference of the right one; the amount is the same.",
        "row(s) of the batch that the reference on the right names come to its sum",
    ),
    Relation(
        "batch", "ref", "batch", "The batch of the right row is the reference of the left one; the amount is the same.",
        "row(s) of the batch that the reference on the left names come to its sum",
    ),
    Relation(
        "batch", "batch", "batch", "The batch is the same on both sides and so is the amount; no other row has it.",
        "row(s) of the same batch come to the same sum on both sides",
    ),
)  # fmt: skip

#: Where one side has this many times fewer rows, only what it names is added up on the other.
_FEWER = 10


class Open(Struct, frozen=True):
    """What is still open: the tables of both sides and how many rows they began with."""

    left: str
    right: str
    left_count: int
    right_count: int


def apply(dialect: Dialect, relation: Relation, number: int, open_: Open) -> tuple[Open, list[str]]:
    """One keyed pass. Gives what it leaves open and the tables of what it found."""
    prefix = f"k{number}"
    sides = (
        ("l", open_.left, relation.left_key, open_.left_count, open_.right, relation.right_key, open_.right_count),
        ("r", open_.right, relation.right_key, open_.right_count, open_.left, relation.left_key, open_.left_count),
    )
    for side, rows, key, count, other, other_key, other_count in sides:
        if count > _FEWER * other_count:
            dialect.look(f"{prefix}_{side}", "keyed.totals_named", rows=rows, key=key, other=other, other_key=other_key)
        else:
            dialect.look(f"{prefix}_{side}", "keyed.totals", rows=rows, key=key)
    pairs = f"{prefix}_pairs"
    dialect.make(pairs, "keyed.pairs", left=f"{prefix}_l", right=f"{prefix}_r")
    dialect.drop(f"{prefix}_l", f"{prefix}_r")
    ((tied, groups, untied),) = dialect.rows("keyed.how_many", pairs=pairs)
    found: list[str] = []
    if tied > groups:
        found.append(
            _tell(dialect, f"{prefix}_one", "keyed.settled_singles", relation.name, quoted(relation.one), pairs=pairs)
        )
    if groups:
        dialect.make(f"{prefix}_tied", "keyed.tied", pairs=pairs, amount="")
        found += _groups(dialect, prefix, f"{prefix}_tied", relation, open_, "")
    if untied and relation.left_key == relation.right_key == "ref":
        found += _same_amounts(dialect, prefix, pairs, relation, open_)
    dialect.drop(pairs)
    return left_over(dialect, prefix, open_, found), found


def _same_amounts(dialect: Dialect, prefix: str, pairs: str, relation: Relation, open_: Open) -> list[str]:
    """Under a shared reference whose sums differ: as many rows of an amount on one side as on the other."""
    dialect.make(f"{prefix}_untied", "keyed.untied", pairs=pairs)
    for side, rows in (("l", open_.left), ("r", open_.right)):
        dialect.look(
            f"{prefix}_a{side}", "keyed.totals_by_amount", rows=rows, key=relation.left_key, open=f"{prefix}_untied"
        )
    dialect.make(f"{prefix}_alike", "keyed.pairs_by_amount", left=f"{prefix}_al", right=f"{prefix}_ar")
    why = "The reference and the amount are the same; other rows with the reference have other amounts."
    found = [
        _tell(dialect, f"{prefix}_inner", "keyed.settled_singles", relation.name, quoted(why), pairs=f"{prefix}_alike")
    ]
    dialect.make(f"{prefix}_alike_tied", "keyed.tied", pairs=f"{prefix}_alike", amount="amount,")
    return found + _groups(dialect, f"{prefix}i", f"{prefix}_alike_tied", relation, open_, "and g.amount = x.amount")


def _groups(dialect: Dialect, prefix: str, tied: str, relation: Relation, open_: Open, same_amount: str) -> list[str]:
    """Allocates the groups of a table of tied keys, so that every row is tied by exactly its amount."""
    for side, rows, key in (("l", open_.left, relation.left_key), ("r", open_.right, relation.right_key)):
        dialect.make(f"{prefix}_m{side}", "keyed.members", rows=rows, tied=tied, key=key, same_amount=same_amount)
        dialect.make(f"{prefix}_s{side}", "keyed.spans", rows=f"{prefix}_m{side}")
    left, right = f"{prefix}_ml", f"{prefix}_mr"
    why = f"concat(l_members, ' left and ', r_members, ' right {relation.many}.')"
    one = _tell(dialect, f"{prefix}_parts", "keyed.shares_of_one", relation.name, why, left=left, right=right)
    dialect.drop(left, right)
    left, right = f"{prefix}_sl", f"{prefix}_sr"
    many = _tell(dialect, f"{prefix}_many", "keyed.shares", relation.name, why, left=left, right=right)
    dialect.drop(left, right)
    return [one, many]


def _tell(dialect: Dialect, table: str, template: str, pass_: str, why: str, **fills: object) -> str:
    """Keeps shares as what a pass found, with its name and reason."""
    dialect.look(f"{table}_shares", template, **fills)
    dialect.make(table, "keyed.found", shares=f"{table}_shares", pass_=quoted(pass_), why=why)
    dialect.drop(f"{table}_shares")
    return table


def left_over(dialect: Dialect, prefix: str, open_: Open, found: Sequence[str]) -> Open:
    """What is open after these were found."""
    found = [table for table in found if dialect.rows("keyed.some", rows=table)]
    if not found:
        return open_
    tied = union(found, "l_n, r_n")
    left, right = f"{prefix}_open_l", f"{prefix}_open_r"
    dialect.make(left, "keyed.left_over", rows=open_.left, n="l_n", found=tied)
    dialect.make(right, "keyed.left_over", rows=open_.right, n="r_n", found=tied)
    return Open(left, right, open_.left_count, open_.right_count)
