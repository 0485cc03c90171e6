"""Playing goes through the real doors of a server: here one that looks at everything and answers as it is told."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec import Struct

from tests.sandbox.worlds import demo
from tieout.connectors.shopify import signature as shopify_signature
from tieout.connectors.stripe import signature as stripe_signature
from tieout.sandbox.emission import Door, Emission
from tieout.sandbox.play import play

SECRETS = {"shop": "s1", "shop-us": "s2", "stripe": "s3", "stripe-us": "s4"}
VERIFY = {"shop": shopify_signature.verify, "stripe": stripe_signature.verify}
MESSAGES = demo().emissions[:120]
FORGED = next(emission for emission in demo().emissions if emission.forged)


class Call(Struct, frozen=True):
    """A request as the server saw it; headers in lower case."""

    path: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def authentic(self) -> bool:
        source = self.path.rsplit("/", 1)[1]
        if self.path.startswith("/v1/"):
            return self.headers.get("authorization") == "Bearer key-1"
        verify = VERIFY[source.removesuffix("-us")]
        return verify(self.headers, self.body, [SECRETS[source]], datetime.now(UTC)).ok


class Recorder(ThreadingHTTPServer):
    """Answers 200 to what is authentic and 401 to what is not, after refusing the first `busy` requests."""

    def __init__(self, busy: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.busy = busy
        self.calls: list[Call] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        place = urlsplit(self.path)
        parameters = {name: values[0] for name, values in parse_qs(place.query).items()}
        call = Call(place.path, parameters, {n.lower(): v for n, v in self.headers.items()}, body)
        recorder = self.server
        assert isinstance(recorder, Recorder)
        with recorder.lock:
            recorder.busy -= 1
            status = 503 if recorder.busy >= 0 else 200 if call.authentic else 401
            if status != 503:
                recorder.calls.append(call)
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the name of the base class
        """Says nothing."""


@contextmanager
def serving(busy: int = 0) -> Iterator[Recorder]:
    server = Recorder(busy)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_everything_arrives_once_signed_at_the_right_door() -> None:
    answered: list[int] = []
    with serving() as server:
        report = play(MESSAGES, server.url, SECRETS, "key-1", progress=answered.append)
    assert (report.accepted, report.refused, report.failures, report.sent) == (120, 0, (), 120)
    assert answered == list(range(1, 121))
    assert sorted(call.body for call in server.calls) == sorted(message.body for message in MESSAGES)
    folders = {Door.HOOK: "/hooks", Door.OBJECTS: "/v1/objects", Door.FILE: "/v1/files"}
    calls = {(call.body, call.headers.get("x-shopify-topic", "")): call for call in server.calls}
    for message in MESSAGES:
        call = calls[message.body, message.headers.get("X-Shopify-Topic", "")]
        assert call.path == f"{folders[message.door]}/{message.source}"
        assert call.parameters == message.parameters
        assert {name.lower(): value for name, value in message.headers.items()}.items() <= call.headers.items()
    assert {message.door for message in MESSAGES} == set(Door)


def test_order_is_kept_with_one_sender() -> None:
    with serving() as server:
        play(MESSAGES[:30], server.url, SECRETS, "key-1", senders=1)
    assert [call.body for call in server.calls] == [message.body for message in MESSAGES[:30]]


def test_a_forged_message_must_be_refused() -> None:
    with serving() as server:
        report = play([FORGED], server.url, SECRETS, "key-1")
    assert (report.accepted, report.refused, report.failures) == (0, 1, ())


def test_what_is_turned_away_is_reported() -> None:
    with serving() as server:
        report = play(MESSAGES[:5], server.url, {}, "wrong")
    assert (report.accepted, report.refused) == (0, 0)
    assert [failure.answer for failure in report.failures] == ["401 ok"] * 5
    assert {failure.emission.body for failure in report.failures} == {message.body for message in MESSAGES[:5]}


def test_a_forged_message_that_is_accepted_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Call, "authentic", True)
    with serving() as server:
        report = play([FORGED], server.url, SECRETS, "key-1")
    assert (report.accepted, report.refused) == (0, 0)
    assert [failure.answer for failure in report.failures] == ["200 ok"]


def test_a_busy_server_is_tried_again() -> None:
    with serving(busy=2) as server:
        report = play(MESSAGES[:3], server.url, SECRETS, "key-1", senders=1)
    assert (report.accepted, report.failures) == (3, ())
    assert [call.body for call in server.calls] == [message.body for message in MESSAGES[:3]]


def test_no_server_is_a_failure_and_no_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tieout.sandbox.play._PAUSES", (0,))
    with serving() as server:
        url = server.url
    report = play(MESSAGES[:1], url, SECRETS, "key-1")
    assert report.failures[0].answer.startswith("0 no answer: ConnectError")


def test_nothing_to_play() -> None:
    nothing: list[Emission] = []
    assert play(nothing, "http://127.0.0.1:1", {}, "").sent == 0
