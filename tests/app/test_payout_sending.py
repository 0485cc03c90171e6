"""What is given away, and what comes back of it."""

from datetime import date

from tests.app.payroom import (
    ANNA,
    DAY,
    IBANS,
    PLATFORM,
    balance,
    owe,
    said,
    sell,
    way,
)  # fmt: skip
from tieout.app import Tieout
from tieout.model.payout import Outcome, PayoutPolicy, Rail, RailKind
from tieout.model.seller import PayoutAccount


def test_an_account_that_changed_is_not_paid_to(market: Tieout) -> None:
    sell(market)
    owe(market, "birke", 3000)
    market.run_payouts(DAY)
    (one,) = market.payout_list()
    market.set_payout_account("birke", PayoutAccount("Birke", IBANS["linde"]), reason="moved", actor=ANNA)
    market.send_payouts(DAY)
    assert way(market, one.name) == ["draft", "approved", "queued", "held"]
    assert balance(market, "2320", "birke") == -3000


def test_what_failed_is_owed_again_and_held(market: Tieout) -> None:
    sell(market)
    owe(market, "birke", 3000)
    market.run_payouts(DAY)
    market.send_payouts(DAY)
    (one,) = market.payout_list()
    market.settle_payout(one.name, Outcome.FAILED, code="AC04", detail="closed", actor=ANNA, day=DAY)
    assert way(market, one.name)[-1] == "failed"
    assert (balance(market, "2320", "birke"), balance(market, "2350")) == (-3000, 0)
    assert said(market, market.run_payouts(date(2026, 3, 4)).id) == {"birke": ("held", 0, 3000)}
    (case,) = market.case_list()
    assert (case.case.draft.reason, case.case.draft.subject) == ("payout_failed", one.name)


def test_foreign_money_leaves_as_it_stands_in_the_books(market: Tieout) -> None:
    rail = Rail("list", RailKind.CSV, ("SEK",), PLATFORM)
    market.publish_payout_policy(PayoutPolicy(rails=(rail,)), reason="kronor", actor=ANNA)
    sell(market, currency="SEK", kept_minimum_minor=1000)
    owe(market, "birke", 10_000, currency="SEK", base=901)
    market.run_payouts(DAY)
    market.send_payouts(DAY)
    lines = [
        line for view in market.journal(account="2320") for line in view.entry.draft.lines if line.account == "2320"
    ]
    assert (sum(x.amount_minor for x in lines), sum(x.base_minor for x in lines)) == (-1000, -90)
    transit = [x for v in market.journal(account="2350") for x in v.entry.draft.lines if x.account == "2350"]
    assert [(x.amount_minor, x.base_minor) for x in transit] == [(-9000, -811)]


def test_one_payout_that_fits_no_file_keeps_no_other_back(market: Tieout) -> None:
    sell(market)
    sell(market, "linde")
    owe(market, "birke", 100_000_000_000)  # a SEPA file takes 999,999,999.99 at most
    owe(market, "linde", 700)
    market.run_payouts(DAY)
    assert market.send_payouts(DAY) == 1
    assert [(one.party, one.state.value) for one in market.payout_list()] == [("linde", "submitted"), ("birke", "held")]
    (case,) = market.case_list()
    assert (case.case.draft.reason.value, case.case.draft.amount_minor) == ("seller_not_paid", 100_000_000_000)


def test_dollars_go_in_a_file_of_the_clearing_house(market: Tieout) -> None:
    bank = PayoutAccount("Lindenhof Inc", routing="021000021", number="1")
    rail = Rail("ach", RailKind.NACHA, ("USD",), bank, bank_name="A Bank", company_id="1234567890")
    market.publish_payout_policy(PayoutPolicy(rails=(rail,)), reason="dollars", actor=ANNA)
    account = PayoutAccount("Birch", routing="011401533", number="123456789")
    sell(market, currency="USD", account=account)
    owe(market, "birke", 10_000, currency="USD", base=9_000)
    market.run_payouts(DAY)
    market.send_payouts(DAY)
    (file,) = market.payment_files()
    records = market.export_payment_file(file.id, actor=ANNA).content.decode().splitlines()
    assert {len(record) for record in records} == {94}
    assert [record[39:54] for record in records if record.startswith("6")] == ["SP0000000001   "]
