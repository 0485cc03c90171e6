"""Entries and lines: the journal. Append-only; a correction is another entry."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum

import msgspec
from msgspec import Struct


class Line(Struct, frozen=True, omit_defaults=True):
    """One line of an entry. `amount_minor` is signed: debit positive, credit negative; never zero.

    `base_minor` is the same value in the entity's base currency. `item` names the open item the line belongs to
    on a clearing account (``order:…``, ``charge:…``, ``txn:…``, ``payout:…``).
    """

    account: str
    currency: str
    amount_minor: int
    base_minor: int
    party: str | None = None
    item: str | None = None
    dimensions: Mapping[str, str] = {}


class EntryDraft(Struct, frozen=True, omit_defaults=True):
    """An entry ready for the ledger. `key` makes it post once for ever; `why` is the rule's own sentence.

    `effective_date` is the day in the books; `occurred_at` is when it happened and never changes.
    """

    key: str
    effective_date: date
    occurred_at: datetime
    lines: tuple[Line, ...]
    memo: str
    rule_id: str
    rule_version: int
    why: str
    event_id: int | None = None
    reverses_id: int | None = None
    actor: str = "tieout"
    late: bool = False
    rate: str | None = None


class Entry(Struct, frozen=True):
    """An entry as the ledger has it."""

    id: int
    draft: EntryDraft
    recorded_at: datetime
    content_hash: bytes


class LinkKind(StrEnum):
    """What a later entry does to an earlier one."""

    REVERSES = "reverses"
    REVERSES_PART = "reverses_part"
    REPLACES = "replaces"


class EntryLink(Struct, frozen=True):
    """Entry `entry_id` reverses, reverses a part of, or replaces entry `of_entry_id`."""

    entry_id: int
    kind: LinkKind
    of_entry_id: int


def content_hash(draft: EntryDraft) -> bytes:
    """SHA-256 over everything that makes the entry what it is, independent of when and in which order it arrived.

    Left out on purpose: the numbers the database gives (event id), the actor, and lateness, which depend on
    arrival. The encoding is msgspec's JSON of a fixed list, versioned by its first member; times are in UTC, so that
    one moment has one hash whatever zone it came in.
    """
    content = (
        "tieout-entry-1",
        draft.key,
        draft.effective_date,
        draft.occurred_at.astimezone(UTC),
        draft.memo,
        draft.rule_id,
        draft.rule_version,
        draft.why,
        draft.reverses_id,
        draft.rate,
        [
            (line.account, line.currency, line.amount_minor, line.base_minor, line.party, line.item,
             sorted(line.dimensions.items()))
            for line in draft.lines
        ],
    )  # fmt: skip
    return hashlib.sha256(msgspec.json.encode(content)).digest()
