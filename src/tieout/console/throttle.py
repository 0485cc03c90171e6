"""Slows down guessing of passwords: after a few failures every further one doubles the wait. In memory, bounded."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

#: Failures without a wait; the next waits a second, then two, four … up to the longest wait.
FREE_FAILURES = 5
#: From one address, over all names.
FREE_FAILURES_OF_ADDRESS = 25
WAIT_SECONDS_MAX = 300
_KEYS_MAX = 10_000


class Throttle:
    """Counts failed logins per name and address, and per address. Attempts count as failed until they succeed."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._failures: OrderedDict[tuple[str, str], tuple[int, float]] = OrderedDict()

    def attempt(self, name: str, address: str) -> int:
        """Seconds to wait before trying; 0 means go ahead, and the attempt is counted as failed until `passed`."""
        keys = {(name, address): FREE_FAILURES, ("", address): FREE_FAILURES_OF_ADDRESS}
        with self._lock:
            now = self._clock()
            wait = max(self._wait(key, free, now) for key, free in keys.items())
            if wait <= 0:
                for key in keys:
                    self._failures[key] = (self._failures.pop(key, (0, now))[0] + 1, now)
                while len(self._failures) > _KEYS_MAX:
                    self._failures.popitem(last=False)
            return wait

    def passed(self, name: str, address: str) -> None:
        """The attempt was right: the name starts anew; the address gets back what the attempt had cost it."""
        with self._lock:
            self._failures.pop((name, address), None)
            count, at = self._failures.get(("", address), (0, 0.0))
            if count:
                self._failures["", address] = (count - 1, at)

    def _wait(self, key: tuple[str, str], free: int, now: float) -> int:
        count, at = self._failures.get(key, (0, now))
        if count < free:
            return 0
        pause = min(2 ** min(count - free, 16), WAIT_SECONDS_MAX)
        return max(-int(-(at + pause - now) // 1), 0)
