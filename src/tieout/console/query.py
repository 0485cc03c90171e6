"""Reads what stands after the “?” of a page's address. The address is the state of the page: it can be sent and kept.

Forms send empty fields; those count as not given. Nonsense raises BadInput, which says what was expected.
"""

from datetime import date
from typing import Any

from litestar import Request
from litestar.di import NamedDependency

from tieout.app import Tieout
from tieout.model.entity import Actor
from tieout.model.error import BadInput

#: What handlers are given: the library's face, and who asks.
Hub = NamedDependency[Tieout]
Acting = NamedDependency[Actor]
#: Days a page can show; far enough for books, near enough for arithmetic.
_YEARS = range(1900, 2200)


class Query:
    """The parameters of one request."""

    def __init__(self, request: Request[Any, Any, Any]) -> None:
        self._given = request.query_params.dict()

    def text(self, name: str) -> str | None:
        """The text, without blanks around it, or None."""
        return next((value.strip() for value in reversed(self.texts(name))), None)

    def texts(self, name: str) -> list[str]:
        """All values of a repeated parameter."""
        return [value for value in self._given.get(name, []) if value.strip()]

    def choice(self, name: str, among: tuple[str, ...]) -> str | None:
        """One of a few words, or None."""
        value = self.text(name)
        if value is not None and value not in among:
            raise BadInput(f"“{value}” is no {name}", where=name, remedy=f"Choose one of: {', '.join(among)}.")
        return value

    def day(self, name: str) -> date | None:
        """A day such as 2026-10-31, or None."""
        value = self.text(name)
        return None if value is None else _day(value, name)

    def month(self, name: str) -> date | None:
        """The first day of a month such as 2026-10, or None."""
        value = self.text(name)
        return None if value is None else _day(f"{value}-01", name)

    def number(self, name: str) -> int | None:
        """A whole number of a row, or None."""
        value = self.text(name)
        if value is None:
            return None
        if not (value.isascii() and value.isdecimal() and len(value) < 19):
            raise BadInput(f"“{value}” is not a number", where=name, remedy="Follow the links of the page.")
        return int(value)

    def flag(self, name: str) -> bool:
        """Whether a box is ticked."""
        return self.text(name) is not None


def _day(text: str, name: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if found.year not in _YEARS:
        raise BadInput(f"“{text}” is not a day", where=name, remedy="Write days like 2026-10-31.")
    return found
