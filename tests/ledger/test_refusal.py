"""What the database refused, in words: which account, which day, how much there is."""

import json
from typing import Any

import pytest

from tieout.ledger.refusal import refusal
from tieout.model.error import AccountUnfit, Overdrawn, PeriodClosed, PostingRefused

CLOSED = {
    "code": "4000", "effective_date": "2026-03-03", "area": 1, "state": "soft", "first_day": "2026-03-01",
    "last_day": "2026-03-31",
}  # fmt: skip
UNFIT: dict[str, Any] = {"code": "4000", "currency": "USD", "currencies": None, "needs": [], "takes": None}
OVER = {
    "code": "2300", "party": "Ana", "currency": "EUR", "guard": "no_debit_balance", "amount": 700, "limit_minor": 100,
    "balance_minor": 200,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "what", "remedy"),
    [
        (
            {},
            (
                "2026-03-03 lies in the sales period 2026-03-01 to 2026-03-31, which is closed, and account 4000 is of"
                " that area"
            ),
            "Date it after 2026-03-31, or let someone allow it with `tieout period allow`.",
        ),
        (
            {"area": 0, "state": "hard"},
            "2026-03-03 lies in the period 2026-03-01 to 2026-03-31, which is closed for good",
            "Date it after 2026-03-31.",
        ),
    ],
)
def test_a_closed_day(change: dict[str, Any], what: str, remedy: str) -> None:
    found = refusal("entry 7", "period_is_open", json.dumps(CLOSED | change))
    assert (type(found), found.what, found.remedy) == (PeriodClosed, f"The ledger refused: {what}", remedy)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"currencies": ["EUR", "CHF"]}, "takes only EUR, CHF"),
        ({"currencies": ["USD"], "needs": ["channel", "store"]}, "needs channel, store"),
        ({"takes": []}, "takes no dimension but none"),
        ({"needs": ["a"], "takes": ["a", "b"]}, "needs a and takes no dimension but a, b"),
    ],
)
def test_an_account_that_does_not_take_the_line(change: dict[str, Any], what: str) -> None:
    found = refusal("entry 7", "account_takes_line", json.dumps(UNFIT | change))
    assert (type(found), found.what) == (AccountUnfit, f"The ledger refused: account 4000 {what}")


@pytest.mark.parametrize(
    ("change", "who", "side", "limit", "before", "after", "room"),
    [
        ({}, "2300 of Ana", "debit", "1.00", "5.00 EUR credit", "2.00 EUR debit", "6.00"),
        (
            {"party": "", "guard": "no_credit_balance", "amount": -700, "balance_minor": -700, "limit_minor": 0},
            "2300", "credit", "0.00", "0.00 EUR", "7.00 EUR credit", "0.00",
        ),
        ({"amount": 50}, "2300 of Ana", "debit", "1.00", "1.50 EUR debit", "2.00 EUR debit", "0.00"),
    ],
)  # fmt: skip
def test_an_account_that_has_not_that_much(
    change: dict[str, Any], who: str, side: str, limit: str, before: str, after: str, room: str
) -> None:
    found = refusal("entry 7", "guard_holds", json.dumps(OVER | change))
    assert type(found) is Overdrawn
    assert found.what == (
        f"The ledger refused: account {who} may have a {side} balance of at most {limit} EUR; its balance is {before}"
        f" and this would take it to {after}"
    )
    assert found.remedy == (
        f"At most {room} EUR can be booked to its {side}; raise the limit with `tieout account guard` if more is right."
    )


@pytest.mark.parametrize(("constraint", "detail"), [("entry_balances", "{}"), ("period_is_open", ""), ("", "Key (x)")])
def test_anything_else_is_said_as_the_database_says_it(constraint: str, detail: str) -> None:
    found = refusal("entry 7 is odd", constraint, detail)
    assert (type(found), found.what, found.where) == (PostingRefused, "The ledger refused: entry 7 is odd", constraint)
