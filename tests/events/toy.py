"""A made-up connector for tests of the engine: a mapping from TOML text, documents given as they are."""

import tomllib
from collections.abc import Mapping
from typing import Any

import msgspec

from tieout.events.mapping import Reading, read
from tieout.model.connector import Connector, Manifest, MappingFile
from tieout.model.delivery import Envelope

SALE = """
version = 1
[[event]]
topics = ["sale"]
kind = "order_placed"
key = "{@source}:sale:{id}"
occurred_at = "at"
aggregate = "order:{id}"
"""


def connector(mapping: str, exponents: dict[str, int] | None = None) -> Connector:
    """A gateway called Toy with this mapping; it reads nothing but what the test hands it."""
    manifest = Manifest("toy", "Toy", "gateway", "1", "none", ["objects"], exponents=exponents or {})
    return Connector(
        manifest=manifest,
        mapping=msgspec.convert(tomllib.loads(mapping), MappingFile),
        describe=lambda _headers, parameters, _body: Envelope(parameters["topic"], "1"),
        parse=lambda _topic, _parameters, _body: None,
    )


def sale(extra: str, document: Any, *, exponents: dict[str, int] | None = None, topic: str = "sale") -> Reading:
    """What a document says under a mapping of sales with some more lines, from a source called till."""
    return read(connector(SALE + extra, exponents), "till", topic, {"payout": "po_1"}, document)


def components(amount: str, value: Any, currency: str = "EUR", **more: Any) -> Reading:
    """What a sale says whose one component has this amount rule, with `value` at ``v``."""
    exponents: Mapping[str, int] = more.pop("exponents", {})
    document = {"id": 1, "at": 1_700_000_000, "currency": currency, "v": value, **more}
    rule = f'[[event.component]]\nkind = "gross"\namount = {{ path = "v", {amount} }}\n'
    return sale(rule, document, exponents=dict(exponents))
