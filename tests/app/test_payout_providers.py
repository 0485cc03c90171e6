"""Payouts through providers that answer late, twice or not at all: each is paid once."""

from pathlib import Path

import msgspec
import pytest

from tests.app.payroom import ANNA, DAY, balance, open_market, owe, sell, way
from tests.settlement.providers import FakeStripe, served
from tieout.app import payout_providers
from tieout.model.error import ConfigError
from tieout.model.payout import Outcome, PayoutPolicy, Rail, RailKind, Screening
from tieout.model.seller import PayoutAccount, Seller
from tieout.settlement.sellers import SellerRow

AT_STRIPE = PayoutAccount("Birke", provider="stripe", provider_account="acct_1")


def test_lost_answers_busy_doors_and_errors_pay_once(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_KEY", "sk_test")
    with served(FakeStripe()) as fake:
        rail = Rail("stripe", RailKind.STRIPE, ("EUR",), url=fake.url, secret="STRIPE_KEY", timeout_seconds=1)
        policy = PayoutPolicy(rails=(msgspec.structs.replace(rail, funded_from="1495"),))
        with open_market(database_url, tmp_path, policy) as app:
            sell(app, account=AT_STRIPE)
            owe(app, "birke", 4234)
            app.run_payouts(DAY)
            (one,) = app.payout_list()
            fake.faults = ["429", "500", "late"]
            app.send_payouts(DAY)
            assert (way(app, one.name)[-1], app.payout(one.name).attempts[0].answer) == ("submitted", None)
            app.send_payouts(DAY)
            answer = app.payout(one.name).attempts[0].answer
            assert answer is not None
            assert answer.outcome is Outcome.UNKNOWN
            assert [view.case.draft.reason.value for view in app.case_list()] == ["payout_unknown"]
            app.send_payouts(DAY)  # done, but the answer came too late
            assert len(fake.made) == 1
            app.send_payouts(DAY)  # looked up, not sent again
            assert way(app, one.name)[-2:] == ["submitted", "paid"]
            assert (len(fake.made), app.case_list()) == (1, [])
            assert [method for method, path in fake.asked if path == "/v1/transfers"].count("POST") == 3
            assert (balance(app, "2320", "birke"), balance(app, "2350"), balance(app, "1495")) == (0, 0, -4234)


def test_a_rail_needs_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WISE_KEY", raising=False)
    with pytest.raises(ConfigError, match="has no key"):
        payout_providers.provider_of(Rail("wise", RailKind.WISE, ("EUR",), secret="WISE_KEY"))


def test_a_list_that_is_silent_holds_everybody_or_nobody() -> None:
    from datetime import UTC, datetime

    now = datetime(2026, 1, 1, tzinfo=UTC)
    row = SellerRow(Seller("birke", "Birke", "EUR"), 1, now, ANNA.name, "", now)
    for holds, wanted in ((True, ["birke"]), (False, [])):
        policy = PayoutPolicy(screening=Screening("http://127.0.0.1:9/", 1, silence_holds=holds))
        assert list(payout_providers.screened(policy, [row])) == wanted
    assert payout_providers.screened(PayoutPolicy(), [row]) == {}
