"""Exchange rates: brought in by file or over HTTP, what waits for them, and what the policy makes of a missing one."""

import json
import threading
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest
from structlog.testing import capture_logs

from tests.app.house import ANNA, charge, entries, happened, history, open_cases, order, rates, tell, the_case
from tieout.app import Tieout
from tieout.model.case import CaseState
from tieout.model.error import BadInput, ConfigError, NotFound, SourceAway
from tieout.model.rate import MissingRate, RatePolicy

DOLLARS = order(number=2001, currency="USD")
KEY = "shop:order:2001:placed"


class Provider:
    """A server on this machine that answers with a body, and keeps the paths it was asked for."""

    def __init__(self) -> None:
        self.status, self.body = 200, b""
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                self.send_response(outer.status)
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def declare(self, home: Path) -> None:
        """Declares it as the installation's own, in JSON and as a mirror of the bank."""
        url = f"http://127.0.0.1:{self.http.server_address[1]}"
        home.mkdir(parents=True, exist_ok=True)
        (home / "rates.toml").write_text(
            f"""
            [[provider]]
            name = "treasury"
            title = "Ours"
            pivot = "EUR"
            url = "{url}/json?symbols={{quotes}}"
            [provider.read]
            rows = "/rates"
            day = "/date"
            [[provider]]
            name = "mirror"
            source = "ecb"
            title = "The bank's, from here"
            pivot = "EUR"
            url = "{url}/ecb"
            """
        )


@pytest.fixture
def provider(app: Tieout) -> Iterator[Provider]:
    found = Provider()
    found.declare(app.settings.home)
    yield found
    found.http.shutdown()
    found.http.server_close()


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tieout.app.rating.sleep", lambda _seconds: None)


def test_rates_are_kept_once_and_logged(app: Tieout) -> None:
    file = rates(("2026-03-02", "USD", "1.08"), ("2026-03-02", "JPY", "160"))
    assert app.import_rates(file, actor=ANNA) == 2
    assert app.import_rates(file, actor=ANNA) == 0, "the same file again brings nothing new"
    newest = app.audit(2)
    assert [(line.actor, line.action, line.subject, line.detail) for line in newest] == [
        ("anna", "rates.imported", "ecb", "0 new"),
        ("anna", "rates.imported", "ecb", "2 new"),
    ]


def test_rates_are_listed_newest_first(app: Tieout) -> None:
    app.import_rates(rates(("2026-03-02", "USD", "1.08"), ("2026-03-03", "USD", "1.10"), ("2026-03-03", "JPY", "160")))
    assert [(r.day.day, r.quote, str(r.rate.normalize())) for r in app.rate_list(currency="USD")] == [
        (3, "USD", "1.1"),
        (2, "USD", "1.08"),
    ]
    assert [r.day.day for r in app.rate_list(until=date(2026, 3, 2))] == [2]


# ── Over HTTP ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_feed_of_the_bank_books_what_waited(app: Tieout, provider: Provider) -> None:
    tell(app, "shop", DOLLARS, "orders")
    assert KEY not in entries(app)
    provider.body = rates(("2026-03-03", "USD", "1.25"))
    assert app.fetch_rates("mirror", actor=ANNA) == 1
    assert entries(app)[KEY].entry.draft.rate == "0.8 ecb 2026-03-03"
    assert app.fetch_rates("mirror") == 0
    assert app.audit(2)[1].subject == "mirror"


def test_another_provider_is_asked_for_the_currencies_of_the_books(app: Tieout, provider: Provider) -> None:
    app.set_rate_policy(provider="treasury", actor=ANNA)
    tell(app, "shop", DOLLARS, "orders")
    provider.body = json.dumps({"date": "2026-03-03", "rates": {"USD": "1.2"}}).encode()
    assert app.fetch_rates() == 1, "the one the books are kept at, if none is named"
    assert provider.asked == ["/json?symbols=USD"]
    assert entries(app)[KEY].entry.draft.rate == "0.833333333333 treasury 2026-03-03"


