"""Commission and fees: the first rule that matches, and what it charges to the cent."""

from datetime import date
from decimal import Decimal

import pytest

from tieout.model.commission import Base, FeeRule, FixedPer, Rounding, Tier, TiersBy
from tieout.model.error import ConfigError
from tieout.settlement.commission import Charged, base_of, charge, check, choose

DAY = date(2026, 6, 1)


def fee(rule: FeeRule, goods: int = 10_000, quantity: int = 1, volume: int = 0) -> int:
    (found,) = charge("commission", [rule], [Charged(1, quantity, goods, volume_minor=volume)], "EUR", DAY)
    return found.fee_minor


def test_dimensions_are_all_wanted_and_their_values_are_choices() -> None:
    rule = FeeRule("r", when={"category": ("Books", "Maps"), "channel": "web"})
    assert choose([rule], {"category": "Maps", "channel": "web"}, DAY) is rule
    for facts in ({"category": "Maps"}, {"category": "Mugs", "channel": "web"}, {}):
        assert choose([rule], facts, DAY) is None
    assert choose([FeeRule("first"), rule], {"category": "Maps", "channel": "web"}, DAY) == FeeRule("first")


def test_a_rule_holds_from_its_first_day_up_to_its_end() -> None:
    rule = FeeRule("r", valid_from=date(2026, 1, 1), valid_until=DAY)
    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 5, 31), DAY, None]
    assert [choose([rule], {}, day) is rule for day in days] == [False, True, True, False, False]
    assert choose([FeeRule("open", valid_from=DAY)], {}, None) is not None, "without a day, the rules in force"


TIERS = (Tier({"EUR": 0}, Decimal(15)), Tier({"EUR": 10_000}, Decimal(8)), Tier({"EUR": 50_000}, Decimal(5)))


@pytest.mark.parametrize(
    ("graduated", "by", "goods", "quantity", "volume", "expected"),
    [
        (False, TiersBy.PRICE, 9_999, 1, 0, 1_500),
        (False, TiersBy.PRICE, 10_000, 1, 0, 800),
        (False, TiersBy.PRICE, 20_000, 4, 0, 3_000),  # 50.00 each
        (True, TiersBy.PRICE, 60_000, 1, 0, 1_500 + 3_200 + 500),
        (True, TiersBy.PRICE, 30_000, 2, 0, 2 * (1_500 + 400)),
        (False, TiersBy.VOLUME, 10_000, 1, 9_999, 1_500),
        (False, TiersBy.VOLUME, 10_000, 1, 50_000, 500),
        (True, TiersBy.VOLUME, 10_000, 1, 5_000, 750 + 400),
        (True, TiersBy.VOLUME, 50_000, 1, 45_000, 400 + 2_250),
    ],
)
def test_tiers_by_price_and_by_volume(graduated, by, goods, quantity, volume, expected) -> None:
    rule = FeeRule("r", tiers=TIERS, tiers_by=by, graduated=graduated)
    assert fee(rule, goods, quantity, volume) == expected


def test_the_base() -> None:
    line = Charged(1, 1, 1_000, 200, 50, 300, 60, 10)
    assert base_of(FeeRule("r"), line) == 800
    assert base_of(FeeRule("r", with_shipping=True), line) == 800 + 240
    assert base_of(FeeRule("r", base=Base.GROSS), line) == 1_050
    assert base_of(FeeRule("r", base=Base.GROSS, with_shipping=True), line) == 1_050 + 310
    assert base_of(FeeRule("r"), Charged(1, 1, 100, 200)) == 0
    cheaper = Charged(1, 1, 900, shipping_minor=50, discount_minor=100, shipping_discount_minor=5)
    assert base_of(FeeRule("r", before_discount=True), cheaper) == 1_000
    assert base_of(FeeRule("r", before_discount=True, with_shipping=True), cheaper) == 1_055


