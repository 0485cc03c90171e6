"""What events tell of sales is booked for sellers in the same unit of work, whatever the order they come in."""

import itertools
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.app import house, market
from tests.connectors.stripe import objects as stripe
from tieout.app import Tieout
from tieout.model.seller import Seller, SettlementPolicy

HALF = [("2300 Linde", 4900), ("4070", -490), ("2310 anna", -2646), ("2310 bo", -1764)]


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Tieout]:
    with market.opened(database_url, tmp_path) as app:
        yield app


def test_a_sale_is_split_when_its_money_has_come(books: Tieout) -> None:
    market.own(books, anna=6000, bo=4000)
    house.tell(books, "shop", market.order())
    assert market.settlement(books) == []
    house.tell(books, "stripe", house.charge())
    assert market.settlement(books) == [("captured", HALF)]
    assert market.buckets(books) == {("anna", "pending"): 2646, ("bo", "pending"): 1764}
    assert house.balances(books)[("4070", "EUR")] == -490
    assert ("2300", "EUR") not in house.balances(books)
    (entry,) = [v.entry.draft for v in books.journal() if v.entry.draft.rule_id == "settlement.captured"]
    assert {line.item for line in entry.lines if line.party in market.PARTIES} == {"order:1088"}
    house.tell(books, "shop", market.refund())
    assert market.buckets(books) == {("anna", "pending"): 1323, ("bo", "pending"): 882}
    assert not [f for f in books.check() if not f.ok and f.what != "proof"]


def test_what_is_frozen_stays(books: Tieout) -> None:
    market.own(books, anna=6000, bo=4000)
    house.tell(books, "shop", market.order())
    house.tell(books, "stripe", house.charge())
    market.own(books, since=datetime(2026, 3, 3, 12, tzinfo=UTC), bo=10_000)
    books.publish_fee_rules(market.FREE, reason="A gift.", actor=house.ANNA)
    house.tell(books, "shop", market.refund())
    assert market.buckets(books) == {("anna", "pending"): 1323, ("bo", "pending"): 882}


def test_an_unlisted_listing_blocks_only_its_own_sale(books: Tieout) -> None:
    house.tell(books, "shop", market.order())
    house.tell(books, "stripe", house.charge())
    assert market.settlement(books) == []
    assert house.open_cases(books) == [("ownership_unknown", "order:1088", 4900)]
    assert house.balances(books)[("2300", "EUR")] == -4900
    market.own(books, anna=6000, bo=4000)
    assert market.settlement(books) == [("captured", HALF)]
    assert house.open_cases(books) == []


def test_a_retailers_books_stay_as_they_are(database_url: str, tmp_path: Path) -> None:
    with house.open_house(database_url, tmp_path) as app:
        market.own(app, anna=10_000)
        house.tell(app, "shop", market.order())
        house.tell(app, "stripe", house.charge())
        assert market.settlement(app) == []
        app.add_seller(Seller("anna", "Anna Ahrens", "EUR"), reason="We become a marketplace.", actor=house.ANNA)
        assert market.buckets(app) == {("anna", "pending"): 4900}


def test_more_back_than_was_sold_is_a_case_and_nothing_is_lost(books: Tieout) -> None:
    market.own(books, anna=10_000)
    house.tell(books, "shop", market.order())
    house.tell(books, "stripe", house.charge())
    house.tell(books, "shop", market.refund(amount="60.00"))
    assert [row[:2] for row in house.open_cases(books)] == [("sale_not_split", "order:1088")]
    assert market.buckets(books) == {("anna", "pending"): 4410}
    assert house.balances(books)[("2300", "EUR")] == 6000


def disputed(app: Tieout, status: str) -> None:
    """A dispute about the whole charge, as the gateway's event tells it."""
    withdrawn = stripe.withdrawal(amount=-4900, net=-6900)
    thing = stripe.dispute(withdrawn, amount=4900, status=status)
    kind = "charge.dispute.created" if status == "needs_response" else "charge.dispute.closed"
    body = stripe.event(kind, thing, id=f"evt_{status}")
    house.tell(app, "stripe", body, kind)


@pytest.mark.parametrize("late", [False, True])
def test_a_dispute_holds_what_its_sellers_are_owed_whenever_it_is_heard(books: Tieout, late: bool) -> None:
    market.own(books, anna=6000, bo=4000)
    if late:
        disputed(books, "needs_response")
    house.tell(books, "shop", market.order())
    house.tell(books, "stripe", house.charge())
    if not late:
        disputed(books, "needs_response")
    assert market.buckets(books) == {("anna", "dispute_hold"): 2646, ("bo", "dispute_hold"): 1764}
    disputed(books, "lost")
    assert market.buckets(books) == {}
    assert ("4070", "EUR") not in house.balances(books)
    assert ("5020", "EUR") not in house.balances(books)


def told() -> dict[str, Callable[[Tieout], object]]:
    """Everything about a sale: placed, paid, refunded twice, disputed."""
    return {
        "placed": lambda app: house.push(app, "shop", market.order()),
        "paid": lambda app: house.push(app, "stripe", house.charge()),
        "one back": lambda app: house.push(app, "shop", market.refund(9001, "12.33")),
        "more back": lambda app: house.push(app, "shop", market.refund(9002, "0.01")),
        "owned": lambda app: market.own(app, anna=6667, bo=3333),
    }


def test_any_order_of_arrival_comes_to_the_same(fresh_database: Callable[[], str], tmp_path: Path) -> None:
    found = set()
    orders = list(itertools.permutations(told()))[::17]
    for number, names in enumerate(orders):
        with market.opened(fresh_database(), tmp_path / str(number)) as app:
            for name in names:
                told()[name](app)
                house.work(app)
            for name in names[:3]:  # some of it twice
                if name != "owned":
                    told()[name](app)
            house.work(app)
            app.sweep()
            found.add((tuple(sorted(market.buckets(app).items())), app.ledger_hash()))
            assert house.open_cases(app) == []
    assert len(orders) == 8
    ((owed, _),) = found
    assert sum(amount for _, amount in owed) == 3299  # nine tenths of 36.66


def test_a_policy_says_who_pays_for_a_discount(books: Tieout) -> None:
    books.publish_settlement_policy(SettlementPolicy(), reason="A beginning.", actor=house.ANNA)
    row = books.settlement_policy()
    assert row is not None
    assert (row.version, row.policy) == (1, SettlementPolicy())
