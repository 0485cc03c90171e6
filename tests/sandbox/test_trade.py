"""An order's arithmetic, on an order made by hand."""

from datetime import UTC, datetime

import msgspec
import pytest

from tieout.sandbox import cast
from tieout.sandbox.trade import Buyer, Edit, Line, Order, Product, ReturnedLine, Shipping, Shop, ShopRefund, Tax

AT = datetime(2026, 10, 5, 12, tzinfo=UTC)
BUYER = Buyer(7_020_000_123_456, "Ada", "Falk", "Am Markt 1", "10437", "Berlin", "Germany", "DE", None, None)
MUG = Product(1, 2, "Tonwerk Ilmenau", "Stoneware mug", "TI-1", 2400, 1900)
BOOK = Product(3, 4, "Bindewerk Aue", "The Small Loom Book", "BA-3", 2790, 700)
EURO, DOLLAR = cast.SHOPS


def order(shop: Shop) -> Order:
    """Two mugs less 4.80, a book, shipping 4.90, a tip of 2.00; taxes 6.89 + 1.83 + 0.78."""
    return Order(
        id=1,
        number=1001,
        shop=shop,
        buyer=BUYER,
        placed_at=AT,
        lines=(
            Line(11, MUG, 2, 2400, ((0, 480),), (Tax("VAT", 1900, 600), Tax("More", 100, 89))),
            Line(12, BOOK, 1, 2790, (), (Tax("VAT", 700, 183),)),
        ),
        shipping=Shipping(13, "Standard", 490, (Tax("VAT", 1900, 78),)),
        promotions=(),
        tip_minor=200,
        channel="web",
        attributes=(),
    )


def test_the_parts_of_an_order() -> None:
    made = order(EURO)
    assert (made.name, made.list_minor, made.discount_minor, made.shipping_minor) == ("#1001", 7590, 480, 490)
    assert [line.net_minor for line in made.lines] == [4320, 2790]
    assert [tax.amount_minor for tax in made.taxes] == [600, 89, 183, 78]
    assert made.tax_minor == 950


@pytest.mark.parametrize(("shop", "total"), [(EURO, 7800), (DOLLAR, 8750)])
def test_the_total_has_the_tax_once(shop: Shop, total: int) -> None:
    """7590 − 480 + 490 + 200, and 950 of tax where the prices do not contain it."""
    assert order(shop).total_minor == total


def test_without_shipping_nothing_is_added_for_it() -> None:
    made = msgspec.structs.replace(order(EURO), shipping=None)
    assert made.shipping_parts == ()
    assert (made.total_minor, made.tax_minor) == (7310, 872)


@pytest.mark.parametrize(("shop", "refunded", "edited"), [(EURO, 3280, -630), (DOLLAR, 3541, -569)])
def test_a_refund_and_an_edit_have_the_tax_once(shop: Shop, refunded: int, edited: int) -> None:
    made = order(shop)
    back = ReturnedLine(made.lines[1], 1, 2790, 183)
    refund = ShopRefund(1, made, AT, (back,), 490, 78, (), "return")
    edit = Edit(1, made, AT, (Line(14, MUG, 1, 2160, (), (Tax("VAT", 1900, 244),)),), (back,))
    assert (refund.tax_minor, refund.total_minor) == (261, refunded)
    assert edit.delta_minor == edited


def test_no_one_can_get_mail() -> None:
    assert BUYER.name == "Ada Falk"
    assert BUYER.email == "buyer123456@mail.example"
