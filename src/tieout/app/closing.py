"""Periods: which days of which area take entries, from whom, and what stands in the way of closing one for good."""

from datetime import date, datetime, timedelta

from msgspec import Struct

from tieout.app import revaluing
from tieout.app.context import LedgerContext
from tieout.app.opened import Opened
from tieout.cases import store as cases
from tieout.controls import store as controls
from tieout.db.pool import Connection
from tieout.intake import store as intake
from tieout.ledger import period
from tieout.ledger.certificate import certify
from tieout.model.entity import Actor
from tieout.model.error import BadInput, NotFound, PeriodClosed, PeriodNotReady
from tieout.model.ids import IdKind, public_id
from tieout.model.period import Allowance, Area, Period, PeriodState
from tieout.reconciliation import store as reconciliation

#: More exceptions than this are counted, not named.
_NAMED_MAX = 5


class PeriodView(Struct, frozen=True):
    """A period with who may still post into it."""

    first_day: date
    last_day: date
    area: Area
    state: PeriodState
    allowances: tuple[Allowance, ...] = ()


class Closing(Opened):
    """The part of the face that opens and closes periods."""

    def set_period(
        self,
        first: date,
        last: date,
        state: PeriodState,
        *,
        actor: Actor,
        area: Area = Area.ALL,
        despite: str | None = None,
    ) -> tuple[str, ...]:
        """Opens or closes a period. A hard close is for ever; what happens late is booked on the first open day.

        Closing a month revalues it first (see `revaluing`): what is in foreign currency stands at the rate of its last
        day, and that is taken back on the next. Raises PeriodNotReady if a rate for that is missing, and for a hard
        close while something of the period is open, naming it. With a reason to close `despite` that it is closed, the
        reason is kept in the audit log, and what was open is returned. What a period that is closed for ever consists
        of is written down, so that it can be shown later that it never changed.
        """
        with self._books() as (connection, context):
            period.take_books(connection, context.id)
            standing: tuple[str, ...] = ()
            if state is PeriodState.HARD:
                standing = _standing(connection, context, first, last, area)
            if state is not PeriodState.OPEN:
                standing += _revalued(connection, context, last, area, actor)
                _check_ready(standing, first, last, state, despite)
            number = period.set_period(connection, context.id, first, last, state, actor.name, area)
            if state is PeriodState.HARD:
                certify(connection, context.id, Period(number, first, last, area, state))
            said = f"despite {'; '.join(standing)}: {despite}" if standing else ""
            subject = f"{first} to {last}{f' {area}' if area is not Area.ALL else ''}"
            controls.log(connection, context.id, actor.name, f"period.{state}", subject, said)
            return standing

    def before_close(self, first: date, last: date, area: Area = Area.ALL) -> tuple[str, ...]:
        """What stands in the way of closing a period for good, a sentence each; nothing if it can be closed."""
        with self._books() as (connection, context):
            unrated = _revalued(connection, context, last, area, None)
            return _standing(connection, context, first, last, area) + unrated

    def allow_posting(
        self, first: date, last: date, *, person: str, reason: str, until: datetime, actor: Actor, area: Area = Area.ALL
    ) -> Allowance:  # fmt: skip
        """Lets a person post into a soft-closed period until then.

        Raises NotFound for a period nobody declared, PeriodClosed if it is not soft closed, and BadInput for an
        allowance of nobody, without a reason, or in the past.
        """
        with self._books() as (connection, context):
            found = _period(period.periods(connection, context.id), first, last, area)
            made = period.allow(connection, context.id, found, person, reason, actor.name, until)
            said = f"{person} until {until:%Y-%m-%d %H:%M}: {reason}"
            controls.log(connection, context.id, actor.name, "period.allowed", f"{first} to {last} {area}", said)
            return made

    def period_list(self) -> list[PeriodView]:
        """The declared periods by day and area, with the allowances in force; all other days are open."""
        with self._books() as (connection, context):
            allowed = period.allowances(connection, context.id)
            return [
                PeriodView(p.first_day, p.last_day, p.area, p.state, tuple(a for a in allowed if a.period_id == p.id))
                for p in period.periods(connection, context.id)
            ]


def _period(known: list[Period], first: date, last: date, area: Area) -> Period:
    found = next((p for p in known if (p.first_day, p.last_day, p.area) == (first, last, area)), None)
    if found is None:
        raise NotFound(
            f"No period of {area} goes from {first} to {last}", where="period", remedy="See `tieout period list`."
        )
    return found


def _check_ready(
    standing: tuple[str, ...], first: date, last: date, state: PeriodState, despite: str | None
) -> None:  # fmt: skip
    if despite is not None and not despite.strip():
        raise BadInput("A reason is required", where="despite", remedy="Say why, in a sentence.")
    if standing and despite is None:
        how = " for good" if state is PeriodState.HARD else ""
        raise PeriodNotReady(
            f"{first} to {last} cannot be closed{how}: {'; '.join(standing)}",
            where=f"{first} to {last}",
            remedy="See to these first, or say with `--despite` why it is closed all the same.",
        )


def _standing(
    connection: Connection, context: LedgerContext, first: date, last: date, area: Area
) -> tuple[str, ...]:  # fmt: skip
    """What of the period is not settled: exceptions, items without a name, events and deliveries that wait."""
    reconciliation.project(connection, context.id)
    open_ = cases.standing(connection, context.id, first, last, area, context.entity.timezone)
    said = []
    if open_.cases:
        named = ", ".join(public_id(IdKind.CASE, number) for number in open_.cases[:_NAMED_MAX])
        more = f" and {len(open_.cases) - _NAMED_MAX} more" if len(open_.cases) > _NAMED_MAX else ""
        said.append(f"{_counted(len(open_.cases), 'exception')} open ({named}{more})")
    if open_.items:
        said.append(f"{_counted(open_.items, 'item')} not reconciled")
    if open_.parked:
        said.append(f"{_counted(open_.parked, 'event')} waiting")
    if waiting := intake.count_waiting(connection, context.id):
        said.append(f"{'1 delivery' if waiting == 1 else f'{waiting:,} deliveries'} not worked on")
    return tuple(said)


def _revalued(
    connection: Connection, context: LedgerContext, last: date, area: Area, actor: Actor | None
) -> tuple[str, ...]:  # fmt: skip
    """Revalues a month that is about to be closed as a whole, for `actor`; why it cannot be, if it cannot be."""
    if area is not Area.ALL or (last + timedelta(days=1)).day != 1:
        return ()
    try:
        with connection.transaction():
            found = revaluing.revalue(connection, context, last, preview=actor is None)
    except NotFound as missing:
        return (f"foreign currency not revalued ({missing.what[:1].lower()}{missing.what[1:]})",)
    except PeriodClosed as closed:
        return (f"foreign currency not revalued ({closed.what})",)
    if actor is not None and found.entries:
        said = f"{_counted(len(found.balances), 'balance')}, as the month was closed"
        controls.log(connection, context.id, actor.name, "books.revalued", last.isoformat(), said)
    return ()


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
