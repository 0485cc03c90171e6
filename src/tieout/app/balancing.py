"""Balances of any day, as known at any time, and the projections they are read from."""

from collections.abc import Callable

from tieout.app.opened import SYSTEM, Opened
from tieout.controls import store as controls
from tieout.ledger import projection
from tieout.masterdata import store as masterdata
from tieout.model.entity import Actor


class Balancing(Opened):
    """The part of the face that tells what stands on accounts, and keeps that fast."""

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
