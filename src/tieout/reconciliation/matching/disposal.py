"""What became of every row that no pass tied: a reason from the closed vocabulary, and a sentence."""

from tieout.reconciliation.matching.dialect import Dialect, quoted, union
from tieout.reconciliation.matching.keyed import RELATIONS, Open
from tieout.reconciliation.matching.side import Side


def dispose(dialect: Dialect, left: Side, right: Side, open_: Open, patience: int) -> str:
    """Says of all open rows why they are; gives SQL for all cases of both sides."""
    figures = {side.name: dialect.rows("disposal.figures", rows=side.rows)[0] for side in (left, right)}
    as_of = max(figure[1] for figure in figures.values())
    tables = []
    for own, other, rows, other_rows in (
        (left, right, open_.left, open_.right),
        (right, left, open_.right, open_.left),
    ):
        is_left = own is left
        clash, settled = _relations(dialect, own.name, rows, other_rows, other.rows, is_left=is_left)
        _, _, _, keyed = figures[own.name]
        _, _, batched, _ = figures[other.name]
        expected, arrived = ("own", "other") if is_left else ("other", "own")
        rows_of = "case when {0}_members > 1 then concat(' (', {0}_members, ' rows)') else '' end"
        dialect.make(
            f"{own.name}_cases", "disposal.cases",
            own=rows, raw=own.raw, clash=clash, settled=settled, other_name=other.name,
            expected=f"{expected}_total", arrived=f"{arrived}_total", arrived_members=f"{arrived}_members",
            expected_rows=rows_of.format(expected), arrived_rows=rows_of.format(arrived),
            keyed=_truth(keyed), batched=_truth(batched), patience=patience, as_of=as_of,
            alone="expected_not_arrived" if is_left else "arrived_not_expected",
            beside="expected_not_arrived" if is_left else "late_correction",
        )  # fmt: skip
        dialect.make(f"{own.name}_repeated", "disposal.repeated", gone=own.gone, typed=f"{own.name}_typed")
        tables += [(own.name, f"{own.name}_cases"), (own.name, f"{own.name}_repeated")]
    for side, table in tables:
        dialect.make(f"{table}_told", "disposal.told", side=quoted(side), cases=table)
    return union(f"{table}_told" for _, table in tables)


def _relations(dialect: Dialect, name: str, own: str, other: str, other_all: str, *, is_left: bool) -> tuple[str, str]:
    """Tables of what open rows share a key with: other open rows, and rows that are tied."""
    clashes, settled = [], []
    for rank, relation in enumerate(RELATIONS, start=1):
        key, other_key = (relation.left_key, relation.right_key) if is_left else (relation.right_key, relation.left_key)
        prefix = f"{name}_{rank}"
        dialect.make(f"{prefix}_own", "keyed.totals", rows=own, key=key)
        dialect.make(f"{prefix}_other", "keyed.totals", rows=other, key=other_key)
        dialect.make(f"{prefix}_amounts", "disposal.amounts", rows=other, key=other_key)
        dialect.make(
            f"{prefix}_clash", "disposal.clashes", own=own, key=key, rank=rank, own_totals=f"{prefix}_own",
            other_totals=f"{prefix}_other", other_amounts=f"{prefix}_amounts",
        )  # fmt: skip
        dialect.make(
            f"{prefix}_settled", "disposal.settled_keys", own=own, key=key, other_all=other_all, other_key=other_key
        )
        clashes.append(f"{prefix}_clash")
        settled.append(f"{prefix}_settled")
    dialect.make(f"{name}_clash", "disposal.best_clash", clashes=union(clashes))
    dialect.make(f"{name}_settled", "disposal.distinct_rows", rows=union(settled))
    return f"{name}_clash", f"{name}_settled"


def _truth(flag: object) -> str:
    return "true" if flag else "false"
