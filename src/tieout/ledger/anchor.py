"""Anchors: the head of the chain, written where whoever writes the database does not: a file, a web address, a mail.

A place is a URL: ``file:/srv/safe`` (a folder; a line is appended to a file in it), ``https://…`` (the head is
posted as JSON) or ``mailto:auditor@example.com``. Each kind is a function of a place and a head; another kind is
another function in `KINDS`.
"""

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec
from msgspec import Struct

from tieout.model.error import BadInput, ConfigError
from tieout.model.seal import Head

if TYPE_CHECKING:
    from email.message import EmailMessage
    from smtplib import SMTP

#: How long a place may take to answer; it is tried again later.
SECONDS_MAX = 10


class Mail(Struct, frozen=True):
    """Who takes mail from us (``smtp://user:password@host:587`` or ``smtps://…``) and whom it is from."""

    server: str = ""
    sender: str = "tieout@localhost"


class AnchorFailed(Exception):
    """A place did not take the head."""


def place_of(text: str) -> str:
    """A place as configured, if we know its kind. Raises ConfigError."""
    place = text.strip()
    if urlsplit(place).scheme not in KINDS or not re.match(r"\w+:.", place):
        raise ConfigError(
            f"“{place}” is not a place for an anchor",
            where="TIEOUT_ANCHORS",
            remedy="Give file:/folder, https://address or mailto:address.",
        )
    return place


def write(place: str, head: Head, mail: Mail) -> str:
    """Writes a head to a place and returns what shows that it is there. Raises AnchorFailed."""
    try:
        return KINDS[urlsplit(place).scheme](place, head, mail)
    except (OSError, ValueError) as error:  # what smtplib raises is an OSError, too
        raise AnchorFailed(f"{place}: {error}") from error


def file_of(place: str, ledger: str) -> Path | None:
    """The file of a ledger's anchors in a folder; None if the place is of another kind."""
    parts = urlsplit(place)
    return Path(unquote(parts.path)) / f"anchors-{ledger}.jsonl" if parts.scheme == "file" else None


def _to_file(place: str, head: Head, _mail: Mail) -> str:
    """Appends and flushes to the disk. The folder is somebody else's to make: a lost mount must not be papered over."""
    path = file_of(place, head.ledger)
    assert path is not None
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(descriptor, msgspec.json.encode(head) + b"\n")
        os.fsync(descriptor)
        return f"{path}, {os.fstat(descriptor).st_size} bytes"
    finally:
        os.close(descriptor)


def _to_web(place: str, head: Head, _mail: Mail) -> str:
    import httpx

    try:
        content = msgspec.json.encode(head)
        answer = httpx.post(place, content=content, headers={"content-type": "application/json"}, timeout=SECONDS_MAX)
        answer.raise_for_status()
    except httpx.HTTPError as error:
        raise OSError(str(error) or type(error).__name__) from error
    return f"HTTP {answer.status_code} {answer.text[:200]}".strip()


def _to_mail(place: str, head: Head, mail: Mail) -> str:
    import smtplib
    import ssl
    from email.message import EmailMessage

    if not mail.server:
        raise OSError("no mail server is configured in TIEOUT_SMTP_URL")
    message = EmailMessage()
    message["From"] = mail.sender
    message["To"] = unquote(urlsplit(place).path)
    message["Subject"] = f"Books of {head.ledger}: block {head.block}, {head.hash[:16]}"
    message.set_content(
        "Keep this. With the line below, saved in a file, `tieout verify --anchor FILE` finds out whether the books\n"
        f"are still those of {head.sealed_at:%Y-%m-%d %H:%M} UTC.\n\n{msgspec.json.encode(head).decode()}\n",
        cte="8bit",
    )
    parts = urlsplit(mail.server)
    host = parts.hostname or "localhost"
    if parts.scheme == "smtps":
        context = ssl.create_default_context()
        with smtplib.SMTP_SSL(host, parts.port or 0, timeout=SECONDS_MAX, context=context) as server:
            return _send(server, parts.username, parts.password, message)
    with smtplib.SMTP(host, parts.port or 0, timeout=SECONDS_MAX) as server:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        return _send(server, parts.username, parts.password, message)


def _send(server: "SMTP", user: str | None, password: str | None, message: "EmailMessage") -> str:
    if user:
        server.login(unquote(user), unquote(password or ""))
    server.send_message(message)
    return f"taken for {message['To']}"


KINDS: Mapping[str, Callable[[str, Head, Mail], str]] = {
    "file": _to_file,
    "http": _to_web,
    "https": _to_web,
    "mailto": _to_mail,
}


def read(path: Path, ledger: str) -> list[Head]:
    """The heads of a ledger in a file: an anchor file, or a mail that was saved. Raises BadInput if there are none."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror}"
        raise BadInput(what, where=str(path), remedy="Name the anchor's file.") from error
    heads = [_head(line, path) for line in lines if line.strip().startswith(b'{"ledger"')]
    found = [head for head in heads if head.ledger == ledger]
    if not found:
        remedy = "Name a file that anchors were written to."
        raise BadInput(f"{path} has no anchor of {ledger}", where=str(path), remedy=remedy)
    return found


def _head(line: bytes, path: Path) -> Head:
    try:
        return msgspec.json.decode(line.strip(), type=Head)
    except msgspec.DecodeError as error:
        what = f"{path} has a line that is no anchor: {error}"
        raise BadInput(what, where=str(path), remedy="Restore the file from a copy.") from error
