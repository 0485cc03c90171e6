"""Periods: which days take entries."""

from datetime import date

from tieout.app.opened import Opened
from tieout.controls import store as controls
from tieout.ledger import period
from tieout.model.entity import Actor
from tieout.model.period import PeriodState


class Closing(Opened):
    """The part of the face that opens and closes periods."""

    def set_period(self, first: date, last: date, state: PeriodState, *, actor: Actor) -> None:
        """Opens or closes a period. A hard close is for ever; what happens late is booked on the first open day."""
        with self._books() as (connection, context):
            period.set_period(connection, context.id, first, last, state, actor.name)
            controls.log(connection, context.id, actor.name, f"period.{state}", f"{first} to {last}")
