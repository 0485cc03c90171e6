"""The connector as it stands in the source tree, and what it makes of a delivery."""

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from tieout.connectors import shopify as package
from tieout.connectors.shopify import signature, source
from tieout.events.mapping import Reading, read
from tieout.model.connector import Connector, Manifest, MappingFile
from tieout.model.event import EventDraft

FOLDER = Path(package.__file__).parent


@cache
def connector() -> Connector:
    def text(name: str) -> str:
        return (FOLDER / name).read_text(encoding="utf-8")

    return Connector(
        manifest=msgspec.convert(tomllib.loads(text("manifest.toml")), Manifest),
        mapping=msgspec.convert(tomllib.loads(text("mapping.toml")), MappingFile),
        describe=source.describe,
        parse=source.parse,
        verify=signature.verify,
    )


def raw(body: Any) -> bytes:
    """A body as it travels: bytes and text as they are, anything else as JSON."""
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def reading(topic: str, body: Any, **parameters: str) -> Reading:
    """What a delivery of a topic says. Raises Undecodable like the connector."""
    return read(connector(), "shop", topic, parameters, source.parse(topic, parameters, raw(body)))


def only(topic: str, body: Any) -> EventDraft:
    """The one event of a delivery in which nothing stops."""
    found = reading(topic, body)
    assert found.objections == ()
    (event,) = found.events
    return event


def parts(draft: EventDraft) -> list[tuple[str, int]]:
    """Kind and minor units of every component; a tax is named with what it is of."""
    return [(f"{p.kind}/{p.of}" if p.of else p.kind.value, p.amount_minor) for p in draft.components]


def reasons(topic: str, body: Any) -> list[str]:
    """The reasons of everything that stops in a delivery."""
    found = reading(topic, body)
    held = [draft.objection for draft in found.events if draft.objection]
    return held + [objection.reason.value for objection in found.objections]
