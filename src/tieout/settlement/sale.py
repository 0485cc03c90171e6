"""A sale is the sum of what happened to it, in whatever order it was told.

`standing` is a pure function of a set of facts: it puts them in order of time, splits the order under what was frozen
with it and takes refunds and disputes of what earlier ones left. Whoever hears one fact more books the difference of
two standings, so shuffled and doubled arrivals come to the same balances.

A sale of which the gateway's money is told directly is booked whole. One that a shop's order has booked already, with
what vendors get as payable, moves only the sellers' part: from payable to their buckets, commission and discounts.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from tieout.model.account import Role
from tieout.model.error import BadInput
from tieout.model.sale import Fact, FactKind, Frozen
from tieout.model.seller import ReleaseBy, ReleaseRule
from tieout.model.settlement import Leg, LegKind, Order, Portion, Quote, Refund
from tieout.settlement.facts import capture_of, in_its_currency
from tieout.settlement.journal import Posting, posting_of
from tieout.settlement.ownership import divide
from tieout.settlement.portion import drawn, left_of, merged, negated, ordered, refunded, sum_of, tenders_of, totals
from tieout.settlement.quote import quote

_OF_SELLERS = frozenset({LegKind.SELLER, LegKind.SELLER_TAX})
_TAXES = frozenset({LegKind.TAX, LegKind.CHANNEL_TAX})
#: What the shop's own booking of an order left for settlement to say.
_UNTOLD = frozenset(
    {LegKind.SELLER, LegKind.SELLER_TAX, LegKind.COMMISSION, LegKind.FEE, LegKind.FEE_TAX, LegKind.DISCOUNT}
)


class Standing(NamedTuple):
    """What a set of facts comes to.

    `other` is everything but the sellers' buckets, debit positive, by posting without its amount and by whose account
    it is. `net` and `held` are owed to and held of each seller, `recharged` are dispute fees passed on. `legs` say what
    it all is made of. `due` is the day a seller's part is released; None: not before something happens.
    """

    captured_at: datetime | None
    other: Mapping[tuple[Posting, str], int]
    net: Mapping[str, int]
    held: Mapping[str, int]
    recharged: Mapping[str, int]
    gross: Mapping[str, int]
    total: Mapping[str, int]
    due: Mapping[str, date | None]
    legs: Mapping[Leg, int]
    order: Order | None


class Terms(NamedTuple):
    """Under what a sale is worked out: what was frozen with it, each party's release, and who pays dispute fees."""

    frozen: Frozen
    release: ReleaseRule
    own_release: Mapping[str, ReleaseRule]
    fee_to_seller: bool
    zone: ZoneInfo


def standing(facts: Sequence[Fact], terms: Terms) -> Standing:
    """What the facts come to; nothing before the money has come. Raises BadInput for what is not there to go back."""
    captured_at = capture_of(facts)
    play = _Play(terms, captured_at)
    if captured_at is not None:
        for fact in in_its_currency(facts):
            play.tell(fact)
    return play.standing()


class _Piece:
    """An order, or what was added to one: its split, and what of it was captured and taken back."""

    def __init__(self, made: Quote, order: Order, first: int) -> None:
        self.quote, self.order, self.first = made, order, first
        self.captured: list[tuple[Leg, ...]] = []
        self.back: list[Portion] = []
        self.tenders: Counter[str] = Counter()

    def left(self) -> tuple[Leg, ...]:
        """The legs that are captured and have not gone back."""
        return left_of(merged(leg for legs in self.captured for leg in legs), [one.legs for one in self.back])

    def units(self) -> dict[int, int]:
        return {
            line.line: line.quantity - sum(one.units.get(line.line, 0) for one in self.back)
            for line in self.order.lines
        }


