"""Setting up: the books, people and keys, and looking at what is wrong with an installation."""

import sys
from typing import Any

import click

from tieout.cli.group import OK, PROBLEMS, Tree
from tieout.cli.opening import actor, exists, opened, settings
from tieout.cli.output import Column, format_option, say, show, show_json
from tieout.model.error import BadInput, SetupError


def given(text: str) -> str:
    """The text of an option, or for ``-`` the first line of standard input, so that no secret stays in a history."""
    if text != "-":
        return text
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise BadInput("Standard input is empty", where="-", remedy="Pipe the text in, or give it with the option.")
    return line


_JSON = click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="How to print it.")


@click.command("init")
@click.option("--name", default="My Company", show_default=True, help="Name of the legal entity.")
@click.option("--currency", default="EUR", show_default=True, help="Base currency of the books, an ISO 4217 code.")
@click.option("--timezone", default="Europe/Berlin", show_default=True, help="Where a day of the books ends.")
@click.option("--chart", default="marketplace", show_default=True, help="Chart of accounts: marketplace or retailer.")
@click.option("--user", default="admin", show_default=True, help="Name of the administrator.")
@click.option("--password", help="The administrator's password, - to read it; one is made up if none is given.")
@_JSON
def init_command(
    name: str, currency: str, timezone: str, chart: str, user: str, password: str | None, output: str
) -> None:
    """Open the books: database, chart of accounts, administrator and API key.

    The password and the key are shown once; only their hashes are kept.
    """
    password = None if password is None else given(password)
    with opened(fresh=True) as app:
        report = app.init(
            name, base_currency=currency.upper(), timezone=timezone, chart=chart, user=user, password=password
        )
        home = app.settings.home
    if output == "json":
        show_json(report)
    else:
        click.echo(f"user      {report.user}\npassword  {report.password}\napi key   {report.api_key}")
    say(f"The books of {report.entity} are open, in {home}.")
    say("Keep the password and the key: they are not shown again.")


@click.command("doctor")
@_JSON
def doctor_command(output: str) -> int:
    """Say what is right and what is wrong with this installation, and the remedy."""
    from tieout.app.views import Finding

    if not exists(settings()):
        home = str(settings().home)
        findings = [Finding("home", False, f"nothing is set up in {home}", "Run `tieout init`, or set TIEOUT_HOME.")]
    else:
        try:
            with opened() as app:
                findings = app.doctor()
        except SetupError as error:
            findings = [Finding("database", False, error.what, error.remedy)]
    if output == "json":
        show_json(findings)
    else:
        for finding in findings:
            click.echo(_line(finding))
    return OK if all(finding.ok for finding in findings) else PROBLEMS


def _line(finding: Any) -> str:
    remedy = f"  → {finding.remedy}" if finding.remedy else ""
    return f"{'OK' if finding.ok else 'WRONG':<6}{finding.what:<18}{finding.detail}{remedy}"


@click.command("check")
def check_command() -> int:
    """Work the books out again; silent, and exit code 0, when all holds.

    Every entry balances and is what was posted, balances are the sums of their lines, nothing is unexplained, and
    every bank account agrees with its statement.
    """
    with opened() as app:
        findings = app.check()
    for finding in findings:
        click.echo(_line(finding))
    return PROBLEMS if findings else OK


@click.group("key", cls=Tree)
def key_group() -> None:
    """API keys, for programs that send settlement objects and files."""


@key_group.command("new")
@click.argument("name")
def key_new(name: str) -> None:
    """Make an API key called NAME; an older key of that name stops working."""
    with opened() as app:
        key = app.new_api_key(name, actor=actor())
    click.echo(key)
    say("Keep it: it is not shown again.")


_KEYS = (
    Column("key", lambda row: row.name),
    Column("made", lambda row: row.created_at),
    Column("revoked", lambda row: row.revoked_at),
)
_PEOPLE = (
    Column("person", lambda row: row.name),
    Column("since", lambda row: row.created_at),
    Column("logged in", lambda row: row.sessions),
)


@key_group.command("list")
@format_option
def key_list(output: str) -> None:
    """List API keys by name, revoked ones too; the keys themselves are not kept."""
    with opened() as app:
        show(app.api_keys(), _KEYS, output)


@key_group.command("revoke")
@click.argument("name")
def key_revoke(name: str) -> None:
    """End the API key called NAME at once."""
    with opened() as app:
        app.revoke_api_key(name, actor=actor())
    say(f"The key {name} is not valid any more.")


@click.group("user", cls=Tree)
def user_group() -> None:
    """People who may log in to the console."""


@user_group.command("password")
@click.argument("name")
@click.option("--password", help="The new password, - to read it from standard input; asked for if it is not given.")
def user_password(name: str, password: str | None) -> None:
    """Give NAME a new password, or let a new person in."""
    if password is None and sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    with opened() as app:
        app.set_password(name, given(password or "-"), actor=actor())
    say(f"{name} can log in with the new password.")


@user_group.command("seller")
@click.argument("party")
@click.argument("name")
@click.option("--password", help="The password, - to read it from standard input; asked for if it is not given.")
def user_seller(party: str, name: str, password: str | None) -> None:
    """Let NAME log in to the portal for the seller PARTY: they see that seller's books and nothing else."""
    if password is None and sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    with opened() as app:
        app.let_seller_in(party, name, given(password or "-"), actor=actor())
    say(f"{name} can log in at /login and sees what {party} is owed.")


@user_group.command("list")
@format_option
def user_list(output: str) -> None:
    """List who may log in to the console."""
    with opened() as app:
        show(app.people(), _PEOPLE, output)


@user_group.command("remove")
@click.argument("name")
def user_remove(name: str) -> None:
    """Let NAME in no more, and end their sessions; what they did stays in the audit log."""
    with opened() as app:
        app.remove_person(name, actor=actor())
    say(f"{name} cannot log in any more.")
