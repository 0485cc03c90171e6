"""What entries are made of for sellers: it comes to their lines, in Python and in the database."""

import msgspec
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.settlement.orders import MARKET, TEN, fee_rules, orders
from tieout.db.pool import Database
from tieout.model.settlement import Refund
from tieout.settlement.portion import totals
from tieout.settlement.quote import quote
from tieout.settlement.splits import SplitRow, record, split_rows

FACTS = {1: {"category": "Ceramics", "region": "DE"}, 2: {"category": "Books"}}


def faced(order):
    """The order with facts on its lines and a channel of its own."""
    lines = tuple(msgspec.structs.replace(line, facts=FACTS.get(line.line, {})) for line in order.lines)
    return msgspec.structs.replace(order, lines=lines, facts={"channel": "web", "promotion": "spring"})


def test_rows_are_by_what_reports_look_at() -> None:
    order = faced(MARKET)
    split = quote(order, TEN)
    assert split_rows(split.legs, order) == [
        SplitRow("A", {"sales": 5000, "shipping": 600, "commission": -500}, "Ceramics", "web", "DE"),
        SplitRow("B", {"sales": 2100, "commission": -210}, "Books", "web", ""),
        SplitRow("C", {"sales": 900, "commission": -90}, "Books", "web", ""),
    ]


@given(orders(), fee_rules, st.integers(0, 10**5))
def test_rows_come_to_what_sellers_are_owed(order, rules, amount) -> None:
    total = quote(order, rules).totals.buyer_minor
    asked = faced(msgspec.structs.replace(order, refunds=(Refund(amount_minor=min(amount, total)),)))
    split = quote(asked, rules)
    back = (*split.refunds[0].legs, *split.refunds[0].kept)  # a portion's own totals leave out what is kept
    for legs, owed in ((split.legs, split.totals), (back, totals(back))):
        found: dict[str, int] = {}
        for row in split_rows(legs, asked):
            found[row.party] = found.get(row.party, 0) + sum(row.amounts.values())
        assert {party: n for party, n in found.items() if n} == {p: n for p, n in owed.sellers_minor.items() if n}


def test_rows_are_kept_once_and_never_changed(database: Database) -> None:
    order = faced(MARKET)
    rows = {"settlement/order:1/1": split_rows(quote(order, TEN).legs, order)}
    with database.unit() as connection:
        connection.execute(
            "insert into ledger (code, name, base_currency, timezone, chart) values ('x', 'X', 'USD', 'UTC', 'm')"
        )
        record(connection, 1, {})
        record(connection, 1, rows)
        record(connection, 1, rows)
        kept = connection.execute("select party, category, amounts from split_row order by party").fetchall()
    assert kept[0] == ("A", "Ceramics", {"sales": 5000, "shipping": 600, "commission": -500})
    assert len(kept) == 3
    with pytest.raises(psycopg.errors.RestrictViolation), database.unit() as connection:
        connection.execute("delete from split_row")
