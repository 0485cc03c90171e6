"""Every fixture: the delivery as Stripe sends it, and the events it becomes, reviewed by hand."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.connectors.stripe.connector import FOLDER, connector
from tieout.connectors.stripe import source
from tieout.events.mapping import read
from tieout.model.connector import Connector, EventRule, IgnoreRule, MappingFile, Undecodable

FIXTURES = sorted(path for path in (FOLDER / "fixtures").iterdir() if path.is_dir())


def body_of(delivery: dict[str, Any]) -> bytes:
    """The body as it travels: text as it is, JSON without blanks."""
    body = delivery["body"]
    return (body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))).encode()


def outcome(delivery: dict[str, Any]) -> dict[str, Any]:
    """What becomes of a delivery, in the form of events.json."""
    found: dict[str, Any] = {}
    try:
        envelope = source.describe(delivery["headers"], delivery["parameters"], body_of(delivery))
        found = {"topic": envelope.topic, "identity": envelope.identity}
        document = source.parse(envelope.topic, delivery["parameters"], body_of(delivery))
    except Undecodable as error:
        return {**found, "undecodable": str(error)}
    reading = read(connector(), "stripe", envelope.topic, delivery["parameters"], document)
    whole = {**found, "events": reading.events, "notes": reading.notes, "objections": reading.objections}
    return json.loads(msgspec.json.encode(whole))  # type: ignore[no-any-return] # what was encoded is an object


def test_there_are_fixtures() -> None:
    assert len(FIXTURES) == 44


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda path: path.name)
def test_fixture(folder: Path) -> None:
    delivery = json.loads((folder / "delivery.json").read_text(encoding="utf-8"))
    assert delivery["channel"] in connector().manifest.channels
    assert outcome(delivery) == json.loads((folder / "events.json").read_text(encoding="utf-8"))


def documents() -> Iterator[tuple[str, Any]]:
    """Topic and document of every fixture that can be read."""
    for folder in FIXTURES:
        delivery = json.loads((folder / "delivery.json").read_text(encoding="utf-8"))
        with suppress(Undecodable):
            topic = source.describe(delivery["headers"], delivery["parameters"], body_of(delivery)).topic
            yield topic, source.parse(topic, delivery["parameters"], body_of(delivery))


def alone(rule: EventRule | IgnoreRule) -> Connector:
    """The connector with this rule only."""
    mapping = MappingFile(1, events=[rule]) if isinstance(rule, EventRule) else MappingFile(1, ignores=[rule])
    return msgspec.structs.replace(connector(), mapping=mapping)


RULES = [*connector().mapping.events, *(rule for rule in connector().mapping.ignores if rule.each is not None)]


@pytest.mark.parametrize(
    "rule", RULES, ids=lambda rule: f"{rule.each} {getattr(rule, 'kind', rule.topics[0])} {rule.when}"
)
def test_every_rule_of_the_mapping_has_a_fixture(rule: EventRule | IgnoreRule) -> None:
    """A rule that no fixture needs is a rule nobody has looked at."""
    readings = [
        read(alone(rule), "stripe", topic, {}, document) for topic, document in documents() if topic in rule.topics
    ]
    wanted = rule.why if isinstance(rule, IgnoreRule) else None
    assert any(wanted in reading.notes if wanted else reading.events for reading in readings)
