"""Fetches rates over HTTP: what may get better is tried again, what will not is said at once.

Again: no connection, no answer in time, 408, 425, 429 and 5xx that pass; after 1, 2 and 4 seconds, or as long as the
server asks for (Retry-After), but not over half a minute. Not again: any other status, and more than a file may hold.
Source of the rules: RFC 9110, sections 10.2.3 (Retry-After) and 15.
"""

import email.utils
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tieout.masterdata.rates import FILE_BYTES_MAX
from tieout.model.error import SourceAway

if TYPE_CHECKING:
    from httpx import Client, Response

ATTEMPTS = 4
WAIT_SECONDS_MAX = 30
#: To connect, and between two parts of the answer.
TIMEOUT_SECONDS = 10
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
_LATER = "Try again later, or import a file with `tieout rates import FILE`."
_DECLARED = "Look at how the provider is declared: its URL, its headers and its key."


class _Passing(Exception):
    """What may get better, and after how many seconds it is worth a look."""

    def __init__(self, problem: str, wait: int | None = None) -> None:
        super().__init__(problem)
        self.wait = wait


def fetch(
    url: str, headers: Mapping[str, str], *, sleep: Callable[[int], object], timeout_seconds: int = TIMEOUT_SECONDS,
    attempts: int = ATTEMPTS,
) -> bytes:  # fmt: skip
    """The body at `url`. Raises SourceAway if there is none to be had, saying what the last attempt came to."""
    import httpx

    problem = ""
    with httpx.Client(timeout=timeout_seconds, follow_redirects=True, headers=dict(headers)) as client:
        for attempt in range(attempts):
            try:
                return _attempt(client, url)
            except _Passing as passing:
                problem = str(passing)
                if attempt + 1 < attempts:
                    sleep(2**attempt if passing.wait is None else min(passing.wait, WAIT_SECONDS_MAX))
    tried = f"in {attempts} attempts" if attempts > 1 else "in one attempt"
    raise SourceAway(f"No rates were fetched {tried}: {problem}", where=url, remedy=_LATER)


def _attempt(client: "Client", url: str) -> bytes:
    import httpx

    try:
        with client.stream("GET", url) as answer:
            if answer.status_code in _AGAIN:
                raise _Passing(f"it answered {answer.status_code}", _asked_for(answer.headers.get("retry-after", "")))
            if not answer.is_success:
                raise _useless(f"it answered {answer.status_code}", url)
            return _body(answer, url)
    except httpx.TimeoutException:
        raise _Passing("it did not answer in time") from None
    except (httpx.UnsupportedProtocol, httpx.TooManyRedirects, httpx.DecodingError, httpx.InvalidURL) as error:
        raise _useless(str(error), url) from None
    except httpx.TransportError as error:
        raise _Passing(str(error) or type(error).__name__) from None


def _body(answer: "Response", url: str) -> bytes:
    body = bytearray()
    for part in answer.iter_bytes():
        body += part
        if len(body) > FILE_BYTES_MAX:
            raise _useless(f"it sends more than {FILE_BYTES_MAX // 1024 // 1024} MiB", url)
    return bytes(body)


def _useless(problem: str, url: str) -> SourceAway:
    return SourceAway(f"No rates were fetched: {problem}", where=url, remedy=_DECLARED)


def _asked_for(text: str) -> int | None:
    """Seconds of a Retry-After header, which gives seconds or a date; None if it gives neither."""
    if text.isascii() and text.isdecimal():
        return int(text[:6])
    try:
        at = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0, int((at.replace(tzinfo=at.tzinfo or UTC) - datetime.now(UTC)).total_seconds()))
