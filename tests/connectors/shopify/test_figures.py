"""Figures as Shopify writes them: what counts as one, and that a split loses nothing."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.connectors.shopify.figures import figure, shop_amount, shop_currency, split_like, total


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12.30", "12.30"),
        ("-0.00", "-0.00"),
        (" 5 ", "5"),
        (7, "7"),
        (Decimal("195.66"), "195.66"),
        ("1e3", "1E+3"),
    ],
)
def test_a_figure(value: Any, expected: str) -> None:
    assert str(figure(value)) == expected


@pytest.mark.parametrize(
    "value",
    [None, "", "many", True, False, [], {}, "NaN", "sNaN", "Infinity", "1e31", "1e-31", "1e99999999999", 10**31],
    ids=repr,
)
def test_no_figure(value: Any) -> None:
    assert figure(value) is None


def test_a_total_leaves_out_what_is_no_figure() -> None:
    assert total(["1.10", None, 2, "x", Decimal("0.05")]) == Decimal("3.15")
    assert total([]) == 0


def test_the_shops_side_of_both_currencies() -> None:
    bag = {
        "shop_money": {"amount": "9.99", "currency_code": "EUR"},
        "presentment_money": {"amount": "11.00", "currency_code": "USD"},
    }
    assert (shop_amount(bag), shop_currency(bag)) == ("9.99", "EUR")
    assert (shop_amount(None), shop_currency("text")) == (None, None)


@pytest.mark.parametrize(
    ("amount", "weights", "currency", "parts"),
    [
        ("0.67", ["1.00", "1.01"], "EUR", ["0.33", "0.34"]),
        ("0.01", ["1", "1"], "eur", ["0.01", "0.00"]),
        ("-0.03", ["2", "1"], "EUR", ["-0.02", "-0.01"]),
        ("101", ["1", "1"], "JPY", ["51", "50"]),
    ],
)
def test_a_split_is_in_proportion(amount: str, weights: list[str], currency: str, parts: list[str]) -> None:
    assert split_like(amount, weights, currency) == [Decimal(part) for part in parts]


@pytest.mark.parametrize(
    ("amount", "weights", "currency"),
    [
        ("1.00", ["0", "0"], "EUR"),
        ("1.00", ["1", "-1"], "EUR"),
        ("1.00", ["1", "x"], "EUR"),
        ("1.00", ["1", "2"], None),
        ("1.00", ["1", "2"], "EURO"),
        ("1.005", ["1", "2"], "EUR"),
        ("many", ["1", "2"], "EUR"),
        ("1.00", [], "EUR"),
    ],
)
def test_where_figures_do_not_allow_it_nothing_is_split(amount: str, weights: list[str], currency: str | None) -> None:
    assert split_like(amount, weights, currency) is None


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**9), min_size=1, max_size=6).filter(any))
def test_no_cent_is_lost(cents: int, weights: list[int]) -> None:
    amount = Decimal(cents).scaleb(-2)
    parts = split_like(amount, [str(weight) for weight in weights], "EUR")
    assert parts is not None
    assert sum(parts) == amount
