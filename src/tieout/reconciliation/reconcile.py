"""One reconciliation run, inside the caller's unit of work: match, name, say what needs a person."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

import msgspec
from msgspec import Struct

from tieout.db.pool import Connection
from tieout.model.case import CaseDraft
from tieout.model.ids import IdKind, public_id
from tieout.model.match import Allocation, Making, MatchDraft, NamedItem, Rejected
from tieout.model.money import display
from tieout.reconciliation import blocks, engine, evidence, store
from tieout.reconciliation.blocks import Loose
from tieout.reconciliation.engine import Group
from tieout.reconciliation.evidence import Pool
from tieout.reconciliation.name import Name, Patience, Surroundings
from tieout.reconciliation.naming import name_items, name_taken_back
from tieout.reconciliation.rule import MatchingRules
from tieout.reconciliation.store import ItemRow


class Outcome(Struct, frozen=True):
    """What a run did. `names` still lack the numbers of their cases, which the caller raises.

    `looked_at`: how many items the passes were given. `changed`: cases about matches of before that are doubtful now.
    """

    run_id: int
    items: int
    matches: int
    result_hash: str
    names: tuple[Name, ...]
    looked_at: int = 0
    changed: tuple[CaseDraft, ...] = ()

    @property
    def cases(self) -> list[CaseDraft]:
        """The cases to raise."""
        return [*self.changed, *(name.case for name in self.names if name.case is not None)]


#: Books a residual of a match against an account; answers with the entry's number and the item it made.
WriteResidual = Callable[[Group, Sequence[ItemRow]], tuple[int, Allocation]]


class _Scope(Struct, frozen=True):
    """What a run looks at: open items, and tied ones of matches that are looked at again."""

    rows: dict[int, ItemRow]
    loose: tuple[Loose, ...]
    freed: dict[int, int]

    def open_minor(self, row: ItemRow) -> int:
        """What of an item can be tied, if what may be looked at again were not."""
        return row.item.open_minor + self.freed.get(row.item.id, 0)


def reconcile(
    connection: Connection,
    ledger_id: int,
    rules: MatchingRules,
    patience: Mapping[str, Patience],
    as_of: date,
    started_at: datetime,
    write_residual: WriteResidual | None = None,
    *,
    whole: bool = False,
) -> Outcome:
    """Ties what can be tied without a guess, and names the rest. The open items must have been projected before.

    Looks at what came or changed since the last run and what shares a key with it; at everything if `whole`, after a
    change of the rules, and the first time. What a run tied before is left as it is, whatever this one finds.
    """
    rows = store.open_items(connection, ledger_id)
    queue = blocks.news(connection, ledger_id)
    last = store.last_run(connection, ledger_id)
    whole = whole or last is None or last.rules_hash != rules.hash or last.looked_at < 0
    scope = _scope(connection, ledger_id, rows, queue, rules, whole=whole)
    parts = store.parts(connection, ledger_id)
    clues = clues_of(connection, ledger_id, list(scope.rows.values()))
    order_of = orders_of_taxes(connection, ledger_id, list(scope.rows.values()))
    items = {n: engine_item(row, order_of, scope.open_minor(row)) for n, row in scope.rows.items()}
    result = engine.run(rules, list(items.values()), parts, clues)
    undone = store.taken_back(connection, ledger_id)
    new, refused, changed = _judge(result.groups, scope, undone)
    columns = {
        "as_of": as_of, "started": started_at, "engine": result.engine, "version": result.version,
        "rules": rules.hash, "rules_version": rules.version, "result": result.hash, "items": len(rows),
        "matches": len(new), "whole": whole, "looked_at": len(items),
    }  # fmt: skip
    run_id = store.record_run(connection, ledger_id, columns)
    making = Making(rules.version, rules.hash, f"{result.engine} {result.version}")
    pool = Pool(items.values())
    drafts = [(group.account_id, _match(group, scope.rows, items, pool, write_residual)) for group in new]
    store.record_matches(connection, ledger_id, drafts, run_id, "tieout", making)
    doubtful = tuple(evidence.changed(match, scope.rows, clues, parts) for match in changed)
    again = {number for group in refused for number in _ids(group)} | {n for match in changed for n in match.items}
    blocks.clean(connection, ledger_id, queue, [a.item_id for _, d in drafts for a in d.allocations], again)
    done = {number for group in (*new, *refused) for number in _ids(group)}
    left = [row for row in rows if row.item.id not in done]
    around = Surroundings(
        as_of=as_of,
        timing=rules.timing,
        patience=patience,
        payout_of=dict(sorted(parts, reverse=True)),
        order_of=order_of,
        composed=frozenset(store.composed(connection, ledger_id)),
        arrival=store.arrival_dates(
            connection, ledger_id, [r.item.item for r in left if r.role == "payout_in_transit"]
        ),
        named_pairs=result.named_pairs,
        credited=_credited(connection, ledger_id, left),
    )
    names = [
        name_taken_back(_match(group, scope.rows), [scope.rows[i] for i in sorted(_ids(group))]) for group in refused
    ]
    names += _named(connection, ledger_id, left, around)
    return Outcome(run_id, len(rows), len(drafts), result.hash, tuple(names), len(items), doubtful)


def _scope(
    connection: Connection, ledger_id: int, rows: Sequence[ItemRow], queue: blocks.News, rules: MatchingRules, *,
    whole: bool,
) -> _Scope:  # fmt: skip
    """The open items of dirty blocks, and the tied ones beside them that may be looked at again."""
    passes = rules.unique_passes
    if whole:
        loose = blocks.loose(connection, ledger_id, passes)
        chosen = {row.item.id: row for row in rows}
    else:
        seeds = queue.items | blocks.of_events(connection, ledger_id, queue.events)
        fresh = store.open_items(connection, ledger_id, ids=sorted(seeds), closed_too=True) if seeds else []
        _keep_clues(connection, ledger_id, fresh)
        block = blocks.around(connection, ledger_id, seeds, passes) if seeds else frozenset()
        loose = blocks.loose(connection, ledger_id, passes, block) if block else []
        chosen = {row.item.id: row for row in rows if row.item.id in block or row.role in _ALWAYS}
    held = sorted({number for match in loose for number in match.items} - chosen.keys())
    tied = store.open_items(connection, ledger_id, ids=held, closed_too=True) if held else []
    chosen |= {row.item.id: row for row in tied}
    if whole:
        _keep_clues(connection, ledger_id, list(chosen.values()))
    freed: dict[int, int] = {}
    for match in loose:
        for allocation in match.found:
            freed[allocation.item_id] = freed.get(allocation.item_id, 0) + allocation.amount_minor
    written_off = {a.item_id for match in loose for a in match.written_off}
    return _Scope({n: r for n, r in sorted(chosen.items()) if n not in written_off}, tuple(loose), freed)


#: What is open on these is always looked at: little stands there, and what belongs together goes by several names.
_ALWAYS = ("payout_in_transit", "facilitator_tax")


def _keep_clues(connection: Connection, ledger_id: int, rows: Sequence[ItemRow]) -> None:
    transit = [row for row in rows if row.role == "payout_in_transit"]
    if transit:
        clues = clues_of(connection, ledger_id, transit)
        blocks.put_clues(connection, ledger_id, [row.item.id for row in transit], clues)


def _judge(
    groups: Sequence[Group], scope: _Scope, undone: set[frozenset[int]]
) -> tuple[list[Group], list[Group], list[Loose]]:
    """What is new; what a person took back before; and what was tied before and is not found any more.

    What was tied stays as it is: a group that needs an item of it is not made.
    """
    standing = {frozenset(match.found): match for match in scope.loose}
    found = {frozenset(group.allocations) for group in groups}
    changed = [match for allocations, match in standing.items() if allocations not in found]
    held = {number for match in scope.loose for number in match.items}
    fresh = [g for g in groups if frozenset(g.allocations) not in standing and not _ids(g) & held]
    refused = [group for group in fresh if _ids(group) in undone]
    return [group for group in fresh if _ids(group) not in undone], refused, changed


def _named(connection: Connection, ledger_id: int, left: Sequence[ItemRow], around: Surroundings) -> list[Name]:
    """Names for what is left. What is open of an order or a charge is named by its whole story, tied parts included.

    So the name does not depend on how many runs there were while it came in.
    """
    told = [row.item.id for row in left if row.role in ("order_receivable", "captured")]
    tied = blocks.settled_siblings(connection, ledger_id, told) if told else []
    story = store.open_items(connection, ledger_id, ids=tied, closed_too=True) if tied else []
    names = name_items(sorted([*left, *story], key=lambda r: r.item.id), around)
    if not story:
        return names
    closed = {public_id(IdKind.ITEM, row.item.id) for row in story}
    return [_of_open_items(name, closed) for name in names if any(row.item.open_minor for row in name.items)]


def _of_open_items(name: Name, closed: set[str]) -> Name:
    case = name.case and msgspec.structs.replace(
        name.case, links=tuple(link for link in name.case.links if link not in closed)
    )
    return msgspec.structs.replace(name, items=tuple(r for r in name.items if r.item.open_minor), case=case)


def _credited(connection: Connection, ledger_id: int, left: Sequence[ItemRow]) -> dict[int, tuple[str, date]]:
    """Bank lines left over that name a payout which is not: it was credited before."""
    transit = [row.item for row in left if row.role == "payout_in_transit"]
    still = {item.item for item in transit}
    lines = [item.id for item in transit if item.item.startswith("bank_line:")]
    found = store.credited(connection, ledger_id, lines) if lines else {}
    return {line: (payout, day) for line, (payout, day) in found.items() if payout not in still}


def _ids(group: Group) -> frozenset[int]:
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


def orders_of_taxes(connection: Connection, ledger_id: int, rows: Sequence[ItemRow]) -> Mapping[str, str]:
    """The order of each charge and refund in question: a gateway's balance names no orders."""
    if not any(row.role == "facilitator_tax" for row in rows):
        return {}
    names = {row.item.item for row in rows if row.role in ("facilitator_tax", "captured")}
    return store.orders_of(connection, ledger_id, sorted(n for n in names if n.startswith(("charge:", "refund:"))))


