"""The chart of accounts: which accounts there are, what each takes, from when until when, and which are guarded."""

import re
from collections.abc import Sequence
from datetime import date

import msgspec
from msgspec import Struct

from tieout.app.context import LedgerContext
from tieout.app.opened import Opened
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.ledger import guard, period
from tieout.ledger import store as ledger
from tieout.ledger.guard import Limit, Over
from tieout.masterdata import store as masterdata
from tieout.masterdata.chart import ChartAccount, class_of
from tieout.model.account import Account, AccountType, Guard, Role
from tieout.model.entity import Actor
from tieout.model.error import AccountUnfit, BadInput, ConfigError, NotFound
from tieout.model.money import display, exponent_of
from tieout.model.period import Area
from tieout.reconciliation import store as reconciliation

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.:_-]{0,39}")


__all__ = ["AccountSheet", "Charting", "Limit", "NewAccount", "Over"]


class NewAccount(Struct, frozen=True, forbid_unknown_fields=True):
    """An account to open. Without a parent it stands under the class whose code its own begins with.

    `needs` are the dimensions each line must have, `takes` those it may have (None: any). A role that no account plays
    yet makes the rules book to it.
    """

    code: str
    name: str
    type: AccountType
    role: Role = Role.OTHER
    parent: str | None = None
    area: Area | None = None
    currencies: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] | None = None
    opened_on: date | None = None


class AccountSheet(Struct, frozen=True):
    """An account with everything that decides what it takes; `path` are the names of the classes above it."""

    account: Account
    path: tuple[str, ...]
    limits: tuple[Limit, ...] = ()


class Charting(Opened):
    """The part of the face that keeps the chart of accounts."""

    def chart(self) -> list[AccountSheet]:
        """Every account by code, closed ones too."""
        with self._books() as (connection, context):
            classes = {found.code: found for found in masterdata.classes(connection, context.id)}
            limits = guard.limits(connection, context.id)
            sheets = []
            for account in context.accounts.values():
                path: list[str] = []
                above = account.parent
                while above is not None and (found := classes.get(above)) is not None:
                    path.insert(0, found.name)
                    above = found.parent
                sheets.append(AccountSheet(account, tuple(path), tuple(limits.get(account.code, ()))))
            return sheets

    def open_account(self, new: NewAccount, *, actor: Actor) -> Account:
        """Opens an account. Raises ConfigError for a code that is taken, or anything about it that makes no sense."""
        with self._books() as (connection, context):
            classes = masterdata.classes(connection, context.id)
            parent = new.parent or class_of(new.code, classes)
            above = {found.code: found.type for found in classes}
            above |= {found.code: found.type for found in context.accounts.values()}
            _check_new(new, parent, above, context)
            fields = msgspec.structs.asdict(new) | {"parent": parent}
            masterdata.add_accounts(connection, context.id, [ChartAccount(**fields)], {})
            controls.log(connection, context.id, actor.name, "account.opened", new.code, new.name)
            return masterdata.accounts(connection, context.id)[new.code]

    def close_account(self, code: str, day: date, *, actor: Actor) -> None:
        """Lets an account take nothing from that day on.

        Raises AccountUnfit if something stands on it, if items on it are open, or if lines are dated later.
        """
        with self._books() as (connection, context):
            account = _account(context, code)
            period.take_books(connection, context.id)
            reconciliation.project(connection, context.id)
            _check_empty(connection, context, account, day)
            masterdata.close_account(connection, context.id, account, day)
            controls.log(connection, context.id, actor.name, "account.closed", code, f"from {day}")

    def reopen_account(self, code: str, *, actor: Actor) -> None:
        """Lets a closed account take entries again, of any day."""
        with self._books() as (connection, context):
            masterdata.close_account(connection, context.id, _account(context, code), None)
            controls.log(connection, context.id, actor.name, "account.reopened", code)

    def guard_account(
        self, code: str, limits: Sequence[Limit] = (), *, per_party: bool = False, off: bool = False, actor: Actor
    ) -> list[Over]:
        """Lets an account be overdrawn by no more than its limits, which replace those it had; or guards it no more.

        Without a limit for a currency, by nothing. With `per_party` each party on it stands for itself. Returns what is
        beyond its limit already: it may come back, but not go further.
        """
        with self._books() as (connection, context):
            account = _account(context, code)
            _check_limits(limits, per_party=per_party)
            kind = Guard.NONE if off else guard.guard_of(account.type)
            over = guard.set_guard(connection, context.id, account, kind, limits, per_party=per_party)
            said = ", ".join(map(_limit_text, limits)) or "nothing"
            detail = "" if off else f"{'each party ' if per_party else ''}at most {said}"
            action = "account.unguarded" if off else "account.guarded"
            controls.log(connection, context.id, actor.name, action, code, detail)
            return over


