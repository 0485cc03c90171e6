"""What one ledger knows of itself: sources, sellers, patience and crossed rates."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from tests.app.house import ANNA, rates
from tieout.app import Settings, Tieout
from tieout.app.context import LedgerContext
from tieout.events import registry
from tieout.model.account import Role
from tieout.model.connector import Connector
from tieout.model.error import ConfigError, NotFound, SetupError
from tieout.model.period import PeriodState
from tieout.posting.book import Rate
from tieout.reconciliation.name import Patience

MONDAY = date(2026, 3, 2)


def context_of(app: Tieout) -> LedgerContext:
    with app.database.unit() as connection:
        found = LedgerContext(connection, app.settings)
        assert found.accounts
        assert found.open_day(date(2020, 1, 1)) == date(2020, 1, 1)
        return found  # read to the end: its connection goes back to the pool


def rate(app: Tieout, currency: str, day: date = MONDAY) -> Rate | None:
    with app.database.unit() as connection:
        return LedgerContext(connection, app.settings).books(connection, [(currency, day)]).rate_for(currency, day)


@pytest.fixture
def swiss(database_url: str, tmp_path: Path) -> Iterator[Tieout]:
    """Books of a retailer in francs."""
    app = Tieout.open(Settings(home=tmp_path, database_url=database_url), migrating=False, connections_max=2)
    app.init("Ahorn AG", base_currency="CHF", timezone="Europe/Zurich", chart="retailer", password="p")
    app.add_source("laden", "shopify", secrets=["s"], settings={"own_brands": ["Birke"]})
    yield app
    app.close()


def test_the_ledger_is_the_one_that_was_opened(app: Tieout) -> None:
    found = context_of(app)
    assert (found.entity, found.id, found.chart_name) == (app.entity(), app.entity().id, "marketplace")
    assert list(found.sources) == ["shop", "stripe", "bank"]
    assert found.accounts["1330.stripe"].role is Role.PAYOUT_IN_TRANSIT
    with app.database.unit() as connection, pytest.raises(SetupError, match="No books have been opened yet"):
        LedgerContext(connection, app.settings, ledger_id=999)


def test_a_source_is_known_by_its_name(app: Tieout) -> None:
    found = context_of(app)
    assert (found.source("stripe").connector, found.source("stripe").secrets) == ("stripe", ("whsec_of_stripe",))
    with pytest.raises(NotFound) as refused:
        found.source("strip")
    assert refused.value.remedy == "Sources are: shop, stripe, bank. Add one with `tieout source add`."


def test_before_there_are_sources_it_says_so(swiss: Tieout) -> None:
    found = context_of(swiss)
    found.sources.clear()
    with pytest.raises(NotFound) as refused:
        found.source("shop")
    assert refused.value.remedy == "Sources are: none yet. Add one with `tieout source add`."


def test_a_connector_comes_with_the_houses_own_mapping(app: Tieout, tmp_path: Path) -> None:
    folder = tmp_path / "home" / "mappings"
    folder.mkdir(parents=True)
    (folder / "shopify.toml").write_text('version = 1\n[dimensions]\nmarket = "source_name"\n', encoding="utf-8")
    found = context_of(app).connector_of("shop")
    assert isinstance(found, Connector)
    assert found.mapping.dimensions["market"] == "source_name"
    (folder / "stripe.toml").write_text("version = ", encoding="utf-8")
    with pytest.raises(ConfigError):
        context_of(app).connector_of("stripe")


def test_a_marketplace_owns_the_brands_it_names(app: Tieout) -> None:
    app.add_source("second", "shopify", secrets=["s"], settings={"own_brands": ["Ahorn", "Linde"]})
    assert context_of(app).own_sellers == frozenset({"Birke", "Ahorn", "Linde"})


def test_a_retailer_owns_all_it_sells(swiss: Tieout) -> None:
    assert context_of(swiss).own_sellers is None


def test_patience_is_known_by_source_and_by_connector(app: Tieout) -> None:
    app.add_source("second", "stripe", secrets=["s"])
    found = context_of(app).patience()
    manifest = registry.load("stripe").manifest
    patience = Patience(manifest.settlement_days, manifest.payout_days, manifest.arrival_days)
    assert (found["stripe"], found["second"]) == (patience, patience)
    assert set(found) == {"shop", "shopify", "stripe", "second", "bank", "camt"}


def test_the_first_open_day_is_read_at_the_start(app: Tieout) -> None:
    app.set_period(date(2026, 3, 1), date(2026, 3, 31), PeriodState.HARD, actor=ANNA)
    found = context_of(app)
    assert [found.open_day(day) for day in (date(2026, 2, 28), MONDAY, date(2026, 4, 1))] == [
        date(2026, 2, 28), date(2026, 4, 1), date(2026, 4, 1),
    ]  # fmt: skip


# ── Exchange rates ────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_base_currency_is_worth_itself(app: Tieout, swiss: Tieout) -> None:
    assert rate(app, "EUR") == Rate(Fraction(1), MONDAY, "")
    assert rate(swiss, "CHF") == Rate(Fraction(1), MONDAY, "")


def test_a_currency_is_turned_into_euros_by_the_ecbs_rate(app: Tieout) -> None:
    app.import_rates(rates(("2026-03-02", "USD", "1.08"), ("2026-03-02", "JPY", "160")))
    assert rate(app, "USD") == Rate(Fraction(100, 108), MONDAY, "ecb")
    assert rate(app, "JPY") == Rate(Fraction(1, 160), MONDAY, "ecb")
    assert rate(app, "GBP") is None


def test_other_bases_are_crossed_through_the_euro(swiss: Tieout) -> None:
    swiss.import_rates(rates(("2026-03-02", "USD", "1.08"), ("2026-03-02", "CHF", "0.95")))
    assert rate(swiss, "USD") == Rate(Fraction(95, 108), MONDAY, "ecb")
    assert rate(swiss, "EUR") == Rate(Fraction(95, 100), MONDAY, "ecb")


def test_a_crossed_rate_is_as_old_as_the_older_of_its_two(swiss: Tieout) -> None:
    swiss.import_rates(rates(("2026-02-26", "CHF", "0.95"), ("2026-02-27", "USD", "1.25")))
    assert rate(swiss, "USD") is None, "Monday's own rates may still come"
    swiss.import_rates(rates(("2026-03-03", "CHF", "0.90"), ("2026-03-03", "USD", "1.30")))
    assert rate(swiss, "USD") == Rate(Fraction("0.76"), date(2026, 2, 26), "ecb")


def test_half_a_cross_is_no_rate(swiss: Tieout) -> None:
    swiss.import_rates(rates(("2026-03-02", "USD", "1.08")))
    assert (rate(swiss, "USD"), rate(swiss, "EUR")) == (None, None)
