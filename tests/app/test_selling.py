"""Sellers: profiles in versions, accounts that two people change, holds, balances on any day."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from tests.app import house, market
from tieout.app import Tieout
from tieout.model.bucket import Bucket, HoldReason, ReservePlan
from tieout.model.entity import Actor
from tieout.model.error import BadInput, Conflict, NotFound, PostingRefused
from tieout.model.seller import PayoutAccount, Seller, SettlementPolicy

EVA = Actor("eva", "person")
IBAN = "DE89370400440532013000"
OTHER = "NL91ABNA0417164300"


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Tieout]:
    with market.opened(database_url, tmp_path) as app:
        yield app


def test_a_profile_changes_by_versions_and_says_who_did_it(books: Tieout) -> None:
    paused = Seller("anna", "Anna Ahrens", "EUR", paused="On holiday.")
    made = books.change_seller(paused, reason="She asked.", actor=EVA)
    assert (made.version, made.seller, made.changed_by) == (2, paused, "eva")
    assert [row.seller.paused for row in books.sellers()] == ["On holiday.", ""]
    later = datetime.now(UTC) + timedelta(days=30)
    books.change_seller(Seller("anna", "Anna Ahrens", "EUR"), reason="Back.", valid_from=later, actor=EVA)
    assert [row.seller.paused for row in books.sellers()] == ["On holiday.", ""]
    view = books.seller("anna")
    assert [row.version for row in view.versions] == [1, 2, 3]
    with pytest.raises(BadInput, match="begins after the one before"):
        books.change_seller(paused, reason="Too early.", actor=EVA)
    said = [line.detail for line in books.audit(50) if (line.actor, line.action) == ("eva", "seller.changed")]
    assert said == ["paused: On holiday. → None; Back.", "paused: None → On holiday.; She asked."]


def test_another_account_needs_time_and_a_second_person(books: Tieout) -> None:
    first = books.set_payout_account("anna", PayoutAccount("Anna", iban=IBAN), reason="Hers.", actor=house.ANNA)
    assert first.payable_from == first.changed_at
    assert books.sellers()[0].seller.account == PayoutAccount("Anna", IBAN)
    second = books.set_payout_account("anna", PayoutAccount("Anna", iban=OTHER), reason="Moved.", actor=house.ANNA)
    assert timedelta(hours=71) < second.payable_from - second.changed_at <= timedelta(hours=72)
    assert books.sellers()[0].seller.account is None
    with pytest.raises(PostingRefused, match="somebody else must decide"):
        books.decide_account("anna", 2, approve=True, reason="Me.", actor=house.ANNA)
    assert books.decide_account("anna", 2, approve=False, reason="Not hers.", actor=EVA).approved is False
    assert books.sellers()[0].seller.account == PayoutAccount("Anna", IBAN)
    with pytest.raises(Conflict):
        books.decide_account("anna", 2, approve=True, reason="Again.", actor=EVA)
    with pytest.raises(NotFound):
        books.decide_account("anna", 9, approve=True, reason="What?", actor=EVA)
    books.set_payout_account("anna", PayoutAccount("Anna", iban=OTHER), reason="Moved.", actor=house.ANNA)
    assert books.decide_account("anna", 3, approve=True, reason="She called.", actor=EVA).decided_by == "eva"
    assert books.sellers()[0].seller.account is None  # it cools off
    with pytest.raises(BadInput, match="is no IBAN"):
        books.set_payout_account("anna", PayoutAccount("Anna", iban="DE00"), reason="Wrong.", actor=EVA)


def test_a_hold_has_a_reason_and_an_end(books: Tieout) -> None:
    row = books.hold_seller("bo", HoldReason.RISK, ends_when="A person has looked.", amount_minor=500, actor=EVA)
    assert (row.hold.opened_by, row.hold.amount_minor, row.hold.until) == ("eva", 500, None)
    books.release_seller(row.id, reason="Looked.", actor=house.ANNA)
    (held,) = books.seller("bo").holds
    assert held.hold.released_on == held.hold.since
    with pytest.raises(NotFound):
        books.release_seller(row.id, reason="Again.", actor=house.ANNA)
    for wrong in (
        {"ends_when": ""},
        {"ends_when": "x", "amount_minor": 0},
        {"ends_when": "x", "until": date(2020, 1, 1)},
    ):
        with pytest.raises(BadInput):
            books.hold_seller("bo", HoldReason.RISK, actor=EVA, **wrong)


def test_sellers_come_from_a_file_all_or_none(books: Tieout) -> None:
    head = "party,legal_name,currency,iban,country\n"
    assert books.import_sellers(f"{head}cleo,Cleo Conradi,EUR,{IBAN},DE\ndora,Dora Dietz,USD,,US\n".encode()) == 2
    assert [row.seller.party for row in books.sellers(after="bo")] == ["cleo", "dora"]
    assert books.sellers(after="bo", limit=1)[0].seller.account == PayoutAccount("Cleo Conradi", IBAN)
    for text, where in (
        (f"{head}emil,Emil Engel,EUR,,\nfalk,Falk,EUR,DE00,\n", "line 3"),
        (f"{head}cleo,Cleo Conradi,EUR,,\n", "line 2"),
        ("name\nx\n", "line 1"),
    ):
        with pytest.raises(BadInput) as refused:
            books.import_sellers(text.encode())
        assert refused.value.where == where
    with pytest.raises(BadInput, match="no CSV"):
        books.import_sellers(b"\xff")
    assert len(books.sellers()) == 4


@pytest.mark.parametrize(
    "wrong",
    [
        Seller("", "Nobody", "EUR"),
        Seller("x", " ", "EUR"),
        Seller("x", "X", "XXY"),
        Seller("x", "X", "EUR", payout_minimum_minor=-1),
        Seller("x", "X", "EUR", reserve=ReservePlan(percent=Decimal(10))),
        Seller("x", "X", "EUR", account=PayoutAccount("X", iban="DE1")),
    ],
)
def test_a_profile_that_cannot_be_is_refused_whole(books: Tieout, wrong: Seller) -> None:
    with pytest.raises(BadInput):
        books.add_seller(wrong, actor=EVA)
    assert len(books.sellers()) == 2
    with pytest.raises(NotFound):
        books.seller("x")


def test_a_rule_without_an_end_is_no_policy(books: Tieout) -> None:
    endless = SettlementPolicy(reserve=ReservePlan(percent=Decimal(10)))
    with pytest.raises(BadInput, match="A reserve has no end"):
        books.publish_settlement_policy(endless, reason="For ever.", actor=EVA)
    odd = SettlementPolicy(refund_draws=(Bucket.IN_TRANSIT,))
    with pytest.raises(BadInput):
        books.publish_settlement_policy(odd, reason="Odd.", actor=EVA)
    assert books.settlement_policy() is None
    fine = msgspec.structs.replace(endless, reserve=ReservePlan(percent=Decimal(10), days=30))
    assert books.publish_settlement_policy(fine, reason="A month.", actor=EVA) == 1
    row = books.settlement_policy()
    assert row is not None
    assert (row.policy, row.published_by) == (fine, "eva")


def test_a_balance_is_of_its_day(books: Tieout) -> None:
    market.own(books, anna=10_000)
    house.tell(books, "shop", market.order())
    house.tell(books, "stripe", house.charge())
    day = house.DAY
    assert [tuple(owed) for owed in books.seller_balance("anna")] == [(Bucket.PENDING, "EUR", 4410)]
    assert books.seller_balance("anna", day - timedelta(days=1)) == []
    books.roll_up()
    assert [tuple(owed) for owed in books.seller_balance("anna", day)] == [(Bucket.PENDING, "EUR", 4410)]
    ((sale, stake),) = books.seller_sales("anna")
    assert (sale, stake.net_minor, stake.gross_minor, stake.total_minor) == ("order:1088", 4410, 4900, 4900)


def test_a_retailer_has_no_sellers(database_url: str, tmp_path: Path) -> None:
    from tieout.app import Settings

    with Tieout.open(Settings(home=tmp_path, database_url=database_url), connections_max=4) as app:
        app.init("Kiosk", chart="retailer", password="not-a-secret")
        with pytest.raises(BadInput, match="their own"):
            app.add_seller(Seller("x", "X", "EUR"), actor=EVA)
