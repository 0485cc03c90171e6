import itertools
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.books import entry
from tieout.db.pool import Connection
from tieout.ledger import store
from tieout.ledger.pace import FULL_PER_SECOND, REST_SECONDS_MAX, RESTS, Pace, rest_seconds
from tieout.model.account import Account


@pytest.mark.parametrize(
    ("worked", "since", "posted", "seconds"),
    [
        (0.1, 1, 0, 0),  # nobody posts
        (0.1, 1, FULL_PER_SECOND, 2),  # full speed: twenty times what was worked
        (0.1, 1, FULL_PER_SECOND * 9, 2),  # no more than that, however fast
        (0.1, 1, FULL_PER_SECOND // 100, 0.02),
        (0.1, 2, FULL_PER_SECOND, 1),  # half the speed
        (60, 60, FULL_PER_SECOND * 60, REST_SECONDS_MAX),
        (0.1, 0, 1, 0),  # no time has passed
    ],
)
def test_a_rest_is_as_long_as_what_was_posted_asks_for(
    worked: float, since: float, posted: int, seconds: float
) -> None:
    assert rest_seconds(worked, since, posted) == pytest.approx(seconds)


@given(st.integers(1, 10**4), st.integers(1, 10**4), st.integers(0, 10**9))
def test_no_rest_is_longer_than_its_bound(worked: int, since: int, posted: int) -> None:
    assert 0 <= rest_seconds(worked / 1000, since / 1000, posted) <= min(worked / 1000 * RESTS, REST_SECONDS_MAX)


def test_a_pace_sees_what_others_post(connection: Connection, accounts: Mapping[str, Account]) -> None:
    store.post(connection, 1, [entry("before")], accounts)
    ticks: Iterator[int] = itertools.count()
    rests: list[float] = []
    pace = Pace(connection, lambda: next(ticks), rests.append)
    assert pace.rest() == 0
    store.post(connection, 1, [entry(key) for key in "abc"], accounts)
    pace.begin()
    # Three entries in three ticks; the stretch began one tick ago.
    assert pace.rest() == pytest.approx(RESTS * 3 / 3 / FULL_PER_SECOND)
    assert pace.rest() == 0
    assert rests == [pytest.approx(RESTS * 3 / 3 / FULL_PER_SECOND)]
