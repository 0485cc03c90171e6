"""The mapping engine: what a delivery says, down to the minor unit, and what it does with what nobody expected."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.events.toy import components, connector, sale
from tieout.events import registry
from tieout.events.mapping import Objection, Reading, read, read_time
from tieout.model.case import Reason
from tieout.model.connector import Connector, Undecodable
from tieout.model.event import Component, ComponentKind, EventKind
from tieout.model.money import exponent_of

AT = "2026-03-02T10:00:00+01:00"
SALE = {"id": 7, "at": AT, "currency": "EUR"}
COUPON = '[[event.component]]\nkind = "item"\namount = { path = "price" }\n'


def only(reading: Reading) -> Objection:
    """The one objection, where nothing else may have come of the delivery."""
    assert (reading.events, reading.notes) == ((), ())
    (objection,) = reading.objections
    return objection


# ── What becomes of an element ────────────────────────────────────────────────────────────────────────────────────


def test_an_event_with_all_its_parts() -> None:
    reading = sale(
        """
        references = ["order:{id}", "order_name:{name}", "txn:{rows[].id}", "order:{id}"]
        requires = ["{@source}:shop:{shop}", "{@source}:shop:{nowhere}"]
        dimensions = { channel = "where", none = "nowhere", many = "rows" }
        facts = { note = "name", pieces = "n", payout = "@param.payout" }
        [[event.component]]
        kind = "item"
        each = "lines[]"
        when = { gift = false }
        amount = { path = "price", times = "n" }
        seller = "by | 'own'"
        label = "sku"
        dimensions = { shelf = "notes[name=shelf].value" }
        [[event.component]]
        kind = "tax"
        of = "item"
        each = "lines[].taxes[]"
        amount = { path = "amount" }
        currency = "^^money.code"
        seller = "^by"
        [[event.check]]
        equals = { path = "total" }
        """,
        {
            **SALE, "name": "#1001", "shop": 4, "n": 2, "where": "web", "total": "47.50", "money": {"code": "eur"},
            "rows": [{"id": "txn_1"}, {"id": "txn_2"}, {"id": "txn_1"}],
            "lines": [
                {"price": "10.00", "n": 2, "gift": False, "by": "anna", "sku": "A",
                 "notes": [{"name": "shelf", "value": "B4"}], "taxes": [{"amount": "4.75"}, {"amount": 0}]},
                {"price": "99.00", "n": 1, "gift": True, "by": "anna", "sku": "G", "notes": [], "taxes": []},
                {"price": "22.75", "n": 1, "gift": False, "by": "", "sku": "C", "notes": [], "taxes": []},
            ],
        },
    )  # fmt: skip
    (event,) = reading.events
    assert (reading.notes, reading.objections) == ((), ())
    assert (event.key, event.kind, event.aggregate) == ("till:sale:7", EventKind.ORDER_PLACED, "order:7")
    assert event.occurred_at == datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert event.references == ("order:7", "order_name:#1001", "txn:txn_1", "txn:txn_2")
    assert event.requires == ("till:shop:4",)
    assert event.dimensions == {"channel": "web"}
    assert event.facts == {"note": "#1001", "pieces": "2", "payout": "po_1"}
    assert event.components == (
        Component(ComponentKind.ITEM, 2000, "EUR", "anna", "A", None, {"shelf": "B4"}),
        Component(ComponentKind.ITEM, 2275, "EUR", "own", "C"),
        Component(ComponentKind.TAX, 475, "EUR", "anna", None, ComponentKind.ITEM),
    )
    assert (event.objection, event.objection_detail) == (None, None)


def test_a_topic_nobody_listed_is_an_objection() -> None:
    objection = only(sale("", SALE, topic="sale/undone"))
    assert (objection.reason, objection.place) == (Reason.TOPIC_UNKNOWN, "sale/undone")
    assert objection.detail == "Toy sent “sale/undone”, which this connector neither maps nor ignores."


def test_an_element_nobody_accepts_is_an_objection_that_shows_what_decided() -> None:
    mapping = 'each = "rows[]"\nwhen = { code = ["a", "b"], done = true }\n'
    reading = sale(mapping, {"rows": [{**SALE, "code": "a", "done": True}, {**SALE, "code": "z" * 90, "done": 1}]})
    assert [event.key for event in reading.events] == ["till:sale:7"]
    (objection,) = reading.objections
    assert (objection.reason, objection.place) == (Reason.CODE_UNKNOWN, "sale rows[] 2")
    assert objection.detail == f"No rule of the mapping covers it (code = '{'z' * 59}, done = 1)."
    assert (objection.subject, objection.amount_minor, objection.currency) == (None, 0, None)


def test_an_unknown_element_has_a_name_and_an_amount_where_the_mapping_knows_them() -> None:
    mapping = """
    each = "rows[]"
    when = { code = "a" }
    [[unknown]]
    each = "rows[]"
    subject = "{@source}:row:{id}"
    amount = { path = "net", unit = "minor" }
    currency = "currency"
    """
    rows = [
        {"id": 1, "code": "z", "net": -1250, "currency": "eur"},
        {"id": 2, "code": "z", "net": "much", "currency": "EUR"},
        {"id": 3, "code": "z", "net": 10**17, "currency": "EUR"},
        {"id": {}, "code": "z", "net": 5, "currency": "QQQ"},
    ]
    objections = sale(mapping, {"rows": rows}).objections
    assert [(o.subject, o.amount_minor, o.currency) for o in objections] == [
        ("till:row:1", 1250, "EUR"),
        ("till:row:2", 0, None),
        ("till:row:3", 0, None),
        (None, 0, None),
    ]
    assert {o.reason for o in objections} == {Reason.CODE_UNKNOWN}


def test_what_is_ignored_leaves_a_note_with_the_reason() -> None:
    mapping = 'when = { test = false }\n[[ignore]]\ntopics = ["sale", "ping"]\nwhy = "A test."\n'
    assert sale(mapping, {**SALE, "test": True}) == Reading(notes=("A test.",))
    assert sale(mapping, {}, topic="ping") == Reading(notes=("A test.",))
    assert sale(mapping, {**SALE, "test": False}).notes == ()


def test_an_ignore_rule_alone_still_objects_to_what_it_does_not_cover() -> None:
    mapping = '[[ignore]]\ntopics = ["ping"]\nwhen = { code = 1 }\nwhy = "Nothing."\n'
    assert only(sale(mapping, {"code": 2}, topic="ping")).reason is Reason.CODE_UNKNOWN


def test_an_empty_list_is_noted() -> None:
    reading = sale('each = "rows[]"\n', {"rows": []})
    assert reading == Reading(notes=("“sale” was empty: it contained nothing to book.",))


def test_null_elements_are_not_skipped() -> None:
    reading = sale('each = "rows[]"\n', {"rows": [None, 5, "x", []]})
    assert [(o.reason, o.place) for o in reading.objections] == [
        (Reason.FIELD_MISSING, f"sale rows[] {place}") for place in (1, 2, 3, 4)
    ]


def test_every_rule_that_accepts_an_element_makes_its_event() -> None:
    mapping = """
    when = { state = ["paid", "lost"] }
    [[event]]
    topics = ["sale"]
    kind = "dispute_lost"
    key = "{@source}:sale:{id}:lost"
    occurred_at = "at"
    aggregate = "order:{id}"
    when = { state = "lost" }
    """
    lost = sale(mapping, {**SALE, "state": "lost"})
    assert [event.key for event in lost.events] == ["till:sale:7", "till:sale:7:lost"]
    paid = sale(mapping, {**SALE, "state": "paid"})
    assert [event.key for event in paid.events] == ["till:sale:7"]


def test_a_rule_that_refuses_does_not_take_its_neighbour_with_it() -> None:
    mapping = """
    [[event]]
    topics = ["sale"]
    kind = "dispute_lost"
    key = "{@source}:sale:{lost_id}:lost"
    occurred_at = "at"
    aggregate = "order:{id}"
    """
    reading = sale(mapping, SALE)
    assert [event.key for event in reading.events] == ["till:sale:7"]
    assert [(o.reason, o.subject) for o in reading.objections] == [(Reason.FIELD_MISSING, None)]


# ── Names, times ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("missing", ["id", "at"])
def test_a_missing_field_is_an_objection(missing: str) -> None:
    objection = only(sale("", {k: v for k, v in SALE.items() if k != missing}))
    assert objection.reason is Reason.FIELD_MISSING
    named = {"id": "It has no value for “{@source}:sale:{id}”.", "at": "It has no usable time at “at” (None)."}
    assert objection.detail == named[missing]


@pytest.mark.parametrize("name", ["x" * 501, "a\nb", "a\x1fb", "\x7f", "\x00"])
def test_a_name_that_could_not_be_kept_is_an_objection(name: str) -> None:
    """A key of thousands of characters does not fit an index; one with control characters cannot be read."""
    for field in ("id", "name"):
        objection = only(sale('references = ["order_name:{name}"]\n', {**SALE, "name": "n", field: name}))
        assert objection.reason is Reason.FIELD_MISSING
        assert objection.detail.endswith("is no name: it is too long, or not printable.")
        assert len(objection.detail) < 120


def test_a_name_may_be_long_and_in_any_script() -> None:
    (event,) = sale("", {**SALE, "id": "ß €\u00a0\u4e2d" * 90}).events
    assert len(event.key) == len("till:sale:") + 5 * 90


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (1_772_445_600, datetime(2026, 3, 2, 10, tzinfo=UTC)),
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("2026-03-02T10:00:00Z", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-03-02T10:00:00.123456-05:00", datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=UTC)),
        ("2026-03-01T23:30:00-01:00", datetime(2026, 3, 2, 0, 30, tzinfo=UTC)),
        ("2026-03-02", datetime(2026, 3, 2, 12, tzinfo=UTC)),
        ("2026-03-02T10:00:00", datetime(2026, 3, 2, 10, tzinfo=UTC)),
    ],
)
def test_times(value: Any, at: datetime) -> None:
    assert read_time(value, "at") == at
    (event,) = sale("", {**SALE, "at": value}).events
    assert event.occurred_at == at


@pytest.mark.parametrize(
    "value",
    [
        None, "", True, "soon", "2026-02-30", "2026-13-01T00:00:00Z", 10**18, -(10**18), 10**30,
        Decimal("1.5"), {}, [1],
        "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "1899-12-31", "2200-01-01", "12:00",
    ],
)  # fmt: skip
def test_what_is_no_time_is_an_objection(value: Any) -> None:
    objection = only(sale("", {**SALE, "at": value}))
    assert objection.reason is Reason.FIELD_MISSING
    assert "no usable time at “at”" in objection.detail


# ── Amounts ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rule", "value", "currency", "minor"),
    [
        ('unit = "decimal"', "12.34", "EUR", 1234),
        ('unit = "decimal"', "-12.34", "EUR", -1234),
        ('unit = "decimal"', "+0.01", "EUR", 1),
        ('unit = "decimal"', ".5", "EUR", 50),
        ('unit = "decimal"', "7.", "EUR", 700),
        ('unit = "decimal"', "8.850", "EUR", 885),
        ('unit = "decimal"', Decimal("0.1"), "EUR", 10),
        ('unit = "decimal"', Decimal("1E+2"), "EUR", 10_000),
        ('unit = "decimal"', 5, "EUR", 500),
        ('unit = "decimal"', "500", "JPY", 500),
        ('unit = "decimal"', "1.234", "KWD", 1234),
        ('unit = "decimal"', "1.2345", "CLF", 12345),
        ('unit = "decimal", sign = -1', "12.34", "EUR", -1234),
        ('unit = "decimal", times = "n"', "3.33", "EUR", 999),
        ('unit = "minor"', 1234, "eur", 1234),
        ('unit = "minor"', -1, "EUR", -1),
        ('unit = "minor", sign = -1', 5, "JPY", -5),
        ('unit = "minor", times = "n"', 5, "JPY", 15),
        ('unit = "decimal"', "100000000000000.00", "EUR", 10**16),
    ],
)  # fmt: skip
def test_amounts(rule: str, value: Any, currency: str, minor: int) -> None:
    (event,) = components(rule, value, currency, n=3).events
    assert event.components == (Component(ComponentKind.GROSS, minor, currency.upper()),)
    assert type(event.components[0].amount_minor) is int


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ('unit = "decimal"', "12,34"),
        ('unit = "decimal"', " 12.34"),
        ('unit = "decimal"', "12.345"),
        ('unit = "decimal"', "1.00000000000000000000000000001"),
        ('unit = "decimal"', "1_000"),
        ('unit = "decimal"', "\uff11\uff12"),
        ('unit = "decimal"', "1e3"),
        ('unit = "decimal"', "NaN"),
        ('unit = "decimal"', "sNaN"),
        ('unit = "decimal", times = "n"', "sNaN"),
        ('unit = "decimal"', Decimal("sNaN")),
        ('unit = "decimal", times = "n"', Decimal("sNaN")),
        ('unit = "decimal"', "Infinity"),
        ('unit = "decimal", times = "zero"', Decimal("Infinity")),
        ('unit = "decimal", times = "n"', Decimal("1E+999999")),
        ('unit = "decimal"', "1E999999"),
        ('unit = "decimal"', "9" * 400),
        ('unit = "decimal"', True),
        ('unit = "decimal"', ["1.00"]),
        ('unit = "decimal"', {"amount": "1.00"}),
        ('unit = "decimal"', "100000000000000.01"),
        ('unit = "decimal", sign = -1', "-100000000000000.01"),
        ('unit = "decimal", times = "half"', "1.00"),
        ('unit = "decimal", times = "nowhere"', "1.00"),
        ('unit = "decimal", times = "yes"', "1.00"),
        ('unit = "decimal", times = "text"', "1.00"),
        ('unit = "minor"', "1234"),
        ('unit = "minor"', Decimal("12.5")),
        ('unit = "minor"', Decimal(12)),
        ('unit = "minor"', True),
        ('unit = "minor"', 2**63),
        ('unit = "minor"', -(2**63)),
        ('unit = "minor"', 10**16 + 1),
        ('unit = "minor", times = "much"', 5),
    ],
)
def test_amounts_that_are_none(rule: str, value: Any) -> None:
    more: dict[str, Any] = {"n": 3, "half": Decimal("0.5"), "yes": True, "text": "2", "much": 10**17, "zero": 0}
    objection = only(components(rule, value, **more))
    assert objection.reason is Reason.AMOUNT_UNUSABLE
    assert objection.subject == "till:sale:1"
    assert len(objection.detail) < 300


def test_amounts_together_must_be_possible_too() -> None:
    """Two that are possible alone can come to more than books can hold."""
    rule = '[[event.component]]\nkind = "item"\neach = "v[]"\namount = { path = "p", unit = "minor" }\n'
    two = [{"p": 6 * 10**15}, {"p": -6 * 10**15}]
    document = {**SALE, "currency": "EUR", "v": two}
    objection = only(sale(rule + 'currency = "^currency"\n', document))
    assert (objection.reason, objection.detail) == (
        Reason.AMOUNT_UNUSABLE,
        "What its parts come to is beyond any amount that books could mean; check its unit.",
    )


def test_no_amount_is_an_objection_and_zero_is_dropped() -> None:
    assert only(components('unit = "decimal"', None)).detail == "It has no amount at “v”."
    assert only(components('unit = "decimal"', "")).reason is Reason.FIELD_MISSING
    assert components('unit = "decimal"', "0.00").events[0].components == ()
    assert components('unit = "minor"', 0).events[0].components == ()


@pytest.mark.parametrize(
    ("currency", "reason"),
    [
        ("QQQ", Reason.CURRENCY_UNKNOWN),
        ("EURO", Reason.CURRENCY_UNKNOWN),
        ("", Reason.FIELD_MISSING),
        (None, Reason.FIELD_MISSING),
        (978, Reason.FIELD_MISSING),
        ({"code": "EUR"}, Reason.FIELD_MISSING),
        ("EU\u212a", Reason.CURRENCY_UNKNOWN),
    ],
)
def test_currencies_that_are_none(currency: Any, reason: Reason) -> None:
    assert only(components('unit = "decimal"', "1.00", currency)).reason is reason


def test_a_provider_counts_a_currency_in_its_own_units() -> None:
    """ISK has no decimals in ISO 4217; this provider sends it times one hundred."""
    own = {"ISK": 2}
    assert components('unit = "minor"', 12_300, "isk", exponents=own).events[0].components[0].amount_minor == 123
    assert components('unit = "decimal"', "123", "ISK", exponents=own).events[0].components[0].amount_minor == 123
    objection = only(components('unit = "minor"', 12_345, "ISK", exponents=own))
    assert objection.reason is Reason.AMOUNT_UNUSABLE


# ── Holding back ──────────────────────────────────────────────────────────────────────────────────────────────────

CHECK = COUPON + '[[event.check]]\nequals = { path = "total" }\n'


def test_parts_that_do_not_add_up_hold_the_event() -> None:
    (event,) = sale(CHECK, {**SALE, "price": "10.00", "total": "10.01"}).events
    assert event.objection == "total_mismatch"
    assert event.objection_detail == "The source states 10.01 EUR as “total”; the parts come to 10.00 EUR."
    assert event.components[0].amount_minor == 1000


def test_a_check_has_a_reason_of_its_own() -> None:
    mapping = CHECK.rstrip() + '\nreason = "net_mismatch"\n'
    (event,) = sale(mapping, {**SALE, "price": "10.00", "total": "9.00"}).events
    assert event.objection == "net_mismatch"
    (event,) = sale(mapping, {**SALE, "price": "10.00", "total": "10"}).events
    assert event.objection is None


def test_a_total_that_is_missing_is_not_a_total_of_nothing() -> None:
    objection = only(sale(CHECK, {**SALE, "price": "10.00"}))
    assert (objection.reason, objection.detail) == (Reason.FIELD_MISSING, "It has no amount at “total”.")


def test_signs_of_a_total() -> None:
    """Discounts and fees take away, tax contained in a price adds nothing."""
    parts = "".join(
        f'[[event.component]]\nkind = "{kind}"\namount = {{ path = "{kind}" }}\n'
        for kind in ("item", "discount", "shipping", "shipping_discount", "tax", "tax_included", "tip", "fee")
    )
    figures = {
        "item": "100", "discount": "10", "shipping": "5", "shipping_discount": "1", "tax": "7", "tax_included": "3",
        "tip": "2", "fee": "4",
    }  # fmt: skip
    mapping = parts + '[[event.check]]\nequals = { path = "total" }\n'
    (event,) = sale(mapping, {**SALE, **figures, "total": "99.00"}).events
    assert event.objection is None


def test_what_the_reader_found_holds_the_event() -> None:
    mapping = 'held = "problem"\nheld_detail = "detail"\n' + CHECK
    document = {**SALE, "price": "1.00", "total": "2.00", "problem": "statement_unbalanced", "detail": "Off by 1.00."}
    (event,) = sale(mapping, document).events
    assert (event.objection, event.objection_detail) == ("statement_unbalanced", "Off by 1.00.")
    (event,) = sale(mapping, {**document, "problem": None, "total": "1.00"}).events
    assert (event.objection, event.objection_detail) == (None, None)


# ── The shipped mappings, and whatever may be thrown at them ──────────────────────────────────────────────────────


@cache
def shipped(name: str) -> Connector:
    return registry.load(name)


NAMES = sorted(registry.connector_packages())


def topics(name: str) -> list[str]:
    mapping = shipped(name).mapping
    listed = [rule.topics for rule in mapping.events] + [rule.topics for rule in mapping.ignores]
    return sorted({topic for named in listed for topic in named})


@cache
def vocabulary(name: str) -> list[str]:
    """Every field a mapping looks at, so that made-up documents have a chance to be understood in part."""
    words = json.dumps(files(f"tieout.connectors.{name}").joinpath("mapping.toml").read_text(encoding="utf-8"))
    return sorted({word for word in words.replace('"', " ").split() if word.isidentifier()})[:300]


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**66), 2**66),
    st.decimals(allow_nan=True, places=3),
    st.sampled_from(
        [
            "EUR",
            "usd",
            "JPY",
            "QQQ",
            "10.00",
            "-3.5",
            "1e9",
            "NaN",
            "succeeded",
            "BOOK",
            "2026-03-02",
            AT,
            "ch_1",
            "x" * 600,
        ]
    ),
    st.text(max_size=6),
)


@cache
def documents(name: str) -> st.SearchStrategy[Any]:
    keys = st.sampled_from(vocabulary(name)) | st.text(max_size=4)
    return st.recursive(
        VALUES,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=8),
        max_leaves=25,
    )


def elements(connector: Connector, topic: str, document: Any) -> int:
    """How many elements the mapping must say something about, counted by walking the document ourselves."""
    return sum(len(_reach([document], path)) for path in eaches(connector, topic))


def eaches(connector: Connector, topic: str) -> set[str | None]:
    """Where the mapping looks for elements in deliveries of a topic."""
    rules = [(rule.topics, rule.each) for rule in connector.mapping.events]
    rules += [(rule.topics, rule.each) for rule in connector.mapping.ignores]
    return {each for named, each in rules if topic in named}


def _reach(found: list[Any], path: str | None) -> list[Any]:
    if path is None:
        return found
    for step in path.removeprefix("$").strip(".").split(".") if path != "$" else []:
        name = step.removesuffix("[]")
        found = [value[name] for value in found if isinstance(value, Mapping) and name in value]
        if step.endswith("[]"):
            found = [element for value in found if isinstance(value, list) for element in value]
        else:
            found = [value for value in found if value not in (None, "", [], {})]
    return found


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=200)
@given(data=st.data())
def test_no_document_is_dropped_or_raises(name: str, data: st.DataObject) -> None:
    """Every element of any JSON ends as event, note or objection, under every topic of every shipped mapping."""
    connector = shipped(name)
    topic = data.draw(st.sampled_from(topics(name)))
    members = sorted({each.split("[")[0].split(".")[0] for each in eaches(connector, topic) if each})
    document = data.draw(documents(name))
    inside = data.draw(st.booleans())
    if members and inside:
        document = {data.draw(st.sampled_from(members)): data.draw(st.lists(documents(name), max_size=4))}
    reading = read(connector, "src", topic, {"payout": "po_1"}, document)
    wanted = elements(connector, topic, document)
    assert len(reading.events) + len(reading.notes) + len(reading.objections) >= max(wanted, 1)
    for event in reading.events:
        assert event.key.startswith("src:")
        assert len(event.key) <= 500
        assert 1900 <= event.occurred_at.year < 2200
        assert sum(abs(c.amount_minor) for c in event.components) <= 10**16
        assert all(type(c.amount_minor) is int and exponent_of(c.currency) >= 0 for c in event.components)
    for objection in reading.objections:
        assert objection.reason in set(Reason)
        assert abs(objection.amount_minor) <= 10**16


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_no_body_makes_a_connector_raise_anything_but_undecodable(name: str, data: st.DataObject) -> None:
    connector = shipped(name)
    topic = data.draw(st.sampled_from(topics(name)))
    encoded = documents(name).map(lambda document: json.dumps(document, default=str).encode())
    body = data.draw(st.binary(max_size=60) | encoded)
    parameters = {"topic": topic, "payout": "po_1"}
    try:
        envelope = connector.describe({}, parameters, body)
        document = connector.parse(envelope.topic, parameters, body)
    except Undecodable:
        return
    reading = read(connector, "src", envelope.topic, parameters, document)
    assert reading.events or reading.notes or reading.objections


@pytest.mark.parametrize("name", NAMES)
def test_a_topic_of_nobody_is_never_dropped(name: str) -> None:
    reading = read(shipped(name), "src", "no/such/topic", {}, {"anything": 1})
    assert [o.reason for o in reading.objections] == [Reason.TOPIC_UNKNOWN]


def test_the_mapping_is_read_from_toml_without_surprises() -> None:
    """A word that is no field of a rule is a mistake, not a wish that is silently ignored."""
    with pytest.raises(Exception, match="unknown field `ocurred_at`"):
        connector(
            '[[event]]\ntopics = ["x"]\nkind = "top_up"\nkey = "k"\naggregate = "a"\noccurred_at = "at"\n'
            'ocurred_at = "at"\n'
            "version = 1\n"
        )
