"""A person's word: which of several it is, and which it is not."""

import pytest

from tests.app.house import ANNA, tell
from tests.connectors.stripe import objects as stripe
from tests.reconciliation.test_reconcile import SENT, at_bank, deposit, payout
from tieout.app import Tieout
from tieout.model.error import BadInput, NotFound, ResolutionRefused


@pytest.fixture
def doubtful(app: Tieout) -> Tieout:
    """A deposit without a reference, and two payouts of its amount."""
    tell(app, "stripe", stripe.listing(payout("po_1AbcDef"), payout("po_2AbcDef", number=2)))
    at_bank(app, deposit("STRIPE PAYOUT"), closing="47.98")
    app.reconcile(SENT)
    return app


def test_one_of_several_is_accepted_with_a_reason(doubtful: Tieout) -> None:
    app = doubtful
    (found,) = app.proposals(account="1330.stripe")
    assert (found.count, [c.item.item for c in found.candidates]) == (2, ["payout:po_1AbcDef", "payout:po_2AbcDef"])
    line, second = f"itm_{found.item.id}", f"itm_{found.candidates[1].item.id}"
    with pytest.raises(BadInput, match="A reason is required"):
        app.accept_proposal(line, [second], reason="", actor=ANNA)
    match = app.accept_proposal(line, [second], reason="The gateway said so on the phone.", actor=ANNA)
    draft = app.match(match).match.draft
    assert (draft.pass_id, draft.why) == ("person", "The gateway said so on the phone.")
    assert app.proposals() == []
    assert app.reconcile(SENT).matches == 0
    assert [(line.actor, line.action, line.subject) for line in app.audit(1)] == [("anna", "match.accepted", match)]
    with pytest.raises(NotFound, match="is tied already"):
        app.accept_proposal(line, [second], reason="Again.", actor=ANNA)


def test_what_is_refused_is_not_proposed_again(doubtful: Tieout) -> None:
    (found,) = doubtful.proposals()
    line, first = f"itm_{found.item.id}", f"itm_{found.candidates[0].item.id}"
    doubtful.refuse_proposal(line, first, reason="That one failed.", actor=ANNA)
    (left,) = doubtful.proposals()
    assert [c.item.item for c in left.candidates] == ["payout:po_2AbcDef"]
    with pytest.raises(ResolutionRefused, match="come to zero"):
        doubtful.accept_proposal(first, [f"itm_{left.candidates[0].item.id}"], reason="No.", actor=ANNA)


def test_what_people_chose_before_is_proposed_first(doubtful: Tieout) -> None:
    app = doubtful
    (found,) = app.proposals()
    app.accept_proposal(f"itm_{found.item.id}", [f"itm_{found.candidates[0].item.id}"], reason="Sure.", actor=ANNA)
    later = [payout(f"po_{n}Xyz", amount=3000, number=n) for n in (5, 6)]
    tell(app, "stripe", stripe.listing(*later))
    app.import_file("bank", _second_statement())
    app.reconcile(SENT)
    (again,) = app.proposals()
    assert {c.chosen_before for c in again.candidates} == {1}, "both lie two days apart, as the one a person chose"


def _second_statement() -> bytes:
    from tests.app.house import bank_statement

    return bank_statement(deposit("STRIPE", "30.00", reference="B9"), opening="47.98", closing="77.98", name="S2")


def test_an_open_item_is_explained_with_what_comes_near(doubtful: Tieout) -> None:
    (found,) = doubtful.proposals()
    sentences = doubtful.explain(f"itm_{found.item.id}").sentences
    assert "2 could settle it, and nothing says which; so none was taken." in sentences
    assert "It would be tied by a payout of 47.98 EUR whose reference is in the bank's text." in sentences
