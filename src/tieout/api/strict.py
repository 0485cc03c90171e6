"""Bodies that are taken at their word: a number that is written as a fraction or as text is no amount.

Litestar converts what it has decoded to a handler's types and is lenient about it: 500.0 and "500" would both pass for
500. For money that is a guess, so a handler that takes money reads its body by this request class.
"""

from typing import Any

from litestar import Request

from tieout.app.drafting import decoded

#: `opt` of a handler: the struct its body is.
TAKES = "takes"


class Strict(Request[Any, Any, Any]):
    """A request whose JSON body is the struct that its handler takes, or nothing."""

    async def json(self) -> Any:
        """The body, decoded. Raises BadInput, with the place, for what is not the struct to the letter."""
        return decoded(await self.body(), self.route_handler.opt[TAKES])
