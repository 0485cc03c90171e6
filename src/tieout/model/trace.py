"""Trace: from any number to where it came from and what became of it, one step each way."""

from datetime import datetime

from msgspec import Struct


class TraceNode(Struct, frozen=True):
    """One thing on the way: a delivery, event, entry, item, match or case.

    `at` is when it was recorded; `happened_at` when it happened in the world, where that differs.
    """

    id: str
    kind: str
    title: str
    detail: str
    at: datetime
    happened_at: datetime | None = None
    amount_minor: int | None = None
    currency: str | None = None


class TraceEdge(Struct, frozen=True):
    """`earlier` led to `later`, in the direction of the flow; `relation` is a verb phrase such as “was booked as”."""

    earlier: str
    later: str
    relation: str


class Correction(Struct, frozen=True):
    """How an entry stands to another one that it corrects, or that corrects it: “is reversed by” `entry`."""

    relation: str
    entry: str


class Trace(Struct, frozen=True):
    """All things connected to `start` along the flow, ordered by stage and time."""

    start: str
    nodes: tuple[TraceNode, ...]
    edges: tuple[TraceEdge, ...]
