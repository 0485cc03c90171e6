"""Addresses of the console. An amount links to the list whose sum it is; these make those links."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import quote, urlencode

from tieout.model.ids import IdKind, parse_id

_HOMES = {
    IdKind.DELIVERY: "/inbox",
    IdKind.EVENT: "/events",
    IdKind.ENTRY: "/entries",
    IdKind.MATCH: "/matches",
    IdKind.CASE: "/exceptions",
}


def address(path: str, /, **parameters: object) -> str:
    """A path with the parameters that are given; None and empty text are left out, lists are repeated."""
    kept = {name: value for name, value in parameters.items() if value not in (None, "", False, (), [])}
    plain = {name: "1" if value is True else value for name, value in kept.items()}
    return f"{path}?{urlencode(plain, doseq=True)}" if plain else path


def page_of(any_id: str) -> str:
    """The page of the thing with this id; an open item has none of its own and is shown by its trace."""
    home = _HOMES.get(parse_id(any_id)[0])
    return f"{home}/{any_id}" if home else f"/trace/{any_id}"


def items(
    account: str | None = None, currency: str | None = None, naming: str | None = None, item: str | None = None
) -> str:
    """Open items of clearing accounts."""
    return address("/items", account=account, currency=currency, naming=naming, item=item)


def account(code: str, currency: str | None = None, since: date | None = None, until: date | None = None) -> str:
    """An account's register."""
    return address(f"/accounts/{quote(code, safe='')}", currency=currency, since=since, until=until)


def accounts(roles: Sequence[str], currency: str, since: date, until: date) -> str:
    """The movement of all accounts of some roles in a period."""
    return address("/accounts", role=list(roles), currency=currency, since=since, until=until)


def trace(reference: str) -> str:
    """The trace of an id or of any reference."""
    return address("/trace", q=reference)
