"""The truth about two files: which allocations are right, and what may be said of every row."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.recon3w.bank import KNOWN_CHARGES
from bench.recon3w.causes import AMBIGUOUS, KEYED, MISSING, NOT_ARRIVED, TIMING, UNKEYED, Cause
from bench.recon3w.corrupt import TOLERANCE
from bench.recon3w.rows import LEFT, RIGHT, Group, Row, View
from bench.recon3w.shape import EXPONENTS

COPY = ("duplicate", "statement_overlap")
CONFLICTING = ("id_conflict", "late_correction", "content_changed", "duplicate")
BEFORE = 2
"""Days that a right row may come before its left one, by the clocks."""


@dataclass(frozen=True, slots=True)
class Item:
    """A row and what may be said of it; `copies` are further rows under its id, of which `copy_says` holds."""

    amount: int
    currency: str
    cause: str
    admitted: tuple[str, ...]
    copies: int = 0
    copy_says: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Edge:
    """An allocation: what of the left row, and of the right one. With `exact` unset only the sums are known.

    `posts`: it may be posted; otherwise the partner is right and a person has to decide.
    """

    left: int
    right: int
    exact: bool = True
    posts: bool = True


@dataclass(slots=True)
class Truth:
    """Everything a score needs: items by (side, id), edges by (left id, right id)."""

    items: dict[tuple[str, str], Item] = field(default_factory=dict)
    edges: dict[tuple[str, str], Edge] = field(default_factory=dict)

    def partners(self) -> Mapping[tuple[str, str], set[str]]:
        """Item -> ids of its true partners."""
        found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for left, right in self.edges:
            found[LEFT, left].add(right)
            found[RIGHT, right].add(left)
        return found

    def write(self, folder: Path) -> None:
        """As items.csv and allocations.csv."""
        with (folder / "items.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(("side", "id", "amount_minor", "currency", "cause", "admitted", "copies", "copy_says"))
            for (side, id), item in self.items.items():
                admitted, copy_says = "|".join(item.admitted), "|".join(item.copy_says)
                rows.writerow((side, id, item.amount, item.currency, item.cause, admitted, item.copies, copy_says))
        with (folder / "allocations.csv").open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(("left", "right", "amount_minor", "right_amount_minor", "exact", "posts"))
            for (left, right), edge in self.edges.items():
                rows.writerow((left, right, edge.left, edge.right, int(edge.exact), int(edge.posts)))


def read(folder: Path) -> Truth:
    """The truth that was written to a folder."""
    truth = Truth()
    with (folder / "items.csv").open(newline="", encoding="utf-8") as file:
        for side, id, amount, currency, cause, admitted, copies, copy_says in list(csv.reader(file))[1:]:
            said = tuple(copy_says.split("|")) if copy_says else ()
            item = Item(int(amount), currency, cause, tuple(admitted.split("|")), int(copies), said)
            truth.items[side, id] = item
    with (folder / "allocations.csv").open(newline="", encoding="utf-8") as file:
        for left, right, of_left, of_right, exact, posts in list(csv.reader(file))[1:]:
            truth.edges[left, right] = Edge(int(of_left), int(of_right), exact == "1", posts == "1")
    return truth


def tell(view: View, sla_days: int) -> Truth:
    """The truth about what is visible of a view on its last day."""
    truth = Truth()
    causes = KEYED if view.keyed else UNKEYED
    for group in view.groups:
        lefts = [row for row in group.lefts if visible(row, view.as_of)]
        rights = [row for row in group.rights if visible(row, view.as_of)]
        name = _now(group, lefts, rights)
        cause = causes[name]
        for side, rows, says in ((LEFT, lefts, cause.left), (RIGHT, rights, cause.right)):
            for row in rows:
                truth.items[side, row.id] = _item(row, says, name, view.as_of, sla_days)
        if lefts and rights:
            _allocate(truth, cause, lefts, rights)
    _admit_lookalikes(truth, view, sla_days)
    return truth


def visible(row: Row, as_of: int) -> bool:
    """Whether the row is in its file by then."""
    return not row.hidden and row.arrival <= as_of


def _now(group: Group, lefts: list[Row], rights: list[Row]) -> str:
    """The cause under which a group stands with what is visible of it."""
    name = group.cause
    if not rights:
        return name if name in ("unpaid", "payout_lost", "gap") else "lost_right"
    if not lefts:
        if len(group.lefts) > 3:
            return "lines_lost"
        return name if name in ("stranger", "uncorrected") else "lost_left"
    if len(lefts) + len(rights) == len(group.lefts) + len(group.rights):
        return name
    if sum(row.amount for row in lefts) == sum(row.amount for row in rights) and len(lefts) == len(group.lefts):
        return name
    return "broken" if len(group.lefts) > 3 else "partly"


def _item(row: Row, says: tuple[str, ...], cause: str, as_of: int, sla_days: int) -> Item:
    aged = TIMING if as_of - row.day <= sla_days else MISSING
    admitted = tuple(dict.fromkeys(aged if word == NOT_ARRIVED else word for word in row.says or says))
    same = all(amount == row.amount for amount, _ in row.copies)
    copy_says = () if not row.copies else COPY if same else CONFLICTING
    return Item(row.amount, row.currency, cause, admitted, len(row.copies), copy_says)


def _allocate(truth: Truth, cause: Cause, lefts: list[Row], rights: list[Row]) -> None:
    """The edges of a group: each row of the many gives its own amount; of many to many only the sums are known."""
    single = len(lefts) == len(rights) == 1
    for left in lefts:
        for right in rights:
            if single:
                edge = Edge(left.amount, right.amount, posts=cause.posts)
            elif len(rights) == 1:
                edge = Edge(left.amount, left.amount, posts=cause.posts)
            elif len(lefts) == 1:
                edge = Edge(right.amount, right.amount, posts=cause.posts)
            else:
                edge = Edge(left.amount, right.amount, exact=False, posts=cause.posts)
            truth.edges[left.id, right.id] = edge


def _admit_lookalikes(truth: Truth, view: View, sla_days: int) -> None:
    """Where nothing names the partner, who has a lookalike in reach may be called ambiguous.

    The candidates of a row are those of the other side with its amount, or what a known charge or rounding makes of
    it, from two days before to the agreed days after it. A row is told apart only if its partner is its one candidate
    and it is its partner's. Where references name partners, this is only about rows whose partner no reference names,
    and one of the two must lack its own.
    """
    rows: dict[str, list[Row]] = {LEFT: [], RIGHT: []}
    for group in view.groups:
        for side, found in ((LEFT, group.lefts), (RIGHT, group.rights)):
            for row in found:
                if visible(row, view.as_of) and not (view.keyed and _named(truth.items[side, row.id])):
                    rows[side].append(row)
    lefts, rights = _near(rows[LEFT], rows[RIGHT], sla_days, keyed=view.keyed)
    crowd = {(LEFT, id): found for id, found in lefts.items()} | {(RIGHT, id): found for id, found in rights.items()}
    partners = truth.partners()
    for (side, id), item in truth.items.items():
        candidates = crowd.get((side, id), set())
        other = RIGHT if side == LEFT else LEFT
        alone = all(crowd.get((other, candidate), set()) <= {id} for candidate in candidates)
        if candidates <= partners.get((side, id), set()) and alone:
            continue
        words = tuple(dict.fromkeys((*item.admitted, *AMBIGUOUS)))
        truth.items[side, id] = Item(item.amount, item.currency, item.cause, words, item.copies, item.copy_says)


def _named(item: Item) -> bool:
    """Whether a reference names the row's partner, as far as it has one."""
    return item.cause not in ("null", "lost_right", "lost_left", "gap", "stranger", "unpaid")


