"""What sellers are told by the books: statements that tie to the ledger, and payouts told by what they consist of."""

from datetime import date, timedelta

import pytest

from tests.app import owing
from tests.app.owing import FIRST, LAST
from tieout.app import Tieout
from tieout.model.bucket import Bucket
from tieout.model.error import BadInput, NotFound
from tieout.model.owed import Driver

D = Driver
GOLDEN = """\
seller,currency,kind,day,reference,what,bucket,amount,amount_minor,entry,made_of
B,EUR,opening,2026-10-01,,,pending,0.00,0,,
B,EUR,opening,2026-10-01,,,available,0.00,0,,
B,EUR,opening,2026-10-01,,,dispute_hold,0.00,0,,
B,EUR,movement,2026-10-01,order:1001,Sold,pending,18.90,1890,ent_1,sales 21.00; commission -2.10
B,EUR,movement,2026-10-04,order:1001,Released,pending,-18.90,-1890,ent_3,
B,EUR,movement,2026-10-04,order:1001,Released,available,18.90,1890,ent_3,
B,EUR,movement,2026-10-07,order:1001,Held for a dispute,available,-18.90,-1890,ent_6,
B,EUR,movement,2026-10-07,order:1001,Held for a dispute,dispute_hold,18.90,1890,ent_6,
B,EUR,movement,2026-10-08,order:1001,Dispute lost,dispute_hold,-18.90,-1890,ent_7,sales -21.00; commission 2.10
B,EUR,movement,2026-10-09,order:1001,Dispute fee,available,-15.00,-1500,ent_8,
B,EUR,closing,2026-10-31,,,pending,0.00,0,,
B,EUR,closing,2026-10-31,,,available,-15.00,-1500,,
B,EUR,closing,2026-10-31,,,dispute_hold,0.00,0,,
"""


@pytest.fixture
def told(app: Tieout) -> Tieout:
    """Books with the story of one order in them."""
    owing.story(app)
    owing.profile(app, "A")
    return app


def test_a_statement_is_what_an_accountant_can_check(told: Tieout) -> None:
    assert told.statement_csv("B", FIRST, LAST).replace("\r\n", "\n") == GOLDEN


def test_every_closing_is_the_ledgers_and_the_next_opening(told: Tieout) -> None:
    """Whatever days a statement is cut at; the ledger is asked apart."""
    before = 0
    for day in range(16):
        first = FIRST + timedelta(days=day)
        (found,) = told.statements("A", first, first)
        codes = [a.code for a in told.accounts() if a.role.startswith("seller_") and a.type != "income"]
        ledger = -sum(b.balance_minor for b in told.party("A", accounts=codes, at=first))
        assert (found.opening_minor, found.closing_minor) == (before, ledger)
        before = found.closing_minor
    assert before == 2850


def test_it_says_what_is_paid_next_and_what_is_kept(told: Tieout) -> None:
    (found,) = told.statements("A", FIRST, date(2026, 10, 5))
    assert [(one.amount_minor, one.why) for one in found.withheld] == [
        (510, "Kept back for a while against refunds and disputes")
    ]
    assert (found.expected_on, found.expected_minor, found.expected_why) == (date(2026, 10, 9), 2340, "")
    owing.write(
        told,
        "insert into seller_hold (ledger_id, party, reason, since, ends_when, opened_by)"
        " values (1, 'A', 'claim', '2026-10-05', 'When the buyer is content.', 'anna')",
    )
    (found,) = told.statements("A", FIRST, date(2026, 10, 5))
    assert (found.expected_minor, found.expected_why) == (0, "A hold is on it.")
    assert found.withheld[0].why == "A buyer's claim is open. When the buyer is content."
    (quiet,) = told.statements("B", FIRST, LAST)
    assert (quiet.name, quiet.expected_on, quiet.expected_why) == ("B", None, ""), "nobody says how B is paid"


def test_the_pdf_is_the_same_whenever_it_is_made(told: Tieout) -> None:
    first = told.statement_pdf("A", "EUR", FIRST, LAST)
    assert first == told.statement_pdf("A", "EUR", FIRST, LAST)
    assert [(one.party, made) for one, made in told.every_statement(FIRST, LAST)] == [("A", first)]
    with pytest.raises(NotFound, match="never owed anything in JPY"):
        told.statement_pdf("A", "JPY", FIRST, LAST)


def test_strangers_and_days_that_are_no_period_are_refused(told: Tieout) -> None:
    with pytest.raises(NotFound, match="There is no seller “Z”"):
        told.statements("Z")
    with pytest.raises(NotFound, match="There is no seller “Z”"):
        told.seller_balances("Z")
    with pytest.raises(BadInput, match="2026-10-31 is after 2026-10-01"):
        told.statements("A", LAST, FIRST)
    assert told.seller_balances("A", date(2026, 10, 4)) == {
        "EUR": {Bucket.PENDING: 0, Bucket.AVAILABLE: 4590, Bucket.RESERVE: 510}
    }


def test_a_payout_is_told_by_what_was_sold_and_what_was_kept(told: Tieout) -> None:
    lines = {"story:4": 4590, "story:5": -2250}
    first = owing.pay(told, "A", 2340, lines, date(2026, 10, 10), "returned")
    second = owing.pay(told, "A", 2850, {**lines, "story:14": 510}, date(2026, 10, 16))
    made = told.explain_payout(first)
    assert {driver: amount for driver, amount in made.drivers_minor.items() if amount} == {
        D.SALES: 5600, D.REFUNDS: -2500, D.COMMISSION: -250, D.RESERVE_HELD: -510,
    }  # fmt: skip
    assert [(part.what, part.reference, part.amount_minor) for part in made.parts] == [
        ("Released", owing.ORDER, 4590), ("Refunded", owing.ORDER, -2250),
    ]  # fmt: skip
    assert [payout.payout for payout in told.seller_payouts("A")] == [second, first]
    assert told.seller_payouts("B") == []
    bridge = told.payout_bridge(second, first)
    assert [(step.driver, step.change_minor) for step in bridge.steps if step.change_minor] == [
        (D.RESERVE_RELEASED, 510)
    ]
    with pytest.raises(NotFound, match=f"{second} is the seller's first payout"):
        told.payout_bridge(second)


def test_payouts_of_two_sellers_are_not_compared(told: Tieout) -> None:
    first = owing.pay(told, "A", 4590, {"story:4": 4590}, date(2026, 10, 10))
    second = owing.pay(told, "C", 810, {"story:4": 810}, date(2026, 10, 10))
    with pytest.raises(BadInput, match="These payouts cannot be compared"):
        told.payout_bridge(second, first)
    with pytest.raises(NotFound, match="There is no payout “ent_1”"):
        told.explain_payout("ent_1")
