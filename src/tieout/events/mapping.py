"""Applies a connector's `mapping.toml` to a parsed delivery: events, plain notes, and what must become a case."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow
from typing import Any, TypeVar

from msgspec import Struct

from tieout.events.expression import Scope, as_text, fill, fill_many, holds, iterate, look_up
from tieout.model.case import Reason
from tieout.model.connector import AmountRule, ComponentRule, Connector, EventRule, IgnoreRule
from tieout.model.error import AmountError, TieoutError
from tieout.model.event import ONE_WAY_KINDS, Component, ComponentKind, EventDraft, total_minor
from tieout.model.money import display, exponent_of, rescale, to_minor

#: Multiplies prices by pieces without ever rounding: a digit that would be lost is an error.
_EXACT = Context(prec=200, traps=[Inexact, InvalidOperation, Overflow])
#: A bare date stands for noon UTC, so that no entity's time zone moves it to another day.
_NOON = time(12, tzinfo=UTC)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
#: No books are about other years; what is outside them is a mistake, and days cannot be counted at calendars' ends.
_YEARS = range(1900, 2200)
#: Amounts as text: digits of ASCII with at most one point. What else Python takes for a number is not one here.
_DECIMAL_TEXT = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
#: All components of an event together, without their signs. More is a mistake of unit, and balances must fit 64 bits.
_EVENT_MINOR_MAX = 10**16
_BEYOND = "is beyond any amount that books could mean; check its unit."
#: Longer names are no names, and the database could not keep them unique.
_NAME_CHARACTERS_MAX = 500
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Objection(Struct, frozen=True):
    """Something in a delivery that no event can be made of; becomes a case. `place` says where in the delivery.

    `subject` names the thing itself where the mapping can tell, so that hearing of it twice is one case.
    """

    reason: Reason
    place: str
    detail: str
    subject: str | None = None
    amount_minor: int = 0
    currency: str | None = None


class Reading(Struct, frozen=True):
    """What a delivery says: events, notes (why a part means nothing for the books), and objections."""

    events: tuple[EventDraft, ...] = ()
    notes: tuple[str, ...] = ()
    objections: tuple[Objection, ...] = ()


class _Refusal(Exception):
    """An element cannot become an event for `reason`."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def read(connector: Connector, source: str, topic: str, parameters: Mapping[str, str], document: Any) -> Reading:
    """Maps one parsed delivery. Never raises for what the document contains: odd content becomes objections."""
    events_for = [rule for rule in connector.mapping.events if topic in rule.topics]
    ignores_for = [rule for rule in connector.mapping.ignores if topic in rule.topics]
    if not events_for and not ignores_for:
        detail = f"{connector.manifest.title} sent “{topic}”, which this connector neither maps nor ignores."
        return Reading(objections=(Objection(Reason.TOPIC_UNKNOWN, topic, detail),))
    root = Scope(document, document, {"source": source, "topic": topic, "param": parameters})
    readings = [
        _read_element(connector, scope, rules, ignores, f"{topic} {each or ''} {place}".replace("  ", " "))
        for each in dict.fromkeys([*(rule.each for rule in events_for), *(rule.each for rule in ignores_for)])
        for rules, ignores in [(_of(events_for, each), _of(ignores_for, each))]
        for place, scope in enumerate(iterate(root, each), start=1)
    ]
    events = tuple(event for reading in readings for event in reading.events)
    notes = tuple(note for reading in readings for note in reading.notes)
    objections = tuple(objection for reading in readings for objection in reading.objections)
    if not (events or notes or objections):
        notes = (f"“{topic}” was empty: it contained nothing to book.",)
    return Reading(events, notes, objections)


_Rule = TypeVar("_Rule", EventRule, IgnoreRule)


def _of(rules: Sequence[_Rule], each: str | None) -> list[_Rule]:
    return [rule for rule in rules if rule.each == each]


def _read_element(
    connector: Connector, scope: Scope, rules: Sequence[EventRule], ignores: Sequence[IgnoreRule], label: str
) -> Reading:
    """What one element says: the events of every rule that takes it, or why it is ignored, or an objection."""
    accepted = [rule for rule in rules if holds(scope, rule.when)]
    events: list[EventDraft] = []
    objections: list[Objection] = []
    for rule in accepted:
        try:
            events.append(_draft(connector, rule, scope))
        except _Refusal as refusal:
            objections.append(Objection(refusal.reason, label, refusal.detail, fill(scope, rule.key)))
    if accepted:
        return Reading(tuple(events), (), tuple(objections))
    ignored = next((rule for rule in ignores if holds(scope, rule.when)), None)
    if ignored is not None:
        return Reading(notes=(ignored.why,))
    codes = ", ".join(f"{path} = {look_up(scope, path)!r:.60}" for path in _deciding(rules))
    detail = f"No rule of the mapping covers it ({codes})."
    each = rules[0].each if rules else ignores[0].each
    return Reading(objections=(_unknown(connector, scope, each, label, detail),))


