"""The quote: one order split, to the cent, whatever its shape."""

from datetime import datetime
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given

from tests.settlement.orders import MARKET, TEN, fee_rules, orders
from tests.settlement.test_ownership import DUO, JANUARY, JUNE, SOLO
from tieout.model.commission import FeeRule, FeeRules, Tier, TiersBy
from tieout.model.error import AmountError, BadInput, ConfigError, NotFound
from tieout.model.settlement import Discount, Order, OrderLine, Payee, Tax
from tieout.settlement.portion import sum_of
from tieout.settlement.quote import quote


@given(orders(), fee_rules)
def test_the_parts_always_sum_to_what_the_buyer_pays(order, rules) -> None:
    split = quote(order, rules)
    assert sum_of(split.legs) == sum(line.buyer_pays_minor for line in split.lines) == split.totals.buyer_minor
    assert sum(split.tenders_minor.values()) == split.totals.buyer_minor >= 0
    commission = sum(fee.fee_minor for fee in split.fees if fee.name == "commission")
    assert commission == split.totals.commission_minor
    assert sum(fee.vat_minor for fee in split.fees) == split.totals.fee_tax_minor
    owed = split.totals.platform_minor + split.totals.tax_minor + split.totals.channel_tax_minor
    owed += split.totals.fee_tax_minor + split.totals.gift_cards_minor + sum(split.totals.sellers_minor.values())
    assert owed == split.totals.buyer_minor


@given(orders(), fee_rules)
def test_the_order_of_the_lines_is_immaterial(order, rules) -> None:
    backwards = msgspec.structs.replace(order, lines=order.lines[::-1])
    assert quote(backwards, rules).legs == quote(order, rules).legs


def test_the_order_every_page_speaks_of() -> None:
    totals = quote(MARKET, TEN).totals
    assert (totals.buyer_minor, totals.sellers_minor) == (8856, {"A": 5100, "B": 1890, "C": 810})
    assert (totals.commission_minor, totals.shipping_minor, totals.tax_minor) == (800, 400, 656)
    assert (totals.discounts_minor, totals.platform_minor) == (-800, 400)


def test_the_same_with_a_coupon_of_the_sellers() -> None:
    totals = quote(msgspec.structs.replace(MARKET, discounts=(Discount(percent=Decimal(10)),)), TEN).totals
    assert (totals.buyer_minor, totals.sellers_minor) == (8856, {"A": 4650, "B": 1701, "C": 729})
    assert (totals.commission_minor, totals.discounts_minor) == (720, 0)


def test_commission_on_the_price_before_the_sellers_discount() -> None:
    rules = FeeRules((FeeRule("r", percent=Decimal(10), before_discount=True),))
    order = Order("EUR", (OrderLine(1, 10_000, owners={"A": 10_000}),), discounts=(Discount(percent=Decimal(20)),))
    totals = quote(order, rules).totals
    assert (totals.buyer_minor, totals.commission_minor, totals.sellers_minor) == (8_000, 1_000, {"A": 7_000})


def test_what_a_line_says() -> None:
    one, two = quote(MARKET, TEN).lines
    assert (one.price_minor, one.discount_by_platform_minor, one.discount_by_seller_minor) == (5000, 500, 0)
    assert (one.shipping_minor, one.tax_added_minor, one.buyer_pays_minor) == (600, 408, 5508)
    assert [(share.party, share.basis_points) for share in two.shares] == [("B", 7_000), ("C", 3_000)]
    assert two.ownership_version is None, "the order named the owners itself"


def test_ownership_is_that_of_the_moment_of_capture_and_is_frozen() -> None:
    order = Order("EUR", (OrderLine(1, 1_000, listing="mug"),), captured_at=JANUARY)
    records = [SOLO, msgspec.structs.replace(DUO, version=2)]
    before, after = quote(order, TEN, records), quote(msgspec.structs.replace(order, captured_at=JUNE), TEN, records)
    assert (before.totals.sellers_minor, before.lines[0].ownership_version) == ({"A": 900}, 1)
    assert (after.totals.sellers_minor, after.lines[0].ownership_version) == ({"A": 360, "B": 540}, 2)
    assert quote(msgspec.structs.replace(order, captured_at=None), TEN, records) == msgspec.structs.replace(after)


def test_shipping_of_the_order_goes_to_lines_by_discounted_price() -> None:
    lines = (OrderLine(1, 1_000, owners={"A": 10_000}), OrderLine(2, 2_000, owners={"B": 10_000}))
    half = Discount(percent=Decimal(50), lines=(2,))
    order = Order("EUR", lines, shipping_minor=301, discounts=(half,))
    assert quote(order, FeeRules()).totals.sellers_minor == {"A": 1_151, "B": 1_150}
    given_away = msgspec.structs.replace(order, discounts=(Discount(percent=Decimal(100)),))
    assert quote(given_away, FeeRules()).totals.sellers_minor == {"A": 151, "B": 150}
    mine = msgspec.structs.replace(order, shipping_to=Payee.PLATFORM)
    assert quote(mine, FeeRules()).totals.shipping_minor == 301


