"""Comparing two files row by row, without any books: what ties, what does not, and why.

    from tieout.app import matching

    summary = matching.match(Path("shop.csv"), Path("bank.csv"), out=Path("result"))
    summary.is_whole            # False if anything is open
    summary.open                # reasons, with rows and money

docs/howto/match-two-files.md has the columns and what the answers mean.
"""

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from tieout.model.error import BadInput
from tieout.reconciliation.matching.dialect import Duck
from tieout.reconciliation.matching.rule import STANDARD, Rules, read_rules
from tieout.reconciliation.matching.run import Counted, Opened, Outcome, Tied, run
from tieout.reconciliation.matching.side import load
from tieout.reconciliation.matching.spark import Spark
from tieout.reconciliation.matching.table import mapping_of
from tieout.reconciliation.matching.write import unfinished, write

_MEMORY = re.compile(r"[0-9]+([.][0-9]+)? ?[KMGT]i?B", re.IGNORECASE)


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


def match(  # noqa: PLR0913 -- the options of one command, by name
    left: Path, right: Path, *, out: Path | None = None, rules: Rules = STANDARD,
    left_map: Mapping[str, str] | None = None, right_map: Mapping[str, str] | None = None, parquet: bool = False,
    threads: int = 0, memory: str = "", engine: str = "duckdb", master: str = "local[*]",
) -> Summary:  # fmt: skip
    """Compares two files, CSV or Parquet; with `out`, writes matches, cases and summary.json there.

    `left_map` is our column -> the file's. `memory` is a limit such as “4GB”, past which it spills to disk. Raises
    BadInput for a file that has a row without a usable value, with its row and column. `engine` is duckdb or spark,
    which runs under `master`; both give the same result, to the hash. Raises SetupError where Spark cannot be had.
    """
    if memory and not _MEMORY.fullmatch(memory):
        raise BadInput(f"“{memory:.20}” is no amount of memory", where="--memory", remedy="Write it like 4GB.")
    spill = Path(tempfile.mkdtemp(prefix="tieout-"))
    dialect: Duck | Spark | None = None
    try:
        dialect = Spark(spill, master=master) if engine == "spark" else Duck(spill, threads=threads, memory=memory)
        sides = load(dialect, "left", left, left_map or {}), load(dialect, "right", right, right_map or {})
        outcome = run(dialect, *sides, rules)
        summary = _summary(left, right, outcome)
        if out is not None:
            with unfinished(out) as folder:
                write(dialect, outcome, folder, summary, parquet=parquet)
        return summary
    finally:
        if dialect is not None:
            dialect.close()
        shutil.rmtree(spill, ignore_errors=True)


class Chain(Struct, frozen=True):
    """Three files compared as two legs: what was sold with the gateway's rows, and these with the bank's."""

    sold: Summary
    paid: Summary

    @property
    def is_whole(self) -> bool:
        """Whether every row of both legs is posted."""
        return self.sold.is_whole and self.paid.is_whole


def match_chain(  # noqa: PLR0913 -- the options of one command, by name  # noqa: PLR0913 -- the options of one command, by name
    sales: Path, gateway: Path, bank: Path, *, out: Path, rules: Rules = STANDARD,
    maps: Sequence[Mapping[str, str]] = ({}, {}, {}), parquet: bool = False, threads: int = 0, memory: str = "",
) -> Chain:  # fmt: skip
    """Compares sales with a gateway's rows and these with the bank's, into the folders `sold` and `paid` of `out`.

    A row of the gateway carries the sale's reference and, as its batch, the payout whose reference stands at the bank.
    """
    ours, theirs, banks = maps
    settings: dict[str, Any] = {"rules": rules, "parquet": parquet, "threads": threads, "memory": memory}
    sold = match(sales, gateway, out=out / "sold", left_map=ours, right_map=theirs, **settings)
    paid = match(gateway, bank, out=out / "paid", left_map=theirs, right_map=banks, **settings)
    return Chain(sold, paid)


def rules_of(path: Path) -> Rules:
    """The rules in a TOML file. Raises BadInput for a file that cannot be read, ConfigError for a rule."""
    try:
        return read_rules(path.read_text("utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        what = f"The rules cannot be read: {getattr(error, 'strerror', None) or 'they are not UTF-8'}"
        raise BadInput(what, where=str(path), remedy="Name a TOML file.") from None


def _summary(left: Path, right: Path, outcome: Outcome) -> Summary:
    return Summary(
        left.name, right.name, outcome.left, outcome.right, outcome.tied, outcome.open, outcome.engine, outcome.version,
        outcome.hash,
    )  # fmt: skip


__all__ = ["Chain", "Counted", "Opened", "Rules", "Summary", "Tied", "mapping_of", "match", "match_chain", "rules_of"]
