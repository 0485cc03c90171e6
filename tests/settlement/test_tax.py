"""Tax by who remits it, on goods and on shipping."""

from decimal import Decimal

import pytest

from tieout.model.error import BadInput
from tieout.model.settlement import Collector, Discount, Order, OrderLine, Part, Payee, Tax
from tieout.settlement.discount import reduce
from tieout.settlement.tax import LineTax, taxes_of

EIGHT = Decimal(8)


def found(order: Order) -> list[LineTax]:
    goods = {line.line: line.unit_price_minor * line.quantity for line in order.lines}
    shipping = {line.line: line.shipping_minor for line in order.lines}
    return taxes_of(
        order,
        reduce(goods, Part.GOODS, order.discounts, order.lines),
        reduce(shipping, Part.SHIPPING, order.discounts, order.lines),
    )


def amounts(order: Order) -> dict[tuple[int, str], int]:
    return {(tax.line, tax.part.value): tax.amount_minor for tax in found(order)}


def test_a_percentage_is_rounded_once_a_line_and_then_divided() -> None:
    lines = (OrderLine(1, 4500, shipping_minor=600), OrderLine(2, 2700, shipping_minor=400))
    order = Order("USD", lines, taxes=(Tax(percent=EIGHT, collector=Collector.FACILITATOR),))
    assert amounts(order) == {(1, "goods"): 360, (1, "shipping"): 48, (2, "goods"): 216, (2, "shipping"): 32}
    assert {tax.collector for tax in found(order)} == {Collector.FACILITATOR}


def test_tax_contained_in_the_price() -> None:
    order = Order("EUR", (OrderLine(1, 12_100, taxes=(Tax(percent=Decimal(21), included=True),)),))
    assert found(order) == [LineTax(1, Part.GOODS, 2_100, Collector.SELLER, included=True, label="")]


def test_shipping_has_a_rule_of_its_own() -> None:
    taxes = (Tax(percent=Decimal(10), of=Part.GOODS), Tax(percent=Decimal(20), of=Part.SHIPPING, label="S"))
    order = Order("EUR", (OrderLine(1, 1000, shipping_minor=100, taxes=taxes),))
    assert amounts(order) == {(1, "goods"): 100, (1, "shipping"): 20}


def test_an_amount_for_the_order_goes_to_lines_by_what_it_is_on() -> None:
    lines = (OrderLine(1, 100), OrderLine(2, 200), OrderLine(3, 900, gift_card=True))
    assert amounts(Order("EUR", lines, taxes=(Tax(amount_minor=31, of=Part.GOODS),))) == {
        (1, "goods"): 10,
        (2, "goods"): 21,
    }


def test_a_given_amount_stands_even_on_nothing() -> None:
    order = Order("EUR", (OrderLine(1, 0, taxes=(Tax(amount_minor=7, of=Part.SHIPPING),)),))
    assert amounts(order) == {(1, "shipping"): 7}


def test_some_places_tax_the_price_before_the_platforms_coupon() -> None:
    coupon = Discount(percent=Decimal(10), funded_by={Payee.PLATFORM: Decimal(100)})
    tax = Tax(percent=EIGHT, before_coupon=True)
    order = Order("USD", (OrderLine(1, 5000),), discounts=(coupon,), taxes=(tax,))
    assert amounts(order) == {(1, "goods"): 400}
    own = Order("USD", (OrderLine(1, 5000),), discounts=(Discount(percent=Decimal(10)),), taxes=(tax,))
    assert amounts(own) == {(1, "goods"): 360}, "the seller's own discount lowers the price itself"


@pytest.mark.parametrize(
    ("tax", "what"),
    [
        (Tax(), "A tax is an amount or a percentage"),
        (Tax(amount_minor=1, percent=EIGHT), "A tax is an amount or a percentage"),
        (Tax(amount_minor=-1), "A tax is negative"),
        (Tax(percent=Decimal(-1)), "-1 per cent is no tax"),
        (Tax(percent=Decimal("Infinity")), "Infinity per cent is no tax"),
        (Tax(amount_minor=101, of=Part.GOODS, included=True, collector=Collector.FACILITATOR), "exceeds its price"),
    ],
)
def test_a_tax_that_makes_no_sense(tax: Tax, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        found(Order("EUR", (OrderLine(1, 100, taxes=(tax,)),)))
    with pytest.raises(BadInput, match=what):
        found(Order("EUR", (OrderLine(1, 100),), taxes=(tax,)))


def test_a_tax_of_the_order_on_nothing() -> None:
    with pytest.raises(BadInput, match="A tax is on nothing"):
        found(Order("EUR", (OrderLine(1, 100),), taxes=(Tax(amount_minor=1, of=Part.SHIPPING),)))
