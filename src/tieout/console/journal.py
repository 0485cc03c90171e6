"""The journal: entries with debit and credit, newest first; and the page of one entry."""

from collections.abc import Iterable
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Struct

from tieout.app.views import EntryView, LineView
from tieout.console.query import Hub, Query
from tieout.console.rendering import show
from tieout.model.entity import Actor
from tieout.model.ids import parse_id

PAGE = 30


class Sides(Struct, frozen=True):
    """What lines come to in one currency: debit and credit, both positive minor units."""

    currency: str
    debit_minor: int
    credit_minor: int


def sides_of(lines: Iterable[LineView], base_currency: str) -> list[Sides]:
    """Debit and credit per currency. A line worth something in base currency alone counts there."""
    sums: dict[str, tuple[int, int]] = {}
    for line in lines:
        currency = line.currency if line.amount_minor else base_currency
        amount = line.amount_minor or line.base_minor
        debit, credit = sums.get(currency, (0, 0))
        sums[currency] = (debit + max(amount, 0), credit + max(-amount, 0))
    return [Sides(currency, *sums[currency]) for currency in sorted(sums)]


def filters_of(query: Query) -> dict[str, Any]:
    """The filters of the journal as the address gives them, with None for what it does not."""
    return {
        "account": query.text("account"), "currency": query.text("currency"), "party": query.text("party"),
        "text": query.text("text"), "since": query.day("since"), "until": query.day("until"),
        "late": True if query.flag("late") else None,
    }  # fmt: skip


def older(found: list[EntryView], limit: int) -> int | None:
    """The cursor of the next page, or None at the end of the list."""
    return parse_id(found[-1].id)[1] if len(found) == limit else None


@get("/journal", sync_to_thread=True)
def journal(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """Entries that fit the filters in the address."""
    query = Query(request)
    filters, before = filters_of(query), query.number("before")
    found = tieout.journal(limit=PAGE, before=before, **filters)
    return show(
        request, tieout, "journal.html", entries=found, filters=filters, filtered=any(filters.values()), before=before,
        next=older(found, PAGE), accounts=tieout.accounts(),
        sides=sides_of((line for view in found for line in view.lines), tieout.entity().base_currency),
    )  # fmt: skip


@get("/entries/{entry_id:str}", sync_to_thread=True)
def entry(request: Request[Actor, Any, Any], tieout: Hub, entry_id: FromPath[str]) -> Response[str]:
    """One entry: its lines, the rule that made it and why, and what it came from."""
    view = tieout.entry(entry_id)
    explanation = tieout.explain(entry_id)
    return show(
        request, tieout, "entry.html", view=view, draft=view.entry.draft, explanation=explanation,
        sides=sides_of(view.lines, tieout.entity().base_currency),
    )  # fmt: skip


HANDLERS = (journal, entry)