def test_a_source_the_books_are_not_kept_at_decides_nothing(app: Tieout, provider: Provider) -> None:
    tell(app, "shop", DOLLARS, "orders")
    provider.body = json.dumps({"date": "2026-03-03", "rates": {"USD": "1.2"}}).encode()
    assert app.fetch_rates("treasury") == 1
    assert happened(app)[KEY].state == "parked"
    assert app.rate_list() == []


@pytest.mark.parametrize(
    ("status", "body", "error", "what"),
    [
        (429, b"", SourceAway, "No rates were fetched in 4 attempts: it answered 429"),
        (500, b"", SourceAway, "No rates were fetched in 4 attempts: it answered 500"),
        (403, b"", SourceAway, "No rates were fetched: it answered 403"),
        (200, b"", BadInput, "The file is neither ECB XML nor ECB CSV"),
        (200, b"<html><p>Under construction", BadInput, "The file is not readable XML"),
        (200, b"<html><p>Under construction</p></html>", BadInput, "The file has no rates"),
    ],
)
def test_what_is_wrong_with_a_feed_is_said_and_nothing_is_kept(
    app: Tieout, provider: Provider, status: int, body: bytes, error: type[Exception], what: str
) -> None:
    provider.status, provider.body = status, body
    with pytest.raises(error, match=what):
        app.fetch_rates("mirror")
    assert app.rate_list() == []


TREASURY = b'{"date": "2026-03-03", "rates": {"USD": "1.25"}}'


def due(app: Tieout, hour: int | None = 0) -> int:
    """The chore of a worker that has just started."""
    app.settings = msgspec.structs.replace(app.settings, rates_hour=hour)
    app._asked = None
    return app.fetch_rates_due()


def test_a_worker_fetches_the_days_rates_once(app: Tieout, provider: Provider) -> None:
    tell(app, "shop", DOLLARS, "orders")
    app.set_rate_policy(provider="treasury")
    provider.body = TREASURY
    assert (due(app, None), provider.asked) == (0, []), "nobody said that it may ask"
    assert (due(app), provider.asked) == (1, ["/json?symbols=USD"])
    assert entries(app).keys() == {KEY}, "what waited is booked"
    assert (due(app), app.fetch_rates_due(), len(provider.asked)) == (0, 0, 1), "it has today's"


def test_a_provider_that_is_away_is_asked_again_in_an_hour(app: Tieout, provider: Provider) -> None:
    tell(app, "shop", DOLLARS, "orders")
    app.set_rate_policy(provider="treasury")
    provider.status = 503
    with capture_logs() as logs:
        assert (due(app), app.fetch_rates_due(), provider.asked) == (0, 0, ["/json?symbols=USD"])
    assert [line["event"] for line in logs] == ["rates.not_fetched"]
    assert "in one attempt: it answered 503" in logs[0]["error"]
    provider.status, provider.body = 200, TREASURY
    assert app._asked is not None
    app._asked -= timedelta(hours=1)
    assert (app.fetch_rates_due(), len(provider.asked)) == (1, 2)


def test_books_in_one_currency_ask_for_no_rates(app: Tieout, provider: Provider) -> None:
    app.set_rate_policy(provider="treasury")
    assert (due(app), provider.asked) == (0, [])


def test_only_declared_providers_are_asked(app: Tieout, provider: Provider) -> None:
    assert [p.name for p in app.rate_providers()] == ["ecb", "ecb-daily", "ecb-history", "treasury", "mirror"]
    with pytest.raises(NotFound, match="No rate provider is called “bank”"):
        app.fetch_rates("bank")
    with pytest.raises(NotFound):
        app.import_rates(b"x", provider="bank")
    (app.settings.home / "rates.toml").write_text("[[provider]]\nname = 1")
    with pytest.raises(ConfigError, match="The rate providers cannot be read"):
        app.rate_providers()
    assert provider.asked == []


def test_a_saved_answer_is_imported_like_a_fetched_one(app: Tieout, provider: Provider) -> None:
    body = json.dumps({"date": "2026-03-03", "rates": {"USD": "1.2"}}).encode()
    assert app.import_rates(body, provider="treasury") == 1
    app.set_rate_policy(provider="treasury")
    assert [(r.source, r.rate) for r in app.rate_list()] == [("treasury", Decimal("1.2"))]
    assert provider.asked == []


