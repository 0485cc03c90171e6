"""A seller's own books: balances, orders, payouts and statements of whoever is logged in, and of nobody else.

No address here names a seller: whose books they are is known from the session. A payout of another seller is answered
like one that does not exist.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath

from tieout.app import Tieout
from tieout.console import bridge
from tieout.console.query import Hub, Query
from tieout.console.rendering import HTML, Frame, show, templates
from tieout.model.bucket import Bucket
from tieout.model.entity import Actor
from tieout.model.error import NotFound
from tieout.model.owed import Bridge, PayoutMade

_OWN = {"sellers": True}
_PAYOUTS = 50
PDF, CSV = "application/pdf", "text/csv; charset=utf-8"


def party_of(request: Request[Actor, Any, Any]) -> str:
    """The seller who is logged in. Whoever is none has no portal."""
    if request.user.party is None:
        raise NotFound("The portal is for sellers", where="portal", remedy="Look at a seller's statement instead.")
    return request.user.party


def page(request: Request[Actor, Any, Any], tieout: Tieout, template: str, **context: Any) -> Response[str]:
    """A page of the portal: the frame says whose it is, and nothing of the books of others."""
    frame = Frame(tieout.entity(), request.user, 0, datetime.now(UTC))
    text = templates().get_template(template).render(frame=frame, buckets=list(Bucket), **context)
    return Response(text, media_type=HTML)


def period_of(query: Query) -> tuple[date, date]:
    """The days asked for: the month so far, if none are."""
    until = query.day("until") or datetime.now(UTC).date()
    return query.day("since") or until.replace(day=1), until


def months_back(last: date, count: int) -> list[tuple[date, date]]:
    """First and last days of the months before a day, newest first."""
    found, first = [], last.replace(day=1)
    for _ in range(count):
        end = first - timedelta(days=1)
        first = end.replace(day=1)
        found.append((first, end))
    return found


@get("/portal", opt=_OWN, sync_to_thread=True)
def home(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """What the seller is owed, where it stands, why it is not payable yet, and the latest payouts."""
    party, today = party_of(request), datetime.now(UTC).date()
    found = tieout.statements(party, today.replace(day=1), today)
    return page(request, tieout, "portal.html", statements=found, payouts=tieout.seller_payouts(party, limit=5),
                months=months_back(today, 3))  # fmt: skip


@get("/portal/statement", opt=_OWN, sync_to_thread=True)
def statement(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """Opening, movements by order, closing."""
    since, until = period_of(Query(request))
    found = tieout.statements(party_of(request), since, until)
    return page(request, tieout, "portal_statement.html", statements=found, since=since, until=until)


@get("/portal/statement.pdf", opt=_OWN, sync_to_thread=True)
def statement_pdf(request: Request[Actor, Any, Any], tieout: Hub) -> Response[bytes]:
    """The statement as a PDF, of one currency."""
    return pdf_of(tieout, party_of(request), Query(request))


@get("/portal/statement.csv", opt=_OWN, sync_to_thread=True)
def statement_csv(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """The statement as CSV, of all currencies."""
    return csv_of(tieout, party_of(request), Query(request))


def pdf_of(tieout: Tieout, party: str, query: Query) -> Response[bytes]:
    """A seller's statement as a file."""
    since, until = period_of(query)
    currency = query.text("currency") or tieout.entity().base_currency
    body = tieout.statement_pdf(party, currency, since, until)
    return Response(body, media_type=PDF, headers=_named(f"statement-{currency}-{since}-{until}.pdf"))


def csv_of(tieout: Tieout, party: str, query: Query) -> Response[str]:
    """A seller's statements as a file."""
    since, until = period_of(query)
    body = tieout.statement_csv(party, since, until)
    return Response(body, media_type=CSV, headers=_named(f"statement-{since}-{until}.csv"))


def _named(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


@get("/portal/payouts", opt=_OWN, sync_to_thread=True)
def payouts(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """The seller's payouts."""
    found = tieout.seller_payouts(party_of(request), limit=_PAYOUTS)
    return page(request, tieout, "portal_payouts.html", payouts=found)


@get("/portal/payouts/{payout_id:str}", opt=_OWN, sync_to_thread=True)
def payout(request: Request[Actor, Any, Any], tieout: Hub, payout_id: FromPath[str]) -> Response[str]:
    """A payout of the seller's: its lines, and why it differs from the one before it."""
    made, compared = told(tieout, payout_id, party_of(request))
    return page(request, tieout, "portal_payout.html", made=made, bridge=compared,
                figure_of_bridge=bridge.chart(compared) if compared else "")  # fmt: skip


def told(tieout: Tieout, payout_id: str, party: str | None = None) -> tuple[PayoutMade, Bridge | None]:
    """A payout, and its bridge from the one before it if there is one. Of another seller, there is none."""
    made = tieout.explain_payout(payout_id)
    if party is not None and made.party != party:
        raise NotFound(f"There is no payout “{payout_id:.40}”", where="payout", remedy="See your payouts.")
    try:
        return made, tieout.payout_bridge(payout_id)
    except NotFound:
        return made, None


@get("/payouts/{payout_id:str}/bridge", sync_to_thread=True)
def bridge_page(request: Request[Actor, Any, Any], tieout: Hub, payout_id: FromPath[str]) -> Response[str]:
    """For those who keep the books: why a payout is what it is, and less or more than the last."""
    made, compared = told(tieout, payout_id)
    return show(request, tieout, "bridge.html", made=made, bridge=compared,
                figure_of_bridge=bridge.chart(compared) if compared else "")  # fmt: skip


@get("/statements/{party:str}", sync_to_thread=True)
def statement_page(request: Request[Actor, Any, Any], tieout: Hub, party: FromPath[str]) -> Response[str]:
    """For those who keep the books: a seller's statement, as the seller sees it."""
    since, until = period_of(Query(request))
    found = tieout.statements(party, since, until)
    return show(request, tieout, "statement.html", statements=found, party=party, since=since, until=until,
                buckets=list(Bucket))  # fmt: skip


HANDLERS = (home, statement, statement_pdf, statement_csv, payouts, payout, bridge_page, statement_page)
