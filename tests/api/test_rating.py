from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.api.hub import Client, served
from tests.app.house import open_house, rates
from tests.app.test_realising import post
from tieout.app import Tieout


@pytest.fixture
def hub(database_url: str, tmp_path: Path) -> Iterator[tuple[Tieout, Client]]:
    """Books with 100.00 USD owed to them, and a program with its key."""
    with open_house(database_url, tmp_path) as app, served(app) as client:
        post(app, "sale", date(2026, 10, 5), [("1200", 10000, 9200), ("4000", -10000, -9200)])
        client.headers["Authorization"] = f"Bearer {app.new_api_key('tests')}"
        yield app, client


def test_the_policy_is_shown_and_changed(hub: tuple[Tieout, Client]) -> None:
    _, client = hub
    before = client.get("/v1/rates/policy").json()
    assert before == {"source": "ecb", "pivot": "EUR", "missing": "wait", "age_days": 7}
    changed = client.post("/v1/rates/policy", json={"missing": "last_known", "age_days": 3})
    assert changed.json() == client.get("/v1/rates/policy").json() == before | {"missing": "last_known", "age_days": 3}
    wrong = client.post("/v1/rates/policy", json={"age_days": 99})
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["remedy"]) == (400, "bad_input", "Give 0 to 31 days.")
    unknown = client.post("/v1/rates/fetch?provider=nobody")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")


def test_a_month_is_revalued(hub: tuple[Tieout, Client]) -> None:
    app, client = hub
    assert client.get("/v1/revaluations?at=2026-10-31").json()["code"] == "not_found", "no rate is known"
    client.post("/v1/rates", content=rates(("2026-10-30", "USD", "1.25")))
    seen = client.get("/v1/revaluations?at=2026-10-31").json()
    assert [(b["account"], b["difference_minor"]) for b in seen["balances"]] == [("1200", -1200)]
    assert (seen["entries"], app.counts()[0]) == ([], 1)
    done = client.post("/v1/revaluations", json={"at": "2026-10-31"}).json()
    assert (len(done["entries"]), len(done["reversals"]), app.counts()[0]) == (1, 1, 3)
    assert app.audit(1)[0].action == "books.revalued"
