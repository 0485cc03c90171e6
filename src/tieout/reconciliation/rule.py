"""Matching rules as data: the passes, what difference each allows and who carries it, and the timing."""

import hashlib
import tomllib
from decimal import Decimal, InvalidOperation
from importlib.resources import files

import msgspec
from msgspec import Struct

from tieout.model.error import ConfigError
from tieout.model.money import to_minor

#: The passes a rule may use; templates.sql has their text.
TEMPLATES = ("same_item", "payout_of_lines", "bank_by_reference", "bank_within_tolerance")
#: Those whose matches rest on being the only ones possible, so that they are looked at again when something comes.
UNIQUE = frozenset(TEMPLATES) - {"same_item"}
WITHIN = "bank_within_tolerance"


class Tolerance(Struct, frozen=True, forbid_unknown_fields=True):
    """By how much the two sides of a match may differ. All that is given must hold.

    `absolute` is decimal text by currency, and a currency without one takes no difference; `percent` is of the payout;
    `way` is the sign: whether the bank may book less, more, or either; `days` are bank days from the payout to the
    bank line, first and last.
    """

    absolute: dict[str, str]
    percent: str = "100"
    way: str = "less"
    days: tuple[int, int] = (-1, 10)

    def allows(self, expected_minor: int, difference_minor: int, currency: str) -> bool:
        """Whether so much may be missing (positive) or be too much of what was expected (a positive amount)."""
        if currency not in self.absolute or (self.way == "less" and difference_minor < 0):
            return False
        if self.way == "more" and difference_minor > 0:
            return False
        within = abs(difference_minor) <= to_minor(self.absolute[currency], currency)
        return within and abs(difference_minor) * 100 <= Decimal(self.percent) * expected_minor


class WriteOff(Struct, frozen=True, forbid_unknown_fields=True):
    """Where a difference goes: an account's code, up to a limit by currency, and the reason that is booked."""

    account: str
    limit: dict[str, str]
    reason: str

    def takes(self, difference_minor: int, currency: str) -> bool:
        """Whether a difference of this size may be written off without a person."""
        return currency in self.limit and abs(difference_minor) <= to_minor(self.limit[currency], currency)


class Pass(Struct, frozen=True, forbid_unknown_fields=True):
    """One pass: a SQL template applied to the open items of some roles, and of some sources and currencies if named.

    `why` explains its matches to a person; {noun} in it stands for the kind of key, such as “order”. Passes run in the
    order of their `priority`, equal ones as they are written.
    """

    id: str
    version: int
    template: str
    roles: list[str]
    why: str
    sources: list[str] = []
    currencies: list[str] = []
    priority: int = 0
    tolerance: Tolerance | None = None
    write_off: WriteOff | None = None


class Timing(Struct, frozen=True, forbid_unknown_fields=True):
    """How many days each kind of open item is normal, before it is an exception.

    With a `calendar` (a country's code, or TARGET for the euro's banks), what would be due on a day on which banks do
    not work is due on the next one on which they do.
    """

    order_unpaid_days: int
    order_settling_days: int
    hook_days: int
    composition_days: int
    dispute_days: int
    reserve_days: int
    withholding_days: int
    calendar: str = ""


class MatchingRules(Struct, frozen=True):
    """All matching rules, with the hash of their text. Version 0 are those that come with the product."""

    passes: tuple[Pass, ...]
    timing: Timing
    hash: str
    version: int = 0

    @property
    def unique_passes(self) -> tuple[str, ...]:
        """The ids of passes whose matches rest on being the only ones possible."""
        return tuple(p.id for p in self.passes if p.template in UNIQUE)


class _File(Struct, forbid_unknown_fields=True):
    version: int
    timing: Timing
    passes: list[Pass] = msgspec.field(name="pass")


def standard_text() -> str:
    """The text of the rules that come with the product."""
    return files("tieout.rules").joinpath("matching.toml").read_text(encoding="utf-8")


def standard_rules() -> MatchingRules:
    """The rules that come with the product."""
    return read_rules(standard_text(), "rules/matching.toml")


def read_rules(text: str, where: str, version: int = 0) -> MatchingRules:
    """Rules from TOML text. Raises ConfigError, which names the pass, for anything that does not make sense."""
    try:
        found = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"The matching rules cannot be read: {error}", where=where) from None
    seen: set[str] = set()
    for pass_ in found.passes:
        wrong = "its id is used twice" if pass_.id in seen else _wrong(pass_)
        if wrong:
            raise ConfigError(f"The pass “{pass_.id}” does not make sense: {wrong}", where=where)
        seen.add(pass_.id)
    passes = tuple(sorted(found.passes, key=lambda p: p.priority))
    return MatchingRules(passes, found.timing, hashlib.sha256(text.encode()).hexdigest()[:16], version)


def _wrong(pass_: Pass) -> str | None:
    if pass_.template not in TEMPLATES:
        return f"there is no template “{pass_.template}”; there are {', '.join(TEMPLATES)}"
    if pass_.id == "person":
        return "that is what matches by people are called"
    if (pass_.template == WITHIN) != (pass_.tolerance is not None and pass_.write_off is not None):
        return f"{WITHIN} needs a tolerance and a write_off, and no other template takes one"
    if pass_.tolerance is None or pass_.write_off is None:
        return None
    return _wrong_difference(pass_.tolerance, pass_.write_off)


def _wrong_difference(tolerance: Tolerance, write_off: WriteOff) -> str | None:
    if tolerance.way not in ("less", "more", "both"):
        return f"“{tolerance.way}” is no way; it is less, more or both"
    if tolerance.days[0] > tolerance.days[1]:
        return "its days end before they begin"
    if not write_off.reason.strip():
        return "a write-off needs a reason"
    for currency, amount in [*tolerance.absolute.items(), *write_off.limit.items()]:
        if to_minor(amount, currency) < 0:
            return f"{amount} {currency} is below nothing"
    try:
        inside = 0 <= Decimal(tolerance.percent) <= 100
    except InvalidOperation:
        return f"“{tolerance.percent}” is no number"
    return None if inside else f"{tolerance.percent} percent is not between 0 and 100"
