"""Balances of any day, as known at any time, and the projections they are read from."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime

from tieout.app.context import LedgerContext
from tieout.app.opened import SYSTEM, Opened
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.ledger import balance, projection
from tieout.ledger.balance import Facet, Place, Span, Sums
from tieout.masterdata import store as masterdata
from tieout.model.balance import Balance, RegisterLine, TrialBalance, TrialLine
from tieout.model.entity import Actor
from tieout.model.error import BadInput, NotFound
from tieout.model.ids import IdKind, public_id

#: No page of a register is longer.
PAGE_MAX = 500
_PLACE = re.compile(r"(\d{4}-\d{2}-\d{2})\.(\d{1,18})\.(\d{1,5})")


class Balancing(Opened):
    """The part of the face that tells what stands on accounts.

    Everywhere `at` is the last day that counts, in the books, and `known_at` the moment whose knowledge counts: what
    was recorded later is left out, even if it belongs to an earlier day. Left open, both mean now. Debit is positive.
    """

    def balances(
        self, at: date | None = None, accounts: Sequence[str] | None = None, *, known_at: datetime | None = None
    ) -> list[Balance]:
        """What stands on these accounts, or on all on which anything ever stood, per currency."""
        with self._books() as (connection, context):
            found = balance.sums(connection, context.id, at=at, known_at=_moment(known_at), accounts=accounts)
            return _balances(found, at)

    def balance(
        self, account: str, *, currency: str | None = None, at: date | None = None, known_at: datetime | None = None
    ) -> list[Balance]:
        """What stands on an account, per currency. Raises NotFound for an account that is not in the chart."""
        with self._books() as (connection, context):
            found = balance.sums(connection, context.id, at=at, known_at=_moment(known_at), accounts=[account])
            if not found:
                _check_account(connection, context, account)
            return [b for b in _balances(found, at) if currency in (None, b.currency)]

    def subtree(self, account: str, *, at: date | None = None, known_at: datetime | None = None) -> list[Balance]:
        """What stands on an account or class and on everything below it, together, per currency. Raises NotFound."""
        with self._books() as (connection, context):
            codes = balance.codes_below(connection, context.id, account)
            if not codes:
                raise _no_account(account)
            found = balance.sums(connection, context.id, at=at, known_at=_moment(known_at), accounts=codes)
            nets: dict[str, tuple[int, int]] = {}
            for s in found:
                before = nets.get(s.currency, (0, 0))
                nets[s.currency] = (before[0] + s.balance_minor, before[1] + s.base_minor)
            return [Balance(account, currency, *net, at) for currency, net in sorted(nets.items())]

    def party(
        self, party: str, *, accounts: Sequence[str] | None = None, at: date | None = None,
        known_at: datetime | None = None,
    ) -> list[Balance]:  # fmt: skip
        """What stands with a party, such as a seller, per account and currency; on these accounts only, if given."""
        return self._of_facet(Facet(party, party=True), accounts, at, known_at)

    def dimension(
        self, name: str, value: str, *, accounts: Sequence[str] | None = None, at: date | None = None,
        known_at: datetime | None = None,
    ) -> list[Balance]:  # fmt: skip
        """What the lines with this value of a dimension come to, per account and currency."""
        return self._of_facet(Facet(value, dimension=name), accounts, at, known_at)

    def _of_facet(
        self, facet: Facet, accounts: Sequence[str] | None, at: date | None, known_at: datetime | None
    ) -> list[Balance]:
        with self._books() as (connection, context):
            for account in accounts or ():
                _check_account(connection, context, account)
            moment = _moment(known_at)
            found = balance.sums(connection, context.id, at=at, known_at=moment, accounts=accounts, facet=facet)
            return _balances(found, at)

    def trial_balance(self, *, at: date | None = None, known_at: datetime | None = None) -> TrialBalance:
        """Every account on which anything ever stood, per currency, in order of code."""
        with self._books() as (connection, context):
            found = balance.sums(connection, context.id, at=at, known_at=_moment(known_at))
            return TrialBalance(at, known_at, tuple(_trial_line(s) for s in found))

    def register(
        self, account: str, currency: str | None = None, *, since: date | None = None, at: date | None = None,
        known_at: datetime | None = None, after: str | None = None, limit: int = 100,
    ) -> list[RegisterLine]:  # fmt: skip
        """An account's lines in the order of the books, each with the balance after it, a page at a time.

        `after` is the `place` of the last line of the page before. Raises NotFound, or BadInput if the account has
        several currencies and none is named.
        """
        with self.database.unit() as connection:
            balance.hold_still(connection)
            context = LedgerContext(connection, self.settings)
            _check_account(connection, context, account)
            chosen = currency or _only_currency(connection, context, account)
            rows = balance.register(
                connection, context.id, account, chosen, span=Span(since, at, _moment(known_at)),
                after=_place_of(after), limit=max(1, min(limit, PAGE_MAX)),
            )  # fmt: skip
            return [
                RegisterLine(
                    public_id(IdKind.ENTRY, row.place.entry_id), row.place.day, row.recorded_at, row.memo, row.party,
                    row.item, row.amount_minor, row.base_minor, row.balance_minor, row.base_balance_minor,
                    f"{row.place.day}.{row.place.entry_id}.{row.place.line_no}",
                )
                for row in rows
            ]  # fmt: skip

    def currency_of(self, account: str) -> str:
        """The one currency of an account, base if it has no lines. Raises NotFound, or BadInput if it has several."""
        with self._books() as (connection, context):
            _check_account(connection, context, account)
            return _only_currency(connection, context, account)

    def roll_up(self) -> int:
        """Feeds what was posted since the last time to the projections; returns how many entries.

        Any number of workers may call it at once: one does it, the others do nothing. Balances are right without it.
        """
        with self.database.unit() as connection:
            ledgers = [row.entity.id for row in masterdata.ledgers(connection)]
        fed = 0
        for ledger_id in ledgers:
            done = False
            while not done:
                with self.database.unit() as connection:
                    step = projection.roll_up(connection, ledger_id)
                fed, done = fed + step.entries, step.done
        return fed

    def rebuild(self, told: Callable[[int, int], None] = lambda _done, _all: None, *, actor: Actor = SYSTEM) -> int:
        """Forgets the projections and derives them from the journal; returns how many lines were read.

        Readers and posters go on meanwhile. `told` hears how many entries of how many have been read.
        """
        with self._books() as (connection, context):
            lines = projection.rebuild(connection, context.id, told)
            controls.log(connection, context.id, actor.name, "ledger.rebuilt", context.entity.code, f"{lines:,} lines")
            return lines


def _balances(found: Iterable[Sums], at: date | None) -> list[Balance]:
    return [Balance(s.account, s.currency, s.balance_minor, s.base_minor, at) for s in found]


def _trial_line(s: Sums) -> TrialLine:
    return TrialLine(
        s.account, s.name, s.type, s.currency, s.debit_minor, s.credit_minor, s.balance_minor, s.base_minor
    )


def _check_account(connection: Connection, context: LedgerContext, account: str) -> None:
    if not balance.is_account(connection, context.id, account):
        raise _no_account(account)


def _no_account(account: str) -> NotFound:
    return NotFound(
        f"There is no account “{account}”", where="account", remedy="List them with `tieout balances --all`."
    )


def _moment(known_at: datetime | None) -> datetime | None:
    if known_at is not None and known_at.tzinfo is None:
        raise BadInput(
            f"The time {known_at} has no zone", where="known_at", remedy="Write it as 2026-01-31T18:00:00+01:00."
        )
    return known_at


def _only_currency(connection: Connection, context: LedgerContext, account: str) -> str:
    found = [s.currency for s in balance.sums(connection, context.id, accounts=[account])]
    if len(found) > 1:
        raise BadInput(
            f"Account {account} has lines in {', '.join(found)}", where="currency", remedy="Name one of them."
        )
    return found[0] if found else context.entity.base_currency


def _place_of(after: str | None) -> Place | None:
    if after is None:
        return None
    found = _PLACE.fullmatch(after)
    if found is None:
        raise BadInput(f"“{after}” is no place in a register", where="after", remedy="Take it from the page before.")
    return Place(date.fromisoformat(found[1]), int(found[2]), int(found[3]))
