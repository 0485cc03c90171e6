"""Deliveries: what arrived, byte for byte, with the verdict of its signature. Kept for ever as received."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Channel(StrEnum):
    """The door a delivery came through."""

    WEBHOOK = "webhook"
    OBJECTS = "objects"  # settlement objects pushed with an API key
    FILE = "file"


class Verdict(StrEnum):
    """Accepted deliveries are worked on; repeats and rejected ones are only kept."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    REJECTED = "rejected"


class Envelope(Struct, frozen=True):
    """What a connector reads off the outside of a delivery, before anything is parsed for meaning.

    `identity` is the source's true identity of this delivery: the same identity twice is a repeat.
    """

    topic: str
    identity: str


class Delivery(Struct, frozen=True):
    """A delivery as kept. `parameters` are the query parameters of the door, such as ``payout=po_1``."""

    id: int
    source: str
    channel: Channel
    topic: str
    identity: str
    headers: Mapping[str, str]
    parameters: Mapping[str, str]
    body: bytes
    body_sha256: bytes
    verdict: Verdict
    verdict_reason: str
    received_at: datetime


class Receipt(Struct, frozen=True):
    """The answer to a delivery: its public id and whether it was new."""

    delivery: str
    verdict: Verdict
    reason: str = ""
