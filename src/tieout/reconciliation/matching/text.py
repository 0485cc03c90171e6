"""The pass that reads: references inside free text, cut off by a bank's field, or with letters read for digits."""

from msgspec import Struct

from tieout.reconciliation.matching.dialect import Dialect, quoted
from tieout.reconciliation.matching.side import Side

_EXACT = (
    "case level when 3 then 'The text on one side has the whole reference of the other, and the amount is the same.'"
    " when 2 then 'The text breaks off within the reference; of all it can mean only this has the amount.'"
    " else 'The reference is the same but for characters that are mistaken for each other; so is the amount.' end"
)
_SUMS = "'The text names all of these and no others; together they come to its amount.'"


class Units(Struct, frozen=True):
    """What un-keyed passes compare: rows, and batches by their sums. `rows` says which rows a unit has."""

    units: str
    rows: str


def units(dialect: Dialect, prefix: str, rows: str) -> Units:
    """The units of open rows."""
    dialect.make(f"{prefix}_units", "text.units", rows=rows)
    dialect.make(f"{prefix}_unit_rows", "text.unit_rows", rows=rows, units=f"{prefix}_units")
    return Units(f"{prefix}_units", f"{prefix}_unit_rows")


def links(dialect: Dialect, sides: tuple[Side, Side], own: tuple[Units, Units]) -> str:
    """Which units the texts of the other side name; gives the table of judged links."""
    for side, found in zip(sides, own, strict=True):
        name = side.name
        dialect.make(f"{name}_names", "text.keys", units=found.units, rows=side.rows)
        dialect.make(f"{name}_texts", "text.texts", units=found.units, raw=side.raw)
        dialect.words(f"{name}_words", f"{name}_texts")
        dialect.make(f"{name}_grams", "text.grams", tokens=f"{name}_words")
        dialect.drop(f"{name}_texts", f"{name}_words")
    left, right = (side.name for side in sides)
    dialect.make("left_named", "text.links", keys=f"{left}_names", grams=f"{right}_grams")
    dialect.make("right_named", "text.links", keys=f"{right}_names", grams=f"{left}_grams")
    dialect.make("links", "text.both_links", left_keys="left_named", right_keys="right_named")
    dialect.make("judged", "text.judged", links="links", left=own[0].units, right=own[1].units)
    dialect.drop(f"{left}_grams", f"{right}_grams", "left_named", "right_named", "links")
    return "judged"


def apply(dialect: Dialect, judged: str, own: tuple[Units, Units]) -> list[str]:
    """Ties what a text names for certain: the one of its amount, or all that it names if they come to it."""
    dialect.make("text_exact", "text.exact", judged=judged)
    dialect.make("text_sums", "text.sums", judged=judged)
    found = tie(dialect, "text_one", "text_exact", own, quoted("text"), _EXACT)
    return found + tie(dialect, "text_many", "text_sums", own, quoted("text"), _SUMS)


def tie(
    dialect: Dialect, prefix: str, ties: str, own: tuple[Units, Units], pass_: str, why: str, status: str = "posted"
) -> list[str]:
    """Allocates the rows of tied units, which come to the same sum. `why` may use the columns of `ties`."""
    for side in ("l", "r"):
        dialect.make(
            f"{prefix}_m{side}", "text.group_rows", ties=ties, left_rows=own[0].rows, right_rows=own[1].rows, own=side
        )
        dialect.make(f"{prefix}_s{side}", "keyed.spans", rows=f"{prefix}_m{side}")
    dialect.make(f"{prefix}_a", "keyed.shares_of_one", left=f"{prefix}_ml", right=f"{prefix}_mr")
    dialect.make(f"{prefix}_b", "keyed.shares", left=f"{prefix}_sl", right=f"{prefix}_sr")
    dialect.make(f"{prefix}_why", "text.reasons", ties=ties, why=why)
    tables = []
    for part in ("a", "b"):
        dialect.make(
            f"{prefix}_{part}_found", "text.found", shares=f"{prefix}_{part}", reasons=f"{prefix}_why", pass_=pass_,
            status=quoted(status),
        )  # fmt: skip
        tables.append(f"{prefix}_{part}_found")
    dialect.drop(*(f"{prefix}_{part}" for part in ("ml", "mr", "sl", "sr", "a", "b", "why")))
    return tables
