from pathlib import Path

from litestar.testing import TestClient

from tieout.api.asgi import create_app
from tieout.app import Tieout


def test_without_books_given_it_opens_those_of_the_environment(home: Path) -> None:
    with Tieout.open() as app:
        key = app.init("Mug & Bowl", password="not-a-secret").api_key
    with TestClient(create_app()) as client:
        assert client.get("/readyz").json() == {"ok": True, "database": True}
        sources = client.get("/v1/sources", headers={"Authorization": f"Bearer {key}"})
        assert (sources.status_code, sources.json()) == (200, [])
        opened: Tieout = client.app.state.tieout
        assert opened.settings.home == home
    assert client.app.state.tieout.database._pool.closed


def test_books_that_were_given_stay_open(looked_at: Tieout) -> None:
    with TestClient(create_app(looked_at)) as client:
        assert client.get("/readyz").status_code == 200
    assert looked_at.entity().name == "Clay & Loom GmbH"
