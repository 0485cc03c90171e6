"""Sellers over HTTP."""

from tests.api.hub import Client
from tests.cli.test_selling import ACCOUNT, ACT, ANNA, PAID
from tieout.app import Tieout


def test_a_seller_from_the_profile_to_the_balance(books: Tieout, program: Client) -> None:
    made = program.post("/v1/sellers", json={"seller": ANNA, "reason": "Her contract."})
    assert (made.status_code, made.json()["version"], made.json()["changed_by"]) == (200, 1, "tests")
    assert [row["seller"]["party"] for row in program.get("/v1/sellers").json()] == ["anna"]
    paused = {"seller": ANNA | {"paused": "On holiday."}, "reason": "She asked."}
    assert program.post("/v1/sellers/profile", json=paused).json()["version"] == 2
    asked = {"account": ACCOUNT, "reason": "Hers."}
    assert [program.post("/v1/sellers/anna/account", json=asked).json()["version"] for _ in "ab"] == [1, 2]
    own = program.post("/v1/sellers/anna/account/2", json={"approve": True, "reason": "Mine."})
    assert (own.status_code, own.json()["code"]) == (409, "posting_refused")
    hold = {"reason": "risk", "ends_when": "Somebody looked.", "amount_minor": 500}
    assert program.post("/v1/sellers/anna/holds", json=hold).json()["id"] == 1
    shown = program.get("/v1/sellers/anna").json()
    assert [len(shown[name]) for name in ("versions", "accounts", "holds")] == [2, 2, 1]
    assert program.post("/v1/sales/7", json={"facts": [PAID]}).json() == {"entries": 1}
    assert program.post("/v1/sales/7", json={"facts": [PAID]}).json() == {"entries": 0}
    waits = program.post("/v1/acts", json=ACT).json()
    assert (waits["needs_second"], waits["asked_by"]) == (True, "tests")
    assert len(program.get("/v1/acts?waiting=true").json()) == 1
    refused = program.post("/v1/acts/1", json={"approve": True, "reason": "Mine."})
    assert refused.status_code == 409
    balance = program.get("/v1/sellers/anna/balance").json()
    assert balance == [{"bucket": "pending", "currency": "EUR", "amount_minor": 1000}]
    assert program.get("/v1/sellers/anna/balance?at=2026-03-02").json() == []
    assert len(books.act_list(waiting=True)) == 1


def test_a_policy_is_published_and_shown(program: Client) -> None:
    assert program.get("/v1/settlement-policy").status_code == 404
    made = program.post("/v1/settlement-policy", json={"policy": {"refund_draws": ["available"]}, "reason": "Ours."})
    assert (made.status_code, made.json()["version"]) == (200, 1)
    assert program.get("/v1/settlement-policy").json()["policy"] == {"refund_draws": ["available"]}


def test_what_is_wrong_is_refused(program: Client, anyone: Client) -> None:
    wrong = program.post("/v1/sellers", json={"seller": ANNA | {"account": {"holder": "A", "iban": "DE00"}}})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_input")
    assert program.get("/v1/sellers/nobody").status_code == 404
    assert anyone.get("/v1/sellers").status_code == 401
