"""Whole runs over a small company's books: what is tied and by what evidence, what is left to people, what is kept."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.app.house import (
    ANNA,
    balances,
    bank_statement,
    charge,
    open_cases,
    open_house,
    order,
    push,
    tell,
    the_case,
    work,
)
from tests.connectors.camt import statements as camt
from tests.connectors.shopify import objects as shopify
from tests.connectors.stripe import objects as stripe
from tieout.app import Tieout
from tieout.app.views import MatchView
from tieout.model.case import Action, Resolution
from tieout.reconciliation.rule import standard_rules

SENT = date(2026, 3, 3)
TRANSIT = "1330.stripe"


@pytest.fixture
def app(fresh_database: Callable[..., str], tmp_path: Path) -> Iterator[Tieout]:
    """The test's own books."""
    with open_house(fresh_database(), tmp_path) as opened:
        yield opened


def payout(name: str, amount: int = 4798, number: int = 1) -> dict[str, Any]:
    """The gateway's row of a payout."""
    return stripe.row(-amount, 0, id=f"txn_p{number}", reporting_category="payout", type="payout", source=name)


def announced(name: str, **changes: Any) -> dict[str, Any]:
    """News of a payout."""
    return {
        "id": name, "object": "payout", "amount": 4798, "currency": "eur", "created": stripe.AT, "status": "paid",
        "arrival_date": stripe.AT, "automatic": True, "balance_transaction": "txn_p1",
    } | changes  # fmt: skip


def deposit(text: str, amount: str = "47.98", *, day: str = "2026-03-05", reference: str = "") -> str:
    return camt.entry(amount, day=day, reference=reference, more=f"<AddtlNtryInf>{text}</AddtlNtryInf>")


def at_bank(app: Tieout, *deposits: str, closing: str, name: str = "S1") -> None:
    app.import_file("bank", bank_statement(*deposits, closing=closing, name=name))


def by_trace(app: Tieout) -> list[MatchView]:
    return [view for view in app.match_list() if view.match.draft.pass_id == "trace"]


@pytest.mark.parametrize(
    "text", ["STRIPE po_1AbcDef", "stripe PO-1ABC-DEF", "SVWZ+STRIPE PO_1ABCDEF GUTSCHRIFT", "STRIPE STRP0012-34"]
)
def test_a_deposit_is_tied_by_any_name_of_its_payout(app: Tieout, text: str) -> None:
    tell(app, "stripe", stripe.listing(payout("po_1AbcDef")))
    tell(app, "stripe", announced("po_1AbcDef", trace_id={"status": "supported", "value": "STRP001234"}))
    at_bank(app, deposit(text), closing="47.98")
    app.reconcile(SENT)
    (view,) = by_trace(app)
    draft = view.match.draft
    assert (draft.account, draft.currency, draft.key) == (TRANSIT, "EUR", "payout:po_1AbcDef")
    assert sorted(a.amount_minor for a in draft.allocations) == [-4798, 4798]
    assert draft.why == (
        "The bank line's text carries the payout's own reference, no other payout's, and the amounts agree."
    )
    assert dict(draft.evidence) == {
        "key": "payout:po_1AbcDef", "items": "2", "from": "2026-03-03", "to": "2026-03-05",
        "kinds": "bank_credited, payout_sent",
    }  # fmt: skip
    assert app.items(account=TRANSIT) == []


@pytest.mark.parametrize("text", ["STRIPE PAYOUT", "STRIPE po_1AbcDeg", "STRIPE 1AbcDef", "STRIPE po_1"])
def test_a_deposit_without_the_whole_name_is_left_to_people(app: Tieout, text: str) -> None:
    """The amount fits and there is only one payout; that is what a person may decide on, not a machine."""
    tell(app, "stripe", stripe.listing(payout("po_1AbcDef")))
    at_bank(app, deposit(text), closing="47.98")
    app.reconcile(SENT)
    assert by_trace(app) == []
    assert [reason for reason, _, _ in open_cases(app)] == ["bank_credit_without_payout"]


@pytest.mark.parametrize(("name", "tied"), [("po_123", 0), ("po_1234", 1)])
def test_short_names_occur_by_chance_and_decide_nothing(app: Tieout, name: str, tied: int) -> None:
    tell(app, "stripe", stripe.listing(payout(name)))
    details = f"<TxDtls><Refs><EndToEndId>{name}</EndToEndId></Refs></TxDtls>"
    paid = camt.entry("47.98", day="2026-03-05", details=details, more="<AddtlNtryInf>STRIPE</AddtlNtryInf>")
    at_bank(app, paid, closing="47.98")
    app.reconcile(SENT)
    assert len(by_trace(app)) == tied


