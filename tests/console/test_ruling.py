"""Proposals, the rule lab and signed reconciliations as pages."""

from tests.api.hub import Client
from tests.console.page import look
from tieout.app import Tieout
from tieout.model.entity import Actor
from tieout.reconciliation.rule import standard_text


def test_every_proposal_has_all_its_candidates(browser: Client, looked_at: Tieout) -> None:
    page = look(browser, "/proposals")
    for proposal in looked_at.proposals():
        assert proposal.decides in page.text
        assert all(f"itm_{c.item.id}" in page.text for c in proposal.candidates)


def test_a_changed_rule_is_tried_and_nothing_is_written(person: Client, books: Tieout) -> None:
    before = [view.id for view in books.match_list(limit=500)]
    text = standard_text()
    token = {"text": text[: text.index('[[pass]]\nid = "trace"')] + text[text.index("[timing]") :]}
    answer = person.post("/rules/try", data=token)
    assert answer.status_code == 200
    assert "Nothing was written." in answer.text
    assert "Lost: " in answer.text
    assert "cannot be tried" in person.post("/rules/try", data={"text": "x"}).text
    assert [view.id for view in books.match_list(limit=500)] == before
    assert "Matching rules" in look(person, "/rules").text


def test_signed_reconciliations_are_listed_with_their_pdf(person: Client, books: Tieout) -> None:
    bank = next(b for b in books.proof().banks if b.continuous and not b.difference_minor)
    assert bank.statement_date is not None
    days = (bank.statement_date.replace(day=1), bank.statement_date)
    number = books.prepare_reconciliation(bank.account, bank.currency, *days, actor=Actor("anna", "person"))
    books.sign_reconciliation(number, note="Seen.", actor=Actor("eva", "person"))
    assert "Seen." in look(person, "/reconciliations").text
    assert person.get(f"/reconciliations/{number}/pdf").content == books.reconciliation_pdf(number)
