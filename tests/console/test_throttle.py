import pytest

from tieout.console import throttle
from tieout.console.throttle import FREE_FAILURES, FREE_FAILURES_OF_ADDRESS, WAIT_SECONDS_MAX, Throttle


class Clock:
    """A clock that is turned by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_after_some_failures_each_further_one_doubles_the_wait() -> None:
    clock = Clock()
    door = Throttle(clock)
    assert [door.attempt("anna", "a") for _ in range(FREE_FAILURES)] == [0] * FREE_FAILURES
    waits = []
    for _ in range(11):
        wait = door.attempt("anna", "a")
        waits.append(wait)
        clock.now += wait
        assert door.attempt("anna", "a") == 0
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, WAIT_SECONDS_MAX, WAIT_SECONDS_MAX]


def test_waiting_attempts_are_not_counted() -> None:
    clock = Clock()
    door = Throttle(clock)
    for _ in range(FREE_FAILURES):
        door.attempt("anna", "a")
    assert [door.attempt("anna", "a") for _ in range(50)] == [1] * 50
    clock.now += 0.5
    assert door.attempt("anna", "a") == 1
    clock.now += 0.5
    assert door.attempt("anna", "a") == 0


def test_others_are_not_held_up() -> None:
    door = Throttle(Clock())
    for _ in range(FREE_FAILURES):
        door.attempt("anna", "a")
    assert door.attempt("anna", "a") == 1
    assert door.attempt("anna", "b") == 0
    assert door.attempt("bert", "a") == 0


def test_one_address_cannot_try_many_names() -> None:
    door = Throttle(Clock())
    assert [door.attempt(f"name {n}", "a") for n in range(FREE_FAILURES_OF_ADDRESS)] == [0] * FREE_FAILURES_OF_ADDRESS
    assert door.attempt("another name", "a") == 1
    assert door.attempt("another name", "b") == 0


def test_success_starts_anew_and_costs_the_address_nothing() -> None:
    door = Throttle(Clock())
    for _ in range(FREE_FAILURES_OF_ADDRESS * 2):
        assert door.attempt("anna", "a") == 0
        door.passed("anna", "a")
    for _ in range(FREE_FAILURES):
        assert door.attempt("anna", "a") == 0
    assert door.attempt("anna", "a") == 1


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "_KEYS_MAX", 10)
    door = Throttle(Clock())
    for n in range(100):
        door.attempt(f"name {n}", f"address {n}")
    assert len(door._failures) == 10
