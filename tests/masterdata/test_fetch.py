"""Fetching over HTTP, from a server on this machine that answers as it is told."""

import socket
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tieout.masterdata import fetch as module
from tieout.masterdata.fetch import ATTEMPTS, WAIT_SECONDS_MAX, fetch
from tieout.model.error import SourceAway


class Server:
    """Answers one after the other, the last one for ever; keeps what it was asked."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = [(200, {}, b"")]
        self.asked: list[tuple[str, str | None]] = []
        self.silent = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append((self.path, self.headers.get("authorization")))
                status, headers, body = outer.answers.pop(0) if len(outer.answers) > 1 else outer.answers[0]
                if status == 0:  # silence
                    outer.silent.wait(10)
                    return
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/rates"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def says(self, *answers: tuple[int, dict[str, str], bytes]) -> None:
        self.answers = list(answers)


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.silent.set()
    found.http.shutdown()
    found.http.server_close()


def attempts(server: Server, *answers: tuple[int, dict[str, str], bytes]) -> tuple[bytes | str, list[int]]:
    """What came of it, and how long was waited between the attempts."""
    server.says(*answers)
    waits: list[int] = []
    try:
        return fetch(server.url, {}, sleep=waits.append, timeout_seconds=1), waits
    except SourceAway as error:
        return error.what, waits


def test_the_body_is_given_and_the_key_is_sent(server: Server) -> None:
    server.says((200, {}, b"rates"))
    assert fetch(server.url, {"Authorization": "Bearer k"}, sleep=lambda _: None) == b"rates"
    assert server.asked == [("/rates", "Bearer k")]


def test_a_redirect_is_followed(server: Server) -> None:
    assert attempts(server, (302, {"Location": "/moved"}, b""), (200, {}, b"there")) == (b"there", [])
    assert [path for path, _ in server.asked] == ["/rates", "/moved"]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_get_better_is_tried_again(server: Server, status: int) -> None:
    assert attempts(server, (status, {}, b"busy"), (status, {}, b""), (200, {}, b"rates")) == (b"rates", [1, 2])


def test_it_gives_up_in_the_end(server: Server) -> None:
    said, waits = attempts(server, (500, {}, b""))
    assert said == f"No rates were fetched in {ATTEMPTS} attempts: it answered 500"
    assert waits == [1, 2, 4]
    assert len(server.asked) == ATTEMPTS


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 501])
def test_what_will_not_get_better_is_said_at_once(server: Server, status: int) -> None:
    assert attempts(server, (status, {}, b"no")) == (f"No rates were fetched: it answered {status}", [])
    assert len(server.asked) == 1


def later(seconds: int) -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("text", "waited"),
    [
        ("7", range(7, 8)),
        ("0", range(1)),
        ("86400", range(WAIT_SECONDS_MAX, WAIT_SECONDS_MAX + 1)),
        ("soon", range(1, 2)),
        ("-3", range(1, 2)),
        ("in 20", range(17, 21)),
        ("in -20", range(1)),
    ],
)
def test_the_server_says_how_long_to_wait(server: Server, text: str, waited: Sequence[int]) -> None:
    asked = later(int(text[3:])) if text.startswith("in ") else text
    body, (wait,) = attempts(server, (429, {"Retry-After": asked}, b""), (200, {}, b"rates"))
    assert body == b"rates"
    assert wait in waited


def test_silence_is_tried_again(server: Server) -> None:
    server.says((0, {}, b""), (200, {}, b"rates"))
    waits: list[int] = []
    assert fetch(server.url, {}, sleep=waits.append, timeout_seconds=1) == b"rates"
    assert waits == [1]


def test_nobody_there_is_said() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/"
    waits: list[int] = []
    with pytest.raises(SourceAway, match=f"No rates were fetched in {ATTEMPTS} attempts: ") as refused:
        fetch(url, {}, sleep=waits.append)
    assert waits == [1, 2, 4]
    assert "tieout rates import" in refused.value.remedy


def test_a_redirect_in_circles_is_said_at_once(server: Server) -> None:
    said, waits = attempts(server, (302, {"Location": "/rates"}, b""))
    assert str(said).startswith("No rates were fetched: ")
    assert waits == []


def test_more_than_a_file_may_hold_is_not_read_to_the_end(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FILE_BYTES_MAX", 1024 * 1024)
    said, _ = attempts(server, (200, {}, b"x" * (1024 * 1024 + 1)))
    assert said == "No rates were fetched: it sends more than 1 MiB"


def test_nothing_is_given_as_nothing(server: Server) -> None:
    assert attempts(server, (200, {}, b"")) == (b"", []), "reading it will refuse it"
