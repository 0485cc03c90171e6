"""Legs of a line: whose the parts are, by who owns it, who gets the shipping, and who remits the tax."""

from decimal import Decimal

import pytest

from tests.settlement.test_ownership import JANUARY
from tieout.model.commission import FeeRule, FeeRules
from tieout.model.ownership import Ownership, Share
from tieout.model.settlement import Collector, Discount, Order, OrderLine, Part, Payee, Tax
from tieout.settlement.quote import quote

ANNA = {"A": 10_000}
VAT_ON_FEE = FeeRules((FeeRule("r", percent=Decimal(10), vat_percent=Decimal(21)),))


def legs(line: OrderLine, rules: FeeRules = VAT_ON_FEE, *discounts: Discount) -> dict[str, int]:
    """kind[.party][ of shipping] -> amount."""
    split = quote(Order("EUR", (line,), discounts=discounts), rules)
    return {
        f"{leg.kind}{'.' + leg.party if leg.party else ''}{' of shipping' if leg.part is Part.SHIPPING else ''}":
        leg.amount_minor for leg in split.legs
    }  # fmt: skip


#: An item of 100.00, commission 10 %, tax 21 % on top or contained.
@pytest.mark.parametrize(
    ("collector", "tax_leg"),
    [
        (Collector.FACILITATOR, "tax"),
        (Collector.DEEMED_SUPPLIER, "tax"),
        (Collector.PLATFORM, "tax"),
        (Collector.CHANNEL, "channel_tax"),
        (Collector.SELLER, "seller_tax.A"),
    ],
)
def test_tax_by_who_remits_it(collector: Collector, tax_leg: str) -> None:
    expected = {"commission.A": 1_000, "fee_tax.A": 210, tax_leg: 2_100, "seller.A": 8_790}
    added = Tax(percent=Decimal(21), collector=collector)
    assert legs(OrderLine(1, 10_000, owners=ANNA, taxes=(added,))) == expected
    contained = Tax(percent=Decimal(21), collector=collector, included=True)
    assert legs(OrderLine(1, 12_100, owners=ANNA, taxes=(contained,))) == expected


def test_a_deemed_supplier_charges_no_vat_on_its_fee() -> None:
    """121.00: VAT 21.00, seller 90.00, commission 10.00, the fee's VAT by reverse charge."""
    rules = FeeRules((FeeRule("r", percent=Decimal(10)),))
    tax = Tax(percent=Decimal(21), collector=Collector.DEEMED_SUPPLIER, label="OSS")
    assert legs(OrderLine(1, 10_000, owners=ANNA, taxes=(tax,)), rules) == {
        "commission.A": 1_000, "tax": 2_100, "seller.A": 9_000,
    }  # fmt: skip


def test_shipping_to_the_seller_or_the_platform() -> None:
    rules = FeeRules((FeeRule("r", percent=Decimal(10), with_shipping=True),))
    assert legs(OrderLine(1, 1_000, owners=ANNA, shipping_minor=500), rules) == {
        "commission.A": 100, "seller.A": 900, "commission.A of shipping": 50, "seller.A of shipping": 450,
    }  # fmt: skip
    assert legs(OrderLine(1, 1_000, owners=ANNA, shipping_minor=500, shipping_to=Payee.PLATFORM), rules) == {
        "commission.A": 100, "seller.A": 900, "shipping of shipping": 500,
    }  # fmt: skip


def test_a_seller_who_gives_the_platforms_shipping_away_pays_for_it() -> None:
    line = OrderLine(1, 1_000, owners={"A": 5_000, "B": 5_000}, shipping_minor=501, shipping_to=Payee.PLATFORM)
    free = Discount(percent=Decimal(100), of=Part.SHIPPING)
    assert legs(line, FeeRules(), free) == {
        "seller.A": 500, "seller.B": 500,
        "shipping of shipping": 501, "seller.A of shipping": -251, "seller.B of shipping": -250,
    }  # fmt: skip
    free = Discount(percent=Decimal(100), of=Part.SHIPPING, funded_by={Payee.PLATFORM: Decimal(100)})
    assert legs(line, FeeRules(), free)["discount of shipping"] == -501


def test_own_goods_and_gift_cards_have_no_seller() -> None:
    half = Discount(percent=Decimal(50))
    tax = Tax(percent=Decimal(21), included=True)
    assert legs(OrderLine(1, 2_420, shipping_minor=100, taxes=(tax,)), VAT_ON_FEE, half) == {
        "tax": 210, "own_sales": 2_210, "discount": -1_210, "tax of shipping": 17, "shipping of shipping": 83,
    }  # fmt: skip
    assert legs(OrderLine(1, 5_000, gift_card=True), VAT_ON_FEE) == {"gift_card": 5_000}


def test_one_owner_may_bear_all_fees() -> None:
    owned = Ownership("mug", (Share("A", 9_000), Share("B", 1_000, "affiliate")), JANUARY, fees_borne_by="A")
    order = Order("EUR", (OrderLine(1, 10_000, listing="mug"),))
    split = quote(order, VAT_ON_FEE, [owned])
    assert split.totals.sellers_minor == {"A": 9_000 - 1_210, "B": 1_000}
    assert {leg.party for leg in split.legs if leg.kind == "commission"} == {"A"}


def test_further_fees_carry_their_names() -> None:
    rules = FeeRules(
        fees={"card": (FeeRule("c", fixed_minor={"EUR": 30}),), "ads": (FeeRule("a", percent=Decimal(1)),)}
    )
    split = quote(Order("EUR", (OrderLine(1, 1_000, owners=ANNA),)), rules)
    assert [(leg.label, leg.rule, leg.amount_minor) for leg in split.legs if leg.kind == "fee"] == [
        ("ads", "a@1", 10),
        ("card", "c@1", 30),
    ]
    assert split.totals.fees_minor == split.totals.platform_minor == 40
