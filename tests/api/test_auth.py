import re
from typing import Any

import pytest
from litestar import Litestar
from litestar.connection import ASGIConnection

from tests.api.hub import OWN_PAGE, Client, log_in, served
from tieout.api.asgi import create_app
from tieout.api.auth import from_own_page
from tieout.app import Tieout
from tieout.console.session import COOKIE

#: What answers without login: health, the doors for signed hooks, the way in, and what the way in looks like.
PUBLIC = {
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("POST", "/hooks/{source:str}"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/static/{name:str}"),
}


def doors_of(app: Litestar) -> set[tuple[str, str]]:
    """Every (method, address) the server knows."""
    doors = {(str(method), route.path) for route in app.routes for method in getattr(route, "methods", ())}
    public = {path for _, path in PUBLIC}
    return {(method, path) for method, path in doors if (method, path) != ("OPTIONS", path) or path not in public}


def test_nothing_answers_without_login_but_what_must(anyone: Client, looked_at: Tieout) -> None:
    doors = doors_of(create_app(looked_at))
    assert doors > PUBLIC
    for method, path in sorted(doors - PUBLIC):
        address = re.sub(r"\{[^}]*\}", "1", path)
        answer = anyone.request(method, address)
        to_login = answer.status_code == 303 and answer.headers["location"].startswith("/login")
        assert answer.status_code == 401 or (to_login and method == "GET"), (method, path, answer.status_code)
        assert "Clay" not in answer.text, path


def test_what_is_public_tells_nothing_of_the_books(anyone: Client) -> None:
    for path in ("/healthz", "/readyz", "/login", "/static/tieout.css"):
        answer = anyone.get(path)
        assert answer.status_code == 200
        assert "Clay" not in answer.text


def test_a_page_asks_for_login_and_remembers_where_one_wanted_to_go(anyone: Client) -> None:
    assert anyone.get("/").headers["location"] == "/login"
    wanted = anyone.get("/journal?account=1200&late=1").headers["location"]
    assert wanted == "/login?next=%2Fjournal%3Faccount%3D1200%26late%3D1"


def test_a_program_without_key_gets_a_problem(anyone: Client) -> None:
    answer = anyone.get("/v1/proof")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "not_allowed"


@pytest.mark.parametrize("authorization", ["Bearer tok_wrong", "Bearer", "Bearer  ", "Basic YWRtaW46YWRtaW4=", "tok_x"])
def test_a_wrong_key_opens_nothing(anyone: Client, authorization: str) -> None:
    assert anyone.get("/v1/proof", headers={"Authorization": authorization}).status_code == 401


def test_a_key_opens_the_api_and_the_pages(anyone: Client, key: str) -> None:
    for path in ("/v1/ledger-hash", "/accounts"):
        assert anyone.get(path, headers={"Authorization": f"bearer {key}"}).status_code == 200


def test_a_session_opens_the_api_and_the_pages_until_it_ends(anyone: Client) -> None:
    log_in(anyone)
    assert [anyone.get(path).status_code for path in ("/", "/v1/ledger-hash")] == [200, 200]
    token = anyone.cookies[COOKIE]
    assert anyone.post("/logout", headers=OWN_PAGE).status_code == 303
    anyone.cookies[COOKIE] = token
    assert anyone.get("/v1/ledger-hash").status_code == 401


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://books.example:8000"}, False),
        ({"origin": "http://books.example:8000"}, True),
        ({"origin": "https://books.example:8000"}, True),
        ({"origin": "http://books.example"}, False),
        ({"origin": "http://evil.example"}, False),
        ({"origin": "http://books.example:8000.evil.example"}, False),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)
def test_own_pages_are_told_from_others(headers: dict[str, str], own: bool) -> None:
    raw = [(name.encode(), value.encode()) for name, value in {"host": "books.example:8000", **headers}.items()]
    scope: Any = {"type": "http", "headers": raw, "method": "POST", "path": "/"}
    assert from_own_page(ASGIConnection(scope)) is own


FOREIGN = [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "http://evil.example"}]


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_site_cannot_act_with_the_cookie(books: Tieout, headers: dict[str, str]) -> None:
    with served(books) as browser:
        log_in(browser)
        run = books.proof().run_id
        exceptions = books.exceptions()
        refused = [
            browser.post("/reconcile", headers=headers),
            browser.post("/v1/reconcile", headers=headers),
            browser.post(f"/exceptions/{books.case_list()[0].id}/resolve", headers=headers, data={"action": "dismiss"}),
            browser.post("/logout", headers=headers),
        ]
        assert [answer.status_code for answer in refused] == [401] * 4
        assert (books.proof().run_id, books.exceptions()) == (run, exceptions)
        assert browser.get("/").status_code == 200


def test_our_own_pages_can(books: Tieout) -> None:
    with served(books) as browser:
        log_in(browser)
        before = books.proof().run_id
        assert browser.post("/reconcile", headers={"Origin": "http://testserver.local"}).status_code == 303
        assert books.proof().run_id != before


@pytest.mark.parametrize("headers", FOREIGN)
def test_nobody_is_logged_in_by_another_site(anyone: Client, headers: dict[str, str]) -> None:
    answer = anyone.post("/login", data={"name": "admin", "password": "not-a-secret"}, headers=headers)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_a_key_needs_no_page(program: Client) -> None:
    assert program.post("/v1/reconcile", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
