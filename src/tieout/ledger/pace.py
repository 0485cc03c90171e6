"""Work that can wait gives way: after each stretch it rests, the longer the more was posted meanwhile.

On a machine whose cores are all busy, a poster and whoever verifies would otherwise get as much each. How much is
posted shows in the numbers entries are given: the database keeps the last one, and to look at it waits for nobody.
"""

import time
from collections.abc import Callable

from tieout.db.pool import Connection
from tieout.db.queries import Queries

_SQL = Queries("tieout.ledger", "pace.sql")
#: So many entries a second and more count as posting at full speed.
FULL_PER_SECOND = 5_000
#: At full speed, rest so many times as long as was worked: about a twentieth of a core is left to work with.
RESTS = 20
#: A rest is no longer than this, whatever was worked before it.
REST_SECONDS_MAX = 10


class Pace:
    """The pace of one worker on its connection: `begin` a stretch, `rest` after it."""

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._sleep = sleep
        self._began = self._looked = clock()
        self._last = self._number()

    def begin(self) -> None:
        """Says that a stretch begins, if the last one did not end just now."""
        self._began = self._clock()

    def rest(self) -> float:
        """Rests as long as what was posted since the last rest asks for; returns how many seconds that was."""
        last, now = self._number(), self._clock()
        seconds = rest_seconds(now - self._began, now - self._looked, last - self._last)
        self._last, self._looked = last, now
        if seconds:
            self._sleep(seconds)
        self.begin()
        return seconds

    def _number(self) -> int:
        ((last,),) = self._connection.execute(_SQL.last_number).fetchall()
        return int(last)


def rest_seconds(worked: float, since: float, posted: int) -> float:
    """How long to rest after `worked` seconds, if so many entries were posted in the last `since` seconds."""
    if since <= 0:
        return 0
    share = min(1, posted / since / FULL_PER_SECOND)
    return min(worked * RESTS * share, REST_SECONDS_MAX)
