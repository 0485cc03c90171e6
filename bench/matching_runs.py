"""Runs that are measured in a process of their own, so that their memory is theirs.

    python -m bench.matching_runs chain|pair|bare FOLDER MEMORY

Prints the seconds from Parquet to Parquet and the peak of resident memory in MiB.
"""

# ruff: noqa: S608 -- the files and numbers in the statements are our own

import json
import resource
import subprocess
import sys
from pathlib import Path

from bench.lab import stopwatch
from bench.matching_world import World

THREADS = 2


def measured(what: str, made: World, memory: str = "3GB") -> dict[str, float]:
    """Seconds and MiB of one run."""
    command = [sys.executable, "-m", "bench.matching_runs", what, str(made.folder), memory]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent)
    found: dict[str, float] = json.loads(told.stdout)
    return found


def _chain(made: World, memory: str) -> None:
    from tieout.app import matching

    files = made.sales, made.gateway, made.bank
    matching.match_chain(*files, out=made.folder / "out", parquet=True, threads=THREADS, memory=memory)


def _pair(made: World, memory: str) -> None:
    from tieout.app import matching

    out = made.folder / "out"
    matching.match(made.sales, made.gateway, out=out, parquet=True, threads=THREADS, memory=memory)


def _bare(made: World, memory: str) -> None:
    """The two joins whose results are the matches of both legs, and nothing else: no check, no case, no reason."""
    import duckdb

    config: dict[str, str | bool | int | float | list[str]] = {
        "threads": THREADS,
        "memory_limit": memory,
        "temp_directory": str(made.folder),
    }
    with duckdb.connect(config=config) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(
            "copy (select s.id as left_id, g.id as right_id, s.amount, g.amount as other, coalesce(s.currency,"
            f" g.currency) as currency from '{made.sales}' s full join '{made.gateway}' g on s.reference = g.reference)"
            f" to '{made.folder}/bare_sold.parquet' (format parquet)"
        )
        connection.execute(
            "copy (select g.id as left_id, b.id as right_id, g.amount, b.amount as other, g.currency"
            f" from '{made.gateway}' g full join '{made.bank}' b on g.batch = b.reference)"
            f" to '{made.folder}/bare_paid.parquet' (format parquet)"
        )


def main(arguments: list[str]) -> int:
    """Runs one and says what it took."""
    what, folder, memory = arguments
    made = World(Path(folder), 0)
    with stopwatch() as seconds:
        {"chain": _chain, "pair": _pair, "bare": _bare}[what](made, memory)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"s": seconds[0], "MiB": peak}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
