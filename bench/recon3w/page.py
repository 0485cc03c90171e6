"""The generated parts of docs/explanation/recon-3w.md: results, hashes, and what is admitted of each cause.

python -m bench.recon3w page          writes them anew from bench/results/recon3w.json
"""

import hashlib
import json
import re
import tempfile
from pathlib import Path
from typing import Any

from bench.recon3w import baselines, report
from bench.recon3w.causes import KEYED, UNKEYED, Cause
from bench.recon3w.regimes import REGIMES, make

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "explanation" / "recon-3w.md"
RESULTS = ROOT / "bench" / "results" / "recon3w.json"
HASHES = Path(__file__).with_name("hashes.json")
#: Rows of the problems whose hashes are published, so that a test can make them again.
SIZES = (2_000,)

Table = list[list[str]]


def problem_hash(name: str, items: int) -> str:
    """Sixteen digits over the files and the truth of a regime's held-out problem."""
    with tempfile.TemporaryDirectory(prefix="tieout-recon3w-") as folder:
        make(name, "medium", report.HELD_OUT, items).write(Path(folder))
        content = b"".join(path.read_bytes() for path in sorted(Path(folder).iterdir()))
    return hashlib.sha256(content).hexdigest()[:16]


def write_hashes() -> None:
    """Writes hashes.json anew."""
    found = {str(items): {name: problem_hash(name, items) for name in REGIMES} for items in SIZES}
    HASHES.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


def markdown(head: list[str], rows: Table) -> str:
    """A table; all but the first column are figures."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def render(name: str, figures: dict[str, dict[str, Any]]) -> str:
    """One generated part."""
    parts = {
        "results": _results, "baselines": _baselines, "passes": _passes, "proofs": _proofs, "timing": _timing,
    }  # fmt: skip
    if name == "causes":
        return _causes()
    if name == "hashes":
        known = json.loads(HASHES.read_text("utf-8"))
        head = ["regime", *(f"{items:,} rows" for items in SIZES)]
        return markdown(head, [[regime, *(f"`{known[str(items)][regime]}`" for items in SIZES)] for regime in REGIMES])
    return parts[name](figures)


def _value(figures: dict[str, dict[str, Any]], name: str, places: int = 2) -> str:
    return f"{figures[name]['value']:,.{places}f}" if name in figures else "–"


def _results(figures: dict[str, dict[str, Any]]) -> str:
    """Every regime at every difficulty."""
    kinds = (
        ("disposition accuracy, lower 95 % bound", 3), ("precision", 3), ("false-match money", 4), ("coverage", 2),
        ("wrong silence", 3), ("noise", 3), ("macro f1", 1), ("rows before a person", 1),
        ("rows", 0),
    )  # fmt: skip
    head = [
        "regime", "right ≥ %", "precision %", "false money %", "coverage %", "wrong silence %", "noise %", "macro F1 %",
        "to a person per 1,000", "rows",
    ]  # fmt: skip
    rows = [
        [f"{name} {difficulty}", *(_value(figures, f"{name} {difficulty}: {kind}", places) for kind, places in kinds)]
        for difficulty in ("medium", "low", "high")
        for name in REGIMES
        if f"{name} {difficulty}: rows" in figures
    ]
    return markdown(head, rows)


def _baselines(figures: dict[str, dict[str, Any]]) -> str:
    """Precision and coverage of everybody, at medium difficulty."""
    methods = [*baselines.METHODS, "Splink"]
    rows = []
    for name in REGIMES:
        label = f"{name} medium"
        mine = [_value(figures, f"{label}: precision", 3), _value(figures, f"{label}: coverage", 1)]
        rows.append([name, " at ".join(mine)])
        for method in methods:
            shares = (("precision", 3), ("coverage", 1))
            rows[-1].append(" at ".join(_value(figures, f"{label}, {method}: {kind}", n) for kind, n in shares))
    return markdown(["regime", "tieout", *methods], rows)


def _passes(figures: dict[str, dict[str, Any]]) -> str:
    """How sure each pass is, where nothing names the partner."""
    rows = []
    for name in ("R4", "R5", "R6", "R7"):
        label = f"{name} medium, pass "
        for key, figure in figures.items():
            if key.startswith(label):
                by = key.removeprefix(label).removesuffix(": right")
                rows.append([name, by, f"{figure['baseline']:,.0f}", f"{figure['value']:.3f}"])
    return markdown(["regime", "pass", "allocations", "right %"], rows)


def _proofs(figures: dict[str, dict[str, Any]]) -> str:
    """Clean worlds, lost rows, shuffles."""
    lost = sum(figure["value"] for name, figure in figures.items() if name.endswith(": rows lost"))
    proof = sum(figure["value"] for name, figure in figures.items() if name.endswith(": proof amount"))
    wrong = sum(figure["value"] for name, figure in figures.items() if name.endswith(": rows wrongly disposed of"))
    hashes = [figure["value"] for name, figure in figures.items() if ": answers to " in name]
    rows = [
        ["rows in no file of the answer, all regimes and difficulties", f"{lost:,.0f}"],
        ["unexplained on clean worlds, in minor units", f"{proof:,.0f}"],
        ["rows wrongly disposed of on clean worlds", f"{wrong:,.0f}"],
        [f"different answers to {report.SHUFFLES} shuffles with one and two threads, at most", f"{max(hashes):,.0f}"],
    ]
    return markdown(["proof", "found"], rows)


def _timing(figures: dict[str, dict[str, Any]]) -> str:
    """What was open one day, days later."""
    rows = []
    for back in report.LATER:
        for truth in ("it came", "it never came"):
            told = [_value(figures, f"T+{back}: said {word}, {truth}", 0) for word in ("settled", "timing", "missing")]
            rows.append([f"T+{back}, {truth}", *told])
    return markdown(["looked at on, in truth", "matched by then", "said: on its way", "said: missing"], rows)


def _causes() -> str:
    """What is admitted, by cause."""

    def words(said: tuple[str, ...]) -> str:
        return ", ".join(f"`{word}`" for word in said) or "–"

    def row(name: str, cause: Cause) -> list[str]:
        return [f"`{name}`", cause.sentence, words(cause.left), words(cause.right)]

    rows = [row(name, cause) for name, cause in KEYED.items()]
    rows += [row(f"{name}` un-keyed`", cause) for name, cause in UNKEYED.items() if cause != KEYED[name]]
    return markdown(["cause", "what happened", "left may be", "right may be"], rows).replace("---:", "---")


def fill(text: str, figures: dict[str, dict[str, Any]]) -> str:
    """The page with its generated parts made anew."""

    def part(found: re.Match[str]) -> str:
        return f"<!-- {found[1]} -->\n\n{render(found[1], figures)}\n\n<!-- end -->"

    return re.sub(r"<!-- (\w+) -->\n.*?<!-- end -->", part, text, flags=re.DOTALL)


def figures() -> dict[str, dict[str, Any]]:
    """What was measured, by name."""
    return {figure["name"]: figure for figure in json.loads(RESULTS.read_text("utf-8"))}


def write() -> None:
    """Writes the page anew."""
    PAGE.write_text(fill(PAGE.read_text("utf-8"), figures()), "utf-8")
