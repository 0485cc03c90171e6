"""Everything to look at, as JSON. Amounts are whole minor units beside their currency."""

from datetime import date
from typing import Annotated, Any

from litestar import Request, get
from litestar.params import FromPath, QueryParameter

from tieout.api.answers import LedgerHash, Page, page_of
from tieout.app.views import (
    AccountView,
    CaseView,
    DeliveryView,
    EntryView,
    EventView,
    Explanation,
    ItemView,
    MatchView,
)
from tieout.console.query import Hub
from tieout.model.entity import Source
from tieout.model.ids import parse_id
from tieout.model.proof import Proof
from tieout.model.trace import Trace

Before = Annotated[
    int | None,
    QueryParameter(ge=1, le=2**63 - 1, description="Only what is older than this number; see `next` of an answer."),
]
Limit = Annotated[int, QueryParameter(ge=1, le=500, description="At most this many.")]
AtEndOf = Annotated[date | None, QueryParameter(description="At the end of this day; now if left out.")]
Account = Annotated[str | None, QueryParameter(description="Entries with a line on this account.")]
Currency = Annotated[
    str | None, QueryParameter(description="Entries with a line in this currency; with `account`, one and the same.")
]
Party = Annotated[str | None, QueryParameter(description="Entries with a line of this party, such as a seller.")]
Text = Annotated[str | None, QueryParameter(description="Part of the memo or of the entry's key.")]
Since = Annotated[date | None, QueryParameter(description="First day in the books.")]
Until = Annotated[date | None, QueryParameter(description="Last day in the books.")]
Late = Annotated[bool | None, QueryParameter(description="Whether booked later than its own, closed day.")]
OnlyOpen = Annotated[bool | None, QueryParameter(name="open", description="false: only resolved ones.")]
OfReason = Annotated[str | None, QueryParameter(description="Only of this reason code.")]
OfAccount = Annotated[str | None, QueryParameter(description="Only of this clearing account.")]
Reference = Annotated[
    str, QueryParameter(min_length=1, description="An order number, charge, payout or other reference.")
]
InCurrency = Annotated[str | None, QueryParameter(description="Only in this currency.")]


def _last(ids: list[str]) -> int | None:
    return parse_id(ids[-1])[1] if ids else None


@get("/proof", sync_to_thread=True, summary="The proof", tags=["Proof"])
def proof(tieout: Hub, at: AtEndOf = None) -> Proof:
    """Every clearing account decomposed into named open items, bank accounts against statements, and exceptions."""
    return tieout.proof(at)


@get("/sources", sync_to_thread=True, summary="Sources", tags=["Flow"])
def sources(tieout: Hub) -> list[Source]:
    """Every shop, gateway and bank account, and when it was last heard."""
    return tieout.sources()


@get("/accounts", sync_to_thread=True, summary="Chart of accounts", tags=["Books"])
def accounts(tieout: Hub, until: AtEndOf = None) -> list[AccountView]:
    """The accounts with their balances per currency; debit positive."""
    return tieout.accounts(until)


@get("/journal", sync_to_thread=True, summary="Journal", tags=["Books"])
def journal(  # noqa: PLR0913 -- each is a parameter of the address
    request: Request[Any, Any, Any],
    tieout: Hub,
    *,
    before: Before = None,
    limit: Limit = 50,
    account: Account = None,
    currency: Currency = None,
    party: Party = None,
    text: Text = None,
    since: Since = None,
    until: Until = None,
    late: Late = None,
) -> Page[EntryView]:
    """Entries with their lines, newest first."""
    found = tieout.journal(
        limit=limit, before=before, account=account, currency=currency, party=party, text=text, since=since,
        until=until, late=late,
    )  # fmt: skip
    return page_of(request, found, limit, _last([entry.id for entry in found]))


@get("/entries/{entry_id:str}", sync_to_thread=True, summary="One entry", tags=["Books"])
def entry(tieout: Hub, entry_id: FromPath[str]) -> EntryView:
    """One entry with its lines, the rule that made it and why."""
    return tieout.entry(entry_id)


@get("/events", sync_to_thread=True, summary="Events", tags=["Flow"])
def events(
    request: Request[Any, Any, Any],
    tieout: Hub,
    *,
    before: Before = None,
    limit: Limit = 50,
    standing: Annotated[str | None, QueryParameter(name="state", description="posted, memo, parked or held.")] = None,
) -> Page[EventView]:
    """What sources said happened, newest first, and where each event stands."""
    found = tieout.event_list(before=before, state=standing, limit=limit)
    return page_of(request, found, limit, _last([event.id for event in found]))