def engine_item(row: ItemRow, order_of: Mapping[str, str], open_minor: int) -> engine.Item:
    """The item as the engine sees it: tax that was withheld goes by its order's name, as the order's own tax does."""
    item = row.item
    name = order_of.get(item.item, item.item) if row.role == "facilitator_tax" else item.item
    side = "bank" if item.item.startswith("bank_line:") else ""
    day = (item.effective_date - date(1970, 1, 1)).days
    return engine.Item(item.id, row.account_id, row.role, item.currency, name, open_minor, day, side, row.scope)


def clues_of(connection: Connection, ledger_id: int, rows: Sequence[ItemRow]) -> list[tuple[int, str]]:
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


def _match(
    group: Group, by_id: Mapping[int, ItemRow], items: Mapping[int, engine.Item] | None = None,
    pool: Pool | None = None, write_residual: WriteResidual | None = None,
) -> MatchDraft:  # fmt: skip
    """The match as it is recorded; with what came near it if it is to be, and its residual written off."""
    rows = [by_id[a.item_id] for a in group.allocations]
    noun = group.key.split(":", 1)[0].replace("_", " ")
    facts = {
        "key": group.key,
        "items": str(len(rows)),
        "from": min(r.item.effective_date for r in rows).isoformat(),
        "to": max(r.item.effective_date for r in rows).isoformat(),
        "kinds": ", ".join(sorted({r.kind for r in rows})),
    }
    near: tuple[Rejected, ...] = ()
    if items is not None and pool is not None:
        count, near = evidence.rejected(group, pool, items, by_id)
        facts |= {"others of this amount": str(count)} if count else {}
    allocations, entry_id = group.allocations, None
    if group.residual_minor and write_residual is not None:
        entry_id, closing = write_residual(group, rows)
        allocations = (*allocations, closing)
        facts["written off"] = f"{display(abs(group.residual_minor), group.currency)} {group.currency}"
    return MatchDraft(
        account=rows[0].item.account,
        currency=group.currency,
        pass_id=group.pass_.id,
        pass_version=group.pass_.version,
        key=group.key,
        allocations=allocations,
        why=group.pass_.why.replace("{noun}", noun),
        evidence=facts,
        rejected=near,
        entry_id=entry_id,
    )
