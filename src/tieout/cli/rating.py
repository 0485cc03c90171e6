"""Exchange rates: bring them in, look at them, say what happens while one is missing, and re-measure by them."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tieout.cli.group import Tree
from tieout.cli.importing import read
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, counted, format_option, limit_option, say, show, show_json
from tieout.model.money import Money
from tieout.model.rate import MissingRate

if TYPE_CHECKING:
    from tieout.model.rate import RatePolicy

_DAY = click.DateTime(["%Y-%m-%d"])
_FROM = click.option("--from", "provider", metavar="PROVIDER", help="Who has them; `tieout rates providers` lists all.")


@click.group("rates", cls=Tree)
def rates_group() -> None:
    """Exchange rates: what foreign amounts are worth in base currency."""


@rates_group.command("fetch")
@_FROM
def fetch_command(provider: str | None) -> None:
    """Fetch exchange rates over HTTP, and book what waited for them.

    From the provider the books are kept at, if none is given. Run it once a day: rates that are known already are kept
    as they are.
    """
    with opened() as app:
        new = app.fetch_rates(provider, actor=actor())
    say(f"New: {counted(new, 'rate')}.")


@rates_group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@_FROM
def import_command(file: Path, provider: str | None) -> None:
    """Import exchange rates from a FILE as its provider sends it, and book what waited for them.

    If no provider is given, a file of the European Central Bank: XML, CSV, or the zip it comes in.
    """
    body = read(file)
    with opened() as app:
        new = app.import_rates(body, provider=provider or "ecb", actor=actor())
    say(f"New: {counted(new, 'rate')}.")


_RATES = (
    Column("day", lambda r: r.day),
    Column("for one", lambda r: r.base),
    Column("rate", lambda r: f"{r.rate.normalize():f}"),
    Column("currency", lambda r: r.quote),
    Column("source", lambda r: r.source),
)


@rates_group.command("list")
@click.option("--currency", help="Only this currency.")
@click.option("--since", type=_DAY, help="From this day on.")
@click.option("--until", type=_DAY, help="Up to this day.")
@limit_option
@format_option
def list_command(currency: str | None, since: datetime | None, until: datetime | None, limit: int, output: str) -> None:
    """List the newest rates of the source the books are kept at."""
    with opened() as app:
        found = app.rate_list(
            currency=currency, since=since and since.date(), until=until and until.date(), limit=limit
        )
    show(found, _RATES, output)


_PROVIDERS = (
    Column("provider", lambda p: p.name),
    Column("title", lambda p: p.title),
    Column("kept as", lambda p: p.kept_as),
    Column("for one", lambda p: p.pivot),
    Column("url", lambda p: p.url),
)


@rates_group.command("providers")
@format_option
def providers_command(output: str) -> None:
    """List who rates can be fetched from: those that come with the product, and your own in rates.toml."""
    with opened() as app:
        show(app.rate_providers(), _PROVIDERS, output)


@rates_group.command("policy")
@click.option(
    "--missing", type=click.Choice([m.value.replace("_", "-") for m in MissingRate]), help="While a rate is missing."
)
@click.option("--days", type=int, help="How many days a rate may serve after its own.")
@_FROM
@format_option
def policy_command(missing: str | None, days: int | None, provider: str | None, output: str) -> None:
    """Show or change whose rates the books are kept at, and what happens while one is missing.

    wait: the event waits, and is an exception past its deadline. last-known: the newest rate of the last --days is
    taken. case: it is an exception at once. What is booked already stays as it is.
    """
    with opened() as app:
        if missing is None and days is None and provider is None:
            policy = app.rate_policy()
        else:
            chosen = None if missing is None else MissingRate(missing.replace("-", "_"))
            policy = app.set_rate_policy(missing=chosen, age_days=days, provider=provider, actor=actor())
    show([policy], _POLICY, output)


def _missing(policy: "RatePolicy") -> str:
    return policy.missing.value.replace("_", "-")


_POLICY = (
    Column("source", lambda p: p.source),
    Column("for one", lambda p: p.pivot),
    Column("while missing", _missing),
    Column("days", lambda p: p.age_days),
)
_REMEASURED = (
    Column("account", lambda m: m.account),
    Column("name", lambda m: m.name),
    Column("currency", lambda m: m.currency),
    Column("balance", lambda m: Money(m.balance_minor, m.currency)),
    Column("rate", lambda m: f"{m.rate.value:f}"),
    Column("of", lambda m: m.rate.day),
)


@click.command("revalue")
@click.option("--at", required=True, type=_DAY, help="The day whose closing rate is taken, such as 2026-10-31.")
@click.option("--preview", is_flag=True, help="Only show what it would come to.")
@format_option
def revalue_command(at: datetime, preview: bool, output: str) -> None:
    """Re-measure foreign balances at the closing rate of a day, and take that back on the next.

    Once more for the same day books only what has changed since.
    """
    with opened() as app:
        found = app.revalue(at.date(), preview=preview, actor=actor())
        base = app.entity().base_currency
    in_base = (
        Column("carried", lambda m: Money(m.carried_minor, base)),
        Column("worth", lambda m: Money(m.worth_minor, base)),
        Column("difference", lambda m: Money(m.difference_minor, base)),
    )
    if output == "json":
        show_json(found)
    else:
        show(found.balances, (*_REMEASURED, *in_base), output)
    if preview:
        say("Nothing was booked.")
    else:
        say(f"Booked {counted(len(found.entries), 'entry', 'entries')}, and as many to take them back the next day.")
