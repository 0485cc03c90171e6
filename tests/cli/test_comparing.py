"""The comparison with the truth finds every kind of difference; a comparison that never differs proves nothing."""

import msgspec
import pytest

from tieout.app.views import AccountView
from tieout.cli.comparing import balances_by_role, differences
from tieout.model.account import Role
from tieout.model.case import CaseDraft, Reason
from tieout.sandbox.trail import Oddity, Outcome
from tieout.sandbox.truth import ExpectedBalance, Truth

UNPAID = Oddity(Reason.ORDER_UNPAID, "order:7", 990, "EUR", "The buyer never paid.")
UNCLEAR = Oddity(Reason.PAYOUT_NOT_ARRIVED, "payout:po_1", 5, "EUR", "Cut off.", accepts=(Reason.SEVERAL_CANDIDATES,))
PARKED = Oddity(Reason.PREREQUISITE_MISSING, "shop_refund:3", 1, "EUR", "Too early.", outcome=Outcome.PARKED)
TRUTH = Truth(
    totals=(),
    booked_orders=1,
    balances=(
        ExpectedBalance(Role.GATEWAY, "EUR", "stripe", 100),
        ExpectedBalance(Role.GATEWAY, "EUR", "other", 20),
        ExpectedBalance(Role.RESERVE, "USD", "stripe-us", -1),
    ),
    exceptions=(UNPAID, UNCLEAR),
    parked=(PARKED,),
    refused=1,
)
HELD = {("gateway", "EUR"): 120, ("reserve", "USD"): -1, ("sales", "EUR"): 7}
UNPAID_CASE = CaseDraft(Reason.ORDER_UNPAID, "1200/EUR/order:7", "Not paid.", aggregate="order:7")
UNCLEAR_CASE = CaseDraft(Reason.SEVERAL_CANDIDATES, "1330/EUR/payout:po_1", "Two fit.")
PARKED_CASE = CaseDraft(Reason.PREREQUISITE_MISSING, "shop:refund:3", "It waits.")


def test_nothing_differs() -> None:
    assert differences(TRUTH, HELD, [UNCLEAR_CASE, UNPAID_CASE]) == []


def test_a_parked_event_may_have_its_case_already() -> None:
    assert differences(TRUTH, HELD, [UNPAID_CASE, PARKED_CASE, UNCLEAR_CASE]) == []


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({**HELD, ("gateway", "EUR"): 119}, "gateway is 1.19 EUR and should be 1.20"),
        ({("gateway", "EUR"): 120}, "reserve is 0.00 USD and should be −0.01"),
    ],
)
def test_a_balance_that_differs(held: dict[tuple[str, str], int], said: str) -> None:
    assert differences(TRUTH, held, [UNPAID_CASE, UNCLEAR_CASE]) == [said]


def test_an_exception_that_is_missing() -> None:
    assert differences(TRUTH, HELD, [UNCLEAR_CASE]) == ["no order_unpaid about order:7 (The buyer never paid.)"]


def test_an_exception_nobody_expected() -> None:
    other = msgspec.structs.replace(UNPAID_CASE, subject="1200/EUR/order:8", aggregate="order:8")
    assert differences(TRUTH, HELD, [UNPAID_CASE, UNCLEAR_CASE, other]) == [
        "an exception nobody expected: order_unpaid, Not paid."
    ]


def test_one_case_is_not_two() -> None:
    truth = msgspec.structs.replace(TRUTH, exceptions=(UNPAID, UNPAID))
    assert differences(truth, HELD, [UNPAID_CASE]) == ["no order_unpaid about order:7 (The buyer never paid.)"]


def test_another_reason_is_another_exception() -> None:
    wrong = msgspec.structs.replace(UNPAID_CASE, reason=Reason.ORDER_PAID_DIFFERENTLY)
    assert len(differences(TRUTH, HELD, [wrong, UNCLEAR_CASE])) == 2


def test_balances_are_added_by_role() -> None:
    accounts = [
        AccountView("1320.a", "A", "asset", "gateway", True, {"EUR": 100, "USD": 5}),
        AccountView("1320.b", "B", "asset", "gateway", True, {"EUR": 20}),
        AccountView("4000", "Sales", "income", "sales", False, {}),
    ]
    assert balances_by_role(accounts) == {("gateway", "EUR"): 120, ("gateway", "USD"): 5}
