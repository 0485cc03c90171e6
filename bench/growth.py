"""How the ledger's figures grow with its lines: measures at 1, 3 and 10 million and draws them.

    python -m bench.growth

Writes `bench/results/growth.json`, `docs/images/ledger-growth.svg` (how long a question takes) and
`docs/images/ledger-throughput.svg` (how much is posted and verified in a second). It needs some 10 GB of disk for a
while.
"""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from functools import partial

from bench import ledger_verify
from bench.lab import TALK, Lab, machine
from bench.ledger_balances import books, one_balance, sum_account, sum_lines, trial_balance
from bench.ledger_posting import Posting
from bench.run import FOLDER, RESULTS
from tieout.app import Settings, Tieout

SIZES = (1_000_000, 3_000_000, 10_000_000)
IMAGES = FOLDER.parent / "docs" / "images"
#: Name of a line in a drawing -> its figure at each size.
Series = Mapping[str, Sequence[float]]
_MILLISECONDS = ("balance as of a day", "its sum from the index", "trial balance", "its sum from the lines")
_PER_SECOND = ("lines verified", "lines read bare", "entries posted in bulk", "entries inserted bare")

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 720, 380, 64, 250, 24, 48
_COLOURS = ("#1b6e53", "#8a8f98", "#1f5fa8", "#b9a06a")


def balances(lab: Lab, lines: int) -> dict[str, float]:
    """Milliseconds of a balance and its sum, of a trial balance and its sums, over so many lines."""
    with books(lines) as made:
        made.close_months()
        one = lab.pairs("balance", partial(one_balance, made), partial(sum_account, made))["ms"]
        whole = lab.pairs("trial balance", partial(trial_balance, made), partial(sum_lines, made))["ms"]
    return {name: round(value, 2) for name, value in zip(_MILLISECONDS, (*one, *whole), strict=True)}


def throughput(lab: Lab, lines: int) -> dict[str, float]:
    """Lines verified and entries posted per second in books of so many lines, each beside its bare baseline."""
    with ledger_verify.books(lines) as (url, home):
        verified = ledger_verify.verifying(lab, url, home)["lines per second"]
        with Tieout.open(Settings(home=home, database_url=url)) as app:
            posting = Posting(app, url)
            posted = lab.pairs("bulk posting", posting.bulk, posting.bulk_bare)["per second"]
    return {name: round(value) for name, value in zip(_PER_SECOND, (*verified, *posted), strict=True)}


def write(found: Mapping[str, Series]) -> str:
    """Keeps the figures of all sizes and draws them; returns them as text."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps({"machine": machine(), "lines": SIZES, **found}, indent=2)
    (RESULTS / "growth.json").write_text(text + "\n", "utf-8")
    title = "Milliseconds of a balance and of a trial balance, over lines in the ledger"
    (IMAGES / "ledger-growth.svg").write_text(draw(title, SIZES, found["milliseconds"], "ms"), "utf-8")
    title = "Lines verified and entries posted per second, over lines in the ledger"
    (IMAGES / "ledger-throughput.svg").write_text(draw(title, SIZES, found["per second"], "/s"), "utf-8")
    return text


def draw(title: str, sizes: Sequence[int], series: Series, unit: str) -> str:
    """A chart over lines, both scales logarithmic, with each line named at its end."""
    low = math.floor(math.log10(min(min(values) for values in series.values())))
    high = math.ceil(math.log10(max(max(values) for values in series.values())))
    near, far = math.log10(sizes[0]), math.log10(sizes[-1])

    def x(size: int) -> float:
        return _LEFT + (math.log10(size) - near) / (far - near) * (_WIDTH - _LEFT - _RIGHT)

    def y(value: float) -> float:
        return _TOP + (high - math.log10(value)) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    box = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" font-size="13" font-family="system-ui, sans-serif"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {box}><title>{title}</title>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
    ]
    for power in range(low, high + 1):
        level = y(10.0**power)
        parts.append(f'<path d="M{_LEFT} {level:.1f}H{_WIDTH - _RIGHT}" stroke="#e3e5e8"/>')
        parts.append(_text(_LEFT - 8, level + 4, f"{10.0**power:,.10g} {unit}", "end"))
    parts += [_text(x(size), _HEIGHT - _BOTTOM + 22, f"{size // 1_000_000} M lines", "middle") for size in sizes]
    for (name, values), colour in zip(series.items(), _COLOURS, strict=True):
        points = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in zip(sizes, values, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x(size):.1f}" cy="{y(value):.1f}" r="3" fill="{colour}"/>'
            for size, value in zip(sizes, values, strict=True)
        ]
        parts.append(_text(x(sizes[-1]) + 10, y(values[-1]) + 4, f"{name}: {values[-1]:,.10g} {unit}", "start", colour))
    return "\n".join([*parts, "</svg>", ""])


def _text(x: float, y: float, words: str, anchor: str, colour: str = "#40464f") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{words}</text>'


def main() -> int:
    """Measures, writes, draws."""
    lab = Lab(3)
    measured = {
        "milliseconds": [balances(lab, lines) for lines in SIZES],
        "per second": [throughput(lab, lines) for lines in SIZES],
    }
    found = {kind: {name: [row[name] for row in rows] for name in rows[0]} for kind, rows in measured.items()}
    TALK.print(write(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
