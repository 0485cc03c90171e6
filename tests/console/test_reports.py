"""Reports as pages: every one opens, and says to which figure of the ledger it ties."""

from collections.abc import Iterator

import pytest

from tests.api import hub
from tests.app import owing
from tests.app.house import open_house
from tieout.app import Tieout
from tieout.model.report import REPORTS


@pytest.fixture(scope="module")
def books(fresh_database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tieout]:
    """The story of one order; only read."""
    with open_house(fresh_database(), tmp_path_factory.mktemp("reports")) as app:
        owing.story(app)
        owing.profile(app, "A")
        yield app


def test_every_report_is_a_page_and_a_file(books: Tieout) -> None:
    with hub.served(books) as client:
        hub.log_in(client)
        assert "Payouts of the next thirteen weeks" in client.get("/reports").text
        for name in REPORTS:
            answer = client.get(f"/reports/{name}?since=2026-10-01&until=2026-10-31")
            assert answer.status_code == 200, (name, answer.text)
            assert "differs" not in answer.text
            csv = client.get(f"/v1/reports/{name}/csv?since=2026-10-01&until=2026-10-31")
            json = client.get(f"/v1/reports/{name}?since=2026-10-01&until=2026-10-31")
            assert csv.text.splitlines()[0] == ",".join(json.json()["columns"])
        page = client.get("/reports/liability?since=2026-10-01&until=2026-10-31").text
        assert "86.00" in page
        assert "Against the ledger" in page
        by_region = client.get("/reports/fee-yield?since=2026-10-01&until=2026-10-06&by=region").text
        assert "8.1 %" in by_region
        assert client.get("/reports/nothing").status_code == 404
        assert client.get("/reports/fee-yield?by=weather").status_code == 400
