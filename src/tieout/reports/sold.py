"""Reads what sellers of a marketplace sold, gave back and are owed, all of them together: the store of its reports."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.bucket import Bucket

_SQL = Queries("tieout.reports", "sold.sql")
_ROLES = [bucket.role.value for bucket in Bucket]
_SOLD = ["settlement.captured", "settlement.accrued"]
_BUCKETS: Mapping[str, Bucket] = {bucket.role.value: bucket for bucket in Bucket}


class MadeOf(Struct, frozen=True):
    """A row of what entries are made of: the occasion, and the category, channel, region, day or seller asked for."""

    occasion: str
    currency: str
    place: str
    row: str
    amount_minor: int


class SaleStanding(Struct, frozen=True):
    """What stands in a bucket for one seller's sale, and the day on which it leaves it, if that is known."""

    bucket: Bucket
    party: str
    reference: str
    currency: str
    amount_minor: int
    until: date | None


class Cohort(Struct, frozen=True):
    """A seller's sales of some days: how many, what they came to, and what of them was refunded or disputed since."""

    party: str
    currency: str
    sales: int
    net_minor: int
    refunded: int
    refunded_minor: int
    disputed: int
    disputed_minor: int


class Paid(Struct, frozen=True):
    """What buyers paid for a seller's sales of a month, how often, and what the seller is owed of it."""

    party: str
    currency: str
    month: int
    gross_minor: int
    payments: int
    net_minor: int


def _days(ledger_id: int, since: date, until: date) -> dict[str, object]:
    return {"ledger": ledger_id, "since": since, "until": until, "roles": _ROLES, "sold": _SOLD}


def moved(connection: Connection, ledger_id: int, since: date, until: date) -> list[tuple[str, str, int]]:
    """What moved on sellers' buckets in all: rule, currency, amount. What went from bucket to bucket is left out."""
    return [(row[0], row[1], row[2]) for row in connection.execute(_SQL.moved_by_rule, _days(ledger_id, since, until))]


def made_of(connection: Connection, ledger_id: int, since: date, until: date, by: str = "") -> list[MadeOf]:
    """What entries of these days are made of, by category, channel, region, day or party."""
    rows = connection.execute(_SQL.made_of, {**_days(ledger_id, since, until), "by": by})
    return [MadeOf(row[0].removeprefix("settlement."), *row[1:]) for row in rows]


def split_lines(connection: Connection, ledger_id: int, since: date, until: date) -> dict[str, int]:
    """What the ledger has for the entries that `made_of` tells apart, by currency."""
    return dict(connection.execute(_SQL.split_lines, _days(ledger_id, since, until)).fetchall())


def standing(connection: Connection, ledger_id: int, at: date, *buckets: Bucket) -> list[SaleStanding]:
    """What stands in these buckets at the end of a day, by seller and sale."""
    columns = {"ledger": ledger_id, "at": at, "roles": [bucket.role.value for bucket in buckets]}
    rows = connection.execute(_SQL.standing, columns)
    return [SaleStanding(_BUCKETS[row[0]], *row[1:]) for row in rows]


def cohorts(connection: Connection, ledger_id: int, since: date, until: date) -> list[Cohort]:
    """The sales of these days by seller and currency."""
    return [Cohort(*row) for row in connection.execute(_SQL.cohorts, _days(ledger_id, since, until))]


def paid(connection: Connection, ledger_id: int, since: date, until: date) -> list[Paid]:
    """What buyers paid for sales of these days, by seller, currency and month."""
    return [Paid(*row) for row in connection.execute(_SQL.paid_by_buyers, _days(ledger_id, since, until))]


def net_of_sales(connection: Connection, ledger_id: int, since: date, until: date) -> dict[str, int]:
    """What the ledger has for the sales of these days, less what went back, by currency."""
    return dict(connection.execute(_SQL.net_of_sales, _days(ledger_id, since, until)).fetchall())


def counted(connection: Connection, ledger_id: int, since: date, until: date) -> dict[tuple[str, str, int], int]:
    """How many sales each seller had, by party, currency and quarter."""
    rows = connection.execute(_SQL.sales_counted, _days(ledger_id, since, until))
    return {(party, currency, quarter): sales for party, quarter, currency, sales in rows}


def weeks(connection: Connection, ledger_id: int, at: date) -> dict[str, dict[date, int]]:
    """What sales less refunds came to for sellers, by currency and Monday, up to the end of a day."""
    found: dict[str, dict[date, int]] = {}
    for currency, monday, amount in connection.execute(_SQL.weeks, {"ledger": ledger_id, "at": at, "roles": _ROLES}):
        found.setdefault(currency, {})[monday] = amount
    return found


def lags(connection: Connection, ledger_id: int, at: date) -> dict[str, int]:
    """How many days sales took to be released of late, by currency."""
    return dict(connection.execute(_SQL.lags, {"ledger": ledger_id, "at": at}).fetchall())
