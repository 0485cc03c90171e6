"""Keeps sales: what was told of them, what they were made under, and what they have come to for each seller."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.sale import Fact, Frozen, Stake

_SQL = Queries("tieout.settlement", "sales.sql")
_FACT = msgspec.json.Decoder(Fact)
_FROZEN = msgspec.json.Decoder(Frozen)


class SaleRow(Struct, frozen=True):
    """Where a sale stands: `applied` are the keys of the facts that are in the books."""

    sale: str
    state: str
    currency: str | None
    captured_at: datetime | None
    frozen: Frozen | None
    applied: tuple[str, ...]
    waits_for: tuple[str, ...]
    entries: int


class Astray(Struct, frozen=True):
    """A stake that is not what the seller's lines of the sale come to, in minor units."""

    sale: str
    party: str
    role: str
    booked_minor: int
    kept_minor: int


def take(connection: Connection, ledger_id: int, sales: Sequence[str]) -> None:
    """Lets nobody else work on these sales until the unit of work ends."""
    connection.execute(_SQL.take, {"ledger": ledger_id, "sales": list(sales)})


def add_facts(
    connection: Connection, ledger_id: int, told: Sequence[tuple[str, Fact]], actor: str
) -> set[tuple[str, str]]:
    """Records facts once each, as (sale, fact); returns (sale, key) of those that are new."""
    columns = {
        "ledger": ledger_id,
        "sales": [sale for sale, _ in told],
        "keys": [fact.key for _, fact in told],
        "kinds": [fact.kind.value for _, fact in told],
        "times": [fact.occurred_at for _, fact in told],
        "contents": [msgspec.json.encode(fact).decode() for _, fact in told],
        "events": [fact.event_id for _, fact in told],
        "actors": [actor for _ in told],
    }
    connection.execute(_SQL.insert_sales, {"ledger": ledger_id, "sales": sorted({sale for sale, _ in told})})
    return {(row[0], row[1]) for row in connection.execute(_SQL.insert_facts, columns)}


def facts(connection: Connection, ledger_id: int, sales: Sequence[str]) -> dict[str, list[Fact]]:
    """All that was told of these sales, in order of time."""
    found: dict[str, list[Fact]] = {}
    for sale, content in connection.execute(_SQL.facts, {"ledger": ledger_id, "sales": list(sales)}):
        found.setdefault(sale, []).append(_FACT.decode(content))
    return found


def sales(connection: Connection, ledger_id: int, names: Sequence[str]) -> dict[str, SaleRow]:
    """Where these sales stand."""
    found = {}
    for row in connection.execute(_SQL.sales, {"ledger": ledger_id, "sales": list(names)}):
        frozen = None if row[4] is None else _FROZEN.decode(row[4])
        found[row[0]] = SaleRow(row[0], row[1], row[2], row[3], frozen, tuple(row[5]), tuple(row[6]), row[7])
    return found


def put_sale(connection: Connection, ledger_id: int, row: SaleRow) -> None:
    """Writes where a sale stands now."""
    columns = {
        "ledger": ledger_id, "sale": row.sale, "state": row.state, "currency": row.currency,
        "captured": row.captured_at, "frozen": None if row.frozen is None else msgspec.json.encode(row.frozen).decode(),
        "applied": list(row.applied), "waits": list(row.waits_for), "entries": row.entries,
    }  # fmt: skip
    connection.execute(_SQL.put_sale, columns)


def stakes(connection: Connection, ledger_id: int, names: Sequence[str]) -> dict[str, dict[str, Stake]]:
    """What these sales have come to, by sale and seller."""
    found: dict[str, dict[str, Stake]] = {}
    for sale, *rest in connection.execute(_SQL.stakes, {"ledger": ledger_id, "sales": list(names)}):
        found.setdefault(sale, {})[rest[0]] = Stake(*rest)
    return found


