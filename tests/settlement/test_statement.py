"""Statements and bridges: sums of named rows, with nothing left over."""

from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.settlement.orders import MARKET, fee_rules, orders
from tieout.model.bucket import Bucket
from tieout.model.commission import FeeRule, FeeRules
from tieout.model.settlement import Collector, Refund, Tax
from tieout.settlement.quote import quote
from tieout.settlement.statement import Movement, bridge, rows_of, statement

moves = st.lists(
    st.builds(Movement, st.sampled_from(Bucket), st.sampled_from(["sales", "refunds", "payout"]), st.integers(-99, 99))
)


@given(moves, moves)
def test_statements_follow_one_another(first, second) -> None:
    one = statement({}, first)
    two = statement(one.closing, second)
    assert two.opening == one.closing
    assert two.closing == statement({}, [*first, *second]).closing
    for bucket, closing in two.closing.items():
        assert two.opening.get(bucket, 0) + sum(two.rows.get(bucket, {}).values()) == closing


ROWS = st.dictionaries(st.sampled_from(["sales", "refunds", "reserve", "carry"]), st.integers(-999, 999))


@given(ROWS, ROWS)
def test_the_drivers_come_to_the_difference(earlier, later) -> None:
    drivers = bridge(earlier, later)
    assert sum(drivers.values()) == sum(later.values()) - sum(earlier.values())
    assert set(drivers) == set(earlier) | set(later)


def test_the_rows_of_a_sale_are_gross() -> None:
    rules = FeeRules(
        (FeeRule("r", percent=Decimal(10), vat_percent=Decimal(21)),),
        {"card": (FeeRule("c", fixed_minor={"USD": 30}),)},
    )
    order = msgspec.structs.replace(MARKET, taxes=(Tax(percent=Decimal(8), collector=Collector.SELLER),))
    assert rows_of(quote(order, rules), "A") == {
        "sales": 5000, "commission": -500, "fee_tax": -105, "card": -60, "tax": 408, "shipping": 600,
    }  # fmt: skip


@given(orders(), fee_rules, st.integers(0, 10**5))
def test_the_rows_come_to_what_the_seller_is_owed_or_gives_back(order, rules, amount) -> None:
    total = quote(order, rules).totals.buyer_minor
    split = quote(msgspec.structs.replace(order, refunds=(Refund(amount_minor=min(amount, total)),)), rules)
    for party in "ABCD":
        assert sum(rows_of(split, party).values()) == split.totals.sellers_minor.get(party, 0)
        back = split.refunds[0]
        assert sum(rows_of(back, party).values()) == back.totals.sellers_minor.get(party, 0)
