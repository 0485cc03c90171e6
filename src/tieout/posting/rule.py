"""Posting rules as data: read from TOML, checked when read, chosen by kind, facts and day."""

import hashlib
import itertools
import re
import tomllib
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import Struct

from tieout.model.account import Role
from tieout.model.error import ConfigError
from tieout.model.event import MEMO_KINDS, ComponentKind, Event, EventKind

_SCOPES = ("source", "connector", "payer")


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

    def choose(self, event: Event, facts: Mapping[str, str], day: date) -> PostingRule | None:
        """The first rule for this event's kind whose `when` holds, each in the version that was in force on `day`."""
        in_force: dict[str, PostingRule] = {}
        for rule in self.rules:
            known = in_force.get(rule.id)
            if rule.from_day <= day and (known is None or known.from_day < rule.from_day):
                in_force[rule.id] = rule
        candidates = (r for r in in_force.values() if r.kind is event.draft.kind)
        return next((r for r in candidates if _holds(r.when, facts)), None)


def _holds(when: Mapping[str, str], facts: Mapping[str, str]) -> bool:
    return all(bool(facts.get(k)) == (v == "*") if v in ("*", "!") else facts.get(k) == v for k, v in when.items())


def read_rules(text: str, where: str) -> RuleBook:
    """Rules from TOML text. Raises ConfigError naming the rule that does not make sense."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"The posting rules cannot be read: {error}", where=where) from None
    if set(data) != {"rule"} or not isinstance(data["rule"], list):
        raise ConfigError("The posting rules are a list of [[rule]] tables and nothing else", where=where)
    found = [_rule(table, place, where) for place, table in enumerate(data["rule"], start=1)]
    rules = tuple(_with_lines(rule, found, where) for rule in found)
    for rule in rules:
        _check(rule, where)
        _check_versions([other for other in rules if other.id == rule.id], where)
    return RuleBook(rules, hashlib.sha256(text.encode()).hexdigest()[:16])


def _rule(table: Any, place: int, where: str) -> PostingRule:
    try:
        return msgspec.convert(table, PostingRule)
    except msgspec.ValidationError as error:
        name = table.get("id", f"number {place}") if isinstance(table, dict) else f"number {place}"
        raise ConfigError(f"Rule {name} does not make sense: {error}", where=where) from None


def _with_lines(rule: PostingRule, rules: list[PostingRule], where: str) -> PostingRule:
    """The rule itself, or with the lines of the rule it refers to, in the version in force with it."""
    if rule.lines_of is None:
        return rule
    if rule.lines:
        raise ConfigError(f"Rule {rule.id} has lines of its own and those of {rule.lines_of}", where=where)
    others = [r for r in rules if r.id == rule.lines_of and r.from_day <= rule.from_day]
    if not others:
        raise ConfigError(f"Rule {rule.id} takes the lines of {rule.lines_of}, which is not there", where=where)
    return msgspec.structs.replace(rule, lines=max(others, key=lambda r: r.from_day).lines)


def _check(rule: PostingRule, where: str) -> None:
    sides = {line.side for line in rule.lines}
    problems = (
        (rule.kind in MEMO_KINDS, f"“{rule.kind}” is a memo and is never booked"),
        (sides != {"debit", "credit"}, "it needs lines on both sides, “debit” and “credit”"),
        (any(line.scope not in _SCOPES for line in rule.lines), "scope is source, connector or payer"),
        (any(line.party not in (None, "seller") for line in rule.lines), "the party of a line can be the seller"),
        (any(line.with_.keys() - {"seller", "of"} for line in rule.lines), "with narrows by seller or of"),
        (
            any(line.with_.get("of", "*") not in (*ComponentKind, "*", "!") for line in rule.lines),
            "of names a kind of component, “*” or “!”",
        ),
        (
            any(line.component is None and (line.with_ or line.otherwise or line.tag) for line in rule.lines),
            "a line of the total has no with, otherwise or tag",
        ),
    )
    for wrong, what in problems:
        if wrong:
            raise ConfigError(f"Rule {rule.id} does not make sense: {what}", where=where)


def _check_versions(rules: list[PostingRule], where: str) -> None:
    """A newer version takes over on a later day; two of one day would leave it to the order in the file."""
    for earlier, later in itertools.pairwise(sorted(rules, key=lambda r: r.version)):
        if earlier.version == later.version or earlier.from_day >= later.from_day or earlier.kind is not later.kind:
            raise ConfigError(
                f"Rule {later.id}: version {later.version} must be of the same kind as version {earlier.version}"
                " and come into force after it (from_day)",
                where=where,
            )


def standard_rules() -> RuleBook:
    """The rules that come with the product."""
    return read_rules(files("tieout.rules").joinpath("posting.toml").read_text(encoding="utf-8"), "rules/posting.toml")


class BankPattern(Struct, frozen=True, forbid_unknown_fields=True):
    """If a word of a bank line's text begins with one of `contains`, `payer` or `purpose` is known."""

    contains: list[str]
    payer: str | None = None
    purpose: str | None = None


def standard_bank_patterns() -> tuple[BankPattern, ...]:
    """The bank line patterns that come with the product."""
    text = files("tieout.rules").joinpath("bank_lines.toml").read_text(encoding="utf-8")
    data: dict[str, Any] = tomllib.loads(text)
    return tuple(msgspec.convert(data["pattern"], list[BankPattern]))


def recognise(patterns: tuple[BankPattern, ...], facts: Mapping[str, str]) -> dict[str, str]:
    """What the text and counterparty of a bank line say: {"payer": …} or {"purpose": …}, or nothing."""
    text = f"{facts.get('counterparty', '')} {facts.get('text', '')}".upper()
    for pattern in patterns:
        if any(re.search(rf"(?<!\w){re.escape(word.upper())}", text) for word in pattern.contains):
            found = {"payer": pattern.payer, "purpose": pattern.purpose}
            return {name: value for name, value in found.items() if value}
    return {}
