"""Portions: in any sequence of partial refunds nothing changes sign, nothing is overdrawn, and the end is nothing."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.settlement.orders import MARKET, TEN, fee_rules, orders, refund_sequences
from tieout.model.commission import FeeRule, FeeRules, Keep
from tieout.model.error import BadInput
from tieout.model.settlement import Leg, LegKind, Order, OrderLine, Part, Quote, Refund, RefundLine
from tieout.settlement.portion import drawn, left_of, merged, negated, ordered, scaled, sum_of, totals
from tieout.settlement.quote import quote


def refunded(order: Order, rules: FeeRules, *refunds: Refund) -> Quote:
    return quote(msgspec.structs.replace(order, refunds=refunds), rules)


def possible(order: Order, rules: FeeRules, tried: list[Refund]) -> list[Refund]:
    """Those of the refunds that can be made one after the other."""
    made: list[Refund] = []
    for refund in tried:
        try:
            refunded(order, rules, *made, refund)
        except BadInput:
            continue
        made.append(refund)
    return made


@given(st.data(), orders(), fee_rules)
def test_any_sequence_of_refunds_and_then_the_rest_undoes_the_sale(data, order, rules) -> None:
    made = possible(order, rules, data.draw(refund_sequences(order)))
    split = refunded(order, rules, *made, Refund())
    back = merged(leg for portion in split.refunds for leg in portion.legs)
    assert merged([*split.legs, *back]) == (), "every share, fee and tax is at nothing"
    assert sum(sum(p.tenders_minor.values()) for p in split.refunds) == -split.totals.buyer_minor
    sign = {msgspec.structs.replace(leg, amount_minor=0): leg.amount_minor > 0 for leg in split.legs}
    for portion in split.refunds:
        assert all((leg.amount_minor < 0) == sign[msgspec.structs.replace(leg, amount_minor=0)] for leg in portion.legs)
        assert sum_of(portion.kept) == 0
        assert portion.totals.buyer_minor == sum_of(portion.legs) <= 0


@given(st.data(), orders(), fee_rules)
def test_a_refund_of_an_amount_is_that_amount(data, order, rules) -> None:
    total = quote(order, rules).totals.buyer_minor
    amount = data.draw(st.integers(0, total))
    (portion,) = refunded(order, rules, Refund(amount_minor=amount)).refunds
    assert portion.totals.buyer_minor == -amount
    assert sum(portion.tenders_minor.values()) == -amount


@given(st.data(), orders(), fee_rules)
def test_captures_in_parts_come_to_the_whole(data, order, rules) -> None:
    whole = quote(order, rules)
    first = data.draw(st.integers(0, whole.totals.buyer_minor))
    parts = (first, whole.totals.buyer_minor - first)
    split = quote(msgspec.structs.replace(order, captures_minor=parts), rules)
    assert merged(leg for capture in split.captures for leg in capture.legs) == whole.legs
    assert [capture.totals.buyer_minor for capture in split.captures] == list(parts)
    assert split.left == whole.totals


def test_one_unit_of_two() -> None:
    (portion,) = refunded(MARKET, TEN, Refund(lines=(RefundLine(1, quantity=1),))).refunds
    assert [(leg.kind.value, leg.amount_minor) for leg in portion.legs] == [
        ("commission", -250),
        ("tax", -180),
        ("discount", 250),
        ("seller", -2250),
    ]
    assert (portion.totals.buyer_minor, portion.units) == (-2430, {1: 1})


def test_units_goods_shipping_and_the_whole_line() -> None:
    first = Refund(lines=(RefundLine(1, quantity=1),))
    rest = Refund(lines=(RefundLine(1), RefundLine(2, Part.SHIPPING)))
    split = refunded(MARKET, TEN, first, rest, Refund(lines=(RefundLine(1, Part.SHIPPING), RefundLine(2, Part.LINE))))
    assert [portion.totals.buyer_minor for portion in split.refunds] == [-2430, -2430 - 432, -648 - 2916]
    assert [dict(portion.units) for portion in split.refunds] == [{1: 1}, {1: 1}, {2: 1}]
    assert split.left is not None
    assert split.left.buyer_minor == 0


def test_tax_may_be_told_apart() -> None:
    (portion,) = refunded(MARKET, TEN, Refund(lines=(RefundLine(1, amount_minor=2250, tax_minor=0),))).refunds
    assert (portion.totals.tax_minor, portion.totals.sellers_minor) == (0, {"A": -2250})
    (portion,) = refunded(MARKET, TEN, Refund(lines=(RefundLine(1, amount_minor=0, tax_minor=360),))).refunds
    assert (portion.totals.tax_minor, portion.totals.sellers_minor, portion.totals.buyer_minor) == (-360, {}, -360)


def test_a_refund_without_lines_goes_over_everything_that_is_left() -> None:
    """10.00 over 55.08 and 33.48, shipping and tax included."""
    (portion,) = refunded(MARKET, TEN, Refund(amount_minor=1000)).refunds
    by_pot = {(leg.line, leg.part.value): 0 for leg in portion.legs}
    for leg in portion.legs:
        by_pot[leg.line, leg.part.value] += leg.amount_minor
    assert by_pot == {(1, "goods"): -549, (1, "shipping"): -73, (2, "goods"): -329, (2, "shipping"): -49}
    assert sum(by_pot.values()) == -1000


@pytest.mark.parametrize(
    ("keep", "left"),
    [
        (Keep.NOTHING, (0, 0, {})),
        (Keep.ALL, (110, 22, {"A": -132})),
        (Keep.FIXED, (10, 2, {"A": -12})),
    ],
)
def test_what_the_platform_keeps_is_reversed_and_charged_again(
    keep: Keep, left: tuple[int, int, dict[str, int]]
) -> None:
    rule = FeeRule("r", percent=Decimal(10), fixed_minor={"EUR": 10}, vat_percent=Decimal(20), kept_on_refund=keep)
    order = Order("EUR", (OrderLine(1, 1000, owners={"A": 10_000}),))
    split = refunded(order, FeeRules((rule,)), Refund(amount_minor=400), Refund())
    assert split.left is not None
    assert (split.left.commission_minor, split.left.fee_tax_minor, dict(split.left.sellers_minor)) == left
    assert split.totals.sellers_minor == {"A": 868}
    assert split.refunds[0].totals.sellers_minor == {"A": -347}, "the refund itself is the same under every policy"


def test_a_fee_above_the_price_is_a_debt_that_a_refund_takes_back_too() -> None:
    rules = FeeRules((FeeRule("r", minimum_minor={"EUR": 500}),))
    order = Order("EUR", (OrderLine(1, 300, owners={"A": 10_000}),))
    split = refunded(order, rules, Refund(amount_minor=100))
    assert (split.totals.sellers_minor, split.totals.commission_minor) == ({"A": -200}, 500)
    back = split.refunds[0].totals
    assert (back.sellers_minor, back.commission_minor, back.buyer_minor) == ({"A": 67}, -167, -100)


def test_tenders_get_back_what_they_paid_or_what_is_asked() -> None:
    order = msgspec.structs.replace(MARKET, tenders_minor={"gift_card": 2000})
    split = refunded(order, TEN, Refund(amount_minor=1000), Refund(amount_minor=1700, to="gift_card"), Refund())
    assert split.tenders_minor == {"gateway": 6856, "gift_card": 2000}
    assert [dict(portion.tenders_minor) for portion in split.refunds] == [
        {"gateway": -774, "gift_card": -226},
        {"gift_card": -1700},
        {"gateway": -6082, "gift_card": -74},
    ]
    with pytest.raises(BadInput, match="“gift_card” did not pay that much") as refused:
        refunded(order, TEN, Refund(amount_minor=2001, to="gift_card"))
    assert refused.value.remedy == "Choose among: gateway, gift_card."


@pytest.mark.parametrize(
    ("refund", "what"),
    [
        (Refund(amount_minor=8857), "8857 minor units are not between nothing and the 8856 that are left"),
        (Refund(amount_minor=-1), "-1 minor units are not between"),
        (Refund(amount_minor=1, lines=(RefundLine(1),)), "A refund is by lines or of an amount"),
        (Refund(lines=(RefundLine(3),)), "Nothing is left of line 3, goods"),
        (Refund(lines=(RefundLine(2), RefundLine(2))), "Nothing is left of line 2, goods"),
        (Refund(lines=(RefundLine(1, quantity=3),)), "3 units are not among the 2 left"),
        (Refund(lines=(RefundLine(1, quantity=0),)), "0 units are not among the 2 left"),
        (Refund(lines=(RefundLine(1, quantity=1, amount_minor=1),)), "by units or of an amount"),
        (Refund(lines=(RefundLine(1, amount_minor=1, tax_minor=361),)), "361 minor units are not between"),
        (Refund(settled_minor=1), "A settled amount needs its currency"),
        (Refund(amount_minor=0, settled_minor=1, settled_currency="EUR"), "A settled amount needs its currency"),
    ],
)
def test_a_refund_that_is_not_possible(refund: Refund, what: str) -> None:
    with pytest.raises(BadInput, match=what) as refused:
        refunded(MARKET, TEN, refund)
    assert refused.value.where.startswith("refunds[1]")


def test_settled_in_another_currency_everything_has_one_rate_and_sums() -> None:
    refund = Refund(settled_minor=-10_001, settled_currency="EUR")
    (portion,) = refunded(MARKET, TEN, refund).refunds
    assert portion.settled is not None
    assert portion.settled.buyer_minor == -10_001
    assert (portion.settled_currency, portion.rate) == ("EUR", "1.129290876242")
    assert (
        sum(portion.settled.sellers_minor.values()) + portion.settled.platform_minor + portion.settled.tax_minor
        == -10_001
    )


LEGS = (
    Leg(1, Part.GOODS, LegKind.SELLER, 90, "A"),
    Leg(1, Part.GOODS, LegKind.COMMISSION, 15, "A", rule="r@1"),
    Leg(1, Part.GOODS, LegKind.DISCOUNT, -5),
)


def test_the_platforms_part_comes_first_and_the_seller_is_owed_the_rest() -> None:
    assert [leg.kind.value for leg in ordered(LEGS)] == ["commission", "discount", "seller"]
    assert ordered(reversed(LEGS)) == ordered(LEGS)


def test_scaling_keeps_proportions_and_sums() -> None:
    assert [leg.amount_minor for leg in scaled(LEGS, 50)] == [8, -3, 45]
    assert [leg.amount_minor for leg in scaled(LEGS, 200)] == [30, -10, 180]
    assert scaled(LEGS, 0) == ()
    with pytest.raises(AssertionError, match="come to nothing"):
        scaled([*LEGS, *negated(LEGS)], 1)


def test_what_is_left() -> None:
    taken = drawn(LEGS, 50, "")
    assert left_of(LEGS, [taken, negated(taken)[:0]]) == left_of(LEGS, [negated(taken)]), "either way round"
    assert sum_of(left_of(LEGS, [taken])) == 50
    assert left_of(LEGS, [LEGS]) == ()
    with pytest.raises(AssertionError, match="more was taken"):
        left_of(LEGS, [LEGS, taken])


def test_totals_say_what_the_platform_earns() -> None:
    found = totals(LEGS)
    assert (found.buyer_minor, found.platform_minor, found.sellers_minor) == (100, 10, {"A": 90})
    assert (found.commission_minor, found.discounts_minor, found.tax_minor) == (15, -5, 0)
