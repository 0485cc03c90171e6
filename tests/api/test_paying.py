"""Payouts over HTTP: made, approved by somebody else, sent, taken to the bank."""

import msgspec

from tests.api.hub import Client
from tests.app.payroom import ANNA, POLICY, owe, sell
from tieout.app import Tieout

DAY = "2026-03-03"


def test_payouts_from_policy_to_bank_file(books: Tieout, program: Client, anyone: Client) -> None:
    assert program.get("/v1/payout-policy").json() == {"version": 0, "policy": {}}
    policy = msgspec.to_builtins(POLICY)
    assert program.post("/v1/payout-policy", json={"policy": policy, "reason": "first"}).json()["version"] == 1
    wrong = program.post("/v1/payout-policy", json={"policy": {"rails": 1}, "reason": "first"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "bad_input")
    sell(books)
    owe(books, "birke", 5000)
    run = program.post("/v1/payout-runs", json={"day": DAY}).json()
    assert [(one["party"], one["verdict"], one["payout"]) for one in run["decisions"]] == [("birke", "paid", "pay_1")]
    assert program.post("/v1/payout-runs", json={"day": DAY}).json() == run
    assert program.get(f"/v1/payout-runs/{run['run'][0]}").json() == run
    sell(books, "linde")
    owe(books, "linde", 700)
    asked = {"seller": "linde", "currency": "EUR", "reason": "asked", "day": DAY}
    assert program.post("/v1/payouts", json=asked | {"amount_minor": 701}).json()["code"] == "payout_refused"
    assert program.post("/v1/payouts", json=asked).json()["state"] == "pending_approval"
    own = program.post("/v1/payouts/pay_2/actions", json={"action": "approve", "reason": "fine"})
    assert (own.status_code, own.json()["code"]) == (409, "payout_refused")
    assert books.approve_payout("pay_2", actor=ANNA).state == "queued"
    assert program.post("/v1/payouts/pay_2/actions", json={"action": "burn", "reason": "x"}).status_code == 400
    held = program.post("/v1/payouts/pay_2/actions", json={"action": "hold", "reason": "wait"})
    assert held.json()["state"] == "held"
    assert program.post("/v1/payouts/send").json() == {"payouts": 1}
    assert [one["party"] for one in program.get("/v1/payouts?standing=submitted").json()] == ["birke"]
    (file,) = program.get("/v1/payment-files").json()
    taken = program.post(f"/v1/payment-files/{file['id']}/export")
    assert (taken.headers["x-content-sha256"], "warning" in taken.headers) == (file["sha256"], False)
    assert "tests took this file" in program.post(f"/v1/payment-files/{file['id']}/export").headers["warning"]
    told = program.post("/v1/payouts/pay_1/outcome", json={"outcome": "failed", "code": "AC04"})
    assert told.json()["state"] == "failed"
    assert [step["to_state"] for step in program.get("/v1/payouts/pay_1").json()["history"]][-1] == "failed"
    assert program.get("/v1/payouts/pay_9").status_code == 404
    assert anyone.get("/v1/payouts").status_code == 401
