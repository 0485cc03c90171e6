"""Callers are served together, and each gets its own answer."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tieout.app import gathering
from tieout.app.gathering import TOGETHER_MAX, Gathering
from tieout.model.error import Unanswered


class Slow:
    """Doubles numbers, as slowly as the test wants; odd ones are a mistake."""

    def __init__(self) -> None:
        self.served: list[list[int]] = []
        self.may_go_on = threading.Semaphore(0)
        self.began = threading.Semaphore(0)

    def __call__(self, asked: Sequence[int]) -> list[int | Exception]:
        self.served.append(list(asked))
        self.began.release()
        assert self.may_go_on.acquire(timeout=20)
        return [KeyError(number) if number % 2 else number * 2 for number in asked]


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
def together(slow: Slow) -> Iterator[Gathering[int, int]]:
    found = Gathering(slow, servers=1)
    yield found
    slow.may_go_on.release(1000)
    found.close()


@pytest.fixture
def callers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(TOGETHER_MAX + 50) as pool:
        yield pool


def come(together: Gathering[int, int], number: int) -> None:
    """Waits until so many are there."""
    while len(together._came) < number:
        threading.Event().wait(0.001)


def outcome(ask: Callable[[int], int], number: int) -> Any:
    try:
        return ask(number)
    except Exception as error:  # noqa: BLE001
        return error


def test_who_comes_while_one_is_served_is_served_next_all_together(
    slow: Slow, together: Gathering[int, int], callers: ThreadPoolExecutor
) -> None:
    first = callers.submit(together.ask, 100)
    assert slow.began.acquire(timeout=20)
    rest = [callers.submit(outcome, together.ask, n) for n in range(6)]
    come(together, 6)
    slow.may_go_on.release(2)
    assert first.result(20) == 200
    answers = [one.result(20) for one in rest]
    assert answers[::2] == [0, 4, 8]
    assert [(type(one), one.args) for one in answers[1::2]] == [(KeyError, (n,)) for n in (1, 3, 5)]
    assert [sorted(served) for served in slow.served] == [[100], [0, 1, 2, 3, 4, 5]]


def test_a_great_crowd_comes_in_parts(slow: Slow, together: Gathering[int, int], callers: ThreadPoolExecutor) -> None:
    first = callers.submit(together.ask, 0)
    assert slow.began.acquire(timeout=20)
    rest = [callers.submit(together.ask, 2 * n) for n in range(TOGETHER_MAX + 10)]
    come(together, TOGETHER_MAX + 10)
    slow.may_go_on.release(10)
    assert first.result(20) == 0
    assert [one.result(20) for one in rest] == [4 * n for n in range(TOGETHER_MAX + 10)]
    assert [len(served) for served in slow.served] == [1, TOGETHER_MAX, 10]


def test_another_is_served_while_one_waits(slow: Slow, callers: ThreadPoolExecutor) -> None:
    two = Gathering(slow, servers=2)
    waiting = []
    for n in (0, 2):
        waiting.append(callers.submit(two.ask, n))
        assert slow.began.acquire(timeout=20)
    slow.may_go_on.release(2)
    assert [one.result(20) for one in waiting] == [0, 4]
    assert sorted(slow.served) == [[0], [2]]
    two.close()


def test_who_comes_alone_is_served_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gathering, "MOMENT_SECONDS", 1000)
    alone: Gathering[int, int] = Gathering(lambda asked: [n + 1 for n in asked])
    assert [alone.ask(n) for n in range(50)] == list(range(1, 51))
    alone.close()


@pytest.mark.parametrize("wrong", [lambda _: 1 / 0, lambda _: []], ids=["raises", "gives too few answers"])
def test_whatever_happens_nobody_waits_for_ever(wrong: Callable[[Sequence[int]], Any]) -> None:
    together: Gathering[int, int] = Gathering(wrong)
    for _ in range(3):  # and the next is served all the same
        with pytest.raises((ZeroDivisionError, AssertionError)):
            together.ask(1)
    together.close()


def test_closing_answers_all_who_wait_and_nobody_after(
    slow: Slow, together: Gathering[int, int], callers: ThreadPoolExecutor
) -> None:
    waiting = [callers.submit(together.ask, 0)]
    assert slow.began.acquire(timeout=20)
    waiting += [callers.submit(together.ask, 2 * n) for n in range(1, 5)]
    come(together, 4)
    closing = callers.submit(together.close)
    while not together._closed:
        threading.Event().wait(0.001)
    with pytest.raises(Unanswered, match="being shut down"):
        together.ask(6)
    slow.may_go_on.release(2)
    closing.result(20)
    assert [one.result(20) for one in waiting] == [0, 4, 8, 12, 16]
    together.close()  # once more does no harm
