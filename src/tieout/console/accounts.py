"""The chart of accounts with balances, or with what moved in a period; and the register of one account."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from litestar import Request, Response, get
from litestar.params import FromPath
from msgspec import Struct

from tieout.app import Tieout
from tieout.app.views import AccountView, EntryView, LineView
from tieout.console.items import Listing, listing_of
from tieout.console.journal import PAGE, filters_of, older
from tieout.console.query import Hub, Query
from tieout.console.rendering import show
from tieout.model.account import AccountType, Role
from tieout.model.balance import Balance
from tieout.model.entity import Actor
from tieout.model.error import NotFound

Amounts = dict[str, dict[str, int]]
"""Account -> currency -> minor units."""


class Movement(Struct, frozen=True):
    """A line of an account's register with the entry it belongs to."""

    view: EntryView
    line: LineView


class Section(Struct, frozen=True):
    """Accounts of one type with their amounts by currency, the sum of each currency, and of all in base currency."""

    type: str
    accounts: tuple[tuple[AccountView, dict[str, int]], ...]
    total: dict[str, int]
    worth_minor: int


def moved(until: Sequence[Balance], before: Sequence[Balance]) -> tuple[Amounts, Amounts]:
    """Balances at the end less balances before the beginning, and what they are carried at in base currency."""
    found: Amounts = {}
    worth: Amounts = {}
    for sign, balances in ((1, until), (-1, before)):
        for balance in balances:
            for sums, minor in ((found, balance.balance_minor), (worth, balance.base_minor)):
                own = sums.setdefault(balance.account, {})
                own[balance.currency] = own.get(balance.currency, 0) + sign * minor
    return found, worth


def amounts_between(
    tieout: Tieout, since: date | None, until: date | None, codes: Sequence[str] | None = None
) -> tuple[Amounts, Amounts]:
    """What accounts come to over some days, and its worth: balances, or with a first day what moved since."""
    before = [] if since is None else tieout.balances(since - timedelta(days=1), codes)
    return moved(tieout.balances(until, codes), before)


def sections_of(accounts: Iterable[AccountView], amounts: Amounts, worth: Amounts) -> list[Section]:
    """Accounts by type, in the order of a balance sheet."""
    chosen = sorted(accounts, key=lambda account: account.code)
    found = []
    for kind in AccountType:
        own = tuple((account, amounts.get(account.code, {})) for account in chosen if account.type == kind.value)
        if own:
            carried = sum(sum(worth.get(account.code, {}).values()) for account, _ in own)
            found.append(Section(kind.value, own, total_of(amount for _, amount in own), carried))
    return found


def total_of(amounts: Iterable[dict[str, int]]) -> dict[str, int]:
    """The sum of each currency."""
    total: dict[str, int] = {}
    for by_currency in amounts:
        for currency, amount in by_currency.items():
            total[currency] = total.get(currency, 0) + amount
    return total


def is_used(amounts: dict[str, int], worth: dict[str, int], *, moved_only: bool) -> bool:
    """Whether an account is worth showing: it was ever booked to, or for a period, something moved on it."""
    return any((*amounts.values(), *worth.values())) if moved_only else bool(amounts)


def first_currency(currencies: Iterable[str], base: str) -> list[str]:
    """Currencies with the entity's own first."""
    return sorted(set(currencies), key=lambda currency: (currency != base, currency))


@get("/accounts", sync_to_thread=True)
def accounts(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """All accounts, or those of some roles; balances, or what moved between two days."""
    query = Query(request)
    since, until, only = query.day("since"), query.day("until"), query.text("currency")
    roles = [role for role in query.texts("role") if role in set(Role)]
    amounts, worth = amounts_between(tieout, since, until)
    if only:
        worth = {code: {c: a for c, a in own.items() if c == only} for code, own in worth.items()}
        amounts = {code: {c: a for c, a in own.items() if c == only} for code, own in amounts.items()}
    fitting = [account for account in tieout.accounts() if not roles or account.role in roles]
    everything = query.flag("all")
    chosen = [
        view for view in fitting
        if everything
        or is_used(amounts.get(view.code, {}), worth.get(view.code, {}), moved_only=since is not None)
    ]  # fmt: skip
    sections = sections_of(chosen, amounts, worth)
    base = tieout.entity().base_currency
    total = total_of(section.total for section in sections)
    return show(
        request, tieout, "accounts.html", sections=sections, since=since, until=until, roles=roles, only=only,
        unused=len(fitting) - len(chosen), total=total, currencies=first_currency(total, base) or [base],
        worth={code: sum(own.values()) for code, own in worth.items()} if {*total} - {base} else None, base=base,
    )  # fmt: skip


@get("/accounts/{code:str}", sync_to_thread=True)
def account(request: Request[Actor, Any, Any], tieout: Hub, code: FromPath[str]) -> Response[str]:
    """One account: its balance, for a clearing account the open items it consists of, and its register."""
    query = Query(request)
    found = next((view for view in tieout.accounts() if view.code == code), None)
    if found is None:
        raise NotFound(f"There is no account “{code}”", where="account", remedy="See the chart of accounts.")
    filters = filters_of(query)
    since, until, only = filters["since"], filters["until"], filters["currency"]
    base = tieout.entity().base_currency
    entries = tieout.journal(limit=PAGE, before=query.number("before"), **{**filters, "account": code})
    amounts, worth = amounts_between(tieout, since, until, [code])
    sums = amounts.get(code, {})
    return show(
        request, tieout, "account.html", account=found, role=Role(found.role), filters=filters, only=only,
        sums={c: sums[c] for c in first_currency(sums, base) if only in (None, c)}, worth=worth.get(code, {}),
        moves=register_of(entries, code, only), next=older(entries, PAGE), before=query.number("before"),
        listings=_listings(tieout, found, only, base) if found.clearing else [], carried=_carried(tieout, found),
        currencies=first_currency(found.balances, base),
        exact=not (filters["party"] or filters["text"] or filters["late"]),
        filtered=any(value for name, value in filters.items() if name != "currency"),
    )  # fmt: skip


def register_of(entries: Iterable[EntryView], code: str, currency: str | None) -> list[Movement]:
    """The lines of entries that are on this account (and in this currency)."""
    return [
        Movement(view, line)
        for view in entries
        for line in view.lines
        if line.account == code and currency in (None, line.currency)
    ]


def _listings(tieout: Tieout, account: AccountView, only: str | None, base: str) -> list[Listing]:
    """The open items of a clearing account, a list for each currency."""
    items = tieout.items(account=account.code, currency=only)
    currencies = first_currency({*account.balances, *(view.item.currency for view in items)}, base)
    return [
        listing_of([view for view in items if view.item.currency == c], c, account.balances.get(c, 0))
        for c in currencies
        if only in (None, c)
    ]


def _carried(tieout: Tieout, account: AccountView) -> dict[str, int]:
    """For a bank account: what was on it before the books began, which the statement counts and the books do not."""
    if account.role != Role.BANK.value:
        return {}
    banks = [line for line in tieout.proof().banks if line.account == account.code]
    return {line.currency: line.opening_minor for line in banks}


HANDLERS = (accounts, account)
