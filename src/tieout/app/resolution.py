"""Resolving a case: what a decision would post, and doing it. A preview and the deed share one construction."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from msgspec import Struct

from tieout.app.accepting import Newer, accept, later_delivery, newer, reversal_on_its_day
from tieout.app.banking import OPENING_RULE, unbooked_openings
from tieout.app.context import LedgerContext
from tieout.app.realising import realise
from tieout.app.settings import Settings
from tieout.app.understanding import advance, understand
from tieout.cases import store as cases
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.events import store as events
from tieout.ledger import store as ledger
from tieout.ledger.correction import Terms
from tieout.model.case import NEXT_STEP, Action, Case, CaseDraft, CaseState, Reason, Resolution
from tieout.model.entity import Actor
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import NotFound, ResolutionRefused
from tieout.model.ids import IdKind, parse_id, public_id
from tieout.model.match import Allocation, MatchDraft
from tieout.model.rate import CARRIED, implied_rates, rate_text
from tieout.posting.book import Wait, book, with_base
from tieout.posting.exchange import close_items
from tieout.reconciliation import store as reconciliation
from tieout.reconciliation.store import ItemRow

#: Reasons whose event is held and can be booked as the source states it.
RELEASABLE = frozenset(
    {
        Reason.TOTAL_MISMATCH,
        Reason.NET_MISMATCH,
        Reason.DETAILS_MISMATCH,
        Reason.STATEMENT_UNBALANCED,
        Reason.STATEMENT_INCOMPLETE,
        Reason.POSTING_REFUSED,
        Reason.NO_RULE,
    }
)


class Plan(Struct, frozen=True):
    """What a resolution comes to: an entry to post, items to tie, events to release, or a later telling to accept."""

    sentence: str
    entry: EntryDraft | None = None
    items: tuple[ItemRow, ...] = ()
    release: tuple[int, ...] = ()
    release_entries: tuple[EntryDraft, ...] = ()
    taken_back: tuple[EntryDraft, ...] = ()
    newer: Newer | None = None
    delivery: int | None = None

    @property
    def entries(self) -> tuple[EntryDraft, ...]:
        """All it posts."""
        one = () if self.entry is None else (self.entry,)
        return (*self.taken_back, *one, *self.release_entries, *(self.newer.entries if self.newer else ()))


def find_case(connection: Connection, context: LedgerContext, case_id: str) -> Case:
    """The case with this public id; raises NotFound."""
    kind, number = parse_id(case_id)
    found = cases.load(connection, context.id, [number]) if kind is IdKind.CASE else []
    if not found:
        raise NotFound(f"There is no case “{case_id}”", where="case", remedy="List them with `tieout cases`.")
    return found[0]


def find_open_case(connection: Connection, context: LedgerContext, case_id: str) -> Case:
    """The case with this public id; raises ResolutionRefused if it is resolved already."""
    case = find_case(connection, context, case_id)
    if case.state is CaseState.RESOLVED:
        raise ResolutionRefused(f"{case_id} is resolved already", where=case_id, remedy="Look at its history.")
    return case


def items_of(connection: Connection, context: LedgerContext, case: Case) -> list[ItemRow]:
    """The items a case is about that are still open."""
    ids = [number for kind, number in map(parse_id, case.draft.links) if kind is IdKind.ITEM]
    return reconciliation.open_items(connection, context.id, ids=ids) if ids else []


def actions_of(case: Case, items: Sequence[ItemRow]) -> tuple[Action, ...]:
    """What a person can do with this case."""
    actions = []
    if items:
        actions += [Action.BOOK, Action.MATCH]
    if case.draft.reason is Reason.OPENING_NOT_BOOKED:
        actions.append(Action.BOOK)
    if case.draft.reason in RELEASABLE:
        actions.append(Action.RELEASE)
    if case.draft.reason is Reason.CONTENT_CHANGED:
        actions.append(Action.ACCEPT)
    return (*actions, Action.DISMISS)


def plan(
    connection: Connection, context: LedgerContext, case: Case, resolution: Resolution, actor: Actor, today: date
) -> Plan:
    """What the resolution would do. Raises ResolutionRefused if it cannot be done, saying why."""
    if resolution.action is not Action.DISMISS and resolution.action not in actions_of(
        case, items_of(connection, context, case)
    ):
        raise ResolutionRefused(
            f"“{resolution.action}” does not fit this case",
            where=public_id(IdKind.CASE, case.id),
            remedy="Its open items may be settled already; look at the actions offered.",
        )
    if resolution.action is Action.BOOK:
        return _plan_booking(connection, context, case, resolution, actor, today)
    if resolution.action is Action.MATCH:
        return _plan_match(connection, context, case, resolution)
    if resolution.action is Action.RELEASE:
        return _plan_release(connection, context, case)
    if resolution.action is Action.ACCEPT:
        return _plan_acceptance(connection, context, case, resolution, actor, today)
    return Plan("Closes the case without a posting. If its amount changes, it is reopened.")


def _plan_booking(
    connection: Connection, context: LedgerContext, case: Case, resolution: Resolution, actor: Actor, today: date
) -> Plan:
    account = context.accounts.get(resolution.account or "")
    if account is None or account.clearing or not account.open_on(today):
        raise ResolutionRefused(
            f"“{resolution.account or ''}” is not an account that can take this",
            where="account",
            remedy="Choose an open account that is not itself a clearing account, such as write-offs.",
        )
    if case.draft.reason is Reason.OPENING_NOT_BOOKED:
        return _plan_opening(connection, context, case, resolution, actor)
    rows = items_of(connection, context, case)
    base = context.entity.base_currency
    lines = close_items([row.item for row in rows], account.code, base, context.roles.account_for)
    sequence = len(cases.history(connection, context.id, case.id)) + 1
    day = context.open_day(today, {line.account for line in lines})
    entry = EntryDraft(
        key=f"case:{case.id}:{sequence}",
        effective_date=day,
        occurred_at=datetime.combine(today, time(12), tzinfo=UTC),
        lines=lines,
        memo=f"Exception resolved: {case.draft.sentence[:120]}",
        rule_id="case.booked",
        rule_version=1,
        why=resolution.reason,
        actor=actor.name,
        late=day != today,
        rate=rate_text(implied_rates(lines, base, CARRIED, today)),
    )
    return Plan(f"Books what is open to {account.code} {account.name}.", entry, tuple(rows))


def _plan_opening(
    connection: Connection, context: LedgerContext, case: Case, resolution: Resolution, actor: Actor
) -> Plan:
    """The entry that gives a bank account what it had, on the day before its first statement or the first open one.

    What was booked as the opening before an earlier statement came is taken back.
    """
    subject = case.draft.subject
    opening = next((o for o in unbooked_openings(connection, context) if o.subject == subject), None)
    if opening is None:
        raise ResolutionRefused("The books have this opening balance by now", where="case", remedy="Reconcile again.")
    day, currency, base = opening.day, opening.currency, context.entity.base_currency
    rate = context.books(connection, [(currency, day)]).rate_for(currency, day)
    if rate is None:
        raise ResolutionRefused(
            f"No exchange rate is known for {currency} on {day}", where="case", remedy="Import the rates of that day."
        )
    against = resolution.account or ""
    lines = [Line(opening.account, currency, opening.told_minor, 0), Line(against, currency, -opening.told_minor, 0)]
    open_day = context.open_day(day, (opening.account, against))
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    entry = EntryDraft(
        key=f"case:{case.id}:{len(cases.history(connection, context.id, case.id)) + 1}",
        effective_date=open_day,
        occurred_at=noon,
        lines=tuple(with_base(lines, base, currency, rate.value, None)),
        memo=f"Opening balance of {opening.account}",
        rule_id=OPENING_RULE,
        rule_version=1,
        why=resolution.reason,
        actor=actor.name,
        late=open_day != day,
        rate=None if currency == base else rate_text([rate.of(currency)]),
    )
    terms = Terms(open_day, datetime.now(UTC), resolution.reason, actor.name)
    back = tuple(reversal_on_its_day(connection, context, number, terms) for number in opening.earlier)
    sentence = f"Books what was on the account on {day} against {against}."
    if not opening.told_minor:
        return Plan("Takes back what was booked as the opening: the account began with nothing.", taken_back=back)
    return Plan(sentence, entry, taken_back=back)


def _plan_match(connection: Connection, context: LedgerContext, case: Case, resolution: Resolution) -> Plan:
    rows = reconciliation.open_items(connection, context.id, ids=resolution.items)
    chosen = {row.item.id for row in rows}
    if missing := sorted(set(resolution.items) - chosen):
        listed = ", ".join(public_id(IdKind.ITEM, number) for number in missing)
        raise ResolutionRefused(
            f"{listed} does not exist or is tied already", where="items", remedy="Choose among the open items."
        )
    own = {row.item.id for row in items_of(connection, context, case)}
    if not own & chosen:
        raise ResolutionRefused(
            "None of the items belongs to this case", where="items", remedy="Choose its own items too."
        )
    if len({(row.account_id, row.item.currency) for row in rows}) != 1 or sum(row.item.open_minor for row in rows) != 0:
        raise ResolutionRefused(
            "The items cannot be tied: they must be of one account and currency and come to zero",
            where="items",
            remedy="Add the missing item, or book the difference first.",
        )
    return Plan(f"Ties {len(rows)} items together.", items=tuple(rows))


def _plan_release(connection: Connection, context: LedgerContext, case: Case) -> Plan:
    ids = [number for kind, number in map(parse_id, case.draft.links) if kind is IdKind.EVENT]
    held = [number for number, state in events.states(connection, context.id, ids).items() if state.state == "held"]
    if not held:
        raise ResolutionRefused("Nothing is held for this case any more", where="case", remedy="Dismiss it.")
    batch = events.load(connection, context.id, held)
    unmet = events.unmet(connection, context.id, [key for event in batch for key in event.draft.requires])
    zone = ZoneInfo(context.entity.timezone)
    wanted = [(c.currency, e.draft.occurred_at.astimezone(zone).date()) for e in batch for c in e.draft.components]
    books = context.books(connection, wanted)
    outcomes = [book(event, books) for event in batch]
    for event, outcome in zip(batch, outcomes, strict=True):
        missing = tuple(key for key in event.draft.requires if key in unmet)
        if missing or isinstance(outcome, Wait):
            awaited = ", ".join(missing or (outcome.keys if isinstance(outcome, Wait) else ()))
            raise ResolutionRefused(
                f"It cannot be booked before this has arrived: {awaited}", where="case", remedy="See to that first."
            )
        if isinstance(outcome, CaseDraft):
            raise ResolutionRefused(outcome.sentence, where="case", remedy=NEXT_STEP[outcome.reason])
    entries = tuple(outcome for outcome in outcomes if isinstance(outcome, EntryDraft))
    return Plan("Books the event as the source states it.", release=tuple(held), release_entries=entries)


def _plan_acceptance(
    connection: Connection, context: LedgerContext, case: Case, resolution: Resolution, actor: Actor, today: date
) -> Plan:
    delivery = later_delivery(case)
    if delivery is not None:
        return Plan(
            "Reads the later delivery; each fact it tells otherwise is an exception of its own.", delivery=delivery
        )
    terms = Terms(today, datetime.now(UTC), resolution.reason, actor.name)
    found = newer(connection, context, case, terms)
    booked = "Books the later telling" if found.entry else "Keeps the later telling, which moves no money"
    return Plan(f"{booked}{' and takes the first one back' if found.taken_back else ''}.", newer=found)


def resolve(
    connection: Connection,
    context: LedgerContext,
    settings: Settings,
    case_id: str,
    resolution: Resolution,
    actor: Actor,
    today: date,
) -> Plan:
    """Does it: posts, ties or releases, closes the case, and writes history and audit, all in one unit of work."""
    reconciliation.take_turn(connection, context.id)
    case = find_case(connection, context, case_id)
    if not resolution.reason.strip():
        raise ResolutionRefused("A reason is required", where="reason", remedy="Say why, in a sentence.")
    if not cases.lock_open(connection, context.id, case.id):
        raise ResolutionRefused(f"{case_id} is resolved already", where=case_id, remedy="Look at its history.")
    found = plan(connection, context, case, resolution, actor, today)
    ledger.post(connection, context.id, found.taken_back, context.accounts)
    if found.entry is not None:
        _book_and_tie(connection, context, found, actor)
    elif found.items:
        reconciliation.record_matches(
            connection, context.id, [_match(found.items, resolution.reason)], None, actor.name
        )
    if found.release:
        advance(connection, context, settings, found.release, release=True)
        _check_released(connection, context, found.release)
    if found.newer is not None:
        accept(connection, context, found.newer)
    if found.delivery is not None:
        understand(connection, context, settings, [found.delivery])
    realise(connection, context, today)
    cases.resolve(connection, context.id, case.id, resolution.action.value, resolution.reason, actor.name)
    controls.log(connection, context.id, actor.name, f"case.{resolution.action.value}", case_id, resolution.reason)
    return found


def _check_released(connection: Connection, context: LedgerContext, released: Sequence[int]) -> None:
    """Raises ResolutionRefused, and so undoes all of it, if the ledger did not take what was released."""
    states = events.states(connection, context.id, released)
    stuck = [number for number in released if states[number].state not in ("posted", "memo")]
    if not stuck:
        return
    about = cases.linked_to(connection, context.id, [public_id(IdKind.EVENT, number) for number in stuck])
    refusals = [c for c in cases.load(connection, context.id, about) if c.draft.reason is Reason.POSTING_REFUSED]
    why = refusals[-1].draft.sentence if refusals else "It is held still"
    raise ResolutionRefused(why, where="case", remedy=NEXT_STEP[Reason.POSTING_REFUSED])


def _book_and_tie(connection: Connection, context: LedgerContext, found: Plan, actor: Actor) -> None:
    """Posts the closing entry and ties its items to the ones it closes."""
    assert found.entry is not None
    (posted,) = ledger.post(connection, context.id, [found.entry], context.accounts)
    closing = reconciliation.project_entry(connection, context.id, posted.entry_id)
    by_account: dict[tuple[int, str], list[ItemRow]] = {}
    for row in [*found.items, *closing]:
        by_account.setdefault((row.account_id, row.item.currency), []).append(row)
    drafts = [_match(rows, found.entry.why) for rows in by_account.values()]
    reconciliation.record_matches(connection, context.id, drafts, None, actor.name)


def _match(rows: Sequence[ItemRow], why: str) -> tuple[int, MatchDraft]:
    first = rows[0].item
    allocations = tuple(Allocation(row.item.id, row.item.open_minor) for row in rows)
    draft = MatchDraft(first.account, first.currency, "person", 1, first.item, allocations, why, {"by": "a person"})
    return rows[0].account_id, draft
