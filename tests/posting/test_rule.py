"""Rules as data: a typing error in one is an error that names it, and a newer version takes over on its day."""

from datetime import date
from textwrap import dedent

import msgspec
import pytest

from tests.posting.words import ACCOUNTS, books, event
from tieout.events.registry import load
from tieout.ledger.check import check
from tieout.masterdata.chart import read_chart
from tieout.model.connector import EventRule
from tieout.model.entry import EntryDraft
from tieout.model.error import ConfigError
from tieout.model.event import MEMO_KINDS, Component, ComponentKind, EventKind
from tieout.posting.book import book
from tieout.posting.rule import BankPattern, read_rules, recognise, standard_bank_patterns, standard_rules

RULE = """
[[rule]]
id = "{id}"
version = {version}
kind = "{kind}"
why = "For the test."
{more}
line = [
  {{ component = "gross", role = "captured", side = "debit", item = ["charge"] }},
  {{ component = "gross", role = "order_receivable", side = "credit", item = ["order"] }},
]
"""


def rule(id: str = "paid", version: int = 1, kind: str = "payment_captured", more: str = "") -> str:
    return RULE.format(id=id, version=version, kind=kind, more=more)


PAID = event(EventKind.PAYMENT_CAPTURED, "gross 5.00 EUR")
DAY = date(2026, 1, 15)


def chosen(text: str, *, day: date = DAY, facts: dict[str, str] | None = None) -> str | None:
    found = read_rules(text, "test").choose(PAID, facts or {}, day)
    return None if found is None else f"{found.id}/{found.version}"


def test_the_first_rule_of_the_kind_that_holds_is_chosen() -> None:
    text = rule("refund", kind="payment_refunded") + rule("card", more='when = { method = "card" }') + rule("any")
    assert chosen(text, facts={"method": "card"}) == "card/1"
    assert chosen(text, facts={"method": "sepa"}) == "any/1"
    assert chosen(text) == "any/1"
    assert chosen(rule("refund", kind="payment_refunded")) is None


@pytest.mark.parametrize(
    ("when", "facts", "holds"),
    [
        ('method = "card"', {"method": "card"}, True),
        ('method = "card"', {"method": "Card"}, False),
        ('method = "card"', {}, False),
        ('method = "*"', {"method": "card"}, True),
        ('method = "*"', {"method": ""}, False),
        ('method = "*"', {}, False),
        ('method = "!"', {}, True),
        ('method = "!"', {"method": ""}, True),
        ('method = "!"', {"method": "card"}, False),
        ('method = "card", country = "DE"', {"method": "card"}, False),
        ('method = "card", country = "DE"', {"method": "card", "country": "DE"}, True),
    ],
)
def test_a_condition(when: str, facts: dict[str, str], holds: bool) -> None:
    assert (chosen(rule(more=f"when = {{ {when} }}"), facts=facts) is not None) is holds


@pytest.mark.parametrize("turned", [False, True])
def test_a_newer_version_takes_over_on_its_day_wherever_it_stands(turned: bool) -> None:
    versions = [rule(), rule(version=2, more="from_day = 2026-07-01"), rule(version=3, more="from_day = 2027-01-01")]
    text = "".join(versions[::-1] if turned else versions)
    days = (date(2026, 6, 30), date(2026, 7, 1), date(2026, 12, 31), date(2027, 1, 1))
    assert [chosen(text, day=day) for day in days] == ["paid/1", "paid/2", "paid/2", "paid/3"]


def test_a_rule_that_is_not_in_force_yet_does_not_exist() -> None:
    text = rule("card", more="from_day = 2026-02-01") + rule("any")
    assert chosen(text, day=date(2026, 1, 31)) == "any/1"
    assert chosen(text, day=date(2026, 2, 1)) == "card/1"


def test_a_newer_version_keeps_the_place_of_the_older() -> None:
    """Order is priority; a version added at the end of the file must not lose to a rule it always came before."""
    text = rule("card", more='when = { method = "card" }') + rule("any")
    text += rule("card", version=2, more='when = { method = "card" }\nfrom_day = 2026-01-01')
    assert chosen(text, facts={"method": "card"}) == "card/2"


def test_a_new_version_may_stop_holding() -> None:
    """If the version in force does not hold, an older one does not step in for it."""
    text = rule("card") + rule("card", version=2, more='when = { method = "card" }\nfrom_day = 2026-01-01')
    assert chosen(text) is None


