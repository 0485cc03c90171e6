"""The proof of a small month, worked out by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.app.house import ANNA, balances, bank_statement, charge, open_cases, order, push, refund, tell, work
from tests.app.month import AS_OF, Month
from tests.connectors.camt import statements as camt
from tests.connectors.stripe import objects as stripe
from tieout.app import Tieout
from tieout.app.views import Expected, Movement
from tieout.model.case import Reason
from tieout.model.proof import BankLine, Proof, ProofLine, ReasonTotal


def proof_line(code: str, name: str, role: str, balance: int, items: int, tied: int, **named: int) -> ProofLine:
    """A line of the proof; what is not named is nil."""
    columns = dict.fromkeys(
        ("transit_minor", "disputed_minor", "reserved_minor", "exceptions_minor", "unexplained_minor"), 0
    )
    return ProofLine(
        code, name, role, "EUR", balance, **columns | named, items=items, tied_minor=tied,
        exception_items=items if "exceptions_minor" in named else 0, base_minor=balance,
    )  # fmt: skip


# ── A week that adds up ───────────────────────────────────────────────────────────────────────────────────────────


def test_every_clearing_account_is_decomposed(month: Month) -> None:
    assert month.app.proof().lines == (
        proof_line("1200", "Orders receivable", "order_receivable", 0, 0, 4900 + 6900 + 2450),
        proof_line(
            "1310.stripe", "Captured, not settled: stripe", "captured", 2450, 1, 4900 + 6900, transit_minor=2450
        ),
        proof_line("1320.stripe", "Gateway balance: stripe", "gateway", 0, 0, 4798 + 6750),
        proof_line("1330.stripe", "Payouts in transit: stripe", "payout_in_transit", 6750, 1, 4798, transit_minor=6750),
        proof_line("1490", "Suspense", "suspense", 1500, 1, 0, exceptions_minor=1500),
    )


def test_the_proof_says_that_the_books_tie_out(month: Month) -> None:
    proof = month.app.proof()
    assert (proof.as_of, proof.run_id, proof.unexplained_minor, proof.tied) == (AS_OF, 1, {"EUR": 0}, True)
    assert (proof.deliveries_waiting, proof.events_parked) == (0, 1)
    assert proof.exceptions == (
        ReasonTotal(Reason.PREREQUISITE_MISSING, "EUR", 1, 2450),
        ReasonTotal(Reason.BANK_LINE_UNKNOWN, "EUR", 1, 1500),
    )
    assert proof.banks == (
        BankLine("1100.bank", "Bank account: bank", "EUR", 3298, 3298, date(2026, 3, 5), 0, True),
    ), "47.98 came, 15.00 went"


def test_gross_to_net_is_what_cash_and_receivables_grew_by(month: Month) -> None:
    bridge = month.app.movements(date(2026, 3, 1), date(2026, 3, 31), "EUR")
    assert bridge == (
        Movement("Sales", 12250, ("sales", "shipping_income", "fee_income", "commission_income")),
        Movement("Sellers", 2000, ("seller_payable",)),
        Movement("Gateway fees", -252, ("gateway_fees", "input_tax")),
    )
    held = [a.balances["EUR"] for a in month.app.accounts() if a.code[0] == "1" and a.balances]
    assert sum(step.amount_minor for step in bridge) == sum(held) == 13998


@pytest.mark.parametrize(
    ("since", "until", "currency"),
    [
        (date(2026, 3, 4), date(2026, 3, 31), "EUR"),
        (date(2026, 2, 1), date(2026, 3, 2), "EUR"),
        (date(2026, 3, 1), date(2026, 3, 31), "USD"),
        (date(2026, 3, 31), date(2026, 3, 1), "EUR"),
    ],
)
def test_nothing_moved_is_no_step(month: Month, since: date, until: date, currency: str) -> None:
    assert month.app.movements(since, until, currency) == ()


def test_what_is_on_its_way_to_the_bank(month: Month) -> None:
    assert month.app.expected() == (Expected("Stripe payout", "payout:po_2March2026", date(2026, 3, 7), 6750, "EUR"),)


# ── Books that do not (yet) ───────────────────────────────────────────────────────────────────────────────────────


def test_fresh_books_have_nothing_to_prove(app: Tieout, monkeypatch: pytest.MonkeyPatch) -> None:
    now = datetime(2026, 3, 5, 12, tzinfo=UTC)
    monkeypatch.setattr("tieout.app.reading.utc_now", lambda: now)
    assert app.proof() == Proof(date(2026, 3, 5), now, None, (), (), (), {}, 0, 0, "EUR")
    assert app.proof().tied
    assert app.expected() == ()


def test_what_came_after_the_run_is_unexplained_until_the_next(app: Tieout) -> None:
    app.reconcile(AS_OF)
    tell(app, "shop", order(), "orders")
    tell(app, "stripe", charge(amount=4000))
    push(app, "shop", order(1089), "orders")
    proof = app.proof()
    assert proof.unexplained_minor == {"EUR": 900 + 4000}, "absolute amounts: two errors must not cancel out"
    assert (proof.tied, proof.deliveries_waiting) == (False, 1)
    app.reconcile(AS_OF)
    proof = app.proof()
    assert (proof.unexplained_minor, proof.tied) == ({"EUR": 0}, True)
    assert [(x.account, x.balance_minor, x.transit_minor, x.items) for x in proof.lines] == [
        ("1200", 900, 900, 2),
        ("1310.stripe", 4000, 4000, 1),
    ]


def test_disputes_and_reserves_have_columns_of_their_own(app: Tieout) -> None:
    tell(app, "stripe", stripe.charge())
    reserve = stripe.row(
        -1000, 0, id="txn_3", source="rr_1", type="reserve_transaction", reporting_category="risk_reserved_funds"
    )
    tell(app, "stripe", stripe.listing(stripe.row(), stripe.withdrawal(), reserve))
    app.reconcile(AS_OF)
    lines = {x.account: x for x in app.proof().lines}
    assert (lines["1340.stripe"].balance_minor, lines["1340.stripe"].disputed_minor) == (8450, 8450)
    assert (lines["1350.stripe"].balance_minor, lines["1350.stripe"].reserved_minor) == (1000, 1000)
    gateway = 8450 - 182 - 8450 - 2000 - 1000
    assert (lines["1320.stripe"].balance_minor, lines["1320.stripe"].transit_minor) == (gateway, gateway)
    assert app.proof().unexplained_minor == {"EUR": 0}


def test_a_parked_event_is_counted_and_not_in_the_balances(app: Tieout) -> None:
    tell(app, "shop", refund())
    assert (app.proof().events_parked, balances(app)) == (1, {})


def test_a_proof_is_the_same_whoever_looks(house: Callable[..., Tieout]) -> None:
    first, second = house(), house()
    tell(first, "shop", order(), "orders")
    first.reconcile(AS_OF)
    assert first.proof() == second.proof()


# ── As of a day ───────────────────────────────────────────────────────────────────────────────────────────────────


def at_end_of(app: Tieout, day: int) -> dict[str, tuple[int, int, int]]:
    """Balance, what is on its way, and what is an exception, of each clearing account that is not nil."""
    proof = app.proof(date(2026, 3, day))
    assert (proof.as_of, proof.cut_off) == (date(2026, 3, day), True)
    assert set(proof.unexplained_minor.values()) <= {0}
    assert proof.unexplained_base_minor == 0
    found = {ln.account: (ln.balance_minor, ln.transit_minor, ln.exceptions_minor) for ln in proof.lines}
    return {account: figures for account, figures in found.items() if any(figures)}


def test_each_day_is_proved_with_what_was_booked_by_then(app: Tieout) -> None:
    """An order of the 2nd is paid on the 3rd, settled and paid out on the 5th, and at the bank on the 6th."""
    tell(app, "shop", order(created_at="2026-03-02T10:00:00+01:00", processed_at="2026-03-02T10:00:00+01:00"), "orders")
    tell(app, "stripe", charge(created=stripe.AT))
    sale = stripe.row(4900, 102, created=stripe.AT + 172800)
    sent = stripe.row(
        -4798, 0, id="txn_2", type="payout", reporting_category="payout", source="po_1March2026",
        created=stripe.AT + 172800,
    )  # fmt: skip
    push(app, "stripe", stripe.listing(sale, sent), payout="po_1March2026")
    work(app)
    arrived = camt.entry("47.98", day="2026-03-06", details=camt.payment(remittance=["STRIPE PAYOUT po_1March2026"]))
    app.import_file("bank", bank_statement(arrived, closing="47.98", day="2026-03-06"))
    app.reconcile(AS_OF)
    assert at_end_of(app, 1) == {}
    assert at_end_of(app, 2) == {"1200": (4900, 4900, 0)}, "owed, and paid the day after: it was on its way"
    assert at_end_of(app, 4) == {"1310.stripe": (4900, 4900, 0)}
    assert at_end_of(app, 5) == {"1330.stripe": (4798, 4798, 0)}
    assert at_end_of(app, 6) == {}
    assert [(b.books_minor, b.statement_minor) for b in app.proof(date(2026, 3, 5)).banks] == [(0, 0)]
    assert [(b.books_minor, b.statement_minor) for b in app.proof(date(2026, 3, 6)).banks] == [(4798, 4798)]


def test_what_is_an_exception_now_was_on_its_way_until_it_was_due(app: Tieout) -> None:
    tell(app, "shop", order(), "orders")
    app.reconcile(date(2026, 6, 1))
    (item,) = app.items()
    assert item.named is not None
    assert item.named.due is not None
    due = item.named.due
    assert [reason for reason, _, _ in open_cases(app)] == ["order_unpaid"]
    then = app.proof(due)
    assert [(ln.transit_minor, ln.exceptions_minor) for ln in then.lines] == [(4900, 0)]
    after = app.proof(due + timedelta(days=1))
    assert [(ln.transit_minor, ln.exceptions_minor) for ln in after.lines] == [(0, 4900)]


def test_a_match_taken_back_was_never_there(app: Tieout) -> None:
    tell(app, "shop", order(), "orders")
    tell(app, "stripe", charge())
    app.reconcile(AS_OF)
    (match,) = app.match_list()
    app.unmatch(match.id, reason="It was another order.", actor=ANNA)
    app.reconcile(AS_OF)
    (line,) = [ln for ln in app.proof(date(2026, 3, 3)).lines if ln.account == "1200"]
    assert (line.balance_minor, line.items, line.unexplained_minor) == (0, 2, 0)


def test_what_no_run_has_seen_is_unexplained_on_its_day_too(app: Tieout) -> None:
    app.reconcile(AS_OF)
    tell(app, "shop", order(), "orders")
    assert app.proof(date(2026, 3, 3)).unexplained_minor == {"EUR": 4900}
    assert app.proof(date(2026, 3, 2)).unexplained_minor == {}
