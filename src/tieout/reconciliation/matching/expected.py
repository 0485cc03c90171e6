"""The pass of expected differences: fees, bank charges, tolerances. The residual is named by its rule, or refused."""

from tieout.model.money import exponent_of
from tieout.reconciliation.matching.dialect import Dialect, places, quoted
from tieout.reconciliation.matching.keyed import RELATIONS, Open, Relation, left_over
from tieout.reconciliation.matching.rule import SCALE, Rules, scaled
from tieout.reconciliation.matching.text import Units

_MILLION = 1_000_000
#: A tolerance of more minor units than this from end to end is not searched for rows that nothing names.
_WIDEST = 40


def by_key(dialect: Dialect, rules: Rules, open_: Open) -> tuple[Open, list[str]]:
    """Ties open rows that share a key and differ by what a rule expects. Gives what stays open and what it found."""
    found: list[str] = []
    for number, relation in enumerate(RELATIONS):
        prefix = f"e{number}"
        _pairs(dialect, prefix, relation, open_)
        if dialect.rows("keyed.some", rows=f"{prefix}_untied"):
            more = [_accept(dialect, rules, prefix, open_.left)]
            open_ = left_over(dialect, prefix, open_, more)
            found += more
    return open_, found


def by_text(dialect: Dialect, rules: Rules, judged: str, own: tuple[Units, Units], rows: str) -> list[str]:
    """Ties what a text names, one to one, and that differs by what a rule expects."""
    dialect.make("et_ties", "expected.named_once", judged=judged)
    for side in ("l", "r"):
        dialect.make(
            f"et_m{side}", "text.group_rows", ties="et_ties", left_rows=own[0].rows, right_rows=own[1].rows, own=side
        )
    return [_accept(dialect, rules, "et", rows)]


def by_ties(dialect: Dialect, rules: Rules, ties: str, own: tuple[Units, Units], rows: str) -> list[str]:
    """Ties units that could only be each other and differ by what a rule expects. `ties` has grp, l_u, r_u."""
    prefix = f"{ties}_expected"
    for side in ("l", "r"):
        dialect.make(
            f"{prefix}_m{side}", "text.group_rows", ties=ties, left_rows=own[0].rows, right_rows=own[1].rows, own=side
        )
    return [_accept(dialect, rules, prefix, rows, "Only these two can be each other")]


def shorts(rules: Rules, currency: str) -> list[int]:
    """All differences in minor units, left less right, that charges and small tolerances allow; none is one of them."""
    found = {0}
    if rules.expects:
        scale = 10 ** exponent_of(currency)
        for charge in rules.charge:
            if charge.currency in (None, currency):
                found |= {scaled(amount) * scale // SCALE for amount in charge.amounts}
        for tolerance in rules.tolerance:
            if tolerance.currency in (None, currency):
                least, most = (scaled(text) * scale // SCALE for text in (tolerance.least, tolerance.most))
                if tolerance.minor is not None:
                    least, most = -tolerance.minor, tolerance.minor
                found |= set(range(-most, -least + 1)) if most - least <= _WIDEST else set()
    return sorted(found)


def _pairs(dialect: Dialect, prefix: str, relation: Relation, open_: Open) -> None:
    sides = (("l", open_.left, relation.left_key), ("r", open_.right, relation.right_key))
    for side, rows, key in sides:
        dialect.make(f"{prefix}_t{side}", "keyed.totals", rows=rows, key=key)
    dialect.make(f"{prefix}_pairs", "keyed.pairs", left=f"{prefix}_tl", right=f"{prefix}_tr")
    dialect.make(f"{prefix}_untied", "expected.untied", pairs=f"{prefix}_pairs")
    for side, rows, key in sides:
        dialect.make(f"{prefix}_m{side}", "keyed.members", rows=rows, tied=f"{prefix}_untied", key=key, same_amount="")


def _accept(dialect: Dialect, rules: Rules, prefix: str, rows: str, lead: str = "It agrees by name") -> str:
    """Judges the groups of the tables of members and allocates those whose difference has a name."""
    fees, cases = _expressions(rules)
    left, right, accepted = f"{prefix}_ml", f"{prefix}_mr", f"{prefix}_accepted"
    dialect.make(
        accepted, "expected.judged", left=left, right=right, rows=rows, fees=fees, cases=cases, places=places("x.ccy")
    )
    for side, members in (("l", left), ("r", right)):
        residual = "1 = 0" if side == "l" else "1 = 1"
        dialect.make(
            f"{prefix}_w{side}", "expected.with_residual", members=members, accepted=accepted, residual=residual
        )
        dialect.make(f"{prefix}_s{side}", "keyed.spans", rows=f"{prefix}_w{side}")
    dialect.make(f"{prefix}_shares", "keyed.shares", left=f"{prefix}_sl", right=f"{prefix}_sr")
    dialect.make(f"{prefix}_found", "expected.found", shares=f"{prefix}_shares", accepted=accepted, lead=lead)
    return f"{prefix}_found"


def _expressions(rules: Rules) -> tuple[str, str]:
    """SQL for what each fee rule expects of a group, and for the name of the rule that explains a difference."""
    fees, cases = "", ""
    for number, fee in enumerate(rules.fee):
        percent = f"(abs(amount) * {scaled(fee.percent)} + {_MILLION // 2}) // {_MILLION}"
        rows = "true" if fee.refunds else "amount > 0"
        fees += f", sum(case when {rows} then {percent} else 0 end) as percent_{number}"
        fees += f", sum(case when {rows} then 1 else 0 end) as rows_{number}"
        fixed = f"rows_{number} * {scaled(fee.fixed)} * power_of_ten(places) // {SCALE}"
        cases += f" when short = percent_{number} + {fixed} and {_currency(fee.currency)} then {quoted(fee.name)}"
    for charge in rules.charge:
        amounts = ", ".join(f"{scaled(amount)} * power_of_ten(places) // {SCALE}" for amount in charge.amounts)
        cases += f" when short in ({amounts}) and {_currency(charge.currency)} then {quoted(charge.name)}"
    for tolerance in rules.tolerance:
        least, most = (f"{scaled(text)} * power_of_ten(places)" for text in (tolerance.least, tolerance.most))
        if tolerance.minor is None:
            within = f"-short * {SCALE} between {least} and {most}"
        else:
            within = f"abs(short) <= {tolerance.minor}"
        within += f" and abs(short) * {_MILLION} <= abs(total) * {scaled(tolerance.percent)}"
        within += f" and abs(lag) <= {tolerance.days}" if tolerance.days is not None else ""
        cases += f" when {within} and {_currency(tolerance.currency)} then {quoted(tolerance.name)}"
    return fees, cases


def _currency(code: str | None) -> str:
    return f"ccy = {quoted(code)}" if code else "1 = 1"
