"""Entries of one's own, over HTTP: one, many, each by itself."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.hub import Client
from tieout.app import Tieout


def entry(amount: int, key: str = "rent-10") -> dict[str, object]:
    return {
        "key": key, "effective_date": "2026-10-02", "memo": "Rent", "why": "The landlord's letter",
        "lines": [
            {"account": "5030", "currency": "EUR", "amount_minor": amount},
            {"account": "1490", "currency": "EUR", "amount_minor": -700, "item": "rent:10"},
        ],
    }  # fmt: skip


def test_entries_of_ones_own_post_once(books: Tieout, program: Client) -> None:
    answers = [program.post("/v1/entries", json={"entries": [entry(700)]}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    (posted,) = answers[0].json()["entries"]
    assert answers[1].json() == {"entries": [posted]}
    view = books.entry(posted)
    assert (view.entry.draft.key, view.entry.draft.actor, view.entry.draft.rule_id) == ("api:rent-10", "tests", "api")
    assert [(line.account, line.amount_minor, line.base_minor) for line in view.lines] == [
        ("5030", 700, 700),
        ("1490", -700, -700),
    ]


def test_the_same_key_with_other_content_is_a_conflict(books: Tieout, program: Client) -> None:
    program.post("/v1/entries", json={"entries": [entry(700)]})
    before = books.ledger_hash()
    other = {**entry(700), "memo": "Another memo"}
    answer = program.post("/v1/entries", json={"entries": [entry(700, "rent-11"), other]})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert books.ledger_hash() == before


def test_an_entry_that_does_not_balance_is_refused(books: Tieout, program: Client) -> None:
    before = books.ledger_hash()
    answer = program.post("/v1/entries", json={"entries": [entry(700, "rent-11"), entry(701)]})
    assert (answer.status_code, answer.json()["code"]) == (409, "posting_refused")
    assert books.ledger_hash() == before


def test_nobody_acts_in_another_name(program: Client) -> None:
    answer = program.post("/v1/entries", json={"entries": [{**entry(700), "actor": "the boss"}]})
    assert answer.status_code == 400


def test_one_entry_is_posted_once(books: Tieout, program: Client) -> None:
    first, again = (program.post("/v1/entry", json=entry(700)) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == {"entry": first.json()["entry"], "repeated": False}
    assert again.json() == {"entry": first.json()["entry"], "repeated": True}
    view = books.entry(first.json()["entry"])
    assert (view.entry.draft.key, view.entry.draft.actor, view.entry.draft.rule_id) == ("api:rent-10", "tests", "api")
    other = program.post("/v1/entry", json=entry(700) | {"memo": "Another memo"})
    assert (other.status_code, other.json()["code"]) == (409, "conflict")


def test_many_callers_with_one_entry_each_have_their_own_answers(books: Tieout, program: Client) -> None:
    """Every fifth does not balance; it alone is told so."""
    before = books.counts()[0]
    sent = [entry(701 if number % 5 == 0 else 700, f"rent-{number}") for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: program.post("/v1/entry", json=one), sent))
    assert [answer.status_code for answer in answers] == [409 if n % 5 == 0 else 200 for n in range(40)]
    for number, answer in enumerate(answers):
        if number % 5:
            assert books.entry(answer.json()["entry"]).entry.draft.key == f"api:rent-{number}"
        else:
            assert (answer.json()["code"], answer.json()["where"]) == ("posting_refused", f"api:rent-{number}")
            assert answer.json()["remedy"].startswith("Add the line that is missing or mend an amount")
    assert books.counts()[0] == before + 32


def test_each_by_itself(books: Tieout, program: Client) -> None:
    before = books.counts()[0]
    dollars = entry(700, "dollars")
    dollars["lines"] = [{"account": "5030", "currency": "USD", "amount_minor": 700}] * 2
    sent = [entry(700), entry(701, "off"), entry(700), entry(700) | {"memo": "Another memo"}, dollars, entry(700, "ok")]
    answer = program.post("/v1/entries/each", json={"entries": sent})
    assert answer.status_code == 200
    found = answer.json()["results"]
    assert [one["key"] for one in found] == ["rent-10", "off", "rent-10", "rent-10", "dollars", "ok"]
    assert [(one["problem"] or {}).get("code") for one in found] == [
        None, "posting_refused", None, "conflict", "bad_input", None,
    ]  # fmt: skip
    assert [one["repeated"] for one in found] == [False, False, True, False, False, False]
    assert found[0]["entry"] == found[2]["entry"]
    assert (found[1]["entry"], found[3]["entry"], found[4]["entry"]) == (None, None, None)
    assert books.counts()[0] == before + 2
    assert books.audit(1)[0].subject == "3 entries"


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"lines": []}, 409, "posting_refused"),
        ({"lines": [{"account": "5030", "currency": "EUR", "amount_minor": 1.5}]}, 400, "bad_input"),
        ({"lines": [{"account": "5030", "currency": "EUR", "amount_minor": 5.0}]}, 400, "bad_input"),
        ({"lines": [{"account": "5030", "currency": "EUR", "amount_minor": n} for n in (2**63, -(2**63))]}, 409,
         "posting_refused"),
        ({"lines": [{"account": "5030", "currency": "EUR", "amount_minor": 10**30}] * 2}, 409, "posting_refused"),
        ({"lines": [{"account": a, "currency": "EUR", "amount_minor": n} for a, n in (("5030", 5), ("9", -5))]}, 409,
         "account_unfit"),
        ({"lines": [{"account": "5030", "currency": "XXX", "amount_minor": n, "base_minor": n} for n in (5, -5)]}, 400,
         "amount"),
        ({"memo": "a\0b"}, 409, "posting_refused"),
        ({"key": ""}, 400, "bad_input"),
        ({"effective_date": "2026-02-30"}, 400, "bad_input"),
        ({"occurred_at": "2026-02-03T10:00:00"}, 409, "posting_refused"),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("door", ["entry", "entries", "each"])
def test_what_cannot_be_booked_is_a_coded_error_and_nothing_is_written(
    books: Tieout, program: Client, change: dict[str, object], status: int, code: str, door: str
) -> None:
    before = books.ledger_hash()
    bad = entry(700) | change
    if door == "entry":
        answer = program.post("/v1/entry", json=bad)
    else:
        answer = program.post("/v1/entries/each" if door == "each" else "/v1/entries", json={"entries": [bad]})
    problem = answer.json()
    if door == "each" and answer.status_code == 200:
        problem = problem["results"][0]["problem"]
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["detail"] != ""
    assert problem["remedy"] != ""
    assert books.ledger_hash() == before


def test_a_surrogate_is_no_text(program: Client) -> None:
    """JSON can spell what no text is; the decoder refuses it before anything else sees it."""
    body = b'{"key": "a\\ud800", "effective_date": "2026-10-02", "memo": "", "why": "", "lines": []}'
    answer = program.post("/v1/entry", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
