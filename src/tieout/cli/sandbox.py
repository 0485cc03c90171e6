"""The sandbox: made-up examples through the real doors, sample files, and the demonstration."""

import secrets
import sys
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, format_option, say, show
from tieout.model.error import BadInput, NotFound
from tieout.model.money import to_minor

if TYPE_CHECKING:
    from tieout.app import Tieout
    from tieout.sandbox.emission import Emission

_DAY = click.DateTime(["%Y-%m-%d"])
_FOLDER = click.Path(path_type=Path, file_okay=False)
_NEW_FILE = click.Path(path_type=Path, dir_okay=False)
_NOON = time(12, tzinfo=UTC)
_SEED_MAX = 2**31


class Amount(click.ParamType[Decimal]):
    """A decimal amount; its currency is another option's business."""

    name = "amount"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """The amount as Decimal."""
        text = str(value)
        if not text.isascii() or not text.replace(".", "", 1).isdigit():
            self.fail(f"“{text}” is not an amount such as 100.00", param, ctx)
        return Decimal(text)


_AMOUNT = click.option("--amount", type=Amount(), default="100.00", show_default=True, help="The amount it is about.")
_CURRENCY = click.option("--currency", default="EUR", show_default=True, help="The currency it is about.")
_DATE = click.option("--date", "day", type=_DAY, help="The day it happened on; today if it is not given.")
_SEED = click.option(
    "--seed", type=click.IntRange(0, _SEED_MAX), help="The same number gives the same order, charge and payout."
)


def _emissions(
    connector: str, example: str, source: str, amount: Decimal, currency: str, day: datetime | None, seed: int | None
) -> "tuple[Emission, ...]":
    from tieout.sandbox.catalogue import trigger

    at = datetime.now(UTC) if day is None else datetime.combine(day.date(), _NOON)
    number = secrets.randbelow(_SEED_MAX) if seed is None else seed
    minor = to_minor(amount, currency)
    return trigger(connector, example, amount_minor=minor, currency=currency, source=source, at=at, seed=number)


@click.command("trigger")
@click.argument("source")
@click.argument("example")
@_AMOUNT
@_CURRENCY
@_DATE
@_SEED
@click.option("--url", help="Send it to the server at this address; otherwise it goes straight in and is booked.")
@click.option("--key", envvar="TIEOUT_API_KEY", help="API key for settlement objects and files sent to a server.")
def trigger_command(
    source: str,
    example: str,
    amount: Decimal,
    currency: str,
    day: datetime | None,
    seed: int | None,
    url: str | None,
    key: str | None,
) -> None:
    """Send a made-up EXAMPLE as the provider behind SOURCE would, signed with the source's secret.

    `tieout sample` lists the examples. Do this in books you can throw away: what is booked stays booked.
    """
    with opened() as app:
        connector = _connector_of(app, source)
        emissions = _emissions(connector, example, source, amount, currency, day, seed)
        secret = app.signing_secret(source)
        if url is None:
            _send_directly(app, emissions, secret)
        else:
            _send_over_http(emissions, url, {source: secret or ""}, key or "")


def _connector_of(app: "Tieout", source: str) -> str:
    found = next((known.connector for known in app.sources() if known.name == source), None)
    if found is None:
        known = ", ".join(one.name for one in app.sources()) or "none yet"
        remedy = f"Sources are: {known}. Add one with `tieout source add`."
        raise NotFound(f"There is no source “{source}”", where="source", remedy=remedy)
    return found


def _send_directly(app: "Tieout", emissions: "tuple[Emission, ...]", secret: str | None) -> None:
    """Through the same doors as over HTTP, then booked at once."""
    from tieout.sandbox.emission import Door

    for emission in emissions:
        if emission.door is Door.HOOK:
            headers = emission.headers_signed(secret or "", datetime.now(UTC))
            lower = {name.lower(): value for name, value in headers.items()}
            delivery = app.receive_hook(emission.source, lower, emission.body).delivery
        elif emission.door is Door.OBJECTS:
            delivery = app.receive_objects(emission.source, emission.parameters, emission.body, actor=actor()).delivery
        else:
            name = emission.parameters.get("name", "")
            delivery = app.import_file(emission.source, emission.body, name=name, actor=actor()).delivery
        click.echo(f"{delivery}  {emission.source}  {emission.topic}  {' '.join(emission.about)}")
    while app.work().deliveries:
        pass


def _send_over_http(emissions: "tuple[Emission, ...]", url: str, signing: dict[str, str], key: str) -> None:
    from tieout.sandbox.play import play

    report = play(emissions, url, signing, key, senders=1)
    for emission in emissions:
        click.echo(f"{emission.source}  {emission.topic}  {' '.join(emission.about)}")
    if report.failures:
        answer = report.failures[0].answer
        raise BadInput(
            f"The server did not take it: {answer}", where=url, remedy="Is the server running, and is --key right?"
        )


_EXAMPLES = (
    Column("connector", lambda e: e.connector),
    Column("example", lambda e: e.name),
    Column("what it tells", lambda e: e.sentence),
)


@click.command("sample")
@click.argument("connector", required=False)
@click.argument("example", required=False)
@_AMOUNT
@_CURRENCY
@_DATE
@_SEED
@format_option
def sample_command(
    connector: str | None,
    example: str | None,
    amount: Decimal,
    currency: str,
    day: datetime | None,
    seed: int | None,
    output: str,
) -> None:
    """Print a made-up EXAMPLE of a CONNECTOR as its provider would send it, or list the examples.

    `tieout sample camt > statement.xml` makes a bank statement to try the import with.
    """
    from tieout.sandbox.catalogue import examples

    known = examples(connector)
    if not known:
        raise NotFound(
            f"There are no examples of “{connector}”", where="connector", remedy="List them with `tieout sample`."
        )
    if connector is None or (example is None and connector != "camt"):
        rows = [(e.connector, e.name, e.sentence) for e in known]
        show(known if output != "json" else rows, _EXAMPLES, output)
        return
    chosen = example or known[0].name
    emissions = _emissions(connector, chosen, connector, amount, currency, day, seed)
    sys.stdout.buffer.write(emissions[-1].body)
    if len(emissions) > 1:
        say(f"This is the last of the {len(emissions)} messages `tieout trigger` would send.")


@click.command("demo")
@click.option("--once", is_flag=True, help="Stop after the proof; exit code 0 only if it holds.")
@click.option("--orders", type=click.IntRange(1, 100_000), default=600, show_default=True, help="Orders of the month.")
@click.option("--seed", type=click.IntRange(0, _SEED_MAX), help="Another number makes up another month.")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep the books here; otherwise they are thrown away at the end.",
)
@click.option(
    "--json", "figures", type=click.Path(path_type=Path, dir_okay=False), help="Write the figures of the run here."
)
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the server; any free one if it is not given.")
def demo_command(
    once: bool, orders: int, seed: int | None, home: Path | None, figures: Path | None, port: int | None
) -> int:
    """Play a made-up month of a marketplace through the real doors, prove it, and leave the console running.

    Signed webhooks, settlement objects and bank statements go to a real server over HTTP. Everything that should come
    out is known beforehand and compared.
    """
    from tieout.cli.demo import Options, demonstrate

    return demonstrate(Options(once=once, orders=orders, seed=seed, home=home, figures=figures, port=port))