def test_a_rule_may_round_in_its_own_way() -> None:
    rules = [FeeRule("r", percent=Decimal("2.5"), vat_percent=Decimal(50), rounding=how) for how in Rounding]
    found = [charge("c", [rule], [Charged(1, 1, 100)], "EUR", DAY)[0] for rule in rules]
    assert [(one.rounding.value, one.fee_minor, one.vat_minor) for one in found] == [
        ("half_up", 3, 2), ("half_even", 2, 1), ("down", 2, 1), ("up", 3, 2),
    ]  # fmt: skip


def test_a_fixed_part_per_unit_line_or_order() -> None:
    fixed = {"EUR": 30}
    assert fee(FeeRule("r", fixed_minor=fixed), quantity=3) == 90
    assert fee(FeeRule("r", fixed_minor=fixed, fixed_per=FixedPer.LINE), quantity=3) == 30
    rule = FeeRule("r", fixed_minor={"EUR": 100}, fixed_per=FixedPer.ORDER)
    found = charge("c", [rule], [Charged(1, 9, 2_000), Charged(2, 1, 1_000)], "EUR", DAY)
    assert [(one.fixed_minor, one.fee_minor) for one in found] == [(67, 67), (33, 33)]
    cheap = charge("c", [rule], [Charged(1, 1, 40), Charged(2, 1, 20)], "EUR", DAY)
    assert [one.fee_minor for one in cheap] == [40, 20], "never more than the order"


def test_bounds_hold_after_everything_else() -> None:
    rule = FeeRule("r", percent=Decimal(10), fixed_minor={"EUR": 30}, minimum_minor={"EUR": 500},
                   maximum_minor={"EUR": 900, "USD": 1})  # fmt: skip
    assert [fee(rule, goods) for goods in (1_000, 5_000, 8_000, 10_000)] == [500, 530, 830, 900]


def test_everything_is_frozen_with_a_sentence() -> None:
    rule = FeeRule("books", 3, percent=Decimal("3.30"), fixed_minor={"EUR": 5}, vat_percent=Decimal(21),
                   maximum_minor={"EUR": 200}, with_shipping=True)  # fmt: skip
    (frozen,) = charge("commission", [rule], [Charged(7, 1, 9_000, shipping_minor=1_000)], "EUR", DAY)
    assert (frozen.line, frozen.name, frozen.rule, frozen.version) == (7, "commission", "books", 3)
    assert (frozen.base_minor, frozen.shipping_base_minor, frozen.percent) == (10_000, 1_000, Decimal("3.30"))
    assert (frozen.fixed_minor, frozen.fee_minor, frozen.vat_minor, frozen.maximum_minor) == (5, 200, 42, 200)
    assert frozen.why == "Rule books: 3.3 % of 100.00 EUR is 3.30, plus 0.05, at most 2.00."


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        (FeeRule("r", percent=Decimal(-1)), "-1 is no percentage of a fee"),
        (FeeRule("r", vat_percent=Decimal("NaN")), "NaN is no percentage of a fee"),
        (FeeRule("r", tiers=(Tier({"EUR": 0}, Decimal("1e999")),)), r"1E\+999 is no percentage of a fee"),
        (FeeRule("r", fixed_minor={"EUR": -1}), "An amount is negative"),
        (FeeRule("r", fixed_minor={"USD": 1}), "There is no fixed amount in EUR"),
        (FeeRule("r", tiers=(Tier({"USD": 0}, Decimal(1)),)), "A tier has no limit in EUR"),
        (FeeRule("r", tiers=TIERS[1:]), "The tiers do not rise from 0"),
        (FeeRule("r", tiers=(TIERS[0], TIERS[2], TIERS[1])), "The tiers do not rise from 0"),
        (FeeRule("r", minimum_minor={"EUR": 2}, maximum_minor={"EUR": 1}), "The minimum is above the maximum"),
    ],
)
def test_a_rule_that_contradicts_itself(rule: FeeRule, what: str) -> None:
    with pytest.raises(ConfigError, match=what) as refused:
        check(rule, "EUR")
    assert refused.value.where == "rule r"
    with pytest.raises(ConfigError, match=what):
        fee(rule)
