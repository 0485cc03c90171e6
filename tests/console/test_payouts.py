"""Payouts on pages: listed, opened, and decided by somebody who did not make them."""

from tests.api import hub
from tests.api.hub import Client
from tests.app.payroom import ANNA, DAY, POLICY, owe, sell
from tests.console.page import look
from tieout.app import Tieout
from tieout.console.payouts import DEEDS
from tieout.model.payout import NEXT_STATES, PayoutState


def test_a_payout_is_listed_opened_and_approved(new_books: Tieout, newcomer: Client) -> None:
    assert "No payout was made yet" in look(newcomer, "/payouts").text
    new_books.publish_payout_policy(POLICY, reason="first", actor=ANNA)
    sell(new_books)
    owe(new_books, "birke", 5000, 250)
    one = new_books.make_payout("birke", None, "EUR", reason="asked", day=DAY, actor=ANNA)
    listed = look(newcomer, "/payouts?standing=pending_approval")
    assert [e.attributes["href"] for e in listed.all("a") if "data-open" in e.attributes] == [f"/payouts/{one.name}"]
    page = look(newcomer, f"/payouts/{one.name}")
    assert "52.50 EUR to birke" in page.text
    assert [e.attributes["value"] for e in page.all("button", name="action")] == ["approve", "hold", "cancel"]
    sent = {"action": "approve", "reason": "Compared."}
    answer = newcomer.post(f"/payouts/{one.name}", data=sent, headers=hub.OWN_PAGE, follow_redirects=False)
    assert answer.status_code == 303
    assert new_books.payout(one.name).payout.state is PayoutState.QUEUED
    again = newcomer.post(f"/payouts/{one.name}", data=sent, headers=hub.OWN_PAGE, follow_redirects=False)
    assert (again.status_code, "That could not be done" in again.text) == (409, True)


def test_only_what_could_be_done_is_offered() -> None:
    leads_to = {"hold": "held", "cancel": "canceled", "retry": "queued"}
    for state, deeds in DEEDS.items():
        for deed in deeds:
            if deed in leads_to:
                assert leads_to[deed] in NEXT_STATES[state]
