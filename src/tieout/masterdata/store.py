"""Keeps reference data: the ledger, its sources, accounts and exchange rates."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.masterdata.chart import AccountClass, ChartAccount
from tieout.model.account import AREAS, Account, AccountType, Guard, Role
from tieout.model.entity import Entity
from tieout.model.period import Area
from tieout.model.rate import MissingRate, RatePolicy

_SQL = Queries("tieout.masterdata")
_AREAS = tuple(Area)
_SETTINGS = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)


class EntityRow(Struct, frozen=True):
    """An entity with the chart it was opened with, and where its exchange rates come from."""

    entity: Entity
    chart: str
    rates: RatePolicy


class SourceRow(Struct, frozen=True):
    """A source with its secrets; never leaves the process. `settings` are its options, such as own brands."""

    id: int
    name: str
    connector: str
    kind: str
    secrets: tuple[str, ...]
    settings: dict[str, Any]
    opened_at: datetime


class RateRow(Struct, frozen=True):
    """One unit of `base` is `rate` units of `quote` on `day`."""

    base: str
    quote: str
    day: date
    rate: Decimal
    source: str


def open_ledger(connection: Connection, entity: Entity, chart: str) -> int | None:
    """Opens a legal entity's ledger and returns its number; None if the code is taken."""
    columns = {
        "code": entity.code,
        "name": entity.name,
        "base": entity.base_currency,
        "timezone": entity.timezone,
        "chart": chart,
    }
    row = connection.execute(_SQL.insert_ledger, columns).fetchone()
    return None if row is None else int(row[0])


def ledgers(connection: Connection) -> list[EntityRow]:
    """All ledgers, oldest first."""
    return [
        EntityRow(Entity(*row[:5]), row[5], RatePolicy(row[6], row[7], MissingRate(row[8]), row[9]))
        for row in connection.execute(_SQL.ledgers)
    ]


def set_rate_policy(connection: Connection, ledger_id: int, policy: RatePolicy) -> None:
    """Changes where a ledger's exchange rates come from, and what happens while one is missing."""
    columns = {
        "ledger": ledger_id,
        "source": policy.source,
        "pivot": policy.pivot,
        "missing": policy.missing.value,
        "age": policy.age_days,
    }
    connection.execute(_SQL.set_rate_policy, columns)


def add_accounts(
    connection: Connection, ledger_id: int, accounts: Sequence[ChartAccount], scope: dict[str, str]
) -> None:
    """Opens accounts that are not there yet. `scope` says whose a per-source or per-connector account is."""
    connection.execute(_SQL.hold_ledger, {"ledger": ledger_id})  # or two at once would give one number twice
    for account in accounts:
        columns = {
            "ledger": ledger_id,
            "code": account.code,
            "name": account.name,
            "type": account.type.value,
            "role": account.role.value,
            "clearing": account.clearing,
            "currencies": list(account.currencies) or None,
            "source": None if account.per is None else scope[account.per],
            "parent": account.parent,
            "area": _AREAS.index(account.area or AREAS.get(account.role, Area.ALL)),
            "needs": list(account.needs),
            "takes": None if account.takes is None else list(account.takes),
            "opened_on": account.opened_on,
        }
        connection.execute(_SQL.insert_account, columns)


def add_classes(connection: Connection, ledger_id: int, classes: Sequence[AccountClass]) -> None:
    """Adds the classes of a chart that are not there yet."""
    for found in classes:
        columns = {"ledger": ledger_id, "code": found.code, "name": found.name, "type": found.type.value}
        connection.execute(_SQL.insert_class, columns | {"parent": found.parent})


def classes(connection: Connection, ledger_id: int) -> list[AccountClass]:
    """The classes of the chart, by code."""
    rows = connection.execute(_SQL.classes, {"ledger": ledger_id})
    return [AccountClass(row[0], row[1], AccountType(row[2]), row[3]) for row in rows]


def close_account(connection: Connection, ledger_id: int, account: Account, day: date | None) -> None:
    """Says from which day an account takes no entries; None opens it again."""
    connection.execute(_SQL.close_account, {"ledger": ledger_id, "account": account.id, "day": day})


