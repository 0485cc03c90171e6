"""Charts of accounts as data, and which account plays which role for whom."""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from importlib.resources import files

import msgspec
from msgspec import Struct

from tieout.model.account import Account, AccountType, Role
from tieout.model.error import ConfigError
from tieout.model.period import Area


class ChartAccount(Struct, frozen=True, forbid_unknown_fields=True):
    """One account of a chart; with `per`, one for each source or connector, {scope} standing for its name.

    `revalue`: it is money to be received or paid, so what is in foreign currency is re-measured at the closing rate.
    """

    code: str
    name: str
    type: AccountType
    role: Role
    per: str | None = None
    clearing: bool = False
    currencies: tuple[str, ...] = ()
    parent: str | None = None
    area: Area | None = None
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] | None = None
    opened_on: date | None = None
    revalue: bool = False


class AccountClass(Struct, frozen=True, forbid_unknown_fields=True):
    """A heading over accounts, and over other classes; nothing is posted to it."""

    code: str
    name: str
    type: AccountType
    parent: str | None = None


class Chart(Struct, frozen=True, forbid_unknown_fields=True, rename={"classes": "class"}):
    """A chart: its classes and accounts, and whether other sellers' goods are owed to them or are own revenue.

    One that `extends` another has its classes and accounts too, but for the roles it gives to its own.
    """

    version: int
    title: str
    sellers: str
    classes: list[AccountClass] = []
    account: list[ChartAccount] = []
    extends: str | None = None


def standard_charts() -> tuple[str, ...]:
    """Names of the charts that come with the product."""
    return tuple(sorted(f.name.removesuffix(".toml") for f in files("tieout.rules").joinpath("charts").iterdir()))


@cache
def read_chart(name: str) -> Chart:
    """A chart that comes with the product. Raises ConfigError for a name that does not exist."""
    if name not in standard_charts():
        known = ", ".join(standard_charts())
        raise ConfigError(f"There is no chart “{name}”", where="chart", remedy=f"Choose one of: {known}.")
    text = files("tieout.rules").joinpath(f"charts/{name}.toml").read_text(encoding="utf-8")
    chart = msgspec.convert(tomllib.loads(text), Chart)
    base = read_chart(chart.extends) if chart.extends else None
    classes, inherited = [*chart.classes], []
    if base is not None:
        named, played = {found.code for found in chart.classes}, {account.role for account in chart.account}
        classes += [found for found in base.classes if found.code not in named]
        inherited = [msgspec.structs.replace(a, parent=None) for a in base.account if a.role not in played]
    accounts = [
        msgspec.structs.replace(account, parent=account.parent or class_of(account.code, classes))
        for account in [*chart.account, *inherited]
    ]
    return msgspec.structs.replace(
        chart, classes=sorted(classes, key=lambda c: c.code), account=sorted(accounts, key=lambda a: a.code)
    )


def class_of(code: str, classes: Iterable[AccountClass]) -> str | None:
    """The class an account stands under: the one with the longest code that the account's own begins with."""
    fitting = [found.code for found in classes if code.startswith(found.code) and code != found.code]
    return max(fitting, key=len, default=None)


def common_accounts(chart: Chart) -> list[ChartAccount]:
    """The accounts every ledger has from the start."""
    return [account for account in chart.account if account.per is None]


def accounts_of_source(chart: Chart, roles: Iterable[str], source: str, connector: str) -> list[ChartAccount]:
    """The accounts a new source brings: those of the chart whose role its connector asks for."""
    wanted = set(roles)
    scopes = {"source": source, "connector": connector}
    return [
        msgspec.structs.replace(
            account,
            code=account.code.format(scope=scopes[account.per]),
            name=account.name.format(scope=scopes[account.per]),
        )
        for account in chart.account
        if account.per is not None and account.role.value in wanted
    ]


class Roles:
    """Which account plays a role for a scope: the scope's own account if there is one, else the common one."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._by_role: dict[tuple[Role, str], str] = {
            (a.role, a.source or ""): a.code for a in accounts.values() if a.role is not Role.OTHER
        }

    def account_for(self, role: Role, scope: str) -> str | None:
        """The account's code, or None if nothing plays the role."""
        return self._by_role.get((role, scope)) or self._by_role.get((role, ""))
