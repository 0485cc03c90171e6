"""How providers are spoken to over HTTP, and what their silence means.

Every request that moves money carries a key that makes it one. What was answered with an error of the provider, or not
at all, may have happened: its outcome is unknown, and it is looked up before it is sent again, under the same key.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import httpx
from msgspec import Struct

from tieout.model.payout import Answer

_TOO_MANY = 429
_SERVER_ERROR = 500
_ERROR = 400


class Order(Struct, frozen=True):
    """What a provider is asked to pay. `key` makes it one; `reference` is the provider's own name, once known."""

    key: str
    name: str
    amount_minor: int
    currency: str
    destination: str
    holder: str
    remittance: str
    reference: str = ""


class Provider(Protocol):
    """A way to pay through a provider."""

    def send(self, order: Order) -> Answer:
        """Asks for a payment. Raises Silent if nobody knows what came of it, Busy if nothing did."""
        ...

    def look_up(self, order: Order) -> Answer | None:
        """What became of an order; None if the provider never heard of it. Raises Silent or Busy."""
        ...


class Silent(Exception):
    """The provider did not answer, or with an error of its own: what was asked may have happened."""


class Busy(Exception):
    """The provider refuses to do anything for now (429): nothing happened."""


class Caller:
    """One provider's door."""

    def __init__(self, url: str, headers: Mapping[str, str], timeout_seconds: int) -> None:
        self._client = httpx.Client(base_url=url, headers=dict(headers), timeout=timeout_seconds)

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **body: Any
    ) -> tuple[int, dict[str, Any]]:
        """(status, JSON) of an answer that is certain: a success, or a refusal. Raises Silent or Busy."""
        try:
            answer = self._client.request(method, path, headers=dict(headers or {}), **body)
        except httpx.HTTPError as error:
            raise Silent(f"{type(error).__name__}: {error}") from error
        if answer.status_code == _TOO_MANY:
            raise Busy(f"{method} {path}: too many requests")
        if answer.status_code >= _SERVER_ERROR:
            raise Silent(f"{method} {path}: {answer.status_code}")
        try:
            document = answer.json()
        except ValueError as error:
            raise Silent(f"{method} {path}: an answer that is no JSON") from error
        return answer.status_code, document if isinstance(document, dict) else {"list": document}


def refused(status: int) -> bool:
    """Whether a status says no."""
    return status >= _ERROR