def test_lines_of_another_rule_are_those_in_force_with_it() -> None:
    other = """
    [[rule]]
    id = "b"
    version = 1
    kind = "payment_refunded"
    why = "Like a."
    lines_of = "a"
    """
    book = read_rules(rule("a") + dedent(other), "test")
    assert book.rules[1].lines == book.rules[0].lines
    assert len(book.rules[1].lines) == 2


LINE = '{ component = "gross", role = "captured", side = "debit" }'
BROKEN = {
    "not TOML": ("[[rule]", "cannot be read"),
    "no rules": ("", "are a list of"),
    "another table": (rule() + "[other]\nx = 1\n", "are a list of"),
    "rule is a table": ("[rule]\nid = 'a'", "are a list of"),
    "unknown kind": (rule("odd", kind="order_sold"), "Rule odd does not make sense: Invalid enum value 'order_sold'"),
    "a memo": (rule("odd", kind="payout_noted"), "Rule odd .* is a memo"),
    "unknown role": (rule("odd").replace('"captured"', '"turnover"'), "Rule odd .*Invalid enum value 'turnover'"),
    "unknown component": (rule("odd").replace('"gross"', '"net"'), "Rule odd .*Invalid enum value 'net'"),
    "typing error": (rule("odd", more="form_day = 2026-01-01"), "Rule odd .*unknown field `form_day`"),
    "typing error in a line": (rule("odd").replace("side", "sied"), "Rule odd .*sied|Rule odd .*side"),
    "no id": ('[[rule]]\nkind = "top_up"', "Rule number 1 does not make sense"),
    "no why": (rule("odd").replace("why", "wyh"), "Rule odd does not make sense"),
    "one side": (rule("odd").replace('"credit"', '"debit"'), "Rule odd .*both sides"),
    "no such side": (rule("odd").replace('"credit"', '"Credit"'), "Rule odd .*both sides"),
    "no lines": ('[[rule]]\nid = "odd"\nversion = 1\nkind = "top_up"\nwhy = "x"', "Rule odd .*both sides"),
    "no such scope": (rule("odd").replace('item = ["order"]', 'scope = "payee"'), "Rule odd .*scope is"),
    "no such party": (rule("odd").replace('item = ["order"]', 'party = "buyer"'), "Rule odd .*party"),
    "no such property": (rule("odd").replace('item = ["order"]', 'with = { vendor = "*" }'), "Rule odd .*seller or of"),
    "no such part": (
        rule("odd").replace('item = ["order"]', 'with = { of = "goods" }'),
        "Rule odd .*kind of component",
    ),
    "a narrowed total": (
        rule("odd").replace('component = "gross", role = "captured"', 'with = { seller = "*" }, role = "captured"'),
        "Rule odd .*total",
    ),
    "lines of nobody": (
        '[[rule]]\nid = "odd"\nversion = 1\nkind = "top_up"\nwhy = "x"\nlines_of = "even"',
        "Rule odd takes the lines of even, which is not there",
    ),
    "lines of its own and another's": (rule() + rule("odd", more='lines_of = "paid"'), "Rule odd has lines of its own"),
    "the same version twice": (rule("odd") + rule("odd"), "Rule odd: version 1 must be"),
    "two versions from one day": (rule("odd") + rule("odd", version=2), "Rule odd: version 2 must be"),
    "a newer version from an earlier day": (
        rule("odd", more="from_day = 2026-01-01") + rule("odd", version=2, more="from_day = 2025-01-01"),
        "Rule odd: version 2 must be of the same kind as version 1 and come into force after it",
    ),
    "a version of another kind": (
        rule("odd") + rule("odd", version=2, kind="top_up", more="from_day = 2026-01-01"),
        "Rule odd: version 2 must be of the same kind",
    ),
}


@pytest.mark.parametrize(("text", "what"), BROKEN.values(), ids=BROKEN)
def test_rules_that_make_no_sense_are_refused_by_name(text: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what) as refused:
        read_rules(text, "own/posting.toml")
    assert refused.value.where == "own/posting.toml"


def test_the_hash_is_that_of_the_text() -> None:
    assert read_rules(rule(), "a").hash == read_rules(rule(), "b").hash
    assert read_rules(rule(), "a").hash != read_rules(rule() + "# more\n", "a").hash


