"""Explains any id in a bookkeeper's words: what it is, why it is booked or tied so, what it waits for."""

from collections.abc import Mapping, Sequence

from tieout.app.context import LedgerContext
from tieout.app.linking import links_of
from tieout.app.stating import payout_sentences
from tieout.app.views import Explanation
from tieout.cases import store as cases
from tieout.db.pool import Connection
from tieout.events import store as events
from tieout.intake import store as intake
from tieout.ledger import seal
from tieout.ledger import store as ledger
from tieout.model.entry import Line
from tieout.model.error import NotFound
from tieout.model.event import EventDraft, total_minor
from tieout.model.ids import IdKind, parse_id, public_id
from tieout.model.match import Match
from tieout.model.money import display
from tieout.model.rate import CARRIED, CONVERSION, STATED, EntryRate, read_rate_text
from tieout.reconciliation import choices, nearest, ruleset
from tieout.reconciliation import store as reconciliation
from tieout.reconciliation.store import ItemRow


def explain(connection: Connection, context: LedgerContext, any_id: str) -> Explanation:
    """Sentences about an id. Raises NotFound if it does not exist."""
    kind, number = parse_id(any_id)
    explainer = _EXPLAINERS.get(kind)
    found = explainer(connection, context, number) if explainer else None
    if found is None:
        raise NotFound(f"There is nothing called “{any_id}”", where="id", remedy="Ids are shown beside every number.")
    return Explanation(any_id, found[0], tuple(found[1:]))


def _delivery(connection: Connection, context: LedgerContext, number: int) -> list[str] | None:
    found = intake.deliveries(connection, context.id, [number])
    if not found:
        return None
    d = found[0]
    told = events.tellings_of_deliveries(connection, context.id, [number])
    topic = f"“{d.topic}”" if d.topic else "Something"
    sentences = [
        f"{topic} from {d.source}, received {d.received_at:%Y-%m-%d %H:%M:%S} UTC by {d.channel}.",
        f"It was {d.verdict}{f': {d.verdict_reason}' if d.verdict_reason else ''}.",
        f"Its {len(d.body):,} bytes are kept as received.",
    ]
    sentences += [f"It told of {public_id(IdKind.EVENT, event)} ({outcome})." for event, _, outcome in told]
    return sentences + events.notes_of(connection, context.id, number)


def _event(connection: Connection, context: LedgerContext, number: int) -> list[str] | None:
    found = events.load(connection, context.id, [number])
    if not found:
        return None
    draft = found[0].draft
    state = events.states(connection, context.id, [number]).get(number)
    sentences = [f"{_headline(draft)}.", f"{draft.kind.meaning} It happened {draft.occurred_at:%Y-%m-%d %H:%M} UTC."]
    if state is None:
        return sentences
    if state.state == "parked":
        sentences.append(
            f"It waits for {', '.join(state.waits_for)}; from {state.deadline:%Y-%m-%d} on that is an exception."
        )
    elif state.state == "held":
        why = draft.objection_detail or draft.objection or "see its exception"
        sentences.append(f"It is held and not booked: {why.rstrip('.')}.")
    elif state.state == "memo":
        sentences.append("It moves no money and is kept for what it says.")
    booked = [public_id(IdKind.ENTRY, entry) for _, entry in ledger.of_events(connection, context.id, [number])]
    if state.state != "superseded":
        return [*sentences, *(f"It is booked as {entry}." for entry in booked)]
    sentences += [f"It was booked as {entry}, until a person accepted a later telling." for entry in booked]
    if not booked:
        sentences.append("It was held; a sound telling of the same fact has taken its place.")
    standing, _ = events.newest(connection, context.id, draft.key)
    now = [public_id(IdKind.ENTRY, entry) for _, entry in ledger.of_events(connection, context.id, [standing])]
    return [*sentences, *(f"That one is booked as {entry}." for entry in now)]


def _headline(draft: EventDraft) -> str:
    kind = draft.kind.value.replace("_", " ").capitalize()
    if not draft.components:
        return f"{kind}: {draft.aggregate}"
    currency = draft.components[0].currency
    return f"{kind}: {draft.aggregate}, {display(total_minor(draft.components), currency)} {currency}"


