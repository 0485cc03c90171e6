"""Anything that can happen to sellers' money, in any order: the books balance, and everybody gets their own.

The books here are sums by role and seller, made of nothing but settlement's own journals. Beside them stands what each
seller must have by simple arithmetic: its parts of sales and refunds, less what was paid.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.settlement.orders import MARKET, TEN, fee_rules, orders
from tieout.model.account import Role
from tieout.model.bucket import Bucket, ReservePlan
from tieout.model.commission import FeeRules
from tieout.model.error import BadInput
from tieout.model.payout import PayoutLine, PayoutState, PayoutVerdict
from tieout.model.seller import PayoutAccount, Seller
from tieout.model.settlement import Order, Part, Portion, Refund, RefundLine
from tieout.settlement.bucket import draw_on, release
from tieout.settlement.journal import Postings, Step, captured, dispute_lost, refunded, released, step
from tieout.settlement.payout import LIVE, compose, moved
from tieout.settlement.quote import quote

PARTIES = ("A", "B", "C", "D")
DAY = date(2026, 10, 1)
PERCENTAGES = (Decimal(0), Decimal(10), Decimal(100))


@dataclass
class Sale:
    """A sale as the machine knows it: what it is, what came back, and what of each seller is not released yet."""

    order: Order
    rules: FeeRules
    pending: Counter[str]
    refunds: list[Refund] = field(default_factory=list)

    def portion(self, refund: Refund) -> Portion:
        """What one more refund takes back. Raises BadInput if it is not possible."""
        split = quote(msgspec.structs.replace(self.order, refunds=(*self.refunds, refund)), self.rules)
        return split.refunds[-1]


class Settlement:
    """Sales, releases, refunds, disputes, reserves and payouts of four sellers in one currency."""

    def __init__(self) -> None:
        self.told: Counter[str] = Counter()
        self.books: Counter[tuple[Role, str | None]] = Counter()
        self.due: Counter[str] = Counter()  # by simple arithmetic
        self.sales: list[Sale] = []
        self.disputes: list[tuple[Sale, Refund, Portion, dict[str, int]]] = []
        self.open: dict[str, list[PayoutLine]] = {party: [] for party in PARTIES}
        self.payouts: list[tuple[str, list[PayoutLine], PayoutState]] = []
        self.lines = 0

    def book(self, postings: Postings) -> None:
        assert sum(posting.amount_minor for posting in postings) == 0
        for posting in postings:
            self.books[posting.role, posting.party] += posting.amount_minor
            if posting.role is Role.SELLER_AVAILABLE and posting.party is not None:
                self.lines += 1
                self.open[posting.party].append(PayoutLine(f"l{self.lines}", -posting.amount_minor, "entry"))

    def bucket(self, party: str, bucket: Bucket) -> int:
        return -self.books[bucket.role, party]

    def sell(self, order: Order, rules: FeeRules) -> None:
        split = quote(order, rules)
        self.book(captured(split.legs, split.tenders_minor))
        self.due.update(split.totals.sellers_minor)
        self.sales.append(Sale(order, rules, Counter(split.totals.sellers_minor)))

    def release(self, number: int) -> None:
        sale, plan = self.sales[number % len(self.sales)], ReservePlan(percent=PERCENTAGES[number % 3])
        reserved = {party: self.bucket(party, Bucket.RESERVE) for party in sale.pending}
        self.book(released({p: release(a, a, plan, reserved[p], DAY) for p, a in sale.pending.items()}))
        sale.pending.clear()

    def refund(self, number: int) -> None:
        sale, reserve_first = self.sales[number % len(self.sales)], number % 5 < 2
        refund = Refund(amount_minor=number if number % 7 else None)
        try:
            portion = sale.portion(refund)
        except BadInput:
            return
        sale.refunds.append(refund)
        drawn = {}
        for party, back in portion.totals.sellers_minor.items():
            balances = {
                Bucket.PENDING: sale.pending[party],
                Bucket.RESERVE: self.bucket(party, Bucket.RESERVE) if reserve_first else 0,
            }
            drawn[party] = draw_on(max(-back, 0), balances, [Bucket.PENDING, Bucket.RESERVE])
            sale.pending[party] -= drawn[party].get(Bucket.PENDING, 0)
        self.told["refunded"] += 1
        self.book(refunded(portion, drawn))
        self.due.update(portion.totals.sellers_minor)
        for leg in portion.kept:
            self.due.update({leg.party: leg.amount_minor} if leg.kind == "seller" and leg.party else {})

    def dispute(self, number: int) -> None:
        sale, fee = self.sales[number % len(self.sales)], number % 3
        line = sale.order.lines[number % len(sale.order.lines)].line
        refund = Refund(lines=(RefundLine(line, Part.LINE),))
        if any(other is sale for other, *_ in self.disputes):
            return
        try:
            portion = sale.portion(refund)
        except BadInput:
            return
        held = {party: -back for party, back in portion.totals.sellers_minor.items() if back}
        self.book(step(Step.DISPUTED, -portion.totals.buyer_minor))
        self.book(step(Step.DISPUTE_FEE, fee))
        self.book(step(Step.HELD, held))
        self.disputes.append((sale, refund, portion, held))

    def decide(self, number: int) -> None:
        if not self.disputes:
            return
        lost = number % 3 > 0
        sale, refund, portion, held = self.disputes.pop(0)
        if not lost:
            self.book(step(Step.REINSTATED, -portion.totals.buyer_minor))
            self.book(step(Step.UNHELD, held))
            return
        try:
            now = sale.portion(refund)
        except BadInput:
            now = None
        if now != portion:  # refunded in the meantime: the hold ends, and there is nothing to lose twice
            self.book(step(Step.REINSTATED, -portion.totals.buyer_minor))
            self.book(step(Step.UNHELD, held))
            return
        sale.refunds.append(refund)
        self.told["lost"] += 1
        self.book(dispute_lost(portion))
        self.due.update(portion.totals.sellers_minor)
        for leg in portion.kept:
            self.due.update({leg.party: leg.amount_minor} if leg.kind == "seller" and leg.party else {})

    def end_reserve(self, number: int) -> None:
        party = PARTIES[number % 4]
        self.book(step(Step.RESERVE_RELEASED, {party: self.bucket(party, Bucket.RESERVE)}))

    def pay(self, number: int) -> None:
        party, kept = PARTIES[number % 4], number % 3
        account = PayoutAccount(party, "DE89370400440532013000")
        seller = Seller(party, party, "EUR", account=account, kept_minimum_minor=kept)
        made = compose(seller, self.open[party], [], DAY, name=str(self.lines))
        assert (made.verdict is PayoutVerdict.PAID) == (self.bucket(party, Bucket.AVAILABLE) > kept)
        if made.verdict is not PayoutVerdict.PAID:
            return
        carried = [
            PayoutLine(line.id, -line.amount_minor, "entry") for line in made.lines if line.id == f"carry:{self.lines}"
        ]
        self.book(step(Step.SUBMITTED, {party: made.amount_minor}))
        self.open[party] = carried  # the entry of the payout itself settles its lines
        self.payouts.append((party, [*made.lines], PayoutState.SUBMITTED))
        self.due[party] -= made.amount_minor

    def hear_of_a_payout(self, number: int) -> None:
        if not self.payouts:
            return
        place = number % len(self.payouts)
        party, lines, state = self.payouts[place]
        ways = {
            PayoutState.SUBMITTED: (PayoutState.PAID, PayoutState.FAILED),
            PayoutState.PAID: (PayoutState.RETURNED,),
        }.get(state, ())
        if not ways:
            return
        to = ways[number % len(ways)]
        amount = {party: sum(line.amount_minor for line in lines)}
        self.told[to] += 1
        self.payouts[place] = (party, lines, moved(state, to))
        if to is PayoutState.PAID:
            self.book(step(Step.CONFIRMED, amount))
            return
        if to is PayoutState.RETURNED:
            self.book(step(Step.CAME_BACK, amount))
        self.book(step(Step.FAILED, amount))
        self.due.update(amount)

    def the_books_balance(self) -> None:
        assert sum(self.books.values()) == 0

    def every_seller_has_what_simple_arithmetic_says(self) -> None:
        buckets = (Bucket.PENDING, Bucket.AVAILABLE, Bucket.RESERVE, Bucket.DISPUTE_HOLD)
        for party in PARTIES:
            assert sum(self.bucket(party, bucket) for bucket in buckets) == self.due[party]

    def what_is_open_is_what_is_available(self) -> None:
        for party in PARTIES:
            assert sum(line.amount_minor for line in self.open[party]) == self.bucket(party, Bucket.AVAILABLE)

    def no_line_is_in_two_live_payouts(self) -> None:
        live = [line.id for _, lines, state in self.payouts if state in LIVE for line in lines if line.kind == "entry"]
        assert len(live) == len(set(live))

    def in_transit_is_what_was_submitted(self) -> None:
        for party in PARTIES:
            sent = sum(
                line.amount_minor
                for of, lines, state in self.payouts
                if of == party and state is PayoutState.SUBMITTED
                for line in lines
            )
            assert self.bucket(party, Bucket.IN_TRANSIT) == sent

    def hold_together(self) -> None:
        self.the_books_balance()
        self.every_seller_has_what_simple_arithmetic_says()
        self.what_is_open_is_what_is_available()
        self.no_line_is_in_two_live_payouts()
        self.in_transit_is_what_was_submitted()


STEPS: tuple[Callable[[Settlement, int], None], ...] = (
    Settlement.release,
    Settlement.refund,
    Settlement.dispute,
    Settlement.decide,
    Settlement.end_reserve,
    Settlement.pay,
    Settlement.hear_of_a_payout,
)
SALES = st.lists(st.tuples(orders(), fee_rules), min_size=1, max_size=3)
HAPPENINGS = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3000)), min_size=20, max_size=60)


@settings(deadline=None)
@given(SALES, HAPPENINGS)
def test_whatever_happens_the_books_hold_together(sales, happenings) -> None:
    machine = Settlement()
    for order, rules in sales:
        machine.sell(order, rules)
        machine.hold_together()
    for happening, number in happenings:
        happening(machine, number)
        machine.hold_together()
    assert sum(machine.books.values()) == 0


def test_the_machine_gets_everywhere() -> None:
    """On one long walk with a fixed order, everything it can do is done more than once."""
    machine = Settlement()
    for number in range(1, 400):
        if number % 8 == 1:
            machine.sell(msgspec.structs.replace(MARKET, currency="EUR"), TEN)
        STEPS[number * 5 % 7](machine, number * 37 % 3000)
        machine.hold_together()
    assert {name for name, count in machine.told.items() if count > 1} == {
        "refunded", "lost", PayoutState.PAID, PayoutState.FAILED, PayoutState.RETURNED,
    }  # fmt: skip
