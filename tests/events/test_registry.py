"""Loading connectors: what is installed, what a user adds, and what is wrong with a mapping, said at loading."""

from pathlib import Path

import pytest

from tieout.events import registry
from tieout.events.mapping import read
from tieout.model.connector import Connector, EventRule
from tieout.model.error import ConfigError, NotFound
from tieout.model.event import EventKind

NOTHING: dict[str, list[object]] = {
    name: [] for name in ("orders", "refunds", "tenders", "edits", "agreements", "balance_rows", "payouts")
}


def extended(folder: Path, text: str, name: str = "shopify") -> Connector:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return registry.load(name, folder)


def rules(connector: Connector, topic: str, kind: EventKind) -> list[EventRule]:
    return [rule for rule in connector.mapping.events if topic in rule.topics and rule.kind is kind]


def test_the_shipped_connectors_load_and_say_who_they_are() -> None:
    packages = registry.connector_packages()
    assert {name: packages[name] for name in ("camt", "shopify", "stripe")} == {
        "camt": "tieout.connectors.camt",
        "shopify": "tieout.connectors.shopify",
        "stripe": "tieout.connectors.stripe",
    }
    kinds = {name: registry.load(name).manifest.kind for name in ("camt", "shopify", "stripe")}
    assert kinds == {"camt": "bank", "shopify": "shop", "stripe": "gateway"}
    assert registry.load("camt").verify is None
    assert registry.load("stripe").verify is not None


def test_an_unknown_connector_is_named_with_those_there_are() -> None:
    with pytest.raises(NotFound, match="no connector “strype”") as caught:
        registry.load("strype")
    assert "camt" in caught.value.remedy


def test_without_a_file_of_the_user_the_mapping_is_ours(tmp_path: Path) -> None:
    assert registry.load("shopify", tmp_path).mapping == registry.load("shopify").mapping


def test_the_users_dimensions_and_rules_are_added(tmp_path: Path) -> None:
    connector = extended(
        tmp_path,
        """
        version = 2
        [dimensions]
        colour = "note_attributes[name=colour].value"
        [[ignore]]
        topics = ["carts/update"]
        why = "A cart is no order."
        [[event]]
        topics = ["pledges/create"]
        kind = "top_up"
        key = "{@source}:pledge:{id}"
        aggregate = "pledge:{id}"
        occurred_at = "at"
        """,
    )
    ours = registry.load("shopify").mapping
    assert connector.mapping.version == 2
    assert connector.mapping.dimensions == {"colour": "note_attributes[name=colour].value"}
    assert connector.mapping.events[1:] == ours.events
    assert connector.mapping.ignores[1:] == ours.ignores
    assert read(connector, "shop", "carts/update", {}, NOTHING).notes == ("A cart is no order.",)
    (event,) = read(connector, "shop", "pledges/create", {}, {"id": 3, "at": "2026-03-02"}).events
    assert (event.key, event.kind) == ("shop:pledge:3", EventKind.TOP_UP)


def test_a_users_rule_for_the_same_fact_replaces_ours_for_its_topics(tmp_path: Path) -> None:
    """Both would tell the same fact, with other figures: a contradiction of our own making."""
    ours = registry.load("shopify")
    (rule,) = rules(ours, "orders/create", EventKind.ORDER_PLACED)
    connector = extended(
        tmp_path,
        f"""
        version = 2
        [[event]]
        topics = ["orders/create"]
        kind = "order_placed"
        each = "{rule.each}"
        key = "{rule.key}"
        aggregate = "mine:{{id}}"
        occurred_at = "created_at"
        """,
    )
    (changed,) = rules(connector, "orders/create", EventKind.ORDER_PLACED)
    assert changed.aggregate == "mine:{id}"
    (kept,) = rules(connector, "orders", EventKind.ORDER_PLACED)
    assert kept.components == rule.components
    assert sorted(kept.topics) == sorted(set(rule.topics) - {"orders/create"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = ", "The file is not right"),
        ("version = 1\nevents = 1", "unknown field"),
        ('version = 1\n[[event]]\ntopics = ["x"]', "missing required field"),
        ('version = 1\n[dimensions]\ncolour = "notes[].value"', "many values where one is needed"),
        ('version = 1\n[dimensions]\ncolour = "notes[name"', "is not a path"),
        ('version = 1\n[[ignore]]\ntopics = ["x"]\nwhy = "y"\nwhen = { "a[].b" = 1 }', "many values"),
        ('version = 1\n[[ignore]]\ntopics = ["x"]\nwhy = "y"\neach = "a[] | b[]"', "cannot have alternatives"),
    ],
)
def test_what_is_wrong_with_a_users_mapping_is_said_when_it_is_loaded(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said) as caught:
        extended(tmp_path, text)
    assert caught.value.where == str(tmp_path / "shopify.toml")


