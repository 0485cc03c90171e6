"""Orders are possible orders: in time, with discounts that are no more than the goods, and taxes to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.test_trade import BUYER, DOLLAR, EURO
from tests.sandbox.worlds import WORLDS, demo
from tieout.sandbox import cast
from tieout.sandbox.orders import Terms, returned, tax_added, tax_contained, taxes_on
from tieout.sandbox.trade import Line, Order, Product
from tieout.sandbox.world import World


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [(11900, 1900, 1900), (2400, 1900, 383), (100, 700, 7), (107, 700, 7), (1, 1900, 0), (4, 1900, 1), (0, 1900, 0)],
)
def test_tax_contained_in_a_price(gross: int, rate: int, tax: int) -> None:
    assert tax_contained(gross, rate) == tax


@pytest.mark.parametrize(("net", "rate", "tax"), [(10_000, 725, 725), (200, 725, 15), (20, 725, 1), (1, 450, 0)])
def test_tax_added_to_a_price(net: int, rate: int, tax: int) -> None:
    assert tax_added(net, rate) == tax


@given(gross=st.integers(0, 10**9), rate=st.integers(1, 3000))
def test_contained_tax_is_the_nearest_cent(gross: int, rate: int) -> None:
    """|tax − gross·r/(1+r)| ≤ ½, multiplied out to stay in whole numbers."""
    tax = tax_contained(gross, rate)
    assert abs(2 * (tax * (10_000 + rate) - gross * rate)) <= 10_000 + rate


def test_american_taxes_are_those_of_the_city() -> None:
    buyer = demo().facts.orders[0].buyer
    elsewhere = [order.buyer for order in demo().facts.orders if order.buyer.city == "Brooklyn"]
    assert buyer.country_code == "DE"
    taxes = taxes_on(Terms(DOLLAR, elsewhere[0], channel_liable=True), 10_000, 0)
    assert [(t.title, t.amount_minor, t.channel_liable) for t in taxes] == [
        ("New York State Tax", 400, True),
        ("New York City Tax", 450, True),
    ]


def test_german_tax_is_contained() -> None:
    (tax,) = taxes_on(Terms(EURO, BUYER), 11_900, 1900)
    assert (tax.rate_bp, tax.amount_minor, tax.channel_liable) == (1900, 1900, False)


def test_pieces_of_a_line_take_their_share_rounded_down() -> None:
    line = Line(
        1, Product(1, 2, "A", "B", "C", 1000, 1900), 3, 1000, ((0, 100),), taxes_on(Terms(EURO, BUYER), 2900, 1900)
    )
    assert (line.net_minor, line.tax_minor) == (2900, 463)
    assert [returned(line, n) for n in (1, 2, 3)] == [(966, 154), (1933, 308), (2900, 463)]


@given(world=WORLDS)
def test_orders_are_possible(world: World) -> None:
    facts = world.facts
    assert len(facts.orders) == world.orders
    for order in facts.orders:
        assert facts.start <= order.placed_at < facts.end
        check_order(order)


def check_order(order: Order) -> None:
    assert 1 <= len(order.lines) <= 5
    for line in order.lines:
        assert line.quantity > 0
        assert 0 < line.net_minor <= line.list_minor
        assert all(0 <= place < len(order.promotions) for place, _ in line.discounts)
        if line.product.gift_card:
            assert (line.discounts, line.taxes, line.product.seller) == ((), (), cast.OWN_BRAND)
        elif order.shop.taxes_included:
            assert [t.amount_minor for t in line.taxes] == [tax_contained(line.net_minor, line.product.tax_bp)]
    assert order.total_minor > 0


def test_numbers_of_a_shop_follow_time_without_gaps() -> None:
    for shop in cast.SHOPS:
        mine = [order for order in demo().facts.orders if order.shop == shop]
        assert [order.number for order in mine] == list(range(1001, 1001 + len(mine)))
        assert [order.placed_at for order in mine] == sorted(order.placed_at for order in mine)


def test_the_demo_has_every_kind_of_order() -> None:
    orders = demo().facts.orders
    assert {len(o.lines) for o in orders} >= {1, 2, 3, 4}
    assert {line.quantity for o in orders for line in o.lines} == {1, 2, 3}
    assert {o.channel for o in orders} == {"web", "pos", "3890849"}
    assert {p.code for o in orders for p in o.promotions} == {None, "AUTUMN10", "WELCOME5"}
    assert any(len(o.promotions) == 2 for o in orders)
    assert any(o.tip_minor for o in orders)
    assert {o.shop.source for o in orders if any(t.channel_liable for t in o.taxes)} == {"shop-us"}
    assert {line.product.tax_bp for o in orders for line in o.lines} == {0, 700, 1900}
    assert any(line.product.seller == cast.OWN_BRAND for o in orders for line in o.lines)


def test_the_smaller_shop_has_an_eighth_of_the_orders() -> None:
    assert [sum(o.shop == shop for o in demo().facts.orders) for shop in cast.SHOPS] == [528, 72]
