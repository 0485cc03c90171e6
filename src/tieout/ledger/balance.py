"""Balances: what stands on accounts at the end of a day, as known at a moment.

Every figure is the fold of the lines that are effective up to the day and were recorded up to the moment, to the minor
unit and at once: `projection.py` only makes it fast.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.balance import Balance

_SQL = Queries("tieout.ledger", "balance.sql")


class Sums(Struct, frozen=True):
    """All debits and all credits of an account in one currency, and the same in base currency; none is negative."""

    account: str
    name: str
    type: str
    currency: str
    debit_minor: int
    credit_minor: int
    base_debit_minor: int
    base_credit_minor: int

    @property
    def balance_minor(self) -> int:
        """Debits less credits, in minor units of the currency."""
        return self.debit_minor - self.credit_minor

    @property
    def base_minor(self) -> int:
        """Debits less credits, in minor units of the base currency."""
        return self.base_debit_minor - self.base_credit_minor


class Facet(Struct, frozen=True):
    """Which lines count: those of a party, or of a dimension (by its name) with a value; all if it is not given."""

    value: str = ""
    dimension: str | None = None
    party: bool = False

    @property
    def key(self) -> str:
        """Its name in the projections."""
        return "party" if self.party else "" if self.dimension is None else f"dimension:{self.dimension}"


_ALL = Facet()


def sums(
    connection: Connection,
    ledger_id: int,
    *,
    at: date | None = None,
    known_at: datetime | None = None,
    accounts: Sequence[str] | None = None,
    facet: Facet = _ALL,
    layer: int = 0,
) -> list[Sums]:
    """Debits and credits per account and currency up to the end of `at`, as known at `known_at`; both open if None.

    Accounts on which nothing ever stood are left out. `accounts` are codes; one that does not exist adds nothing.
    """
    columns = {
        "ledger": ledger_id,
        "at": at,
        "known": known_at,
        "accounts": None if accounts is None else list(accounts),
        "facet": facet.key,
        "value": facet.value,
        "dimension": facet.dimension,
        "layer": layer,
    }
    return [Sums(*row[:4], *map(int, row[4:])) for row in connection.execute(_SQL.sums, columns)]


def balances(
    connection: Connection, ledger_id: int, *, until: date | None = None, accounts: Sequence[str] | None = None
) -> list[Balance]:
    """Balance per account and currency at the end of a day, as known now."""
    found = sums(connection, ledger_id, at=until, accounts=accounts)
    return [Balance(s.account, s.currency, s.balance_minor, s.base_minor, until) for s in found]


def is_account(connection: Connection, ledger_id: int, code: str) -> bool:
    """Whether the chart has an account of this code."""
    row = connection.execute(_SQL.is_account, {"ledger": ledger_id, "code": code}).fetchone()
    assert row is not None
    return bool(row[0])


def codes_below(connection: Connection, ledger_id: int, code: str) -> list[str]:
    """The accounts whose sum is that of an account or class: itself and everything below it; none if it is unknown."""
    return [row[0] for row in connection.execute(_SQL.codes_below, {"ledger": ledger_id, "code": code})]


class Place(Struct, frozen=True):
    """A line's place in the order of the books: by day, then by number."""

    day: date
    entry_id: int
    line_no: int


class RegisterRow(Struct, frozen=True):
    """A line of an account, and what stands on the account after it."""

    place: Place
    recorded_at: datetime
    memo: str
    party: str | None
    item: str | None
    amount_minor: int
    base_minor: int
    balance_minor: int
    base_balance_minor: int


class Span(Struct, frozen=True):
    """Days `since` to `at`, both included, as known at a moment; what is None is open."""

    since: date | None = None
    at: date | None = None
    known_at: datetime | None = None


_EVER = Span()


def register(
    connection: Connection,
    ledger_id: int,
    account: str,
    currency: str,
    *,
    span: Span = _EVER,
    after: Place | None = None,
    limit: int = 100,
) -> list[RegisterRow]:
    """A page of an account's lines in the order of the books, each with the balance after it.

    It begins after the place `after`. To be called in a unit of work that holds still, for it looks twice.
    """
    place = after or Place(span.since or date.min, 0, 0)
    columns = {
        "ledger": ledger_id, "account": account, "currency": currency, "layer": 0, "at": span.at,
        "known": span.known_at, "day": place.day, "entry": place.entry_id, "line": place.line_no, "limit": limit,
    }  # fmt: skip
    rows = connection.execute(_SQL.register_page, columns).fetchall()
    if not rows:
        return []
    standing, base = _before(connection, columns)
    found = []
    for entry, line, day, recorded_at, memo, amount, base_amount, party, item in rows:
        standing, base = standing + amount, base + base_amount
        found.append(
            RegisterRow(
                Place(day, entry, line), recorded_at, memo, party, item, amount, base_amount, standing, base
            )
        )  # fmt: skip
    return found


def _before(connection: Connection, columns: dict[str, Any]) -> tuple[int, int]:
    """What stands on the account, in its currency and in base, after the line at a place."""
    row = connection.execute(_SQL.moved_upto_place, columns).fetchone()
    assert row is not None
    moved, base = int(row[0]), int(row[1])
    if columns["day"] > date.min:
        yesterday = columns["day"] - timedelta(days=1)
        known, codes = columns["known"], [columns["account"]]
        for s in sums(connection, columns["ledger"], at=yesterday, known_at=known, accounts=codes):
            if s.currency == columns["currency"]:
                moved, base = moved + s.balance_minor, base + s.base_minor
    return moved, base


def hold_still(connection: Connection) -> None:
    """Lets all that this unit of work reads be of one moment. To be called before it reads anything."""
    connection.execute(_SQL.hold_still)
