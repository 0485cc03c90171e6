"""One reconciliation run, inside the caller's unit of work: match, name, say what needs a person."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from msgspec import Struct

from tieout.db.pool import Connection
from tieout.model.case import CaseDraft
from tieout.model.match import MatchDraft, NamedItem
from tieout.reconciliation import engine, store
from tieout.reconciliation.name import Name, Patience, Surroundings
from tieout.reconciliation.naming import name_items, name_taken_back
from tieout.reconciliation.rule import MatchingRules
from tieout.reconciliation.store import ItemRow


class Outcome(Struct, frozen=True):
    """What a run did. `names` still lack the numbers of their cases, which the caller raises."""

    run_id: int
    items: int
    matches: int
    result_hash: str
    names: tuple[Name, ...]

    @property
    def cases(self) -> list[CaseDraft]:
        """The cases to raise."""
        return [name.case for name in self.names if name.case is not None]


def reconcile(
    connection: Connection,
    ledger_id: int,
    rules: MatchingRules,
    patience: Mapping[str, Patience],
    as_of: date,
    started_at: datetime,
) -> Outcome:
    """Ties what can be tied without a guess, and names the rest. The open items must have been projected before."""
    rows = store.open_items(connection, ledger_id)
    parts = store.parts(connection, ledger_id)
    clues = _clues(connection, ledger_id, rows)
    order_of = _orders_of_taxes(connection, ledger_id, rows)
    result = engine.run(rules, [_engine_item(row, order_of) for row in rows], parts, clues)
    undone = store.taken_back(connection, ledger_id)
    groups = [group for group in result.groups if _ids(group) not in undone]
    refused = [group for group in result.groups if _ids(group) in undone]
    run_id = store.record_run(
        connection,
        ledger_id,
        {
            "as_of": as_of,
            "started": started_at,
            "engine": result.engine,
            "version": result.version,
            "rules": rules.hash,
            "result": result.hash,
            "items": len(rows),
            "matches": len(groups),
        },
    )
    by_id = {row.item.id: row for row in rows}
    drafts = [(group.account_id, _match(group, by_id)) for group in groups]
    store.record_matches(connection, ledger_id, drafts, run_id, "tieout")
    found = {a.item_id for group in result.groups for a in group.allocations}
    left = [row for row in rows if row.item.id not in found]
    payouts = [row.item.item for row in left if row.role == "payout_in_transit"]
    around = Surroundings(
        as_of=as_of,
        timing=rules.timing,
        patience=patience,
        payout_of=dict(sorted(parts, reverse=True)),
        order_of=order_of,
        composed=frozenset(store.composed(connection, ledger_id)),
        arrival=store.arrival_dates(connection, ledger_id, payouts),
        named_pairs=result.named_pairs,
        credited=_credited(connection, ledger_id, left),
    )
    names = [name_taken_back(_match(group, by_id), [by_id[i] for i in sorted(_ids(group))]) for group in refused]
    names += name_items(left, around)
    return Outcome(run_id, len(rows), len(drafts), result.hash, tuple(names))


def _credited(connection: Connection, ledger_id: int, left: Sequence[ItemRow]) -> dict[int, tuple[str, date]]:
    """Bank lines left over that name a payout which is not: it was credited before."""
    transit = [row.item for row in left if row.role == "payout_in_transit"]
    still = {item.item for item in transit}
    lines = [item.id for item in transit if item.item.startswith("bank_line:")]
    found = store.credited(connection, ledger_id, lines) if lines else {}
    return {line: (payout, day) for line, (payout, day) in found.items() if payout not in still}


def _ids(group: engine.Group) -> frozenset[int]:
    return frozenset(allocation.item_id for allocation in group.allocations)


def record_names(
    connection: Connection, ledger_id: int, outcome: Outcome, number_of: Callable[[CaseDraft], int | None]
) -> None:
    """Stores the names; `number_of` gives the number of the case a draft became."""
    named = [
        NamedItem(row.item.id, name.naming, name.label, name.due, number_of(name.case) if name.case else None)
        for name in outcome.names
        for row in name.items
    ]
    store.replace_names(connection, ledger_id, outcome.run_id, named)


def _orders_of_taxes(connection: Connection, ledger_id: int, rows: Sequence[ItemRow]) -> Mapping[str, str]:
    """The order of each charge and refund in question: a gateway's balance names no orders."""
    if not any(row.role == "facilitator_tax" for row in rows):
        return {}
    names = {row.item.item for row in rows if row.role in ("facilitator_tax", "captured")}
    return store.orders_of(connection, ledger_id, sorted(n for n in names if n.startswith(("charge:", "refund:"))))


def _engine_item(row: ItemRow, order_of: Mapping[str, str]) -> engine.Item:
    """The item as the engine sees it: tax that was withheld goes by its order's name, as the order's own tax does."""
    item = row.item
    name = order_of.get(item.item, item.item) if row.role == "facilitator_tax" else item.item
    side = "bank" if item.item.startswith("bank_line:") else ""
    day = (item.effective_date - date(1970, 1, 1)).days
    return engine.Item(item.id, row.account_id, row.role, item.currency, name, item.open_minor, day, side)


def _clues(connection: Connection, ledger_id: int, rows: Sequence[ItemRow]) -> list[tuple[int, str]]:
    """(item, normalised reference) for payouts in transit and bank lines."""
    transit = [row for row in rows if row.role == "payout_in_transit"]
    payouts: dict[str, list[int]] = {}
    events: dict[int, list[int]] = {}
    for row in transit:
        if not row.item.item.startswith("bank_line:"):
            payouts.setdefault(row.item.item, []).append(row.item.id)
        elif row.item.event_id is not None:
            events.setdefault(row.item.event_id, []).append(row.item.id)
    found = [
        (item_id, reference)
        for payout, reference in store.clues_of_payouts(connection, ledger_id, list(payouts))
        for item_id in payouts[payout]
    ]
    found += [
        (item_id, reference)
        for event, reference in store.clues_of_events(connection, ledger_id, list(events))
        for item_id in events[event]
    ]
    normal = ((item_id, engine.normalise(reference.split(":", 1)[1])) for item_id, reference in found)
    return [(item_id, reference) for item_id, reference in normal if len(reference) >= _REFERENCE_MIN]


#: Shorter references occur by chance in unrelated texts.
_REFERENCE_MIN = 6


def _match(group: engine.Group, by_id: Mapping[int, ItemRow]) -> MatchDraft:
    items = [by_id[a.item_id].item for a in group.allocations]
    noun = group.key.split(":", 1)[0].replace("_", " ")
    evidence = {
        "key": group.key,
        "items": str(len(items)),
        "from": min(i.effective_date for i in items).isoformat(),
        "to": max(i.effective_date for i in items).isoformat(),
        "kinds": ", ".join(sorted({by_id[i.id].kind for i in items})),
    }
    return MatchDraft(
        account=items[0].account,
        currency=group.currency,
        pass_id=group.pass_.id,
        pass_version=group.pass_.version,
        key=group.key,
        allocations=group.allocations,
        why=group.pass_.why.replace("{noun}", noun),
        evidence=evidence,
    )
