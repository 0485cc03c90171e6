"""The doors: signed webhooks, settlement objects, files and rates. What comes in is stored; booking happens later."""

from datetime import date
from typing import Annotated, Any

from litestar import Request, post
from litestar.params import FromPath, QueryParameter, RawBody

from tieout.api.answers import RatesImported, query_of
from tieout.app import JournalFormat
from tieout.app.views import ImportReport, JournalReport
from tieout.console.query import Acting, Hub
from tieout.model.delivery import Receipt
from tieout.model.entity import Actor


@post("/{source:str}", status_code=200, sync_to_thread=True, summary="A signed webhook", tags=["Doors"])
def receive_hook(request: Request[Any, Any, Any], tieout: Hub, source: FromPath[str], body: RawBody) -> Receipt:
    """Takes a provider's webhook as it was sent. The signature is verified and the raw bytes are kept.

    Needs no login. Answers as soon as the delivery is stored; a repeat is answered like the first. A wrong signature
    gets 401 and is kept as a rejected delivery.
    """
    return tieout.receive_hook(source, dict(request.headers.items()), body)


@post("/objects/{source:str}", status_code=200, sync_to_thread=True, summary="Settlement objects", tags=["Doors"])
def receive_objects(
    request: Request[Actor, Any, Any], tieout: Hub, actor: Acting, source: FromPath[str], body: RawBody
) -> Receipt:
    """Takes what was fetched from a gateway or shop, as its API answered it.

    `?topic=` names what it is (for Stripe for example `balance_transactions`, `payout`, `charge`); further parameters
    say what the list is of, such as `payout=po_…`.
    """
    return tieout.receive_objects(source, query_of(request), body, actor=actor)


@post("/files/{source:str}", status_code=200, sync_to_thread=True, summary="A file", tags=["Doors"])
def import_file(
    tieout: Hub,
    actor: Acting,
    source: FromPath[str],
    body: RawBody,
    name: Annotated[str, QueryParameter(description="The file's name, kept for people.")] = "",
) -> ImportReport:
    """Imports a file, such as a bank statement in CAMT.053, and books it at once. The body is the file itself."""
    return tieout.import_file(source, body, name=name, actor=actor)


@post("/rates", status_code=200, sync_to_thread=True, summary="Exchange rates", tags=["Doors"])
def import_rates(tieout: Hub, actor: Acting, body: RawBody) -> RatesImported:
    """Imports an exchange rates file of the European Central Bank, XML or CSV, and books what waited for rates."""
    return RatesImported(tieout.import_rates(body, actor=actor))


@post("/journals", status_code=200, sync_to_thread=True, summary="A journal of other books", tags=["Doors"])
def import_journal(
    tieout: Hub,
    actor: Acting,
    body: RawBody,
    *,
    name: Annotated[str, QueryParameter(description="The file's name; its ending says what it is.")] = "",
    kind: Annotated[
        JournalFormat | None, QueryParameter(name="format", description="What it is, if its name does not say.")
    ] = None,
    opening: Annotated[
        date | None, QueryParameter(description="It is a table of balances: book them on this day, against equity.")
    ] = None,
    dry_run: Annotated[
        bool, QueryParameter(description="Post nothing: say what would be posted and refused, and the balances after.")
    ] = False,
) -> JournalReport:
    """Posts the entries of a journal, Beancount text or CSV, all or none; what is known already is not posted twice.

    If a line is refused the answer is an error that names it. A dry run answers with all refusals.
    """
    return tieout.import_journal(
        body, name=name or "the body", kind=kind, opening=opening, dry_run=dry_run, actor=actor
    )  # fmt: skip
