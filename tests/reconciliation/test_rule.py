"""The matching rules that come with the product."""

from tieout.db.queries import Queries
from tieout.model.account import Role
from tieout.reconciliation.rule import standard_rules


def test_the_passes_go_from_the_surest_to_the_least_sure() -> None:
    rules = standard_rules()
    assert [(p.id, p.version, p.template) for p in rules.passes] == [
        ("item", 1, "same_item"),
        ("payout", 1, "payout_of_lines"),
        ("trace", 1, "bank_by_reference"),
    ]


def test_a_pass_has_a_template_that_is_there_and_roles_that_exist() -> None:
    templates = Queries("tieout.reconciliation", "templates.sql")
    for one in standard_rules().passes:
        assert "{{roles}}" in templates.text(one.template)
        assert {Role(role).value for role in one.roles} == set(one.roles)
        assert one.why.endswith(".")


def test_the_timing_is_whole_days() -> None:
    timing = standard_rules().timing
    assert timing.calendar == ""
    days = {name: getattr(timing, name) for name in timing.__struct_fields__ if name != "calendar"}
    assert days == {
        "order_unpaid_days": 7, "order_settling_days": 4, "hook_days": 1, "composition_days": 4, "dispute_days": 120,
        "reserve_days": 180, "withholding_days": 4,
    }  # fmt: skip


def test_the_hash_names_these_very_rules() -> None:
    assert len(standard_rules().hash) == 16
    assert standard_rules().hash == standard_rules().hash
