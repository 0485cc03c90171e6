"""Ownership and fee rules as they are kept: versions follow one another and never change."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal

import msgspec
import psycopg
import pytest

from tests.masterdata.test_store import CRAFT
from tests.settlement.test_ownership import DUO, JANUARY, JUNE, SOLO
from tieout.db.pool import Connection
from tieout.masterdata.store import open_ledger
from tieout.model.commission import FeeRule, FeeRules, Rounding, Tier
from tieout.model.ownership import Ownership, Share
from tieout.settlement import store

ONE = msgspec.structs.replace(SOLO, changed_by="eva", reason="")
TWO = msgspec.structs.replace(DUO, version=2, fees_borne_by="A", valid_until=JUNE + timedelta(days=1))
RULES = FeeRules(
    (FeeRule("a", tiers=(Tier({"EUR": 0}, Decimal("3.33")),), rounding=Rounding.DOWN, when={"shelf": ("x", "y")}),),
    {"card": (FeeRule("c", fixed_minor={"EUR": 30}),)},
)


@pytest.fixture(scope="module")
def url(fresh_database: Callable[..., str]) -> str:
    """A database for the tests of this file."""
    return fresh_database()


@pytest.fixture
def connection(url: str) -> Iterator[Connection]:
    """A unit of work that never commits."""
    with psycopg.connect(url, options="-c timezone=UTC") as found:
        yield found
        found.rollback()


@pytest.fixture
def ledger(connection: Connection) -> int:
    number = open_ledger(connection, CRAFT, "marketplace")
    assert number is not None
    return number


def test_what_is_kept_comes_back_as_it_was(connection: Connection, ledger: int) -> None:
    cup = msgspec.structs.replace(ONE, listing="cup", shares=(Share("Z", 10_000, "studio"),))
    assert [store.add_ownership(connection, ledger, one) for one in (ONE, TWO, cup)] == [True] * 3
    assert store.ownership_of(connection, ledger, ["mug", "cup", "none"]) == [cup, ONE, TWO]
    assert store.ownership_of(connection, ledger, []) == []
    assert store.ownership_of(connection, ledger + 1, ["mug"]) == []


def test_a_version_is_added_once(connection: Connection, ledger: int) -> None:
    assert store.add_ownership(connection, ledger, ONE)
    with pytest.raises(psycopg.errors.CheckViolation, match="does not follow the one before it"):
        store.add_ownership(connection, ledger, ONE)


@pytest.mark.parametrize(
    ("wrong", "constraint"),
    [
        (msgspec.structs.replace(TWO, shares=(Share("A", 9_999),)), "shares_are_whole"),
        (msgspec.structs.replace(TWO, shares=()), "shares_are_whole"),
        (msgspec.structs.replace(TWO, valid_until=JUNE), "ends_after_it_begins"),
        (msgspec.structs.replace(TWO, valid_from=JANUARY), "versions_follow"),
        (msgspec.structs.replace(TWO, version=3), "versions_follow"),
    ],
)
def test_the_database_refuses_what_does_not_hold(
    connection: Connection, ledger: int, wrong: Ownership, constraint: str
) -> None:
    store.add_ownership(connection, ledger, ONE)
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        store.add_ownership(connection, ledger, wrong)
    assert refused.value.diag.constraint_name == constraint


@pytest.mark.parametrize("change", ["update {} set version = 9", "delete from {}", "truncate {}"])
@pytest.mark.parametrize("table", ["ownership", "fee_rules"])
def test_nothing_is_changed(connection: Connection, ledger: int, change: str, table: str) -> None:
    store.add_ownership(connection, ledger, ONE)
    store.publish_fee_rules(connection, ledger, RULES, "eva", "Because.")
    with pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute(change.format(table).encode())


def test_fee_rules_are_versions(connection: Connection, ledger: int) -> None:
    assert store.fee_rules(connection, ledger) is None
    assert store.publish_fee_rules(connection, ledger, FeeRules(), "eva", "A beginning.") == 1
    assert store.publish_fee_rules(connection, ledger, RULES, "bo", "Tiers.") == 2
    found = store.fee_rules(connection, ledger)
    assert found is not None
    assert (found.version, found.rules, found.published_by, found.reason) == (2, RULES, "bo", "Tiers.")
