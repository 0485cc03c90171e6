"""Scenario S and what else may happen to sellers' money, posted through the real books, as golden Beancount text."""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from tests.app import house
from tests.contract.test_beancount_month import tool
from tests.settlement.orders import MARKET
from tieout.app import Settings, Tieout
from tieout.app.acting import Act, Fact, FactKind
from tieout.model.bucket import Bucket, ReservePlan
from tieout.model.commission import FeeRule, FeeRules
from tieout.model.entity import Actor
from tieout.model.seller import ReleaseBy, ReleaseRule, Seller, SettlementPolicy
from tieout.model.settlement import Part, RefundLine
from tieout.reports import beancount
from tieout.settlement.act import ActReason
from tieout.settlement.journal import Step

GOLDEN = Path(__file__).parent / "golden" / "scenario.beancount"
EVA = Actor("eva", "person")
T0 = datetime(2026, 10, 1, 12, tzinfo=UTC)
POLICY = SettlementPolicy(
    release=ReleaseRule(ReleaseBy.DAYS, 3), refund_draws=(Bucket.AVAILABLE, Bucket.RESERVE),
    dispute_fee_to_seller=True, alone_up_to_minor={"goodwill_paid": {"USD": 1000}},
)  # fmt: skip


@pytest.fixture
def books(database_url: str, tmp_path: Path) -> Iterator[Tieout]:
    """A marketplace in dollars with the sellers A, B and C; a tenth of A's is kept back for nine days."""
    with Tieout.open(Settings(home=tmp_path, database_url=database_url), connections_max=4) as app:
        app.init("Market Inc.", base_currency="USD", timezone="UTC", password="not-a-secret")
        app.add_source("stripe", "stripe", secrets=["whsec"])
        app.add_source("bank", "camt")
        plan = ReservePlan(percent=Decimal(10), days=9)
        for party in "ABC":
            reserve = plan if party == "A" else None
            app.add_seller(Seller(party, f"{party} LLC", "USD", reserve=reserve), actor=house.ANNA)
        app.publish_fee_rules(FeeRules((FeeRule("all", percent=Decimal(10)),)), reason="A beginning.")
        app.publish_settlement_policy(POLICY, reason="A beginning.", actor=house.ANNA)
        yield app


def after(days: int) -> datetime:
    return T0 + timedelta(days=days)


def captured(**changes: object) -> Fact:
    order = msgspec.structs.replace(MARKET, **changes)
    return Fact("paid", FactKind.CAPTURED, T0, order=order, source="stripe", item="charge:ch_1")


REFUND = Fact(
    "back", FactKind.REFUNDED, after(4), lines=(RefundLine(1, quantity=1),), source="stripe", item="refund:re_1"
)
DISPUTE = Fact(
    "dispute", FactKind.DISPUTED, after(5), lines=(RefundLine(2, Part.LINE),), dispute="dp_1", fee_minor=1500,
    source="stripe", item="txn:1",
)  # fmt: skip
LOST = Fact("lost", FactKind.DISPUTE_LOST, after(6), dispute="dp_1", source="stripe")
WON = Fact("won", FactKind.DISPUTE_WON, after(6), dispute="dp_1", amount_minor=3348, source="stripe", item="txn:2")


def act(which: Step | str, amount: int, day: int, party: str | None = None, **changes: object) -> Act:
    on = after(day).date()
    name = which.value if isinstance(which, Step) else which
    found = Act(f"{name} {day}", name, amount, "USD", on, ActReason.AGREEMENT, "As agreed.", party)
    return msgspec.structs.replace(found, **changes)


def text_of(app: Tieout) -> str:
    entries = [app.entry(view.id).entry for view in reversed(app.journal(limit=500))]
    return beancount.export("Scenario S", "USD", [sheet.account for sheet in app.chart()], entries)


def play(app: Tieout) -> None:
    """J1 to J12b in their order, but for the gateway's own payouts, which connectors tell."""
    app.tell_sale("S", captured(), actor=house.ANNA)
    app.act(act(Step.FEE_TAKEN, 287, 1, source="stripe"), actor=house.ANNA)
    app.release_due(after(3).date())
    app.tell_sale("S", REFUND, actor=house.ANNA)
    app.tell_sale("S", DISPUTE, actor=house.ANNA)
    app.tell_sale("S", LOST, actor=house.ANNA)
    app.present_debts(after(7).date())
    app.release_due(after(12).date())
    app.act(act(Step.GOODWILL_PAID, 500, 13, source="stripe"), actor=house.ANNA)
    for which, party, source in (
        (Step.GOODWILL_CREDITED, None, ""), (Step.GOODWILL_OF_SELLER, "A", "stripe"), (Step.CREDITED, "A", ""),
        (Step.CHARGED, "C", ""), (Step.LAPSED, None, ""), (Step.ROUNDED, None, "stripe"),
    ):  # fmt: skip
        waits = app.act(act(which, 500, 14, party, source=source), actor=house.ANNA)
        assert (waits.needs_second, waits.approved) == (True, None)
        app.decide_act(waits.id, approve=True, reason="Agreed.", actor=EVA)
    app.act(act(Step.GIFT_CARD_SOLD, 5000, 15, source="stripe"), actor=house.ANNA)
    app.act(act("fee_charged", 999, 15, "A", extra_minor=210), actor=house.ANNA)
    app.act(act(Step.COLLECTED, 500, 16, "B", source="bank"), actor=house.ANNA)
    written_off = app.act(act(Step.WRITTEN_OFF, 1000, 17, "B"), actor=house.ANNA)
    app.decide_act(written_off.id, approve=True, reason="It is gone.", actor=EVA)


def test_scenario_s_is_posted_as_the_books_of_the_reference_have_it(books: Tieout) -> None:
    play(books)
    text = text_of(books)
    if os.environ.get("TIEOUT_TEST_UPDATE"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, "utf-8")
    assert text == GOLDEN.read_text("utf-8")
    checked = subprocess.run([tool("bean-check"), GOLDEN], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert not [finding for finding in books.check() if not finding.ok and finding.what != "proof"]


def test_what_does_not_fit_yet_fits_when_the_rest_has_come(books: Tieout) -> None:
    """A refund of all of it, then the captures in parts: after the first there is too little to give back."""
    whole = Fact("back", FactKind.REFUNDED, after(4), amount_minor=8856, source="stripe")
    first = msgspec.structs.replace(captured(), amount_minor=4000)
    rest = Fact("rest", FactKind.CAPTURED, after(1), amount_minor=4856, source="stripe")
    assert [books.tell_sale("S", fact, actor=house.ANNA) for fact in (whole, first)] == [0, 0]
    assert [row[:2] for row in house.open_cases(books)] == [("sale_not_split", "order:S")]
    assert books.tell_sale("S", rest, actor=house.ANNA) == 1
    assert house.open_cases(books) == []
    assert [owed for party in "ABC" for owed in books.seller_balance(party)] == []
