"""What is left over within a rule's limit is booked to its account, and comes back with the match."""

import pytest

from tests.app.house import ANNA, balances, entries, lines, open_cases, tell
from tests.app.test_ruling import EVA, TOLERANT
from tests.connectors.stripe import objects as stripe
from tests.reconciliation.test_reconcile import SENT, at_bank, deposit, payout
from tieout.app import Tieout


@pytest.fixture
def charge_account(app: Tieout) -> str:
    """The account for bank charges."""
    return next(a.code for a in app.accounts() if a.role == "bank_charges")


@pytest.fixture
def rules(charge_account: str) -> str:
    """Standard rules, and one that takes a bank charge of up to a euro."""
    return TOLERANT.replace("5400", charge_account)


def test_a_difference_goes_to_the_account_of_the_rule_and_comes_back_with_the_match(
    app: Tieout, rules: str, charge_account: str
) -> None:
    """47.98 were paid out, the bank booked 47.48: half a euro of charge."""
    tell(app, "stripe", stripe.listing(payout("po_1AbcDef")))
    at_bank(app, deposit("STRIPE po_1AbcDef", "47.48"), closing="47.48")
    app.reconcile(SENT)
    assert [r for r, _, _ in open_cases(app)] == ["payout_arrived_differently"]
    trial = app.try_rules(rules)
    assert [(m.pass_id, m.key, m.amount_minor, m.written_off_minor) for m in trial.new] == [
        ("bank_charge", "payout:po_1AbcDef", 4798, 50)
    ]
    assert (trial.lost, trial.changed, app.match_list()) == ((), (), [])
    app.publish_rules(rules, from_day=SENT, reason="Our bank keeps charges.", actor=ANNA)
    app.approve_rules(1, reason="Checked.", actor=EVA)
    assert app.reconcile(SENT).matches == 1
    (view,) = app.match_list()
    match = view.match
    assert (match.draft.pass_id, match.making.rules_version) == ("bank_charge", 1)
    assert match.draft.evidence["written off"] == "0.50 EUR"
    assert (open_cases(app), app.items(account="1330.stripe"), app.proof().tied) == ([], [], True)
    posted = app.entry(f"ent_{match.draft.entry_id}")
    assert lines(posted) == [("1330.stripe", "EUR", -50), (charge_account, "EUR", 50)]
    assert posted.entry.draft.why == "Bank charge within the limit of the rule."
    app.unmatch(view.id, reason="That was no charge.", actor=ANNA)
    assert charge_account not in {account for account, _ in balances(app)}
    assert app.reconcile(SENT).matches == 0
    assert [r for r, _, _ in open_cases(app)] == ["match_taken_back"]
    assert app.proof().unexplained_minor == {"EUR": 0}
    assert len([key for key in entries(app) if key.startswith("residual/")]) == 1


@pytest.mark.parametrize(("amount", "day"), [("46.97", "2026-03-05"), ("48.48", "2026-03-05"), ("47.48", "2026-03-20")])
def test_more_than_the_rule_allows_is_left_to_people(app: Tieout, rules: str, amount: str, day: str) -> None:
    app.publish_rules(rules, from_day=SENT, reason="Our bank keeps charges.", actor=ANNA)
    app.approve_rules(1, reason="Checked.", actor=EVA)
    tell(app, "stripe", stripe.listing(payout("po_1AbcDef")))
    at_bank(app, deposit("STRIPE po_1AbcDef", amount, day=day), closing=amount)
    app.reconcile(SENT)
    assert app.match_list() == []
    assert [r for r, _, _ in open_cases(app)] == ["payout_arrived_differently"]
