"""Plays emissions to a running server over HTTP, through the same doors a provider uses.

Several senders work at once, so neighbouring messages may overtake each other, as they do in life.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

import httpx
from msgspec import Struct

from tieout.sandbox.emission import Door, Emission

#: Waits before the second, third … try when the server is busy or not there yet, in seconds.
_PAUSES = (0.2, 0.5, 1, 2, 4)
_TIMEOUT_SECONDS = 30
_UNAUTHORIZED = 401
#: Answers worth another try: too many requests, and trouble on the server's side.
_BUSY = frozenset({429, 502, 503, 504})


class Failure(Struct, frozen=True):
    """An emission that was not answered as it should be; `answer` is the status and the beginning of the text."""

    emission: Emission
    answer: str


class PlayReport(Struct, frozen=True):
    """How many were accepted, how many forged ones were turned away as they must be, and what went wrong."""

    accepted: int
    refused: int
    failures: tuple[Failure, ...]

    @property
    def sent(self) -> int:
        """All that were sent."""
        return self.accepted + self.refused + len(self.failures)


def play(
    emissions: Iterable[Emission],
    base_url: str,
    secrets: Mapping[str, str],
    api_key: str,
    *,
    senders: int = 8,
    progress: Callable[[int], None] | None = None,
) -> PlayReport:
    """Sends all emissions, in about their order, and returns when all are answered.

    `secrets` has the signing secret of each source with hooks. `progress` is called with the number answered so far.
    Never raises for an answer: what went wrong is in the report.
    """
    return asyncio.run(_play(tuple(emissions), base_url, secrets, api_key, senders, progress or _silent))


def _silent(answered: int) -> None:
    """Shows nothing."""


async def _play(
    emissions: Sequence[Emission],
    base_url: str,
    secrets: Mapping[str, str],
    api_key: str,
    senders: int,
    progress: Callable[[int], None],
) -> PlayReport:
    waiting = iter(emissions)
    answers: list[tuple[Emission, int, str]] = []
    async with httpx.AsyncClient(base_url=base_url, timeout=_TIMEOUT_SECONDS) as client:

        async def sender() -> None:
            for emission in waiting:  # one iterator for all senders: each takes the next one
                status, text = await _send(client, emission, secrets.get(emission.source, ""), api_key)
                answers.append((emission, status, text))
                progress(len(answers))

        await asyncio.gather(*(sender() for _ in range(senders)))
    return _report(answers)


async def _send(client: httpx.AsyncClient, emission: Emission, secret: str, api_key: str) -> tuple[int, str]:
    """(status, text) of the answer; status 0 if there was none after several tries."""
    text = ""
    for pause in (*_PAUSES, None):
        request = _request(client, emission, secret, api_key)
        try:
            response = await client.send(request)
        except httpx.TransportError as error:
            text = f"{type(error).__name__}: {error}"
        else:
            if response.status_code not in _BUSY:
                return response.status_code, response.text
            text = response.text
        if pause is not None:
            await asyncio.sleep(pause)
    return 0, f"no answer: {text}"


def _request(client: httpx.AsyncClient, emission: Emission, secret: str, api_key: str) -> httpx.Request:
    """The request for the emission's door; signed now, since providers sign when they send."""
    headers = emission.headers_signed(secret, datetime.now(UTC))
    paths = {Door.HOOK: "/hooks/", Door.OBJECTS: "/v1/objects/", Door.FILE: "/v1/files/"}
    if emission.door is not Door.HOOK:
        headers["Authorization"] = f"Bearer {api_key}"
    path = f"{paths[emission.door]}{emission.source}"
    return client.build_request("POST", path, content=emission.body, headers=headers, params=dict(emission.parameters))


def _report(answers: Sequence[tuple[Emission, int, str]]) -> PlayReport:
    failures = []
    accepted = refused = 0
    for emission, status, text in answers:
        if emission.forged:
            refused += status == _UNAUTHORIZED
        else:
            accepted += httpx.codes.is_success(status)
        if not (status == _UNAUTHORIZED if emission.forged else httpx.codes.is_success(status)):
            failures.append(Failure(emission, f"{status} {text[:200]}"))
    return PlayReport(accepted, refused, tuple(failures))
