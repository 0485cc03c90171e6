"""The cases that understanding raises. Each is named by what it is about, so that one piece of news is one case."""

from collections.abc import Iterable

import msgspec

from tieout.events import store as events
from tieout.events.mapping import Objection
from tieout.events.store import Overdue, Told
from tieout.model.case import CaseDraft, Reason
from tieout.model.delivery import Delivery
from tieout.model.entry import EntryDraft
from tieout.model.error import PostingRefused
from tieout.model.event import Event, EventDraft, total_minor
from tieout.model.ids import IdKind, public_id

#: What a whole statement is held for. However many lines it has, a person decides once.
STATEMENT_REASONS = (Reason.STATEMENT_UNBALANCED, Reason.STATEMENT_INCOMPLETE, Reason.STATEMENT_MIXED_CURRENCIES)


def objection_case(delivery: Delivery, objection: Objection) -> CaseDraft:
    """The case of a part of a delivery that no event could be made of."""
    return CaseDraft(
        reason=objection.reason,
        subject=objection.subject or f"{delivery.source}:{delivery.identity}:{objection.place}",
        sentence=f"{delivery.source} sent {objection.place}: {objection.detail}",
        amount_minor=objection.amount_minor,
        currency=objection.currency,
        links=(public_id(IdKind.DELIVERY, delivery.id),),
    )


def changed_case(event_id: int, told: Told) -> CaseDraft:
    """The case of a fact that came again with other figures."""
    draft = told.draft
    links = [public_id(IdKind.EVENT, event_id)]
    if told.delivery_id is not None:
        links.append(public_id(IdKind.DELIVERY, told.delivery_id))
    sentence = f"{_what(draft)} of {_day(draft)} was recorded before and now comes with other figures; the first stand."
    subject = f"{draft.key}#{events.content_hash(draft).hex()[:12]}"
    return _about(draft, Reason.CONTENT_CHANGED, subject, sentence, tuple(links))


def refused_case(entry: EntryDraft, refusal: PostingRefused) -> CaseDraft:
    """The case of an event whose entry the ledger refused."""
    assert entry.event_id is not None
    first = entry.lines[0]
    return CaseDraft(
        reason=Reason.POSTING_REFUSED,
        subject=entry.key,
        sentence=refusal.what,
        amount_minor=abs(first.amount_minor),
        currency=first.currency,
        links=(public_id(IdKind.EVENT, entry.event_id),),
    )


def held_case(event: Event) -> CaseDraft:
    """The case of an event whose own figures do not hold, or of its whole statement if the fault is the statement's."""
    draft = event.draft
    reason = Reason(draft.objection) if draft.objection in set(Reason) else Reason.TOTAL_MISMATCH
    why = draft.objection_detail or reason.meaning
    links = (public_id(IdKind.EVENT, event.id),)
    statement = statement_of(draft)
    if reason in STATEMENT_REASONS and statement is not None:
        name = statement.rpartition("statement:")[2]
        sentence = f"Statement {name} ({_plain(draft.aggregate)}) is held with all its lines: {why}"
        return _about(draft, reason, statement, sentence, links)
    return _about(draft, reason, draft.key, f"{_what(draft)} is held: {why}", links)


def statement_of(draft: EventDraft) -> str | None:
    """The name of the bank statement an event belongs to, or None."""
    reference = next((r for r in draft.references if r.startswith("statement:")), None)
    return None if reference is None else f"{draft.aggregate}/{reference}"


def overdue_case(late: Overdue) -> CaseDraft:
    """The case of an event whose prerequisites or rate have not come in time."""
    draft = late.draft
    rate = all(key.startswith("rate:") for key in late.waits_for)
    reason = Reason.RATE_MISSING if rate else Reason.PREREQUISITE_MISSING
    awaited = ", ".join(plain_key(key) for key in late.waits_for)
    sentence = f"{_what(draft)} of {_day(draft)} waits for {awaited}."
    return _about(draft, reason, draft.key, sentence, (public_id(IdKind.EVENT, late.event_id),))


def together(drafts: Iterable[CaseDraft]) -> list[CaseDraft]:
    """One draft for each reason and subject: the amounts added up, everything it is about linked."""
    merged: dict[tuple[Reason, str], CaseDraft] = {}
    for draft in drafts:
        known = merged.get((draft.reason, draft.subject))
        merged[draft.reason, draft.subject] = draft if known is None else _joined(known, draft)
    return list(merged.values())


def _joined(one: CaseDraft, other: CaseDraft) -> CaseDraft:
    currencies = {one.currency, other.currency} - {None}
    mixed = len(currencies) > 1  # amounts of two currencies are not added; the sentence says what they are
    return msgspec.structs.replace(
        one,
        amount_minor=0 if mixed else one.amount_minor + other.amount_minor,
        currency=None if mixed else next(iter(currencies), None),
        links=tuple(dict.fromkeys((*one.links, *other.links))),
    )


def _about(draft: EventDraft, reason: Reason, subject: str, sentence: str, links: tuple[str, ...]) -> CaseDraft:
    return CaseDraft(
        reason=reason,
        subject=subject,
        sentence=sentence,
        amount_minor=abs(total_minor(draft.components)),
        currency=draft.components[0].currency if draft.components else None,
        aggregate=draft.aggregate,
        links=links,
    )


def _what(draft: EventDraft) -> str:
    return f"{draft.kind.value.replace('_', ' ').capitalize()} ({_plain(draft.aggregate)})"


def _day(draft: EventDraft) -> str:
    return f"{draft.occurred_at:%Y-%m-%d}"


def plain_key(key: str) -> str:
    """What an event waits for, in words: an exchange rate, or what a source calls its record."""
    source, _, rest = key.partition(":")
    thing, _, name = rest.partition(":")
    if source == "rate":
        return f"the exchange rate {thing} of {name}"
    if not name:
        return key
    return f"{_THINGS.get(thing, thing.replace('_', ' '))} {name.rpartition(':')[0] or name} from {source}"


def _plain(aggregate: str) -> str:
    """The thing and its name, as in “order 1001”."""
    thing, _, name = aggregate.partition(":")
    return f"{_THINGS.get(thing, thing.replace('_', ' '))} {name}" if name else aggregate


#: What sources call their records, where a bookkeeper would not.
_THINGS = {"txn": "balance line", "bank": "account"}
