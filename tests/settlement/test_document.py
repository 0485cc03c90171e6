"""Documents: amounts as people write them, and nothing guessed."""

from decimal import Decimal

import pytest

from tests.settlement.orders import MARKET
from tieout.model.commission import FeeRule, FeeRules, Tier
from tieout.model.error import AmountError, BadInput
from tieout.model.settlement import Payee, Refund, RefundLine
from tieout.settlement.document import read_order, read_ownership, read_rules, write_quote
from tieout.settlement.quote import quote

WRITTEN = {
    "id": "S",
    "currency": "USD",
    "lines": [
        {"line": 1, "unit_price": "25.00", "quantity": 2, "owners": {"A": 10000}, "shipping": "6.00",
         "shipping_to": "seller"},
        {"line": 2, "unit_price": Decimal(30), "owners": {"B": 7000, "C": 3000}, "shipping": 4,
         "shipping_to": "platform"},
    ],
    "discounts": [{"percent": "10", "funded_by": "platform"}],
    "taxes": [{"percent": 8, "collector": "facilitator"}],
}  # fmt: skip


def test_an_order_as_people_write_it() -> None:
    assert read_order(WRITTEN) == MARKET


def test_every_other_amount_of_an_order() -> None:
    order = read_order(
        {
            "currency": "JPY",
            "lines": [{"line": 1, "unit_price": "500", "facts": {"shipping": "by sea", "amount": "1"}}],
            "shipping": "30",
            "discounts": [{"per_unit": "5"}, {"amount": "7", "funded_by": {"platform": "60", "seller": "40"}}],
            "tenders": {"gift_card": "100"},
            "captures": ["200", 100],
            "volume": {"A": "1000"},
            "refunds": [
                {"amount": "50", "settled": "-1.25", "settled_currency": "EUR"},
                {"lines": [{"line": 1, "amount": "3", "tax": "1"}]},
            ],
        }
    )
    assert (order.lines[0].unit_price_minor, order.shipping_minor, order.captures_minor) == (500, 30, (200, 100))
    assert order.lines[0].facts == {"shipping": "by sea", "amount": "1"}
    assert (order.discounts[0].per_unit_minor, order.discounts[1].amount_minor) == (5, 7)
    assert order.discounts[1].funded_by == {Payee.PLATFORM: 60, Payee.SELLER: 40}
    assert (order.tenders_minor, order.volume_minor) == ({"gift_card": 100}, {"A": 1000})
    assert order.refunds[0] == Refund(50, settled_minor=-125, settled_currency="EUR")
    assert order.refunds[1].lines == (RefundLine(1, amount_minor=3, tax_minor=1),)


def test_rules_have_amounts_by_currency_or_in_the_orders() -> None:
    written = {
        "commission": [
            {"id": "r", "when": {"from": "x"}, "fixed": {"EUR": "0.30", "JPY": "30"}, "maximum": "20.00",
             "tiers": [{"from": 0, "percent": "15"}, {"from": "100.00", "percent": "8"}]},
        ],
        "gateway_fee": {"id": "g", "fixed": "0.25"},
    }  # fmt: skip
    tiers = (Tier({"EUR": 0}, Decimal(15)), Tier({"EUR": 10_000}, Decimal(8)))
    rule = FeeRule(
        "r", when={"from": "x"}, fixed_minor={"EUR": 30, "JPY": 30}, maximum_minor={"EUR": 2_000}, tiers=tiers
    )
    assert read_rules(written, "EUR") == FeeRules((rule,), gateway_fee=FeeRule("g", fixed_minor={"EUR": 25}))


@pytest.mark.parametrize(
    ("change", "what", "where"),
    [
        ({"currency": None}, "The order names no currency", "order.currency"),
        ({"lines": [{"line": 1}]}, "Object missing required field `unit_price_minor`", "order.lines[0]"),
        ({"lines": [{"line": "1", "unit_price": "1"}]}, "Expected `int`, got `str`", "order.lines[0].line"),
        ({"price": "1"}, "Object contains unknown field `price`", "order"),
        ({"discounts": [{"percent": "x"}]}, "Invalid decimal string", "order.discounts[0].percent"),
        ({"taxes": [{"collector": "me"}]}, "Invalid enum value 'me'", "order.taxes[0].collector"),
    ],
)
def test_what_is_not_understood_is_named(change, what: str, where: str) -> None:
    with pytest.raises(BadInput, match=what) as refused:
        read_order(WRITTEN | change)
    assert refused.value.where == where


@pytest.mark.parametrize("amount", ["25.001", "a lot", 25.0, True, "1e99", None])
def test_an_amount_that_is_none(amount: object) -> None:
    with pytest.raises((AmountError, BadInput)):
        read_order(WRITTEN | {"lines": [{"line": 1, "unit_price": amount}]})


def test_ownership_is_a_list_of_records() -> None:
    (record,) = read_ownership([{"listing": "m", "valid_from": "2026-01-01T00:00:00Z", "shares": []}])
    assert (record.listing, record.version) == ("m", 1)
    with pytest.raises(BadInput) as refused:
        read_ownership([{"listing": "m"}])
    assert refused.value.where == "ownership[0]"


def test_a_quote_is_written_in_decimal_text() -> None:
    order = WRITTEN | {"refunds": [{"amount": "10.00", "settled": "900", "settled_currency": "JPY"}]}
    written = write_quote(quote(read_order(order), read_rules({"commission": [{"id": "r", "percent": "10"}]}, "USD")))
    assert written["totals"]["sellers"] == {"A": "51.00", "B": "18.90", "C": "8.10"}
    assert written["legs"][2] == {"line": 1, "part": "goods", "kind": "discount", "amount": "-5.00"}
    assert written["fees"][0]["fee"] == "5.00"
    (refund,) = written["refunds"]
    assert (refund["totals"]["buyer"], refund["settled"]["buyer"], refund["rate"]) == ("-10.00", "-900", "0.9")
    assert written["left"]["buyer"] == "78.56"
    captured, refunded = written["journals"]
    assert (captured["event"], captured["lines"][0]) == ("captured", {"role": "gateway", "amount": "88.56"})
    assert refunded["lines"][-2:] == [
        {"role": "gateway", "amount": "-10.00"},
        {"role": "platform_discounts", "amount": "-0.90"},
    ]
