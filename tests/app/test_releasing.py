"""Sales become payable on their day and reserves end on theirs, once, whenever and however often the job runs."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.app import house, market
from tieout.app import Tieout
from tieout.model.bucket import ReservePlan
from tieout.model.error import BadInput
from tieout.model.seller import ReleaseBy, ReleaseRule, SettlementPolicy

WEEK = SettlementPolicy(release=ReleaseRule(ReleaseBy.DAYS, 7), reserve=ReservePlan(percent=Decimal(10), days=30))
DUE = house.DAY + timedelta(days=7)


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Tieout]:
    with market.opened(database_url, tmp_path) as app:
        market.own(app, anna=6000, bo=4000)
        yield app


def sell(app: Tieout, policy: SettlementPolicy = WEEK) -> None:
    app.publish_settlement_policy(policy, reason="A beginning.", actor=house.ANNA)
    house.tell(app, "shop", market.order())
    house.tell(app, "stripe", house.charge())


def test_a_sale_is_released_on_its_day_less_the_reserve(books: Tieout) -> None:
    sell(books)
    assert books.release_due(DUE - timedelta(days=1)) == (0, 0, 0, 0)
    assert not books.releases_due(DUE - timedelta(days=1))
    assert books.releases_due(DUE)
    assert books.release_due(DUE).released == 2
    assert market.buckets(books) == {
        ("anna", "available"): 2381, ("anna", "reserve"): 265, ("bo", "available"): 1588, ("bo", "reserve"): 176,
    }  # fmt: skip
    assert market.settlement(books)[1:] == [
        ("released", [
            ("2310 anna", 2646), ("2310 bo", 1764), ("2320 anna", -2381), ("2330 anna", -265), ("2320 bo", -1588),
            ("2330 bo", -176),
        ])
    ]  # fmt: skip
    assert books.release_due(DUE + timedelta(days=29)) == (0, 0, 0, 0)
    assert books.release_due(DUE + timedelta(days=30)).reserves == 2
    assert market.buckets(books) == {("anna", "available"): 2646, ("bo", "available"): 1764}


def test_it_is_dated_when_it_was_due_however_late_the_job_is(books: Tieout) -> None:
    sell(books)
    assert books.release_job() == 4  # two parts and two reserves: all of it is long due
    dates = [v.entry.draft.effective_date for v in books.journal() if "release" in v.entry.draft.rule_id]
    assert sorted(dates) == [DUE, DUE + timedelta(days=30), DUE + timedelta(days=30)]


def test_two_workers_release_once(books: Tieout) -> None:
    sell(books)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: books.release_due(), range(4)))
    assert not books.releases_due()
    assert len([rule for rule, _ in market.settlement(books) if rule == "released"]) == 1
    assert market.buckets(books) == {("anna", "available"): 2646, ("bo", "available"): 1764}


def test_a_refund_draws_on_its_own_reserve_first_and_then_makes_the_seller_owe(books: Tieout) -> None:
    sell(books)
    books.release_due(DUE)
    house.tell(books, "shop", market.refund())
    assert market.buckets(books) == {("anna", "available"): 1323, ("bo", "available"): 882}


def test_a_cap_bounds_all_that_is_kept(books: Tieout) -> None:
    sell(books, SettlementPolicy(reserve=ReservePlan(percent=Decimal(10), days=9, cap_minor=200, floor_minor=50)))
    books.release_due(house.DAY)
    assert market.buckets(books)["anna", "reserve"] == 200
    assert market.buckets(books)["bo", "reserve"] == 176


def test_by_event_somebody_says_so(books: Tieout) -> None:
    sell(books, SettlementPolicy(release=ReleaseRule(ReleaseBy.EVENT)))
    assert books.release_due() == (0, 0, 0, 0)
    at = datetime(2026, 3, 9, 12, tzinfo=UTC)
    assert books.release_sales(["order:1088"], at=at, reason="It is fine.", actor=house.ANNA) == 1
    assert books.release_due().released == 2
    with pytest.raises(BadInput):
        books.release_sales(["order:1088"], at=at, reason=" ", actor=house.ANNA)


def test_what_a_seller_owes_is_shown_and_netted_again(books: Tieout) -> None:
    sell(books, SettlementPolicy())
    books.release_due(house.DAY)
    house.tell(books, "shop", market.refund())
    account = {line.account for view in books.journal() for line in view.lines if line.party == "anna"}
    assert account >= {"2310", "2320"}
    assert books.present_debts(date(2026, 3, 31)) == 0
    fee = market.charge("anna", 2000)
    books.act(fee, actor=house.ANNA)
    assert books.present_debts(date(2026, 3, 31)) == 1
    assert books.present_debts(date(2026, 3, 31)) == 0
    (owed,) = [o for o in books.seller_balance("anna", date(2026, 3, 31)) if o.bucket.value == "receivable"]
    assert owed.amount_minor == -677
    assert market.buckets(books, "anna") == {("anna", "available"): -677}
