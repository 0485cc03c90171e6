"""Books one event: a pure function from an event, the rules and the reference data to a balanced entry."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from msgspec import Struct

from tieout.model.account import Role
from tieout.model.case import CaseDraft, Reason
from tieout.model.entry import EntryDraft, Line
from tieout.model.event import MEMO_KINDS, Component, Event, EventKind, total_minor
from tieout.model.ids import IdKind, public_id
from tieout.model.money import exponent_of
from tieout.posting.rule import BankPattern, LineRule, PostingRule, RuleBook, recognise


class Rate(Struct, frozen=True):
    """One unit of the event's currency in base currency, of which day, from whom."""

    value: Decimal
    day: date
    source: str


class Books(Struct, frozen=True):
    """What booking needs to know beside the event.

    `account_for(role, scope)` gives an account's code or None. `rate_for(currency, day)` gives base currency per
    unit of the currency or None. `open_day(day)` is the day itself, or the first open one after it.
    """

    base_currency: str
    timezone: str
    rules: RuleBook
    patterns: tuple[BankPattern, ...]
    own_sellers: frozenset[str] | None
    connector_of: Mapping[str, str]
    account_for: Callable[[Role, str], str | None]
    rate_for: Callable[[str, date], Rate | None]
    open_day: Callable[[date], date]


class Memo(Struct, frozen=True):
    """The event says something useful and moves no money."""


class Wait(Struct, frozen=True):
    """The event cannot be booked before these things are known."""

    keys: tuple[str, ...]


Outcome = EntryDraft | Memo | Wait | CaseDraft


def book(event: Event, books: Books) -> Outcome:
    """The entry of an event; or that it is a memo, must wait for a rate, or needs a person."""
    draft = event.draft
    if draft.kind in MEMO_KINDS:
        return Memo()
    if not draft.components or (total_minor(draft.components) == 0 and len(draft.components) == 1):
        return Memo()
    day = draft.occurred_at.astimezone(ZoneInfo(books.timezone)).date()
    facts = dict(draft.facts)
    if draft.kind in (EventKind.BANK_CREDITED, EventKind.BANK_DEBITED):
        facts |= recognise(books.patterns, facts)
    rule = books.rules.choose(event, facts, day)
    if rule is None:
        return _case(event, Reason.NO_RULE, f"No posting rule covers “{draft.kind}” on {day}.")
    currency = draft.components[0].currency
    rate = books.rate_for(currency, day)
    if rate is None:
        return Wait((rate_key(currency, books.base_currency, day),))
    return _entry(event, books, rule, facts, day, rate)


def rate_key(currency: str, base: str, day: date) -> str:
    """The name under which an event waits for an exchange rate."""
    return f"rate:{currency}/{base}:{day.isoformat()}"


def _entry(event: Event, books: Books, rule: PostingRule, facts: dict[str, str], day: date, rate: Rate) -> Outcome:
    draft = event.draft
    amounts: dict[Line, int] = {}
    for line_rule in rule.lines:
        for component in _chosen(event, line_rule, books):
            blank = _blank_line(event, books, line_rule, component, facts)
            if isinstance(blank, CaseDraft):
                return blank
            signed = component.amount_minor if line_rule.side == "debit" else -component.amount_minor
            amounts[blank] = amounts.get(blank, 0) + signed
    lines = [_line(blank, amount) for blank, amount in amounts.items() if amount]
    if rule.converts:
        lines += _conversion_legs(lines, books)
    off = _imbalance(lines)
    if off or len(lines) < 2:
        return _case(event, Reason.POSTING_REFUSED, f"Rule {rule.id} does not balance this event: {off or 'no lines'}.")
    return EntryDraft(
        key=draft.key,
        effective_date=books.open_day(day),
        occurred_at=draft.occurred_at,
        lines=tuple(with_base(lines, draft.components[0].currency, books.base_currency, rate.value)),
        memo=_memo(event),
        rule_id=rule.id,
        rule_version=rule.version,
        why=rule.why,
        event_id=event.id,
        late=books.open_day(day) != day,
        rate=None if rate.value == 1 else f"{rate.value.normalize():f} {rate.source} {rate.day.isoformat()}",
    )


def _chosen(event: Event, rule: LineRule, books: Books) -> list[Component]:
    """The components a rule line books; the event's total counts as one component."""
    components = event.draft.components
    if rule.component is None:
        total = total_minor(components)
        return [Component(components[0].kind, total, components[0].currency)] if total else []
    kind = rule.component
    if rule.otherwise is not None and not any(c.kind is kind for c in components):
        kind = rule.otherwise
    return [c for c in components if c.kind is kind and _fits(c, rule.with_, books)]


def _fits(component: Component, wanted: Mapping[str, str], books: Books) -> bool:
    for name, value in wanted.items():
        actual = _seller(component, books) if name == "seller" else component.of
        if value in ("*", "!"):
            if (actual is not None) != (value == "*"):
                return False
        elif actual != value:
            return False
    return True


