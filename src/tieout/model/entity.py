"""Legal entities, sources and people: who keeps the books, who tells of money, who may look."""

from datetime import datetime

from msgspec import Struct


class Entity(Struct, frozen=True):
    """A legal entity and its ledger. Every key in the database starts with its number."""

    id: int
    code: str
    name: str
    base_currency: str
    timezone: str


class Source(Struct, frozen=True):
    """One account at a shop, gateway or bank that deliveries come from."""

    id: int
    name: str
    connector: str
    kind: str
    opened_at: datetime
    last_delivery_at: datetime | None = None
    deliveries: int = 0
    waiting: int = 0
    rejected: int = 0


class Actor(Struct, frozen=True):
    """A person or program that acts; every decision carries its name.

    `party` is the seller a person logs in for, who sees that seller's books and nothing else.
    """

    name: str
    kind: str  # person | key | system
    party: str | None = None
