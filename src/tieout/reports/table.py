"""The journal as two tables, entries and lines: CSV as RFC 4180 has it, with a header, and what Parquet is made of.

Amounts stand twice: as decimal text for people and as whole minor units for programs. A spreadsheet would run a text
that begins like a formula, so in CSV such a text has an apostrophe in front (tieout.model.spreadsheet).

Source of the rules: RFC 4180.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

import msgspec

from tieout.model.account import Account
from tieout.model.ids import IdKind, public_id
from tieout.model.money import decimal_text
from tieout.model.spreadsheet import guarded
from tieout.reports.journal import JournalEntry

ENTRIES = (
    "entry", "key", "effective_date", "occurred_at", "recorded_at", "memo", "rule", "rule_version", "why", "event",
    "reverses", "rate", "actor", "late", "lines", "content_hash",
)  # fmt: skip
LINES = (
    "entry", "key", "effective_date", "line", "account", "account_name", "currency", "amount", "amount_minor",
    "base_currency", "base_amount", "base_minor", "party", "item", "dimensions", "memo",
)  # fmt: skip

Row = Iterable[str | int | None]


class Text(Protocol):
    """Something to write text to."""

    def write(self, text: str, /) -> object:
        """Writes it."""


def entry_row(found: JournalEntry) -> Row:
    """An entry as a row of ENTRIES."""
    entry, draft = found.entry, found.entry.draft
    return (
        _number(entry.id), draft.key, draft.effective_date.isoformat(), draft.occurred_at.isoformat(),
        entry.recorded_at.isoformat(), draft.memo, draft.rule_id, draft.rule_version, draft.why,
        None if draft.event_id is None else public_id(IdKind.EVENT, draft.event_id), found.reverses_key, draft.rate,
        draft.actor, "true" if draft.late else "false", len(draft.lines), entry.content_hash.hex(),
    )  # fmt: skip


def line_rows(found: JournalEntry, accounts: Mapping[str, Account], base_currency: str) -> Iterator[Row]:
    """An entry's lines as rows of LINES."""
    entry, draft = found.entry, found.entry.draft
    day = draft.effective_date.isoformat()
    for number, line in enumerate(draft.lines, start=1):
        yield (
            _number(entry.id), draft.key, day, number, line.account, accounts[line.account].name, line.currency,
            decimal_text(line.amount_minor, line.currency), line.amount_minor, base_currency,
            decimal_text(line.base_minor, base_currency), line.base_minor, line.party, line.item,
            msgspec.json.encode(dict(sorted(line.dimensions.items()))).decode() if line.dimensions else None,
            draft.memo,
        )  # fmt: skip


def _number(entry_id: int) -> str | None:
    return public_id(IdKind.ENTRY, entry_id) if entry_id else None


class Table:
    """Writes rows as CSV. A guarded table is for spreadsheets too; one that is not is for a program at once."""

    def __init__(self, file: Text, columns: Iterable[str], *, guarded: bool = True) -> None:
        self._writer = csv.writer(file, lineterminator="\r\n")
        self._writer.writerow(columns)
        self._guarded = guarded

    def write(self, row: Row) -> None:
        """Writes one row. No value and an empty text look alike."""
        self._writer.writerow([guarded(cell) if self._guarded else cell for cell in row])