def _seller(component: Component, books: Books) -> str | None:
    """The seller whose goods these are, or None if they are the entity's own (`own_sellers` None: all are)."""
    if books.own_sellers is None or component.seller in books.own_sellers:
        return None
    return component.seller


def _blank_line(
    event: Event, books: Books, rule: LineRule, component: Component, facts: dict[str, str]
) -> Line | CaseDraft:
    """The line without its amount: account, currency, party, item and dimensions; equal ones are added up."""
    connector = books.connector_of[event.source]
    scope = {"source": event.source, "connector": connector, "payer": facts.get("payer", "")}[rule.scope]
    account = books.account_for(rule.role, scope)
    if account is None:
        return _case(event, Reason.POSTING_REFUSED, f"No account plays the role “{rule.role}” for “{scope}”.")
    dimensions = {**event.draft.dimensions, **component.dimensions}
    if rule.tag and component.label:
        dimensions[rule.tag] = component.label
    return Line(
        account=account,
        currency=component.currency,
        amount_minor=0,
        base_minor=0,
        party=_seller(component, books) if rule.party else None,
        item=_item(event, rule),
        dimensions=_Frozen(dimensions),
    )


class _Frozen(dict[str, str]):
    """A dimension set that can stand in a key."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(tuple(sorted(self.items())))


def _item(event: Event, rule: LineRule) -> str | None:
    for kind in rule.item:
        if kind == "bank_line":
            return f"bank_line:{event.draft.key}"
        for reference in event.draft.references:
            if reference.startswith(f"{kind}:"):
                return reference
    return f"event:{event.draft.key}" if rule.item else None


def _line(blank: Line, amount_minor: int) -> Line:
    return Line(
        account=blank.account,
        currency=blank.currency,
        amount_minor=amount_minor,
        base_minor=0,
        party=blank.party,
        item=blank.item,
        dimensions=dict(blank.dimensions),
    )


def _imbalance(lines: list[Line]) -> dict[str, int]:
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.currency] = totals.get(line.currency, 0) + line.amount_minor
    return {currency: off for currency, off in totals.items() if off}


def _conversion_legs(lines: list[Line], books: Books) -> list[Line]:
    """What a conversion leaves open in each currency, booked to the conversion account, so that each balances."""
    account = books.account_for(Role.FX_CLEARING, "")
    assert account is not None, "every chart has a conversion account"
    return [Line(account, currency, -off, 0) for currency, off in _imbalance(lines).items()]


def with_base(lines: list[Line], currency: str, base: str, rate: Decimal) -> list[Line]:
    """Fills in base amounts so that they sum to zero.

    Lines in the event's own currency are converted at `rate`. In a conversion, the lines of the other currency
    take together the base value of the event's currency on the conversion account: both legs are worth the same.
    Halves round away from zero (Council Regulation (EC) No 1103/97, article 5); what rounding leaves goes to the
    largest line, which it changes least.
    """
    per_minor = rate.scaleb(exponent_of(base) - exponent_of(currency))
    own = _convert_group([line for line in lines if line.currency == currency], per_minor)
    if len(own) == len(lines):
        return own
    others: list[Line] = []
    for other in dict.fromkeys(line.currency for line in lines if line.currency != currency):
        group = [line for line in lines if line.currency == other]
        whole = sum(abs(line.amount_minor) for line in group) // 2
        worth = sum(line.base_minor for line in own if line.base_minor > 0 and _is_leg(line, lines))
        worth = worth or -sum(line.base_minor for line in own if line.base_minor < 0 and _is_leg(line, lines))
        others += _convert_group(group, Decimal(worth) / Decimal(whole))
    return [*own, *others]


def _is_leg(line: Line, lines: list[Line]) -> bool:
    """Whether the line's account also carries another currency in this entry: the conversion account does."""
    return any(o.account == line.account and o.currency != line.currency for o in lines)


def _convert_group(lines: list[Line], rate: Decimal) -> list[Line]:
    bases = [int((line.amount_minor * rate).to_integral_value(ROUND_HALF_UP)) for line in lines]
    largest = max(range(len(lines)), key=lambda i: (abs(lines[i].amount_minor), -i))
    bases[largest] -= sum(bases)
    return [
        Line(ln.account, ln.currency, ln.amount_minor, base, ln.party, ln.item, ln.dimensions)
        for ln, base in zip(lines, bases, strict=True)
    ]


def _memo(event: Event) -> str:
    draft = event.draft
    name = next((r.split(":", 1)[1] for r in draft.references if r.startswith(("order_name:",))), None)
    return f"{draft.kind.value.replace('_', ' ').capitalize()}{f' {name}' if name else ''} · {draft.aggregate}"


def _case(event: Event, reason: Reason, sentence: str) -> CaseDraft:
    draft = event.draft
    currency = draft.components[0].currency if draft.components else None
    return CaseDraft(
        reason=reason,
        subject=draft.key,
        sentence=sentence,
        amount_minor=abs(total_minor(draft.components)),
        currency=currency,
        aggregate=draft.aggregate,
        links=(public_id(IdKind.EVENT, event.id),),
    )
