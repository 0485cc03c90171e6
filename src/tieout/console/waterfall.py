"""Draws how a gross amount comes down to a net one. Pure: steps in, SVG text out; no script, no style of its own.

Widths are percentages of whatever room there is, so the text keeps its size on a phone. Each step is a link to the
accounts behind it, named for screen readers; the page shows the same figures as a table beside it.
"""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct

from tieout.console.words import money

_ROW, _BAR = 30, 14
#: Where the plot starts and ends, in hundredths of a per cent of the width; labels stand before, amounts after.
_LEFT, _RIGHT = 2700, 7900


class Step(Struct, frozen=True):
    """One step: minor units, signed; `net` marks the sum of all steps before it."""

    label: str
    amount_minor: int
    href: str
    net: bool = False


def waterfall(steps: Sequence[Step], currency: str, name: str) -> Markup:
    """The figure. `name` is what a screen reader calls it. Nothing to draw gives empty text."""
    if not any(step.amount_minor for step in steps):
        return Markup()
    spans = _spans(steps)
    low = min(min(span) for span in spans)
    high = max(max(span) for span in spans)
    rows = [
        _row(number, step, _place(span[0], low, high), _place(span[1], low, high), currency)
        for number, (step, span) in enumerate(zip(steps, spans, strict=True))
    ]
    joints = [
        _joint(number, _place(span[1], low, high)) for number, span in enumerate(spans[:-1])
    ]  # fmt: skip
    head = Markup('<svg class="waterfall" role="group" aria-label="{}" width="100%" height="{}">')
    return head.format(name, _ROW * len(steps)) + Markup("").join([*joints, *rows]) + Markup("</svg>")


def _spans(steps: Sequence[Step]) -> list[tuple[int, int]]:
    """Where each bar begins and ends, in minor units: where the one before ended; a net bar begins at zero."""
    spans, level = [], 0
    for step in steps:
        start = 0 if step.net else level
        level = start + step.amount_minor
        spans.append((start, level))
    return spans


def _place(amount_minor: int, low: int, high: int) -> int:
    """The place of an amount on the plot, in hundredths of a per cent of the width."""
    low, high = min(low, 0), max(high, 0)
    return _LEFT + (amount_minor - low) * (_RIGHT - _LEFT) // max(high - low, 1)


def _percent(place: int) -> str:
    return f"{place // 100}.{place % 100:02d}%"


def _row(number: int, step: Step, start: int, end: int, currency: str) -> Markup:
    top = number * _ROW
    kind = "net" if step.net else "up" if step.amount_minor > 0 else "down"
    amount = money(step.amount_minor, currency)
    return Markup(
        '<a href="{href}" aria-label="{label} {amount} {currency}">'
        '<rect class="row" x="0" y="{top}" width="100%" height="{row}"/>'
        '<text x="0" y="{text}">{label}</text>'
        '<rect class="{kind}" x="{left}" y="{bar}" width="{width}" height="{thick}"/>'
        '<text class="v" x="100%" y="{text}" text-anchor="end">{amount}</text></a>'
    ).format(
        href=step.href, label=step.label, amount=amount, currency=currency, top=top, row=_ROW, text=top + 19,
        kind=kind, left=_percent(min(start, end)), bar=top + (_ROW - _BAR) // 2, thick=_BAR,
        width=_percent(max(abs(end - start), 20)),
    )  # fmt: skip


def _joint(number: int, place: int) -> Markup:
    """The hairline from the end of a bar to the beginning of the next."""
    top = number * _ROW + (_ROW + _BAR) // 2
    return Markup('<line class="joint" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(
        _percent(place), top, top + _ROW - _BAR
    )
