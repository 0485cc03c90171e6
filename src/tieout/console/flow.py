"""What came in and what it was understood as: the inbox of deliveries, and the events they told of."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, RawBody
from litestar.response import Redirect

from tieout.console.query import Acting, Hub, Query
from tieout.console.rendering import show
from tieout.console.session import field_of, form_of
from tieout.model.delivery import Verdict
from tieout.model.entity import Actor
from tieout.model.event import total_minor
from tieout.model.ids import parse_id

PAGE = 50
STATES = ("posted", "memo", "parked", "held")
#: Characters of a body on its page; the API has all of it.
BODY_SHOWN = 200_000


@get("/inbox", sync_to_thread=True)
def inbox(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """Deliveries, newest first; filters: source and verdict."""
    query = Query(request)
    source, verdict = query.text("source"), query.choice("verdict", tuple(v.value for v in Verdict))
    found = tieout.inbox(before=query.number("before"), source=source, verdict=verdict, limit=PAGE)
    return show(
        request, tieout, "inbox.html", deliveries=found, source=source, verdict=verdict, sources=tieout.sources(),
        verdicts=[v.value for v in Verdict], next=parse_id(found[-1].id)[1] if len(found) == PAGE else None,
        before=query.number("before"),
    )  # fmt: skip


@get("/inbox/{delivery_id:str}", sync_to_thread=True)
def delivery(request: Request[Actor, Any, Any], tieout: Hub, delivery_id: FromPath[str]) -> Response[str]:
    """One delivery: verdict, headers, body, and what it told of."""
    view = tieout.delivery(delivery_id)
    return show(
        request, tieout, "delivery.html", view=view, body=view.body[:BODY_SHOWN], cut=len(view.body) > BODY_SHOWN
    )


@post("/inbox/{delivery_id:str}/replay", status_code=303, sync_to_thread=True)
def replay(tieout: Hub, actor: Acting, delivery_id: FromPath[str], body: RawBody) -> Response[Any]:
    """Reads a delivery again and comes back to it."""
    tieout.replay(delivery_id, reason=field_of(form_of(body), "reason"), actor=actor)
    return Redirect(f"/inbox/{delivery_id}", status_code=303)


@get("/events", sync_to_thread=True)
def events(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """Events, newest first; filter: state."""
    query = Query(request)
    state = query.choice("state", STATES)
    found = tieout.event_list(before=query.number("before"), state=state, limit=PAGE)
    amounts = {view.id: total_minor(view.draft.components) for view in found}
    return show(
        request, tieout, "events.html", events=found, amounts=amounts, state=state, states=STATES,
        next=parse_id(found[-1].id)[1] if len(found) == PAGE else None, before=query.number("before"),
    )  # fmt: skip


@get("/events/{event_id:str}", sync_to_thread=True)
def event(request: Request[Actor, Any, Any], tieout: Hub, event_id: FromPath[str]) -> Response[str]:
    """One event: what it says, who told of it, what it waits for, what it was booked as."""
    view = tieout.event(event_id)
    return show(
        request, tieout, "event.html", view=view, draft=view.draft, amount=total_minor(view.draft.components),
        explanation=tieout.explain(event_id),
    )  # fmt: skip


HANDLERS = (inbox, delivery, replay, events, event)
