"""Discounts: whose money they are, line by line."""

from decimal import Decimal

import pytest

from tieout.model.error import BadInput
from tieout.model.settlement import Discount, OrderLine, Part, Payee
from tieout.settlement.discount import reduce

LINES = [OrderLine(1, 1000, 3), OrderLine(2, 1000)]
PRICES = {1: 3000, 2: 1000}
PLATFORM = {Payee.PLATFORM: Decimal(100)}
SHARED = {Payee.PLATFORM: Decimal(60), Payee.SELLER: Decimal(40)}


def left(*discounts: Discount, part: Part = Part.GOODS) -> dict[int, int]:
    reduced = reduce(PRICES, part, discounts, LINES)
    return {line: reduced.left(line) for line in PRICES}


def test_each_kind_of_discount() -> None:
    assert left(Discount(amount_minor=401)) == {1: 2699, 2: 900}
    assert left(Discount(per_unit_minor=50)) == {1: 2850, 2: 950}
    assert left(Discount(percent=Decimal("33.333"))) == {1: 2000, 2: 667}
    assert left(Discount(amount_minor=300, lines=(2,))) == {1: 3000, 2: 700}
    assert left() == PRICES


def test_they_follow_one_another_on_the_price_the_last_one_left() -> None:
    half, ten = Discount(percent=Decimal(50), lines=(1,)), Discount(amount_minor=1000)
    assert left(half, ten) == {1: 900, 2: 600}
    assert left(ten, half) == {1: 1125, 2: 750}


def test_no_price_falls_below_nothing() -> None:
    assert left(Discount(amount_minor=9999)) == {1: 0, 2: 0}
    assert left(Discount(per_unit_minor=2000), Discount(percent=Decimal(10))) == {1: 0, 2: 0}
    assert left(Discount(percent=Decimal(100)), Discount(amount_minor=1)) == {1: 0, 2: 0}


def test_a_discount_of_shipping_leaves_goods_alone() -> None:
    assert left(Discount(amount_minor=400, of=Part.SHIPPING)) == PRICES
    assert left(Discount(amount_minor=400, of=Part.SHIPPING), part=Part.SHIPPING) == {1: 2700, 2: 900}


def test_the_platforms_part_is_rounded_half_up_and_the_sellers_is_the_rest() -> None:
    reduced = reduce(PRICES, Part.GOODS, [Discount(amount_minor=1, lines=(1,), funded_by=SHARED)], LINES)
    assert (reduced.by_platform[1], reduced.by_seller[1], reduced.whole(1)) == (1, 0, 3000)
    reduced = reduce(PRICES, Part.GOODS, [Discount(amount_minor=8, lines=(1,), funded_by=SHARED)], LINES)
    assert (reduced.by_platform[1], reduced.by_seller[1], reduced.whole(1)) == (5, 3, 2997)
    reduced = reduce(PRICES, Part.GOODS, [Discount(amount_minor=8, funded_by=PLATFORM)], LINES)
    assert (reduced.by_platform, reduced.by_seller) == ({1: 6, 2: 2}, {1: 0, 2: 0})


@pytest.mark.parametrize(
    ("discount", "what"),
    [
        (Discount(), "an amount, an amount per unit or a percentage"),
        (Discount(amount_minor=1, percent=Decimal(1)), "an amount, an amount per unit or a percentage"),
        (Discount(amount_minor=-1), "A discount is negative"),
        (Discount(per_unit_minor=-1), "A discount is negative"),
        (Discount(percent=Decimal(101)), "101 per cent is no discount"),
        (Discount(percent=Decimal("NaN")), "NaN per cent is no discount"),
        (Discount(amount_minor=1, funded_by={Payee.SELLER: Decimal("NaN")}), "do not come to 100 per cent"),
        (Discount(amount_minor=1, lines=(1, 3)), "There is no line 3"),
        (Discount(amount_minor=1, of=Part.LINE), "of goods or of shipping"),
        (Discount(amount_minor=1, funded_by={Payee.SELLER: Decimal(99)}), "do not come to 100 per cent"),
        (Discount(amount_minor=1, funded_by={Payee.SELLER: Decimal(101), Payee.PLATFORM: Decimal(-1)}), "do not come"),
    ],
)
def test_a_discount_that_makes_no_sense(discount: Discount, what: str) -> None:
    with pytest.raises(BadInput, match=what) as refused:
        reduce(PRICES, Part.GOODS, [discount], LINES)
    assert refused.value.where == "discounts[1]"


def test_a_line_without_discounts_may_be_added() -> None:
    reduced = reduce(PRICES, Part.GOODS, [], LINES)
    reduced.add(9, 50)
    assert (reduced.left(9), reduced.whole(9)) == (50, 50)
