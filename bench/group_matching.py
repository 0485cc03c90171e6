"""Matching of files: three keyed files against the bare joins that have the same pairs, and lines without any key.

    make bench ONLY=matching

BENCH_LINES (10 million) is how many lines a side the keyed files have, BENCH_UNKEYED (1 million) the others. The
baseline reads the same Parquet, joins by the same keys and writes its result; it checks nothing and explains nothing.
"""

import os
from functools import partial

from bench.lab import Figure, Lab
from bench.matching_runs import measured
from bench.matching_world import world

LINES = int(os.environ.get("BENCH_LINES", "10_000_000"))
UNKEYED = int(os.environ.get("BENCH_UNKEYED", "1_000_000"))
_TIMES_BARE = 3.0
_MIB = 4096.0
_UNKEYED_SECONDS = 15.0


def measure(lab: Lab) -> list[Figure]:
    """Seconds and memory, each beside the bare joins."""
    millions = LINES / 1_000_000
    with world(LINES) as made:
        keyed = lab.pairs("keyed three-way", partial(measured, "chain", made), partial(measured, "bare", made))
    with world(UNKEYED, keyed=False) as made:
        plain = lab.pairs("un-keyed", partial(measured, "pair", made), partial(measured, "bare", made))
    seconds, bare = keyed["s"]
    memory, bare_memory = keyed["MiB"]
    unkeyed, unkeyed_bare = plain["s"]
    three = f"three keyed files of {millions:g} million lines, from Parquet to matches and cases"
    return [
        Figure(three, seconds, "s", _TIMES_BARE * bare, bare),
        Figure(f"{three}: memory", memory, "MiB", _MIB, bare_memory),
        Figure(f"two files of {UNKEYED / 1_000_000:g} million lines without a key", unkeyed, "s", _UNKEYED_SECONDS,
               unkeyed_bare),
    ]  # fmt: skip
