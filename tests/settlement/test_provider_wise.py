"""Wise: a transfer is made and funded once."""

import msgspec
import pytest

from tests.settlement.providers import FakeWise, served
from tieout.model.payout import Answer, Outcome
from tieout.settlement.provider_client import Order, Silent
from tieout.settlement.provider_wise import Wise

ORDER = Order("SP1-1", "pay_1", 4234, "EUR", "9001", "Birke", "Lindenhof pay_1")
KNOWN = msgspec.structs.replace(ORDER, reference="501")


def test_a_transfer_is_made_and_funded_once() -> None:
    with served(FakeWise()) as fake:
        wise = Wise(fake.url, "token", 1, "77")
        assert wise.look_up(ORDER) is None
        fake.faults = ["", "", "lost"]  # quoted, made, funded
        with pytest.raises(Silent):
            wise.send(ORDER)
        assert wise.send(ORDER) == Answer(Outcome.SENT, "501")
        assert list(fake.made) == ["501"]
        assert [path for _, path in fake.asked if path.endswith("/payments")] == [
            "/v3/profiles/77/transfers/501/payments"
        ]
        fake.made["501"]["status"] = "bounced_back"
        assert wise.look_up(KNOWN) == Answer(Outcome.RETURNED, "501", "bounced_back")


def test_a_transfer_that_cannot_be_funded_failed_and_is_funded_later() -> None:
    with served(FakeWise()) as fake:
        assert isinstance(fake, FakeWise)
        wise = Wise(fake.url, "token", 1, "77")
        fake.balance = False
        assert wise.send(ORDER) == Answer(
            Outcome.FAILED, "501", "insufficient_funds", "Wise did not fund the transfer."
        )
        fake.balance = True
        assert wise.look_up(KNOWN) == Answer(Outcome.SENT, "501")
