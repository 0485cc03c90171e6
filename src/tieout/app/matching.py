"""Comparing two files row by row, without any books: what ties, what does not, and why.

    from tieout.app import matching

    summary = matching.match(Path("shop.csv"), Path("bank.csv"), out=Path("result"))
    summary.is_whole            # False if anything is open
    summary.open                # reasons, with rows and money

docs/howto/match-two-files.md has the columns and what the answers mean.
"""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from tieout.reconciliation.matching.dialect import Duck
from tieout.reconciliation.matching.run import Counted, Opened, Outcome, Tied, run
from tieout.reconciliation.matching.side import load
from tieout.reconciliation.matching.spark import Spark
from tieout.reconciliation.matching.table import mapping_of
from tieout.reconciliation.matching.write import unfinished, write


class Summary(Struct, frozen=True):
    """What a comparison came to. Totals are minor units per currency; `result_hash` covers every field of every row."""

    left_file: str
    right_file: str
    left: tuple[Counted, ...]
    right: tuple[Counted, ...]
    tied: tuple[Tied, ...]
    open: tuple[Opened, ...]
    engine: str
    engine_version: str
    result_hash: str

    @property
    def is_whole(self) -> bool:
        """Whether every row is posted: no case, no proposal."""
        return not self.open and all(tied.status == "posted" for tied in self.tied)


def match(
    left: Path, right: Path, *, out: Path | None = None, left_map: Mapping[str, str] | None = None,
    right_map: Mapping[str, str] | None = None, parquet: bool = False, threads: int = 0, memory: str = "",
    engine: str = "duckdb", master: str = "local[*]",
) -> Summary:  # fmt: skip
    """Compares two files, CSV or Parquet; with `out`, writes matches, cases and summary.json there.

    `left_map` is our column -> the file's. `memory` is a limit such as “4GB”, past which it spills to disk. Raises
    BadInput for a file that has a row without a usable value, with its row and column.
    """
    spill = Path(tempfile.mkdtemp(prefix="tieout-"))
    dialect: Duck | Spark | None = None
    try:
        dialect = Spark(spill, master=master) if engine == "spark" else Duck(spill, threads=threads, memory=memory)
        sides = load(dialect, "left", left, left_map or {}), load(dialect, "right", right, right_map or {})
        outcome = run(dialect, *sides)
        summary = _summary(left, right, outcome)
        if out is not None:
            with unfinished(out) as folder:
                write(dialect, outcome, folder, summary, parquet=parquet)
        return summary
    finally:
        if dialect is not None:
            dialect.close()
        shutil.rmtree(spill, ignore_errors=True)


def _summary(left: Path, right: Path, outcome: Outcome) -> Summary:
    return Summary(
        left.name, right.name, outcome.left, outcome.right, outcome.tied, outcome.open, outcome.engine, outcome.version,
        outcome.hash,
    )  # fmt: skip


__all__ = ["Counted", "Opened", "Summary", "Tied", "mapping_of", "match"]
