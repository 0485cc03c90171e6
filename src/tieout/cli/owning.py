"""Whose listings are sold and what is charged for it, by command."""

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from tieout.cli.group import Tree
from tieout.cli.importing import read
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, format_option, say, show, show_json
from tieout.model.error import BadInput

if TYPE_CHECKING:
    from tieout.model.ownership import Ownership

_FILE = click.argument("file", type=click.Path(path_type=Path))


def read_object(file: Path) -> dict[str, Any]:
    """The JSON object in a file. Raises BadInput for anything else."""
    try:
        found = msgspec.json.Decoder(float_hook=Decimal).decode(read(file))
    except msgspec.DecodeError as error:
        raise BadInput(f"It is not JSON: {error}", where=str(file), remedy="Correct the file.") from None
    if not isinstance(found, dict):
        raise BadInput("It is not an object", where=str(file), remedy="Give one object.")
    return found


@click.group("ownership", cls=Tree)
def ownership_group() -> None:
    """Say and see who owns which listing since when."""


@ownership_group.command("set")
@_FILE
def ownership_set(file: Path) -> None:
    """Record the ownership in FILE as the next version of its listing.

    FILE is JSON with “listing”, “shares” and “valid_from”. What was sold before stays with those who owned it then.
    """
    from tieout.app import settlement

    (record,) = settlement.read_ownership([read_object(file)])
    with opened() as app:
        made = app.own_listing(record, actor=actor())
    say(f"Version {made.version} of “{made.listing}” holds from {made.valid_from.isoformat()}.")


def _shares(record: "Ownership") -> str:
    return ", ".join(f"{share.party} {share.basis_points}" for share in record.shares)


_COLUMNS = (
    Column("version", lambda record: record.version),
    Column("from", lambda record: record.valid_from),
    Column("until", lambda record: record.valid_until),
    Column("shares", _shares),
    Column("fees borne by", lambda record: record.fees_borne_by),
    Column("changed by", lambda record: record.changed_by),
    Column("reason", lambda record: record.reason),
)


@ownership_group.command("show")
@click.argument("listing")
@format_option
def ownership_show(listing: str, output: str) -> None:
    """Show every version of the ownership of LISTING, oldest first."""
    with opened() as app:
        show(app.ownership(listing), _COLUMNS, output)


@click.group("fees", cls=Tree)
def fees_group() -> None:
    """Say and see what the marketplace charges its sellers."""


@fees_group.command("publish")
@_FILE
@click.option("--reason", required=True, help="Why, in a sentence; kept with the version.")
@click.option("--currency", default="EUR", show_default=True, help="What an amount without a currency is in.")
def fees_publish(file: Path, reason: str, currency: str) -> None:
    """Publish the fee rules in FILE; they hold for what is captured from now on.

    FILE is JSON with “commission”, “fees” and “gateway_fee”; docs/reference/quote.md has every field.
    """
    from tieout.app import settlement

    rules = settlement.read_rules(read_object(file), currency)
    with opened() as app:
        say(f"Version {app.publish_fee_rules(rules, reason=reason, actor=actor())} of the fee rules is published.")


@fees_group.command("show")
def fees_show() -> None:
    """Show the fee rules in force as JSON, with who published them when and why."""
    with opened() as app:
        show_json(app.fee_rules())
