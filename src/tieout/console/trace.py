"""Trace: from any id or reference to where it came from and what became of it."""

from contextlib import suppress
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from tieout.app import Tieout
from tieout.app.views import EventView, Explanation
from tieout.console.query import Hub, Query
from tieout.console.rendering import show
from tieout.console.timeline import steps_of
from tieout.model.entity import Actor
from tieout.model.error import NotFound
from tieout.model.ids import parse_id
from tieout.model.trace import Trace


@get("/trace", sync_to_thread=True)
def search(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """The search box, and what was found: an id's own trace, or the events that carry a reference."""
    wanted = Query(request).text("q") or ""
    if wanted and is_id(wanted):
        return _page(request, tieout, wanted, [], wanted)
    found = sorted(tieout.find(wanted), key=lambda event: event.draft.occurred_at) if wanted else []
    return _page(request, tieout, wanted, found, found[0].id if found else None)


@get("/trace/{any_id:str}", sync_to_thread=True)
def trace(request: Request[Actor, Any, Any], tieout: Hub, any_id: FromPath[str]) -> Response[str]:
    """The trace of an id."""
    return _page(request, tieout, any_id, [], any_id)


def is_id(text: str) -> bool:
    """Whether this is an id of ours; everything else is a reference of someone else's."""
    with suppress(NotFound):
        parse_id(text)
        return True
    return False


def _page(
    request: Request[Actor, Any, Any], tieout: Tieout, wanted: str, found: list[EventView], start: str | None
) -> Response[str]:
    traced: Trace | None = None
    explanation: Explanation | None = None
    missing: NotFound | None = None
    if start is not None:
        try:
            traced = tieout.trace(start)
            explanation = tieout.explain(start)
        except NotFound as error:
            missing = error
    return show(
        request, tieout, "trace.html", status=404 if missing else 200, wanted=wanted, found=found, start=start,
        steps=steps_of(traced) if traced else [], explanation=explanation, missing=missing,
    )  # fmt: skip


HANDLERS = (search, trace)
