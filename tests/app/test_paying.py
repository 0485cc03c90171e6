"""Paying sellers: the same run pays once, files are taken once, and nothing goes without a rail."""

import hashlib

import pytest

from tests.app.payroom import (
    ANNA,
    DAY,
    EVA,
    balance,
    owe,
    said,
    sell,
    way,
)  # fmt: skip
from tieout.app import Tieout
from tieout.app.paying import read_policy
from tieout.model.error import BadInput, ConfigError
from tieout.model.payout import PayoutPolicy


def test_a_run_pays_each_seller_what_its_lines_come_to_and_once(market: Tieout) -> None:
    sell(market)
    sell(market, "linde", payout_minimum_minor=5000)
    owe(market, "birke", 5000, -1000, 234)
    owe(market, "linde", 4999)
    run = market.run_payouts(DAY)
    assert said(market, run.id) == {"birke": ("paid", 4234, 0), "linde": ("below_minimum", 0, 4999)}
    (one,) = market.payout_list()
    assert (one.amount_minor, one.state, one.end_to_end) == (4234, "queued", "SP0000000001")
    assert [line.amount_minor for line in market.payout(one.name).lines] == [5000, -1000, 234]
    assert market.run_payouts(DAY).id == run.id
    assert len(market.payout_list()) == 1
    assert market.send_payouts(DAY) == 1
    assert way(market, one.name) == ["draft", "approved", "queued", "submitted"]
    assert (balance(market, "2320", "birke"), balance(market, "2350")) == (0, -4234)


def test_a_file_is_exported_once_and_says_so(market: Tieout) -> None:
    sell(market)
    owe(market, "birke", 3000)
    market.run_payouts(DAY)
    market.send_payouts(DAY)
    (file,) = market.payment_files()
    assert (file.name, file.payouts, file.total_minor) == ("bank-EUR-2026-03-03-FSP000000000102.xml", 1, 3000)
    taken = market.export_payment_file(file.id, actor=ANNA)
    assert (taken.time, taken.warning, hashlib.sha256(taken.content).hexdigest()) == (1, "", file.sha256)
    assert b"<EndToEndId>SP0000000001</EndToEndId>" in taken.content
    again = market.export_payment_file(file.id, actor=EVA)
    assert again.time == 2
    assert again.warning.startswith("anna took this file on ")
    assert market.payout_list()[0].state == "in_transit"


def test_nothing_is_paid_without_a_policy(market: Tieout) -> None:
    market.publish_payout_policy(PayoutPolicy(), reason="none", actor=ANNA)
    with pytest.raises(ConfigError, match="No rail is known"):
        market.run_payouts(DAY)
    with pytest.raises(BadInput, match="This is no payout policy"):
        read_policy({"rails": [{"name": "x", "kind": "pigeon", "currencies": ["EUR"]}]})
