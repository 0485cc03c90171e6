"""Entries of one's own as they are sent, over HTTP or in a file: taken to the letter, or refused with the place."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import TypeVar

import msgspec
from msgspec import Struct, field

from tieout.model.entry import EntryDraft, Line
from tieout.model.error import BadInput

#: Entries in one call; a longer import comes in several calls, each all or none.
ENTRIES_MAX = 1000
_PLACE = re.compile(r" - at `\$\.?(.*)`$")
_Wanted = TypeVar("_Wanted", bound=Struct)


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


def decoded(body: bytes, wanted: type[_Wanted]) -> _Wanted:
    """The struct in a JSON text. Raises BadInput, with the place, for what is not the struct to the letter."""
    try:
        return msgspec.json.decode(body, type=wanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        text = str(error)
        place = _PLACE.search(text)
        where = place[1] if place else "body"
        whole = "Send whole minor units, such as 1050 for 10.50, without quotes and without a decimal point."
        remedy = whole if where.endswith("_minor") else "See /docs of a running server for what is expected here."
        raise BadInput(_PLACE.sub("", text), where=where, remedy=remedy) from error


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
