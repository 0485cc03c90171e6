"""Fee rules as data: what is left out charges nothing and holds always."""

from decimal import Decimal

import msgspec
import pytest

from tieout.model.commission import Base, FeeRule, FeeRules, FixedPer, Keep, Tier, TiersBy


def test_a_rule_with_only_a_name_charges_nothing() -> None:
    rule = FeeRule("r")
    assert rule.percent == rule.vat_percent == 0
    assert (rule.fixed_minor, rule.minimum_minor, rule.maximum_minor, rule.tiers) == ({}, {}, {}, ())
    assert (rule.fixed_per, rule.tiers_by, rule.base) == (FixedPer.UNIT, TiersBy.PRICE, Base.NET)
    assert (rule.kept_on_refund, rule.when, rule.valid_from, rule.valid_until) == (Keep.NOTHING, {}, None, None)


def test_percentages_are_decimals_never_floats() -> None:
    body = {"commission": [{"id": "r", "percent": "2.9", "tiers": [{"from_minor": {"EUR": 0}, "percent": "3.33"}]}]}
    (rule,) = msgspec.convert(body, FeeRules).commission
    assert (rule.percent, rule.tiers) == (Decimal("2.9"), (Tier({"EUR": 0}, Decimal("3.33")),))
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"commission": [{"id": "r", "rate": "1"}]}, FeeRules)
