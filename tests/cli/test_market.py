"""The demonstration's sellers against the truth: a difference is said, and nothing else."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tieout.app import Settings, Tieout
from tieout.cli import market
from tieout.model.bucket import Bucket
from tieout.sandbox.plan import compose
from tieout.sandbox.sellers import Owed, parties
from tieout.sandbox.world import World

FACTS = compose(World(orders=20)).facts


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Tieout]:
    with Tieout.open(Settings(home=tmp_path, database_url=database_url), connections_max=4) as found:
        found.init("Clay & Loom GmbH", password="not-a-secret")
        yield found


def test_the_market_opens_with_everybody_and_everything(app: Tieout) -> None:
    market.open_market(app, FACTS)
    assert [row.seller.party for row in app.sellers()] == sorted(parties())
    paused = [row.seller.party for row in app.sellers() if row.seller.paused]
    assert paused == ["Korb Weidner"]
    assert all(row.seller.account is not None for row in app.sellers())
    assert list(market.compared(app, [])) == []
    wanted = [Owed("Kiln & Coast", Bucket.PENDING, "EUR", 100)]
    assert list(market.compared(app, wanted)) == ["Kiln & Coast is owed 0.00 EUR (pending) and should be 1.00 EUR"]
    assert market.summary(wanted) == "1 sellers are owed 1.00 EUR pending."
    market.release_first_half(app, FACTS)
    assert not app.releases_due(date(2026, 11, 1))
