"""Runs one group of benchmarks, or all: every figure the README quotes comes from here.

    python -m bench.run [NAME] [--times N]

A group is a file `bench/group_NAME.py` with a function `measure(lab) -> list[Figure]`. What it measures is run
several times, each time right beside a bare baseline: the least work that could have the same outcome. Both are
quoted as medians, so a slow machine or a busy minute shows in both. The figures go to `bench/results/NAME.json`.
"""

import argparse
import importlib.util
import json
import sys
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.lab import TALK, Figure, Lab, machine

FOLDER = Path(__file__).resolve().parent
RESULTS = FOLDER / "results"


def groups() -> dict[str, Path]:
    """Name -> file of every group."""
    return {path.stem.removeprefix("group_"): path for path in sorted(FOLDER.glob("group_*.py"))}


def measure(name: str, path: Path, lab: Lab) -> list[Figure]:
    """The figures of one group."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    figures: list[Figure] = module.measure(lab)
    assert figures, f"group {name} measured nothing"
    return figures


def write(name: str, figures: list[Figure]) -> Path:
    """Writes the figures of a group, whole or not at all."""
    rows = [{**asdict(figure), "holds": figure.holds, "machine": machine()} for figure in figures]
    order = ("name", "value", "unit", "limit", "holds", "baseline", "machine")
    RESULTS.mkdir(exist_ok=True)
    unfinished = RESULTS / f"{name}.json.tmp"
    text = json.dumps([{key: row[key] for key in order} for row in rows], indent=2, ensure_ascii=False)
    unfinished.write_text(text + "\n", "utf-8")
    return unfinished.rename(RESULTS / f"{name}.json")


def show(name: str, figures: list[Figure]) -> None:
    """Prints the figures as a table."""
    table = Table(title=f"{name} ({machine()})", title_justify="left")
    for column in ("figure", "value", "limit", "baseline", "unit", "holds"):
        table.add_column(column, justify="right" if column in ("value", "limit", "baseline") else "left")
    for figure in figures:
        bound = "≥" if figure.higher_is_better else "≤"
        holds = "yes" if figure.holds else "NO"
        cells = (f"{figure.value:,.1f}", f"{bound} {figure.limit:,.1f}", f"{figure.baseline:,.1f}")
        table.add_row(figure.name, *cells, figure.unit, holds)
    Console().print(table)


def main(arguments: list[str]) -> int:
    """Measures; 1 if a limit does not hold, 2 if there is no such group."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="?", help="one group; without it all are measured")
    parser.add_argument("--times", type=int, default=3, help="how often each pair is run")
    options = parser.parse_args(arguments)
    known = groups()
    if options.name and options.name not in known:
        TALK.print(f"There is no group “{options.name}”. There are: {', '.join(known)}.")
        return 2
    held = True
    for name in [options.name] if options.name else known:
        figures = measure(name, known[name], Lab(options.times))
        write(name, figures)
        show(name, figures)
        held = held and all(figure.holds for figure in figures)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
