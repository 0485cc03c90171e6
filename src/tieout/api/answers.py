"""What the API sends and takes beside the nouns: pages of lists, short answers, entries of one's own."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from litestar import Request
from msgspec import Struct, field

from tieout.api.errors import Problem
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import BadInput

T = TypeVar("T")
#: Entries in one call; a longer import comes in several calls, each all or none.
ENTRIES_MAX = 1000


class Page(Struct, Generic[T], frozen=True):
    """A part of a list, newest first; `next` is the address of the part after it, or null at the end."""

    data: Sequence[T]
    next: str | None


def page_of(request: Request[Any, Any, Any], found: Sequence[T], limit: int, last: int | None) -> Page[T]:
    """A page with the address of the next one, whose cursor is the number of the last element here."""
    if last is None or len(found) < limit:
        return Page(found, None)
    return Page(found, f"{request.url.path}?{urlencode({**query_of(request), 'before': last})}")


def query_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The query parameters; of one given twice, the last."""
    return {name: values[-1] for name, values in request.query_params.dict().items()}


class RatesImported(Struct, frozen=True):
    """How many rates were new."""

    new: int


class Reversed(Struct, frozen=True):
    """The match that takes another one back."""

    match: str


class Posted(Struct, frozen=True):
    """The ids of entries, in the order in which they were sent."""

    entries: list[str]


class Outcome(Struct, frozen=True):
    """What became of one entry of several: its id, or what is wrong with it, as a problem."""

    key: str
    entry: str | None = None
    repeated: bool = False
    problem: Problem | None = None


class Outcomes(Struct, frozen=True):
    """What became of each entry, in the order in which they were sent."""

    results: list[Outcome]


class LedgerHash(Struct, frozen=True):
    """One hash over all entries, and how many entries and lines there are."""

    hash: str
    entries: int
    lines: int


class WhyGiven(Struct, frozen=True, forbid_unknown_fields=True):
    """A decision that needs nothing but its reason, in a sentence."""

    reason: str


class NewLine(Struct, frozen=True, forbid_unknown_fields=True):
    """A line of an entry of one's own: whole minor units, debit positive, credit negative.

    `base_minor` is the value in the entity's base currency and may be left out only in the base currency itself.
    """

    account: str
    currency: str
    amount_minor: int
    base_minor: int | None = None
    party: str | None = None
    item: str | None = None
    dimensions: Mapping[str, str] = {}


class NewEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """An entry of one's own. `key` makes it post once: the same key and content again changes nothing."""

    key: str
    effective_date: date
    lines: tuple[NewLine, ...]
    memo: str
    why: str
    occurred_at: datetime | None = None


class NewEntries(Struct, frozen=True, forbid_unknown_fields=True):
    """Entries to post together, all or none."""

    entries: list[NewEntry] = field(default_factory=list)


def drafts_of(sent: NewEntries, base_currency: str, actor: str) -> list[EntryDraft]:
    """Ledger drafts of entries of one's own. Raises BadInput for too many, or for a missing base amount."""
    check_count(sent)
    return [draft_of(entry, base_currency, actor, f"entries[{place}].key") for place, entry in enumerate(sent.entries)]


def check_count(sent: NewEntries) -> None:
    """Raises BadInput for no entries at all, and for too many."""
    if not 1 <= len(sent.entries) <= ENTRIES_MAX:
        raise BadInput(
            f"{len(sent.entries)} entries in one call", where="entries", remedy=f"Send between 1 and {ENTRIES_MAX}."
        )


def draft_of(sent: NewEntry, base_currency: str, actor: str, where: str = "key") -> EntryDraft:
    """The ledger's draft of an entry of one's own. Raises BadInput for an empty key or an amount that is none."""
    if not sent.key.strip():
        raise BadInput("The entry has no key", where=where, remedy="Name the fact, so that it is posted once.")
    return EntryDraft(
        key=f"api:{sent.key}",
        effective_date=sent.effective_date,
        occurred_at=sent.occurred_at or datetime.combine(sent.effective_date, time(12), tzinfo=UTC),
        lines=tuple(_line(sent.key, line, base_currency) for line in sent.lines),
        memo=sent.memo,
        rule_id="api",
        rule_version=1,
        why=sent.why,
        actor=actor,
    )


def _line(key: str, line: NewLine, base_currency: str) -> Line:
    base = line.amount_minor if line.currency == base_currency else line.base_minor
    if base is None or line.base_minor not in (None, base):
        raise BadInput(
            f"Entry “{key}”: the line on {line.account} has no usable amount in {base_currency}", where="base_minor",
            remedy=f"Give base_minor for each line that is not in {base_currency}; in {base_currency} leave it out.",
        )  # fmt: skip
    return Line(
        line.account, line.currency, line.amount_minor, base, line.party, line.item, line.dimensions
    )  # fmt: skip
