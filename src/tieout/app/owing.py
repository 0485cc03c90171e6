"""What sellers are owed, booked as it happens: facts of sales become entries in the unit of work that heard them.

Only books of a marketplace that has sellers are settled; a retailer's stay as they are. A sale that cannot be split
blocks nothing but itself: it waits with an exception, and is taken up again when what it waits for has come.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from tieout.app.context import LedgerContext
from tieout.cases import store as cases
from tieout.db.pool import Connection
from tieout.events import store as events
from tieout.ledger import store as ledger
from tieout.model.case import CaseDraft, Reason
from tieout.model.commission import FeeRules, TiersBy
from tieout.model.entry import EntryDraft
from tieout.model.error import BadInput, ConfigError, NotFound, PostingRefused
from tieout.model.event import Event, EventKind
from tieout.model.money import exponent_of
from tieout.model.ownership import Ownership
from tieout.model.rate import EntryRate, rate_text, rounded
from tieout.model.sale import Fact, FactKind, Frozen, Stake
from tieout.model.seller import SettlementPolicy
from tieout.model.settlement import Leg
from tieout.posting.book import rate_key
from tieout.settlement import sales, sellers, splits, store
from tieout.settlement.facts import capture_of, currency_of, in_order, listings_of
from tieout.settlement.journal import Occasion, Posting, Step, entry, step
from tieout.settlement.ownership import owned_at
from tieout.settlement.sale import Standing, Terms, standing
from tieout.settlement.sales import SaleRow
from tieout.settlement.stake import moved, recharged
from tieout.settlement.telling import CONNECTING, TELLING, facts_of, sales_of

STAGE = "settlement"
_REASONS = (Reason.OWNERSHIP_UNKNOWN, Reason.SALE_NOT_SPLIT, Reason.RATE_MISSING)
_LINKED = (
    EventKind.PAYMENT_CAPTURED,
    EventKind.DISPUTE_WITHDRAWN,
    EventKind.DISPUTE_REINSTATED,
    EventKind.DISPUTE_LOST,
    *CONNECTING,
)
#: Facts whose money and whose hold are two entries, as the gateway and the seller see two things.
_TWO_ENTRIES = frozenset({FactKind.DISPUTED, FactKind.DISPUTE_WON})


class Settled(NamedTuple):
    """What settling did: entries posted, sales that could not be split, and the numbers of those entries by key."""

    entries: int = 0
    stuck: int = 0
    posted: Mapping[str, int] = {}


def is_marketplace(connection: Connection, context: LedgerContext) -> bool:
    """Whether sellers are owed in these books at all."""
    return context.chart.sellers == "payable" and sellers.any_sellers(connection, context.id)


def policy_of(connection: Connection, context: LedgerContext) -> SettlementPolicy:
    """The policy in force; the plain one if none was published."""
    row = sellers.policy(connection, context.id)
    return SettlementPolicy() if row is None else row.policy


def hear(connection: Connection, context: LedgerContext, heard: Sequence[Event]) -> Settled:
    """Takes up what events that were just booked, or noted, tell of sales."""
    telling = [event for event in heard if event.draft.kind in (*TELLING, *CONNECTING)]
    if not telling or not is_marketplace(connection, context):
        return Settled()
    linked = [event.id for event in telling if event.draft.kind in _LINKED]
    near = {event.id: event.draft.references for event in telling}
    known = {event.id: event for event in telling}
    if linked:
        near |= sales.near(connection, context.id, linked)
        missing = sorted(set(near) - set(known))
        states = events.states(connection, context.id, missing)
        booked = [number for number in missing if states[number].state in ("posted", "memo")]
        known |= {event.id: event for event in events.load(connection, context.id, booked)}
    policy = policy_of(connection, context)
    names = sales_of(near)
    told = [
        (names[event.id], fact)
        for event in known.values()
        if event.id in names and event.draft.kind in TELLING
        for fact in facts_of(event, context.own_sellers or (), policy)
    ]
    return tell(connection, context, told, "tieout")


def hear_again(connection: Connection, context: LedgerContext, numbers: Sequence[int]) -> Settled:
    """Takes up events that were booked before."""
    return hear(connection, context, events.load(connection, context.id, numbers))


def tell(connection: Connection, context: LedgerContext, told: Sequence[tuple[str, Fact]], actor: str) -> Settled:
    """Records facts, each once, and books what is new of their sales."""
    if not told:
        return Settled()
    sales.take(connection, context.id, sorted({sale for sale, _ in told}))
    new = sales.add_facts(connection, context.id, told, actor)
    return settle(connection, context, sorted({sale for sale, _ in new})) if new else Settled()


def retry(connection: Connection, context: LedgerContext, names: Sequence[str]) -> Settled:
    """Takes up the sales that wait for one of these: ``listing:…`` or a rate."""
    waiting = sales.waiting_for(connection, context.id, names)
    return settle(connection, context, waiting) if waiting else Settled()


class _Ready(NamedTuple):
    """A sale worked out: its entries, what they are made of, and its rows as they will be."""

    row: SaleRow
    entries: tuple[EntryDraft, ...]
    rows: Mapping[str, Sequence[splits.SplitRow]]
    stakes: tuple[Stake, ...]
    case: CaseDraft | None = None


def settle(connection: Connection, context: LedgerContext, names: Sequence[str]) -> Settled:
    """Books what is not booked yet of these sales: each to the cent, or not at all and with an exception."""
    sales.take(connection, context.id, names)
    known = sales.sales(connection, context.id, names)
    facts = sales.facts(connection, context.id, names)
    stakes = sales.stakes(connection, context.id, names)
    desk = _Desk(connection, context)
    ready = [desk.work_out(known[name], facts.get(name, []), stakes.get(name, {})) for name in sorted(known)]
    posted = _post(connection, context, ready)
    drafts = [one.case for one in posted.ready if one.case is not None]
    fine = [one.row.sale for one in posted.ready if one.case is None and known[one.row.sale].state != "settled"]
    if fine:
        cases.settle(connection, context.id, _REASONS, fine, "What was missing has come; its sellers' part is booked.")
    cases.open_cases(connection, context.id, STAGE, drafts)
    return Settled(len(posted.numbers), len(drafts), posted.numbers)


class _Posted(NamedTuple):
    ready: list[_Ready]
    numbers: dict[str, int]


def _post(connection: Connection, context: LedgerContext, ready: Sequence[_Ready]) -> _Posted:
    """Posts all at once; if the ledger refuses, sale by sale, so that only what is wrong stays behind."""
    try:
        with connection.transaction():
            return _Posted(list(ready), _write(connection, context, ready))
    except PostingRefused as refusal:
        if len(ready) == 1:
            (one,) = ready
            case = _case(one.row, Reason.POSTING_REFUSED, refusal.what, one.entries)
            row = msgspec.structs.replace(one.row, state="refused", applied=())
            return _Posted([_Ready(row, (), {}, (), case)], {})
    done = [_post(connection, context, [one]) for one in ready]
    return _Posted(
        [one for part in done for one in part.ready],
        {key: number for part in done for key, number in part.numbers.items()},
    )


def _write(connection: Connection, context: LedgerContext, ready: Sequence[_Ready]) -> dict[str, int]:
    drafts = [draft for one in ready for draft in one.entries]
    posted = ledger.post(connection, context.id, drafts, context.accounts)
    splits.record(connection, context.id, {key: rows for one in ready for key, rows in one.rows.items()})
    changed = [(one.row.sale, one.row.currency or "", stake) for one in ready for stake in one.stakes]
    sales.put_stakes(connection, context.id, changed)
    for one in ready:
        sales.put_sale(connection, context.id, one.row)
    return {made.key: made.entry_id for made in posted}


class _Desk:
    """Works sales out under what is in force, which it looks up once."""

    def __init__(self, connection: Connection, context: LedgerContext) -> None:
        self._connection, self._context = connection, context
        self._policy = policy_of(connection, context)
        self._zone = ZoneInfo(context.entity.timezone)
        self._rules: FeeRules | None = None

    def work_out(self, row: SaleRow, facts: Sequence[Fact], stakes: Mapping[str, Stake]) -> _Ready:
        """The sale with everything that was told of it, or why not."""
        captured_at, currency = capture_of(facts), currency_of(facts)
        row = msgspec.structs.replace(row, currency=currency, captured_at=captured_at)
        if captured_at is None or currency is None:
            keys = tuple(fact.key for fact in facts)
            return _Ready(msgspec.structs.replace(row, state="open", applied=keys), (), {}, ())
        try:
            frozen = self._frozen(row.frozen, facts, captured_at)
        except NotFound as error:
            return self._waiting(row, facts, error, captured_at)
        row = msgspec.structs.replace(row, frozen=frozen)
        try:
            return self._play(row, facts, stakes, currency)
        except (BadInput, NotFound, ConfigError) as error:
            return _Ready(
                msgspec.structs.replace(row, state="refused"), (), {}, (),
                _case(row, Reason.SALE_NOT_SPLIT, error.what, facts=facts),
            )  # fmt: skip

    def _frozen(self, before: Frozen | None, facts: Sequence[Fact], captured_at: datetime) -> Frozen:
        """What the sale is made under: kept if it has been settled before, but for listings that were added since.

        Raises NotFound for a listing nobody owns.
        """
        sold = listings_of(facts)
        have = {record.listing for record in before.ownership} if before is not None else set()
        missing = sorted(set(sold) - have)
        if before is not None and not missing:
            return before
        records = store.ownership_of(self._connection, self._context.id, missing)
        found = [owned_at(records, listing, max(sold[listing], captured_at)) for listing in missing]
        if before is not None:
            return msgspec.structs.replace(before, ownership=(*before.ownership, *found))
        rules = self._fee_rules()
        return Frozen(rules, tuple(found), self._volume(rules, found, captured_at))

    def _fee_rules(self) -> FeeRules:
        if self._rules is None:
            row = store.fee_rules(self._connection, self._context.id)
            self._rules = FeeRules() if row is None else row.rules
        return self._rules

    def _volume(self, rules: FeeRules, records: Iterable[Ownership], captured_at: datetime) -> dict[str, int]:
        """What each seller sold in the month before this sale, if a rule asks."""
        listed = [*rules.commission, *(rule for others in rules.fees.values() for rule in others)]
        if not any(rule.tiers and rule.tiers_by is TiersBy.VOLUME for rule in listed):
            return {}
        day = captured_at.astimezone(self._zone).date()
        parties = sorted({share.party for record in records for share in record.shares})
        return sales.sold_before(self._connection, self._context.id, parties, day.replace(day=1), day)

    def _waiting(self, row: SaleRow, facts: Sequence[Fact], error: NotFound, captured_at: datetime) -> _Ready:
        records = store.ownership_of(self._connection, self._context.id, list(listings_of(facts)))
        waits = []
        for listing, sold_at in listings_of(facts).items():
            try:
                owned_at(records, listing, max(sold_at, captured_at))
            except NotFound:
                waits.append(f"listing:{listing}")
        row = msgspec.structs.replace(row, state="waiting", waits_for=tuple(waits))
        return _Ready(row, (), {}, (), _case(row, Reason.OWNERSHIP_UNKNOWN, error.what, facts=facts))

    def _play(self, row: SaleRow, facts: Sequence[Fact], stakes: Mapping[str, Stake], currency: str) -> _Ready:
        """The entries of every fact that is not applied, one after the other in order of time."""
        assert row.frozen is not None, "it was frozen before it is split"
        terms = self._terms(row.frozen)
        applied = [fact for fact in facts if fact.key in set(row.applied)]
        before = standing(applied, terms)
        entries: list[EntryDraft] = []
        rows: dict[str, Sequence[splits.SplitRow]] = {}
        now = dict(stakes)
        new = in_order([fact for fact in facts if fact.key not in set(row.applied)])
        for fact in new:
            applied.append(fact)
            after = _standing(applied, terms, last=fact is new[-1])
            if after is None:
                continue
            rate = rate_of(self._connection, self._context, currency, self._day(fact.occurred_at))
            if rate is None:
                key = rate_key(currency, self._context.entity.base_currency, self._day(fact.occurred_at))
                waiting = msgspec.structs.replace(row, state="waiting", waits_for=(key,))
                return _Ready(waiting, (), {}, (), _case(row, Reason.RATE_MISSING, f"It waits for {key}.", facts=facts))
            made, now = self._booked(row, fact, before, after, now, rate)
            entries += made
            if made and after.order is not None:
                legs = _legs(before.legs, after.legs)
                if legs:
                    rows[made[-1 if fact.kind in _TWO_ENTRIES else 0].key] = splits.split_rows(legs, after.order)
            before = after
        row = msgspec.structs.replace(
            row, state="settled", waits_for=(), applied=tuple(fact.key for fact in applied),
            entries=row.entries + len(entries),
        )  # fmt: skip
        return _Ready(row, tuple(entries), rows, tuple(now.values()))

    def _terms(self, frozen: Frozen) -> Terms:
        parties = sorted({share.party for record in frozen.ownership for share in record.shares})
        found = sellers.sellers(self._connection, self._context.id, parties=parties) if parties else []
        own = {one.seller.party: one.seller.release for one in found if one.seller.release is not None}
        return Terms(frozen, self._policy.release, own, self._policy.dispute_fee_to_seller, self._zone)

    def _booked(
        self, row: SaleRow, fact: Fact, before: Standing, after: Standing, stakes: Mapping[str, Stake],
        rate: Fraction,
    ) -> tuple[list[EntryDraft], dict[str, Stake]]:  # fmt: skip
        """One fact's entries and the stakes after it."""
        day = self._day(after.captured_at or fact.occurred_at)
        change = moved(before, after, stakes, self._policy.refund_draws, day)
        first = before.captured_at is None and after.captured_at is not None
        name, why = ("captured", FactKind.CAPTURED.meaning) if first else (fact.kind.value, fact.kind.meaning)
        at = max(fact.occurred_at, after.captured_at or fact.occurred_at) if first else fact.occurred_at
        key = f"settlement/{row.sale}/{fact.key}"
        money = [one for one in change.postings if one[0].party is None]
        holds = [one for one in change.postings if one[0].party is not None]
        made: list[EntryDraft] = []
        if fact.kind in _TWO_ENTRIES and not first and not sum(posting.amount_minor for posting, _ in money):
            held = Step.HELD if fact.kind is FactKind.DISPUTED else Step.UNHELD
            told = "disputed" if fact.kind is FactKind.DISPUTED else "reinstated"
            made += self._entry(row, told, why, key, money, at, rate, fact)
            made += self._entry(row, held.value, held.meaning, f"{key}/hold", holds, at, rate, fact)
        else:
            made += self._entry(row, name, why, key, change.postings, at, rate, fact)
        fees = recharged(before, after)
        if fees:
            on = Step.FEE_RECHARGED
            charged = [(posting, "") for posting in step(on, fees)]
            made += self._entry(row, on.value, on.meaning, f"{key}/fee", charged, at, rate, fact)
        return made, {**stakes, **{stake.party: stake for stake in change.stakes}}

    def _entry(
        self, row: SaleRow, name: str, why: str, key: str, postings: Sequence[tuple[Posting, str]], at: datetime,
        rate: Fraction, fact: Fact,
    ) -> list[EntryDraft]:  # fmt: skip
        if not postings:
            return []
        day = self._day(at)
        assert row.currency is not None, "a sale that is split has a currency"
        return [
            sale_entry(
                self._context, Occasion(name, why, key, f"{why.rstrip('.')} · {row.sale}", row.currency, day, at),
                postings, row.sale, rate, fact.event_id,
            )
        ]  # fmt: skip

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()


