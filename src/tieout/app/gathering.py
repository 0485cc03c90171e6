"""Callers who come one by one are served together: each waits for its own answer, and all share one commit.

What a commit costs (a round trip, a flush to disk) is paid once for all who wait at that moment. Who comes alone is
served at once; after a crowd, a moment is left for it to gather again.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from tieout.model.error import Unanswered

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
#: At most so many are served together, so that the first does not wait for long.
TOGETHER_MAX = 250
#: While one waits for the disk, another gets the next ready.
SERVERS = 2
#: How long a crowd may take to gather: less than what serving it takes.
MOMENT_SECONDS = 0.0005


class _Waiting(Generic[Asked, Answer]):
    """One caller's question, and where it waits for the answer."""

    __slots__ = ("answer", "answered", "asked")

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: Answer | Exception
        self.answered = threading.Lock()
        self.answered.acquire()


class Gathering(Generic[Asked, Answer]):
    """Hands what callers ask to `serve`, many at a time; it gives one answer, or one error, for each, in order.

    If `serve` raises, every caller it was for gets that error.
    """

    def __init__(
        self, serve: Callable[[Sequence[Asked]], Sequence[Answer | Exception]], *, servers: int = SERVERS
    ) -> None:
        self._serve = serve
        self._came: list[_Waiting[Asked, Answer]] = []
        self._enough = 1
        self._bell = threading.Condition()
        self._closed = False
        self._servers = [
            threading.Thread(target=self._run, name=f"gathering-{number}", daemon=True) for number in range(servers)
        ]
        self._begun = False

    def ask(self, asked: Asked) -> Answer:
        """Waits for the answer to one question. Raises the error that is its answer, or Unanswered after `close`."""
        waiting: _Waiting[Asked, Answer] = _Waiting(asked)
        with self._bell:
            if self._closed:
                raise Unanswered("This is being shut down; nothing was changed", remedy="Send it again in a moment.")
            if not self._begun:
                self._begun = True
                for server in self._servers:
                    server.start()
            self._came.append(waiting)
            if len(self._came) >= self._enough:
                self._bell.notify()
        waiting.answered.acquire()
        if isinstance(waiting.answer, Exception):
            raise waiting.answer
        return waiting.answer

    def close(self) -> None:
        """Answers all who came before, and nobody after."""
        with self._bell:
            self._closed = True
            self._bell.notify_all()
        for server in self._servers if self._begun else ():
            server.join()

    def _run(self) -> None:
        together: list[_Waiting[Asked, Answer]] = []
        while together := self._gather(len(together)):
            self._answer(together)

    def _gather(self, before: int) -> list[_Waiting[Asked, Answer]]:
        """Who came; nobody once it is closed and all have been served. `before`: how many were served just now."""
        with self._bell:
            self._enough = 1
            while not self._came and not self._closed:
                self._bell.wait()
            if len(self._came) < before and not self._closed:
                self._enough = before
                self._bell.wait(MOMENT_SECONDS)
            together, self._came = self._came[:TOGETHER_MAX], self._came[TOGETHER_MAX:]
            return together

    def _answer(self, together: Sequence[_Waiting[Asked, Answer]]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = self._serve([waiting.asked for waiting in together])
            assert len(answers) == len(together), "everybody gets an answer"
        except Exception as error:  # noqa: BLE001 - whoever asked raises it
            answers = [error] * len(together)
        for waiting, answer in zip(together, answers, strict=True):
            waiting.answer = answer
            waiting.answered.release()
