"""Every fixture: the delivery as a bank writes it, and the events it becomes, reviewed by hand."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.connectors.camt.connector import FOLDER, connector
from tieout.connectors.camt import source
from tieout.events.mapping import read
from tieout.model.connector import Undecodable

FIXTURES = sorted(path for path in (FOLDER / "fixtures").iterdir() if path.is_dir())


def outcome(delivery: dict[str, Any]) -> dict[str, Any]:
    """What becomes of a delivery, in the form of events.json."""
    body = delivery["body"].encode()
    envelope = source.describe(delivery["headers"], delivery["parameters"], body)
    found: dict[str, Any] = {"topic": envelope.topic, "identity": envelope.identity}
    try:
        document = source.parse(envelope.topic, delivery["parameters"], body)
    except Undecodable as error:
        return {**found, "undecodable": str(error)}
    reading = read(connector(), connector().manifest.name, envelope.topic, delivery["parameters"], document)
    whole = {**found, "events": reading.events, "notes": reading.notes, "objections": reading.objections}
    return json.loads(msgspec.json.encode(whole))  # type: ignore[no-any-return] # what was encoded is an object


def test_there_are_fixtures() -> None:
    assert len(FIXTURES) == 21


@pytest.mark.parametrize("folder", FIXTURES, ids=lambda path: path.name)
def test_fixture(folder: Path) -> None:
    delivery = json.loads((folder / "delivery.json").read_text(encoding="utf-8"))
    assert delivery["channel"] in connector().manifest.channels
    assert outcome(delivery) == json.loads((folder / "events.json").read_text(encoding="utf-8"))