def test_every_kind_that_posts_has_a_rule_that_always_holds() -> None:
    """The last rule of each kind asks for nothing. A person's decision is its own rule."""
    standard = standard_rules()
    last = {rule.kind: rule for rule in standard.rules}
    assert set(last) == set(EventKind) - MEMO_KINDS - {EventKind.CASE_RESOLVED}
    assert [rule.id for rule in last.values() if rule.when] == []


CONNECTORS = ("camt", "shopify", "stripe")
MAPPED = [
    (name, mapped) for name in CONNECTORS for mapped in load(name).mapping.events if mapped.kind not in MEMO_KINDS
]


@pytest.mark.parametrize(("connector", "mapped"), MAPPED, ids=lambda value: getattr(value, "key", value))
@pytest.mark.parametrize("own", [False, True])
def test_every_part_a_connector_can_tell_of_is_booked(connector: str, mapped: EventRule, own: bool) -> None:
    """An event with one of each of its parts. If it went to a person, so would everybody's first one."""
    seller = "North Wool" if own else "Ana"
    parts = tuple(
        Component(
            part.kind,
            1000 + place,
            "USD" if part.kind is ComponentKind.CONVERTED else "EUR",
            seller=seller if part.seller else None,
            of=part.of,
        )
        for place, part in enumerate(mapped.components)
    )
    found = event(mapped.kind, "gross 1.00 EUR", source="bank" if connector == "camt" else "stripe")
    found = msgspec.structs.replace(found, draft=msgspec.structs.replace(found.draft, components=parts))
    entry = book(found, books())
    assert isinstance(entry, EntryDraft), entry
    check([entry], ACCOUNTS["marketplace"])


@pytest.mark.parametrize("connector", CONNECTORS)
@pytest.mark.parametrize("chart", ["marketplace", "retailer"])
def test_a_source_brings_the_accounts_its_events_are_booked_to(connector: str, chart: str) -> None:
    """What the chart has per source or connector must be asked for by the manifest, or nobody plays the role."""
    own = {account.role for account in read_chart(chart).account if account.per is not None}
    kinds = {mapped.kind for name, mapped in MAPPED if name == connector}
    lines = [line for found in standard_rules().rules if found.kind in kinds for line in found.lines]
    needed = {line.role.value for line in lines if line.role in own and line.scope != "payer"}
    assert needed <= set(load(connector).manifest.accounts)


def test_every_standard_rule_says_why_in_a_sentence_and_rules_have_names_of_their_own() -> None:
    standard = standard_rules().rules
    assert [rule.id for rule in standard if not rule.why.endswith(".") or len(rule.why) < 20] == []
    assert len({rule.id for rule in standard}) == len(standard)


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"text": "STRIPE PAYOUT"}, {"payer": "stripe"}),
        ({"text": "svwz+stripe technology europe"}, {"payer": "stripe"}),
        ({"counterparty": "Stripe Payments UK Ltd"}, {"payer": "stripe"}),
        ({"text": "PINSTRIPE TAILORS"}, {}),  # not every word with it in it
        ({"text": "ref 1 /SHOPIFY/ 2"}, {"payer": "shopify"}),
        ({"text": "Kontoführungsgebühr"}, {"purpose": "bank_charges"}),
        ({"text": "KONTOFUEHRUNG"}, {"purpose": "bank_charges"}),
        ({"text": "Entgeltabschluss"}, {"purpose": "bank_charges"}),
        ({"counterparty": "BANK", "text": "CHARGES"}, {"purpose": "bank_charges"}),  # read as one text
        ({"text": "STRIPE SHOPIFY"}, {"payer": "stripe"}),  # the first pattern decides
        ({"text": "rent"}, {}),
        ({"reference": "STRIPE"}, {}),
        ({}, {}),
    ],
)
def test_what_a_bank_line_says(facts: dict[str, str], found: dict[str, str]) -> None:
    assert recognise(standard_bank_patterns(), facts) == found


def test_a_pattern_is_text_and_not_an_expression() -> None:
    pattern = BankPattern(contains=["A.B (C)"], payer="stripe", purpose="x")
    assert recognise((pattern,), {"text": "to a.b (c) yesterday"}) == {"payer": "stripe", "purpose": "x"}
    assert recognise((pattern,), {"text": "to axb (c) yesterday"}) == {}
