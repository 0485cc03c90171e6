"""Money goes in and comes out to the digit, or is refused; it is never rounded unseen."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tieout.model.error import AmountError
from tieout.model.money import (
    AMOUNT_MINOR_MAX,
    ISO_EXPONENTS,
    Money,
    decimal_text,
    display,
    exponent_of,
    fits_bigint,
    from_minor,
    rescale,
    split_by_weight,
    sum_by_currency,
    to_minor,
)

currencies = st.sampled_from(sorted(ISO_EXPONENTS))
amounts = st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("12.34", "EUR", 1234),
        ("-12.34", "EUR", -1234),
        ("+12.34", "EUR", 1234),
        ("12.", "EUR", 1200),
        (".5", "EUR", 50),
        ("8.850", "EUR", 885),
        ("0.00000", "EUR", 0),
        ("500", "JPY", 500),
        ("500.00", "JPY", 500),
        ("1.234", "BHD", 1234),
        ("1.2345", "CLF", 12345),
        ("1e2", "JPY", 100),
        ("1E-3", "KWD", 1),
        (7, "EUR", 700),
        (Decimal("0.10"), "EUR", 10),
        ("92233720368547758.07", "EUR", AMOUNT_MINOR_MAX),
        ("-92233720368547758.07", "EUR", -AMOUNT_MINOR_MAX),
        (Decimal("0E+999999999999"), "EUR", 0),
        ("1." + "0" * 58, "EUR", 100),
    ],
)
def test_minor_units(amount: str | int | Decimal, currency: str, minor: int) -> None:
    assert to_minor(amount, currency) == minor


@pytest.mark.parametrize(
    ("amount", "currency", "what"),
    [
        ("8.851", "EUR", "more decimals than the 2 of EUR"),
        ("500.5", "JPY", "more decimals than the 0 of JPY"),
        ("1.2345", "BHD", "more decimals than the 3 of BHD"),
        ("1.000000000000000000000000000000000001", "EUR", "more decimals"),  # 28 digits are not enough to see this
        ("1e-9999", "EUR", "more decimals"),
        ("92233720368547758.08", "EUR", "64 bits"),
        ("1e5000", "EUR", "64 bits"),  # Python refuses to print such a number
        pytest.param(10**5000, "EUR", "64 bits", id="ten-to-the-5000"),
        (Decimal("1E+999999999"), "EUR", "64 bits"),
        ("NaN", "EUR", "is not an amount"),
        ("Infinity", "EUR", "is not an amount"),
        (Decimal("sNaN"), "EUR", "is not an amount"),
        ("", "EUR", "is not an amount"),
        ("12,34", "EUR", "is not an amount"),
        ("1_000", "EUR", "is not an amount"),  # Python would read 1000
        ("١٢", "EUR", "is not an amount"),
        (" 12 ", "EUR", "is not an amount"),
        ("12.34\n", "EUR", "is not an amount"),
        (0.5, "EUR", "is not an amount"),  # exact, but nobody knows what the source wrote
        (True, "EUR", "is not an amount"),
        (None, "EUR", "is not an amount"),
        ("1.00", "EURO", "is not an ISO 4217 currency"),
        ("1.00", "eur", "is not an ISO 4217 currency"),
        ("1.00", "", "is not an ISO 4217 currency"),
    ],
)
def test_what_is_no_amount_is_refused(amount: Any, currency: str, what: str) -> None:
    with pytest.raises(AmountError, match=what):
        to_minor(amount, currency)


@given(amounts, currencies)
def test_money_goes_round(minor: int, currency: str) -> None:
    """Minor units to a decimal, to text and back are the same minor units, for every currency and 64-bit amount."""
    assert to_minor(from_minor(minor, currency), currency) == minor
    assert to_minor(decimal_text(minor, currency), currency) == minor
    shown = display(minor, currency)
    assert "-" not in shown
    assert to_minor(shown.replace("−", "-").replace(",", ""), currency) == minor


@given(amounts, currencies, st.integers(0, 4))
def test_rescaling_loses_nothing_or_refuses(minor: int, currency: str, theirs: int) -> None:
    """A source's own exponent: the value stays the same, or the amount has digits that ISO does not know."""
    value = Decimal(minor).scaleb(-theirs)
    try:
        ours = rescale(minor, currency, {currency: theirs})
    except AmountError:
        exponent = exponent_of(currency)
        assert (theirs > exponent and minor % 10 ** (theirs - exponent)) or abs(minor) * 10**exponent > AMOUNT_MINOR_MAX
    else:
        assert from_minor(ours, currency) == value


