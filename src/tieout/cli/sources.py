"""Sources: the shops, gateways and bank accounts that tell of money."""

import sys
from typing import TYPE_CHECKING

import click

from tieout.cli.group import Tree
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, format_option, say, show
from tieout.cli.setup import given
from tieout.model.error import ConfigError

if TYPE_CHECKING:
    from tieout.app import Tieout
    from tieout.model.connector import Manifest

_SECRET_HELP = "Signing secret of its webhooks, - to read it from standard input; asked for on a terminal."  # noqa: S105


@click.group("source", cls=Tree)
def source_group() -> None:
    """Sources: the shops, gateways and bank accounts that tell of money."""


@source_group.command("add")
@click.argument("name")
@click.option("--connector", help="What understands it; the source's own name if it is not given.")
@click.option("--secret", envvar="TIEOUT_SECRET", help=_SECRET_HELP)
@click.option("--own-brand", "own_brands", multiple=True, help="Vendor whose goods are your own; may be repeated.")
def source_add(name: str, connector: str | None, secret: str | None, own_brands: tuple[str, ...]) -> None:
    """Add a source NAME and open its clearing accounts.

    `tieout source add stripe` needs no more; a second account needs a name of its own:
    `tieout source add stripe-us --connector stripe`.
    """
    with opened() as app:
        manifest = _manifest(app, connector or name)
        secret = _secret(manifest, secret)
        settings = {"own_brands": list(own_brands)} if own_brands else {}
        app.add_source(
            name, manifest.name, secrets=[secret] if secret else [], settings=settings, actor=actor()
        )  # fmt: skip
    say(f"{name} is a source now, understood by {manifest.name} ({manifest.title}).")
    if manifest.secrets and not secret:
        say(f"It has no secret yet, so every webhook is refused. Run `tieout source secret {name}`.")
    if "webhook" in manifest.channels:
        say(f"Point its webhooks at /hooks/{name} of your server.")
    if "file" in manifest.channels:
        say(f"Import its files with `tieout import {name} FILE`.")


def _manifest(app: "Tieout", name: str) -> "Manifest":
    known = {manifest.name: manifest for manifest in app.connectors()}
    if name not in known:
        raise ConfigError(
            f"There is no connector “{name}”",
            where="connector",
            remedy=f"Name one with --connector: {', '.join(sorted(known))}.",
        )
    return known[name]


def _secret(manifest: "Manifest", secret: str | None) -> str:
    """The secret given, or what a person types; nothing for a source without webhooks."""
    if secret is not None:
        if not manifest.secrets:
            remedy = "Leave --secret out."
            raise ConfigError(f"{manifest.title} sends no webhooks, so it has no secret", where="secret", remedy=remedy)
        return given(secret)
    if not manifest.secrets or not sys.stdin.isatty():
        return ""
    return str(
        click.prompt("Signing secret (empty for later)", default="", hide_input=True, show_default=False, err=True)
    )


@source_group.command("secret")
@click.argument("name")
@click.option("--secret", envvar="TIEOUT_SECRET", help=_SECRET_HELP)
def source_secret(name: str, secret: str | None) -> None:
    """Give the source NAME a new webhook secret; the one before stays valid beside it until the next."""
    if secret is None and sys.stdin.isatty():
        secret = str(click.prompt("Signing secret", hide_input=True, err=True))
    with opened() as app:
        app.rotate_secret(name, given(secret or "-"), actor=actor())
    say(f"{name} has a new secret.")


_COLUMNS = (
    Column("source", lambda s: s.name),
    Column("connector", lambda s: s.connector),
    Column("kind", lambda s: s.kind),
    Column("last heard", lambda s: s.last_delivery_at),
    Column("deliveries", lambda s: s.deliveries),
    Column("waiting", lambda s: s.waiting),
    Column("rejected", lambda s: s.rejected),
)


@source_group.command("list")
@format_option
def source_list(output: str) -> None:
    """List the sources, when each was last heard, and what waits."""
    with opened() as app:
        show(app.sources(), _COLUMNS, output)