def stakes_of(connection: Connection, ledger_id: int, party: str, limit: int) -> list[tuple[str, Stake]]:
    """A seller's sales, newest first, with what each has come to for it."""
    rows = connection.execute(_SQL.stakes_of_party, {"ledger": ledger_id, "party": party, "limit": limit})
    return [(row[0], Stake(*row[1:])) for row in rows]


def put_stakes(connection: Connection, ledger_id: int, changed: Sequence[tuple[str, str, Stake]]) -> None:
    """Writes stakes as they are now, each with its sale and currency."""
    if not changed:
        return
    columns: dict[str, Any] = {
        "ledger": ledger_id,
        "sales": [sale for sale, _, _ in changed],
        "currencies": [currency for _, currency, _ in changed],
        "parties": [stake.party for _, _, stake in changed],
        "captured": [stake.captured_on for _, _, stake in changed],
        "due": [stake.due_on for _, _, stake in changed],
        "released": [stake.released_on for _, _, stake in changed],
        "until": [stake.reserve_until for _, _, stake in changed],
    }
    for name in ("gross", "total", "net", "pending", "held", "reserve"):
        columns[name] = [getattr(stake, f"{name}_minor") for _, _, stake in changed]
    connection.execute(_SQL.put_stakes, columns)


def waiting_for(connection: Connection, ledger_id: int, names: Sequence[str]) -> list[str]:
    """The sales that wait for one of these."""
    return [row[0] for row in connection.execute(_SQL.waiting_for, {"ledger": ledger_id, "names": list(names)})]


def waited_for(connection: Connection, ledger_id: int) -> list[str]:
    """All that sales wait for."""
    return [row[0] for row in connection.execute(_SQL.waited_for, {"ledger": ledger_id})]


def due(connection: Connection, ledger_id: int, day: date, limit: int) -> list[tuple[str, str]]:
    """(sale, seller) of stakes to be released by a day."""
    rows = connection.execute(_SQL.due, {"ledger": ledger_id, "day": day, "limit": limit})
    return [(row[0], row[1]) for row in rows]


def reserves_due(connection: Connection, ledger_id: int, day: date, limit: int) -> list[tuple[str, str]]:
    """(sale, seller) of reserves that end by a day."""
    rows = connection.execute(_SQL.reserves_due, {"ledger": ledger_id, "day": day, "limit": limit})
    return [(row[0], row[1]) for row in rows]


def reserved(connection: Connection, ledger_id: int, parties: Sequence[str], currency: str) -> dict[str, int]:
    """What is kept back of each seller in a currency."""
    columns = {"ledger": ledger_id, "parties": list(parties), "currency": currency}
    return {row[0]: int(row[1]) for row in connection.execute(_SQL.reserved, columns)}


def sold_before(
    connection: Connection, ledger_id: int, parties: Sequence[str], since: date, until: date
) -> dict[str, int]:
    """What each seller sold, at list price, from one day up to, not including, another."""
    columns = {"ledger": ledger_id, "parties": list(parties), "since": since, "until": until}
    return {row[0]: int(row[1]) for row in connection.execute(_SQL.sold_before, columns)}


def astray(connection: Connection, ledger_id: int) -> list[Astray]:
    """Stakes that are not the sum of their lines; none, unless something went past us."""
    rows = connection.execute(_SQL.astray, {"ledger": ledger_id})
    return [Astray(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in rows]


def near(connection: Connection, ledger_id: int, events: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """These events and all that share a payment or a dispute with them, however far, with what each refers to."""
    rows = connection.execute(_SQL.near, {"ledger": ledger_id, "events": list(events)})
    return {row[0]: tuple(row[1]) for row in rows}


def past_events(connection: Connection, ledger_id: int, kinds: Sequence[str], after: int, limit: int) -> list[int]:
    """Numbers of posted events of these kinds after a number."""
    columns = {"ledger": ledger_id, "kinds": list(kinds), "after": after, "limit": limit}
    return [row[0] for row in connection.execute(_SQL.past_events, columns)]