@get("/events/{event_id:str}", sync_to_thread=True, summary="One event", tags=["Flow"])
def event(tieout: Hub, event_id: FromPath[str]) -> EventView:
    """One event, the deliveries that told of it and the entries it was booked as."""
    return tieout.event(event_id)


@get("/deliveries", sync_to_thread=True, summary="Deliveries", tags=["Flow"])
def deliveries(
    request: Request[Any, Any, Any],
    tieout: Hub,
    *,
    before: Before = None,
    limit: Limit = 50,
    source: Annotated[str | None, QueryParameter(description="Only of this source.")] = None,
    verdict: Annotated[str | None, QueryParameter(description="accepted, repeated or rejected.")] = None,
) -> Page[DeliveryView]:
    """What arrived, newest first, without bodies."""
    found = tieout.inbox(before=before, source=source, verdict=verdict, limit=limit)
    return page_of(request, found, limit, _last([delivery.id for delivery in found]))


@get("/deliveries/{delivery_id:str}", sync_to_thread=True, summary="One delivery", tags=["Flow"])
def delivery(tieout: Hub, delivery_id: FromPath[str]) -> DeliveryView:
    """One delivery with its headers and its body as received, and the events it told of."""
    return tieout.delivery(delivery_id)


@get("/cases", sync_to_thread=True, summary="Exceptions", tags=["Exceptions"])
def cases(
    tieout: Hub,
    *,
    only_open: OnlyOpen = True,
    reason: OfReason = None,
    limit: Limit = 200,
) -> list[CaseView]:
    """What needs a person, most money at risk first."""
    return tieout.case_list(only_open=only_open, reason=reason, limit=limit)


@get("/cases/{case_id:str}", sync_to_thread=True, summary="One exception", tags=["Exceptions"])
def case(tieout: Hub, case_id: FromPath[str]) -> CaseView:
    """One exception with its open items, what can be done about it, and its history."""
    return tieout.case(case_id)


@get("/items", sync_to_thread=True, summary="Open items", tags=["Proof"])
def items(
    tieout: Hub,
    account: OfAccount = None,
    currency: InCurrency = None,
) -> list[ItemView]:
    """What stands open on clearing accounts, each with its name: in transit, disputed, reserved or an exception.

    The open amounts of one account and currency sum to its balance.
    """
    return tieout.items(account=account, currency=currency)


@get("/matches", sync_to_thread=True, summary="Matches", tags=["Proof"])
def matches(request: Request[Any, Any, Any], tieout: Hub, before: Before = None, limit: Limit = 50) -> Page[MatchView]:
    """What ties open items out, newest first, with the rule and the evidence."""
    found = tieout.match_list(before=before, limit=limit)
    return page_of(request, found, limit, _last([match.id for match in found]))


@get("/matches/{match_id:str}", sync_to_thread=True, summary="One match", tags=["Proof"])
def match(tieout: Hub, match_id: FromPath[str]) -> MatchView:
    """One match with the items it ties; their allocated amounts sum to zero."""
    return tieout.match(match_id)


@get("/trace/{any_id:str}", sync_to_thread=True, summary="Trace", tags=["Trace"])
def trace(tieout: Hub, any_id: FromPath[str]) -> Trace:
    """From any id, or a reference such as `order:1001`, to where it came from and what became of it.

    Deliveries, events, entries, matches and exceptions, and the steps between them.
    """
    return tieout.trace(any_id)


@get("/explain/{any_id:str}", sync_to_thread=True, summary="Explain", tags=["Trace"])
def explain(tieout: Hub, any_id: FromPath[str]) -> Explanation:
    """Any id in a bookkeeper's words: what it is, why it is so, what it waits for."""
    return tieout.explain(any_id)


@get("/find", sync_to_thread=True, summary="Find", tags=["Trace"])
def find(tieout: Hub, q: Reference) -> list[EventView]:
    """Events that carry a reference."""
    return tieout.find(q)


@get("/ledger-hash", sync_to_thread=True, summary="Ledger hash", tags=["Proof"])
def ledger_hash(tieout: Hub) -> LedgerHash:
    """One hash over all entries, independent of the order in which anything arrived."""
    entries, lines = tieout.counts()
    return LedgerHash(tieout.ledger_hash(), entries, lines)


HANDLERS = (
    proof, sources, accounts, journal, entry, events, event, deliveries, delivery, cases, case, items,
    matches, match, trace, explain, find, ledger_hash,
)  # fmt: skip