def test_rescaling_as_stripe_needs_it() -> None:
    overrides = {"ISK": 2, "MGA": 0}
    assert rescale(12300, "ISK", overrides) == 123
    assert rescale(5, "MGA", overrides) == 500
    assert rescale(12345, "EUR", overrides) == 12345
    with pytest.raises(AmountError, match="more decimals than the 0 of ISK"):
        rescale(12345, "ISK", overrides)
    with pytest.raises(AmountError, match="64 bits"):
        rescale(AMOUNT_MINOR_MAX, "MGA", overrides)
    with pytest.raises(AmountError, match="not an ISO 4217"):
        rescale(1, "XXX", None)


def test_text_for_files_and_for_people() -> None:
    assert decimal_text(-123450, "EUR") == "-1234.50"
    assert display(-123450, "EUR") == "−1,234.50"
    assert decimal_text(123450, "JPY") == "123450"
    assert display(123450, "BHD") == "123.450"
    assert decimal_text(0, "EUR") == "0.00"
    assert decimal_text(AMOUNT_MINOR_MAX, "EUR") == "92233720368547758.07"


def test_exponents_are_those_of_iso_4217() -> None:
    """Those that software gets wrong most often, and how many there are of each."""
    named = {"JPY": 0, "KRW": 0, "ISK": 0, "UGX": 0, "VND": 0, "CLP": 0, "BHD": 3, "KWD": 3, "TND": 3, "CLF": 4}
    named |= {"EUR": 2, "HUF": 2, "IDR": 2, "TWD": 2, "MGA": 2, "MRU": 2, "XCG": 2, "ZWG": 2}
    assert {code: ISO_EXPONENTS[code] for code in named} == named
    assert sorted(code for code, exponent in ISO_EXPONENTS.items() if exponent == 3) == [
        "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND",
    ]  # fmt: skip
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in ISO_EXPONENTS)
    assert not {"XXX", "XTS", "XAU", "HRK", "DEM"} & ISO_EXPONENTS.keys()
    assert exponent_of("ISK", {"ISK": 2}) == 2


def test_currencies_are_never_added_to_each_other() -> None:
    money = [Money(100, "EUR"), Money(5, "USD"), Money(-30, "EUR")]
    assert sum_by_currency(money) == {"EUR": 70, "USD": 5}
    assert Money(1, "EUR") + Money(2, "EUR") == Money(3, "EUR")
    assert -Money(1, "EUR") == Money(-1, "EUR")
    with pytest.raises(AssertionError, match="cannot add USD to EUR"):
        Money(1, "EUR") + Money(1, "USD")


def test_64_bits() -> None:
    assert fits_bigint(AMOUNT_MINOR_MAX) == AMOUNT_MINOR_MAX == 9223372036854775807
    for beyond in (AMOUNT_MINOR_MAX + 1, -AMOUNT_MINOR_MAX - 1):
        with pytest.raises(AmountError, match=f"The amount {beyond} does not fit 64 bits"):
            fits_bigint(beyond)
    with pytest.raises(AmountError, match="over 70 digits"):
        fits_bigint(10**5000)


def test_splitting_as_an_accountant_does() -> None:
    assert split_by_weight(100, [1, 1, 1]) == [34, 33, 33]
    assert split_by_weight(-100, [1, 1, 1]) == [-34, -33, -33]
    assert split_by_weight(5, [2, 0, 1]) == [3, 0, 2]
    assert split_by_weight(1, [1, 2, 3]) == [0, 0, 1]
    assert split_by_weight(0, [3, 4]) == [0, 0]
    for weights in ([], [0, 0], [3, -1]):
        with pytest.raises((AssertionError, ValueError)):
            split_by_weight(1, weights)


@given(amounts, st.lists(st.integers(0, 10**18), min_size=1, max_size=20))
def test_splitting_is_exact_and_fair(total: int, weights: list[int]) -> None:
    """The parts sum to the total, none has another sign, none is a whole unit off, and more weight is never less."""
    assume(sum(weights))
    parts = split_by_weight(total, weights)
    whole = sum(weights)
    assert sum(parts) == total
    assert all(part * total >= 0 for part in parts)
    assert all(abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True))
    assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if weight == 0)
    assert all(
        abs(parts[i]) >= abs(parts[j])
        for i in range(len(weights))
        for j in range(len(weights))
        if weights[i] > weights[j]
    )
