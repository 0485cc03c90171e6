"""Matches: what was tied out, by which rule, with which evidence; and taking one back."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, RawBody
from litestar.response import Redirect
from msgspec import Struct

from tieout.app.views import MatchView
from tieout.console.query import Acting, Hub, Query
from tieout.console.rendering import show
from tieout.console.session import field_of, form_of
from tieout.model.entity import Actor
from tieout.model.ids import parse_id
from tieout.model.match import OpenItem

PAGE = 50


class Tied(Struct, frozen=True):
    """An item of a match with the part of it that the match ties."""

    item: OpenItem
    amount_minor: int


def tied_of(view: MatchView) -> list[Tied]:
    """The items a match ties, debits first."""
    items = {item.id: item for item in view.items}
    found = [Tied(items[a.item_id], a.amount_minor) for a in view.match.draft.allocations]
    return sorted(found, key=lambda tied: (tied.amount_minor < 0, tied.item.effective_date, tied.item.id))


def side_minor(view: MatchView) -> int:
    """What a match ties: the sum of its debit side, which equals the credit side."""
    return sum(a.amount_minor for a in view.match.draft.allocations if a.amount_minor > 0)


@get("/matches", sync_to_thread=True)
def matches(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """Matches, newest first."""
    before = Query(request).number("before")
    found = tieout.match_list(before=before, limit=PAGE)
    return show(
        request, tieout, "matches.html", matches=[(view, side_minor(view)) for view in found], before=before,
        next=parse_id(found[-1].id)[1] if len(found) == PAGE else None,
    )  # fmt: skip


@get("/matches/{match_id:str}", sync_to_thread=True)
def match(request: Request[Actor, Any, Any], tieout: Hub, match_id: FromPath[str]) -> Response[str]:
    """One match: its items, the rule, the evidence."""
    view = tieout.match(match_id)
    tied = tied_of(view)
    return show(
        request, tieout, "match.html", view=view, draft=view.match.draft, tied=tied, side=side_minor(view),
        total=sum(t.amount_minor for t in tied),
    )  # fmt: skip


@post("/matches/{match_id:str}/reverse", status_code=303, sync_to_thread=True)
def reverse(tieout: Hub, actor: Acting, match_id: FromPath[str], body: RawBody) -> Response[Any]:
    """Takes a match back and shows the reversal."""
    reversal = tieout.unmatch(match_id, reason=field_of(form_of(body), "reason"), actor=actor)
    return Redirect(f"/matches/{reversal}", status_code=303)


@post("/matches/{match_id:str}/confirm", status_code=303, sync_to_thread=True)
def confirm(tieout: Hub, actor: Acting, match_id: FromPath[str], body: RawBody) -> Response[Any]:
    """Stands by a match and shows it."""
    tieout.confirm(match_id, reason=field_of(form_of(body), "reason"), actor=actor)
    return Redirect(f"/matches/{match_id}", status_code=303)


HANDLERS = (matches, match, reverse, confirm)
