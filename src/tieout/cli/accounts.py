"""The chart of accounts: list it, open and close accounts, guard those that must not be overdrawn."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from tieout.cli.group import Tree
from tieout.cli.opening import actor, opened
from tieout.cli.output import Column, format_option, say, show
from tieout.model.account import AccountType, Guard
from tieout.model.error import BadInput
from tieout.model.money import display, to_minor
from tieout.model.period import Area

if TYPE_CHECKING:
    from tieout.app.charting import AccountSheet

_DAY = click.DateTime(["%Y-%m-%d"])


def _guard(sheet: "AccountSheet") -> str | None:
    if sheet.account.guard is Guard.NONE:
        return None
    limits = (
        f"{f'{limit.party} ' if limit.party else ''}{display(limit.limit_minor, limit.currency)} {limit.currency}"
        for limit in sheet.limits
    )
    return f"{'each party ' if sheet.account.guard_per_party else ''}{', '.join(limits) or '0'}"


_ACCOUNTS = (
    Column("account", lambda s: s.account.code),
    Column("name", lambda s: s.account.name),
    Column("type", lambda s: s.account.type.value),
    Column("class", lambda s: " / ".join(s.path) or None, aside=True),
    Column("role", lambda s: s.account.role.value, aside=True),
    Column("area", lambda s: s.account.area.value),
    Column("closed from", lambda s: s.account.closed_on),
    Column("currencies", lambda s: " ".join(s.account.currencies) or None),
    Column("overdrawn by", _guard),
)


@click.group("account", cls=Tree)
def account_group() -> None:
    """Accounts: the chart, and what each account takes."""


@account_group.command("list")
@format_option
def account_list(output: str) -> None:
    """List the chart of accounts, with class, role and area, and by how much guarded ones may be overdrawn."""
    with opened() as app:
        show(app.chart(), _ACCOUNTS, output)


@account_group.command("add")
@click.argument("code")
@click.argument("name")
@click.option("--type", "kind", type=click.Choice([kind.value for kind in AccountType]), required=True,
              help="What it is.")  # fmt: skip
@click.option("--area", type=click.Choice([area.value for area in Area]), default="all", show_default=True,
              help="With which periods it closes, beside those of the whole books.")  # fmt: skip
@click.option("--currency", "currencies", multiple=True, help="A currency it takes; any if not given.")
@click.option("--needs", multiple=True, metavar="DIMENSION", help="A dimension each of its lines must have.")
@click.option("--takes", multiple=True, metavar="DIMENSION", help="A dimension its lines may have; any if not given.")
@click.option("--from", "opened_on", type=_DAY, help="The first day it takes entries of.")
def account_add(
    code: str,
    name: str,
    kind: str,
    area: str,
    currencies: tuple[str, ...],
    needs: tuple[str, ...],
    takes: tuple[str, ...],
    opened_on: datetime | None,
) -> None:
    """Open the account CODE called NAME. No rule books to it; people and programs can.

    It stands under the class with the longest code that its own begins with.
    """
    from tieout.app.charting import NewAccount

    new = NewAccount(
        code=code,
        name=name,
        type=AccountType(kind),
        area=Area(area),
        currencies=currencies,
        needs=needs,
        takes=tuple(dict.fromkeys((*needs, *takes))) if takes else None,
        opened_on=opened_on.date() if opened_on else None,
    )
    with opened() as app:
        app.open_account(new, actor=actor())
    say(f"{code} {name} is open.")


@account_group.command("close")
@click.argument("code")
@click.option("--from", "day", type=_DAY, required=True, help="The first day it takes no entries of.")
def account_close(code: str, day: datetime) -> None:
    """Close the account CODE: nothing may stand on it, and no item be open."""
    with opened() as app:
        app.close_account(code, day.date(), actor=actor())
    say(f"{code} is closed from {day.date()}.")


@account_group.command("reopen")
@click.argument("code")
def account_reopen(code: str) -> None:
    """Let the account CODE take entries again."""
    with opened() as app:
        app.reopen_account(code, actor=actor())
    say(f"{code} is open.")


@account_group.command("guard")
@click.argument("code")
@click.option("--limit", "limits", nargs=2, multiple=True, metavar="AMOUNT CURRENCY",
              help="By how much it may be overdrawn; give it for each currency. By nothing if not given.")  # fmt: skip
@click.option("--per-party", is_flag=True, help="Each party on it, such as a seller, stands for itself.")
@click.option("--party", "parties", nargs=3, multiple=True, metavar="NAME AMOUNT CURRENCY",
              help="A limit of one party's own, with --per-party.")  # fmt: skip
@click.option("--off", is_flag=True, help="Guard it no longer.")
def account_guard(
    code: str,
    limits: tuple[tuple[str, str], ...],
    per_party: bool,
    parties: tuple[tuple[str, str, str], ...],
    off: bool,
) -> None:
    """Refuse entries that would overdraw the account CODE, as gift cards or what sellers are owed.

    A liability is overdrawn by a debit balance, an asset by a credit balance. The limits replace those it had.
    """
    from tieout.app.charting import Limit

    if off and (limits or parties or per_party):
        raise BadInput("--off goes with no limit", where="--off", remedy="Leave the limits out.")
    given = [("", amount, currency) for amount, currency in limits] + list(parties)
    wanted = [Limit(currency, to_minor(amount, currency), party) for party, amount, currency in given]
    with opened() as app:
        over = app.guard_account(code, wanted, per_party=per_party, off=off, actor=actor())
    say(f"{code} is {'not guarded any more' if off else 'guarded'}.")
    for one in over:
        who = f"{one.party} stands" if one.party else "It stands"
        balance = f"{display(one.balance_minor, one.currency)} {one.currency}"
        say(f"{who} at {balance} already: it may come back, not go further.")
