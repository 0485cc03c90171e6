"""What the API sends beside the nouns: pages of lists and short answers."""

from collections.abc import Sequence
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from litestar import Request
from msgspec import Struct

from tieout.api.errors import Problem

T = TypeVar("T")


class Page(Struct, Generic[T], frozen=True):
    """A part of a list, newest first; `next` is the address of the part after it, or null at the end."""

    data: Sequence[T]
    next: str | None


def page_of(request: Request[Any, Any, Any], found: Sequence[T], limit: int, last: int | None) -> Page[T]:
    """A page with the address of the next one, whose cursor is the number of the last element here."""
    if last is None or len(found) < limit:
        return Page(found, None)
    return Page(found, f"{request.url.path}?{urlencode({**query_of(request), 'before': last})}")


def query_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The query parameters; of one given twice, the last."""
    return {name: values[-1] for name, values in request.query_params.dict().items()}


class RatesImported(Struct, frozen=True):
    """How many rates were new."""

    new: int


class Reversed(Struct, frozen=True):
    """The match that takes another one back."""

    match: str


class Posted(Struct, frozen=True):
    """The ids of entries, in the order in which they were sent."""

    entries: list[str]


class Outcome(Struct, frozen=True):
    """What became of one entry of several: its id, or what is wrong with it, as a problem."""

    key: str
    entry: str | None = None
    repeated: bool = False
    problem: Problem | None = None


class Outcomes(Struct, frozen=True):
    """What became of each entry, in the order in which they were sent."""

    results: list[Outcome]


class LedgerHash(Struct, frozen=True):
    """One hash over all entries, and how many entries and lines there are."""

    hash: str
    entries: int
    lines: int


class WhyGiven(Struct, frozen=True, forbid_unknown_fields=True):
    """A decision that needs nothing but its reason, in a sentence."""

    reason: str
