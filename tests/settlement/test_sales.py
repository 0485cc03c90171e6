"""Sales and stakes as they are kept."""

from datetime import UTC, date, datetime

import msgspec
import psycopg
import pytest

from tests.settlement.orders import MARKET, TEN
from tieout.db.pool import Connection
from tieout.model.sale import Fact, FactKind, Frozen, Stake
from tieout.settlement import sales

T0 = datetime(2026, 10, 1, 12, tzinfo=UTC)
PAID = Fact("paid", FactKind.CAPTURED, T0, order=MARKET, source="stripe")
BACK = Fact("back", FactKind.REFUNDED, datetime(2026, 9, 1, tzinfo=UTC), amount_minor=5)
DAY = date(2026, 10, 1)
STAKE = Stake("A", DAY, 100, 120, 90, 70, 0, 20, date(2026, 10, 8), None, date(2026, 11, 1))


def test_a_fact_is_told_once_and_comes_back_as_it_was(connection: Connection, ledger: int) -> None:
    sales.take(connection, ledger, ["s", "t"])
    assert sales.add_facts(connection, ledger, [("s", PAID), ("s", BACK)], "eva") == {("s", "paid"), ("s", "back")}
    assert sales.add_facts(connection, ledger, [("s", PAID), ("t", PAID)], "eva") == {("t", "paid")}
    assert sales.facts(connection, ledger, ["s"]) == {"s": [BACK, PAID]}
    row = sales.sales(connection, ledger, ["s"])["s"]
    assert (row.state, row.frozen, row.applied) == ("open", None, ())
    frozen = Frozen(TEN, volume_minor={"A": 5})
    known = msgspec.structs.replace(
        row, state="waiting", currency="USD", captured_at=T0, frozen=frozen, applied=("paid",), waits_for=("listing:x",)
    )
    sales.put_sale(connection, ledger, known)
    assert sales.sales(connection, ledger, ["s"]) == {"s": known}
    assert sales.waiting_for(connection, ledger, ["listing:x", "listing:y"]) == ["s"]
    assert sales.waited_for(connection, ledger) == ["listing:x"]


def test_stakes_are_found_when_they_are_due(connection: Connection, ledger: int) -> None:
    other = msgspec.structs.replace(STAKE, party="B", due_on=None, reserve_minor=0)
    sales.put_stakes(connection, ledger, [])
    sales.put_stakes(connection, ledger, [("s", "EUR", STAKE), ("s", "EUR", other)])
    assert sales.stakes(connection, ledger, ["s"]) == {"s": {"A": STAKE, "B": other}}
    assert sales.due(connection, ledger, date(2026, 10, 7), 9) == []
    assert sales.due(connection, ledger, date(2026, 10, 8), 9) == [("s", "A")]
    assert sales.reserves_due(connection, ledger, date(2026, 11, 1), 9) == [("s", "A")]
    assert sales.reserved(connection, ledger, ["A", "B"], "EUR") == {"A": 20}
    assert sales.sold_before(connection, ledger, ["A", "B"], DAY, date(2026, 10, 2)) == {"A": 100, "B": 100}
    assert sales.sold_before(connection, ledger, ["A"], date(2026, 9, 1), DAY) == {}
    assert sales.stakes_of(connection, ledger, "A", 5) == [("s", STAKE)]
    sales.put_stakes(connection, ledger, [("s", "EUR", msgspec.structs.replace(STAKE, released_on=DAY))])
    assert sales.due(connection, ledger, date(2026, 10, 8), 9) == []
    assert sales.astray(connection, ledger) == []


def test_what_was_told_is_not_changed(connection: Connection, ledger: int) -> None:
    sales.add_facts(connection, ledger, [("s", PAID)], "eva")
    with pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute("delete from sale_fact")
