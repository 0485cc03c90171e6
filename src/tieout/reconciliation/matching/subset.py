"""Which rows of a few come to a sum: counted, never picked. More than one answer is no answer."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby

from tieout.model.money import exponent_of
from tieout.reconciliation.matching.dialect import Dialect, quoted, union
from tieout.reconciliation.matching.rule import SCALE, Rules, scaled
from tieout.reconciliation.matching.side import Side
from tieout.reconciliation.matching.text import Units, tie

#: More rows than this are not looked at: with so many, several sets come to nearly any sum.
ROWS_MAX = 40
#: Sums that are kept at a time, which bounds time and memory; past them nothing is said.
_SUMS_MAX = 200_000
#: Rows of one side that are looked at in a run; each costs milliseconds.
_BLOCKS_MAX = 500
#: Days before a row in which its parts may lie.
_EARLY = 14
_WHY = (
    "'Of all sets of rows in the fortnight before, only this one comes to the amount. A list of what it is"
    " made of would prove it.'"
)


def apply(
    dialect: Dialect, sides: tuple[Side, Side], own: tuple[Units, Units], proposed: Sequence[str], rules: Rules
) -> list[str]:
    """Proposes the only set of open rows that comes to a row of the other side; posts it up to the rules' amount."""
    columns = ("l_n", "r_n")
    for side, n in zip(sides, columns, strict=True):
        taken = union(proposed, columns=n) if proposed else _nothing(dialect, n)
        dialect.make(f"{side.name}_taken", "windows.taken", n=n, found=taken)
    sets: list[list[tuple[int, int, int, str]]] = []
    for one, many in ((1, 0), (0, 1)):
        rows = dialect.rows(
            "windows.blocks", ones=own[one].units, parts=own[many].units, taken=f"{sides[one].name}_taken",
            parts_taken=f"{sides[many].name}_taken", part_rows=sides[many].rows, one_rows=sides[one].rows, early=_EARLY,
            most=ROWS_MAX,
        )  # fmt: skip
        for row, parts, status in _sets(rows, rules):
            sets.append([(min(parts), p, row, status) if one == 1 else (row, row, p, status) for p in parts])
    ties = _apart(sets)
    found: list[str] = []
    for status in ("proposed", "posted"):
        chosen = [row[:3] for row in ties if row[3] == status]
        if chosen:
            table = f"subset_{status}"
            dialect.put(table, {"grp": "bigint", "l_u": "bigint", "r_u": "bigint"}, chosen)
            found += tie(dialect, f"{table}_found", table, own, quoted("subset"), _WHY, status)
    return found


def _apart(sets: Sequence[list[tuple[int, int, int, str]]]) -> list[tuple[int, int, int, str]]:
    """The rows of sets that share no row with another one: of two that do, one must be wrong."""
    lefts = Counter(left for chosen in sets for left in {row[1] for row in chosen})
    rights = Counter(right for chosen in sets for right in {row[2] for row in chosen})
    return [row for chosen in sets if all(lefts[r[1]] == rights[r[2]] == 1 for r in chosen) for row in chosen]


def _nothing(dialect: Dialect, column: str) -> str:
    dialect.put("no_taken", {column: "bigint"}, ())
    return "no_taken"


def _sets(rows: Iterable[tuple[int, str, int, str, int, int]], rules: Rules) -> list[tuple[int, list[int], str]]:
    """The only set of each row; rows whose sets share a part are left out, as one of them must be wrong."""
    found: list[tuple[int, list[int], str]] = []
    for number, ((one, total, currency), block) in enumerate(groupby(rows, key=lambda row: (row[0], row[2], row[3]))):
        if number == _BLOCKS_MAX:
            break
        parts = [(row[4], row[5]) for row in block]
        counted = count_subsets([int(amount) for _, amount in parts], int(total))
        if counted is not None and counted[0] == 1:
            limit = scaled(rules.post.subset_max) * 10 ** exponent_of(currency)
            status = "posted" if abs(total) * SCALE <= limit else "proposed"
            found.append((one, [parts[place][0] for place in counted[1]], status))
    claims = [part for _, chosen, _ in found for part in chosen]
    return [row for row in found if all(claims.count(part) == 1 for part in row[1])]


def count_subsets(amounts: Sequence[int], total: int) -> tuple[int, tuple[int, ...]] | None:
    """How many sets of two or more amounts come to `total`, at most 2, and the places of the only one if it is.

    None if there are too many rows or sums to tell, or the total is nothing. Amounts are minor units of either sign.
    """
    if len(amounts) > ROWS_MAX or total == 0:
        return None
    rest_low, rest_high = _reaches(amounts)
    # sum -> (how many sets, capped at 2; the places of one, as bits)
    sums: dict[int, tuple[int, int]] = {0: (1, 0)}
    for place, amount in enumerate(amounts):
        grown = dict(sums)
        for known, (ways, places) in sums.items():
            reached = known + amount
            if not rest_low[place + 1] <= total - reached <= rest_high[place + 1]:
                continue  # nothing that is still to come leads to the total
            earlier = grown.get(reached)
            chosen = places | 1 << place
            grown[reached] = (ways, chosen) if earlier is None else (min(2, earlier[0] + ways), earlier[1])
        if len(grown) > _SUMS_MAX:
            return None
        sums = grown
    ways, places = sums.get(total, (0, 0))
    singles = sum(1 for amount in amounts if amount == total)
    found = tuple(place for place in range(len(amounts)) if places >> place & 1)
    if ways == 1 and singles == 0 and len(found) > 1:
        return 1, found
    return min(2, ways - singles) if ways < 2 else 2, ()


def _reaches(amounts: Sequence[int]) -> tuple[list[int], list[int]]:
    """The least and the most that amounts from each place on can come to."""
    low, high = [0], [0]
    for amount in reversed(amounts):
        low.append(low[-1] + min(amount, 0))
        high.append(high[-1] + max(amount, 0))
    return low[::-1], high[::-1]
