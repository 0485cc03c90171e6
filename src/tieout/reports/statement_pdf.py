"""Statements as PDF: the figures and words of a seller's statement, ready to be placed on pages.

Nothing on the page is of the moment it was made: the statement's own days are its only dates.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from tieout.model.bucket import Bucket
from tieout.model.money import display
from tieout.model.owed import SellerStatement, StatementRow, Withheld
from tieout.reports.typeset import typeset

#: How many statements are made ahead of the one that is taken, for each worker.
_AHEAD = 8


def pdf(statement: SellerStatement) -> bytes:
    """The statement as a PDF; the same statement gives the same bytes."""
    return typeset("statement", page_of(statement))


def printed(statements: Iterable[SellerStatement], workers: int = 2) -> Iterator[bytes]:
    """Statements as PDF, in their order, made by so many at once and never many more than are asked for."""
    waiting: deque[Future[bytes]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for statement in statements:
            waiting.append(pool.submit(pdf, statement))
            if len(waiting) > workers * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def page_of(statement: SellerStatement) -> dict[str, Any]:
    """What the template `statement.typ` places: text, and nothing to work out."""
    period = f"{statement.since} to {statement.until}"
    until = statement.until
    return {
        "title": f"Statement of {statement.name}, {period}, {statement.currency}",
        "author": statement.ledger,
        "dated": [until.year, until.month, until.day],
        "foot": f"{statement.name} · {period} · {statement.currency}",
        "heading": f"Statement {period}",
        "name": statement.name,
        "party": statement.party,
        "currency": statement.currency,
        "closing": {
            "label": f"Owed at the end of {until}",
            "figure": display(statement.closing_minor, statement.currency),
        },
        "balances": _balances(statement),
        "sentences": sentences_of(statement),
        "movements": _movements(statement),
        "note": "",
    }


def sentences_of(statement: SellerStatement) -> list[str]:
    """When the next payout is, and why the rest is not payable yet."""
    found = []
    if statement.expected_on is not None and statement.expected_minor > 0:
        amount = f"{display(statement.expected_minor, statement.currency)} {statement.currency}"
        found.append(f"Next payout: {amount} on {statement.expected_on}, if nothing moves until then.")
    elif statement.expected_why:
        found.append(f"Next payout: none yet. {statement.expected_why}")
    return [*found, *(_why(one, statement.currency) for one in statement.withheld)]


def _why(one: Withheld, currency: str) -> str:
    amount = "Everything" if one.amount_minor is None else f"{display(one.amount_minor, currency)} {currency}"
    until = f", until {one.until}" if one.until else ""
    return f"{amount}{until}: {one.why.rstrip('.')}."


def _balances(statement: SellerStatement) -> dict[str, Any]:
    def figures(*minor: int) -> list[str]:
        return [display(amount, statement.currency) for amount in minor]

    rows = [
        [row.bucket.value.replace("_", " ").capitalize(),
         *figures(row.opening_minor, row.in_minor, row.out_minor, row.closing_minor)]
        for row in statement.buckets
    ]  # fmt: skip
    came, went = (sum(getattr(row, side) for row in statement.buckets) for side in ("in_minor", "out_minor"))
    total = figures(statement.opening_minor, came, went, statement.closing_minor)
    head = ["Bucket", f"Before {statement.since}", "In", "Out", f"End of {statement.until}"]
    return {"title": "Balances", "head": head, "rows": rows, "sum": ["In all", *total]}


def _movements(statement: SellerStatement) -> dict[str, Any]:
    used = [bucket for bucket in Bucket if any(bucket in row.moved_minor for row in statement.rows)]
    groups: dict[str, list[Sequence[str]]] = {}
    for row in statement.rows:
        groups.setdefault(row.reference, []).append(_cells(row, used, statement.currency))
    sums = [sum(row.moved_minor.get(bucket, 0) for row in statement.rows) for bucket in used]
    total = sum(row.total_minor for row in statement.rows)
    return {
        "title": "Movements by order",
        "nothing": "Nothing moved.",
        "head": ["Day", "What", *(bucket.value.replace("_", " ").capitalize() for bucket in used), "Owed"],
        "groups": [{"name": _named(name), "rows": rows} for name, rows in groups.items()],
        "sum": ["In all", *(display(amount, statement.currency) for amount in (*sums, total))],
    }


def _named(reference: str) -> str:
    kind, colon, value = reference.partition(":")
    return f"{kind.replace('_', ' ').capitalize()} {value}" if colon else reference or "Other"


def _cells(row: StatementRow, used: Sequence[Bucket], currency: str) -> list[str]:
    parts = " · ".join(
        f"{name.replace('_', ' ')} {display(amount, currency)}" for name, amount in row.parts_minor.items()
    )
    moved = [display(row.moved_minor[b], currency) if b in row.moved_minor else "" for b in used]
    return [str(row.day), row.what, parts, *moved, display(row.total_minor, currency) if row.total_minor else ""]
