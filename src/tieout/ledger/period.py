"""Periods of the books: which days take entries on which accounts, and who may post although a day is closed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import psycopg

from tieout.db.pool import Connection
from tieout.db.queries import Queries
from tieout.model.account import Account
from tieout.model.error import BadInput, PeriodClosed, PostingRefused
from tieout.model.period import Allowance, Area, Period, PeriodState

_SQL = Queries("tieout.ledger", "period.sql")
#: The database's numbers of the areas.
_AREAS = tuple(Area)


class OpenDays:
    """Which days take entries, as of the start of a unit of work."""

    def __init__(self, periods: Sequence[Period], accounts: Mapping[str, Account] | None = None) -> None:
        self._closed = [period for period in periods if period.state is not PeriodState.OPEN]
        self._accounts = accounts or {}

    def __call__(self, day: date, accounts: Iterable[str] | None = None) -> date:
        """The day itself, or the first one after it that is open in every area these accounts are in.

        Without accounts, the first day that is open in all areas, which any entry may have. What is allowed to a
        person is not looked at: whoever was allowed to says the day.
        """
        if not self._closed:
            return day
        areas = self._areas_of(accounts)
        closed = [period for period in self._closed if period.area in areas and period.last_day >= day]
        while (period := next((p for p in closed if p.first_day <= day <= p.last_day), None)) is not None:
            day = period.last_day + timedelta(days=1)
        return day

    def closing(self, day: date, accounts: Iterable[str] | None = None) -> list[Period]:
        """The periods that close this day to entries on these accounts; none if it is open."""
        areas = self._areas_of(accounts)
        return [p for p in self._closed if p.area in areas and p.first_day <= day <= p.last_day]

    def _areas_of(self, accounts: Iterable[str] | None) -> set[Area]:
        return set(Area) if accounts is None else {Area.ALL, *(self._area_of(code) for code in accounts)}

    def _area_of(self, code: str) -> Area:
        account = self._accounts.get(code)
        return Area.ALL if account is None else account.area


def periods(connection: Connection, ledger_id: int) -> list[Period]:
    """All declared periods; days outside them are open."""
    rows = connection.execute(_SQL.periods, {"ledger": ledger_id})
    return [Period(number, first, last, _AREAS[area], PeriodState(state)) for number, first, last, area, state in rows]


def hold_periods(connection: Connection, ledger_id: int) -> list[Period]:
    """All declared periods, none of which moves before this unit of work ends.

    For whoever dates entries by them: a period closed between the dating and the posting would refuse the entry.
    """
    connection.execute(_SQL.share_books, {"ledger": ledger_id})
    return periods(connection, ledger_id)


def take_books(connection: Connection, ledger_id: int) -> None:
    """Waits for posters under way and keeps new ones out until this unit of work ends."""
    connection.execute(_SQL.take_books, {"ledger": ledger_id})


def set_period(
    connection: Connection,
    ledger_id: int,
    first: date,
    last: date,
    state: PeriodState,
    actor: str,
    area: Area = Area.ALL,
) -> int:
    """Opens or closes a period of an area; returns its number. Waits for posters under way; a hard close is for ever.

    Raises PostingRefused if the period is hard closed or overlaps another of the same area.
    """
    take_books(connection, ledger_id)
    columns = {
        "ledger": ledger_id,
        "first": first,
        "last": last,
        "area": _AREAS.index(area),
        "state": state.value,
        "actor": actor,
    }
    try:
        row = connection.execute(_SQL.move_period, columns).fetchone()
        row = row or connection.execute(_SQL.put_period, columns).fetchone()
    except (
        psycopg.errors.RestrictViolation,
        psycopg.errors.ExclusionViolation,
        psycopg.errors.CheckViolation,
        psycopg.errors.DataError,  # a range from the last day to the first
    ) as error:
        raise PostingRefused(
            error.diag.message_primary or str(error),
            where=f"{first} to {last}",
            remedy="A hard-closed period stays closed; periods of one area must not overlap.",
        ) from error
    assert row is not None
    return int(row[0])


def allow(
    connection: Connection, ledger_id: int, period: Period, person: str, reason: str, actor: str, expires_at: datetime
) -> Allowance:  # fmt: skip
    """Lets a person post into a soft-closed period until then.

    Raises PeriodClosed if it is open or closed for good, and BadInput for an allowance of nobody, without a reason, or
    in the past.
    """
    if not person.strip() or not reason.strip():
        raise BadInput("An allowance has a person and a reason", where="reason", remedy="Say who, and why.")
    connection.execute(_SQL.share_books, {"ledger": ledger_id})
    columns = {
        "ledger": ledger_id,
        "period": period.id,
        "person": person,
        "reason": reason,
        "actor": actor,
        "expires": expires_at,
    }
    try:
        row = connection.execute(_SQL.allow, columns).fetchone()
    except psycopg.errors.CheckViolation as error:
        raise BadInput("It would have expired already", where="until", remedy="Name a later day.") from error
    if row is None:
        what = "open" if period.state is PeriodState.OPEN else "closed for good"
        raise PeriodClosed(
            f"{period.first_day} to {period.last_day} is {what}: there is nothing to allow",
            where=f"{period.first_day} to {period.last_day}",
            remedy="Only a soft-closed period makes exceptions.",
        )
    return Allowance(*row)


def allowances(connection: Connection, ledger_id: int) -> list[Allowance]:
    """The allowances in force."""
    return [Allowance(*row) for row in connection.execute(_SQL.allowances, {"ledger": ledger_id})]
