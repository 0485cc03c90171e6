"""What sellers are told, over HTTP."""

from collections.abc import Iterator
from datetime import date

import pytest

from tests.api import hub
from tests.app import owing
from tests.app.house import open_house

OCTOBER = "since=2026-10-01&until=2026-10-31"


@pytest.fixture(scope="module")
def client(fresh_database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[hub.Client]:
    """A program before the story of one order, with two payouts of one seller."""
    with open_house(fresh_database(), tmp_path_factory.mktemp("stating")) as app:
        owing.story(app)
        owing.profile(app, "A")
        owing.pay(app, "A", 4590, {"story:4": 4590}, date(2026, 10, 11))
        owing.pay(app, "A", 510, {"story:14": 510}, date(2026, 10, 16))
        with hub.served(app) as client:
            client.headers["Authorization"] = f"Bearer {app.new_api_key('test')}"
            yield client


def test_statements(client: hub.Client) -> None:
    (found,) = client.get(f"/v1/sellers/A/statements?{OCTOBER}").json()
    assert (found["name"], found["currency"], found["expected_minor"]) == ("Ölmühle & Söhne", "EUR", 2850)
    assert found["buckets"][1] == {
        "bucket": "available", "opening_minor": 0, "in_minor": 7440, "out_minor": -4590, "closing_minor": 2850,
    }  # fmt: skip
    assert found["rows"][0]["parts_minor"] == {"sales": 5000, "shipping": 600, "commission": -500}
    assert client.get(f"/v1/sellers/A/statements?{OCTOBER}&currency=JPY").json() == []
    assert client.get("/v1/sellers/Z/statements").status_code == 404


def test_statement_files(client: hub.Client) -> None:
    pdf = client.get(f"/v1/sellers/A/statement.pdf?{OCTOBER}&currency=EUR")
    assert (pdf.headers["content-type"], pdf.content[:8]) == ("application/pdf", b"%PDF-1.7")
    csv = client.get(f"/v1/sellers/A/statement.csv?{OCTOBER}")
    assert csv.headers["content-type"].startswith("text/csv")
    assert csv.text.splitlines()[-1].startswith("A,EUR,closing,2026-10-31,,,in_transit,0.00,0")


def test_payouts_by_drivers(client: hub.Client) -> None:
    made = client.get("/v1/payouts/pay_1/lines").json()
    assert made["amount_minor"] == 4590
    assert made["parts"][0]["drivers_minor"] == {"sales": 5600, "commission": -500, "reserve_held": -510}
    bridge = client.get("/v1/payouts/pay_2/bridge").json()
    change = sum(step["later_minor"] - step["earlier_minor"] for step in bridge["steps"])
    assert change == 510 - 4590
    assert client.get("/v1/payouts/pay_1/bridge").status_code == 404


def test_reports(client: hub.Client) -> None:
    found = client.get(f"/v1/reports/liability?{OCTOBER}").json()
    assert found["rows"][1] == ["Sales", {"amount_minor": 8600, "currency": "EUR"}, "EUR"]
    assert [tie["report_minor"] - tie["ledger_minor"] for tie in found["ties"]] == [0]
    csv = client.get(f"/v1/reports/liability/csv?{OCTOBER}").text.splitlines()
    assert csv[:2] == ["movement,amount,currency", '"Opening, before 2026-10-01",0.00,EUR']
