"""Rates as entries state them: written, read, and worked out from lines."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tieout.model.entry import Line
from tieout.model.rate import CONVERSION, STATED, EntryRate, implied_rates, rate_text, read_rate_text, rounded

DAY = date(2026, 3, 2)
DOLLAR = EntryRate("USD", Decimal("0.92"), "ecb", DAY)
YEN = EntryRate("JPY", Decimal("0.00625"), CONVERSION, DAY)
LINES = (Line("1320", "USD", 100, 92), Line("1310", "JPY", -147, -92))


def test_one_rate_is_written_without_its_currency_and_several_with() -> None:
    assert rate_text([]) is None
    assert rate_text([DOLLAR]) == "0.92 ecb 2026-03-02"
    assert rate_text([DOLLAR, YEN]) == "USD 0.92 ecb 2026-03-02; JPY 0.00625 conversion 2026-03-02"


def test_what_was_written_is_read() -> None:
    assert read_rate_text("0.92 ecb 2026-03-02", LINES[:1], "EUR") == (DOLLAR,)
    assert read_rate_text(rate_text([DOLLAR, YEN]), LINES, "EUR") == (DOLLAR, YEN)
    assert read_rate_text(None, LINES, "EUR") == ()
    assert read_rate_text("about one to one", LINES, "EUR") == ()
    assert read_rate_text("0.92 ecb 2026-03-02", (), "EUR") == (), "of no currency"


@given(st.fractions(Fraction(1, 10**9), 10**9))
def test_a_rate_for_people_is_right_to_twelve_digits(value: Fraction) -> None:
    shown = rounded(value)
    assert abs(Fraction(shown) / value - 1) <= Fraction(1, 2 * 10**11)
    assert read_rate_text(rate_text([EntryRate("USD", shown, "ecb", DAY)]), LINES, "EUR")[0].value == shown


def test_lines_imply_what_one_unit_is_worth_whatever_the_decimals() -> None:
    lines = [
        Line("1", "JPY", 16_000, 10_000),
        Line("2", "JPY", -8_000, -5_000),
        Line("3", "KWD", 1_500, 450),
        Line("4", "EUR", 1, 1),
    ]
    assert implied_rates(lines, "EUR", STATED, DAY) == (
        EntryRate("JPY", Decimal("0.00625"), STATED, DAY),
        EntryRate("KWD", Decimal(3), STATED, DAY),
    )


def test_a_line_of_base_currency_alone_says_nothing_of_a_rate() -> None:
    assert implied_rates([Line("1", "USD", 0, 200), Line("2", "USD", 0, -200)], "EUR", STATED, DAY) == ()
