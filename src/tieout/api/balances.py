"""What stands on accounts, as JSON: at the end of any day, as known at any moment."""

from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from litestar import Request, get
from litestar.params import FromPath, QueryParameter

from tieout.api.answers import Page, query_of
from tieout.api.reading import Limit, Since
from tieout.console.query import Hub
from tieout.model.balance import Balance, RegisterLine, TrialBalance
from tieout.model.error import BadInput

At = Annotated[date | None, QueryParameter(description="At the end of this day in the books; all days if left out.")]
KnownAt = Annotated[
    datetime | None, QueryParameter(description="As known at this time, with its zone; now if left out.")
]
Accounts = Annotated[list[str] | None, QueryParameter(description="Only these accounts; may be repeated.")]
Below = Annotated[
    str | None, QueryParameter(description="One sum per currency of this account or class and all below it.")
]
OfParty = Annotated[str | None, QueryParameter(description="Only what stands with this party, such as a seller.")]
Dimension = Annotated[
    str | None, QueryParameter(description="Only lines with this value of a dimension, as NAME=VALUE.")
]
OfCurrency = Annotated[str | None, QueryParameter(description="Which currency, if the account has several.")]
After = Annotated[str | None, QueryParameter(description="Only lines after this place; see `next` of an answer.")]


@get("/balances", sync_to_thread=True, summary="Balances", tags=["Books"])
def balances(
    tieout: Hub,
    *,
    at: At = None,
    known_at: KnownAt = None,
    account: Accounts = None,
    below: Below = None,
    party: OfParty = None,
    dimension: Dimension = None,
) -> list[Balance]:
    """Balance per account and currency, and the same in base currency; debit positive.

    With `at` and `known_at` the answer is the same whenever it is asked for.
    """
    if sum(value is not None for value in (below, party, dimension)) > 1 or (below is not None and account):
        raise BadInput(
            "It is not clear which lines count", where="balances",
            remedy="Give one of `below`, `party` and `dimension`; `account` goes with the last two.",
        )  # fmt: skip
    if below is not None:
        return tieout.subtree(below, at=at, known_at=known_at)
    if party is not None:
        return tieout.party(party, accounts=account, at=at, known_at=known_at)
    if dimension is not None:
        name, _, value = dimension.partition("=")
        return tieout.dimension(name, value, accounts=account, at=at, known_at=known_at)
    return tieout.balances(at, account, known_at=known_at)


@get("/trial-balance", sync_to_thread=True, summary="Trial balance", tags=["Books"])
def trial_balance(tieout: Hub, at: At = None, known_at: KnownAt = None) -> TrialBalance:
    """Every account per currency with all its debits, all its credits and its balance."""
    return tieout.trial_balance(at=at, known_at=known_at)


@get("/accounts/{code:str}/register", sync_to_thread=True, summary="Register of an account", tags=["Books"])
def register(  # noqa: PLR0913 -- each is a parameter of the address
    request: Request[Any, Any, Any],
    tieout: Hub,
    code: FromPath[str],
    *,
    currency: OfCurrency = None,
    since: Since = None,
    at: At = None,
    known_at: KnownAt = None,
    after: After = None,
    limit: Limit = 100,
) -> Page[RegisterLine]:
    """An account's lines in the order of the books, oldest first, each with the balance after it."""
    found = tieout.register(code, currency, since=since, at=at, known_at=known_at, after=after, limit=limit)
    more = {**query_of(request), "after": found[-1].place} if len(found) == limit else None
    return Page(found, f"{request.url.path}?{urlencode(more)}" if more else None)


HANDLERS = (balances, trial_balance, register)
