"""A changed set of rules over all history, beside the rules in force: what would be new, lost, or tied otherwise."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from tieout.db.pool import Connection
from tieout.reconciliation import engine, store
from tieout.reconciliation.engine import Group
from tieout.reconciliation.reconcile import clues_of, engine_item, orders_of_taxes
from tieout.reconciliation.rule import MatchingRules
from tieout.reconciliation.store import ItemRow


class TrialMatch(Struct, frozen=True):
    """A match as a set of rules makes it; `written_off_minor` is its residual, debit positive."""

    pass_id: str
    key: str
    account: str
    currency: str
    amount_minor: int
    items: tuple[int, ...]
    written_off_minor: int = 0


class Changed(Struct, frozen=True):
    """Items that both sets of rules tie, but not the same way."""

    before: TrialMatch
    after: TrialMatch


class Trial(Struct, frozen=True):
    """What a changed set of rules comes to: matches by count, those that differ, and what would be written off."""

    items: int
    same: int
    new: tuple[TrialMatch, ...]
    lost: tuple[TrialMatch, ...]
    changed: tuple[Changed, ...]
    contradicted: tuple[TrialMatch, ...]
    """What the changed rules would tie although a person has taken just that back."""

    def money(self, matches: Iterable[TrialMatch]) -> dict[str, int]:
        """What matches come to, by currency, in minor units."""
        sums: dict[str, int] = {}
        for match in matches:
            sums[match.currency] = sums.get(match.currency, 0) + match.amount_minor
        return sums


def try_rules(connection: Connection, ledger_id: int, now: MatchingRules, changed: MatchingRules) -> Trial:
    """Runs both sets of rules over all items there ever were, as if nothing had been tied. Writes nothing.

    The open items must have been projected before.
    """
    rows = store.open_items(connection, ledger_id, closed_too=True)
    rows = [row for row in rows if row.kind != "case_resolved"]  # what people and write-offs booked would not be there
    by_id = {row.item.id: row for row in rows}
    order_of = orders_of_taxes(connection, ledger_id, rows)
    items = [engine_item(row, order_of, row.item.amount_minor) for row in rows]
    parts, clues = store.parts(connection, ledger_id), clues_of(connection, ledger_id, rows)
    before, after = (engine.run(rules, items, parts, clues).groups for rules in (now, changed))
    undone = store.taken_back(connection, ledger_id)
    return compare([_seen(g, by_id) for g in before], [_seen(g, by_id) for g in after], undone, len(items))


def _seen(group: Group, rows: Mapping[int, ItemRow]) -> TrialMatch:
    side = sum(a.amount_minor for a in group.allocations if a.amount_minor > 0)
    first = rows[group.allocations[0].item_id].item
    items = tuple(sorted(a.item_id for a in group.allocations))
    return TrialMatch(group.pass_.id, group.key, first.account, group.currency, side, items, group.residual_minor)


def compare(
    before: Sequence[TrialMatch], after: Sequence[TrialMatch], undone: set[frozenset[int]], items: int
) -> Trial:
    """What differs between two results. A match over other items than before is changed if they share one."""
    old, new = {m.items: m for m in before}, {m.items: m for m in after}
    lost = [m for m in before if m.items not in new]
    holder = {item: m for m in lost for item in m.items}
    fresh = [m for m in after if m.items not in old]
    changed = [Changed(holder[item], m) for m in fresh if (item := _shared(m, holder)) is not None]
    moved = {c.before.items for c in changed} | {c.after.items for c in changed}
    return Trial(
        items,
        len(before) - len(lost),
        tuple(m for m in fresh if m.items not in moved),
        tuple(m for m in lost if m.items not in moved),
        tuple(changed),
        tuple(m for m in fresh if frozenset(m.items) in undone),
    )


def _shared(match: TrialMatch, holder: Mapping[int, TrialMatch]) -> int | None:
    return next((item for item in match.items if item in holder), None)