def test_two_deposits_that_name_one_payout_are_both_left_to_people(app: Tieout) -> None:
    tell(app, "stripe", stripe.listing(payout("po_1AbcDef")))
    twice = [deposit("STRIPE po_1AbcDef", reference=name) for name in ("B1", "B2")]
    at_bank(app, *twice, closing="95.96")
    app.reconcile(SENT)
    assert by_trace(app) == []
    assert sorted(reason for reason, _, _ in open_cases(app)) == [
        "bank_credit_without_payout", "payout_arrived_differently",
    ]  # fmt: skip
    assert app.proof().unexplained_minor == {"EUR": 0}


@pytest.mark.parametrize("text", ["STRIPE po_1AbcDef", "STRIPE STRP001234"])
def test_a_deposit_that_comes_a_second_time_names_the_payout_and_the_first(app: Tieout, text: str) -> None:
    tell(app, "stripe", stripe.listing(payout("po_1AbcDef")))
    tell(app, "stripe", announced("po_1AbcDef", trace_id={"status": "supported", "value": "STRP001234"}))
    at_bank(app, deposit("STRIPE po_1AbcDef"), closing="47.98")
    app.reconcile(SENT)
    again = bank_statement(
        deposit(text, day="2026-03-06"), opening="47.98", closing="95.96", name="S2", day="2026-03-06"
    )
    app.import_file("bank", again)
    app.reconcile(SENT + timedelta(days=2))
    case = the_case(app, "bank_credit_without_payout").case.draft
    assert case.amount_minor == 4798
    assert case.sentence == (
        f"The bank booked 47.98 EUR on 2026-03-06 (“{text}”) and names payout po_1AbcDef,"
        " which it had credited on 2026-03-05 already."
    )
    app.unmatch(by_trace(app)[0].id, reason="The second one is it.", actor=ANNA)
    app.reconcile(SENT + timedelta(days=2))
    sentences = [view.case.draft.sentence for view in app.case_list()]
    assert [text for text in sentences if "already" in text] == [], "a payout that is open again was not credited"


def test_a_deposit_that_is_short_is_shown_with_its_payout(app: Tieout) -> None:
    tell(app, "stripe", stripe.listing(payout("po_1AbcDef")))
    at_bank(app, deposit("STRIPE po_1AbcDef", "42.98"), closing="42.98")
    app.reconcile(SENT)
    case = the_case(app, "payout_arrived_differently")
    assert case.case.draft.amount_minor == 500
    assert sorted(item.open_minor for item in case.items) == [-4298, 4798]


def test_a_payout_is_tied_to_exactly_the_rows_of_its_list(app: Tieout) -> None:
    one, two = stripe.row(3000, 100, id="txn_1", source="ch_1"), stripe.row(2000, 102, id="txn_2", source="ch_2")
    tell(app, "stripe", stripe.listing(one, two, payout("po_1AbcDef")), payout="po_1AbcDef")
    app.reconcile(SENT)
    (view,) = [view for view in app.match_list() if view.match.draft.pass_id == "payout"]
    assert sorted(item.amount_minor for item in view.items) == [-4798, 1898, 2900]
    assert app.items(account="1320.stripe") == []


def test_a_row_that_two_payouts_claim_ties_neither(app: Tieout) -> None:
    """Two lists name the same row: one of them is wrong, and which is not for us to say."""
    row = stripe.row(4900, 102, id="txn_1", source="ch_1")
    for number, name in enumerate(("po_1AbcDef", "po_2AbcDef"), start=1):
        tell(app, "stripe", stripe.listing(row, payout(name, number=number)), payout=name)
    app.reconcile(SENT)
    assert [view.match.draft.pass_id for view in app.match_list()] == []
    cases = {
        view.case.draft.aggregate: app.case(view.id) for view in app.case_list(reason="payout_composition_mismatch")
    }
    assert sorted(cases, key=str) == ["payout:po_1AbcDef", "payout:po_2AbcDef"]
    assert app.proof().unexplained_minor == {"EUR": 0}


def test_an_announced_arrival_moves_the_day_a_payout_is_due(app: Tieout) -> None:
    tell(app, "stripe", stripe.listing(payout("po_1AbcDef")))
    tell(app, "stripe", announced("po_1AbcDef", arrival_date=stripe.AT + 3 * 86_400))
    app.reconcile(SENT + timedelta(days=7))
    (item,) = app.items(account=TRANSIT)
    assert item.named is not None
    assert (item.named.label, item.named.due) == ("on its way to the bank", date(2026, 3, 10))
    app.reconcile(SENT + timedelta(days=8))
    assert "payout_not_arrived" in {reason for reason, _, _ in open_cases(app)}


TAX = "2110"
TAXED = shopify.line("24.50", 2, shopify.tax_line("3.92", "0.08", liable=True))


