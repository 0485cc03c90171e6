"""The same lists as files: CSV for spreadsheets, and the journal for other programs and independent judges."""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Any, BinaryIO

from litestar import get
from litestar.params import FromPath, QueryParameter
from litestar.response import Stream

from tieout.api.reading import (
    Account,
    Currency,
    InCurrency,
    Late,
    OfAccount,
    OfReason,
    OnlyOpen,
    Party,
    Since,
    Text,
    Until,
)
from tieout.app import ExportKind, Tieout
from tieout.app.views import EntryView
from tieout.console.query import Hub
from tieout.model.error import NotFound
from tieout.model.ids import parse_id
from tieout.model.money import decimal_text
from tieout.model.spreadsheet import guarded

_BATCH = 500
_PIECE = 1 << 16
First = Annotated[
    date | None, QueryParameter(description="First day; what every account stood at before is the first entry.")
]
_JOURNAL = (
    "entry", "effective_date", "occurred_at", "recorded_at", "memo", "account", "account_name", "party", "item",
    "currency", "debit", "credit", "base_minor", "rule", "why", "event", "late", "actor",
)  # fmt: skip
_ITEMS = (
    "item", "account", "name", "effective_date", "currency", "amount", "open", "naming", "label", "due", "entry", "case"
)  # fmt: skip
_CASES = (
    "case", "state", "reason", "sentence", "currency", "amount_at_risk", "aggregate", "opened_at", "age_days",
    "next_step",
)  # fmt: skip


def csv_rows(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """CSV text, a line at a time. Text that a spreadsheet would run as a formula gets an apostrophe in front."""
    for row in rows:
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow([guarded(value) for value in row])
        yield line.getvalue()


def _file(rows: Iterable[Iterable[object]], name: str) -> Stream:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Stream(csv_rows(rows), media_type="text/csv", headers=headers)


@get("/journal.csv", sync_to_thread=True, summary="Journal as CSV", tags=["Books"])
def journal_csv(
    tieout: Hub,
    *,
    account: Account = None,
    currency: Currency = None,
    party: Party = None,
    text: Text = None,
    since: Since = None,
    until: Until = None,
    late: Late = None,
) -> Stream:
    """The journal, a row for each line, newest entries first; the filters are those of the journal."""
    filters = {
        "account": account, "currency": currency, "party": party, "text": text, "since": since, "until": until,
        "late": late,
    }  # fmt: skip
    return _file(_journal_rows(tieout, filters), "journal.csv")


def _journal_rows(tieout: Tieout, filters: dict[str, Any]) -> Iterator[tuple[object, ...]]:
    yield _JOURNAL
    before: int | None = None
    while found := tieout.journal(limit=_BATCH, before=before, **filters):
        for view in found:
            yield from _lines_of(view)
        before = parse_id(found[-1].id)[1]


def _lines_of(view: EntryView) -> Iterator[tuple[object, ...]]:
    draft = view.entry.draft
    for line in view.lines:
        amount = decimal_text(abs(line.amount_minor), line.currency)
        yield (
            view.id, draft.effective_date, draft.occurred_at.isoformat(), view.entry.recorded_at.isoformat(),
            draft.memo, line.account, line.account_name, line.party, line.item, line.currency,
            amount if line.amount_minor > 0 else "", amount if line.amount_minor < 0 else "", line.base_minor,
            f"{draft.rule_id}@{draft.rule_version}", draft.why, view.event, draft.late, draft.actor,
        )  # fmt: skip


@get("/items.csv", sync_to_thread=True, summary="Open items as CSV", tags=["Proof"])
def items_csv(tieout: Hub, account: OfAccount = None, currency: InCurrency = None) -> Stream:
    """The open items of clearing accounts, with the names the last run gave them."""
    rows = [
        (
            view.id, view.item.account, view.item.item, view.item.effective_date, view.item.currency,
            decimal_text(view.item.amount_minor, view.item.currency),
            decimal_text(view.item.open_minor, view.item.currency), view.named.naming if view.named else "",
            view.named.label if view.named else "", view.named.due if view.named else "", view.entry, view.case,
        )
        for view in tieout.items(account=account, currency=currency)
    ]  # fmt: skip
    return _file([_ITEMS, *rows], "items.csv")


@get("/cases.csv", sync_to_thread=True, summary="Exceptions as CSV", tags=["Exceptions"])
def cases_csv(tieout: Hub, *, only_open: OnlyOpen = True, reason: OfReason = None) -> Stream:
    """Exceptions, most money at risk first."""
    rows = []
    for view in tieout.case_list(only_open=only_open, reason=reason, limit=_BATCH):
        draft = view.case.draft
        amount = decimal_text(draft.amount_minor, draft.currency) if draft.currency else ""
        rows.append((
            view.id, view.case.state, draft.reason, draft.sentence, draft.currency, amount, draft.aggregate,
            view.case.opened_at.isoformat(), view.age_days, view.case.next_step,
        ))  # fmt: skip
    return _file([_CASES, *rows], "exceptions.csv")


@get("/journal.beancount", sync_to_thread=True, summary="Journal as Beancount", tags=["Books"])
def journal_beancount(tieout: Hub, since: First = None, until: Until = None) -> Stream:
    """The journal as Beancount text, with our balances asserted at its end; `bean-check` can judge it without us."""
    file = tieout.journal_file(ExportKind.BEANCOUNT, first=since, last=until)
    return _stream(file, "journal.beancount", "text/plain")


@get("/journal.hledger", sync_to_thread=True, summary="Journal as hledger", tags=["Books"])
def journal_hledger(tieout: Hub, since: First = None, until: Until = None) -> Stream:
    """The journal as an hledger file, with our balances asserted at its end; `hledger check` can judge it."""
    return _stream(tieout.journal_file(ExportKind.HLEDGER, first=since, last=until), "journal.hledger", "text/plain")


@get("/exports/{kind:str}", sync_to_thread=True, summary="An export with its manifest", tags=["Books"])
def export(tieout: Hub, kind: FromPath[str], since: First = None, until: Until = None) -> Stream:
    """The journal as files of one kind (`beancount`, `hledger`, `csv` or `parquet`) with a manifest, in a ZIP archive.

    The manifest says what the files add up to and has a SHA-256 of each; `tieout export check` compares them.
    """
    if kind not in list(ExportKind):
        remedy = f"Choose one of: {', '.join(ExportKind)}."
        raise NotFound(f"There is no export of the kind “{kind:.40}”", where="kind", remedy=remedy)
    archive = tieout.export_archive(ExportKind(kind), first=since, last=until)
    return _stream(archive, f"journal-{kind}.zip", "application/zip")


def _stream(file: BinaryIO, name: str, media_type: str) -> Stream:
    """A file that was made for this answer, a piece at a time; it is gone when it has been sent."""

    def pieces() -> Iterator[bytes]:
        with file:
            while piece := file.read(_PIECE):
                yield piece

    return Stream(pieces(), media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


HANDLERS = (journal_csv, items_csv, cases_csv, journal_beancount, journal_hledger, export)