def _limit_text(limit: Limit) -> str:
    return f"{limit.party + ' ' if limit.party else ''}{display(limit.limit_minor, limit.currency)} {limit.currency}"


def _account(context: LedgerContext, code: str) -> Account:
    try:
        return context.accounts[code]
    except KeyError:
        raise NotFound(
            f"There is no account “{code}”", where="account", remedy="List them with `tieout account list`."
        ) from None


def _check_new(new: NewAccount, parent: str | None, above: dict[str, AccountType], context: LedgerContext) -> None:
    if not _CODE.fullmatch(new.code) or not new.name.strip():
        raise ConfigError(
            f"“{new.code}” with the name “{new.name}” is no account", where="code",
            remedy="A code has up to 40 letters, digits and . : _ -, and a name is not empty.",
        )  # fmt: skip
    if new.code in above:
        raise ConfigError(f"{new.code} is there already", where="code", remedy="Choose another code.")
    if new.parent is not None and new.parent not in above:
        raise ConfigError(
            f"There is no class or account “{new.parent}”", where="parent", remedy="See `tieout account list`."
        )
    if parent is not None and above[parent] is not new.type:
        raise ConfigError(
            f"{new.code} is {new.type} and would stand under {parent}, which is {above[parent]}", where="parent",
            remedy="Choose another code, parent or type.",
        )  # fmt: skip
    playing = next((a.code for a in context.accounts.values() if a.role is new.role), None)
    if new.role is not Role.OTHER and playing is not None:
        raise ConfigError(
            f"{playing} plays the role “{new.role}”",
            where="role",
            remedy="Leave the role out.",
        )
    for currency in new.currencies:
        exponent_of(currency)
    names = [*new.needs, *(new.takes or ())]
    if any(not name.strip() for name in names) or (new.takes is not None and set(new.needs) - set(new.takes)):
        raise ConfigError(
            "The dimensions it needs are not among those it takes", where="needs", remedy="Name them in both."
        )


def _check_empty(connection: Connection, context: LedgerContext, account: Account, day: date) -> None:
    standing = [
        f"{display(b.balance_minor, b.currency)} {b.currency}"
        for b in ledger.balances(connection, context.id, accounts=[account.code])
        if b.balance_minor or b.base_minor
    ]
    if standing:
        raise AccountUnfit(
            f"{account.code} has a balance of {', '.join(standing)}", where=account.code,
            remedy="Book it to another account first.",
        )  # fmt: skip
    if items := reconciliation.open_items(connection, context.id, account=account.code):
        raise AccountUnfit(
            f"{len(items)} items on {account.code} are open", where=account.code, remedy="Match them first."
        )
    later = ledger.page(connection, context.id, {"account": account.code, "since": day}, 1)
    if later:
        raise AccountUnfit(
            f"{account.code} has lines of {later[0].draft.effective_date}", where=account.code,
            remedy="Close it from a later day.",
        )  # fmt: skip
    if day <= account.opened_on:
        raise BadInput(f"{account.code} opens on {account.opened_on}", where="day", remedy="Close it after that.")


def _check_limits(limits: Sequence[Limit], *, per_party: bool) -> None:
    seen = set()
    for limit in limits:
        exponent_of(limit.currency)
        if limit.limit_minor < 0 or (limit.party and not per_party) or (limit.currency, limit.party) in seen:
            raise BadInput(
                "A limit is not below zero, given once for a currency, and of a party only if each stands for itself",
                where="limit", remedy="Give one limit for a currency, or for a party and currency.",
            )  # fmt: skip
        seen.add((limit.currency, limit.party))
