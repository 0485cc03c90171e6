from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest

from tests.api.hub import Client
from tieout.app import Tieout

Ask = Callable[[Tieout], Any]
ANSWERS: dict[str, Ask] = {
    "/v1/proof": lambda t: t.proof(),
    "/v1/sources": lambda t: t.sources(),
    "/v1/accounts": lambda t: t.accounts(),
    "/v1/accounts?until=2026-10-10": lambda t: t.accounts(date(2026, 10, 10)),
    "/v1/balances": lambda t: t.balances(),
    "/v1/balances?at=2026-10-10&account=1200&account=1490": lambda t: t.balances(date(2026, 10, 10), ["1200", "1490"]),
    "/v1/balances?below=1&at=2026-10-10": lambda t: t.subtree("1", at=date(2026, 10, 10)),
    "/v1/trial-balance?at=2026-10-10": lambda t: t.trial_balance(at=date(2026, 10, 10)),
    "/v1/entries/ent_3": lambda t: t.entry("ent_3"),
    "/v1/events/evt_3": lambda t: t.event("evt_3"),
    "/v1/deliveries/dlv_3": lambda t: t.delivery("dlv_3"),
    "/v1/cases?open=true": lambda t: t.case_list(),
    "/v1/cases?reason=bank_line_unknown": lambda t: t.case_list(reason="bank_line_unknown"),
    "/v1/cases/cas_1": lambda t: t.case("cas_1"),
    "/v1/items": lambda t: t.items(),
    "/v1/items?account=1490&currency=EUR": lambda t: t.items(account="1490", currency="EUR"),
    "/v1/matches/mat_3": lambda t: t.match("mat_3"),
    "/v1/trace/ent_3": lambda t: t.trace("ent_3"),
    "/v1/explain/ent_3": lambda t: t.explain("ent_3"),
    "/v1/find?q=%231003": lambda t: t.find("#1003"),
}


@pytest.mark.parametrize("path", ANSWERS)
def test_the_answer_is_what_the_books_say(api: Client, looked_at: Tieout, path: str) -> None:
    answer = api.get(path)
    said = ANSWERS[path](looked_at)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    if "proof" not in path:  # it says when it was made
        assert answer.content == msgspec.json.encode(said)
    assert said


def test_resolved_exceptions_are_asked_for(api: Client, looked_at: Tieout) -> None:
    assert looked_at.case_list(only_open=False) == []
    assert api.get("/v1/cases?open=false").json() == []


def test_the_proof_ties_out(api: Client, looked_at: Tieout) -> None:
    proof = api.get("/v1/proof").json()
    assert proof["unexplained_minor"] == looked_at.proof().unexplained_minor == {"EUR": 0, "USD": 0}


LISTS: dict[str, Ask] = {
    "/v1/journal": lambda t: [view.id for view in t.journal(limit=500)],
    "/v1/journal?account=1200&currency=EUR": lambda t: [
        view.id for view in t.journal(limit=500, account="1200", currency="EUR")
    ],
    "/v1/journal?since=2026-10-05&until=2026-10-09": lambda t: [
        view.id for view in t.journal(limit=500, since=date(2026, 10, 5), until=date(2026, 10, 9))
    ],
    "/v1/events": lambda t: [view.id for view in t.event_list(limit=500)],
    "/v1/events?state=memo": lambda t: [view.id for view in t.event_list(limit=500, state="memo")],
    "/v1/deliveries": lambda t: [view.id for view in t.inbox(limit=500)],
    "/v1/deliveries?source=stripe&verdict=rejected": lambda t: [
        view.id for view in t.inbox(limit=500, source="stripe", verdict="rejected")
    ],
    "/v1/matches": lambda t: [view.id for view in t.match_list(limit=500)],
}


@pytest.mark.parametrize("path", LISTS)
def test_pages_follow_each_other_to_the_end(api: Client, looked_at: Tieout, path: str) -> None:
    expected = LISTS[path](looked_at)
    assert 0 < len(expected) < 500
    limit = max(len(expected) // 3, 1)
    found, following = [], f"{path}{'&' if '?' in path else '?'}limit={limit}"
    while following:
        page = api.get(following).json()
        assert len(page["data"]) <= limit
        found += [element["id"] for element in page["data"]]
        following = page["next"]
    assert found == expected


def test_the_hash_counts_what_it_covers(api: Client, looked_at: Tieout) -> None:
    entries, lines = looked_at.counts()
    assert api.get("/v1/ledger-hash").json() == {"hash": looked_at.ledger_hash(), "entries": entries, "lines": lines}


@pytest.mark.parametrize("path", ["journal", "events", "deliveries", "matches"])
@pytest.mark.parametrize("query", ["before=0", f"before={2**63}", "before=x", "limit=0", "limit=501", "limit=-1"])
def test_places_and_lengths_no_list_has(api: Client, path: str, query: str) -> None:
    answer = api.get(f"/v1/{path}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert answer.json()["where"] == query.partition("=")[0]


def test_a_reference_is_traced(api: Client, looked_at: Tieout) -> None:
    booked = next(v.draft for v in looked_at.event_list(limit=500) if v.draft.kind == "order_placed" and v.entries)
    reference = next(r for r in booked.references if r.startswith("order:"))
    trace = api.get(f"/v1/trace/{reference}").json()
    assert trace["start"] == reference
    assert {node["kind"] for node in trace["nodes"]} >= {"delivery", "event", "entry"}
