"""Un-keyed passes: units that nothing names tie by amount, where it can mean one thing in the whole of both files.

That an amount stands once on each side does not make a pair: the true partners of both may be missing. So it is
reckoned how many pairs would only look like one, from how crowded that stretch of amounts is and how often units of
these very files have no partner; above a limit the pair is proposed, not posted.
"""

from collections.abc import Mapping

from msgspec import Struct

from tieout.reconciliation.matching import expected
from tieout.reconciliation.matching.dialect import Dialect, quoted
from tieout.reconciliation.matching.rule import Rules
from tieout.reconciliation.matching.side import Side
from tieout.reconciliation.matching.text import Units, tie

#: Pairs in a million that may look like one by chance and still be posted.
CHANCE_MAX = 100
#: An amount is too common where this many pairs of rows have it.
_MOST = 5000
#: A word that more units than this have tells nobody apart.
_COMMON = 2000
#: Texts of pairs speak if one in so many has a word in common; then a pair without one is not posted.
_SPEAKING = 10
_LIKELY = "concat('The amount stands once on each side, ', cast(abs(lag) as varchar), ' day(s) apart; but "
_CERTAIN = (
    "concat('Nothing names a partner, but the amount stands once on each side, ', cast(abs(lag) as varchar),"
    " ' day(s) apart, and is too particular to meet by chance.')"
)
_ALIKE = (
    "concat('Of all rows of this amount only these two share a word that is not common; they are ',"
    " cast(abs(lag) as varchar), ' day(s) apart.')"
)


class Field(Struct, frozen=True):
    """The tables of one round over un-keyed units, by what they hold."""

    prefix: str
    own: tuple[Units, Units]
    filled: Mapping[str, object]


def field(dialect: Dialect, sides: tuple[Side, Side], own: tuple[Units, Units], rules: Rules, number: int) -> Field:
    """Lays out what units could be which, in the widest set: any difference a rule allows, anywhere in the window."""
    prefix = f"a{number}"
    names = ("left", "right")
    for name, side, units in zip(names, sides, own, strict=True):
        dialect.make(f"{prefix}_{name}_values", "amount.values", units=units.units)
        dialect.make(f"{prefix}_{name}_near", "amount.neighbours", units=units.units)
        dialect.make(f"{prefix}_{name}_texts", "text.texts", units=units.units, raw=side.raw)
        dialect.words(f"{prefix}_{name}_words", f"{prefix}_{name}_texts")
        dialect.make(f"{prefix}_{name}_stems", "amount.stems", words=f"{prefix}_{name}_words")
    currencies = [row[0] for row in dialect.rows("amount.currencies", units=own[0].units)]
    deltas = ((currency, short) for currency in currencies for short in expected.shorts(rules, currency))
    dialect.put(f"{prefix}_deltas", {"ccy": "varchar", "short": "bigint"}, deltas)
    what = ("alone", "near", "stems", "values", "common")
    filled: dict[str, object] = {f"{name}_{kind}": f"{prefix}_{name}_{kind}" for name in names for kind in what}
    filled |= {f"{name}_units": units.units for name, units in zip(names, own, strict=True)}
    early = rules.window_days if rules.early_days is None else rules.early_days
    filled |= {"deltas": f"{prefix}_deltas", "most": _MOST, "window": rules.window_days, "early": early}
    for name, other, less in (("left", "right", "-"), ("right", "left", "+")):
        values = {"own_values": filled[f"{name}_values"], "other_values": filled[f"{other}_values"]}
        dialect.make(
            f"{prefix}_{name}_alone", "amount.loneliness", own=values["own_values"], other=values["other_values"]
        )
        dialect.make(
            f"{prefix}_{name}_common", "amount.common", own_units=filled[f"{name}_units"], less=less,
            deltas=filled["deltas"], most=_MOST, **values,
        )  # fmt: skip
    dialect.make(f"{prefix}_meetings", "amount.meetings", **filled)
    dialect.make(f"{prefix}_counted", "amount.counted", meetings=f"{prefix}_meetings")
    return Field(prefix, own, filled | {"counted": f"{prefix}_counted"})


def apply(dialect: Dialect, laid: Field, rules: Rules, rows: str) -> list[str]:
    """Ties units by amount alone, or else by amount and words."""
    return _sole(dialect, laid, rules, rows) or _alike(dialect, laid)


def _sole(dialect: Dialect, laid: Field, rules: Rules, rows: str) -> list[str]:
    prefix, filled = laid.prefix, laid.filled
    widths = " ".join(f"when {size} then {10 ** (size - 1)}" for size in range(2, 20))
    dialect.make(f"{prefix}_pairs", "amount.sole", widths=widths, **filled)
    dialect.make(f"{prefix}_sole", "amount.worded", pairs=f"{prefix}_pairs", **filled)
    ((shared, speak),) = dialect.rows("amount.speech", pairs=f"{prefix}_sole")
    silent = "false" if shared * _SPEAKING >= speak else "true"
    dialect.make(
        f"{prefix}_certain", "amount.certain", pairs=f"{prefix}_sole", chance=CHANCE_MAX, silent=silent,
        window=filled["window"], early=filled["early"],
    )  # fmt: skip
    if not dialect.rows("keyed.some", rows=f"{prefix}_certain"):
        return []
    dialect.make(f"{prefix}_equal", "amount.equal", pairs=f"{prefix}_certain")
    found = tie(dialect, f"{prefix}_amount", f"{prefix}_equal", laid.own, quoted("amount"), _CERTAIN)
    if rules.expects:
        dialect.make(f"{prefix}_unequal", "amount.unequal", pairs=f"{prefix}_certain")
        found += expected.by_ties(dialect, rules, f"{prefix}_unequal", laid.own, rows)
    return found


def _alike(dialect: Dialect, laid: Field) -> list[str]:
    prefix, filled = laid.prefix, laid.filled
    dialect.make(f"{prefix}_alike", "amount.alike", common=_COMMON, **filled)
    dialect.make(f"{prefix}_only", "amount.only_alike", pairs=f"{prefix}_alike")
    dialect.make(
        f"{prefix}_named", "amount.certain", pairs=f"{prefix}_only", chance=CHANCE_MAX, silent="false",
        window=filled["window"], early=filled["early"],
    )  # fmt: skip
    if not dialect.rows("keyed.some", rows=f"{prefix}_named"):
        return []
    return tie(dialect, f"{prefix}_words", f"{prefix}_named", laid.own, quoted("words"), _ALIKE)


def propose(dialect: Dialect, laid: Field) -> list[str]:
    """Proposes pairs of one amount that the last round of `apply` found and did not dare to post."""
    prefix, filled = laid.prefix, laid.filled
    dialect.make(
        f"{prefix}_likely", "amount.likely", pairs=f"{prefix}_sole", certain=f"{prefix}_certain",
        window=filled["window"], early=filled["early"],
    )  # fmt: skip
    why = _LIKELY + "a reference, a word in common or a rarer amount would have to say that they belong together.')"
    return tie(dialect, f"{prefix}_likely_found", f"{prefix}_likely", laid.own, quoted("amount"), why, "proposed")
