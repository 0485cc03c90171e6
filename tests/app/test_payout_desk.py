"""What persons do with a payout: make it, approve it, cancel it, try it again."""

from datetime import date

import msgspec
import pytest

from tests.app.payroom import (
    ANNA,
    DAY,
    EVA,
    IDA,
    POLICY,
    balance,
    owe,
    said,
    sell,
    way,
)  # fmt: skip
from tieout.app import Tieout
from tieout.model.error import PayoutRefused
from tieout.model.payout import Outcome, Tier


def test_a_canceled_payout_gives_its_lines_back_to_the_next(market: Tieout) -> None:
    sell(market)
    owe(market, "birke", 3000)
    first = market.make_payout("birke", 2000, "EUR", reason="asked for it", day=DAY, actor=ANNA)
    assert (first.amount_minor, first.state, first.approvals_needed) == (2000, "pending_approval", 1)
    market.cancel_payout(first.name, reason="a mistake", actor=EVA)
    assert sum(line.amount_minor for line in market.payable("birke")["EUR"]) == 3000
    market.run_payouts(DAY)
    second = market.payout_list()[0]
    assert second.amount_minor == 3000
    assert sorted(line.amount_minor for line in market.payout(second.name).lines) == [-1000, 1000, 3000]


def test_who_makes_a_payout_does_not_approve_it(market: Tieout) -> None:
    sell(market)
    owe(market, "birke", 3000)
    one = market.make_payout("birke", None, "EUR", reason="asked for it", day=DAY, actor=ANNA)
    with pytest.raises(PayoutRefused, match="was made by anna, who does not approve it"):
        market.approve_payout(one.name, actor=ANNA)
    assert market.payout(one.name).approvals == ()
    assert market.approve_payout(one.name, actor=EVA).state == "queued"
    assert way(market, one.name) == ["draft", "pending_approval", "approved", "queued"]


def test_large_payouts_of_a_run_wait_for_two_people(market: Tieout) -> None:
    policy = msgspec.structs.replace(POLICY, run_tiers=(Tier("EUR", 100_000, 2),))
    market.publish_payout_policy(policy, reason="two see large ones", actor=ANNA)
    sell(market)
    owe(market, "birke", 100_000)
    market.run_payouts(DAY, actor=IDA)
    (one,) = market.payout_list()
    assert (one.state, one.approvals_needed) == ("pending_approval", 2)
    assert market.approve_payout(one.name, actor=ANNA).state == "pending_approval"
    with pytest.raises(PayoutRefused, match="has approved"):
        market.approve_payout(one.name, actor=ANNA)
    assert market.approve_payout(one.name, actor=EVA).state == "queued"


def test_what_may_be_tried_again_is_with_the_same_lines(market: Tieout) -> None:
    sell(market)
    owe(market, "birke", 3000)
    market.run_payouts(DAY)
    (one,) = market.payout_list()
    for _ in range(2):
        market.send_payouts(DAY)
        market.settle_payout(one.name, Outcome.FAILED, code="AM04", actor=ANNA, day=DAY)
    market.send_payouts(DAY)
    assert way(market, one.name) == ["draft", "approved", *["queued", "submitted", "failed"] * 2, "queued", "submitted"]
    assert [tried.idempotency_key for tried in market.payout(one.name).attempts] == [
        "SP0000000001-1", "SP0000000001-2", "SP0000000001-3",
    ]  # fmt: skip
    assert (balance(market, "2320", "birke"), balance(market, "2350")) == (0, -3000)
    market.settle_payout(one.name, Outcome.FAILED, code="AM04", actor=ANNA, day=DAY)
    assert way(market, one.name)[-1] == "failed"  # three times is enough
    market.run_payouts(date(2026, 3, 4))
    market.release_seller(1, reason="funds are there", actor=EVA)
    assert said(market, market.run_payouts(date(2026, 11, 23)).id) == {"birke": ("paid", 3000, 0)}
    with pytest.raises(PayoutRefused, match="Another payout has some of these lines"):
        market.retry_payout(one.name, reason="once more", actor=ANNA)
