"""Un-keyed passes: units that nothing names tie by amount, where it can mean one thing in the whole of both files.

That an amount stands once on each side does not make a pair: the true partners of both may be missing. So it is
reckoned how many pairs would only look like one, from how crowded that stretch of amounts is and how often units of
these very files have no partner; above a limit the pair is proposed, not posted.
"""

from tieout.reconciliation.matching.dialect import Dialect, quoted
from tieout.reconciliation.matching.side import Side
from tieout.reconciliation.matching.text import Units, tie

#: Pairs in a million that may look like one by chance and still be posted.
CHANCE_MAX = 100
#: A word that more units than this have tells nobody apart.
_COMMON = 2000
_LIKELY = "concat('The amount stands once on each side, ', cast(abs(lag) as varchar), ' day(s) apart; but "
_CERTAIN = (
    "concat('Nothing names a partner, but the amount stands once on each side, ', cast(abs(lag) as varchar),"
    " ' day(s) apart, and is too particular to meet by chance.')"
)
_ALIKE = (
    "concat('Of all rows of this amount only these two share a word that is not common; they are ',"
    " cast(abs(lag) as varchar), ' day(s) apart.')"
)


def apply(dialect: Dialect, sides: tuple[Side, Side], own: tuple[Units, Units], window: int, number: int) -> list[str]:
    """Ties units by amount alone, or by amount and words."""
    prefix = f"a{number}"
    names = ("left", "right")
    for name, side, units in zip(names, sides, own, strict=True):
        dialect.make(f"{prefix}_{name}_values", "amount.values", units=units.units)
        dialect.make(f"{prefix}_{name}_near", "amount.neighbours", units=units.units)
        dialect.make(f"{prefix}_{name}_texts", "text.texts", units=units.units, raw=side.raw)
        dialect.words(f"{prefix}_{name}_words", f"{prefix}_{name}_texts")
        dialect.make(f"{prefix}_{name}_stems", "amount.stems", words=f"{prefix}_{name}_words")
    for name, other in (names, names[::-1]):
        dialect.make(
            f"{prefix}_{name}_alone", "amount.loneliness", own=f"{prefix}_{name}_values",
            other=f"{prefix}_{other}_values",
        )  # fmt: skip
    filled = {
        f"{name}_{what}": f"{prefix}_{name}_{what}" for name in names for what in ("alone", "near", "stems", "values")
    }
    filled |= {f"{name}_units": units.units for name, units in zip(names, own, strict=True)}
    found = _sole(dialect, prefix, own, window, filled)
    return found or _alike(dialect, prefix, own, window, filled)


def _sole(dialect: Dialect, prefix: str, own: tuple[Units, Units], window: int, filled: dict[str, str]) -> list[str]:
    widths = " ".join(f"when {size} then {10 ** (size - 1)}" for size in range(2, 20))
    dialect.make(
        f"{prefix}_pairs",
        "amount.sole",
        widths=widths,
        left=filled["left_values"],
        right=filled["right_values"],
        **filled,
    )
    dialect.make(f"{prefix}_sole", "amount.worded", pairs=f"{prefix}_pairs", **filled)
    ((shared, speak),) = dialect.rows("amount.speech", pairs=f"{prefix}_sole")
    silent = "false" if shared * 4 >= speak else "true"
    dialect.make(
        f"{prefix}_certain", "amount.certain", pairs=f"{prefix}_sole", window=window, chance=CHANCE_MAX,
        silent=silent,
    )  # fmt: skip
    if not dialect.rows("keyed.some", rows=f"{prefix}_certain"):
        return []
    return tie(dialect, f"{prefix}_amount", f"{prefix}_certain", own, quoted("amount"), _CERTAIN)


def _alike(dialect: Dialect, prefix: str, own: tuple[Units, Units], window: int, filled: dict[str, str]) -> list[str]:
    dialect.make(f"{prefix}_alike", "amount.alike", window=window, common=_COMMON, **filled)
    dialect.make(f"{prefix}_only", "amount.only_alike", pairs=f"{prefix}_alike")
    dialect.make(
        f"{prefix}_named", "amount.certain", pairs=f"{prefix}_only", window=window, chance=CHANCE_MAX,
        silent="false",
    )  # fmt: skip
    if not dialect.rows("keyed.some", rows=f"{prefix}_named"):
        return []
    return tie(dialect, f"{prefix}_words", f"{prefix}_named", own, quoted("words"), _ALIKE)


def propose(dialect: Dialect, number: int, own: tuple[Units, Units], window: int) -> list[str]:
    """Proposes pairs of one amount that the last round of `apply` found and did not dare to post."""
    prefix = f"a{number}"
    dialect.make(
        f"{prefix}_likely", "amount.likely", pairs=f"{prefix}_sole", certain=f"{prefix}_certain", window=window
    )
    why = _LIKELY + "a reference, a word in common or a rarer amount would have to say that they belong together.')"
    return tie(dialect, f"{prefix}_likely_found", f"{prefix}_likely", own, quoted("amount"), why, "proposed")
