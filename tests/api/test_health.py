from pathlib import Path

from tests.api.hub import opened, served


def test_a_healthy_server_says_so(database_url: str, tmp_path: Path) -> None:
    with opened(database_url, tmp_path) as app:
        app.init("Mug & Bowl", password="not-a-secret")
        with served(app) as anyone:
            assert anyone.get("/healthz").json() == {"ok": True, "database": True}
            assert anyone.get("/readyz").json() == {"ok": True, "database": True}


def test_without_books_it_lives_but_is_not_ready(database_url: str, tmp_path: Path) -> None:
    with opened(database_url, tmp_path) as app, served(app) as anyone:
        assert anyone.get("/healthz").status_code == 200
        ready = anyone.get("/readyz")
        assert (ready.status_code, ready.json()) == (503, {"ok": False, "database": True})


def test_without_database_it_is_ill(database_url: str, tmp_path: Path) -> None:
    with opened(database_url, tmp_path) as app, served(app) as anyone:
        app.close()
        for path in ("/healthz", "/readyz"):
            answer = anyone.get(path)
            assert (answer.status_code, answer.json()) == (503, {"ok": False, "database": False})
        page = anyone.get("/v1/proof", headers={"Authorization": "Bearer tok_x"})
        assert (page.status_code, page.json()["code"]) == (503, "database_away")
