"""Batches that nobody named: a row that is exactly all rows of the other side from one day to a cut-off.

Unlike any sum of any rows, a run of whole days is seldom met by chance: there are few of them. It is posted if it is
the only one for its row, no other row claims any of its days, and few runs were tried for such an amount.
"""

from tieout.reconciliation.matching.dialect import Dialect, quoted
from tieout.reconciliation.matching.text import Units, tie

#: The longest run, in days after its first, and how many days after its last the other side may come.
_LONGEST = 10
_LATE = 10
#: Runs in a million that may look right by chance.
_CHANCE_MAX = 100
_WHY = (
    "concat('All ', cast(members as varchar), ' rows from ', first_text, ' to ', last_text,"
    " ' come to exactly the row of the other side, and no other run of days does.')"
)


def apply(dialect: Dialect, own: tuple[Units, Units], number: int) -> list[str]:
    """Ties runs of days of either side with single rows of the other."""
    widths = " ".join(f"when {size} then {10 ** (size - 1)}" for size in range(2, 20))
    ways = (
        (0, 1, "min(x.u) over (partition by h.u)", "x.u as l_u, h.u as r_u"),
        (1, 0, "h.u", "h.u as l_u, x.u as r_u"),
    )
    for many, one, group, pair in ways:
        prefix = f"w{number}{many}"
        dialect.make(f"{prefix}_days", "windows.days", units=own[many].units)
        dialect.make(f"{prefix}_runs", "windows.runs", days=f"{prefix}_days", longest=_LONGEST)
        dialect.make(f"{prefix}_hits", "windows.hits", others=own[one].units, runs=f"{prefix}_runs", late=_LATE)
        dialect.make(f"{prefix}_sole", "windows.sole_hits", hits=f"{prefix}_hits", chance=_CHANCE_MAX, widths=widths)
        if dialect.rows("keyed.some", rows=f"{prefix}_sole"):
            dialect.make(
                f"{prefix}_ties", "windows.ties", hits=f"{prefix}_sole", units=own[many].units, grp=group, pair=pair
            )
            return tie(dialect, f"{prefix}_found", f"{prefix}_ties", own, quoted("windows"), _WHY)
    return []
