"""The nouns of settlement: closed words, exact integers, nothing taken for granted."""

import msgspec
import pytest

from tieout.model.settlement import Collector, Discount, Leg, LegKind, Order, OrderLine, Part, Payee, Tax


def test_every_kind_of_leg_has_a_sentence_of_its_own() -> None:
    assert [kind for kind in LegKind if not (kind.meaning[0].isupper() and kind.meaning.endswith("."))] == []
    assert len({kind.meaning for kind in LegKind}) == len(LegKind) == 11


def test_what_an_order_does_not_say() -> None:
    order = Order("EUR", (OrderLine(1, 500),))
    assert (order.shipping_to, order.discounts, order.refunds, order.captures_minor) == (Payee.SELLER, (), (), ())
    assert (order.lines[0].quantity, order.lines[0].listing, order.lines[0].gift_card) == (1, None, False)
    assert (Tax().collector, Tax().of, Tax().included) == (Collector.SELLER, Part.LINE, False)
    assert (Discount().of, Discount().funded_by, Discount().lines) == (Part.GOODS, {}, ())


def test_legs_can_be_compared_and_counted() -> None:
    leg = Leg(1, Part.GOODS, LegKind.SELLER, 5, "A")
    assert {leg: 1}[Leg(1, Part.GOODS, LegKind.SELLER, 5, "A")] == 1


@pytest.mark.parametrize(
    "line", [{"line": 1}, {"line": 1, "unit_price_minor": 1.5}, {"line": 1, "unit_price_minor": 1, "x": 1}]
)
def test_a_line_that_is_none(line) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"currency": "EUR", "lines": [line]}, Order)