def accounts(connection: Connection, ledger_id: int) -> dict[str, Account]:
    """All accounts by code."""
    rows = connection.execute(_SQL.accounts, {"ledger": ledger_id})
    return {row[1]: _account(row) for row in rows}


def _account(row: tuple[Any, ...]) -> Account:
    return Account(
        id=row[0],
        code=row[1],
        name=row[2],
        type=AccountType(row[3]),
        role=Role(row[4]),
        clearing=row[5],
        currencies=tuple(row[6]),
        source=row[7],
        parent=row[8],
        area=_AREAS[row[9]],
        opened_on=row[10],
        closed_on=row[11],
        needs=tuple(row[12]),
        takes=None if row[13] is None else tuple(row[13]),
        guard=Guard(row[14]),
        guard_per_party=row[15],
    )


def add_source(
    connection: Connection, ledger_id: int, name: str, connector: str, kind: str, secrets: Sequence[str],
    settings: dict[str, Any],
) -> bool:  # fmt: skip
    """Adds a source; False if the name is taken."""
    columns = {
        "ledger": ledger_id,
        "name": name,
        "connector": connector,
        "kind": kind,
        "secrets": list(secrets),
        "settings": msgspec.json.encode(settings).decode(),
    }
    return connection.execute(_SQL.insert_source, columns).fetchone() is not None


def set_secrets(connection: Connection, ledger_id: int, name: str, secrets: Sequence[str]) -> None:
    """Replaces a source's secrets; during rotation both the old and the new one are given."""
    connection.execute(_SQL.set_secrets, {"ledger": ledger_id, "name": name, "secrets": list(secrets)})


def sources(connection: Connection, ledger_id: int) -> list[SourceRow]:
    """All sources, oldest first."""
    rows = connection.execute(_SQL.sources, {"ledger": ledger_id})
    return [SourceRow(row[0], row[1], row[2], row[3], tuple(row[4]), _SETTINGS.decode(row[5]), row[6]) for row in rows]


def add_rates(connection: Connection, rates: Sequence[RateRow]) -> int:
    """Adds exchange rates; one already known for the day and source is kept. Returns how many were new."""
    columns = {
        "bases": [r.base for r in rates],
        "quotes": [r.quote for r in rates],
        "days": [r.day for r in rates],
        "rates": [r.rate for r in rates],
        "sources": [r.source for r in rates],
    }
    return connection.execute(_SQL.insert_rates, columns).rowcount


def rates(
    connection: Connection, policy: RatePolicy, wanted: Sequence[tuple[str, date]]
) -> dict[tuple[str, date], RateRow]:
    """For each (quote, day) the newest rate of the policy's source on or before the day; missing ones are left out.

    So are days whose own rate may still come: a working day has none before it or a later one is there. What is
    answered once is answered the same for ever, whenever the rates were imported; not so where the policy takes the
    last one known, which answers by what is there today.
    """
    columns = {
        "base": policy.pivot,
        "source": policy.source,
        "quotes": [w[0] for w in wanted],
        "days": [w[1] for w in wanted],
        "age": policy.age_days,
        "last_known": policy.missing is MissingRate.LAST_KNOWN,
    }
    return {
        (row[0], row[1]): RateRow(policy.pivot, row[0], row[3], row[2], row[4])
        for row in connection.execute(_SQL.rates, columns)
    }


def rate_page(
    connection: Connection, source: str, *, quote: str | None, since: date | None, until: date | None, limit: int
) -> list[RateRow]:
    """The newest rates of a source, by day and currency."""
    columns = {"source": source, "quote": quote, "since": since, "until": until, "limit": limit}
    return [RateRow(*row) for row in connection.execute(_SQL.rate_page, columns)]


def rates_since(connection: Connection, source: str, since: datetime) -> bool:
    """Whether a rate of this source was recorded at that time or after."""
    row = connection.execute(_SQL.rates_since, {"source": source, "since": since}).fetchone()
    assert row is not None
    return bool(row[0])
