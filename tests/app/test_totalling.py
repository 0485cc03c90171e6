"""A provider's list against what it told: gaps are exceptions of their day, and settled when they are filled."""

import pytest

from tests.app.house import ANNA, open_cases, tell, the_case
from tests.connectors.stripe import objects as stripe
from tieout.app import Tieout
from tieout.app.totalling import read_listing
from tieout.model.error import BadInput, NotFound

LIST = "id,date,amount,currency,status\ntxn_1,2026-03-03,49.00,eur,available\ntxn_2,2026-03-03,10.00,EUR,available\n"


def line(number: int, amount: int) -> dict[str, object]:
    charge = {"reporting_category": "charge", "type": "charge"}
    return stripe.row(amount, 0, id=f"txn_{number}", source=f"ch_{number}", **charge)


def test_a_gap_is_an_exception_until_it_is_filled(app: Tieout) -> None:
    tell(app, "stripe", stripe.listing(line(1, 4900)))
    (found,) = app.compare_totals("stripe", LIST, actor=ANNA)
    assert (found.missing, found.first, found.theirs.count, found.ours.count) == (("txn_2",), "txn_2", 2, 1)
    case = the_case(app, "totals_differ").case.draft
    assert (case.subject, case.amount_minor) == ("stripe:2026-03-03:EUR", 1000)
    assert case.sentence == (
        "For 2026-03-03 stripe lists 2 over 59.00 EUR; here are 1 over 49.00 EUR: 1 missing here (txn_2)."
    )
    tell(app, "stripe", stripe.listing(line(2, 1000)))
    (filled,) = app.compare_totals("stripe", LIST, actor=ANNA)
    assert filled.agrees
    assert "totals_differ" not in [reason for reason, _, _ in open_cases(app)]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("id,date,amount\n", "header"),
        (LIST.replace("10.00", "1O.00"), "row 3, amount"),
        (LIST.replace("2026-03-03,49", "3 March,49"), "row 2, date"),
        ("id,date,amount,currency\n", "file"),
    ],
)
def test_a_list_that_cannot_be_read_names_the_row(text: str, where: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_listing(text)
    assert refused.value.where == where


def test_an_unknown_source_is_refused(app: Tieout) -> None:
    with pytest.raises(NotFound, match="There is no source “paypal”"):
        app.compare_totals("paypal", LIST, actor=ANNA)
