"""Deliveries: three doors, three verdicts, one true identity."""

import pytest

from tieout.model.delivery import Channel, Envelope, Receipt, Verdict


def test_doors_and_verdicts() -> None:
    assert [channel.value for channel in Channel] == ["webhook", "objects", "file"]
    assert [verdict.value for verdict in Verdict] == ["accepted", "repeated", "rejected"]


def test_an_envelope_is_what_it_says_and_stays_so() -> None:
    envelope = Envelope("orders/create", "shop:orders/create:77")
    assert envelope == Envelope(topic="orders/create", identity="shop:orders/create:77")
    with pytest.raises(AttributeError):
        envelope.identity = "another"  # type: ignore[misc]


def test_a_receipt_gives_no_reason_when_all_is_well() -> None:
    assert Receipt("dlv_1", Verdict.ACCEPTED).reason == ""
