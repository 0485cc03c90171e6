"""What a comparison of two files allows, as TOML. Without rules nothing is tolerated.

docs/reference/match-rules.md lists every setting. Amounts and percentages are decimal text, never floats.
"""

import re
import tomllib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from tieout.model.error import ConfigError
from tieout.model.money import ISO_EXPONENTS

#: Passes that can be turned off, in their order.
PASSES = ("text", "expected", "amount", "windows", "subset")
#: Amounts of rules are kept in ten-thousandths, percentages in millionths of the whole.
SCALE = 10_000
_NUMBER = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,4})?")
_NAME = re.compile(r"[a-z][a-z0-9_ -]{0,39}")


class Tolerance(Struct, frozen=True, forbid_unknown_fields=True, rename={"least": "from", "most": "to"}):
    """A difference accepted under a name: what arrived less what was expected, from–to and at most a percentage.

    Instead of from–to, `minor` says how many minor units of any currency it may be either way.
    """

    name: str
    least: str = "0"
    most: str = "0"
    minor: int | None = None
    percent: str = "100"
    days: int | None = None
    currency: str | None = None


class Fee(Struct, frozen=True, forbid_unknown_fields=True):
    """What the other side keeps of every row of the left: a percentage, rounded half up, and a fixed amount."""

    name: str
    percent: str = "0"
    fixed: str = "0"
    currency: str | None = None
    refunds: bool = False


class Charge(Struct, frozen=True, forbid_unknown_fields=True):
    """Exact amounts that a bank takes off what arrives."""

    name: str
    amounts: list[str]
    currency: str | None = None


class Post(Struct, frozen=True, forbid_unknown_fields=True):
    """Up to which amount passes that only propose may post. Nothing unless it is given."""

    subset_max: str = "0"


class Rules(Struct, frozen=True, forbid_unknown_fields=True):
    """How two files may be compared. `window_days` is the widest gap between rows that nothing names.

    `early_days` is how much earlier than the left a right row may be, if not as much as later.
    """

    as_of: date | None = None
    sla_days: int = 5
    window_days: int = 30
    early_days: int | None = None
    off: list[str] = []
    holidays: str | None = None
    tolerance: list[Tolerance] = []
    fee: list[Fee] = []
    charge: list[Charge] = []
    post: Post = Post()

    @property
    def as_of_day(self) -> int | None:
        """The day to look from, since 1970-01-01."""
        return None if self.as_of is None else (self.as_of - date(1970, 1, 1)).days

    @property
    def expects(self) -> bool:
        """Whether any difference can be explained."""
        return bool(self.tolerance or self.fee or self.charge) and self.runs("expected")

    def runs(self, pass_: str) -> bool:
        """Whether a pass is on."""
        return pass_ not in self.off


STANDARD = Rules()


def read_rules(text: str, name: str) -> Rules:
    """Rules from TOML. Raises ConfigError, which names the setting, for anything that makes no sense."""
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        remedy = "Correct it; docs/reference/match-rules.md has an example."
        raise ConfigError(f"It is no TOML: {error}", where=name, remedy=remedy) from None
    try:
        rules = msgspec.convert(told, Rules)
    except msgspec.ValidationError as error:
        remedy = 'See docs/reference/match-rules.md; amounts and percentages are text, such as "0.05".'
        raise ConfigError(str(error), where=name, remedy=remedy) from None
    for where, wrong in _wrong(rules):
        raise ConfigError(wrong, where=f"{name}, {where}", remedy="See docs/reference/match-rules.md.")
    return rules


def _wrong(rules: Rules) -> list[tuple[str, str]]:
    found = [
        ("off", f"There is no pass “{pass_}”; there are {', '.join(PASSES)}")
        for pass_ in rules.off
        if pass_ not in PASSES
    ]
    for setting, days in (
        ("sla_days", rules.sla_days),
        ("window_days", rules.window_days),
        ("early_days", rules.early_days or 0),
    ):
        found += [(setting, f"{days} is not from 0 to 3650")] if not 0 <= days <= 3650 else []
    if rules.holidays is not None and not is_country(rules.holidays):
        found.append(("holidays", f"“{rules.holidays}” is no country whose bank holidays are known"))
    named: Sequence[tuple[str, Any]] = [
        *(("tolerance", rule) for rule in rules.tolerance), *(("fee", rule) for rule in rules.fee),
        *(("charge", rule) for rule in rules.charge),
    ]  # fmt: skip
    names = [rule.name for _, rule in named]
    for kind, rule in named:
        where = f"{kind} “{rule.name}”"
        found += [(where, "A name is lower-case words")] if not _NAME.fullmatch(rule.name) else []
        found += [(where, "Two rules have this name")] if names.count(rule.name) > 1 else []
        if rule.currency is not None and rule.currency not in ISO_EXPONENTS:
            found.append((where, f"“{rule.currency}” is not an ISO 4217 currency"))
        found += [
            (where, f'“{text}” is not an amount or percentage like "0.05"')
            for text in _numbers(rule)
            if not _is_number(text)
        ]
        if isinstance(rule, Tolerance) and rule.minor is not None and not 0 <= rule.minor <= 1_000_000:
            found.append((where, "“minor” is not from 0 to 1000000"))
        if isinstance(rule, Tolerance) and not found and scaled(rule.least) > scaled(rule.most):
            found.append((where, "“from” is over “to”"))
    numbers = (rules.post.subset_max,)
    found += [("post", f'“{text}” is not an amount like "100.00"') for text in numbers if not _is_number(text)]
    return found


def _numbers(rule: Tolerance | Fee | Charge) -> list[str]:
    if isinstance(rule, Tolerance):
        return [rule.least, rule.most, rule.percent]
    return [rule.percent, rule.fixed] if isinstance(rule, Fee) else rule.amounts


def _is_number(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text))


def scaled(text: str) -> int:
    """A decimal of a rule in ten-thousandths; of a percentage, that is in millionths of the whole."""
    return int(Decimal(text) * SCALE)


def is_country(code: str) -> bool:
    """Whether bank holidays of a country are known; two capital letters of ISO 3166."""
    import holidays

    return code in holidays.list_supported_countries()


__all__ = ["PASSES", "SCALE", "STANDARD", "Charge", "Fee", "Post", "Rules", "Tolerance", "read_rules", "scaled"]