def _key(row: Row) -> bool:
    """Whether the row carries a reference, in its field or in its text."""
    return bool(row.reference or row.batch) or any(token in row.description for token in ("po_", "ch_", "re_"))


def _near(
    lefts: Iterable[Row], rights: Iterable[Row], sla_days: int, *, keyed: bool
) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Candidates of each side's rows by amount and day; where keys are used, of a row without one or for such a row."""
    by_amount: defaultdict[tuple[str, int], list[Row]] = defaultdict(list)
    for row in rights:
        by_amount[row.currency, row.amount].append(row)
    found: tuple[dict[str, set[str]], dict[str, set[str]]] = ({}, {})
    for left in lefts:
        charges = KNOWN_CHARGES if EXPONENTS[left.currency] else ()
        offs = {*range(-TOLERANCE, TOLERANCE + 1), *(-charge for charge in charges)}
        for off in offs:
            for right in by_amount.get((left.currency, left.amount + off), ()):
                if -BEFORE <= right.day - left.day <= sla_days and not (keyed and _key(left) and _key(right)):
                    found[0].setdefault(left.id, set()).add(right.id)
                    found[1].setdefault(right.id, set()).add(left.id)
    return found


def census(truth: Truth) -> Counter[str]:
    """How many rows stand under each cause."""
    return Counter(item.cause for item in truth.items.values())
