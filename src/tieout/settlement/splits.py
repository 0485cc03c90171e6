"""What entries of settlement are made of for each seller, by category, channel and region: written with them.

The ledger keeps one line by seller, bucket and entry. What that line consists of (price, commission, fees, tax) is
kept here beside it, so that statements and bridges can say it for ever without working the order out again.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.settlement import Leg, Order
from tieout.settlement.statement import rows_of_legs

_SQL = Queries("tieout.settlement", "splits.sql")
_FACTS = ("category", "channel", "region")


class SplitRow(Struct, frozen=True):
    """A seller's rows of one entry, as far as they share category, channel and region. Credit positive."""

    party: str
    amounts: Mapping[str, int]
    category: str = ""
    channel: str = ""
    region: str = ""


def split_rows(legs: Iterable[Leg], order: Order) -> list[SplitRow]:
    """The rows of every seller's legs: of a quote for a sale, of a portion (with what is kept) for a refund."""
    facts = {line.line: tuple({**order.facts, **line.facts}.get(name, "") for name in _FACTS) for line in order.lines}
    groups: dict[tuple[str, tuple[str, ...]], list[Leg]] = {}
    for leg in legs:
        if leg.party is not None:
            groups.setdefault((leg.party, facts.get(leg.line, ("", "", ""))), []).append(leg)
    found = [
        SplitRow(party, {row: amount for row, amount in rows_of_legs(own, party).items() if amount}, *of)
        for (party, of), own in sorted(groups.items())
    ]
    return [row for row in found if row.amounts]


def record(connection: Connection, ledger_id: int, rows: Mapping[str, Sequence[SplitRow]]) -> None:
    """Keeps the rows of entries by the entries' keys, in the unit of work that posts them. Again changes nothing."""
    flat = [(key, row) for key, listed in rows.items() for row in listed]
    if not flat:
        return
    connection.execute(
        _SQL.insert_split_rows,
        {
            "ledger": ledger_id,
            "keys": [key for key, _ in flat],
            "parties": [row.party for _, row in flat],
            "categories": [row.category for _, row in flat],
            "channels": [row.channel for _, row in flat],
            "regions": [row.region for _, row in flat],
            "amounts": [msgspec.json.encode(row.amounts).decode() for _, row in flat],
        },
    )
