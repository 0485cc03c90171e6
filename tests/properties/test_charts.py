"""Every chart takes a whole month: each rule finds its accounts, and the proof ties out."""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.playing import open_books, play
from tieout.masterdata.chart import read_chart, standard_charts
from tieout.model.account import Role
from tieout.sandbox.plan import Plan, compose
from tieout.sandbox.world import World

Played = Callable[[str], Counter[tuple[str, str]]]


@pytest.fixture(scope="module")
def plan() -> Plan:
    """A month in which nothing goes wrong."""
    return compose(World(seed=11, orders=40, clean=True))


@pytest.fixture(scope="module")
def played(fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory, plan: Plan) -> Played:
    """What stands on each role, per currency, after the month was played on a chart; asserts that all ties out."""
    found: dict[str, Counter[tuple[str, str]]] = {}

    def play_on(chart: str) -> Counter[tuple[str, str]]:
        if chart not in found:
            with open_books(fresh_database(), tmp_path_factory.mktemp(chart), plan, chart) as app:
                seen = play(app, plan)
                assert (seen.cases, seen.parked, seen.tied) == ([], 0, True)
                roles = {account.code: account.role for account in app.accounts()}
                sums: Counter[tuple[str, str]] = Counter()
                for balance in app.balances():
                    sums[roles[balance.account], balance.currency] += balance.balance_minor
                found[chart] = Counter({key: amount for key, amount in sums.items() if amount})
        return found[chart]

    return play_on


@pytest.mark.parametrize("chart", standard_charts())
def test_a_month_plays_on_every_chart(played: Played, chart: str) -> None:
    sums = played(chart)
    assert sum(amount for (_, currency), amount in sums.items() if currency == "EUR") == 0
    owed = sum(amount for (role, _), amount in sums.items() if role.startswith("seller_"))
    sold = sums[Role.SALES, "EUR"]
    assert (sold < 0, owed < 0) == ((True, False) if read_chart(chart).sellers == "own" else (sold < 0, True))


def test_charts_that_see_sellers_alike_come_to_the_same(played: Played) -> None:
    assert played("retailer") == played("subscription")