def _entry(connection: Connection, context: LedgerContext, number: int) -> list[str] | None:
    found = ledger.entries(connection, context.id, [number])
    if not found:
        return None
    draft = found[0].draft
    sentences = [
        f"{draft.memo}, booked on {draft.effective_date}{' (late: its own day was closed)' if draft.late else ''}.",
        f"Rule {draft.rule_id}@{draft.rule_version}: {draft.why}",
    ]
    base = context.entity.base_currency
    sentences += [_rate(rate, base) for rate in read_rate_text(draft.rate, draft.lines, base)]
    sentences += [_line(context, line) for line in draft.lines]
    for match, _ in reconciliation.matches_of_entries(connection, context.id, [number]):
        sentences.append(f"{public_id(IdKind.MATCH, match)} realised it: what it ties came at different rates.")
    if (block := seal.block_no_of(connection, context.id, number)) is not None:
        sentences.append(f"Sealed in block {block}.")
    for link in links_of(connection, context, number):
        sentences.append(f"It {link.relation} {link.entry}.")
    items = [item for _, item in reconciliation.items_of_entries(connection, context.id, [number])]
    return sentences + _about_items(connection, context, items)


def _rate(rate: EntryRate, base: str) -> str:
    told = {
        CONVERSION: "by the conversion itself",
        CARRIED: "as it stood in the books",
        STATED: "as stated by who booked it",
    }.get(rate.source, f"the rate of {rate.source}")
    return f"1 {rate.currency} = {rate.value:f} {base}, {told}, of {rate.day}."


def _line(context: LedgerContext, line: Line) -> str:
    """A line in words; one that carries base currency alone says so."""
    base = context.entity.base_currency
    side = "Debit" if (line.amount_minor or line.base_minor) > 0 else "Credit"
    party = f" for {line.party}" if line.party else ""
    worth = f"{display(abs(line.base_minor), base)} {base}"
    amount = f"{display(abs(line.amount_minor), line.currency)} {line.currency}"
    if not line.amount_minor:
        amount = f"{worth} on its {line.currency}"
    elif line.currency != base:
        amount = f"{amount}, worth {worth}"
    return f"{side} {line.account} {context.accounts[line.account].name} {amount}{party}."


def _about_items(connection: Connection, context: LedgerContext, ids: Sequence[int]) -> list[str]:
    """Why each item is tied, or why it is still open and what would settle it."""
    if not ids:
        return []
    tied: dict[int, list[int]] = {}
    for match_id, item_id in reconciliation.matches_of_items(connection, context.id, ids):
        tied.setdefault(item_id, []).append(match_id)
    matches = {
        m.id: m
        for m in reconciliation.matches(connection, context.id, sorted({m for found in tied.values() for m in found}))
    }
    names = reconciliation.names(connection, context.id, ids)
    sentences = []
    for row in reconciliation.open_items(connection, context.id, ids=ids, closed_too=True):
        what = f"{public_id(IdKind.ITEM, row.item.id)} on {row.item.account} ({row.item.item})"
        sentences += [f"{what} {_tie(matches, m)}" for m in tied.get(row.item.id, ()) if not matches[m].reverses_id]
        named = names.get(row.item.id)
        if row.item.open_minor and named is not None:
            sentences.append(_still_open(connection, context, row, what, named.label, named.due, named.case_id))
        elif row.item.open_minor:
            sentences.append(f"{what} is open; no run has named it yet. Run `tieout reconcile`.")
    return sentences


def _tie(matches: Mapping[int, Match], number: int) -> str:
    """That a match ties an item and why, or that it did."""
    match = matches[number]
    if match.reversed_by is None:
        return f"is tied by {public_id(IdKind.MATCH, number)}: {match.draft.why}"
    back = public_id(IdKind.MATCH, match.reversed_by)
    return (
        f"was tied by {public_id(IdKind.MATCH, number)}, which {back} took back: {matches[match.reversed_by].draft.why}"
    )


def _still_open(
    connection: Connection,
    context: LedgerContext,
    row: ItemRow,
    what: str,
    label: str,
    due: object,
    case_id: int | None,
) -> str:
    amount = f"{display(row.item.open_minor, row.item.currency)} {row.item.currency}"
    if case_id is None:
        return f"{what} is open with {amount}: {label}{f', normal until {due}' if due else ''}."
    (case,) = cases.load(connection, context.id, [case_id])
    return (
        f"{what} is open with {amount}, exception {public_id(IdKind.CASE, case_id)}:"
        f" {case.draft.sentence} Next: {case.next_step}"
    )


def _item(connection: Connection, context: LedgerContext, number: int) -> list[str] | None:
    rows = reconciliation.open_items(connection, context.id, ids=[number], closed_too=True)
    if not rows:
        return None
    item = rows[0].item
    amount = f"{display(item.amount_minor, item.currency)} {item.currency}"
    head = f"{amount} on {item.account}, {item.item}, of {item.effective_date}"
    return [
        f"{head}.",
        f"It comes from {public_id(IdKind.ENTRY, item.entry_id)}.",
        *_about_items(connection, context, [number]),
        *(_why_open(connection, context, rows[0]) if item.open_minor else ()),
    ]