RULE = {
    "topics": '["x"]',
    "kind": '"top_up"',
    "key": '"k:{id}"',
    "aggregate": '"a:{id}"',
    "occurred_at": '"at"',
}
COMPONENT = {"kind": '"item"', "amount": '{ path = "amount" }'}


@pytest.mark.parametrize(
    ("rule", "component"),
    [
        ({"key": '"k:{rows[].id}"'}, {}),
        ({"aggregate": '"k:{rows[].id}"'}, {}),
        ({"occurred_at": '"rows[].at"'}, {}),
        ({"currency": '"rows[].at"'}, {}),
        ({"held": '"rows[].problem"'}, {}),
        ({"held_detail": '"rows[].problem"'}, {}),
        ({"references": '["{a[]}:{b[]}"]'}, {}),
        ({"requires": '["{a[] | b}"]'}, {}),
        ({"facts": '{ note = "rows[].note" }'}, {}),
        ({"dimensions": '{ note = "rows[].note" }'}, {}),
        ({"when": '{ "rows[].note" = "*" }'}, {}),
        ({"check": '[{ equals = { path = "rows[].total" } }]'}, {}),
        ({}, {"amount": '{ path = "rows[].amount" }'}),
        ({}, {"amount": '{ path = "amount", times = "rows[].n" }'}),
        ({}, {"currency": '"rows[].currency"'}),
        ({}, {"seller": '"rows[].seller"'}),
        ({}, {"label": '"rows[].label"'}),
        ({}, {"dimensions": '{ note = "rows[].note" }'}),
        ({}, {"each": '"a[] | b[]"'}),
        ({}, {"when": '{ "rows[].note" = "*" }'}),
    ],
)
def test_no_expression_of_a_rule_escapes_the_check(
    tmp_path: Path, rule: dict[str, str], component: dict[str, str]
) -> None:
    lines = [f"{name} = {value}" for name, value in {**RULE, **rule}.items()]
    parts = [f"{name} = {value}" for name, value in {**COMPONENT, **component}.items()]
    text = "\n".join(["version = 1", "[[event]]", *lines, "[[event.component]]", *parts])
    with pytest.raises(ConfigError):
        extended(tmp_path, text)


def test_the_same_rule_without_the_mistake_loads(tmp_path: Path) -> None:
    lines = [f"{name} = {value}" for name, value in {**RULE, "references": '["r:{rows[].id}:{id}"]'}.items()]
    parts = [f"{name} = {value}" for name, value in {**COMPONENT, "each": '"rows[]"'}.items()]
    text = "\n".join(["version = 1", "[[event]]", *lines, "[[event.component]]", *parts])
    connector = extended(tmp_path, text)
    document = {"id": 1, "at": 0, "rows": [{"id": 5, "amount": "1.00", "currency": "EUR"}], "currency": "EUR"}
    (event,) = read(connector, "s", "x", {}, document).events
    assert event.references == ("r:5:1",)
    assert event.components[0].amount_minor == 100
