"""Asking who gets what of an order, without any books."""

from decimal import Decimal
from typing import Any

import msgspec
from litestar import post
from litestar.params import RawBody

from tieout.app import settlement
from tieout.model.error import BadInput


@post("/quote", status_code=200, sync_to_thread=True, summary="Split an order", tags=["Settlement"])
def quote(body: RawBody) -> dict[str, Any]:
    """Splits an order among buyer, sellers, platform and tax, then its captures and refunds.

    The body is an object with `order` and, if there are any, `rules` and `ownership`; amounts are decimal text. Reads
    and changes no books.
    """
    try:
        asked = msgspec.json.Decoder(float_hook=Decimal).decode(body)
    except msgspec.DecodeError as error:
        raise BadInput(f"It is not JSON: {error}", where="body", remedy="Send an object.") from None
    if not isinstance(asked, dict):
        raise BadInput("It is not an object", where="body", remedy="Send an object with “order” in it.")
    return settlement.quote_document(asked)


HANDLERS = (quote,)
