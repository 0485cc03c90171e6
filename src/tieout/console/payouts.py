"""Payouts to sellers: those there are, and one of them with what it settles and what can be done with it."""

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get, post
from litestar.params import FromPath, RawBody
from litestar.response import Redirect

from tieout.console.query import Acting, Hub, Query
from tieout.console.rendering import show
from tieout.console.session import field_of, form_of
from tieout.model.entity import Actor
from tieout.model.error import TieoutError
from tieout.model.payout import PayoutState

PAGE = 50
_S = PayoutState
#: What a person may do with a payout where it stands.
DEEDS: Mapping[PayoutState, tuple[str, ...]] = {
    _S.PENDING_APPROVAL: ("approve", "hold", "cancel"),
    _S.APPROVED: ("hold", "cancel"),
    _S.QUEUED: ("hold", "cancel"),
    _S.HELD: ("release", "cancel"),
    _S.FAILED: ("retry", "cancel"),
}


@get("/payouts", sync_to_thread=True)
def payouts(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """Payouts, newest first, of a state or a seller if the address names one."""
    query = Query(request)
    wanted, party, before = query.text("standing"), query.text("seller"), query.number("before")
    states = [PayoutState(wanted)] if wanted in set(PayoutState) else None
    found = tieout.payout_list(states=states, party=party, before=before, limit=PAGE)
    filters = {"standing": wanted, "seller": party}
    following = found[-1].id if len(found) == PAGE else None
    return show(
        request, tieout, "payouts.html", payouts=found, filters=filters, states=list(PayoutState), next=following,
        before=before, files=tieout.payment_files(5), runs=tieout.payout_runs(5),
    )  # fmt: skip


def _page(
    request: Request[Actor, Any, Any], tieout: Hub, payout: str, wrong: str | None, status: int
) -> Response[str]:  # fmt: skip
    view = tieout.payout(payout, lines=200)
    page = show(
        request, tieout, "payout.html", view=view, one=view.payout, wrong=wrong,
        deeds=DEEDS.get(view.payout.state, ()),
    )  # fmt: skip
    page.status_code = status
    return page


@get("/payouts/{payout:str}", sync_to_thread=True)
def payout(request: Request[Actor, Any, Any], tieout: Hub, payout: FromPath[str]) -> Response[str]:
    """One payout: its lines, its history, its attempts, and what can be done with it."""
    return _page(request, tieout, payout, None, 200)


@post("/payouts/{payout:str}", status_code=303, sync_to_thread=True)
def decide(
    request: Request[Actor, Any, Any], tieout: Hub, actor: Acting, payout: FromPath[str], body: RawBody
) -> Response[Any]:
    """Approves, holds, releases, cancels or retries; what is refused is said on the page."""
    form = form_of(body)
    try:
        tieout.decide_payout(payout, field_of(form, "action"), reason=field_of(form, "reason"), actor=actor)
    except TieoutError as error:
        return _page(request, tieout, payout, str(error), error.status)
    return Redirect(f"/payouts/{payout}", status_code=303)


HANDLERS = (payouts, payout, decide)
