"""Certificates of close: what a period consisted of when it was closed for good, so that it can be shown later."""

from collections.abc import Sequence
from typing import Any

import msgspec

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.ledger import seal
from tieout.model.period import Area, Period
from tieout.model.seal import NOTHING_BEFORE, Certificate, Flaw

_SQL = Queries("tieout.ledger", "certificate.sql")
#: The database's numbers of the areas.
_AREAS = tuple(Area)


def certify(connection: Connection, ledger_id: int, period: Period) -> Certificate:
    """Writes down what a period consists of, for whoever closes it for good, in the same unit of work.

    That has the books, so no poster is under way. The hash comes into the chain with the next block.
    """
    last = seal.last_block(connection, ledger_id)
    ((now,),) = connection.execute(_SQL.clock).fetchall()
    entries, sums = _consists_of(connection, ledger_id, period)
    found = Certificate(
        ledger_id=ledger_id,
        period_id=period.id,
        area=period.area.value,
        first_day=period.first_day,
        last_day=period.last_day,
        block_no=last[0].block_no if last else 0,
        block_hash=last[1] if last else NOTHING_BEFORE,
        entries=entries,
        lines=sum(row[6] for row in sums),
        sums=sums,
        certified_at=now,
    )
    columns = {
        "ledger": ledger_id,
        "period": period.id,
        "block": found.block_no,
        "block_hash": found.block_hash,
        "entries": found.entries,
        "lines": found.lines,
        "sums": msgspec.json.encode([[str(part) for part in row] for row in sums]).decode(),
        "hash": found.hash,
        "at": now,
    }
    connection.execute(_SQL.put, columns)
    return found


_Sums = tuple[tuple[str, str, int, int, int, int, int], ...]


def _consists_of(connection: Connection, ledger_id: int, period: Period) -> tuple[int, _Sums]:
    columns = {
        "ledger": ledger_id,
        "area": _AREAS.index(period.area),
        "first": period.first_day,
        "last": period.last_day,
    }
    ((entries,),) = connection.execute(_SQL.entries, columns).fetchall()
    return entries, _sums(connection.execute(_SQL.sums, columns).fetchall())


def _sums(rows: Sequence[Sequence[Any]]) -> _Sums:
    return tuple((row[0], row[1], int(row[2]), int(row[3]), int(row[4]), int(row[5]), int(row[6])) for row in rows)


def check(connection: Connection, ledger_id: int) -> tuple[int, list[Flaw]]:
    """How many certificates there are, and which do not hold: above all, periods that changed after closing."""
    rows = connection.execute(_SQL.certificates, {"ledger": ledger_id}).fetchall()
    return len(rows), [flaw for row in rows for flaw in _wrong(connection, ledger_id, row)]


def _wrong(connection: Connection, ledger_id: int, row: Sequence[Any]) -> list[Flaw]:
    number, block_no, block_hash, entries, lines, sums, recorded, at, sealed, area, first, last, state = row

    def flaw(what: str) -> list[Flaw]:
        return [Flaw(f"period {first} to {last}" if first else f"period {number}", what, (3, number))]

    if recorded is None:
        return flaw("its certificate of close is sealed, and is not there any more")
    if first is None or state != "hard":
        return flaw("was closed for good, and is not any more")
    found = Certificate(
        ledger_id=ledger_id, period_id=number, area=_AREAS[area].value, first_day=first, last_day=last,
        block_no=block_no, block_hash=bytes(block_hash), entries=entries, lines=lines, sums=_sums(sums),
        certified_at=at,
    )  # fmt: skip
    if found.hash != bytes(recorded) or (sealed is not None and bytes(sealed) != bytes(recorded)):
        return flaw("its certificate of close is not the one that was written")
    period = Period(number, first, last, _AREAS[area], state)
    now, moved = _consists_of(connection, ledger_id, period)
    if moved != found.sums or now != entries:
        changed = sorted(row[:2] for row in set(found.sums) ^ set(moved))
        where = f" on {changed[0][0]} in {changed[0][1]}" if changed else ""
        return flaw(f"it had {entries:,} entries when it was closed and has {now:,}, or other amounts{where}")
    return []
