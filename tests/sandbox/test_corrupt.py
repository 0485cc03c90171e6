"""Corruptors change the road and never the message, and do the same each time."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.sandbox.worlds import demo
from tieout.sandbox.corrupt import delay, drop, duplicate, shuffle

MESSAGES = demo().emissions[:300]


def numbers(emissions: object) -> list[int]:
    places = {id(message): place for place, message in enumerate(MESSAGES)}
    return [places[id(emission)] for emission in emissions]  # type: ignore[attr-defined]


@given(seed=st.integers())
def test_repeats_come_after_the_first_and_nothing_is_lost(seed: int) -> None:
    sent = numbers(duplicate(MESSAGES, 100, seed))
    assert list(dict.fromkeys(sent)) == list(range(300))
    repeats = [sent.index(n, sent.index(n) + 1) - sent.index(n) for n in set(sent) if sent.count(n) > 1]
    assert len(repeats) == len(sent) - 300
    assert all(distance >= 1 for distance in repeats)


def test_about_as_many_repeats_as_asked_for() -> None:
    assert len(duplicate(MESSAGES, 0)) == 300
    assert len(duplicate(MESSAGES, 1000)) == 600
    assert 10 <= len(duplicate(MESSAGES, 100)) - 300 <= 60


@given(seed=st.integers(), window=st.integers(1, 60))
def test_messages_overtake_within_the_window(seed: int, window: int) -> None:
    sent = numbers(shuffle(MESSAGES, window, seed))
    assert sorted(sent) == list(range(300))
    assert all(abs(now - before) <= window for now, before in enumerate(sent))


def test_a_window_of_nothing_shuffles_all() -> None:
    sent = numbers(shuffle(MESSAGES, 0, 3))
    assert sorted(sent) == list(range(300))
    assert max(abs(now - before) for now, before in enumerate(sent)) > 100


@given(seed=st.integers())
def test_what_is_lost_and_what_arrives_are_all(seed: int) -> None:
    kept, lost = drop(MESSAGES, 200, seed)
    assert sorted(numbers(kept) + numbers(lost)) == list(range(300))
    assert numbers(kept) == sorted(numbers(kept))


def test_nothing_or_all_is_lost() -> None:
    assert drop(MESSAGES, 0) == (list(MESSAGES), [])
    assert drop(MESSAGES, 1000) == ([], list(MESSAGES))


def test_late_messages_are_the_same_messages_later() -> None:
    sent = delay(MESSAGES, timedelta(days=1), 300, 4)
    assert [e.at for e in sent] == sorted(e.at for e in sent)
    assert {e.body for e in sent} == {e.body for e in MESSAGES}
    before = {(e.body, e.topic): e.at for e in MESSAGES}
    later = [e.at - before[e.body, e.topic] for e in sent]
    assert set(later) == {timedelta(0), timedelta(days=1)}
    assert 50 < later.count(timedelta(days=1)) < 130


def test_the_same_seed_does_the_same() -> None:
    assert duplicate(MESSAGES, 100, 1) == duplicate(MESSAGES, 100, 1) != duplicate(MESSAGES, 100, 2)
    assert shuffle(MESSAGES, 20, 1) == shuffle(MESSAGES, 20, 1) != shuffle(MESSAGES, 20, 2)
    assert drop(MESSAGES, 100, 1) == drop(MESSAGES, 100, 1) != drop(MESSAGES, 100, 2)
