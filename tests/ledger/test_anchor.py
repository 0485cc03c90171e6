"""Anchors: written to a file, a web address and a mailbox, for real, and read again."""

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tieout.ledger import anchor
from tieout.ledger.anchor import AnchorFailed, Mail, file_of, place_of, read, write
from tieout.model.error import BadInput, ConfigError
from tieout.model.seal import Head

HEAD = Head("craft", 7, "ab" * 32, 100, 250, {"EUR": "12345"}, datetime(2026, 3, 3, 12, tzinfo=UTC))
NO_MAIL = Mail()


def test_a_file_is_appended_to(tmp_path: Path) -> None:
    place = f"file:{tmp_path}"
    path = tmp_path / "anchors-craft.jsonl"
    assert write(place, HEAD, NO_MAIL) == f"{path}, {path.stat().st_size} bytes"
    write(place, HEAD, NO_MAIL)
    assert read(path, "craft") == [HEAD, HEAD]
    assert file_of(place, "craft") == path
    assert file_of("mailto:a@b.de", "craft") is None


def test_a_folder_that_is_gone_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(AnchorFailed, match="No such file"):
        write(f"file:{tmp_path}/lost", HEAD, NO_MAIL)
    assert list(tmp_path.iterdir()) == []


@contextmanager
def web(status: int) -> Iterator[tuple[str, list[bytes]]]:
    """A web server that takes what is posted."""
    taken: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b"kept as 17")

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/heads", taken
        server.shutdown()


def test_a_web_address_gets_the_head_as_json() -> None:
    with web(201) as (place, taken):
        assert write(place, HEAD, NO_MAIL) == "HTTP 201 kept as 17"
    assert [json.loads(body, parse_float=str) for body in taken] == [
        {
            "ledger": "craft", "block": 7, "hash": "ab" * 32, "entries": 100, "lines": 250,
            "debits": {"EUR": "12345"}, "sealed": "2026-03-03T12:00:00Z", "tieout_anchor": 1,
        }
    ]  # fmt: skip


def test_a_web_address_that_refuses_has_failed() -> None:
    with web(503) as (place, _), pytest.raises(AnchorFailed, match="503"):
        write(place, HEAD, NO_MAIL)
    with pytest.raises(AnchorFailed, match="refused"):
        write(place, HEAD, NO_MAIL)


class Mailbox(socketserver.StreamRequestHandler):
    """As much of a mail server as a mail needs."""

    taken: list[bytes]
    refused = False

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                body = b""
                while (part := self.rfile.readline()) != b".\r\n":
                    body += part
                self.taken.append(body)
            elif word == b"RCPT" and self.refused:
                self.wfile.write(b"550 no such user\r\n")
                continue
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@contextmanager
def mailbox(*, refused: bool = False) -> Iterator[tuple[Mail, list[bytes]]]:
    taken: list[bytes] = []
    kind = type("Box", (Mailbox,), {"taken": taken, "refused": refused})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Mail(f"smtp://127.0.0.1:{server.server_address[1]}", "books@craft.example"), taken
        server.shutdown()


def test_a_mailbox_gets_a_mail_that_can_be_saved_and_used(tmp_path: Path) -> None:
    with mailbox() as (mail, taken):
        assert write("mailto:auditor@example.com", HEAD, mail) == "taken for auditor@example.com"
    (body,) = taken
    assert b"From: books@craft.example\r\n" in body
    assert b"To: auditor@example.com\r\n" in body
    assert b"Subject: Books of craft: block 7, abababababababab\r\n" in body
    saved = tmp_path / "mail.eml"
    saved.write_bytes(body)
    assert read(saved, "craft") == [HEAD]


def test_a_mail_that_is_not_taken_has_failed() -> None:
    with mailbox(refused=True) as (mail, _), pytest.raises(AnchorFailed, match="no such user"):
        write("mailto:auditor@example.com", HEAD, mail)
    with pytest.raises(AnchorFailed, match="TIEOUT_SMTP_URL"):
        write("mailto:auditor@example.com", HEAD, NO_MAIL)


def test_each_kind_of_place_is_a_function() -> None:
    assert set(anchor.KINDS) == {"file", "http", "https", "mailto"}
    for place in ("file:/safe", "https://a.example/b", "mailto:a@b.de"):
        assert place_of(f" {place} ") == place
    for wrong in ("/safe", "ftp://a.example", "file:", "", "mailto:"):
        with pytest.raises(ConfigError, match="is not a place for an anchor"):
            place_of(wrong)


def test_a_file_without_anchors_or_with_broken_ones_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "anchors"
    with pytest.raises(BadInput, match="cannot be read"):
        read(path, "craft")
    path.write_text("hello\n", "utf-8")
    with pytest.raises(BadInput, match="has no anchor of craft"):
        read(path, "craft")
    path.write_text('{"ledger":"craft","block":', "utf-8")
    with pytest.raises(BadInput, match="has a line that is no anchor"):
        read(path, "craft")