# ── While a rate is missing ───────────────────────────────────────────────────────────────────────────────────


def test_by_default_it_waits_for_the_rate_of_its_day(app: Tieout) -> None:
    assert app.rate_policy() == RatePolicy("ecb", "EUR", MissingRate.WAIT, 7)
    app.import_rates(rates(("2026-03-02", "USD", "1.10")))
    tell(app, "shop", DOLLARS, "orders")
    assert (happened(app)[KEY].state, open_cases(app)) == ("parked", [])
    app.import_rates(rates(("2026-03-03", "USD", "1.25")))
    assert entries(app)[KEY].entry.draft.rate == "0.8 ecb 2026-03-03"


def test_the_last_known_rate_is_taken_and_named(app: Tieout) -> None:
    app.import_rates(rates(("2026-03-02", "USD", "1.25")))
    app.set_rate_policy(missing=MissingRate.LAST_KNOWN, age_days=2, actor=ANNA)
    tell(app, "shop", DOLLARS, "orders")
    assert entries(app)[KEY].entry.draft.rate == "0.8 ecb 2026-03-02"
    assert (app.audit(1)[0].action, app.audit(1)[0].detail) == ("rates.policy", "last_known, 2 days, ecb per EUR")


def test_a_rate_that_is_too_old_is_not_taken(app: Tieout) -> None:
    app.import_rates(rates(("2026-03-01", "USD", "1.25")))
    app.set_rate_policy(missing=MissingRate.LAST_KNOWN, age_days=1)
    tell(app, "shop", DOLLARS, "orders")
    assert happened(app)[KEY].state == "parked"
    app.set_rate_policy(age_days=2)
    assert happened(app)[KEY].state == "posted", "a policy that suffices books what waited"


def test_a_case_is_opened_at_once_and_settled_by_the_rate(app: Tieout) -> None:
    app.set_rate_policy(missing=MissingRate.CASE)
    tell(app, "shop", DOLLARS, "orders")
    case = the_case(app, "rate_missing")
    awaited = "the exchange rate USD/EUR of 2026-03-03"
    assert case.case.draft.sentence == f"Order placed (order 2001) of 2026-03-03 waits for {awaited}."
    app.import_rates(rates(("2026-03-03", "USD", "1.25")))
    assert app.case(case.id).case.state is CaseState.RESOLVED
    assert history(app.case(case.id))[0] == "opened"
    assert KEY in entries(app)


@pytest.mark.parametrize("days", [-1, 32])
def test_a_rate_serves_at_most_a_month(app: Tieout, days: int) -> None:
    with pytest.raises(BadInput, match=f"{days} days"):
        app.set_rate_policy(age_days=days)
    assert app.rate_policy() == RatePolicy()


# ── What is booked says its rate ──────────────────────────────────────────────────────────────────────────────


def test_currencies_without_and_with_three_decimals_are_worth_the_same_money(app: Tieout) -> None:
    """160 yen and 0.300 dinars are one euro each, whatever their minor units are."""
    app.import_rates(rates(("2026-03-03", "JPY", "160"), ("2026-03-03", "KWD", "0.3")))
    tell(app, "stripe", charge(order_id=1, id="ch_yen", amount=16_000, currency="jpy"))
    tell(app, "stripe", charge(order_id=2, id="ch_dinar", amount=30_000, currency="kwd"))
    views = [v for v in entries(app).values() if v.entry.draft.rule_id == "payment.captured"]
    assert sorted((v.lines[0].currency, v.lines[0].amount_minor, v.lines[0].base_minor) for v in views) == [
        ("JPY", 16_000, 10_000),
        ("KWD", 30_000, 10_000),
    ]
    told = {s for v in views for s in app.explain(v.id).sentences}
    assert "1 JPY = 0.00625 EUR, the rate of ecb, of 2026-03-03." in told
    assert "1 KWD = 3.33333333333 EUR, the rate of ecb, of 2026-03-03." in told
    assert "Debit 1310.stripe Captured, not settled: stripe 16,000 JPY, worth 100.00 EUR." in told
    assert "Debit 1310.stripe Captured, not settled: stripe 30.000 KWD, worth 100.00 EUR." in told
