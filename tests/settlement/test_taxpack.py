"""Figures for the tax offices."""

import pytest

from tieout.settlement.taxpack import Quarter, dac7, dac7_reportable, form_1099k_gross, form_1099k_reportable

YEAR = {"Q2": Quarter(100_000, 10_000, 5_000, 4), "Q1": Quarter(50_000, 1_000)}


def test_consideration_is_net_and_the_form_is_gross() -> None:
    assert dac7(YEAR) == {
        "ConsQ1": 49_000, "FeesQ1": 1_000, "TaxQ1": 0, "NumbQ1": 0,
        "ConsQ2": 85_000, "FeesQ2": 10_000, "TaxQ2": 5_000, "NumbQ2": 4,
    }  # fmt: skip
    assert form_1099k_gross(YEAR) == 150_000


@pytest.mark.parametrize(("sales", "eur", "reported"), [(29, 200_000, False), (30, 0, True), (1, 200_001, True)])
def test_small_sellers_of_goods_are_not_reported(sales: int, eur: int, reported: bool) -> None:
    assert dac7_reportable({"Q1": Quarter(eur, activities=sales)}, eur) is reported


@pytest.mark.parametrize(
    ("gross", "payments", "reported"),
    [(2_000_001, 201, True), (2_000_000, 201, False), (2_000_001, 200, False)],
)
def test_both_parts_of_the_federal_threshold(gross: int, payments: int, reported: bool) -> None:
    assert form_1099k_reportable(gross, payments) is reported
