"""Reconciliations: frozen, signed by two, the same bytes twice; and what happens to their items afterwards."""

import hashlib
from datetime import date

import pytest

from tests.app.house import ANNA, bank_statement, tell
from tests.connectors.stripe import objects as stripe
from tests.reconciliation.test_reconcile import SENT, at_bank, by_trace, deposit, payout
from tieout.app import Tieout
from tieout.app.signing import content_of
from tieout.model.entity import Actor
from tieout.model.error import BadInput, NotFound, ResolutionRefused
from tieout.reports.reconciliation_pdf import reconciliation_pdf

EVA = Actor("eva", "person")
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)
BANK = "1100.bank"


@pytest.fixture
def arrived(app: Tieout) -> Tieout:
    """A payout that arrived, and one that has not."""
    tell(app, "stripe", stripe.listing(payout("po_1AbcDef"), payout("po_2AbcDef", amount=1000, number=2)))
    at_bank(app, deposit("STRIPE po_1AbcDef"), closing="47.98")
    app.reconcile(SENT)
    return app


def test_it_says_what_is_in_the_books_at_the_bank_and_on_its_way(arrived: Tieout) -> None:
    found = arrived.reconciled(BANK, "EUR", FIRST, LAST)
    assert (found.bank.books_minor, found.bank.statement_minor, found.bank.difference_minor) == (4798, 4798, 0)
    assert [(s.opening_minor, s.closing_minor, s.follows) for s in found.statements] == [(0, 4798, True)]
    assert (found.moved_minor, found.told_minor, found.agrees) == (4798, 4798, True)
    by_account = {c.line.account: c.line for c in found.clearing}
    assert (by_account["1330.stripe"].balance_minor, by_account["1330.stripe"].transit_minor) == (1000, 1000)
    with pytest.raises(NotFound, match="is no bank account"):
        arrived.reconciled("1200", "EUR", FIRST, LAST)


def test_two_people_sign_and_the_same_is_the_same_to_the_byte(arrived: Tieout) -> None:
    app = arrived
    number = app.prepare_reconciliation(BANK, "EUR", FIRST, LAST, actor=ANNA)
    again = app.prepare_reconciliation(BANK, "EUR", FIRST, LAST, actor=ANNA)
    kept, twin = (app.reconciliation(n)[0] for n in (number, again))
    assert (kept.hash, kept.csv) == (twin.hash, twin.csv)
    assert kept.hash == hashlib.sha256(kept.content.encode()).hexdigest()
    assert kept.csv.splitlines()[:3] == [
        "what,account,name,day,amount,currency",
        f"book balance,{BANK},{content_of(kept).name},2026-03-31,47.98,EUR",
        f"before the books,{BANK},{content_of(kept).name},2026-03-31,0.00,EUR",
    ]
    with pytest.raises(NotFound, match="Nobody has signed rec_1"):
        app.reconciliation_pdf(number)
    with pytest.raises(ResolutionRefused, match="anna prepared rec_1 and cannot review it"):
        app.sign_reconciliation(number, note="Fine.", actor=ANNA)
    with pytest.raises(BadInput, match="A note is required"):
        app.sign_reconciliation(number, note=" ", actor=EVA)
    complete = app.sign_reconciliation(number, note="Compared with the bank's portal.", actor=EVA)
    pdf = app.reconciliation_pdf(number)
    assert pdf.startswith(b"%PDF")
    import msgspec

    assert reconciliation_pdf(msgspec.to_builtins(content_of(complete)), complete) == pdf
    with pytest.raises(ResolutionRefused, match="is signed by eva"):
        app.sign_reconciliation(number, note="Again.", actor=EVA)


def test_signing_settles_what_was_tied_and_shows_what_is_taken_back_later(arrived: Tieout) -> None:
    app = arrived
    number = app.prepare_reconciliation(BANK, "EUR", FIRST, LAST, actor=ANNA)
    app.sign_reconciliation(number, note="Compared.", actor=EVA)
    (view,) = by_trace(app)
    assert view.match.confirmed_by == "eva"
    twice = bank_statement(
        deposit("STRIPE po_1AbcDef", reference="B2", day="2026-04-02"), opening="47.98", closing="95.96", name="S2",
        day="2026-04-02",
    )  # fmt: skip
    app.import_file("bank", twice)
    app.reconcile(SENT)
    assert "evidence_changed" not in {v.case.draft.reason.value for v in app.case_list()}
    pdf = app.reconciliation_pdf(number)
    back = app.unmatch(view.id, reason="It was the other deposit.", actor=ANNA)
    _, afterwards = app.reconciliation(number)
    assert [(f"mat_{a.match_id}", a.reverses_id, a.why, a.amount_minor) for a in afterwards] == [
        (back, view.match.id, "It was the other deposit.", 4798)
    ]
    assert app.reconciliation_pdf(number) == pdf


def test_what_does_not_agree_is_not_signed(arrived: Tieout) -> None:
    gap = bank_statement(closing="60.00", opening="60.00", name="S9", day="2026-03-20")
    arrived.import_file("bank", gap)
    arrived.reconcile(SENT)
    number = arrived.prepare_reconciliation(BANK, "EUR", FIRST, LAST, actor=ANNA)
    with pytest.raises(ResolutionRefused, match="does not agree"):
        arrived.sign_reconciliation(number, note="Never mind.", actor=EVA)
