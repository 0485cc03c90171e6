"""Runs and people's word: what becomes doubtful is said and stands, what was taken back stays so."""

import pytest

from tests.app.house import ANNA, bank_statement, open_cases, tell, the_case
from tests.connectors.stripe import objects as stripe
from tests.reconciliation.test_reconcile import SENT, at_bank, by_trace, deposit, payout
from tieout.app import Tieout
from tieout.model.error import BadInput, ResolutionRefused


def test_a_deposit_that_comes_twice_makes_the_match_doubtful_and_moves_nothing(app: Tieout) -> None:
    tell(app, "stripe", stripe.listing(payout("po_1AbcDef")))
    at_bank(app, deposit("STRIPE po_1AbcDef", reference="B1"), closing="47.98")
    app.reconcile(SENT)
    (view,) = by_trace(app)
    assert (view.match.making.rules_version, view.match.making.engine.split()[0]) == (0, "duckdb")
    again = bank_statement(
        deposit("STRIPE po_1AbcDef", reference="B2", day="2026-03-06"), opening="47.98", closing="95.96", name="S2",
        day="2026-03-06",
    )  # fmt: skip
    app.import_file("bank", again)
    assert app.reconcile(SENT).matches == 0
    assert [v.id for v in by_trace(app)] == [view.id], "it stands"
    case = the_case(app, "evidence_changed").case.draft
    assert (case.subject, case.amount_minor) == (view.id, 4798)
    assert case.sentence == (
        f"{view.id} tied 2 items of po_1AbcDef, 47.98 EUR each way, as the only way they could belong together. Since"
        " then a bank line of 2026-03-06 over 47.98 EUR names the same reference. It stands until a person decides."
    )
    app.reconcile(SENT)
    assert [r for r, _, _ in open_cases(app)].count("evidence_changed") == 1, "it is said until somebody decides"
    app.confirm(view.id, reason="The first deposit was it.", actor=ANNA)
    app.reconcile(SENT, full=True)
    assert "evidence_changed" not in [r for r, _, _ in open_cases(app)]
    assert app.match(view.id).match.confirmed_by == "anna"
    with pytest.raises(ResolutionRefused, match="confirmed already"):
        app.confirm(view.id, reason="Again.", actor=ANNA)


def test_a_match_taken_back_is_neither_made_again_nor_forgotten(app: Tieout) -> None:
    tell(app, "stripe", stripe.listing(payout("po_1AbcDef")))
    at_bank(app, deposit("STRIPE po_1AbcDef"), closing="47.98")
    app.reconcile(SENT)
    (view,) = by_trace(app)
    back = app.unmatch(view.id, reason="Another one.", actor=ANNA)
    for full in (False, False, True):
        assert app.reconcile(SENT, full=full).matches == 0
        assert [r for r, _, _ in open_cases(app)] == ["match_taken_back"]
    assert app.match(view.id).match.reversed_by == app.match(back).match.id


def test_a_reason_is_required(app: Tieout) -> None:
    for say in (app.unmatch, app.confirm):
        with pytest.raises(BadInput, match="A reason is required"):
            say("mat_1", reason=" ", actor=ANNA)
