"""Transfers and payouts at Stripe: made once, found again, and told of as they are."""

import pytest

from tests.settlement.providers import FakeStripe, served
from tieout.model.payout import Answer, Outcome
from tieout.settlement.provider_client import Order, Silent
from tieout.settlement.provider_stripe import Stripe

ORDER = Order("SP1-1", "pay_1", 4234, "EUR", "acct_1", "Birke", "Lindenhof pay_1")


def test_a_transfer_is_made_once_and_found_again() -> None:
    with served(FakeStripe()) as fake:
        stripe = Stripe(fake.url, "sk_test", 1)
        assert stripe.look_up(ORDER) is None
        fake.faults = ["lost"]
        with pytest.raises(Silent):
            stripe.send(ORDER)
        assert stripe.look_up(ORDER) == Answer(Outcome.PAID, "tr_1")
        assert stripe.send(ORDER) == Answer(Outcome.PAID, "tr_1")
        assert [one["amount"] for one in fake.made.values()] == [4234]
        fake.made["tr_1"]["reversed"] = True
        assert stripe.look_up(ORDER) == Answer(Outcome.RETURNED, "tr_1", "reversed", "The transfer was reversed.")


def test_the_sellers_balance_is_paid_out_to_its_bank() -> None:
    with served(FakeStripe()) as fake:
        stripe = Stripe(fake.url, "sk_test", 1, to_bank=True)
        assert stripe.send(ORDER) == Answer(Outcome.ACCEPTED, "tr_1/po_1")
        assert isinstance(fake, FakeStripe)
        fake.payouts["po_1"] |= {"status": "failed", "failure_code": "account_closed", "failure_message": "Closed."}
        assert stripe.look_up(ORDER) == Answer(Outcome.FAILED, "tr_1/po_1", "account_closed", "Closed.")
        assert len(fake.payouts) == 1


def test_without_funds_nothing_is_made() -> None:
    with served(FakeStripe()) as fake:
        assert isinstance(fake, FakeStripe)
        fake.balance = 1
        said = "You have insufficient funds in your Stripe account."
        stripe = Stripe(fake.url, "sk_test", 1)
        assert stripe.send(ORDER) == Answer(Outcome.FAILED, "", "insufficient_funds", said)
        assert stripe.look_up(ORDER) is None