class _Play:
    """Facts, one after the other."""

    def __init__(self, terms: Terms, captured_at: datetime | None) -> None:
        self._terms, self._captured_at = terms, captured_at
        self._pieces: list[_Piece] = []
        self._vendors: dict[int, str] = {}
        self._other: Counter[tuple[Posting, str]] = Counter()
        self._net: Counter[str] = Counter()
        self._legs: Counter[Leg] = Counter()
        self._recharged: Counter[str] = Counter()
        self._gross: Counter[str] = Counter()
        self._total: Counter[str] = Counter()
        self._holds: dict[str, tuple[Leg, ...]] = {}
        self._fees: dict[str, int] = {}
        self._arrived: dict[int, date] = {}
        self._released: date | None = None
        self._told = False

    def tell(self, fact: Fact) -> None:
        if fact.order is not None:
            self._begin(fact)
        if fact.kind is FactKind.CAPTURED and (fact.order is not None or fact.source):
            self._capture(fact)
        elif fact.kind in (FactKind.REFUNDED, FactKind.PACKAGE_LOST):
            self._refund(fact)
        elif fact.kind is FactKind.DISPUTED:
            self._dispute(fact)
        elif fact.kind is FactKind.DISPUTE_WON:
            self._holds.pop(fact.dispute, None)
            self._money(fact, fact.amount_minor or 0, Role.GATEWAY, Role.DISPUTED)
        elif fact.kind is FactKind.DISPUTE_LOST:
            self._lose(fact)
        elif fact.kind is FactKind.DELIVERED:
            numbers = [line.line for line in fact.lines] or [
                line.line for piece in self._pieces for line in piece.order.lines
            ]
            for number in numbers:
                self._arrived.setdefault(number, self._day(fact.occurred_at))
        elif fact.kind is FactKind.RELEASED:
            self._released = self._day(fact.occurred_at)

    def _begin(self, fact: Fact) -> None:
        assert fact.order is not None, "an order comes with it"
        frozen, at = self._terms.frozen, max(fact.occurred_at, self._captured_at or fact.occurred_at)
        order = msgspec.structs.replace(fact.order, captured_at=at, volume_minor=frozen.volume_minor)
        piece = _Piece(quote(order, frozen.rules, frozen.ownership), order, len(self._pieces))
        self._pieces.append(piece)
        self._vendors |= fact.vendors
        for line in piece.quote.lines:
            for party, part in divide(line.price_minor, line.shares).items() if line.shares else ():
                self._gross[party] += part
            for party, part in divide(line.buyer_pays_minor, line.shares).items() if line.shares else ():
                self._total[party] += part
        if fact.kind is not FactKind.CAPTURED:  # a shop booked it: all of it counts, since all of it is paid
            self._told = True
            piece.captured.append(ordered(piece.quote.legs))
            piece.tenders.update(piece.quote.tenders_minor)
            self._book(piece.quote.legs, None)

    def _capture(self, fact: Fact) -> None:
        if not self._pieces or self._told:
            return
        piece = self._pieces[0]
        made = piece.quote
        rest = left_of(ordered(made.legs), piece.captured)
        amount = sum_of(rest) if fact.amount_minor is None else fact.amount_minor
        taken = drawn(rest, amount, fact.key)
        left = Counter(made.tenders_minor)
        left.subtract(piece.tenders)
        tenders = tenders_of(amount, left, None, fact.key)
        piece.captured.append(taken)
        piece.tenders.update(tenders)
        self._book(taken, None)
        self._tender(tenders, fact)

    def _refund(self, fact: Fact) -> None:
        for piece, refund in self._refunds(fact):
            portion = refunded(piece.left(), refund, piece.units(), piece.tenders, fact.key)
            piece.back.append(portion)
            piece.tenders.update(portion.tenders_minor)
            counter = Role.RETURNS if self._told and not refund.lines else None
            self._book((*portion.legs, *portion.kept), counter, borne_by=fact.borne_by, back=True)
            if not self._told:
                self._tender(portion.tenders_minor, fact)

    def _refunds(self, fact: Fact) -> list[tuple[_Piece, Refund]]:
        """A refund by the pieces its lines are of; an amount without lines is taken of each in turn."""
        if not self._told:
            if not self._pieces:
                raise BadInput("Nothing was captured before it", where=fact.key, remedy="Correct its time.")
            return [(self._pieces[0], Refund(fact.amount_minor, fact.lines))]
        found = []
        for piece in self._pieces:
            numbers = {line.line for line in piece.order.lines}
            own = tuple(line for line in fact.lines if line.line in numbers)
            if own:
                found.append((piece, Refund(lines=own)))
        if sum(len(refund.lines) for _, refund in found) != len(fact.lines):
            raise BadInput("A line of it is not in the sale", where=fact.key, remedy="Name lines of the sale.")
        return [*found, *self._amounts(fact.amount_minor or 0, fact.key)]

    def _amounts(self, amount: int, where: str) -> Iterator[tuple[_Piece, Refund]]:
        for piece in self._pieces:
            part = min(amount, sum_of(piece.left()))
            if part > 0:
                yield piece, Refund(amount_minor=part)
                amount -= part
        if amount > 0:
            raise BadInput(
                f"{amount} minor units more go back than are left of the sale", where=where,
                remedy="Compare with what was captured and refunded before.",
            )  # fmt: skip

    def _dispute(self, fact: Fact) -> None:
        self._holds[fact.dispute] = self._disputed(fact)
        self._fees[fact.dispute] = fact.fee_minor
        amount = fact.amount_minor or sum_of(self._holds[fact.dispute])
        self._money(fact, amount, Role.DISPUTED, Role.GATEWAY)
        self._money(fact, fact.fee_minor, Role.DISPUTE_FEES, Role.GATEWAY)

    def _disputed(self, fact: Fact) -> tuple[Leg, ...]:
        """What of the sale is disputed and not disputed already: the lines named, or the amount over all of it."""
        if not self._pieces:
            return ()
        piece = self._pieces[0]
        free = left_of(piece.left(), [legs for name, legs in self._holds.items() if name != fact.dispute])
        if fact.lines:
            return (
                negated(
                    refunded(free, Refund(lines=fact.lines), piece.units(), {"gateway": sum_of(free)}, fact.key).legs
                )
                if free
                else ()
            )
        whole = sum_of(free)
        return drawn(free, whole if fact.amount_minor is None else min(fact.amount_minor, whole), fact.key)

    def _lose(self, fact: Fact) -> None:
        taken = self._holds.pop(fact.dispute, None)
        if taken is None:
            taken = self._disputed(fact)
        if not taken:
            return
        piece = self._pieces[0]
        back = negated(left_within(taken, piece.left()))
        piece.back.append(Portion(back, totals(back), {}))
        self._book(back, Role.CHARGEBACK_LOSSES if self._told else None, borne_by=fact.borne_by, back=True)
        self._money(fact, -sum_of(back), None, Role.DISPUTED)
        fee = self._fees.get(fact.dispute, fact.fee_minor)
        if self._terms.fee_to_seller and fee:
            parts: Counter[str] = Counter()
            for leg in back:
                if leg.kind in _OF_SELLERS and leg.party is not None:
                    parts[leg.party] -= leg.amount_minor
            if parts:
                self._recharged[min(parts, key=lambda party: (-parts[party], party))] += fee

    def _money(self, fact: Fact, amount: int, debit: Role | None, credit: Role) -> None:
        """Money between the gateway and a dispute; a shop's own sources have booked theirs."""
        if self._told or not amount or not fact.source:
            return
        if debit is not None:
            self._other[Posting(debit, 0, item=_item(debit, fact)), fact.source] += amount
        self._other[Posting(credit, 0, item=_item(credit, fact)), fact.source] -= amount

    def _tender(self, tenders: Mapping[str, int], fact: Fact) -> None:
        for name, amount in tenders.items():
            role = {"gift_card": Role.GIFT_CARD_LIABILITY, "store_credit": Role.STORE_CREDIT_LIABILITY}.get(
                name, Role.GATEWAY
            )
            self._other[Posting(role, 0, item=_item(role, fact)), fact.source] += amount

    def _book(self, legs: Iterable[Leg], counter: Role | None, *, borne_by: str = "seller", back: bool = False) -> None:
        """Sellers' legs add to what they are owed; the others go where they belong.

        Of an order a shop has booked, only the sellers' part, against `counter` or what its vendors are owed.
        """
        for leg in legs:
            if self._told and (leg.line not in self._vendors or leg.kind not in _UNTOLD):
                continue
            if borne_by == "platform" and leg.kind not in _TAXES:
                self._add(Posting(Role.GOODWILL, 0), -leg.amount_minor)
            else:
                self._legs[msgspec.structs.replace(leg, amount_minor=0)] += leg.amount_minor
                if leg.kind in _OF_SELLERS:
                    assert leg.party is not None, "what a seller gets names the seller"
                    self._net[leg.party] += leg.amount_minor
                else:
                    self._add(posting_of(leg, back=back), -leg.amount_minor)
            if self._told:
                self._add(self._counter(leg, counter), leg.amount_minor)

    def _counter(self, leg: Leg, counter: Role | None) -> Posting:
        if counter is not None:
            return Posting(counter, 0)
        if leg.kind is LegKind.SELLER_TAX:
            return Posting(Role.TAX_PAYABLE, 0, tax=leg.label)
        return Posting(Role.SELLER_PAYABLE, 0, self._vendors[leg.line])

    def _add(self, posting: Posting, amount_minor: int) -> None:
        self._other[msgspec.structs.replace(posting, amount_minor=0), ""] += amount_minor

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._terms.zone).date()

    def standing(self) -> Standing:
        held: Counter[str] = Counter()
        for legs in self._holds.values():
            for leg in legs:
                if leg.kind in _OF_SELLERS and leg.party is not None:
                    held[leg.party] += leg.amount_minor
        return Standing(
            self._captured_at, {key: amount for key, amount in self._other.items() if amount}, self._net,
            {party: max(amount, 0) for party, amount in held.items()}, self._recharged, self._gross, self._total,
            {party: self._due(party) for party in self._net}, self._legs,
            self._pieces[0].order if self._pieces else None,
        )  # fmt: skip

    def _due(self, party: str) -> date | None:
        if self._released is not None:
            return self._released
        rule = self._terms.own_release.get(party, self._terms.release)
        wait = timedelta(days=rule.days)
        if rule.by is ReleaseBy.DAYS:
            assert self._captured_at is not None, "nobody is owed before the capture"
            return self._day(self._captured_at) + wait
        if rule.by is ReleaseBy.EVENT:
            return None
        own = {
            line.line for piece in self._pieces for line in piece.quote.lines
            if any(share.party == party for share in line.shares)
        }  # fmt: skip
        return max(self._arrived[number] for number in own) + wait if own <= set(self._arrived) else None


def left_within(legs: Sequence[Leg], left: Sequence[Leg]) -> tuple[Leg, ...]:
    """Of these legs what is still left: a refund may have come between a dispute's beginning and its end."""
    there = {msgspec.structs.replace(leg, amount_minor=0): leg.amount_minor for leg in left}
    found = []
    for leg in legs:
        rest = there.get(msgspec.structs.replace(leg, amount_minor=0), 0)
        amount = min(leg.amount_minor, rest) if leg.amount_minor > 0 else max(leg.amount_minor, rest)
        if amount:
            found.append(msgspec.structs.replace(leg, amount_minor=amount))
    return tuple(found)


def _item(role: Role, fact: Fact) -> str | None:
    if role is Role.DISPUTED:
        return f"dispute:{fact.dispute}"
    return (fact.item or f"sale:{fact.key}") if role is Role.GATEWAY else None
