"""Rules of a comparison: strict, and named where they are wrong."""

from pathlib import Path

import pytest

from tieout.model.error import ConfigError
from tieout.reconciliation.matching.rule import STANDARD, read_rules, scaled

RULES = """
as_of = 2026-03-31
sla_days = 3
off = ["subset"]

[[tolerance]]
name = "rounding"
from = "-0.02"
to = "0.02"

[[fee]]
name = "card fee"
percent = "2.9"
fixed = "0.30"
currency = "EUR"
"""


def test_rules_are_read_as_they_are_written() -> None:
    rules = read_rules(RULES, "rules.toml")
    assert (rules.as_of_day, rules.sla_days, rules.window_days) == (20543, 3, 30)
    assert [(t.name, t.least, t.most, t.percent) for t in rules.tolerance] == [("rounding", "-0.02", "0.02", "100")]
    assert (rules.runs("subset"), rules.runs("text"), rules.expects) == (False, True, True)
    assert not STANDARD.expects


def test_numbers_are_exact() -> None:
    assert (scaled("2.9"), scaled("-0.0001"), scaled("100")) == (29_000, -1, 1_000_000)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a", "It is no TOML"),
        ("sla = 3", "Object contains unknown field `sla`"),
        ("sla_days = -1", "-1 is not from 0 to 3650"),
        ('off = ["keys"]', "There is no pass “keys”"),
        ('holidays = "Atlantis"', "“Atlantis” is no country"),
        ('[[tolerance]]\nname = "a"\nto = 0.5', "Expected `str`, got `float`"),
        ('[[tolerance]]\nname = "a"\nto = "1,5"', "“1,5” is not an amount"),
        ('[[tolerance]]\nname = "a"\nfrom = "1"', "“from” is over “to”"),
        ('[[fee]]\nname = "a"\n[[fee]]\nname = "a"', "Two rules have this name"),
        ('[[fee]]\nname = "A!"', "A name is lower-case words"),
        ('[[fee]]\nname = "a"\ncurrency = "EURO"', "“EURO” is not an ISO 4217 currency"),
        ('[post]\nsubset_max = "much"', "“much” is not an amount"),
    ],
)
def test_a_rule_that_makes_no_sense_is_named(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read_rules(text, "rules.toml")
    assert said in refused.value.what
    assert refused.value.where.startswith("rules.toml")
    assert refused.value.remedy


def test_the_example_of_the_page_is_read() -> None:
    page = Path(__file__).parents[3].joinpath("docs/reference/match-rules.md").read_text("utf-8")
    example = page.partition("```toml\n")[2].partition("```")[0]
    rules = read_rules(example, "match-rules.md")
    assert [one.name for kind in (rules.fee, rules.charge, rules.tolerance) for one in kind] == [
        "card fee", "bank charge", "rounding", "a cent or two",
    ]  # fmt: skip
    assert (rules.early_days, rules.holidays, rules.post.subset_max) == (2, "DE", "100.00")
