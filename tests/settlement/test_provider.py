"""A split in the words of payment providers: the legs come to the payment."""

import msgspec
from hypothesis import given

from tests.settlement.orders import MARKET, TEN, fee_rules, orders
from tieout.settlement.provider import Invoice, SplitLeg, invoice, split_legs, transfers
from tieout.settlement.quote import quote

TOTALS = quote(MARKET, TEN).totals


def test_a_transfer_for_each_seller() -> None:
    assert transfers(TOTALS) == ({"A": 5100, "B": 1890, "C": 810}, 1056)
    owing = msgspec.structs.replace(TOTALS, sellers_minor={"A": -200, "B": 0, "C": 10})
    assert transfers(owing) == ({"C": 10}, 8846)
    assert transfers(msgspec.structs.replace(TOTALS, channel_tax_minor=56)).platform_keeps_minor == 1000


@given(orders(), fee_rules)
def test_the_legs_with_an_amount_come_to_the_payment(order, rules) -> None:
    totals = quote(order, rules).totals
    legs = split_legs(totals)
    assert sum(leg.amount_minor or 0 for leg in legs) == totals.buyer_minor - totals.channel_tax_minor
    assert legs[-1] == SplitLeg("fee", "platform", None)


def test_an_invoice_goes_both_ways() -> None:
    assert invoice(1234, {"a": -999, "b": 5678, "c": -1, "d": 0}) == Invoice([999, 1], [5678], 1234)
