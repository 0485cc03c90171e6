"""What a provider's silence means, and its refusals."""

import pytest

from tests.settlement.providers import FakeStripe, served
from tieout.settlement.provider_client import Busy, Caller, Silent, refused


def test_an_answer_is_certain_or_it_is_none() -> None:
    with served(FakeStripe()) as fake:
        caller = Caller(fake.url, {"Authorization": "Bearer sk_test"}, 1)
        assert caller.ask("GET", "/v1/transfers") == (200, {"data": []})
        status, _ = Caller(fake.url, {}, 1).ask("GET", "/v1/transfers")
        assert refused(status)
        fake.faults = ["429", "500", "lost"]
        form = {"amount": "1", "transfer_group": "k"}
        for wanted in (Busy, Silent, Silent):
            with pytest.raises(wanted):
                caller.ask("POST", "/v1/transfers", headers={"Idempotency-Key": "k"}, data=form)
    with pytest.raises(Silent):
        Caller(fake.url, {}, 1).ask("GET", "/v1/transfers")
