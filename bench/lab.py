"""What a group of benchmarks measures with: figures with limits, and runs paired with a bare baseline."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console

TALK = Console(stderr=True)


@dataclass(frozen=True)
class Figure:
    """One measured figure. `limit` is what it must not exceed, or, if `higher_is_better`, what it must reach.

    `baseline` is the bare way, in the same unit, measured in the same run.
    """

    name: str
    value: float
    unit: str
    limit: float
    baseline: float
    higher_is_better: bool = field(default=False, repr=False)

    @property
    def holds(self) -> bool:
        """Whether the figure keeps its limit."""
        return self.value >= self.limit if self.higher_is_better else self.value <= self.limit


class Lab:
    """What a group measures with."""

    def __init__(self, times: int) -> None:
        self.times = times

    def pairs(
        self, what: str, subject: Callable[[], dict[str, float]], baseline: Callable[[], dict[str, float]]
    ) -> dict[str, tuple[float, float]]:
        """Runs subject and baseline in turn and returns (median, median of the baseline) of each figure they name."""
        subjects: list[dict[str, float]] = []
        baselines: list[dict[str, float]] = []
        with TALK.status(what) as status:
            for number in range(1, self.times + 1):
                status.update(f"{what}, run {number} of {self.times}")
                subjects.append(subject())
                status.update(f"{what}, baseline {number} of {self.times}")
                baselines.append(baseline())
        names = subjects[0].keys()
        assert names == baselines[0].keys(), "a baseline measures what its subject measures"
        return {name: (_median(subjects, name), _median(baselines, name)) for name in names}


def _median(runs: list[dict[str, float]], name: str) -> float:
    return statistics.median(run[name] for run in runs)


@contextmanager
def stopwatch() -> Iterator[list[float]]:
    """Puts the seconds the block took into the list it gives."""
    seconds: list[float] = []
    began = time.perf_counter()
    yield seconds
    seconds.append(time.perf_counter() - began)


def machine() -> str:
    """What it was measured on, without saying whose it is."""
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    system = f"{platform.system()} {platform.machine()}"
    return f"{cores} cores, {gibibytes:.0f} GiB, {system}, Python {platform.python_version()}"
