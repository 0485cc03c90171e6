"""Events in a few words, and entries as an accountant writes them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import msgspec

from tieout.masterdata.chart import ChartAccount, Roles, accounts_of_source, common_accounts, read_chart
from tieout.model.account import Account
from tieout.model.entry import EntryDraft, Line
from tieout.model.event import Component, ComponentKind, Event, EventDraft, EventKind
from tieout.model.money import decimal_text, to_minor
from tieout.posting.book import Books, Rate
from tieout.posting.rule import RuleBook, standard_bank_patterns, standard_rules

GATEWAY_ROLES = ("captured", "gateway", "payout_in_transit", "disputed", "reserve")
SOURCES = {"shop": "shopify", "stripe": "stripe", "stripe-us": "stripe", "bank": "camt"}
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
#: Base currency for one unit, on every day.
RATES = {"USD": Decimal("0.9"), "GBP": Decimal("1.15"), "JPY": Decimal("0.0060"), "BHD": Decimal("2.4")}


def accounts_of(chart: str) -> dict[str, Account]:
    """The accounts of a chart for a shop, two gateways of one kind and a bank."""
    found = read_chart(chart)
    opened: list[tuple[ChartAccount, str | None]] = [(account, None) for account in common_accounts(found)]
    for source, connector in SOURCES.items():
        roles = ("bank",) if source == "bank" else () if source == "shop" else GATEWAY_ROLES
        own = accounts_of_source(found, roles, source, connector)
        opened += [(account, source if account.per == "source" else connector) for account in own]
    by_code = {account.code: (account, scope) for account, scope in opened}
    return {
        code: Account(number, code, a.name, a.type, a.role, a.clearing, a.currencies, scope)
        for number, (code, (a, scope)) in enumerate(sorted(by_code.items()), start=1)
    }


ACCOUNTS = {chart: accounts_of(chart) for chart in ("marketplace", "retailer")}


def books(
    *,
    base: str = "EUR",
    own_sellers: Iterable[str] | None = ("North Wool",),
    rules: RuleBook | None = None,
    rates: Mapping[str, Decimal] = RATES,
    open_day: Callable[[date, Collection[str]], date] = lambda day, _accounts: day,
    timezone: str = "Europe/Berlin",
) -> Books:
    """What booking needs to know; a marketplace in Berlin that also sells goods of its own."""
    roles = Roles(ACCOUNTS["marketplace"])

    def rate_for(currency: str, day: date) -> Rate | None:
        value = 1 if currency == base else rates.get(currency)
        return None if value is None else Rate(Fraction(value), day, "ecb")

    return Books(
        base_currency=base,
        timezone=timezone,
        rules=rules or standard_rules(),
        patterns=standard_bank_patterns(),
        own_sellers=None if own_sellers is None else frozenset(own_sellers),
        connector_of=SOURCES,
        account_for=roles.account_for,
        rate_for=rate_for,
        open_day=open_day,
    )


def components(text: str) -> tuple[Component, ...]:
    """Components from lines such as ``item 100.00 EUR seller=Ana of=item label=SKU-1``."""
    found = []
    for row in text.strip().splitlines():
        kind, amount, currency, *extra = row.split()
        named = dict(word.replace("_", " ").split("=", 1) for word in extra)
        found.append(
            Component(
                ComponentKind(kind),
                to_minor(amount, currency),
                currency,
                named.get("seller"),
                named.get("label"),
                None if "of" not in named else ComponentKind(named["of"].replace(" ", "_")),
            )
        )
    return tuple(found)


def event(
    kind: EventKind,
    text: str,
    *,
    source: str = "stripe",
    references: Iterable[str] = (),
    facts: Mapping[str, str] | None = None,
    at: datetime = NOON,
    dimensions: Mapping[str, str] | None = None,
) -> Event:
    """A recorded event made of components in words."""
    draft = EventDraft(
        key=f"{source}:{kind}:1",
        kind=kind,
        occurred_at=at,
        aggregate="order:1",
        references=tuple(references),
        components=components(text),
        dimensions=dimensions or {},
        facts=facts or {},
    )
    return Event(7, source, draft, b"", 3, NOON)


def journal(entry: EntryDraft, base: str = "EUR") -> str:
    """An entry as text: account, amount, worth in base where that differs, item, party and dimensions."""
    return "\n".join(_row(line, base) for line in entry.lines)


def _row(line: Line, base: str) -> str:
    words = [f"{line.account:<12}{decimal_text(line.amount_minor, line.currency):>11} {line.currency}"]
    if line.currency != base:
        words.append(f"{{{decimal_text(line.base_minor, base)} {base}}}")
    words += [word for word in (line.item, line.party and f"({line.party})") if word]
    words += [f"#{name}={value}" for name, value in sorted(line.dimensions.items())]
    return "  ".join(words)


def dated(found: Event, at: datetime) -> Event:
    """The same event at another time."""
    return msgspec.structs.replace(found, draft=msgspec.structs.replace(found.draft, occurred_at=at))
