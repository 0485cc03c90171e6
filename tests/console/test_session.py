import re

import pytest

from tests.api.hub import OWN_PAGE, PASSWORD, REQUESTS, Client, served
from tests.console.page import Page, look
from tieout.app import Tieout
from tieout.console.session import COOKIE, field_of, form_of, is_secure, own_path
from tieout.console.throttle import FREE_FAILURES


@pytest.fixture
def visitor(new_books: Tieout) -> "Client":
    with served(new_books) as client:
        client.headers.update(OWN_PAGE)
        return client


def try_login(client: Client, password: str = PASSWORD, **fields: str) -> tuple[int, str]:
    answer = client.post("/login", data={"name": "admin", "password": password, **fields})
    return answer.status_code, answer.headers.get("location", "")


def test_the_session_cookie_is_out_of_reach(visitor: Client) -> None:
    answer = visitor.post("/login", data={"name": "admin", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    token = visitor.cookies[COOKIE]
    assert len(token) >= 40
    assert re.sub(r"=\S+?;", "=…;", cookie, count=1).lower() == f"{COOKIE}=…; httponly; path=/; samesite=strict"


def test_behind_https_the_cookie_stays_there(visitor: Client) -> None:
    fields = {"name": "admin", "password": PASSWORD}
    answer = visitor.post("/login", data=fields, headers={"X-Forwarded-Proto": "https"})
    assert "Secure" in answer.headers["set-cookie"]


def test_https_is_seen_here_and_at_a_proxy() -> None:
    assert [
        is_secure(REQUESTS.get("/", headers=headers))
        for headers in ({}, {"x-forwarded-proto": "http"}, {"x-forwarded-proto": "https, http"})
    ] == [False, False, True]


def test_login_leads_where_one_wanted_to_go(visitor: Client) -> None:
    assert try_login(visitor, next="/journal?late=1") == (303, "/journal?late=1")
    page = look(visitor, "/login?next=%2Fjournal")
    assert [e.attributes["value"] for e in page.all("input", name="next")] == ["/journal"]


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "", "javascript:alert(1)"]
)
def test_login_never_leads_out_of_the_house(visitor: Client, path: str) -> None:
    assert own_path(path) == "/"
    assert try_login(visitor, next=path) == (303, "/")


def test_a_wrong_password_says_so_and_keeps_the_name(visitor: Client) -> None:
    answer = visitor.post("/login", data={"name": "admin", "password": "wrong"})
    page = Page(answer.text)
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)
    (alert,) = page.all("div", role="alert")
    assert alert.text.startswith("Name or password is wrong.")
    assert page.all("input", name="name")[0].attributes["value"] == "admin"
    assert page.all("input", name="password")[0].attributes["aria-describedby"] == alert.attributes["id"]
    assert "wrong" not in [e.attributes.get("value") for e in page.all("input")]


def test_guessing_is_slowed_down(visitor: Client, new_books: Tieout) -> None:
    for _ in range(FREE_FAILURES):
        assert try_login(visitor, "guess")[0] == 401
    answer = visitor.post("/login", data={"name": "admin", "password": PASSWORD})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert "Too many attempts. Try again in 1 s." in answer.text
    assert "set-cookie" not in answer.headers
    assert [line.action for line in new_books.audit(1)] == ["login.refused"]


def test_logging_out_ends_the_session_and_takes_the_cookie_away(visitor: Client) -> None:
    try_login(visitor)
    assert look(visitor, "/").h1 == "Today"
    answer = visitor.post("/logout")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert "max-age=0" in answer.headers["set-cookie"].lower()
    assert visitor.get("/").headers["location"] == "/login"


def test_forms_are_read_as_they_come() -> None:
    form = form_of(b"a=1&a=2&b=+x+&c=&d=M%C3%BCller%20%26%20Co")
    assert form == {"a": ["1", "2"], "b": [" x "], "c": [""], "d": ["Müller & Co"]}
    assert [field_of(form, name) for name in ("a", "b", "c", "e")] == ["2", "x", "", ""]
