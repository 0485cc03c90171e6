"""Payout runs: who is paid what of what is owed, who is not and why, and that two workers pay once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import pytest

from tests.app.payroom import (
    ANNA,
    DAY,
    balance,
    owe,
    said,
    sell,
    sell_unchecked,
)  # fmt: skip
from tieout.app import Tieout
from tieout.model.error import PayoutRefused
from tieout.model.seller import Every, PayoutAccount, Schedule, TaxStatus


def test_what_a_payout_leaves_over_is_a_line_of_the_next(market: Tieout) -> None:
    sell(market, kept_minimum_minor=1000)
    owe(market, "birke", 3000, 500)
    market.run_payouts(DAY)
    (one,) = market.payout_list()
    assert one.amount_minor == 2500
    assert [line.amount_minor for line in market.payout(one.name).lines] == [3000, 500, -1000]
    assert [line.amount_minor for line in market.payable("birke")["EUR"]] == [1000]
    market.send_payouts(DAY)
    assert balance(market, "2320", "birke") == -1000


@pytest.mark.parametrize(
    ("profile", "verdict"),
    [
        ({"paused": "Holidays."}, "paused"),
        ({"tax_status": TaxStatus.MISSING}, "tax_form"),
        ({"payout_maximum_minor": 2999}, "over_limit"),
        ({"account": PayoutAccount("Birke", "DE89370400440532013001")}, "no_rail"),
    ],
)
def test_who_cannot_be_paid_is_told_why_and_nothing_is_lost(
    market: Tieout, profile: dict[str, Any], verdict: str
) -> None:
    sell_unchecked(market, **profile)
    owe(market, "birke", 3000)
    run = market.run_payouts(DAY)
    assert said(market, run.id) == {"birke": (verdict, 0, 3000)}
    assert market.payout_list() == []
    assert balance(market, "2320", "birke") == -3000
    wanted = [] if verdict == "paused" else [("seller_not_paid", "birke/EUR", 3000)]
    assert [
        (c.case.draft.reason, c.case.draft.subject, c.case.draft.amount_minor) for c in market.case_list()
    ] == wanted
    with pytest.raises(PayoutRefused, match="is not paid"):
        market.make_payout("birke", None, "EUR", reason="asked", day=DAY, actor=ANNA)


def test_a_currency_without_a_rail_and_a_stranger_are_cases(market: Tieout) -> None:
    sell(market)
    owe(market, "birke", 3000, currency="SEK", base=300)
    owe(market, "nobody", 700)
    run = market.run_payouts(DAY)
    assert said(market, run.id) == {"birke": ("no_rail", 0, 3000), "nobody": ("no_profile", 0, 700)}
    assert sorted(view.case.draft.subject for view in market.case_list()) == ["birke/SEK", "nobody/EUR"]


def test_schedules_and_banks_decide_who_is_due(market: Tieout) -> None:
    sell(market, schedule=Schedule(Every.WEEK, 6))  # a Saturday is moved to the Monday
    sell(market, "linde", schedule=Schedule(Every.ON_DEMAND))
    owe(market, "birke", 3000)
    owe(market, "linde", 4000)
    assert said(market, market.run_payouts(date(2026, 3, 6)).id) == {}
    assert said(market, market.run_payouts(date(2026, 3, 9)).id) == {"birke": ("paid", 3000, 0)}
    asked = market.run_payouts(date(2026, 3, 9), parties=["linde"])
    assert said(market, asked.id) == {"linde": ("paid", 4000, 0)}


def test_a_name_on_a_sanctions_list_holds_the_money(market: Tieout) -> None:
    market.screen = lambda asked: {one.party: "Like a name on the list." for one in asked if one.party == "linde"}
    sell(market)
    sell(market, "linde")
    owe(market, "birke", 3000)
    owe(market, "linde", 4000)
    run = market.run_payouts(DAY)
    assert said(market, run.id) == {"birke": ("paid", 3000, 0), "linde": ("held", 0, 4000)}


def test_two_workers_at_one_run_pay_once(market: Tieout) -> None:
    for number in range(30):
        sell(market, f"shop{number:02}")
        owe(market, f"shop{number:02}", 1000, number + 1)
    run = market.open_payout_run(DAY, size=4)
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(lambda _: market.work_payout_run(run), range(3)))
    assert sum(made) == 30
    assert sorted(one.amount_minor for one in market.payout_list()) == [1001 + n for n in range(30)]
