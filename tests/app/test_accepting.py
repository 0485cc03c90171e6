"""Accepting what came later: the first telling is taken back, the later one is booked, and both can be traced."""

from datetime import date

import pytest

from tests.app.house import (
    ANNA,
    balances,
    bank_statement,
    charge,
    entries,
    happened,
    lines,
    open_cases,
    order,
    refund,
    tell,
    the_case,
    work,
)
from tests.connectors.camt import statements as camt
from tests.connectors.stripe import objects as stripe
from tieout.app import Tieout
from tieout.model.case import Action, CaseState, Resolution
from tieout.model.error import ResolutionRefused
from tieout.model.period import PeriodState

ACCEPT = Resolution(Action.ACCEPT, "The gateway corrected itself.")
CAPTURED = "stripe:charge:ch_1:captured"
AS_OF = date(2026, 3, 20)


@pytest.fixture
def told_twice(app: Tieout) -> Tieout:
    """A capture of 49.00 that came again over 50.00."""
    tell(app, "stripe", charge())
    tell(app, "stripe", charge(amount=5000))
    return app


def test_the_later_telling_takes_the_place_of_the_first(told_twice: Tieout) -> None:
    app = told_twice
    case = the_case(app, "content_changed")
    assert case.actions == (Action.ACCEPT, Action.DISMISS)
    shown = app.preview(case.id, ACCEPT, actor=ANNA)
    assert shown.sentence == "Books the later telling and takes the first one back."
    assert [(e.key, [(ln.account, ln.amount_minor) for ln in e.lines]) for e in shown.entries] == [
        ("reversal:ent_1", [("1310.stripe", -4900), ("1200", 4900)]),
        (f"{CAPTURED}~2", [("1310.stripe", 5000), ("1200", -5000)]),
    ]
    assert balances(app) == {("1310.stripe", "EUR"): 4900, ("1200", "EUR"): -4900}, "a preview does nothing"
    app.resolve(case.id, ACCEPT, actor=ANNA)
    assert balances(app) == {("1310.stripe", "EUR"): 5000, ("1200", "EUR"): -5000}
    found = entries(app)
    assert {view.entry.draft.effective_date for view in found.values()} == {date(2026, 3, 3)}
    new = found[f"{CAPTURED}~2"]
    assert (new.entry.draft.actor, new.entry.draft.why.endswith("The gateway corrected itself.")) == ("anna", True)
    event = happened(app)[CAPTURED]
    assert (event.state, event.draft.components[0].amount_minor, event.entries) == ("posted", 5000, (new.id,))
    assert app.case(case.id).case.state is CaseState.RESOLVED
    assert open_cases(app) == []
    assert app.audit(1)[0].action == "case.accept"


def test_it_is_traced_to_the_delivery_that_told_of_it(told_twice: Tieout) -> None:
    app = told_twice
    app.resolve(the_case(app).id, ACCEPT, actor=ANNA)
    later = app.inbox()[0].id
    new = entries(app)[f"{CAPTURED}~2"].id
    assert {later, new} <= {node.id for node in app.trace(new).nodes}
    assert {later, new} <= {node.id for node in app.trace(later).nodes}


def test_told_once_more_it_is_a_repeat(told_twice: Tieout) -> None:
    app = told_twice
    app.resolve(the_case(app).id, ACCEPT, actor=ANNA)
    tell(app, "stripe", charge(amount=5000, description="again"))
    assert open_cases(app) == []
    assert len(entries(app)) == 3


def test_what_rests_on_it_still_ties(told_twice: Tieout) -> None:
    app = told_twice
    tell(app, "shop", order(), "orders")
    app.resolve(the_case(app).id, ACCEPT, actor=ANNA)
    app.reconcile(AS_OF)
    proof = app.proof()
    assert proof.unexplained_minor == {"EUR": 0}
    (line,) = [ln for ln in proof.lines if ln.account == "1200"]
    assert (line.balance_minor, line.exceptions_minor) == (-100, -100), "paid 1.00 more than was ordered"


def test_a_closed_day_moves_both_to_the_first_open_one(told_twice: Tieout) -> None:
    app = told_twice
    app.set_period(date(2026, 3, 1), date(2026, 3, 31), PeriodState.SOFT, actor=ANNA)
    app.resolve(the_case(app).id, ACCEPT, actor=ANNA)
    days = {key: view.entry.draft.effective_date for key, view in entries(app).items()}
    assert days == {
        CAPTURED: date(2026, 3, 3), "reversal:ent_1": date(2026, 4, 1), f"{CAPTURED}~2": date(2026, 4, 1)
    }  # fmt: skip


