"""Balances of any day, as known at any time, and the projections they are read from."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from tieout.cli.group import OK, PROBLEMS
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, counted, format_option, limit_option, progress, say, show, show_json
from tieout.model.error import BadInput
from tieout.model.money import Money, display

_DAY = click.DateTime(["%Y-%m-%d"])
_SOME_WAYS = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M%z"]


def _asked(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--at DAY --known-at TIME``."""
    at = click.option("--at", type=_DAY, help="At the end of this day in the books; all days if it is not given.")
    known_at = click.option(
        "--known-at", type=click.DateTime(_SOME_WAYS), metavar="TIME",
        help="As known at this time, such as 2026-01-31T18:00:00+01:00; now if it is not given.",
    )  # fmt: skip
    return at(known_at(command))


def _span(at: datetime | None, known_at: datetime | None) -> dict[str, Any]:
    return {"at": at.date() if at else None, "known_at": known_at}


_BALANCE = (
    Column("account", lambda b: b.account),
    Column("balance", lambda b: Money(b.balance_minor, b.currency)),
    Column("currency", lambda b: b.currency),
)


@click.command("balance")
@click.argument("account", required=False)
@click.option("--below", is_flag=True, help="With all accounts below it, as one sum; ACCOUNT may be a class, too.")
@click.option("--party", help="Only what stands with this party, such as a seller.")
@click.option("--dimension", metavar="NAME=VALUE", help="Only lines with this value of a dimension.")
@click.option("--currency", help="Only in this currency.")
@_asked
@format_option
def balance_command(
    account: str | None, below: bool, party: str | None, dimension: str | None, currency: str | None,
    at: datetime | None, known_at: datetime | None, output: str,
) -> None:  # fmt: skip
    """Say what stands on ACCOUNT, on all below it, with a party or on a dimension; debit positive.

    A figure asked for with --at and --known-at is the same whenever it is asked for.
    """
    if sum(map(bool, (below, party, dimension))) > 1 or not (account or party or dimension) or (below and not account):
        raise BadInput(
            "It is not clear what is asked for", where="balance",
            remedy="Name an account (--below adds all below it), or a --party, or a --dimension.",
        )  # fmt: skip
    span, only = _span(at, known_at), [account] if account else None
    with opened() as app:
        if party:
            found = app.party(party, accounts=only, **span)
        elif dimension:
            name, _, value = dimension.partition("=")
            found = app.dimension(name, value, accounts=only, **span)
        else:
            assert account is not None
            found = app.subtree(account, **span) if below else app.balance(account, **span)
        base = app.entity().base_currency
    rows = [b for b in found if currency in (None, b.currency)]
    worth = Column(f"in {base}", lambda b: Money(b.base_minor, base))
    show(rows, (*_BALANCE, worth) if any(b.currency != base for b in rows) else _BALANCE, output)


_TRIAL = (
    Column("account", lambda ln: ln.account),
    Column("name", lambda ln: ln.name),
    Column("debits", lambda ln: Money(ln.debit_minor, ln.currency)),
    Column("credits", lambda ln: Money(ln.credit_minor, ln.currency)),
    Column("balance", lambda ln: Money(ln.balance_minor, ln.currency)),
    Column("currency", lambda ln: ln.currency),
)


@click.command("trial-balance")
@_asked
@format_option
@click.pass_context
def trial_balance_command(context: click.Context, at: datetime | None, known_at: datetime | None, output: str) -> None:
    """List all accounts with their debits, credits and balances; exit code 1 if debits and credits differ."""
    with opened() as app:
        found, base = app.trial_balance(**_span(at, known_at)), app.entity().base_currency
    if output == "json":
        show_json(found)
    else:
        worth = Column(f"in {base}", lambda ln: Money(ln.base_minor, base))
        show(found.lines, (*_TRIAL, worth) if any(ln.currency != base for ln in found.lines) else _TRIAL, output)
    off = [f"{display(amount, currency)} {currency}" for currency, amount in found.off_minor.items()]
    if off:
        say(f"Debits and credits differ by {', '.join(off)}: something wrote past the ledger.")
    elif output == "table":
        currencies = {line.currency for line in found.lines}
        say(f"Debits and credits agree in {counted(len(currencies), 'currency', 'currencies')}.")
    context.exit(PROBLEMS if off else OK)


_REGISTER = (
    Column("date", lambda row: row[0].date),
    Column("entry", lambda row: row[0].entry),
    Column("memo", lambda row: row[0].memo),
    Column("party", lambda row: row[0].party),
    Column("item", lambda row: row[0].item),
    Column("amount", lambda row: Money(row[0].amount_minor, row[1])),
    Column("balance", lambda row: Money(row[0].balance_minor, row[1])),
    Column("currency", lambda row: row[1]),
)


@click.command("register")
@click.argument("account")
@click.option("--currency", help="Which currency, if the account has several.")
@click.option("--since", type=_DAY, help="Lines of this day and after.")
@click.option("--after", metavar="PLACE", help="Lines after this place, as the page before said.")
@_asked
@limit_option
@format_option
def register_command(
    account: str, currency: str | None, since: datetime | None, after: str | None, at: datetime | None,
    known_at: datetime | None, limit: int, output: str,
) -> None:  # fmt: skip
    """List the lines of ACCOUNT in the order of the books, each with the balance after it."""
    with opened() as app:
        chosen = currency or app.currency_of(account)
        found = app.register(
            account, chosen, since=since.date() if since else None, after=after, limit=limit, **_span(at, known_at)
        )
        base = app.entity().base_currency
    if output == "json":
        show_json(found)
        return
    worth = (
        Column(f"in {base}", lambda row: Money(row[0].base_minor, base)),
        Column(f"balance in {base}", lambda row: Money(row[0].base_balance_minor, base)),
    )
    show([(line, chosen) for line in found], (*_REGISTER, *worth) if chosen != base else _REGISTER, output)
    if len(found) == limit:
        say(f"More with --after {found[-1].place}")


@click.group("ledger")
def ledger_group() -> None:
    """Look after the tables of the journal and what is derived from them."""


@ledger_group.command("rebuild")
def rebuild_command() -> None:
    """Forget all that balances are read from, and derive it from the journal again.

    Nothing is lost and nobody has to wait: until it is done, balances are read from what was there before.
    """
    with opened() as app:
        entries, _ = app.counts()
        with progress("Reading entries", entries) as told:
            lines = app.rebuild(lambda done, _all: told(done), actor=actor())
    say(f"Derived from {counted(lines, 'line')}.")


@ledger_group.command("cut")
def cut_command() -> None:
    """Give the lines to come a table of their own, for books of some hundred million lines.

    Posting goes on meanwhile; keys, balances and verification stay as they are. It takes as long as reading the newest
    table once. If it fails, everything is as before.
    """
    with opened() as app:
        _, lines = app.counts()
        app.cut_lines(actor=actor())
    say(f"{counted(lines, 'line')} stay where they are; those to come have a table of their own.")