def sold_in_the_channel(app: Tieout, *withheld: int, back: tuple[int, ...] = ()) -> None:
    """An order of 49.00 and 3.92 of the channel's tax, settled, then half of it back; and the tax kept and returned."""
    tell(app, "shop", {"order": shopify.order("52.92", TAXED, id=1088, taxes_included=False)}, "orders")
    tell(app, "stripe", charge(amount=5292))
    tell(app, "stripe", stripe.row(5292, sum(withheld), fee_details=kept(*withheld)))
    if back:
        line = shopify.refunded("24.50", "1.96", TAXED)
        tell(app, "shop", {"refund": shopify.refund(line, money="26.46")}, "refunds")
        tell(app, "stripe", stripe.refund(amount=2646, metadata={"order_id": "1088"}))
        row = {"id": "txn_2", "reporting_category": "refund", "type": "refund", "source": "re_1"}
        tell(app, "stripe", stripe.row(-2646, sum(back), fee_details=kept(*back), **row))


def kept(*amounts: int) -> list[dict[str, Any]]:
    return [{"amount": amount, "currency": "eur", "type": "withheld_tax"} for amount in amounts]


def test_tax_of_the_channel_is_tied_to_what_was_withheld_though_the_gateway_names_no_order(app: Tieout) -> None:
    sold_in_the_channel(app, 392, back=(-196,))
    app.reconcile(SENT)
    (tied,) = [view.match.draft for view in app.match_list() if view.match.draft.account == TAX]
    assert (tied.key, tied.currency) == ("order:1088", "EUR")
    assert sorted(a.amount_minor for a in tied.allocations) == [-392, -196, 196, 392]
    assert app.items(account=TAX) == []
    assert TAX not in {account for account, _ in balances(app)}


def test_tax_of_the_channel_that_nobody_withheld_is_an_exception_until_somebody_does(app: Tieout) -> None:
    sold_in_the_channel(app, 0)
    app.reconcile(SENT + timedelta(days=standard_rules().timing.withholding_days))
    assert open_cases(app) == []
    app.reconcile(SENT + timedelta(days=standard_rules().timing.withholding_days + 1))
    case = the_case(app, "tax_not_withheld")
    assert (case.case.draft.subject, case.case.draft.amount_minor) == ("2110/EUR/order:1088", 392)
    preview = app.preview(case.id, Resolution(Action.BOOK, "It is ours to remit.", account="2100"), actor=ANNA)
    (entry,) = preview.entries
    assert [(line.account, line.amount_minor) for line in entry.lines] == [(TAX, 392), ("2100", -392)]
    tell(app, "shop", shopify.balance_row("debit", "-3.92", "0.00", "-3.92", **IN_SHOP), "balance_transactions")
    app.reconcile(SENT + timedelta(days=9))
    assert app.items(account=TAX) == []
    assert [line.what for line in app.case(case.id).history] == ["opened", "settled"]


IN_SHOP = {
    "adjustment_reason": "tax_adjustment", "source_type": "adjustment", "currency": "EUR",
    "source_order_transaction_id": None,
}  # fmt: skip


def test_another_amount_than_the_tax_is_an_exception_of_the_difference(app: Tieout) -> None:
    sold_in_the_channel(app, 392, back=(-190,))
    app.reconcile(SENT + timedelta(days=5))
    case = the_case(app, "tax_withheld_differently").case.draft
    assert (case.subject, case.amount_minor) == ("2110/EUR/order:1088", 6)


def test_a_run_is_kept_with_all_it_takes_to_repeat_it(app: Tieout) -> None:
    push(app, "shop", order(), "orders")
    push(app, "stripe", charge())
    work(app)
    first = app.reconcile(SENT)
    assert (first.run, first.as_of, first.items, first.matches) == ("run_1", SENT, 3, 1)
    assert f"Rules {standard_rules().hash}, on duckdb" in app.explain("run_1").sentences[-1]
    assert first.result_hash[:16] in app.explain("run_1").sentences[-1]
    again = app.reconcile(SENT)
    assert (again.run, again.items, again.matches) == ("run_2", 1, 0)
    assert again.result_hash != first.result_hash, "there was nothing left to tie"
    assert app.proof().run_id == 2


def test_a_run_that_finds_nothing_new_says_nothing_new(app: Tieout) -> None:
    tell(app, "shop", order(), "orders")
    for _ in range(3):
        report = app.reconcile(SENT + timedelta(days=30))
        assert (report.cases_opened, report.cases_settled, report.matches) == (1, 0, 0)
    assert len(app.case(the_case(app).id).history) == 1


def test_an_exception_ends_when_what_it_was_about_is_tied(app: Tieout) -> None:
    tell(app, "shop", order(), "orders")
    app.reconcile(SENT + timedelta(days=30))
    case = the_case(app, "order_unpaid")
    tell(app, "stripe", charge())
    report = app.reconcile(SENT + timedelta(days=31))
    assert (report.matches, report.cases_settled) == (1, 1)
    assert [line.what for line in app.case(case.id).history] == ["opened", "settled"]


def test_empty_books_reconcile(app: Tieout) -> None:
    report = app.reconcile(SENT)
    assert (report.items, report.matches, report.cases_opened) == (0, 0, 0)
    proof = app.proof()
    assert (proof.lines, proof.unexplained_minor, proof.tied) == ((), {}, True)
