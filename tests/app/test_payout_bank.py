"""Payouts and the bank's statement: a debit that names them confirms them, a credit brings one back."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.app.house import bank_statement, work
from tests.app.payroom import ANNA, DAY, balance, open_market, owe, said, sell, way
from tests.connectors.camt import statements as camt
from tieout.app import Tieout


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Tieout]:
    """Two sellers are paid in one file that was taken to the bank."""
    with open_market(database_url, tmp_path) as found:
        sell(found)
        sell(found, "linde")
        owe(found, "birke", 3000)
        owe(found, "linde", 4500)
        found.run_payouts(DAY)
        found.send_payouts(DAY)
        found.export_payment_file(1, actor=ANNA)
        yield found


def details(name: str) -> str:
    return f"<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs></TxDtls>"


def tell(app: Tieout, *lines: str, opening: str, closing: str, name: str) -> None:
    app.import_file("bank", bank_statement(*lines, opening=opening, closing=closing, name=name))
    work(app)


def test_a_debit_that_names_the_file_pays_all_of_it(app: Tieout) -> None:
    line = camt.entry("75.00", "DBIT", details=details("FSP000000000102"))
    tell(app, line, opening="100.00", closing="25.00", name="S1")
    assert app.confirm_payouts() == 1
    assert [way(app, one.name)[-2:] for one in app.payout_list()] == [["in_transit", "paid"]] * 2
    assert (balance(app, "2350"), balance(app, "1490"), balance(app, "1100.bank")) == (0, 0, -7500)
    assert app.confirm_payouts() == 0
    app.reconcile(DAY)
    assert [line for line in app.proof().lines if line.account in ("2350", "1490") and line.balance_minor] == []
    assert app.case_list(reason="bank_line_unknown") == []


def test_what_the_bank_has_not_booked_is_named_until_it_is_late(app: Tieout) -> None:
    app.reconcile(DAY)
    assert app.case_list() == []
    app.reconcile(date(2026, 3, 20))
    assert sorted(view.case.draft.sentence for view in app.case_list()) == [
        "Payout pay_1 over 30.00 EUR of 2026-03-03 is not on a bank statement by 2026-03-07.",
        "Payout pay_2 over 45.00 EUR of 2026-03-03 is not on a bank statement by 2026-03-07.",
    ]


def test_a_debit_of_another_amount_stays_an_exception(app: Tieout) -> None:
    line = camt.entry("74.99", "DBIT", details=details("FSP000000000102"))
    tell(app, line, opening="100.00", closing="25.01", name="S1")
    assert app.confirm_payouts() == 0
    assert (balance(app, "2350"), balance(app, "1490")) == (-7500, 7499)


def test_what_came_back_after_it_was_paid_is_owed_again_with_a_case_and_a_hold(app: Tieout) -> None:
    lines = [
        camt.entry(amount, "DBIT", reference=f"D{end}", details=details(f"SP000000000{end}"))
        for amount, end in (("30.00", 1), ("45.00", 2))
    ]
    tell(app, *lines, opening="100.00", closing="25.00", name="S1")
    assert app.confirm_payouts() == 2
    back = camt.entry("45.00", "CRDT", reference="B1", details=details("SP0000000002"))
    tell(app, back, opening="25.00", closing="70.00", name="S2")
    assert app.confirm_payouts() == 1
    linde, birke = app.payout_list()
    assert (way(app, birke.name)[-1], way(app, linde.name)[-2:]) == ("paid", ["paid", "returned"])
    assert (balance(app, "2320", "linde"), balance(app, "2350"), balance(app, "1490")) == (-4500, 0, 0)
    assert ("payout_came_back", linde.name) in [
        (view.case.draft.reason.value, view.case.draft.subject) for view in app.case_list()
    ]
    assert said(app, app.run_payouts(DAY, key="again", parties=["linde"]).id) == {"linde": ("held", 0, 4500)}