def _unknown(connector: Connector, scope: Scope, each: str | None, label: str, detail: str) -> Objection:
    """The objection to a code nobody knows, with a name and an amount if the mapping says where they stand."""
    rule = next((rule for rule in connector.mapping.unknowns if rule.each == each), None)
    if rule is None:
        return Objection(Reason.CODE_UNKNOWN, label, detail)
    subject, exponents = fill(scope, rule.subject), connector.manifest.exponents
    try:
        currency = _currency(look_up(scope, rule.currency), exponents)
        amount = abs(_amount(rule.amount, scope, currency, exponents))
    except _Refusal:
        return Objection(Reason.CODE_UNKNOWN, label, detail, subject)
    return Objection(Reason.CODE_UNKNOWN, label, detail, subject, amount, currency)


def _deciding(rules: Sequence[EventRule]) -> list[str]:
    return list(dict.fromkeys(path for rule in rules for path in rule.when))[:4]


def _draft(connector: Connector, rule: EventRule, scope: Scope) -> EventDraft:
    key = fill(scope, rule.key)
    aggregate = fill(scope, rule.aggregate)
    if key is None or aggregate is None:
        raise _Refusal(Reason.FIELD_MISSING, f"It has no value for “{rule.key if key is None else rule.aggregate}”.")
    references = tuple(dict.fromkeys(ref for t in rule.references for ref in fill_many(scope, t)))
    requires = tuple(dict.fromkeys(ref for t in rule.requires for ref in fill_many(scope, t)))
    for name in (key, aggregate, *references, *requires):
        _check_name(name)
    occurred_at = read_time(look_up(scope, rule.occurred_at), rule.occurred_at)
    exponents = connector.manifest.exponents
    components = tuple(_components(rule, scope, exponents))
    if sum(abs(component.amount_minor) for component in components) > _EVENT_MINOR_MAX:
        raise _Refusal(Reason.AMOUNT_UNUSABLE, f"What its parts come to {_BEYOND}")
    objection, detail = _objection(rule, scope, components, exponents)
    dimensions = {**connector.mapping.dimensions, **rule.dimensions}
    return EventDraft(
        key=key,
        kind=rule.kind,
        occurred_at=occurred_at,
        aggregate=aggregate,
        references=references,
        requires=requires,
        components=components,
        dimensions=_texts(scope, dimensions),
        facts=_texts(scope, rule.facts),
        objection=objection,
        objection_detail=detail,
    )


def _check_name(name: str) -> None:
    if len(name) > _NAME_CHARACTERS_MAX or _CONTROL.search(name):
        raise _Refusal(Reason.FIELD_MISSING, f"{name!r:.60} is no name: it is too long, or not printable.")


def _texts(scope: Scope, expressions: Mapping[str, str]) -> dict[str, str]:
    texts = {name: as_text(look_up(scope, expression)) for name, expression in expressions.items()}
    return {name: text for name, text in texts.items() if text is not None}


def _components(rule: EventRule, scope: Scope, exponents: Mapping[str, int]) -> Iterator[Component]:
    for part in rule.components:
        for element in iterate(scope, part.each):
            if holds(element, part.when):
                component = _component(rule, part, element, scope, exponents)
                if component.amount_minor:
                    yield component


def _component(
    rule: EventRule, part: ComponentRule, element: Scope, outer: Scope, exponents: Mapping[str, int]
) -> Component:
    currency = look_up(element, part.currency) if part.currency else look_up(outer, rule.currency or "currency")
    currency = _currency(currency, exponents)
    return Component(
        kind=part.kind,
        amount_minor=_amount(part.amount, element, currency, exponents),
        currency=currency,
        seller=as_text(look_up(element, part.seller)) if part.seller else None,
        label=as_text(look_up(element, part.label)) if part.label else None,
        of=part.of,
        line=as_text(look_up(element, part.line)) if part.line else None,
        quantity=_pieces(look_up(element, part.quantity)) if part.quantity else 1,
        dimensions=_texts(element, part.dimensions),
    )


