"""Who sells, as it is kept: versions follow one another, two people change an account, holds end once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest

from tieout.db.pool import Connection
from tieout.model.bucket import Hold, HoldReason, ReservePlan
from tieout.model.seller import Every, PayoutAccount, Schedule, Seller, SettlementPolicy, TaxForm
from tieout.settlement import sellers

ANNA = Seller(
    "anna", "Anna Ahrens", "EUR", schedule=Schedule(Every.WEEK, 5), tax_forms=(TaxForm("DAC7", date(2026, 1, 1)),)
)
ACCOUNT = PayoutAccount("Anna", "DE89370400440532013000")
NOW = datetime.now(UTC)


def test_profiles_come_back_as_they_were(connection: Connection, ledger: int) -> None:
    assert not sellers.any_sellers(connection, ledger)
    assert sellers.add_version(connection, ledger, ANNA, 1, NOW - timedelta(days=1), "eva", "New.")
    assert sellers.any_sellers(connection, ledger)
    later = Seller("anna", "Anna Ahrens", "USD")
    assert sellers.add_version(connection, ledger, later, 2, NOW + timedelta(days=9), "eva", "Moves.")
    assert [row.seller for row in sellers.versions(connection, ledger, "anna")] == [ANNA, later]
    (row,) = sellers.sellers(connection, ledger)
    assert (row.seller, row.version, row.changed_by, row.reason) == (ANNA, 1, "eva", "New.")
    assert sellers.sellers(connection, ledger, parties=["bo"]) == []


@pytest.mark.parametrize(("version", "days"), [(3, 1), (2, 0), (2, -1)])
def test_a_version_follows_the_one_before(connection: Connection, ledger: int, version: int, days: int) -> None:
    sellers.add_version(connection, ledger, ANNA, 1, NOW, "eva", "New.")
    with pytest.raises(psycopg.errors.CheckViolation):
        sellers.add_version(connection, ledger, ANNA, version, NOW + timedelta(days=days), "eva", "Odd.")


def test_nothing_of_it_is_changed(connection: Connection, ledger: int) -> None:
    sellers.add_version(connection, ledger, ANNA, 1, NOW, "eva", "New.")
    with pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute("update seller_version set reason = 'other'")


def test_an_account_needs_another_person(connection: Connection, ledger: int) -> None:
    sellers.add_version(connection, ledger, ANNA, 1, NOW - timedelta(days=1), "eva", "New.")
    until = NOW + timedelta(hours=72)
    assert sellers.add_account(connection, ledger, "anna", ACCOUNT, until, "eva", "Hers.") == 1
    assert sellers.sellers(connection, ledger)[0].seller.account == ACCOUNT
    assert sellers.add_account(connection, ledger, "anna", ACCOUNT, until, "eva", "Moved.") == 2
    assert sellers.sellers(connection, ledger)[0].seller.account is None
    first, second = sellers.accounts(connection, ledger, "anna")
    assert (first.payable_from < until, second.payable_from, second.approved) == (True, until, None)
    assert sellers.decide_account(connection, ledger, "anna", 2, "bert", "No.", approved=False)
    assert not sellers.decide_account(connection, ledger, "anna", 2, "bert", "Yes.", approved=True)
    assert sellers.sellers(connection, ledger)[0].seller.account == ACCOUNT
    sellers.add_account(connection, ledger, "anna", ACCOUNT, until, "eva", "Again.")
    with pytest.raises(psycopg.errors.CheckViolation, match="cannot approve it"):
        sellers.decide_account(connection, ledger, "anna", 3, "eva", "Me.", approved=True)


def test_holds_and_policies(connection: Connection, ledger: int) -> None:
    hold = Hold("anna", HoldReason.RISK, date(2026, 10, 1), "eva", "Looked.", 500, date(2026, 11, 1))
    number = sellers.open_hold(connection, ledger, hold)
    assert [row.hold for row in sellers.holds(connection, ledger, "anna")] == [hold]
    assert sellers.release_hold(connection, ledger, number, date(2026, 10, 2), "bert", "Looked.")
    assert not sellers.release_hold(connection, ledger, number, date(2026, 10, 3), "bert", "Again.")
    assert not sellers.release_hold(connection, ledger, number + 1, date(2026, 10, 3), "bert", "None.")
    assert sellers.holds(connection, ledger)[0].hold.released_on == date(2026, 10, 2)
    assert sellers.policy(connection, ledger) is None
    policy = SettlementPolicy(reserve=ReservePlan(percent=Decimal("2.5"), days=9))
    assert [sellers.publish_policy(connection, ledger, policy, "eva", "Ours.") for _ in "ab"] == [1, 2]
    row = sellers.policy(connection, ledger)
    assert row is not None
    assert (row.version, row.policy) == (2, policy)