def test_rules_see_the_seller_the_listing_the_facts_and_the_volume() -> None:
    tiers = (Tier({"EUR": 0}, Decimal(20)), Tier({"EUR": 100_000}, Decimal(5)))
    rules = FeeRules(
        (
            FeeRule("listing", when={"listing": "mug"}, percent=Decimal(1)),
            FeeRule("promotion", when={"promotion": "spring", "shelf": "x"}, percent=Decimal(2)),
            FeeRule("anna", when={"seller": "A"}, percent=Decimal(3)),
            FeeRule("rest", tiers=tiers, tiers_by=TiersBy.VOLUME),
        )
    )
    lines = (
        OrderLine(1, 1_000, owners={"A": 10_000}, listing="mug"),
        OrderLine(2, 1_000, owners={"A": 10_000}, facts={"shelf": "x"}),
        OrderLine(3, 1_000, owners={"A": 9_000, "B": 1_000}),
        OrderLine(4, 1_000, owners={"B": 10_000}),
        OrderLine(5, 1_000, owners={"C": 10_000}),
    )
    order = Order("EUR", lines, facts={"promotion": "spring"}, volume_minor={"B": 100_000})
    fees = quote(order, rules).fees
    assert [(fee.rule, fee.fee_minor, int(fee.percent)) for fee in fees] == [
        ("listing", 10, 1), ("promotion", 20, 2), ("anna", 30, 3), ("rest", 50, 5), ("rest", 200, 20),
    ]  # fmt: skip


def test_the_gateways_fee_is_on_what_it_took() -> None:
    rules = msgspec.structs.replace(TEN, gateway_fee=FeeRule("g", percent=Decimal("2.9"), fixed_minor={"USD": 30}))
    assert quote(MARKET, rules).gateway_fee_minor == 287
    by_card = quote(msgspec.structs.replace(MARKET, tenders_minor={"gift_card": 2_000}), rules)
    assert (by_card.gateway_fee_minor, by_card.tenders_minor["gateway"]) == (229, 6_856)
    assert by_card.totals == quote(MARKET, TEN).totals, "a gift card is a means of payment, no discount"


A_LINE = OrderLine(1, 100, owners={"A": 10_000})


@pytest.mark.parametrize(
    ("order", "what", "where"),
    [
        (Order("EUR", ()), "An order has lines", "lines"),
        (Order("EUR", (A_LINE, A_LINE)), "each with a number of its own", "lines"),
        (Order("EUR", (OrderLine(1, 100, 0),)), "one unit or more", "line 1"),
        (Order("EUR", (OrderLine(1, -1),)), "A price is negative", "line 1"),
        (Order("EUR", (OrderLine(1, 1, shipping_minor=-1),)), "A price is negative", "line 1"),
        (Order("EUR", (OrderLine(1, 1, gift_card=True, listing="x"),)), "A gift card has an owner", "line 1"),
        (Order("EUR", (A_LINE,), shipping_minor=-1), "Shipping is negative", "shipping"),
        (Order("EUR", (OrderLine(1, 1, gift_card=True),), shipping_minor=1), "nothing to ship", "shipping"),
        (Order("EUR", (A_LINE,), captured_at=datetime(2026, 1, 1)), "has no zone", "captured_at"),  # noqa: DTZ001
        (Order("EUR", (A_LINE,), tenders_minor={"gift_card": 101}), "The tenders come to 101", "tenders"),
        (Order("EUR", (A_LINE,), tenders_minor={"gift_card": -1}), "The tenders come to -1", "tenders"),
        (Order("EUR", (A_LINE,), tenders_minor={"gateway": 1}), "The tenders come to 1", "tenders"),
        (Order("EUR", (A_LINE,), captures_minor=(60, 41)), "More is captured", "captures"),
        (Order("EUR", (A_LINE,), captures_minor=(60, -1)), "-1 minor units", r"captures[2]"),
        (Order("EUR", (OrderLine(1, 1, owners={"A": 9_999}),)), "The shares come to 9,999", "ownership of line 1"),
    ],
)  # fmt: skip
def test_an_order_that_makes_no_sense(order: Order, what: str, where: str) -> None:
    with pytest.raises(BadInput, match=what) as refused:
        quote(order, TEN)
    assert refused.value.where == where


def test_other_things_that_are_refused() -> None:
    with pytest.raises(NotFound, match="Nobody is known to own the listing “mug”"):
        quote(Order("EUR", (OrderLine(1, 1, listing="mug"),)), TEN)
    with pytest.raises(AmountError, match="“EUX” is not an ISO 4217 currency"):
        quote(Order("EUX", (A_LINE,)), TEN)
    with pytest.raises(AmountError, match="does not fit 64 bits"):
        quote(Order("EUR", (OrderLine(1, 2**62, 2),)), TEN)
    with pytest.raises(ConfigError, match="There is no fixed amount in EUR"):
        quote(Order("EUR", (A_LINE,)), FeeRules((FeeRule("r", fixed_minor={"USD": 1}),)))
    with pytest.raises(ConfigError, match="A fee is called commission"):
        quote(Order("EUR", (A_LINE,)), FeeRules(fees={"commission": ()}))
    with pytest.raises(BadInput, match="A tax is on nothing"):
        quote(Order("EUR", (OrderLine(1, 1, gift_card=True),), taxes=(Tax(amount_minor=1),)), TEN)
