"""Anything that can happen to sales, told to real books in any order and twice: everybody gets their own, to the cent.

Each story is told to two sales: to one in order of time, to the other shuffled and with repeats. Both must come to the
same for every seller, to what plain arithmetic says, and no seller of one line may get anything of another's.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.app import house
from tests.settlement.orders import fee_rules, orders
from tieout.app import Settings, Tieout
from tieout.app.acting import Fact, FactKind
from tieout.model.bucket import Bucket, ReservePlan
from tieout.model.commission import FeeRules
from tieout.model.error import TieoutError
from tieout.model.ownership import Ownership, Share
from tieout.model.sale import Stake
from tieout.model.seller import ReleaseBy, ReleaseRule, Seller, SettlementPolicy
from tieout.model.settlement import Order, OrderLine, Refund
from tieout.settlement.quote import quote

PARTIES = ("A", "B", "C", "D")
T0 = datetime(2026, 5, 4, 12, tzinfo=UTC)
NUMBERS = count(1)


class Story(NamedTuple):
    """A sale and what happens to it; `expected` is what each seller is owed in the end by plain arithmetic."""

    rules: FeeRules
    facts: list[Fact]
    order: Order
    expected: dict[str, int] | None


@pytest.fixture(scope="module")
def books(fresh_database: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tieout]:
    home: Path = tmp_path_factory.mktemp("home")
    with Tieout.open(Settings(home=home, database_url=fresh_database()), connections_max=4) as app:  # type: ignore[operator]
        app.init("Market Inc.", base_currency="EUR", timezone="UTC", password="not-a-secret")
        app.add_source("stripe", "stripe", secrets=["whsec"])
        app.add_sellers([Seller(party, f"{party} Ltd", "EUR") for party in PARTIES])
        yield app


@st.composite
def stories(draw: st.DrawFn) -> Story:
    order = msgspec.structs.replace(
        draw(orders()), currency="EUR", captured_at=None, id="", refunds=(), captures_minor=()
    )
    rules = draw(fee_rules)
    try:
        total = quote(msgspec.structs.replace(order, captured_at=T0), rules).totals.buyer_minor
    except TieoutError:
        total = 0
    whole = draw(st.booleans()) or total < 2
    first = total if whole else draw(st.integers(1, total - 1))
    facts = [Fact("paid", FactKind.CAPTURED, T0, order=order, amount_minor=first, source="stripe", item="charge:1")]
    if not whole:
        facts.append(
            Fact("rest", FactKind.CAPTURED, T0 + timedelta(hours=1), amount_minor=total - first, source="stripe")
        )
    left, refunds = total, []
    for number in range(draw(st.integers(0, 4))):
        amount = draw(st.integers(0, left))
        left -= amount
        refunds.append(amount)
        at = T0 + timedelta(days=1, minutes=number)
        facts.append(Fact(f"back {number}", FactKind.REFUNDED, at, amount_minor=amount, source="stripe"))
    ending = draw(st.sampled_from(["none", "open", "won", "lost"]))
    if ending != "none" and left:
        disputed = draw(st.integers(1, left))
        at = T0 + timedelta(days=2)
        facts.append(
            Fact("dispute", FactKind.DISPUTED, at, amount_minor=disputed, dispute="d", fee_minor=1500, source="stripe")
        )
        refunds += [disputed] if ending == "lost" else []
        if ending != "open":
            kind = FactKind.DISPUTE_WON if ending == "won" else FactKind.DISPUTE_LOST
            facts.append(Fact("end", kind, at + timedelta(days=1), amount_minor=disputed, dispute="d", source="stripe"))
    return Story(rules, facts, order, _expected(order, rules, [first] if whole else [first, total - first], refunds))


def _expected(order: Order, rules: FeeRules, captures: list[int], refunds: list[int]) -> dict[str, int] | None:
    asked = msgspec.structs.replace(
        order, captured_at=T0, captures_minor=tuple(captures),
        refunds=tuple(Refund(amount_minor=amount) for amount in refunds),
    )  # fmt: skip
    try:
        made = quote(asked, rules)
    except TieoutError:
        return None
    sums: Counter[str] = Counter()
    for portion in (*made.captures, *made.refunds):
        sums.update(portion.totals.sellers_minor)
        for leg in portion.kept:
            if leg.kind.value == "seller" and leg.party is not None:
                sums[leg.party] += leg.amount_minor
    return {party: amount for party, amount in sums.items() if amount}


def stakes(app: Tieout, sale: str) -> dict[str, Stake]:
    return {
        party: stake for party in PARTIES for name, stake in app.seller_sales(party, 100_000) if name == f"order:{sale}"
    }


def net(found: dict[str, Stake]) -> dict[str, int]:
    return {party: stake.net_minor for party, stake in found.items() if stake.net_minor}


def owed(app: Tieout) -> Counter[str]:
    return Counter({party: sum(one.amount_minor for one in app.seller_balance(party)) for party in PARTIES})


def parties_of(order: Order) -> set[str]:
    return {party for line in order.lines for party in line.owners}


@settings(max_examples=12)
@given(story=stories(), data=st.data())
def test_any_story_in_any_order(books: Tieout, story: Story, data: st.DataObject) -> None:
    books.publish_fee_rules(story.rules, reason="A story.")
    draws = data.draw(st.permutations([Bucket.RESERVE, Bucket.AVAILABLE]))
    plan = ReservePlan(percent=Decimal(data.draw(st.sampled_from([0, 10, 100]))), days=5)
    policy = SettlementPolicy(release=ReleaseRule(ReleaseBy.EVENT), reserve=plan, refund_draws=tuple(draws))
    books.publish_settlement_policy(policy, reason="A story.")
    number = next(NUMBERS)
    straight, shuffled = f"{number}a", f"{number}b"
    before = owed(books)
    for fact in story.facts:
        books.tell_sale(straight, fact, actor=house.ANNA)
    told: Sequence[Fact] = data.draw(st.permutations(story.facts))
    for fact in (*told, *told[:2]):
        books.tell_sale(shuffled, fact, actor=house.ANNA)
    one, other = stakes(books, straight), stakes(books, shuffled)
    assert one == other
    if story.expected is not None:
        assert net(one) == story.expected
    assert set(net(one)) <= parties_of(story.order)
    gained = owed(books)
    gained.subtract(before)
    assert {party: amount for party, amount in gained.items() if amount} == {
        party: 2 * amount for party, amount in net(one).items()
    }
    books.release_sales([f"order:{straight}"], at=T0 + timedelta(days=9), reason="A story.", actor=house.ANNA)
    assert books.release_due((T0 + timedelta(days=9)).date()).released == len(one)
    assert books.release_due((T0 + timedelta(days=9)).date()) == (0, 0, 0, 0)
    after = owed(books)
    assert after - before == gained + Counter()
    assert all(stake.pending_minor == 0 for stake in stakes(books, straight).values())
    assert sum(balance.balance_minor for balance in books.balances()) == 0
    assert not [finding for finding in books.check() if not finding.ok and "order:" in finding.what]


def test_ownership_that_changes_leaves_what_was_sold(books: Tieout) -> None:
    """A sale keeps the owners it was captured under; the next one has the new ones."""
    sold = [("solo", {"A": 10_000}, T0), ("duo", {"A": 4_000, "B": 6_000}, T0 + timedelta(days=3))]
    books.publish_fee_rules(FeeRules(), reason="Nothing is charged.")
    books.publish_settlement_policy(SettlementPolicy(), reason="A beginning.")
    for name, shares, since in sold:
        parts = tuple(Share(party, points) for party, points in shares.items())
        books.own_listing(Ownership("mug", parts, since))
        order = Order("EUR", (OrderLine(1, 1000, listing="mug"),))
        paid = Fact("paid", FactKind.CAPTURED, since + timedelta(hours=1), order=order, source="stripe")
        books.tell_sale(name, paid, actor=house.ANNA)
    back = Fact("back", FactKind.REFUNDED, T0 + timedelta(days=9), source="stripe", amount_minor=400)
    books.tell_sale("solo", back, actor=house.ANNA)
    assert [net(stakes(books, name)) for name, _, _ in sold] == [{"A": 600}, {"A": 400, "B": 600}]
