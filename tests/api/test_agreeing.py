"""Rules, people's word on matches and reconciliations over HTTP."""

from tests.api.hub import Client
from tieout.app import Tieout
from tieout.reconciliation.rule import standard_text


def test_rules_over_http(program: Client) -> None:
    assert program.get("/v1/rules").json() == {"version": 0, "text": standard_text()}
    sent = {"text": standard_text(), "from_day": "2026-01-01", "reason": "The same."}
    assert program.post("/v1/rules", json=sent).json() == {"version": 1}
    refused = program.post("/v1/rules/1/approve", json={"reason": "Mine."})
    assert (refused.status_code, refused.json()["code"]) == (409, "resolution_refused")
    tried = program.post("/v1/rules/try", json={"text": standard_text()}).json()
    assert (tried["new"], tried["lost"], tried["changed"]) == ([], [], [])
    assert isinstance(program.get("/v1/proposals").json(), list)
    wrong = program.post("/v1/rules", json=sent | {"text": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "config")


def test_a_match_is_confirmed_and_items_that_do_not_fit_are_refused(books: Tieout, program: Client) -> None:
    match = books.match_list(limit=1)[0]
    answer = program.post(f"/v1/matches/{match.id}/confirm", json={"reason": "Seen."})
    assert (answer.status_code, answer.json()["match"]["confirmed_by"]) == (200, "tests")
    one, two = (f"itm_{books.items()[n].item.id}" for n in (0, 1))
    refused = program.post("/v1/matches", json={"items": [one, two], "reason": "So."})
    assert (refused.status_code, refused.json()["code"]) == (409, "resolution_refused")


def test_a_reconciliation_over_http(books: Tieout, program: Client) -> None:
    bank = books.proof().banks[0]
    sent = {"account": bank.account, "currency": bank.currency, "first_day": "2026-10-01", "last_day": "2026-10-31"}
    number = program.post("/v1/reconciliations", json=sent).json()["reconciliation"]
    told = program.get(f"/v1/reconciliations/{number}").json()
    assert (told["reconciliation"]["prepared_by"], told["afterwards"]) == ("tests", [])
    refused = program.post(f"/v1/reconciliations/{number}/sign", json={"reason": "Mine."})
    assert (refused.status_code, refused.json()["code"]) == (409, "resolution_refused")
