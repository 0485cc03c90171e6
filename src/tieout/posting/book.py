"""Books one event: a pure function from an event, the rules and the reference data to a balanced entry."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date
from fractions import Fraction
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from tieout.model.account import Role
from tieout.model.case import CaseDraft, Reason
from tieout.model.entry import EntryDraft, Line
from tieout.model.event import MEMO_KINDS, TOTAL_SIGN, Component, ComponentKind, Event, EventKind, total_minor
from tieout.model.ids import IdKind, public_id
from tieout.model.money import Money, display, exponent_of, split_by_weight, sum_by_currency
from tieout.model.rate import CONVERSION, EntryRate, implied_rates, rate_text, rounded
from tieout.posting.rule import BankPattern, LineRule, PostingRule, RuleBook, recognise


class Rate(Struct, frozen=True):
    """One unit of the event's currency in base currency, exactly, of which day, from whom."""

    value: Fraction
    day: date
    source: str

    def of(self, currency: str) -> EntryRate:
        """The rate as an entry states it."""
        return EntryRate(currency, rounded(self.value), self.source, self.day)


class Books(Struct, frozen=True):
    """What booking needs to know beside the event.

    `account_for(role, scope)` gives an account's code or None. `rate_for(currency, day)` gives base currency per
    unit of the currency or None. `open_day(day, accounts)` is the day itself, or the first one after it that takes
    entries on these accounts.
    """

    base_currency: str
    timezone: str
    rules: RuleBook
    patterns: tuple[BankPattern, ...]
    own_sellers: frozenset[str] | None
    connector_of: Mapping[str, str]
    account_for: Callable[[Role, str], str | None]
    rate_for: Callable[[str, date], Rate | None]
    open_day: Callable[[date, Collection[str]], date]


class Memo(Struct, frozen=True):
    """The event says something useful and moves no money."""


class Wait(Struct, frozen=True):
    """The event cannot be booked before these things are known."""

    keys: tuple[str, ...]


Outcome = EntryDraft | Memo | Wait | CaseDraft


def book(event: Event, books: Books) -> Outcome:
    """The entry of an event; or that it moves nothing, must wait for a rate, or needs a person.

    Nothing of an event is left out: what its rule says nothing about, or what does not balance, goes to a person.
    """
    draft = event.draft
    if draft.kind in MEMO_KINDS or not draft.components:
        return Memo()
    facts = dict(draft.facts)
    if draft.kind in (EventKind.BANK_CREDITED, EventKind.BANK_DEBITED):
        day = draft.occurred_at.astimezone(UTC).date()  # the bank says a day, told as noon UTC; no zone may move it
        facts |= _recognised(facts, books)
    else:
        day = draft.occurred_at.astimezone(ZoneInfo(books.timezone)).date()
    rule = books.rules.choose(event, facts, day)
    if rule is None:
        return _case(event, Reason.NO_RULE, f"No posting rule covers “{draft.kind}” on {day}.")
    currencies = {c.currency for c in draft.components if c.kind is not ComponentKind.CONVERTED}
    if len(currencies) != 1:
        return _case(event, Reason.POSTING_REFUSED, f"It mixes currencies: {', '.join(sorted(currencies)) or 'none'}.")
    lines = _lines(event, books, rule, facts)
    if isinstance(lines, CaseDraft):
        return lines
    if not lines:
        return Memo()
    return _in_base(event, books, rule, lines, currencies.pop(), day)


def rate_key(currency: str, base: str, day: date) -> str:
    """The name under which an event waits for an exchange rate."""
    return f"rate:{currency}/{base}:{day.isoformat()}"


def _recognised(facts: Mapping[str, str], books: Books) -> dict[str, str]:
    """What the text of a bank line says. A gateway that nobody connected is no payer: the line goes to suspense."""
    found = recognise(books.patterns, facts)
    if "payer" in found and books.account_for(Role.PAYOUT_IN_TRANSIT, found["payer"]) is None:
        del found["payer"]
    return found


def _lines(event: Event, books: Books, rule: PostingRule, facts: Mapping[str, str]) -> list[Line] | CaseDraft:
    """The lines of an event as its rule has them, without base amounts; equal ones are added up, zero is left out."""
    amounts: dict[Line, int] = {}
    booked: set[int] = set()
    for line_rule in rule.lines:
        chosen = _chosen(event, line_rule, books)
        in_total = [c for c in event.draft.components if TOTAL_SIGN[c.kind]]
        booked |= {id(c) for c in (in_total if line_rule.component is None else chosen)}
        for component in chosen:
            blank = _blank_line(event, books, line_rule, component, facts)
            if isinstance(blank, CaseDraft):
                return blank
            signed = component.amount_minor if line_rule.side == "debit" else -component.amount_minor
            amounts[blank] = amounts.get(blank, 0) + signed
    silent = [c.kind.value for c in event.draft.components if id(c) not in booked]
    if silent:
        return _case(event, Reason.NO_RULE, f"Rule {rule.id} says nothing about {', '.join(dict.fromkeys(silent))}.")
    lines = [_line(blank, amount) for blank, amount in amounts.items() if amount]
    return [*lines, *_conversion_legs(event, rule, lines, books)]


