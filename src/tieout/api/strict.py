"""Bodies that are taken at their word: a number that is written as a fraction or as text is no amount.

Litestar converts what it has decoded to a handler's types and is lenient about it: 500.0 and "500" would both pass for
500. For money that is a guess, so a handler that takes money reads its body by this request class.
"""

import re
from typing import Any

import msgspec
from litestar import Request
from msgspec import Struct

from tieout.model.error import BadInput

#: `opt` of a handler: the struct its body is.
TAKES = "takes"
_PLACE = re.compile(r" - at `\$\.?(.*)`$")


class Strict(Request[Any, Any, Any]):
    """A request whose JSON body is the struct that its handler takes, or nothing."""

    async def json(self) -> Any:
        """The body, decoded. Raises BadInput, with the place, for what is not the struct to the letter."""
        return decoded(await self.body(), self.route_handler.opt[TAKES])


def decoded(body: bytes, wanted: type[Struct]) -> Struct:
    """The struct in a JSON text. Raises BadInput, with the place, for what is not the struct to the letter."""
    try:
        return msgspec.json.decode(body, type=wanted)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        text = str(error)
        place = _PLACE.search(text)
        what = _PLACE.sub("", text)
        raise BadInput(
            what, where=place[1] if place else "body", remedy="See /docs for what is expected here."
        ) from error
