"""Balances as JSON: what the library says, and what is refused."""

from datetime import UTC, datetime

import msgspec
import pytest

from tests.api.hub import Client
from tieout.app import Tieout
from tieout.model.balance import RegisterLine

EARLIER = "2020-01-01T00:00:00Z"


def test_what_was_not_known_is_left_out(api: Client, looked_at: Tieout) -> None:
    later = datetime(2100, 1, 1, tzinfo=UTC)
    assert api.get(f"/v1/balances?known_at={EARLIER}").json() == []
    assert api.get(f"/v1/trial-balance?known_at={EARLIER}").json()["lines"] == []
    answer = api.get("/v1/balances?known_at=2100-01-01T00:00:00Z")
    assert answer.content == msgspec.json.encode(looked_at.balances(known_at=later))
    assert looked_at.balances(known_at=later) == looked_at.balances() != []


def test_a_party_has_a_balance(api: Client, looked_at: Tieout) -> None:
    party = next(line.party for view in looked_at.journal(limit=500) for line in view.lines if line.party)
    answer = api.get("/v1/balances", params={"party": party})
    assert answer.content == msgspec.json.encode(looked_at.party(party))
    assert answer.json() != []
    assert api.get("/v1/balances", params={"dimension": "colour=blue"}).json() == []


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/v1/balances?below=1&party=Ana", 400, "bad_input"),
        ("/v1/balances?below=1&account=1200", 400, "bad_input"),
        ("/v1/balances?below=nothing", 404, "not_found"),
        ("/v1/balances?known_at=2026-01-01T00:00:00", 400, "bad_input"),
        ("/v1/accounts/nothing/register", 404, "not_found"),
        ("/v1/accounts/1200/register?currency=EUR&after=here", 400, "bad_input"),
    ],
)
def test_what_cannot_be_answered_is_refused(api: Client, path: str, status: int, code: str) -> None:
    answer = api.get(path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_register_is_read_page_by_page(api: Client, looked_at: Tieout) -> None:
    found: list[RegisterLine] = []
    address: str | None = "/v1/accounts/1200/register?currency=EUR&limit=3"
    while address:
        page = api.get(address).json()
        found += msgspec.convert(page["data"], list[RegisterLine])
        address = page["next"]
    assert found == looked_at.register("1200", "EUR", limit=500)
    assert len(found) > 6
    (balance,) = looked_at.balance("1200", currency="EUR")
    assert found[-1].balance_minor == balance.balance_minor == sum(line.amount_minor for line in found)