def _in_base(
    event: Event, books: Books, rule: PostingRule, lines: list[Line], currency: str, day: date
) -> EntryDraft | Wait | CaseDraft:
    """The entry, each line with its worth in base currency, if the lines balance and a rate is known."""
    off = _imbalance(lines)
    if off:
        parts = " and ".join(f"{display(amount, code)} {code}" for code, amount in off.items())
        return _case(
            event, Reason.POSTING_REFUSED, f"Rule {rule.id} does not balance this event: it is off by {parts}."
        )
    base = books.base_currency
    converted_to_base = any(line.currency == base for line in lines)
    rate = None if converted_to_base else books.rate_for(currency, day)
    if rate is None and not converted_to_base:
        return Wait((rate_key(currency, base, day),))
    conversion = books.account_for(Role.FX_CLEARING, "")
    worth = with_base(lines, base, currency, Fraction(1) if rate is None else rate.value, conversion)
    converted = [line for line in worth if rate is None or line.currency != currency]
    looked_up = [] if rate is None else [rate.of(currency)]
    draft, open_day = event.draft, books.open_day(day, {line.account for line in worth})
    return EntryDraft(
        key=draft.key,
        effective_date=open_day,
        occurred_at=draft.occurred_at,
        lines=tuple(worth),
        memo=_memo(event),
        rule_id=rule.id,
        rule_version=rule.version,
        why=rule.why,
        event_id=event.id,
        late=open_day != day,
        rate=rate_text([*looked_up, *implied_rates(converted, base, CONVERSION, day)]),
    )


def _chosen(event: Event, rule: LineRule, books: Books) -> list[Component]:
    """The components a rule line books; the event's total counts as one component."""
    components = event.draft.components
    if rule.component is None:
        first = next(c for c in components if c.kind is not ComponentKind.CONVERTED)
        total = total_minor(components)
        return [Component(first.kind, total, first.currency)] if total else []
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
    event: Event, books: Books, rule: LineRule, component: Component, facts: Mapping[str, str]
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


def _conversion_legs(event: Event, rule: PostingRule, lines: list[Line], books: Books) -> list[Line]:
    """What a conversion leaves open in each currency, booked to the conversion account, so that each balances.

    Only if what is open is the conversion itself: an event that is off for another reason is not made to balance.
    """
    converted = [c for c in event.draft.components if c.kind is ComponentKind.CONVERTED]
    replaced = {line.otherwise for line in rule.lines if line.component is ComponentKind.CONVERTED}
    if not rule.converts or not converted:
        return []
    theirs = _sums(converted)
    ours = _sums([c for c in event.draft.components if c.kind in replaced])
    off = _imbalance(lines)
    here, there = next(iter(ours), ""), next(iter(theirs))
    wanted = {here: ours.get(here, 0), there: -theirs[there]}
    if len(theirs) != 1 or here == there or off not in (wanted, {c: -amount for c, amount in wanted.items()}):
        return []
    if wanted[here] * theirs[there] <= 0:
        return []
    account = books.account_for(Role.FX_CLEARING, "")
    assert account is not None, "every chart has a conversion account"
    return [Line(account, currency, -amount, 0) for currency, amount in off.items()]


def _sums(components: Iterable[Component]) -> dict[str, int]:
    return sum_by_currency(Money(c.amount_minor, c.currency) for c in components)


def with_base(lines: list[Line], base: str, currency: str, rate: Fraction, conversion: str | None) -> list[Line]:
    """Fills in base amounts so that each currency comes to zero in base too.

    A line in base currency is worth itself. Lines in the event's own currency are worth `rate`, unless the event
    converts from or to base currency: then the conversion says what they are worth. The two legs on the `conversion`
    account are worth the same. The debits of a currency are converted together and rounded once, halves away from
    zero (Council Regulation (EC) No 1103/97, article 5), and shared out by amount: no line is a minor unit off.
    """
    anchor = base if any(line.currency == base for line in lines) else currency
    own = [i for i, line in enumerate(lines) if line.currency == anchor]
    others = [i for i, line in enumerate(lines) if line.currency != anchor]
    per_minor = Fraction(1)
    if anchor != base:
        per_minor = rate * Fraction(10) ** (exponent_of(base) - exponent_of(anchor))
    bases = dict(zip(own, _worth([lines[i] for i in own], per_minor), strict=True))
    if others:
        leg_worth = abs(next(bases[i] for i in own if lines[i].account == conversion))
        leg = next(place for place, i in enumerate(others) if lines[i].account == conversion)
        per_minor = Fraction(leg_worth, abs(lines[others[leg]].amount_minor))
        bases |= zip(others, _worth([lines[i] for i in others], per_minor, leg, leg_worth), strict=True)
    return [msgspec.structs.replace(line, base_minor=bases[i]) for i, line in enumerate(lines)]


def _worth(lines: Sequence[Line], per_minor: Fraction, leg: int | None = None, leg_worth: int = 0) -> list[int]:
    """Base amounts of the lines of one currency; the line at `leg`, if there is one, is worth exactly `leg_worth`."""
    total = int(sum(line.amount_minor for line in lines if line.amount_minor > 0) * per_minor + Fraction(1, 2))
    bases = [0] * len(lines)
    for sign in (1, -1):
        side = [i for i, line in enumerate(lines) if line.amount_minor * sign > 0]
        left = total
        if leg is not None and leg in side:
            side.remove(leg)
            bases[leg] = sign * leg_worth
            left -= leg_worth
        if side:
            for i, part in zip(side, split_by_weight(left, [abs(lines[i].amount_minor) for i in side]), strict=True):
                bases[i] = sign * part
    return bases


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
