"""A keyed world for the benchmarks of matching, as Parquet: sales, a gateway's lines in payouts, and a bank's lines.

Of the sales 0.3 % are missing, of the gateway's lines 0.2 %, and 0.05 % are off by a minor unit. A payout has some
2,000 lines, and the bank has one line for each. The lines of the gateway come in another order than the sales.
"""

# ruff: noqa: S608 -- the files and numbers in the statements are our own

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_LINES_A_PAYOUT = 2000


@dataclass(frozen=True)
class World:
    """The three files, and how many lines the longer ones have at most."""

    folder: Path
    lines: int

    @property
    def sales(self) -> Path:
        """What was sold."""
        return self.folder / "sales.parquet"

    @property
    def gateway(self) -> Path:
        """What the gateway settled, each line in a payout."""
        return self.folder / "gateway.parquet"

    @property
    def bank(self) -> Path:
        """What arrived: one line a payout."""
        return self.folder / "bank.parquet"


@contextmanager
def world(lines: int, *, keyed: bool = True) -> Iterator[World]:
    """Writes a world of so many lines a side and forgets it afterwards. If not keyed, no line has a key."""
    import duckdb

    folder = Path(tempfile.mkdtemp(prefix="tieout-bench-"))
    made = World(folder, lines)
    reference = "'ch_' || printf('%016x', hash(i + 13))" if keyed else "cast(null as varchar)"
    batch = f"'po_' || printf('%08x', i // {_LINES_A_PAYOUT})" if keyed else "cast(null as varchar)"
    amount = "cast(500 + hash(i) % {spread} + {off} as decimal(18, 0)) * 0.01"
    # Un-keyed lines are told apart by amount: of few amounts a day, no two lines could be.
    spread = 30_000 if keyed else 1_000_000_000
    off = "case when hash(i * 7 + 1) % 2000 = 0 then 1 else 0 end"
    day = f"date '2026-01-01' + cast(i * 365 // {lines} as integer)"
    try:
        with duckdb.connect(config={"temp_directory": str(folder), "memory_limit": "3GB"}) as connection:
            connection.execute("set preserve_insertion_order = false")
            connection.execute(
                f"copy (select 'S' || lpad(cast(i as varchar), 9, '0') as id, {day} as date,"
                f" {amount.format(spread=spread, off=off)} as amount, 'EUR' as currency, {reference} as reference,"
                f" cast(null as varchar) as batch, 'Order ' || i as description from range({lines}) as r(i)"
                f" where hash(i + 5) % 1000 >= 3) to '{made.sales}' (format parquet)"
            )
            connection.execute(
                f"copy (select 'G' || lpad(cast(i as varchar), 9, '0') as id, {day} + 1 as date,"
                f" {amount.format(spread=spread, off=0)} as amount, 'EUR' as currency, {reference} as reference,"
                f" {batch} as batch, 'charge' as description from (select (r * 7919 + 17) % {lines} as i"
                f" from range({lines}) as t(r)) where hash(i + 6) % 1000 >= 2) to '{made.gateway}' (format parquet)"
            )
            connection.execute(
                f"copy (select 'B' || row_number() over (order by batch) as id, max(date) + 2 as date,"
                f" sum(amount) as amount, 'EUR' as currency, batch as reference, cast(null as varchar) as batch,"
                f" 'PAYOUT' as description from '{made.gateway}' where batch is not null group by batch)"
                f" to '{made.bank}' (format parquet)"
            )
        yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)