def _pieces(value: Any) -> int:
    """How many units; what is no positive whole number counts as one lot, for only fees per unit ask."""
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 1


def _currency(value: Any, exponents: Mapping[str, int]) -> str:
    if not isinstance(value, str) or not value:
        raise _Refusal(Reason.FIELD_MISSING, "It names no currency.")
    code = value.upper()
    try:
        exponent_of(code, exponents)
        exponent_of(code)
    except AmountError as error:
        raise _Refusal(Reason.CURRENCY_UNKNOWN, error.what) from None
    return code


def _amount(rule: AmountRule, scope: Scope, currency: str, exponents: Mapping[str, int]) -> int:
    """Minor units, signed as the rule says."""
    amount_minor = _minor(rule, scope, currency, exponents)
    if abs(amount_minor) > _EVENT_MINOR_MAX:
        raise _Refusal(Reason.AMOUNT_UNUSABLE, f"What stands at “{rule.path}” {_BEYOND}")
    return rule.sign * amount_minor


def _minor(rule: AmountRule, scope: Scope, currency: str, exponents: Mapping[str, int]) -> int:
    value = look_up(scope, rule.path)
    if value is None:
        raise _Refusal(Reason.FIELD_MISSING, f"It has no amount at “{rule.path}”.")
    times = 1 if rule.times is None else look_up(scope, rule.times)
    if not isinstance(times, int) or isinstance(times, bool):
        raise _Refusal(Reason.AMOUNT_UNUSABLE, f"“{rule.times}” is not a whole number of pieces.")
    try:
        if rule.unit == "minor":
            if not isinstance(value, int) or isinstance(value, bool):
                raise _Refusal(Reason.AMOUNT_UNUSABLE, f"“{value!s:.40}” at “{rule.path}” is not whole minor units.")
            return rescale(value * times, currency, exponents)
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            raise _Refusal(Reason.AMOUNT_UNUSABLE, f"What stands at “{rule.path}” is not an amount.")
        if isinstance(value, str) and not _DECIMAL_TEXT.fullmatch(value):
            raise _Refusal(Reason.AMOUNT_UNUSABLE, f"“{value[:40]}” at “{rule.path}” is not an amount.")
        amount = value if times == 1 else _EXACT.multiply(Decimal(value), times)
        return to_minor(amount, currency)
    except TieoutError as error:
        raise _Refusal(Reason.AMOUNT_UNUSABLE, f"{error.what:.200} (at “{rule.path}”).") from None
    except ArithmeticError:
        raise _Refusal(Reason.AMOUNT_UNUSABLE, f"“{value!s:.40}” at “{rule.path}” is not an amount.") from None


def _objection(
    rule: EventRule, scope: Scope, components: tuple[Component, ...], exponents: Mapping[str, int]
) -> tuple[str | None, str | None]:
    """The reason to hold the event, if the reader found one or the source's own arithmetic does not hold."""
    found = look_up(scope, rule.held) if rule.held else None
    if found is not None:
        detail = look_up(scope, rule.held_detail) if rule.held_detail else None
        return str(found), None if detail is None else str(detail)
    wrong = [c for c in components if c.kind is ComponentKind.GROSS and c.amount_minor < 0]
    if wrong and rule.kind in ONE_WAY_KINDS:
        amount = f"{display(wrong[0].amount_minor, wrong[0].currency)} {wrong[0].currency}"
        return Reason.AMOUNT_UNUSABLE.value, f"It says {amount}, and this can only be positive."
    for check in rule.checks:
        currency = _currency(look_up(scope, rule.currency or "currency"), exponents)
        stated = _amount(check.equals, scope, currency, exponents)
        counted = total_minor(components)
        if stated != counted:
            texts = [f"{display(amount, currency)} {currency}" for amount in (stated, counted)]
            detail = f"The source states {texts[0]} as “{check.equals.path}”; the parts come to {texts[1]}."
            return check.reason, detail
    return None, None


def read_time(value: Any, expression: str) -> datetime:
    """A point in time from unix seconds, ISO 8601 text with a zone, or a bare date (noon UTC)."""
    try:
        at = _time(value)
    except (ValueError, OverflowError, OSError):
        at = None
    if at is None or at.year not in _YEARS:
        raise _Refusal(Reason.FIELD_MISSING, f"It has no usable time at “{expression}” ({value!r:.60}).")
    return at


def _time(value: Any) -> datetime | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    if not isinstance(value, str):
        return None
    if _DATE.fullmatch(value):
        return datetime.combine(date.fromisoformat(value), _NOON)
    at = datetime.fromisoformat(value)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
