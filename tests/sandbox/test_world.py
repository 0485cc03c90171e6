"""Equal options give equal worlds, other seeds give others, and money is neither made nor lost."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.worlds import WORLDS, demo
from tieout.sandbox.gateway import listed
from tieout.sandbox.trail import BankLineKind, Facts, RowKind
from tieout.sandbox.world import World


@given(world=WORLDS)
def test_equal_options_give_equal_facts(world: World) -> None:
    again = World(world.seed, world.month, world.orders, world.clean, world.opening_minor)
    assert again.facts == world.facts


@given(seed=st.integers(0, 2**40))
def test_another_seed_gives_other_facts(seed: int) -> None:
    one, other = World(seed=seed, orders=3).facts, World(seed=seed + 1, orders=3).facts
    assert {order.id for order in one.orders}.isdisjoint(order.id for order in other.orders)


def test_any_day_of_the_month_means_the_month() -> None:
    facts = World(seed=1, month=date(2026, 2, 17), orders=4).facts
    assert (facts.start.date(), facts.end.date()) == (date(2026, 2, 1), date(2026, 3, 1))


@pytest.mark.parametrize("orders", [0, 1, 2])
def test_the_smallest_worlds_work(orders: int) -> None:
    facts = World(seed=3, orders=orders).facts
    assert len(facts.orders) == orders
    assert {shop.source for shop in facts.shops} == {"shop", "shop-us"}
    assert len(facts.statements) == 43


@given(world=WORLDS)
def test_money_is_neither_made_nor_lost(world: World) -> None:
    """Per account: what buyers paid = refunds + fees + disputes + reserves + withheld tax + payouts + the rest."""
    facts = world.facts
    for gateway in facts.gateways:
        check_account(facts, gateway.source)


def check_account(facts: Facts, source: str) -> None:
    captured = sum(charge.captured_minor for charge in facts.charges if charge.account == source)
    refunded = sum(r.amount_minor for r in facts.gateway_refunds if r.charge.account == source)
    disputes = [d for d in facts.disputes if d.charge.account == source]
    taken = sum(d.charge.captured_minor + d.fee_minor for d in disputes if not d.won)
    rows = [row for row in facts.rows if row.account == source]
    fees = sum(row.fee_minor for row in rows if row.kind is RowKind.CHARGE)
    fees -= sum(row.amount_minor for row in rows if row.kind in (RowKind.FEE, RowKind.UNHEARD_OF))
    held = -sum(r.amount_minor for r in rows if r.kind in (RowKind.RESERVE_HOLD, RowKind.RESERVE_RELEASE))
    paid_out = sum(payout.amount_minor for payout in facts.payouts if payout.account == source)
    left = sum(row.net_minor for row in rows)
    withheld = sum(charge.withheld_minor for charge in facts.charges if charge.account == source)
    withheld -= sum(r.withheld_minor for r in facts.gateway_refunds if r.charge.account == source)
    assert captured == refunded + taken + fees + held + withheld + paid_out + left


@given(world=WORLDS)
def test_what_is_paid_out_arrives_or_is_on_its_way(world: World) -> None:
    facts = world.facts
    kept = sum(o.amount_minor for o in facts.oddities if o.story.startswith("The bank kept"))
    paid_out = sum(payout.amount_minor for payout in facts.payouts)
    deposits = [b for s in facts.statements for b in s.bookings if b.kind is BankLineKind.PAYOUT]
    on_its_way = sum(p.amount_minor for p in facts.payouts if p.arrival >= facts.end.date())
    assert paid_out == sum(b.amount_minor for b in deposits) + kept + on_its_way


def test_rates_cover_every_business_day_and_the_days_before() -> None:
    facts = demo().facts
    days = [rate.day for rate in facts.rates]
    assert days[0] == date(2026, 9, 24)
    assert days[-1] == date(2026, 10, 30)
    assert len(days) == len(set(days)) == 27
    assert all(10_000 < rate.ten_thousandths < 12_000 for rate in facts.rates)


def test_the_month_before_the_end_has_rows_not_listed_yet() -> None:
    facts = demo().facts
    assert sum(not listed(row, facts.end) for row in facts.rows) > 0
