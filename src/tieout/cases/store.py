"""Keeps cases. One case per reason and subject for ever: raised again it is updated or reopened, never doubled."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.case import NEXT_STEP, Case, CaseDraft, CaseState, Reason
from tieout.model.period import Area
from tieout.model.proof import ReasonTotal

_SQL = Queries("tieout.cases")
#: What a source sends can be of any length; an index cannot hold it and nobody would read it.
_SUBJECT_CHARACTERS_MAX = 600
_SENTENCE_CHARACTERS_MAX = 1000


class HistoryLine(Struct, frozen=True):
    """One thing that happened to a case."""

    seq: int
    what: str
    detail: str
    actor: str
    at: datetime


class Raised(Struct, frozen=True):
    """Numbers of the cases raised, those a person dismissed too; how many stand open, how many of them are news."""

    numbers: dict[tuple[Reason, str], int] = {}
    standing: int = 0
    news: int = 0

    def number_of(self, draft: CaseDraft) -> int | None:
        """The number of the case this draft became."""
        fitting = _fitting(draft)
        return self.numbers.get((fitting.reason, fitting.subject))


def open_cases(connection: Connection, ledger_id: int, stage: str, drafts: Sequence[CaseDraft]) -> Raised:
    """Raises cases.

    A case a person dismissed stays closed while the fact is the same; if its amount changes it is reopened.
    """
    drafts = _distinct(map(_fitting, drafts))
    if not drafts:
        return Raised()
    dismissed = {
        (Reason(reason), subject, amount): number
        for reason, subject, amount, number in connection.execute(
            _SQL.dismissed, {"ledger": ledger_id, "subjects": [d.subject for d in drafts]}
        )
    }
    numbers = {(d.reason, d.subject): n for d in drafts if (n := dismissed.get((d.reason, d.subject, d.amount_minor)))}
    live = {(d.reason, d.subject): d for d in drafts if (d.reason, d.subject) not in numbers}
    rows = list(connection.execute(_SQL.raise_cases, _columns(ledger_id, stage, list(live.values()))))
    happened = [
        (row[0], "opened" if row[3] else "reopened", live[Reason(row[1]), row[2]].sentence)
        for row in rows
        if row[3] or (row[5] and row[4] == "reopened")
    ]
    add_history(connection, ledger_id, happened, "tieout")
    numbers |= {(Reason(row[1]), row[2]): row[0] for row in rows}
    return Raised(numbers, len(live), len(happened))


def _columns(ledger_id: int, stage: str, drafts: Sequence[CaseDraft]) -> dict[str, Any]:
    return {
        "ledger": ledger_id,
        "stage": stage,
        "reasons": [d.reason.value for d in drafts],
        "subjects": [d.subject for d in drafts],
        "sentences": [d.sentence for d in drafts],
        "amounts": [d.amount_minor for d in drafts],
        "currencies": [d.currency for d in drafts],
        "aggregates": [d.aggregate for d in drafts],
        "links": [" ".join(d.links) for d in drafts],
    }


def _distinct(drafts: Iterable[CaseDraft]) -> list[CaseDraft]:
    """The last of each reason and subject, about everything that any of them is about."""
    found: dict[tuple[Reason, str], CaseDraft] = {}
    for draft in drafts:
        known = found.get((draft.reason, draft.subject))
        links = draft.links if known is None else tuple(dict.fromkeys((*known.links, *draft.links)))
        found[draft.reason, draft.subject] = msgspec.structs.replace(draft, links=links)
    return list(found.values())


def _fitting(draft: CaseDraft) -> CaseDraft:
    """The draft in the lengths that are kept; a subject too long is named by its beginning and its digest."""
    subject, sentence = draft.subject, draft.sentence
    if len(subject) > _SUBJECT_CHARACTERS_MAX:
        subject = f"{subject[:_SUBJECT_CHARACTERS_MAX]}…{hashlib.sha256(subject.encode()).hexdigest()[:16]}"
    if len(sentence) > _SENTENCE_CHARACTERS_MAX:
        sentence = f"{sentence[:_SENTENCE_CHARACTERS_MAX]}…"
    if (subject, sentence) == (draft.subject, draft.sentence):
        return draft
    return msgspec.structs.replace(draft, subject=subject, sentence=sentence)


def settle(
    connection: Connection, ledger_id: int, reasons: Sequence[Reason], subjects: Sequence[str], why: str
) -> None:
    """Closes cases about these subjects because what they waited for has happened."""
    columns = {"ledger": ledger_id, "reasons": [r.value for r in reasons], "subjects": list(subjects)}
    ids = [row[0] for row in connection.execute(_SQL.settle_subjects, columns)]
    add_history(connection, ledger_id, [(number, "settled", why) for number in ids], "tieout")


def settle_about(
    connection: Connection, ledger_id: int, reasons: Sequence[Reason], links: Sequence[str], why: str
) -> None:
    """Closes cases of these reasons about any of these public ids."""
    columns = {"ledger": ledger_id, "reasons": [r.value for r in reasons], "links": list(links)}
    ids = [row[0] for row in connection.execute(_SQL.settle_links, columns)]
    add_history(connection, ledger_id, [(number, "settled", why) for number in ids], "tieout")


def clear_stage(connection: Connection, ledger_id: int, stage: str, kept: Sequence[int], why: str) -> int:
    """Closes the cases of a stage that its newest run did not raise again. Returns how many."""
    columns = {"ledger": ledger_id, "stage": stage, "kept": list(kept)}
    ids = [row[0] for row in connection.execute(_SQL.clear_cases, columns)]
    add_history(connection, ledger_id, [(number, "settled", why) for number in ids], "tieout")
    return len(ids)


def add_history(connection: Connection, ledger_id: int, happened: Sequence[tuple[int, str, str]], actor: str) -> None:
    """Appends to the cases' histories: (case, what, detail)."""
    if not happened:
        return
    columns = {
        "ledger": ledger_id,
        "cases": [h[0] for h in happened],
        "whats": [h[1] for h in happened],
        "details": [h[2] for h in happened],
        "actor": actor,
    }
    connection.execute(_SQL.add_history, columns)


