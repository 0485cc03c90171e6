"""Asking who gets what of an order, without any books."""

from decimal import Decimal
from typing import Annotated, Any

import msgspec
from litestar import post
from litestar.params import QueryParameter, RawBody

from tieout.app import settlement
from tieout.console.query import Hub
from tieout.model.error import BadInput


@post("/quote", status_code=200, sync_to_thread=True, summary="Split an order", tags=["Settlement"])
def quote(
    tieout: Hub,
    body: RawBody,
    books: Annotated[bool, QueryParameter(description="By the rules of the books.")] = False,  # noqa: FBT002 -- ?books=true
) -> dict[str, Any]:
    """Splits an order among buyer, sellers, platform and tax, then its captures and refunds.

    The body is an object with `order` and, if there are any, `rules` and `ownership`; amounts are decimal text.
    Changes no books, and reads them only if `books` is true.
    """
    try:
        asked = msgspec.json.Decoder(float_hook=Decimal).decode(body)
    except msgspec.DecodeError as error:
        raise BadInput(f"It is not JSON: {error}", where="body", remedy="Send an object.") from None
    if not isinstance(asked, dict):
        raise BadInput("It is not an object", where="body", remedy="Send an object with “order” in it.")
    return tieout.quote_document(asked) if books else settlement.quote_document(asked)


HANDLERS = (quote,)
