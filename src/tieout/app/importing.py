"""Taking journals and opening balances over from elsewhere: all of a file or nothing, each fact once."""

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from tieout.app.context import LedgerContext
from tieout.app.opened import SYSTEM, Opened
from tieout.app.views import JournalReport, RefusalView, StandsAt
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.ledger import store as ledger
from tieout.ledger.store import Posted
from tieout.model.account import Role
from tieout.model.entity import Actor
from tieout.model.error import BadInput, ConfigError, ImportRefused, PostingRefused, TooLarge
from tieout.reports import beancount_reader, store, table_reader
from tieout.reports.incoming import (
    REFUSALS_MAX,
    Incoming,
    Refusal,
    Told,
    drafts_of,
    opening_of,
    text_of,
)

#: Entries posted in one statement.
_BATCH = 1000
#: Lines of a file that an error names; a dry run shows all of them.
_NAMED_MAX = 10


class JournalFormat(StrEnum):
    """What a journal can be taken over from."""

    BEANCOUNT = "beancount"
    CSV = "csv"


class Importing(Opened):
    """The part of the face that takes journals over."""

    def import_journal(
        self, body: bytes, *, name: str = "the file", kind: JournalFormat | None = None, opening: date | None = None,
        dry_run: bool = False, actor: Actor = SYSTEM,
    ) -> JournalReport:  # fmt: skip
        """Posts the entries of a file, all or none; a second time, nothing. `kind` is judged by the name if not given.

        With `opening`, the file is a table of balances, which are booked on that day against the equity account. A
        dry run does all of it and takes it back, so it shows what would be posted and refused, and the balances after.
        Raises ImportRefused, which names the lines, TooLarge, or BadInput for a file that is none of these formats.
        """
        limit = self.settings.file_bytes_max
        if len(body) > limit:
            raise TooLarge(f"{len(body):,} bytes are over the limit of {limit:,}", where=name, remedy="Split it.")
        text = text_of(body, name)
        with self._books() as (connection, context), connection.transaction(force_rollback=dry_run):
            told = _told(context, text, name, kind or _kind_of(name), opening)
            prefix = f"opening:{opening}" if opening else "journal"
            incoming, refusals = drafts_of(
                told.entries, context.accounts, context.entity.base_currency, actor.name, prefix
            )  # fmt: skip
            report = _post(connection, context, incoming, [*told.refusals, *refusals], name)
            if report.refusals and not dry_run:
                raise _refused(report)
            controls.log(connection, context.id, actor.name, "journal.imported", name, f"{report.new} new entries")
        return msgspec.structs.replace(report, dry_run=dry_run, notes=told.notes)


def _kind_of(name: str) -> JournalFormat:
    ending = name.rpartition(".")[2].lower()
    if ending in ("beancount", "bean"):
        return JournalFormat.BEANCOUNT
    if ending == "csv":
        return JournalFormat.CSV
    remedy = "Say what it is: beancount or csv."
    raise BadInput("Its name does not say what kind of file it is", where=name, remedy=remedy)


def _told(context: LedgerContext, text: str, name: str, kind: JournalFormat, opening: date | None) -> Told:
    base_currency = context.entity.base_currency
    if opening is None:
        if kind is JournalFormat.CSV:
            return table_reader.read_journal(text, name, base_currency)
        return beancount_reader.read_journal(text, context.accounts, base_currency)
    if kind is not JournalFormat.CSV:
        remedy = "Give the balances as CSV: account, currency, amount. A Beancount file says its days itself."
        raise BadInput("Opening balances are read from CSV only", where=name, remedy=remedy)
    equity = context.roles.account_for(Role.EQUITY, "")
    if equity is None:
        remedy = "Add an account with the role equity."
        raise ConfigError("No account of the chart takes opening balances", where="chart", remedy=remedy)
    lines, refusals = table_reader.read_balances(text, name, base_currency)
    return Told(tuple(opening_of(lines, opening, equity, base_currency)), tuple(refusals))


def _post(
    connection: Connection, context: LedgerContext, incoming: Sequence[Incoming], refusals: list[Refusal], name: str
) -> JournalReport:
    """Posts what there is unless something is refused already, and says what the accounts come to."""
    codes = sorted({line.account for i in incoming for line in i.draft.lines if line.account in context.accounts})
    before = _stand_at(connection, context, codes)
    posted: dict[str, Posted] = {}
    if not refusals:
        for batch in _batches(incoming):
            refusals += _post_batch(connection, context, batch, posted)
            if len(refusals) >= REFUSALS_MAX:
                break
    after = _stand_at(connection, context, codes)
    return JournalReport(
        file=name,
        dry_run=False,
        entries=len(incoming),
        new=sum(not found.repeated for found in posted.values()),
        repeated=sum(found.repeated for found in posted.values()),
        balances=tuple(StandsAt(*key, before.get(key, 0), after.get(key, 0)) for key in sorted(after)),
        refusals=tuple(RefusalView(name, r.line, r.what, r.remedy) for r in sorted(refusals, key=lambda r: r.line)),
        notes=(),
    )


def _batches(incoming: Sequence[Incoming]) -> Iterator[list[Incoming]]:
    """Runs of entries to post at once. One that reverses another begins a run, since that must be posted by then."""
    batch: list[Incoming] = []
    for entry in incoming:
        if batch and (entry.reverses is not None or len(batch) == _BATCH):
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


def _post_batch(
    connection: Connection, context: LedgerContext, batch: Sequence[Incoming], posted: dict[str, Posted]
) -> list[Refusal]:
    """Posts entries; if the ledger refuses, one by one, so that each refusal is known by its line."""
    wanted = [entry.reverses for entry in batch if entry.reverses is not None]
    numbers = store.numbers(connection, context.id, wanted) if wanted else {}
    missing = [entry for entry in batch if entry.reverses is not None and entry.reverses not in numbers]
    if missing:
        remedy = "Import the entry it reverses first, or in the same file before it."
        what = f"It reverses “{missing[0].reverses}”, which is not in the books"
        return [Refusal(missing[0].place, what, remedy)]
    drafts = [
        msgspec.structs.replace(entry.draft, reverses_id=numbers[entry.reverses]) if entry.reverses else entry.draft
        for entry in batch
    ]
    try:
        with connection.transaction():
            found = ledger.post(connection, context.id, drafts, context.accounts)
            posted.update((p.key, p) for p in found)
    except PostingRefused as error:
        if len(batch) == 1:
            return [Refusal(batch[0].place, error.what, error.remedy)]
        return [refusal for entry in batch for refusal in _post_batch(connection, context, [entry], posted)]
    return []


def _stand_at(connection: Connection, context: LedgerContext, codes: Sequence[str]) -> dict[tuple[str, str], int]:
    found = ledger.balances(connection, context.id, accounts=codes)
    return {(b.account, b.currency): b.balance_minor for b in found}


def _refused(report: JournalReport) -> ImportRefused:
    lines = sorted({refusal.line for refusal in report.refusals})
    named = ", ".join(str(line) for line in lines[:_NAMED_MAX])
    more = f" and {len(lines) - _NAMED_MAX} more" if len(lines) > _NAMED_MAX else ""
    first = report.refusals[0]
    return ImportRefused(
        f"Nothing was posted. Line {first.line}: {first.what}",
        where=f"{report.file}, line {named}{more}",
        remedy=f"{first.remedy} A dry run shows every line that is refused.",
    )
