"""Posting rules as data: read from TOML, checked when read, chosen by kind, facts and day."""

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import Struct

from tieout.model.account import Role
from tieout.model.error import ConfigError
from tieout.model.event import ComponentKind, Event, EventKind


class LineRule(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of a rule: the total, or every component of a kind, to the account that plays `role`.

    `scope` says whose account: the event's own source, its connector, or the payer a bank line names.
    `otherwise` is the component kind to take when the event has none of `component`.
    """

    role: Role
    side: str
    component: ComponentKind | None = None
    otherwise: ComponentKind | None = None
    with_: dict[str, str] = msgspec.field(name="with", default={})
    scope: str = "source"
    party: str | None = None
    item: list[str] = []
    tag: str | None = None


class PostingRule(Struct, frozen=True, forbid_unknown_fields=True):
    """How one kind of event is booked, and why. `from_day` makes a newer version effective from that day on."""

    id: str
    version: int
    kind: EventKind
    why: str
    when: dict[str, str] = {}
    lines: list[LineRule] = msgspec.field(name="line", default=[])
    lines_of: str | None = None
    converts: bool = False
    from_day: date = date(1900, 1, 1)


class RuleBook(Struct, frozen=True):
    """All posting rules, in order, with the hash of their text."""

    rules: tuple[PostingRule, ...]
    hash: str

    def choose(self, event: Event, facts: dict[str, str], day: date) -> PostingRule | None:
        """The first rule for this event's kind that was in force on `day` and whose `when` holds."""
        candidates = (r for r in self.rules if r.kind is event.draft.kind and r.from_day <= day)
        return next((r for r in candidates if _holds(r.when, facts)), None)


def _holds(when: dict[str, str], facts: dict[str, str]) -> bool:
    return all(bool(facts.get(k)) == (v == "*") if v in ("*", "!") else facts.get(k) == v for k, v in when.items())


class _File(Struct, forbid_unknown_fields=True):
    rule: list[PostingRule]


def read_rules(text: str, where: str) -> RuleBook:
    """Rules from TOML text. Raises ConfigError naming the rule that does not make sense."""
    try:
        found = msgspec.convert(tomllib.loads(text), _File).rule
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"The posting rules cannot be read: {error}", where=where) from None
    by_id = {rule.id: rule for rule in found}
    rules = [_with_lines(rule, by_id, where) for rule in found]
    for rule in rules:
        _check(rule, where)
    return RuleBook(tuple(rules), hashlib.sha256(text.encode()).hexdigest()[:16])


def _with_lines(rule: PostingRule, by_id: Mapping[str, PostingRule], where: str) -> PostingRule:
    """The rule itself, or with the lines of the rule it refers to."""
    if rule.lines_of is None:
        return rule
    if rule.lines_of not in by_id:
        raise ConfigError(f"Rule {rule.id} takes the lines of {rule.lines_of}, which is not there", where=where)
    return msgspec.structs.replace(rule, lines=by_id[rule.lines_of].lines)


def _check(rule: PostingRule, where: str) -> None:
    sides = {line.side for line in rule.lines}
    if sides != {"debit", "credit"}:
        raise ConfigError(f"Rule {rule.id} needs lines on both sides, “debit” and “credit”", where=where)
    if any(line.scope not in ("source", "connector", "payer") for line in rule.lines):
        raise ConfigError(f"Rule {rule.id}: scope is source, connector or payer", where=where)


def standard_rules() -> RuleBook:
    """The rules that come with the product."""
    return read_rules(files("tieout.rules").joinpath("posting.toml").read_text(encoding="utf-8"), "rules/posting.toml")


class BankPattern(Struct, frozen=True, forbid_unknown_fields=True):
    """If one of `contains` stands in a bank line's text, `payer` or `purpose` is known."""

    contains: list[str]
    payer: str | None = None
    purpose: str | None = None


def standard_bank_patterns() -> tuple[BankPattern, ...]:
    """The bank line patterns that come with the product."""
    text = files("tieout.rules").joinpath("bank_lines.toml").read_text(encoding="utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    return tuple(msgspec.convert(data["pattern"], list[BankPattern]))


def recognise(patterns: tuple[BankPattern, ...], facts: dict[str, str]) -> dict[str, str]:
    """What the text and counterparty of a bank line say: {"payer": …} or {"purpose": …}, or nothing."""
    text = f"{facts.get('counterparty', '')} {facts.get('text', '')}".upper()
    for pattern in patterns:
        if any(word.upper() in text for word in pattern.contains):
            found = {"payer": pattern.payer, "purpose": pattern.purpose}
            return {name: value for name, value in found.items() if value}
    return {}
