"""Ownership and fee rules over HTTP."""

from tests.api.hub import Client
from tests.cli.test_owning import DUO, SOLO
from tieout.app import Tieout


def test_ownership_is_recorded_and_shown(books: Tieout, program: Client) -> None:
    assert program.get("/v1/ownership/mug").json() == []
    made = program.post("/v1/ownership", json=SOLO)
    assert (made.status_code, made.json()["changed_by"]) == (200, "tests")
    assert program.post("/v1/ownership", json=DUO).json()["version"] == 2
    shown = program.get("/v1/ownership/mug").json()
    assert [record["shares"] for record in shown] == [SOLO["shares"], DUO["shares"]]
    order = {"currency": "EUR", "lines": [{"line": 1, "unit_price": "10.00", "listing": "mug"}]}
    split = program.post("/v1/quote?books=true", json={"order": order}).json()
    assert split["totals"]["sellers"] == {"anna": "4.00", "bo": "6.00"}
    late = program.post("/v1/ownership", json=SOLO)
    assert (late.status_code, late.json()["code"]) == (409, "conflict")
    wrong = program.post("/v1/ownership", json=SOLO | {"listing": "cup", "shares": []})
    assert (wrong.status_code, wrong.json()["detail"]) == (400, "The shares come to 0 basis points")
    assert (len(books.ownership("mug")), books.ownership("cup")) == (2, [])


def test_fee_rules_are_published_and_shown(books: Tieout, program: Client) -> None:
    assert program.get("/v1/fee-rules").status_code == 404
    asked = {"rules": {"commission": [{"id": "all", "percent": "10", "fixed": "0.30"}]}, "reason": "A beginning."}
    assert program.post("/v1/fee-rules", json=asked).json() == {"version": 1}
    shown = program.get("/v1/fee-rules").json()
    assert (shown["version"], shown["published_by"], shown["reason"]) == (1, "tests", "A beginning.")
    assert shown["rules"]["commission"] == [{"id": "all", "percent": "10", "fixed_minor": {"EUR": 30}}]
    assert program.post("/v1/fee-rules", json=asked | {"reason": ""}).status_code == 400
    found = books.fee_rules()
    assert found is not None
    assert found.version == 1


def test_both_need_a_key(anyone: Client) -> None:
    assert [anyone.get("/v1/fee-rules").status_code, anyone.post("/v1/ownership", json=SOLO).status_code] == [401, 401]
