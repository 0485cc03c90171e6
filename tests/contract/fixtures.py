"""Connectors' fixtures: where they are, and what becomes of their deliveries."""

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tieout.events.mapping import Reading, read
from tieout.events.registry import connector_packages, load
from tieout.model.connector import Undecodable

CONNECTORS = sorted(connector_packages())


class Fixture(NamedTuple):
    """One folder of `connectors/NAME/fixtures`."""

    connector: str
    folder: Path

    def delivery(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "delivery.json").read_text(encoding="utf-8"))
        return found

    def body(self) -> bytes:
        """The body as it travels: text as it is, JSON without blanks."""
        body = self.delivery()["body"]
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        return text.encode()


@cache
def fixtures(connector: str) -> list[Fixture]:
    """All fixtures of a connector, by name."""
    folder = Path(str(files(connector_packages()[connector]))) / "fixtures"
    return [Fixture(connector, path) for path in sorted(folder.iterdir()) if path.is_dir()]


ALL = [fixture for connector in CONNECTORS for fixture in fixtures(connector)]


def documents(connector: str) -> Iterator[tuple[str, Any]]:
    """Topic and document of every fixture that can be read."""
    for fixture in fixtures(connector):
        with suppress(Undecodable):
            yield document(fixture)


def document(fixture: Fixture) -> tuple[str, Any]:
    """Topic and document of a fixture; raises Undecodable like its connector."""
    code, delivery = load(fixture.connector), fixture.delivery()
    topic = code.describe(delivery["headers"], delivery["parameters"], fixture.body()).topic
    return topic, code.parse(topic, delivery["parameters"], fixture.body())


def reading(fixture: Fixture) -> Reading:
    """What a fixture's delivery says; the source is called as its connector."""
    topic, parsed = document(fixture)
    return read(load(fixture.connector), fixture.connector, topic, fixture.delivery()["parameters"], parsed)


def outcome(fixture: Fixture) -> dict[str, Any]:
    """What becomes of a delivery, in the form of events.json."""
    code, delivery = load(fixture.connector), fixture.delivery()
    found: dict[str, Any] = {}
    try:
        envelope = code.describe(delivery["headers"], delivery["parameters"], fixture.body())
        found = {"topic": envelope.topic, "identity": envelope.identity}
        said = reading(fixture)
    except Undecodable as error:
        return {**found, "undecodable": str(error)}
    whole = {**found, "events": said.events, "notes": said.notes, "objections": said.objections}
    plain: dict[str, Any] = json.loads(msgspec.json.encode(whole))
    return plain
