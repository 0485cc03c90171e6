"""Control totals: what a provider lists against what it told us, and an exception for every day that differs."""

import csv
import io
from datetime import date

from tieout.app.opened import Opened
from tieout.cases import store as cases
from tieout.controls import store as controls
from tieout.model.case import CaseDraft, Reason
from tieout.model.entity import Actor
from tieout.model.error import BadInput
from tieout.model.money import display, to_minor
from tieout.reconciliation.told import told
from tieout.reconciliation.totals import DayTotals, Row, compare

_COLUMNS = ("id", "date", "amount", "currency")
_NAMED_MAX = 5


class Totalling(Opened):
    """The part of the face that compares control totals."""

    def compare_totals(self, source: str, listing: str, *, actor: Actor) -> list[DayTotals]:
        """Compares a provider's list (CSV with id, date, amount, currency and, if it has one, status) with its events.

        Raises or settles an exception for each day and currency of the list. Raises BadInput for a list that cannot
        be read, with the row, and NotFound for an unknown source.
        """
        theirs = read_listing(listing)
        with self._books() as (connection, context):
            context.source(source)
            ours = told(connection, context.id, source, context.entity.timezone, theirs)
            found = compare(theirs, ours)
            drafts = [_case(source, day) for day in found if not day.agrees]
            cases.open_cases(connection, context.id, "totals", drafts)
            settled = [_subject(source, day) for day in found if day.agrees]
            cases.settle(connection, context.id, [Reason.TOTALS_DIFFER], settled, "Both count the same now.")
            controls.log(connection, context.id, actor.name, "totals.compared", source, f"{len(theirs)} rows")
            return found


def read_listing(text: str) -> list[Row]:
    """The rows of a provider's list. Raises BadInput, which names the row and the column."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    if missing := [c for c in _COLUMNS if c not in (reader.fieldnames or ())]:
        raise BadInput(
            f"The list has no column “{missing[0]}”", where="header",
            remedy=f"Its columns are {', '.join(_COLUMNS)} and, if there is one, status.",
        )  # fmt: skip
    rows: list[Row] = []
    for number, line in enumerate(reader, 2):
        currency = (line["currency"] or "").upper()
        try:
            day = date.fromisoformat((line["date"] or "")[:10])
        except ValueError:
            remedy = "Write days like 2026-10-31."
            raise BadInput(f"“{line['date']}” is not a day", where=f"row {number}, date", remedy=remedy) from None
        try:
            amount = to_minor(line["amount"] or "", currency)
        except BadInput as error:
            raise BadInput(error.what, where=f"row {number}, amount", remedy=error.remedy) from None
        rows.append(Row(line["id"] or "", day, currency, abs(amount), line.get("status") or ""))
    if not rows:
        raise BadInput("The list has no rows", where="file", remedy="Export it again.")
    return rows


def _subject(source: str, day: DayTotals) -> str:
    return f"{source}:{day.day}:{day.currency}"


def _case(source: str, day: DayTotals) -> CaseDraft:
    def figure(count: int, minor: int) -> str:
        return f"{count:,} over {display(minor, day.currency)} {day.currency}"

    parts = [
        f"{len(ids):,} {what} ({', '.join(ids[:_NAMED_MAX])}{', …' if len(ids) > _NAMED_MAX else ''})"
        for what, ids in (
            ("missing here", day.missing), ("not in its list", day.not_listed),
            ("with another amount", day.differing), ("not booked yet", day.not_booked),
        )
        if ids
    ]  # fmt: skip
    sentence = (
        f"For {day.day} {source} lists {figure(day.theirs.count, day.theirs.sum_minor)}; here are"
        f" {figure(day.ours.count, day.ours.sum_minor)}: {'; '.join(parts)}."
    )
    risk = abs(day.theirs.sum_minor - day.ours.sum_minor)
    return CaseDraft(Reason.TOTALS_DIFFER, _subject(source, day), sentence, risk, day.currency, source)