def load(connection: Connection, ledger_id: int, ids: Sequence[int]) -> list[Case]:
    """The cases with these numbers."""
    return [_case(row) for row in connection.execute(_SQL.case_by_id, {"ledger": ledger_id, "ids": list(ids)})]


def open_about(
    connection: Connection, ledger_id: int, reasons: Sequence[Reason], subjects: Sequence[str]
) -> list[Case]:
    """The open cases of these reasons about these subjects."""
    columns = {"ledger": ledger_id, "reasons": [r.value for r in reasons], "subjects": list(subjects)}
    return [_case(row) for row in connection.execute(_SQL.open_about, columns)]


def lock_open(connection: Connection, ledger_id: int, case_id: int) -> bool:
    """Locks a case for a decision; False if it is resolved already or does not exist."""
    row = connection.execute(_SQL.lock_case, {"ledger": ledger_id, "id": case_id}).fetchone()
    return row is not None and row[0] != CaseState.RESOLVED.value


def resolve(connection: Connection, ledger_id: int, case_id: int, what: str, reason: str, actor: str) -> None:
    """Marks a case as resolved, with what was done, why and by whom."""
    connection.execute(_SQL.resolve_case, {"ledger": ledger_id, "id": case_id})
    add_history(connection, ledger_id, [(case_id, what, reason)], actor)


def page(
    connection: Connection, ledger_id: int, *, only_open: bool | None, reason: str | None, limit: int
) -> list[Case]:
    """Cases, most money at risk first; open ones before resolved ones."""
    columns = {"ledger": ledger_id, "open": only_open, "reason": reason, "limit": limit}
    return [_case(row) for row in connection.execute(_SQL.case_page, columns)]


def _case(row: tuple[Any, ...]) -> Case:
    reason = Reason(row[1])
    draft = CaseDraft(reason, row[2], row[3], row[4], row[5], row[6], tuple(row[7]))
    return Case(row[0], draft, CaseState(row[8]), row[9], row[10], NEXT_STEP[reason])


def history(connection: Connection, ledger_id: int, case_id: int) -> list[HistoryLine]:
    """Everything that happened to a case."""
    return [HistoryLine(*row) for row in connection.execute(_SQL.history, {"ledger": ledger_id, "id": case_id})]


def totals(connection: Connection, ledger_id: int) -> tuple[ReasonTotal, ...]:
    """Open cases by reason and currency, with the money at risk."""
    rows = connection.execute(_SQL.totals, {"ledger": ledger_id})
    return tuple(ReasonTotal(Reason(reason), currency, n, amount) for reason, currency, n, amount in rows)


def linked_to(connection: Connection, ledger_id: int, links: Sequence[str]) -> list[int]:
    """Numbers of the cases about any of these public ids."""
    return [row[0] for row in connection.execute(_SQL.linked_to, {"ledger": ledger_id, "links": list(links)})]


class Standing(Struct, frozen=True):
    """What of a period is not settled: open cases by number, items nobody has explained, events that wait."""

    cases: tuple[int, ...]
    items: int
    parked: int


def standing(
    connection: Connection, ledger_id: int, first: date, last: date, area: Area, timezone: str
) -> Standing:  # fmt: skip
    """What of these days is not settled, on the accounts of an area; days are those of the entity's time zone.

    Items that have come since the last projection are not seen; a run looks at those first.
    """
    columns = {
        "ledger": ledger_id,
        "first": first,
        "last": last,
        "area": tuple(Area).index(area),
        "zone": timezone,
    }
    row = connection.execute(_SQL.standing, columns).fetchone()
    assert row is not None
    return Standing(tuple(row[0]), row[1], row[2])
