"""What a source told us, as rows to count: by the ids that its own list goes by."""

from collections.abc import Sequence
from datetime import date

import msgspec

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.event import EventDraft, total_minor
from tieout.reconciliation.totals import Row

_SQL = Queries("tieout.reconciliation", "told.sql")


def told(connection: Connection, ledger_id: int, source: str, timezone: str, theirs: Sequence[Row]) -> list[Row]:
    """What a source's events say of the days of its list, a row for each id, day and currency."""
    columns = {"ledger": ledger_id, "ids": sorted({row.id for row in theirs})}
    known = connection.execute(_SQL.kind, columns).fetchone()
    days = [row.day for row in theirs]
    asked = {
        "ledger": ledger_id, "source": source, "kind": known[0] if known else "txn", "first": min(days),
        "last": max(days), "zone": timezone,
    }  # fmt: skip
    sums: dict[tuple[str, date, str], tuple[int, str]] = {}
    for name, day, content, state in connection.execute(_SQL.ours, asked):
        draft = msgspec.convert(content, EventDraft, strict=False)
        if draft.components:
            key = (name, day, draft.components[0].currency)
            amount, before = sums.get(key, (0, state))
            sums[key] = (amount + total_minor(draft.components), state if before == "posted" else before)
    return [Row(name, day, currency, abs(amount), state) for (name, day, currency), (amount, state) in sums.items()]
