"""The proof of a small month, worked out by hand."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from tests.app.house import ANNA, at, balances, bank_statement, charge, history, order, push, refund, tell, the_case
from tests.app.month import AS_OF, Month
from tests.connectors.camt import statements as camt
from tests.connectors.stripe import objects as stripe
from tieout.app import Settings, Tieout
from tieout.app.views import Expected, Movement
from tieout.model.case import Action, Reason, Resolution
from tieout.model.entry import EntryDraft, Line
from tieout.model.proof import BankLine, Proof, ProofLine, ReasonTotal


def proof_line(code: str, name: str, role: str, balance: int, items: int, tied: int, **named: int) -> ProofLine:
    """A line of the proof; what is not named is nil."""
    columns = dict.fromkeys(
        ("transit_minor", "disputed_minor", "reserved_minor", "exceptions_minor", "unexplained_minor"), 0
    )
    return ProofLine(
        code, name, role, "EUR", balance, **columns | named, items=items, tied_minor=tied,
        exception_items=items if "exceptions_minor" in named else 0,
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
        BankLine("1100.bank", "Bank account: bank", "EUR", 13298, 13298, date(2026, 3, 5), 0, True),
    ), "100.00 were there before us, 47.98 came, 15.00 went"


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
    assert app.proof() == Proof(date(2026, 3, 5), now, None, (), (), (), {}, 0, 0)
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


# ── Books against bank ────────────────────────────────────────────────────────────────────────────────────────────


def statement(app: Tieout, name: str, day: str, opening: str, closing: str, *lines: str) -> None:
    app.import_file("bank", bank_statement(*lines, opening=opening, closing=closing, name=name, day=day))


def bank(app: Tieout) -> BankLine:
    (found,) = app.proof().banks
    return found


def test_a_missing_statement_is_a_gap_and_its_arrival_closes_it(app: Tieout) -> None:
    statement(app, "S1", "2026-03-02", "100.00", "120.00", camt.entry("20.00", day="2026-03-02", reference="A"))
    assert bank(app) == BankLine("1100.bank", "Bank account: bank", "EUR", 12000, 12000, date(2026, 3, 2), 0, True)
    statement(app, "S3", "2026-03-04", "150.00", "145.00", camt.entry("5.00", "DBIT", day="2026-03-04", reference="C"))
    app.reconcile(AS_OF)
    assert bank(app) == BankLine(
        "1100.bank", "Bank account: bank", "EUR", 11500, 14500, date(2026, 3, 4), -3000, False
    ), "the 30.00 of the statement that is missing"
    assert not app.proof().tied
    case = the_case(app, "statement_gap")
    assert case.case.draft.sentence == (
        "The statement of bank from 2026-03-04 opens at 150.00 EUR; the one before closed at 120.00."
    )
    assert (case.case.draft.amount_minor, case.case.draft.currency) == (3000, "EUR")
    assert case.actions == (Action.DISMISS,)
    statement(app, "S2", "2026-03-03", "120.00", "150.00", camt.entry("30.00", day="2026-03-03", reference="B"))
    app.reconcile(AS_OF)
    assert bank(app) == BankLine("1100.bank", "Bank account: bank", "EUR", 14500, 14500, date(2026, 3, 4), 0, True)
    assert app.proof().tied
    assert history(the_case(app, "statement_gap", only_open=None)) == ["opened", "settled"]


def test_a_missing_statement_that_nets_to_nothing_is_a_gap_by_its_number(app: Tieout) -> None:
    for number, day in ((177, "2026-03-02"), (179, "2026-03-04")):
        body = bank_statement(opening="100.00", closing="100.00", name=f"S{number}", day=day)
        app.import_file("bank", body.replace(b"<CreDtTm>2", b"<ElctrncSeqNb>%d</ElctrncSeqNb><CreDtTm>2" % number))
    app.reconcile(AS_OF)
    assert [b.continuous for b in app.proof().banks] == [False]
    assert the_case(app, "statement_gap").case.draft.sentence.endswith("Between numbers 177 and 179, 1 did not arrive.")


def test_a_gap_that_a_person_accepts_stays_dismissed(app: Tieout) -> None:
    statement(app, "S1", "2026-03-02", "0.00", "0.00")
    statement(app, "S3", "2026-03-04", "7.00", "7.00")
    app.reconcile(AS_OF)
    case = the_case(app, "statement_gap")
    app.resolve(case.id, Resolution(Action.DISMISS, "The bank changed its system."), actor=ANNA)
    app.reconcile(AS_OF)
    assert app.case_list() == []
    assert (bank(app).difference_minor, bank(app).continuous) == (-700, False), "the proof goes on saying so"


def test_statements_come_in_any_order(app: Tieout) -> None:
    statement(app, "S3", "2026-03-04", "130.00", "125.00", camt.entry("5.00", "DBIT", day="2026-03-04", reference="C"))
    statement(app, "S1", "2026-03-02", "100.00", "120.00", camt.entry("20.00", day="2026-03-02", reference="A"))
    statement(app, "S2", "2026-03-03", "120.00", "130.00", camt.entry("10.00", day="2026-03-03", reference="B"))
    assert bank(app) == BankLine("1100.bank", "Bank account: bank", "EUR", 12500, 12500, date(2026, 3, 4), 0, True)


def test_a_bank_that_sent_no_statement_proves_nothing(app: Tieout) -> None:
    own = EntryDraft(
        "opening", date(2026, 3, 1), at("2026-03-01T12:00:00+00:00"),
        (Line("1100.bank", "EUR", 500, 500), Line("3000", "EUR", -500, -500)), "Opening balance", "own", 1, "Ours.",
    )  # fmt: skip
    app.post([own], actor=ANNA)
    assert bank(app) == BankLine("1100.bank", "Bank account: bank", "EUR", 500, None, None, 500, True)


def test_an_entry_of_ones_own_that_the_bank_does_not_know_is_a_difference(app: Tieout) -> None:
    statement(app, "S1", "2026-03-02", "0.00", "0.00")
    own = EntryDraft(
        "cash", date(2026, 3, 1), at("2026-03-01T12:00:00+00:00"),
        (Line("1100.bank", "EUR", 1, 1), Line("3000", "EUR", -1, -1)), "A cent", "own", 1, "Ours.",
    )  # fmt: skip
    app.post([own], actor=ANNA)
    assert (bank(app).difference_minor, bank(app).continuous, app.proof().tied) == (1, True, False)


def test_two_accounts_at_one_bank_are_chains_of_their_own(app: Tieout) -> None:
    statement(app, "S1", "2026-03-02", "100.00", "120.00", camt.entry("20.00", day="2026-03-02", reference="A"))
    other = camt.statement(
        camt.balance("OPBD", "7.00", day="2026-03-03"), camt.balance("CLBD", "5.00", day="2026-03-03"),
        camt.entry("2.00", "DBIT", day="2026-03-03", reference="A"), opening=None, closing=None, name="T1",
        account="DE02100100100006820101",
    )  # fmt: skip
    app.import_file("bank", camt.message(other, name="T1"))
    assert bank(app) == BankLine("1100.bank", "Bank account: bank", "EUR", 12500, 12500, date(2026, 3, 3), 0, True)


def test_each_currency_of_a_bank_is_proved_alone(app: Tieout) -> None:
    statement(app, "S1", "2026-03-02", "100.00", "120.00", camt.entry("20.00", day="2026-03-02", reference="A"))
    dollars = camt.statement(
        camt.balance("OPBD", "50.00", currency="USD", day="2026-03-03"),
        camt.balance("CLBD", "50.00", currency="USD", day="2026-03-03"),
        opening=None, closing=None, name="U1", account="DE02100100100006820101",
    )  # fmt: skip
    app.import_file("bank", camt.message(dollars, name="U1"))
    found = [(b.currency, b.books_minor, b.statement_minor, b.difference_minor) for b in app.proof().banks]
    assert found == [("EUR", 12000, 12000, 0), ("USD", 5000, 5000, 0)]


@pytest.fixture
def yen(database_url: str, tmp_path: Path) -> Iterator[Tieout]:
    """Books in a currency without decimals."""
    app = Tieout.open(Settings(home=tmp_path, database_url=database_url), migrating=False, connections_max=2)
    app.init("Kikko KK", base_currency="JPY", timezone="Asia/Tokyo", password="p")
    app.add_source("bank", "camt")
    yield app
    app.close()


def test_a_currency_without_decimals_is_proved_in_whole_units(yen: Tieout) -> None:
    def one(name: str, opening: str, closing: str, day: str) -> bytes:
        return camt.message(
            camt.statement(
                camt.balance("OPBD", opening, currency="JPY", day=day),
                camt.balance("CLBD", closing, currency="JPY", day=day),
                opening=None, closing=None, name=name,
            ),
            name=name,
        )  # fmt: skip

    yen.import_file("bank", one("S1", "5000", "5000", "2026-03-02"))
    yen.import_file("bank", one("S2", "5100", "5100", "2026-03-03"))
    yen.reconcile(AS_OF)
    assert (bank(yen).statement_minor, bank(yen).difference_minor, bank(yen).continuous) == (5100, -100, False)
    assert the_case(yen, "statement_gap").case.draft.amount_minor == 100


def test_a_proof_is_the_same_whoever_looks(house: Callable[..., Tieout]) -> None:
    first, second = house(), house()
    tell(first, "shop", order(), "orders")
    first.reconcile(AS_OF)
    assert first.proof() == second.proof()
