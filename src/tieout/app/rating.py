"""Exchange rates, and what waits for them."""

from tieout.app import setup, understanding
from tieout.app.opened import SYSTEM, Opened
from tieout.controls import store as controls
from tieout.events import store as events
from tieout.model.entity import Actor


class Rating(Opened):
    """The part of the face that takes exchange rates."""

    def import_rates(self, body: bytes, *, actor: Actor = SYSTEM) -> int:
        """Imports an ECB rates file (XML or CSV) and books what waited for rates. Returns how many rates were new."""
        with self._books() as (connection, context):
            new = setup.import_rates(connection, body)
            waiting = events.parked_for_rates(connection, context.id)
            understanding.advance(connection, context, self.settings, waiting)
            controls.log(connection, context.id, actor.name, "rates.imported", "ecb", f"{new} new")
            return new
