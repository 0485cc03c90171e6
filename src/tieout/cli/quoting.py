"""Asking who gets what of an order, without any books."""

from decimal import Decimal
from pathlib import Path

import click
import msgspec

from tieout.cli.importing import read
from tieout.cli.opening import opened
from tieout.cli.output import show_json
from tieout.model.error import BadInput


@click.command("quote")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--books", is_flag=True, help="By the ownership and fee rules of the books, not those in FILE.")
def quote_command(file: Path, books: bool) -> None:
    """Split the order in FILE among buyer, sellers, platform and tax, to the cent.

    FILE is JSON with “order” and, if there are any, “rules” and “ownership”; the answer is JSON too. Use - for
    standard input. Changes no books and needs none. docs/reference/quote.md has every field, with examples.
    """
    from tieout.app import settlement

    try:
        asked = msgspec.json.Decoder(float_hook=Decimal).decode(read(file))
    except msgspec.DecodeError as error:
        raise BadInput(f"It is not JSON: {error}", where=str(file), remedy="Correct the file.") from None
    if not isinstance(asked, dict):
        raise BadInput("It is not an object", where=str(file), remedy="Give an object with “order” in it.")
    if books:
        with opened() as app:
            return show_json(app.quote_document(asked))
    return show_json(settlement.quote_document(asked))
