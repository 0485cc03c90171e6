"""Connectors: what a folder under `connectors/` must provide, and the language of its `mapping.toml`.

A connector is a folder: `manifest.toml`, `mapping.toml`, `source.py` and, for webhooks, `signature.py`. All its
functions are pure. It sees only these nouns. See docs/howto/write-a-connector.md.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct

from tieout.model.delivery import Envelope
from tieout.model.event import ComponentKind, EventKind


class Undecodable(Exception):
    """Raised by a connector's `parse` when bytes are not what they claim to be; becomes a case, never a crash."""


class SignatureVerdict(Struct, frozen=True):
    """Whether a signature verifies; `reason` says why not, in words for the log (never the secret or the body)."""

    ok: bool
    reason: str = ""


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """`manifest.toml`: what the connector is and what it claims to do.

    `identity` and `changed` are prose for the generated page. `exponents` overrides ISO 4217 for this provider.
    `accounts` lists the roles for which a source of this connector gets accounts of its own.
    """

    name: str
    title: str
    kind: str  # shop | gateway | bank
    api_version: str
    identity: str
    channels: list[str]
    accounts: list[str] = []
    secrets: list[str] = []
    exponents: dict[str, int] = {}
    documentation: str = ""
    settlement_days: int = 3
    payout_days: int = 7
    arrival_days: int = 4


#: An expression over the parsed document; see events/mapping.py for the grammar.
Expression = str


class AmountRule(Struct, frozen=True, forbid_unknown_fields=True):
    """How an amount is read: `path` in `unit` minor | decimal, times `times`; `sign` = -1 turns it round."""

    path: Expression
    unit: str = "decimal"
    times: Expression | None = None
    sign: int = 1


class ComponentRule(Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of component: for every element of `each` for which `when` holds, one component (zero is dropped)."""

    kind: ComponentKind
    amount: AmountRule
    each: Expression | None = None
    when: dict[str, Any] = {}
    currency: Expression | None = None
    seller: Expression | None = None
    label: Expression | None = None
    line: Expression | None = None
    quantity: Expression | None = None
    of: ComponentKind | None = None
    dimensions: dict[str, Expression] = {}


class CheckRule(Struct, frozen=True, forbid_unknown_fields=True):
    """The source's own arithmetic: the components must come to `equals`; otherwise the event is held with `reason`."""

    equals: AmountRule
    reason: str = "total_mismatch"


class EventRule(Struct, frozen=True, forbid_unknown_fields=True):
    """One event for every element of `each` in a delivery of one of `topics` for which `when` holds.

    `key`, `aggregate`, `references` and `requires` are templates with {paths}; a reference whose paths are empty
    is left out, a key's paths must all be there. `currency` is the default for its components.
    """

    topics: list[str]
    kind: EventKind
    key: str
    occurred_at: Expression
    aggregate: str
    each: Expression | None = None
    when: dict[str, Any] = {}
    currency: Expression | None = None
    references: list[str] = []
    requires: list[str] = []
    components: list[ComponentRule] = msgspec.field(name="component", default=[])
    checks: list[CheckRule] = msgspec.field(name="check", default=[])
    dimensions: dict[str, Expression] = {}
    facts: dict[str, Expression] = {}
    held: Expression | None = None
    """A path that, when it is not empty, names a reason code the source reader found: the event is held."""
    held_detail: Expression | None = None


class IgnoreRule(Struct, frozen=True, forbid_unknown_fields=True):
    """Messages that mean nothing for the books, with the reason why. Anything neither mapped nor ignored is a case."""

    topics: list[str]
    why: str
    each: Expression | None = None
    when: dict[str, Any] = {}


class UnknownRule(Struct, frozen=True, forbid_unknown_fields=True):
    """What to say of an element of `each` that no rule covers: a stable name for it and the money at risk."""

    each: Expression
    subject: str
    amount: AmountRule
    currency: Expression


class MappingFile(Struct, frozen=True, forbid_unknown_fields=True):
    """`mapping.toml`: provider fields to canonical events."""

    version: int
    events: list[EventRule] = msgspec.field(name="event", default=[])
    ignores: list[IgnoreRule] = msgspec.field(name="ignore", default=[])
    unknowns: list[UnknownRule] = msgspec.field(name="unknown", default=[])
    dimensions: dict[str, Expression] = {}


class Connector(Struct, frozen=True):
    """A connector as loaded: its data and its pure functions.

    `describe(headers, parameters, body)` reads topic and identity; it raises Undecodable only for hopeless input.
    `parse(topic, parameters, body)` gives the document the mapping reads: dicts, lists, str, int, Decimal, None.
    `verify(headers, body, secrets, now)` checks a webhook's signature in constant time; None where there is none.
    """

    manifest: Manifest
    mapping: MappingFile
    describe: Callable[[Mapping[str, str], Mapping[str, str], bytes], Envelope]
    parse: Callable[[str, Mapping[str, str], bytes], Any]
    verify: Callable[[Mapping[str, str], bytes, Sequence[str], datetime], SignatureVerdict] | None = None
