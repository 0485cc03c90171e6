"""Bookkeeping over HTTP: periods, the chart, corrections; refusals are problems with a code."""

from typing import Any

from tests.api.hub import Client
from tieout.app import Tieout

OCTOBER = {"first_day": "2026-10-01", "last_day": "2026-10-31"}


def sent(program: Client, path: str, body: dict[str, Any], status: int = 200) -> Any:
    answer = program.post(f"/v1/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def entry(key: str, account: str = "1490", amount: int = 500) -> dict[str, Any]:
    return {
        "key": key, "effective_date": "2020-05-05", "memo": "By hand", "why": "A test.",
        "lines": [
            {"account": account, "currency": "EUR", "amount_minor": amount},
            {"account": "3000", "currency": "EUR", "amount_minor": -amount},
        ],
    }  # fmt: skip


def test_periods_are_closed_listed_and_allowed(books: Tieout, program: Client) -> None:
    span = {"first_day": "2020-05-01", "last_day": "2020-05-31"}
    assert sent(program, "periods", {**span, "state": "soft", "area": "sales"}) == {"standing": []}
    allowed = {**span, "area": "sales", "person": "ben", "reason": "The audit.", "until": "2099-01-01T00:00:00Z"}
    made = sent(program, "periods/allowances", allowed)
    assert (made["person"], made["granted_by"]) == ("ben", "tests")
    (listed,) = program.get("/v1/periods").json()
    assert (listed["first_day"], listed["area"], listed["state"], listed["allowances"]) == (
        "2020-05-01", "sales", "soft", [made],
    )  # fmt: skip
    assert sent(program, "entries", {"entries": [entry("a")]})["entries"]
    refused = sent(program, "entries", {"entries": [entry("b", "4000")]}, 409)
    assert refused["code"] == "period_closed"
    assert sent(program, "periods/allowances", {**allowed, "until": "2099-01-01T00:00:00"}, 400)["where"] == "until"
    assert books.audit(1)[0].actor == "tests"


def test_a_hard_close_names_what_is_open(books: Tieout, program: Client) -> None:
    found = program.get("/v1/periods/standing", params=OCTOBER).json()["standing"]
    assert found
    refused = sent(program, "periods", {**OCTOBER, "state": "hard"}, 409)
    assert (refused["code"], all(what in refused["detail"] for what in found)) == ("period_not_ready", True)
    assert sent(program, "periods", {**OCTOBER, "state": "hard", "despite": " "}, 400)["where"] == "despite"
    done = sent(program, "periods", {**OCTOBER, "state": "hard", "despite": "The year is audited."})
    assert done["standing"] == found
    line = books.audit(1)[0]
    assert (line.action, line.detail) == ("period.hard", f"despite {'; '.join(found)}: The year is audited.")
    assert sent(program, "periods", {**OCTOBER, "state": "open"}, 409)["code"] == "posting_refused"


def test_accounts_are_opened_closed_and_guarded(books: Tieout, program: Client) -> None:
    made = sent(program, "accounts", {"code": "1110", "name": "Petty cash", "type": "asset", "currencies": ["EUR"]})
    assert (made["code"], made["role"], made["parent"]) == ("1110", "other", "11")
    assert sent(program, "accounts", {"code": "1110", "name": "Petty cash", "type": "asset"}, 400)["code"] == "config"
    assert sent(program, "accounts/1110/guard", {"limits": [{"currency": "EUR", "limit_minor": 100}]}) == []
    refused = sent(program, "entries", {"entries": [entry("a", "1110", -101)]}, 409)
    assert (refused["code"], refused["where"]) == ("overdrawn", "1110")
    assert sent(program, "accounts/1110/guard", {"off": True}) == []
    sent(program, "entries", {"entries": [entry("b", "1110", -101)]})
    assert sent(program, "accounts/1110/close", {"closed_on": "2021-01-01"}, 409)["code"] == "account_unfit"
    sent(program, "entries", {"entries": [entry("c", "1110", 101)]})
    assert sent(program, "accounts/1110/close", {"closed_on": "2021-01-01"}) == {"closed_on": "2021-01-01"}
    sheet = next(s for s in program.get("/v1/chart").json() if s["account"]["code"] == "1110")
    assert (sheet["account"]["closed_on"], sheet["path"]) == ("2021-01-01", ["Assets", "Bank accounts"])
    assert sent(program, "accounts/1110/close", {"closed_on": None}) == {"closed_on": None}
    assert sent(program, "accounts/9999/close", {"closed_on": None}, 404)["code"] == "not_found"
    assert [line.action for line in books.audit(20) if line.subject == "1110"][:2] == [
        "account.reopened", "account.closed",
    ]  # fmt: skip


def test_an_entry_is_taken_back_and_corrected(books: Tieout, program: Client) -> None:
    one, two = sent(program, "entries", {"entries": [entry("a"), entry("b")]})["entries"]
    terms = {"reason": "Wrong.", "on": "2020-05-06"}
    preview = sent(program, f"entries/{one}/reverse/preview", terms)
    assert [line["amount_minor"] for line in preview["entries"][0]["lines"]] == [-500, 500]
    part = sent(program, f"entries/{one}/reverse", {**terms, "part": {"1": 200, "2": 200}})
    rest = sent(program, f"entries/{one}/reverse", terms)
    links = program.get(f"/v1/entries/{one}").json()["links"]
    assert {(link["relation"], link["entry"]) for link in links} == {
        ("is reversed in part by", part["reversal"]),
        ("is reversed in part by", rest["reversal"]),
    }
    assert sent(program, f"entries/{one}/reverse", terms, 409)["code"] == "conflict"
    assert sent(program, f"entries/{two}/reverse", {**terms, "part": {"one": 200}}, 400)["where"] == "part"
    made = sent(program, f"entries/{two}/correct", {**terms, "entry": entry("right", amount=700)})
    assert [line.amount_minor for line in books.entry(made["replacement"]).lines] == [700, -700]
    assert {link.relation for link in books.entry(two).links} == {"is reversed by", "is replaced by"}
