"""Open items and matches: what stands on a clearing account, and what ties it out."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct


class OpenItem(Struct, frozen=True):
    """One entry's amount on one clearing account and currency; signed like the ledger, debit positive.

    `open_minor` is what no match has allocated yet; it has the sign of `amount_minor` and never exceeds it.
    `base_minor` and `open_base_minor` are what both are worth in base currency, at the rate of the item's own day.
    """

    id: int
    account: str
    currency: str
    item: str
    amount_minor: int
    open_minor: int
    effective_date: date
    entry_id: int
    event_id: int | None
    base_minor: int
    open_base_minor: int


class Allocation(Struct, frozen=True):
    """How much of an item a match ties; signed like the item."""

    item_id: int
    amount_minor: int


class Rejected(Struct, frozen=True):
    """An item that could have been meant, and why it was not taken."""

    item_id: int
    name: str
    amount_minor: int
    day: date
    why: str


class Making(Struct, frozen=True):
    """What a match was made by: the version and hash of the rules, and the engine; people make theirs by none."""

    rules_version: int = 0
    rules_hash: str = ""
    engine: str = ""


class MatchDraft(Struct, frozen=True):
    """Items of one account and currency that sum to zero, with the pass that found them and why.

    `evidence` holds the key they share and what else was looked at; `rejected` are items that came near, and why they
    were not taken. `entry_id` is the entry the match caused: a residual that was written off.
    """

    account: str
    currency: str
    pass_id: str
    pass_version: int
    key: str
    allocations: tuple[Allocation, ...]
    why: str
    evidence: Mapping[str, str]
    rejected: tuple[Rejected, ...] = ()
    entry_id: int | None = None


class Match(Struct, frozen=True):
    """A match as recorded; `reverses_id` marks an un-match, `reversed_by` is the one that took this one back.

    `confirmed_by` stands by it, so that no run looks at it again.
    """

    id: int
    draft: MatchDraft
    run_id: int | None
    actor: str
    recorded_at: datetime
    reverses_id: int | None = None
    making: Making = Making()
    confirmed_by: str | None = None
    reversed_by: int | None = None

    @property
    def made_by_rule(self) -> bool:
        """Whether a run made it, and not a person."""
        return self.run_id is not None


class Naming(StrEnum):
    """The column of the proof an open item stands in. UNEXPLAINED must come to zero."""

    TRANSIT = "transit"
    DISPUTED = "disputed"
    RESERVED = "reserved"
    EXCEPTION = "exception"
    UNEXPLAINED = "unexplained"


class NamedItem(Struct, frozen=True):
    """An open item with the name the run gave it: why it is still open, and until when that is normal."""

    item_id: int
    naming: Naming
    label: str
    due: date | None = None
    case_id: int | None = None
