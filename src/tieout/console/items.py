"""Open items: what clearing accounts consist of. Every list prints its sum, and says whether that is the balance."""

from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get
from msgspec import Struct

from tieout.app.views import ItemView
from tieout.console.query import Hub, Query
from tieout.console.rendering import show
from tieout.model.entity import Actor
from tieout.model.match import Naming

#: Rows on a page; the sum is over all, and the CSV file has all.
SHOWN = 300


class Listing(Struct, frozen=True):
    """Open items in one currency, oldest first. `rest_minor` is what the books have and no item shows yet."""

    currency: str
    items: tuple[ItemView, ...]
    count: int
    sum_minor: int
    rest_minor: int = 0

    @property
    def total_minor(self) -> int:
        """What the list comes to: the items and the rest."""
        return self.sum_minor + self.rest_minor


def naming_of(view: ItemView) -> str:
    """The name of an item; one that no run has named is unexplained."""
    return view.named.naming.value if view.named else Naming.UNEXPLAINED.value


def listing_of(items: Sequence[ItemView], currency: str, balance_minor: int | None = None) -> Listing:
    """A list with its sum; with a balance given, what is missing to it is the rest."""
    total = sum(view.item.open_minor for view in items)
    rest = 0 if balance_minor is None else balance_minor - total
    ordered = sorted(items, key=lambda view: (view.item.effective_date, view.item.id))
    return Listing(currency, tuple(ordered[:SHOWN]), len(items), total, rest)


@get("/items", sync_to_thread=True)
def items(request: Request[Actor, Any, Any], tieout: Hub) -> Response[str]:
    """Open items that fit the filters: account, currency, naming and item."""
    query = Query(request)
    account, currency, item = query.text("account"), query.text("currency"), query.text("item")
    naming = query.choice("naming", tuple(n.value for n in Naming))
    found = tieout.items(account=account, currency=currency)
    chosen = [v for v in found if (naming is None or naming_of(v) == naming) and item in (None, v.item.item)]
    clearing = [view for view in tieout.accounts() if view.clearing]
    balances = _balances(clearing, account)
    currencies = sorted({*(v.item.currency for v in chosen), *([currency] if currency else [])})
    listings = [
        listing_of([v for v in chosen if v.item.currency == c], c, _expected(balances, found, c, naming, item))
        for c in currencies
    ]
    return show(
        request, tieout, "items.html", listings=listings, account=account, currency=currency, naming=naming,
        item=item, clearing=clearing, namings=[n.value for n in Naming],
    )  # fmt: skip


def _balances(clearing: Sequence[Any], account: str | None) -> dict[str, int]:
    sums: dict[str, int] = {}
    for view in clearing:
        if account in (None, view.code):
            for currency, amount in view.balances.items():
                sums[currency] = sums.get(currency, 0) + amount
    return sums


def _expected(
    balances: dict[str, int], found: Sequence[ItemView], currency: str, naming: str | None, item: str | None
) -> int | None:
    """What the list should come to: the balance, or what the balance has beyond the named items; else unknown."""
    if item is not None or naming not in (None, Naming.UNEXPLAINED.value):
        return None
    balance = balances.get(currency, 0)
    if naming is None:
        return balance
    named = sum(
        v.item.open_minor for v in found if v.item.currency == currency and naming_of(v) != Naming.UNEXPLAINED.value
    )
    return balance - named


HANDLERS = (items,)
