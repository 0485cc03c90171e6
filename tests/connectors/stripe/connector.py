"""The connector as it stands in the source tree, and what it makes of a delivery."""

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from tieout.connectors import stripe as package
from tieout.connectors.stripe import signature, source
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


def reading(body: Any, parameters: Mapping[str, str] | None = None) -> Reading:
    """What a delivery says, from describe to mapping. Raises Undecodable like the connector."""
    given = parameters or {}
    topic = source.describe({}, given, raw(body)).topic
    return read(connector(), "stripe", topic, given, source.parse(topic, given, raw(body)))


def only(body: Any, parameters: Mapping[str, str] | None = None) -> EventDraft:
    """The one event of a delivery that says nothing else."""
    found = reading(body, parameters)
    assert found.objections == ()
    (event,) = found.events
    return event


def money(draft: EventDraft) -> list[tuple[str, int, str]]:
    return [(part.kind.value, part.amount_minor, part.currency) for part in draft.components]


def reasons(body: Any, **parameters: str) -> list[str]:
    """The reasons of everything that stops in a delivery."""
    found = reading(body, parameters)
    held = [draft.objection for draft in found.events if draft.objection]
    return held + [objection.reason.value for objection in found.objections]
