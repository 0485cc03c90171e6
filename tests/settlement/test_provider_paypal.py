"""PayPal Payouts: a batch is made once, and its item's status is what is told."""

import pytest

from tests.settlement.providers import FakePayPal, served
from tieout.model.payout import Answer, Outcome
from tieout.settlement.provider_client import Order, Silent
from tieout.settlement.provider_paypal import PayPal

ORDER = Order("SP1-1", "pay_1", 4234, "EUR", "birke@example.com", "Birke", "Lindenhof pay_1")


def test_a_batch_is_made_once_and_found_by_asking_again() -> None:
    with served(FakePayPal()) as fake:
        assert isinstance(fake, FakePayPal)
        paypal = PayPal(fake.url, "id:secret", 1)
        assert paypal.look_up(ORDER) is None
        fake.faults = ["lost"]
        with pytest.raises(Silent):
            paypal.send(ORDER)
        assert paypal.send(ORDER) == Answer(Outcome.SENT, "B1")
        (item,) = fake.made["B1"]["items"]
        assert (item["amount"], item["recipient_type"]) == ({"value": "42.34", "currency": "EUR"}, "EMAIL")
        fake.status = "RETURNED"
        known = Order(**{name: getattr(ORDER, name) for name in ORDER.__struct_fields__} | {"reference": "B1"})
        assert paypal.look_up(known) == Answer(Outcome.RETURNED, "B1")
        assert list(fake.made) == ["B1"]
