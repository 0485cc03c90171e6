"""An emission: one message as a provider would send it, ready for one of the doors."""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum

import msgspec
from msgspec import Struct

from tieout.connectors.shopify import signature as shopify_signature
from tieout.connectors.stripe import signature as stripe_signature

#: Numbers such as tax rates are Decimal here and plain JSON numbers on the wire, so that no float is ever made.
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_SIGNERS: Mapping[str, Callable[[bytes, str, datetime], dict[str, str]]] = {
    "shopify": shopify_signature.sign,
    "stripe": stripe_signature.sign,
}
#: What a forger signs with, not knowing the secret.
_FORGED_SECRET = "not-the-secret"  # noqa: S105 -- a secret nobody has


class Door(StrEnum):
    """The door an emission goes through: a signed webhook, settlement objects with an API key, or a file."""

    HOOK = "hook"
    OBJECTS = "objects"
    FILE = "file"


class Emission(Struct, frozen=True):
    """One message. `headers` lack the signature, which depends on when and with which secret it is sent.

    `at` is when the provider sent it, `topic` the provider's name of it. `about` names the things of the world it
    tells of, such as ``order:…``. A `forged` one is signed with a wrong secret and must be refused.
    """

    at: datetime
    source: str
    connector: str
    door: Door
    topic: str
    body: bytes
    headers: Mapping[str, str] = {}
    parameters: Mapping[str, str] = {}
    about: tuple[str, ...] = ()
    forged: bool = False

    def headers_signed(self, secret: str, now: datetime) -> dict[str, str]:
        """All headers with the provider's signature made with `secret` at `now`; only hooks are signed."""
        if self.door is not Door.HOOK:
            return dict(self.headers)
        sign = _SIGNERS[self.connector]
        return {**self.headers, **sign(self.body, _FORGED_SECRET if self.forged else secret, now)}


def json_body(document: object) -> bytes:
    """The document as JSON bytes; Decimal becomes a JSON number."""
    return _ENCODER.encode(document)
