"""Decisions: resolve an exception, take a match back, reconcile, read a delivery again."""

from datetime import date
from typing import Annotated

from litestar import post
from litestar.params import FromPath, JSONBody, QueryParameter

from tieout.api.answers import Reversed, WhyGiven
from tieout.app import WorkReport
from tieout.app.views import Preview, RunReport
from tieout.console.query import Acting, Hub
from tieout.model.case import Resolution


@post(
    "/cases/{case_id:str}/preview", status_code=200, sync_to_thread=True, summary="Preview a decision",
    tags=["Exceptions"],
)  # fmt: skip
def preview(tieout: Hub, actor: Acting, case_id: FromPath[str], data: JSONBody[Resolution]) -> Preview:
    """What a decision would post and tie, without doing it."""
    return tieout.preview(case_id, data, actor=actor)


@post(
    "/cases/{case_id:str}/resolve", status_code=200, sync_to_thread=True, summary="Resolve an exception",
    tags=["Exceptions"],
)  # fmt: skip
def resolve(tieout: Hub, actor: Acting, case_id: FromPath[str], data: JSONBody[Resolution]) -> Preview:
    """Carries a decision out and answers with what it did. The reason is required and kept in the audit log."""
    return tieout.resolve(case_id, data, actor=actor)


@post(
    "/matches/{match_id:str}/reverse", status_code=200, sync_to_thread=True, summary="Take a match back",
    tags=["Proof"],
)  # fmt: skip
def reverse(tieout: Hub, actor: Acting, match_id: FromPath[str], data: JSONBody[WhyGiven]) -> Reversed:
    """Reverses a match by another one; its items are open again. Nothing is deleted."""
    return Reversed(tieout.unmatch(match_id, reason=data.reason, actor=actor))


@post("/reconcile", status_code=200, sync_to_thread=True, summary="Reconcile", tags=["Proof"])
def reconcile(
    tieout: Hub,
    *,
    as_of: Annotated[date | None, QueryParameter(description="As if this day had ended; today.")] = None,
    full: Annotated[bool, QueryParameter(description="Look at everything, not only at what changed.")] = False,
) -> RunReport:
    """Ties what can be tied without a guess, names what stays open, opens and settles exceptions."""
    return tieout.reconcile(as_of, full=full)


@post(
    "/deliveries/{delivery_id:str}/replay", status_code=200, sync_to_thread=True, summary="Read a delivery again",
    tags=["Flow"],
)  # fmt: skip
def replay(tieout: Hub, actor: Acting, delivery_id: FromPath[str], data: JSONBody[WhyGiven]) -> WorkReport:
    """Reads a delivery with today's mapping. What is already booked is not booked twice."""
    return tieout.replay(delivery_id, reason=data.reason, actor=actor)


HANDLERS = (preview, resolve, reverse, reconcile, replay)
