"""Entries that exchange rates cause: differences realised by a match, and what is re-measured at the end of a month.

Pure. Their lines carry base currency alone: nothing is received or paid, only worth another amount than before.
Source of the rules: rules/currency.toml.
"""

import tomllib
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from fractions import Fraction
from importlib.resources import files

import msgspec
from msgspec import Struct

from tieout.model.account import Role
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import ConfigError
from tieout.model.match import OpenItem
from tieout.model.money import exponent_of, fits_bigint

#: An account's code by role and scope, or None.
AccountFor = Callable[[Role, str], str | None]


class CurrencyRule(Struct, frozen=True, forbid_unknown_fields=True):
    """Which roles take gains and losses, and why. `from_day` makes a newer version effective from that day on."""

    id: str
    version: int
    why: str
    gain: Role
    loss: Role
    from_day: date = date(1900, 1, 1)


class CurrencyRules(Struct, frozen=True):
    """All rules about exchange rates."""

    rules: tuple[CurrencyRule, ...]

    def choose(self, name: str, day: date) -> CurrencyRule:
        """The rule `name` in the version in force on `day`."""
        in_force = [rule for rule in self.rules if rule.id == name and rule.from_day <= day]
        assert in_force, f"there is no rule {name} for {day}"
        return max(in_force, key=lambda rule: rule.from_day)


def read_currency_rules(text: str, where: str) -> CurrencyRules:
    """Rules from TOML text. Raises ConfigError for anything that does not make sense."""
    try:
        rules = msgspec.convert(tomllib.loads(text), dict[str, list[CurrencyRule]]).get("rule", [])
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"The rules about exchange rates cannot be read: {error}", where=where) from None
    missing = sorted({"fx.realised", "fx.revalued"} - {rule.id for rule in rules if rule.from_day == date(1900, 1, 1)})
    if missing:
        raise ConfigError(f"There is no rule {missing[0]} from the start", where=where)
    return CurrencyRules(tuple(rules))


def standard_currency_rules() -> CurrencyRules:
    """The rules that come with the product."""
    text = files("tieout.rules").joinpath("currency.toml").read_text(encoding="utf-8")
    return read_currency_rules(text, "rules/currency.toml")


class Difference(Struct, frozen=True):
    """What an account carries too much in base currency (debit positive) for its amounts in a foreign one."""

    account: str
    currency: str
    base_minor: int


def moved(difference: Difference, rule: CurrencyRule, account_for: AccountFor) -> tuple[Line, ...]:
    """The two lines that take a difference off its account: a surplus is a loss, what lacks is a gain."""
    role = rule.loss if difference.base_minor > 0 else rule.gain
    taker = account_for(role, "")
    if taker is None:
        raise ConfigError(f"No account plays the role “{role}”", where=rule.id, remedy="Add one to the chart.")
    currency, surplus = difference.currency, difference.base_minor
    return (Line(difference.account, currency, 0, -surplus), Line(taker, currency, 0, surplus))


def close_items(items: Sequence[OpenItem], account: str, base: str, account_for: AccountFor) -> tuple[Line, ...]:
    """The lines that close open items against an account, each with what it still carries in base currency.

    In a currency where items of both signs partly cancel out, what is left is worth what its own side carries; the
    rest is an exchange difference. Items of one name that cancel out wholly leave theirs to the match that ties them.
    Against the conversion account, items of several currencies are an exchange of one for the other.
    """
    lines = [Line(i.account, i.currency, -i.open_minor, -i.open_base_minor, item=i.item) for i in items]
    for name in dict.fromkeys((i.account, i.currency, i.item) for i in items):
        places = [p for p, line in enumerate(lines) if (line.account, line.currency, line.item) == name]
        if sum(lines[p].amount_minor for p in places) == 0:
            rest = sum(lines[p].base_minor for p in places)
            lines[places[-1]] = msgspec.structs.replace(
                lines[places[-1]], base_minor=lines[places[-1]].base_minor - rest
            )
    closing = tuple(lines)
    for currency in dict.fromkeys(line.currency for line in closing):
        lines += _against([line for line in closing if line.currency == currency], account, account_for)
    return (*lines, *_exchanged([line for line in lines if line.account == account], base, account_for))


def _exchanged(legs: Sequence[Line], base: str, account_for: AccountFor) -> list[Line]:
    """What makes legs in several currencies on the conversion account nil in base currency: an exchange difference."""
    foreign = [leg.currency for leg in legs if leg.currency != base]
    rest = sum(leg.base_minor for leg in legs)
    if not rest or len({leg.currency for leg in legs}) < 2 or legs[0].account != account_for(Role.FX_CLEARING, ""):
        return []
    differences = account_for(Role.FX_DIFFERENCES, "")
    assert differences is not None, "every chart has an account for exchange differences"
    return [Line(legs[0].account, foreign[-1], 0, -rest), Line(differences, foreign[-1], 0, rest)]


def _against(closing: Sequence[Line], account: str, account_for: AccountFor) -> list[Line]:
    """What balances the closing lines of one currency: the account, and the exchange difference if there is one."""
    currency, amount = closing[0].currency, -sum(line.amount_minor for line in closing)
    base = share = -sum(line.base_minor for line in closing)
    if any(line.amount_minor * amount >= 0 for line in closing):  # some of them cancel out
        side = [line for line in closing if line.amount_minor * amount < 0]
        whole = sum(line.amount_minor for line in side)
        share = part_of(sum(line.base_minor for line in side), amount, whole) if amount else 0
    lines = [Line(account, currency, amount, share)] if amount else []
    if base != share:
        differences = account_for(Role.FX_DIFFERENCES, "")
        assert differences is not None, "every chart has an account for exchange differences"
        lines.append(Line(differences, currency, 0, base - share))
    return lines


def turned(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The same lines the other way round."""
    return tuple(
        msgspec.structs.replace(line, amount_minor=-line.amount_minor, base_minor=-line.base_minor) for line in lines
    )


def entry_of(
    key: str, day: date, booked: date, lines: tuple[Line, ...], memo: str, rule: CurrencyRule, why: str = ""
) -> EntryDraft:
    """An entry about `day`, booked on `booked`, which is a later day if the period of `day` is closed."""
    return EntryDraft(
        key=key,
        effective_date=booked,
        occurred_at=datetime.combine(day, time(12), tzinfo=UTC),
        lines=lines,
        memo=memo,
        rule_id=rule.id,
        rule_version=rule.version,
        why=why or rule.why,
        late=booked != day,
    )


def worth(amount_minor: int, currency: str, base: str, rate: Fraction) -> int:
    """Base minor units of an amount at a rate, rounded once, halves away from zero.

    Raises AmountError for an unknown currency or a result that does not fit 64 bits.
    """
    exact = abs(amount_minor) * rate * Fraction(10) ** (exponent_of(base) - exponent_of(currency))
    rounded = int(exact + Fraction(1, 2))
    return fits_bigint(rounded if amount_minor >= 0 else -rounded)


def part_of(base_minor: int, part_minor: int, whole_minor: int) -> int:
    """What a part is worth of a whole that is worth `base_minor`: in proportion, halves away from zero."""
    exact = Fraction(base_minor * part_minor, whole_minor)
    rounded = int(abs(exact) + Fraction(1, 2))
    return rounded if exact >= 0 else -rounded
