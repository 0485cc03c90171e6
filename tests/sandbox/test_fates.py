"""Every fate comes to pass in a world of some size, and none that is wrong in a clean one."""

from datetime import timedelta

from hypothesis import given

from tests.sandbox.worlds import WORLDS, demo
from tieout.sandbox.fates import Fate, decide
from tieout.sandbox.world import World

WRONG = {Fate.UNPAID, Fate.LOST, Fate.MISSTATED, Fate.REFUNDED_BY_SHOP_ONLY}


def fates_of(world: World, *, clean: bool) -> dict[int, Fate]:
    facts = world.facts
    return decide(list(facts.orders), facts.start, facts.end, world.seed, clean=clean)


def test_every_fate_comes_to_pass() -> None:
    assert set(fates_of(demo().world, clean=False).values()) == set(Fate) - {Fate.PLAIN}
    assert set(fates_of(demo().world, clean=True).values()) == set(Fate) - {Fate.PLAIN} - WRONG


def test_one_order_is_wrong_in_each_way_and_two_are_unpaid() -> None:
    fates = list(fates_of(demo().world, clean=False).values())
    assert [fates.count(fate) for fate in sorted(WRONG)] == [1, 1, 1, 2]


@given(world=WORLDS)
def test_a_clean_world_has_nothing_wrong(world: World) -> None:
    assert not WRONG & set(fates_of(world, clean=True).values())


@given(world=WORLDS)
def test_wrong_orders_are_old_enough_to_be_noticed(world: World) -> None:
    facts = world.facts
    placed = {order.id: order.placed_at for order in facts.orders}
    for number, fate in fates_of(world, clean=False).items():
        if fate is Fate.UNPAID:
            assert placed[number] < facts.start + timedelta(days=10)
        if fate is Fate.LOST:
            assert placed[number] < facts.start + timedelta(days=15)


def test_from_a_calm_balance_no_order_takes_money_out_again() -> None:
    facts = demo().facts
    calm = frozenset({"stripe"})
    fates = decide(list(facts.orders), facts.start, facts.end, 1, clean=True, calm=calm)
    euro = {
        fate for number, fate in fates.items() if any(o.id == number and o.shop.currency == "EUR" for o in facts.orders)
    }
    assert euro == {
        Fate.AUTHORISED, Fate.CAPTURED_IN_PART, Fate.CANCELLED_UNCAPTURED, Fate.DECLINED_FIRST, Fate.EDITED_UP,
    }  # fmt: skip
    assert Fate.REFUNDED_IN_PART in fates.values()


def test_most_orders_are_plain() -> None:
    assert len(fates_of(demo().world, clean=False)) < 200