def _standing(applied: Sequence[Fact], terms: Terms, *, last: bool) -> Standing | None:
    """What the facts come to; None if they do not fit together until those that follow are heard as well."""
    try:
        return standing(applied, terms)
    except BadInput:
        if last:
            raise
        return None


def rate_of(connection: Connection, context: LedgerContext, currency: str, day: date) -> Fraction | None:
    """Base currency per unit on a day, exactly; None if no rate is known."""
    if currency == context.entity.base_currency:
        return Fraction(1)
    found = context.books(connection, [(currency, day)]).rate_for(currency, day)
    return None if found is None else found.value


def sale_entry(
    context: LedgerContext, of: Occasion, postings: Sequence[tuple[Posting, str]], item: str, rate: Fraction,
    event_id: int | None = None,
) -> EntryDraft:  # fmt: skip
    """Postings as an entry: on a seller's bucket the line names the sale, on the first open day, worth base currency.

    `rate` is base currency per unit.
    """
    base = context.entity.base_currency
    lines = [_with_item(posting, item) for posting, _ in postings]
    sources = iter([source for _, source in postings])
    per_minor = rate * Fraction(10) ** (exponent_of(base) - exponent_of(of.currency))
    codes = {(posting.role, source): context.roles.account_for(posting.role, source) for posting, source in postings}
    draft = entry(
        of, lines, lambda role: codes[role, next(sources)], None if of.currency == base else per_minor
    )  # fmt: skip
    day = context.open_day(of.day, {line.account for line in draft.lines})
    return msgspec.structs.replace(
        draft, effective_date=day, late=day != of.day, event_id=event_id,
        rate=None if of.currency == base else rate_text([EntryRate(of.currency, rounded(rate), "", of.day)]),
    )  # fmt: skip


def _with_item(posting: Posting, item: str) -> Posting:
    """The sale as the item of what is a seller's, so that every cent of a bucket names where it came from."""
    if posting.party is None or posting.item is not None:
        return posting
    return msgspec.structs.replace(posting, item=item)


def _legs(before: Mapping[Leg, int], after: Mapping[Leg, int]) -> list[Leg]:
    """What the difference of two standings is made of."""
    found = [(leg, after.get(leg, 0) - before.get(leg, 0)) for leg in {**before, **after}]
    return [msgspec.structs.replace(leg, amount_minor=amount) for leg, amount in found if amount]


def _case(
    row: SaleRow, reason: Reason, what: str, entries: Sequence[EntryDraft] = (), *, facts: Sequence[Fact] = ()
) -> CaseDraft:
    amount = max((line.amount_minor for draft in entries for line in draft.lines), default=0)
    paid = sum(fact.amount_minor or 0 for fact in facts if fact.kind is FactKind.CAPTURED)
    return CaseDraft(
        reason, row.sale, f"{row.sale}: {what}.".replace("..", "."), amount or paid, row.currency, row.sale
    )
