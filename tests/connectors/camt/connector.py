"""The connector as it stands in the source tree, and what it makes of a file."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from tests.connectors.camt.statements import message, statement
from tieout.connectors import camt
from tieout.connectors.camt import source
from tieout.events.mapping import Reading, read
from tieout.model.connector import Connector, Manifest, MappingFile

FOLDER = Path(camt.__file__).parent


def connector() -> Connector:
    def text(name: str) -> str:
        return (FOLDER / name).read_text(encoding="utf-8")

    return Connector(
        manifest=msgspec.convert(tomllib.loads(text("manifest.toml")), Manifest),
        mapping=msgspec.convert(tomllib.loads(text("mapping.toml")), MappingFile),
        describe=source.describe,
        parse=source.parse,
    )


def reading(body: bytes) -> Reading:
    """What a file says, from describe to mapping. Raises Undecodable like the connector."""
    topic = source.describe({}, {}, body).topic
    return read(connector(), "bank", topic, {}, source.parse(topic, {}, body))


def only(body: bytes, topic: str = "camt.053") -> dict[str, Any]:
    """The document of the one statement of a message."""
    (found,) = source.parse(topic, {}, body)["statements"]
    assert isinstance(found, dict)
    return found


def entries(*xml: str, opening: str = "0.00", closing: str = "10.00") -> list[dict[str, Any]]:
    """The documents of the entries of a statement that has these."""
    found = only(message(statement(*xml, opening=opening, closing=closing)))["entries"]
    assert isinstance(found, list)
    return found
