import asyncio
from typing import Any

import msgspec
import pytest
import structlog
from litestar.exceptions import NotFoundException

from tests.api.hub import OWN_PAGE, Client, log_in, served
from tieout.api.errors import Problem, problem_of
from tieout.app import DatabaseAway, Tieout
from tieout.model.error import BadInput, Conflict, NotFound, SetupError, SignatureRefused, TooLarge

FIELDS = {"type", "title", "status", "detail", "code", "where", "remedy", "instance"}


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFound("what", where="here", remedy="Do this."), 404, "not_found"),
        (SignatureRefused("what", where="here", remedy="Do this."), 401, "signature_refused"),
        (TooLarge("what", where="here", remedy="Do this."), 413, "too_large"),
        (BadInput("what", where="here", remedy="Do this."), 400, "bad_input"),
        (Conflict("what", where="here", remedy="Do this."), 409, "conflict"),
        (SetupError("what", where="here", remedy="Do this."), 503, "setup"),
    ],
)
def test_a_coded_error_becomes_a_problem(error: Exception, status: int, code: str) -> None:
    problem = problem_of(error)
    told = (problem.status, problem.code, problem.detail, problem.where, problem.remedy, problem.type)
    assert told == (status, code, "what", "here", "Do this.", f"/docs#error-{code}")
    assert problem.instance is None


def test_titles_are_the_first_sentence_of_what_the_error_is() -> None:
    assert problem_of(NotFound("x")).title == "Nothing has this id or name"


def test_a_database_that_is_away_is_no_mistake_of_ours() -> None:
    problem = problem_of(DatabaseAway("connection to server at secret-host failed"))
    assert (problem.status, problem.code, problem.instance) == (503, "database_away", None)
    assert "secret-host" not in str(problem)


def test_an_unexpected_error_says_nothing_of_our_insides() -> None:
    problem = problem_of(ValueError("the password is swordfish"))
    assert (problem.status, problem.code) == (500, "internal")
    assert problem.instance is not None
    assert problem.instance.startswith("err_")
    assert "swordfish" not in str(problem)
    assert problem_of(NotFoundException()).detail == "There is nothing at this address"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/v1/entries/ent_999999", 404, "not_found"),
        ("GET", "/v1/entries/nonsense", 404, "not_found"),
        ("GET", "/v1/nothing", 404, "not_found"),
        ("GET", "/nothing", 404, "not_found"),
        ("POST", "/v1/proof", 405, "method_not_allowed"),
        ("GET", "/v1/journal?limit=9999", 400, "bad_input"),
        ("GET", "/v1/journal?since=yesterday", 400, "bad_input"),
        ("GET", "/v1/find", 400, "bad_input"),
        ("GET", "/v1/accounts?until=2026-02-30", 400, "bad_input"),
        ("POST", "/hooks/nobody", 404, "not_found"),
        ("POST", "/v1/entries", 400, "bad_input"),
    ],
)
def test_every_refusal_is_problem_json(api: Client, method: str, path: str, status: int, code: str) -> None:
    answer = api.request(method, path, content=b"{nonsense" if method == "POST" else None)
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) == FIELDS
    assert (answer.status_code, problem["status"], problem["code"]) == (status, status, code)
    assert problem["detail"]
    assert problem["remedy"]
    msgspec.json.decode(answer.content, type=Problem)


def test_a_wrong_field_is_named_and_its_value_is_not_repeated(api: Client) -> None:
    line = {"account": "1200", "currency": "EUR", "amount_minor": "swordfish"}
    entry = {"key": "k", "effective_date": "2026-10-01", "memo": "m", "why": "w", "lines": [line]}
    answer = api.post("/v1/entries", json={"entries": [entry]})
    assert answer.status_code == 400
    assert "amount_minor" in answer.json()["detail"] + answer.json()["where"]
    assert "swordfish" not in answer.text


def test_a_person_gets_a_page(anyone: Client) -> None:
    log_in(anyone)
    browser = {"Accept": "text/html"}
    for path, sentence in (
        ("/entries/ent_999999", "There is nothing called “ent_999999”"),
        ("/nothing", "There is nothing at this address"),
        ("/journal?since=yesterday", "“yesterday” is not a day"),
        ("/items?naming=odd", "“odd” is no naming"),
    ):
        answer = anyone.get(path, headers=browser)
        assert answer.status_code in (400, 404)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert sentence in answer.text


class Broken(Tieout):
    """Books whose journal breaks in the middle."""

    def journal(self, *, limit: int = 50, **filters: Any) -> list[Any]:
        """Breaks."""
        raise ValueError(f"cannot divide swordfish by {limit} with {filters}")


def test_our_mistake_is_logged_with_its_number_and_without_what_was_sent(looked_at: Tieout, key: str) -> None:
    broken = Broken(looked_at.database, looked_at.settings)
    with served(broken) as client, structlog.testing.capture_logs() as logged:
        answer = client.get("/v1/journal?text=secret", headers={"Authorization": f"Bearer {key}"})
        page = client.get("/journal?text=secret", headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, page.status_code) == (500, 500)
    lines = [line for line in logged if line["event"] == "http.failed"]
    assert [line["error"] for line in lines] == ["ValueError", "ValueError"]
    assert lines[0]["instance"] == answer.json()["instance"]
    assert lines[1]["instance"] in page.text
    assert any("test_errors.py" in frame for frame in lines[0]["frames"])
    assert "swordfish" not in answer.text + page.text + str(lines)
    assert "secret" not in str(lines)


class Wire:
    """A client that counts what the server reads of a body."""

    def __init__(self, chunks: int) -> None:
        self.left = chunks
        self.read = 0
        self.said: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        """The next thousand bytes."""
        self.read += 1
        self.left -= 1
        return {"type": "http.request", "body": b"x" * 1000, "more_body": self.left > 0}

    async def send(self, message: dict[str, Any]) -> None:
        """What the server answers."""
        self.said.append(message)


@pytest.mark.parametrize(("announced", "read"), [(True, 0), (False, 6)])
def test_a_body_over_the_limit_is_refused_before_it_is_read(looked_at: Tieout, announced: bool, read: int) -> None:
    """Announced, nothing of it is read; sent in chunks, reading stops at the limit."""
    small = Tieout(looked_at.database, msgspec.structs.replace(looked_at.settings, body_bytes_max=5000))
    wire = Wire(chunks=1000)
    headers = [(b"host", b"here")] + ([(b"content-length", b"1000000")] if announced else [])
    scope = {
        "type": "http", "method": "POST", "path": "/hooks/stripe", "raw_path": b"/hooks/stripe", "query_string": b"",
        "headers": headers, "scheme": "http", "http_version": "1.1", "server": ("here", 80), "client": ("there", 1),
        "root_path": "", "asgi": {"version": "3.0"},
    }  # fmt: skip
    with served(small) as client:
        asyncio.run(client.app(scope, wire.receive, wire.send))
    assert wire.said[0]["status"] == 413
    assert msgspec.json.decode(wire.said[1]["body"], type=Problem).code == "too_large"
    assert wire.read == read


def test_a_form_over_the_limit_is_refused(anyone: Client) -> None:
    answer = anyone.post("/login", content=b"name=" + b"x" * 1_000_001, headers=OWN_PAGE)
    assert answer.status_code == 413