def test_what_was_reversed_by_hand_is_not_taken_back_twice(told_twice: Tieout) -> None:
    app = told_twice
    app.reverse("ent_1", reason="It was wrong.", on=date(2026, 3, 3), actor=ANNA)
    shown = app.resolve(the_case(app).id, ACCEPT, actor=ANNA)
    assert [e.key for e in shown.entries] == [f"{CAPTURED}~2"]
    assert balances(app) == {("1310.stripe", "EUR"): 5000, ("1200", "EUR"): -5000}


def test_one_of_two_later_tellings_is_accepted_and_then_the_other(told_twice: Tieout) -> None:
    app = told_twice
    tell(app, "stripe", charge(amount=5100))
    fifty, more = sorted(app.case_list(), key=lambda view: view.case.draft.amount_minor)
    app.resolve(fifty.id, ACCEPT, actor=ANNA)
    with pytest.raises(ResolutionRefused, match="Another telling has taken its place already"):
        app.resolve(more.id, ACCEPT, actor=ANNA)
    assert balances(app) == {("1310.stripe", "EUR"): 5000, ("1200", "EUR"): -5000}


def test_other_exceptions_have_nothing_to_accept(app: Tieout) -> None:
    tell(app, "shop", refund())
    app.reconcile(AS_OF)
    with pytest.raises(ResolutionRefused, match="does not fit this case"):
        app.preview(the_case(app).id, ACCEPT, actor=ANNA)


def test_a_corrected_statement_takes_the_place_of_the_first(app: Tieout) -> None:
    """The bank told of 10.00; in its corrected file, under the same number, there is another line of 5.00."""
    first = camt.entry("10.00", reference="A")
    app.import_file("bank", bank_statement(first, closing="10.00"))
    app.import_file("bank", bank_statement(first, camt.entry("5.00", reference="B"), closing="15.00"))
    app.reconcile(AS_OF)
    assert [(b.books_minor, b.statement_minor, b.difference_minor) for b in app.proof().banks] == [(1500, 1000, 500)]
    case = the_case(app, "content_changed")
    done = app.resolve(case.id, ACCEPT, actor=ANNA)
    assert (done.sentence, done.entries) == ("Keeps the later telling, which moves no money.", ())
    app.reconcile(AS_OF)
    assert [(b.books_minor, b.statement_minor, b.difference_minor) for b in app.proof().banks] == [(1500, 1500, 0)]
    assert sorted(lines(view)[0] for view in entries(app).values()) == [
        ("1100.bank", "EUR", 500), ("1100.bank", "EUR", 1000)
    ]  # fmt: skip


def test_a_delivery_under_the_same_identity_is_read_when_a_person_accepts_it(app: Tieout) -> None:
    """Nothing of it is taken over by that alone: what it tells otherwise is a question of its own."""
    tell(app, "stripe", stripe.event("charge.captured", charge()))
    tell(app, "stripe", stripe.event("charge.captured", charge(amount=5000)))
    case = the_case(app, "content_changed")
    assert case.case.draft.subject == "stripe:evt_1"
    done = app.resolve(case.id, ACCEPT, actor=ANNA)
    assert done.sentence == "Reads the later delivery; each fact it tells otherwise is an exception of its own."
    (fact,) = app.case_list()
    assert fact.case.draft.subject.startswith(f"{CAPTURED}#")
    app.resolve(fact.id, ACCEPT, actor=ANNA)
    assert balances(app) == {("1310.stripe", "EUR"): 5000, ("1200", "EUR"): -5000}
    assert work(app).deliveries == 0


def test_both_tellings_say_what_became_of_them(told_twice: Tieout) -> None:
    app = told_twice
    first = happened(app)[CAPTURED].id
    app.resolve(the_case(app).id, ACCEPT, actor=ANNA)
    assert list(app.explain(first).sentences[1:]) == [
        "It was booked as ent_1, until a person accepted a later telling.",
        "That one is booked as ent_3.",
    ]
    assert app.explain(happened(app)[CAPTURED].id).sentences[-1] == "It is booked as ent_3."