def _why_open(connection: Connection, context: LedgerContext, row: ItemRow) -> list[str]:
    """Why an open item is not tied, what comes nearest, and what would tie it."""
    pool = reconciliation.open_items(connection, context.id, account=row.item.account)
    found = nearest.candidates(
        row, pool, choices.refused(connection, context.id), choices.habits(connection, context.id)
    )
    run = reconciliation.last_run(connection, context.id)
    day = run.as_of if run else row.item.effective_date
    return nearest.why_not(row, pool, found, ruleset.in_force(connection, context.id, day))


def _match(connection: Connection, context: LedgerContext, number: int) -> list[str] | None:
    found = reconciliation.matches(connection, context.id, [number])
    if not found:
        return None
    draft = found[0].draft
    sentences = [
        f"Ties {len(draft.allocations)} items on {draft.account} in {draft.currency} by {draft.key}.",
        f"{draft.why} Pass {draft.pass_id}@{draft.pass_version}, by {found[0].actor}.",
    ]
    rows = reconciliation.open_items(
        connection, context.id, ids=[a.item_id for a in draft.allocations][:20], closed_too=True
    )
    for row in rows:
        amount = f"{display(row.item.amount_minor, row.item.currency)} {row.item.currency}"
        sentences.append(f"{amount} of {row.item.effective_date}, {row.kind.replace('_', ' ')} ({row.item.item}).")
    if len(draft.allocations) > len(rows):
        sentences.append(f"And {len(draft.allocations) - len(rows)} more.")
    for _, entry in reconciliation.entries_of_matches(connection, context.id, [number]):
        sentences.append(f"They came at different rates; {public_id(IdKind.ENTRY, entry)} books the difference.")
    return [*sentences, *_standing(found[0])]


def _standing(match: Match) -> list[str]:
    """By what a match was made, who else was near, and what people have said of it since."""
    made, draft = match.making, match.draft
    sentences = []
    if made.engine:
        rules = f"version {made.rules_version}" if made.rules_version else "as they come with the product"
        sentences.append(f"Made by the matching rules {rules} ({made.rules_hash}), on {made.engine}.")
    if others := draft.evidence.get("others of this amount"):
        near = "; ".join(f"{public_id(IdKind.ITEM, r.item_id)} ({r.name}) of {r.day}: {r.why}" for r in draft.rejected)
        sentences.append(f"{others} more had the amount and were not taken. Nearest: {near}.")
    if draft.entry_id is not None:
        entry = public_id(IdKind.ENTRY, draft.entry_id)
        sentences.append(f"{entry} writes the difference of {draft.evidence.get('written off', 'the sides')} off.")
    if match.confirmed_by:
        sentences.append(f"{match.confirmed_by} stands by it; no run looks at it again.")
    if match.reversed_by:
        sentences.append(f"{public_id(IdKind.MATCH, match.reversed_by)} took it back.")
    return sentences


def _case(connection: Connection, context: LedgerContext, number: int) -> list[str] | None:
    found = cases.load(connection, context.id, [number])
    if not found:
        return None
    case = found[0]
    draft = case.draft
    risk = f"{display(draft.amount_minor, draft.currency)} {draft.currency}" if draft.currency else "no amount"
    sentences = [
        f"{draft.reason.value}: {draft.reason.meaning}",
        draft.sentence,
        f"State: {case.state}; money at risk: {risk}. Next: {case.next_step}",
    ]
    history = cases.history(connection, context.id, number)
    return sentences + [f"{h.at:%Y-%m-%d %H:%M} {h.what} by {h.actor}: {h.detail}" for h in history]


def _run(connection: Connection, context: LedgerContext, number: int) -> list[str] | None:
    found = reconciliation.run(connection, context.id, number)
    if found is None:
        return None
    return [
        f"A reconciliation as of {found.as_of}, finished {found.finished_at:%Y-%m-%d %H:%M:%S} UTC.",
        f"It looked at {found.items:,} open items and tied them in {found.matches:,} matches.",
        f"Rules {found.rules_hash}, on {found.engine} {found.engine_version}; result {found.result_hash[:16]}.",
    ]


_EXPLAINERS = {
    IdKind.RUN: _run,
    IdKind.DELIVERY: _delivery,
    IdKind.EVENT: _event,
    IdKind.ENTRY: _entry,
    IdKind.ITEM: _item,
    IdKind.MATCH: _match,
    IdKind.CASE: _case,
    IdKind.PAYOUT: payout_sentences,
}
