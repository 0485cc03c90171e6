"""Rules as data: two people, a day, a version on every match; and a trial that writes nothing."""

from datetime import date

import pytest

from tests.app.house import ANNA, tell
from tests.connectors.stripe import objects as stripe
from tests.reconciliation.test_reconcile import SENT, at_bank, by_trace, deposit, payout
from tieout.app import Tieout
from tieout.model.entity import Actor
from tieout.model.error import BadInput, ConfigError, NotFound, ResolutionRefused
from tieout.reconciliation.rule import standard_text

EVA = Actor("eva", "person")
TOLERANT = (
    standard_text()
    + """
[[pass]]
id = "bank_charge"
version = 1
template = "bank_within_tolerance"
roles = ["payout_in_transit"]
why = "The bank line names the payout and brings a little less: the bank kept a charge."
sources = ["stripe"]
currencies = ["EUR"]

[pass.tolerance]
absolute = { EUR = "1.00" }
percent = "2.5"
way = "less"
days = [0, 5]

[pass.write_off]
account = "5400"
limit = { EUR = "1.00" }
reason = "Bank charge within the limit of the rule."
"""
)


@pytest.fixture
def charge_account(app: Tieout) -> str:
    """The account for bank charges."""
    return next(a.code for a in app.accounts() if a.role == "bank_charges")


@pytest.fixture
def rules(charge_account: str) -> str:
    """Standard rules, and one that takes a bank charge of up to a euro."""
    return TOLERANT.replace("5400", charge_account)


def test_a_version_is_in_force_from_its_day_once_another_person_approved_it(app: Tieout, rules: str) -> None:
    assert app.matching_rules()[0] == 0
    number = app.publish_rules(rules, from_day=date(2026, 3, 1), reason="Our bank keeps charges.", actor=ANNA)
    assert (number, app.matching_rules()[0]) == (1, 0)
    with pytest.raises(ResolutionRefused, match="anna published matching rules 1 and cannot approve them"):
        app.approve_rules(1, reason="Fine.", actor=ANNA)
    made = app.approve_rules(1, reason="Checked against January.", actor=EVA)
    assert (made.published_by, made.approved_by, made.approval_reason) == ("anna", "eva", "Checked against January.")
    assert app.matching_rules() == (1, rules)
    assert app.matching_rules(date(2026, 2, 28))[0] == 0
    assert [(line.actor, line.action, line.detail) for line in app.audit(2)] == [
        ("eva", "rules.approved", "Checked against January."),
        ("anna", "rules.published", "Our bank keeps charges."),
    ]
    with pytest.raises(ResolutionRefused, match="eva has approved matching rules 1 already"):
        app.approve_rules(1, reason="Again.", actor=Actor("ida", "person"))
    with pytest.raises(NotFound, match="There are no matching rules 2"):
        app.approve_rules(2, reason="What.", actor=EVA)


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("bank_within_tolerance", "guess", "there is no template “guess”"),
        ('way = "less"', 'way = "up"', "“up” is no way"),
        ("days = [0, 5]", "days = [5, 0]", "its days end before they begin"),
        ('percent = "2.5"', 'percent = "250"', "250 percent is not between 0 and 100"),
        ('id = "bank_charge"', 'id = "trace"', "its id is used twice"),
        ('sources = ["stripe"]', 'sources = ["paypal"]', "There is no source “paypal”"),
        ('reason = "Bank charge within the limit of the rule."', 'reason = ""', "a write-off needs a reason"),
        ("withholding_days", 'calendar = "Atlantis"\nwithholding_days', "There is no calendar “Atlantis”"),
    ],
)
def test_rules_that_make_no_sense_are_refused_with_the_place(
    app: Tieout, rules: str, was: str, becomes: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        app.publish_rules(rules.replace(was, becomes), from_day=SENT, reason="Why not.", actor=ANNA)
    with pytest.raises(BadInput, match="A reason is required"):
        app.publish_rules(rules, from_day=SENT, reason=" ", actor=ANNA)
    assert app.rule_versions() == []


def test_a_trial_says_what_would_be_lost(app: Tieout) -> None:
    tell(app, "stripe", stripe.listing(payout("po_1AbcDef")))
    at_bank(app, deposit("STRIPE po_1AbcDef"), closing="47.98")
    app.reconcile(SENT)
    (view,) = by_trace(app)
    without = standard_text().split('[[pass]]\nid = "trace"')
    text = without[0] + without[1][without[1].index("[timing]") :]
    trial = app.try_rules(text)
    assert [(m.pass_id, m.amount_minor) for m in trial.lost] == [("trace", 4798)]
    assert (trial.new, trial.changed, trial.money(trial.lost)) == ((), (), {"EUR": 4798})
    assert [v.id for v in by_trace(app)] == [view.id]
    same = app.try_rules(standard_text())
    assert (same.same, same.new, same.lost, same.changed) == (1, (), (), ())
