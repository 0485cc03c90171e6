"""What `check` finds when something wrote past the ledger."""

from collections.abc import Callable
from datetime import date

import pytest

from tests.app.house import ANNA, bank_statement, charge, entries, open_cases, order, rates, tell
from tests.app.month import AS_OF, Month
from tests.connectors.camt import statements as camt
from tieout.app import Tieout
from tieout.app.views import Finding

TAMPERED = "Something wrote past the ledger. Restore the database from a backup and replay what came after."


@pytest.fixture
def sold(app: Tieout) -> Tieout:
    """Books with one order, reconciled."""
    tell(app, "shop", order(), "orders")
    app.reconcile(AS_OF)
    return app


def tamper(app: Tieout, statement: str) -> None:
    """Writes past the ledger, as only the database's owner can."""
    with app.database.unit() as connection:
        connection.execute("set local session_replication_role = replica")
        assert connection.execute(statement.encode()).rowcount > 0


def test_sound_books_have_nothing_wrong(month: Month, sold: Tieout) -> None:
    assert month.app.check() == []
    assert sold.check() == []


def test_books_that_were_never_reconciled_prove_nothing(app: Tieout) -> None:
    tell(app, "shop", order(), "orders")
    assert app.check() == [Finding("proof", False, "no reconciliation has been run yet", "Run `tieout reconcile`.")]


def test_a_changed_amount_is_found_thrice(sold: Tieout) -> None:
    """Its hash, its sum and the clearing account all say so."""
    tamper(sold, "update line set amount_minor = 5000 where amount_minor = 4900")
    name = sold.journal()[0].id
    remedy = "Run `tieout reconcile`; entries that came after the last run are not named yet."
    assert sold.check() == [
        Finding(name, False, "its content is not what was posted", TAMPERED),
        Finding(name, False, "debit and credit differ by 1.00 EUR", TAMPERED),
        Finding("account 1200", False, "1.00 EUR of Orders receivable is unexplained", remedy),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "update entry set why = 'Because I say so.'",
        "update entry set memo = memo || '!'",
        "update entry set idem_key = 'shop:order:1:placed'",
        "update entry set occurred_at = occurred_at + interval '1 second'",
        "update line set party = 'Esche' where amount_minor < 0",
        "update line set item = 'order:1' where amount_minor > 0",
        'update line set dim = \'{"channel": "pos"}\' where amount_minor < 0',
    ],
)
def test_any_change_of_what_was_posted_is_found(sold: Tieout, statement: str) -> None:
    tamper(sold, statement)
    found = {finding.what: finding.detail for finding in sold.check()}
    assert found[sold.journal()[0].id] == "its content is not what was posted"


def test_a_line_that_is_gone_is_found(sold: Tieout) -> None:
    tamper(sold, "delete from line where amount_minor < 0")
    name = sold.journal()[0].id
    assert [(f.what, f.detail) for f in sold.check()] == [
        (name, "its content is not what was posted"),
        (name, "debit and credit differ by 49.00 EUR"),
    ]


def test_only_the_entry_that_was_touched_is_named(sold: Tieout) -> None:
    tell(sold, "stripe", charge())
    sold.reconcile(AS_OF)
    tamper(sold, "update entry set memo = 'x' where idem_key like 'stripe:%'")
    assert [f.what for f in sold.check()] == [entries(sold)["stripe:charge:ch_1:captured"].id]


def test_what_came_after_the_run_is_named_unexplained(sold: Tieout) -> None:
    tell(sold, "shop", order(1089), "orders")
    remedy = "Run `tieout reconcile`; entries that came after the last run are not named yet."
    assert sold.check() == [Finding("account 1200", False, "49.00 EUR of Orders receivable is unexplained", remedy)]
    sold.reconcile(AS_OF)
    assert sold.check() == []


def test_a_bank_that_differs_is_named(sold: Tieout) -> None:
    for name, day, opening in (("S1", "2026-03-02", "10.00"), ("S3", "2026-03-04", "1210.00")):
        body = bank_statement(opening=opening, closing=opening, name=name, day=day)
        sold.import_file("bank", body)
    assert sold.check() == [
        Finding(
            "bank 1100.bank",
            False,
            "Bank account: bank differs from its statement by −1,200.00 EUR",
            "Look at the exceptions of this bank: a statement is missing or held.",
        )
    ]


def test_a_held_statement_is_an_exception_and_the_last_sound_one_is_the_measure(app: Tieout) -> None:
    app.import_file("bank", bank_statement(opening="0.00", closing="0.00", day="2026-03-02"))
    line = camt.entry("5.00", day="2026-03-03", reference="X")
    odd = bank_statement(line, opening="0.00", closing="6.00", name="S2", day="2026-03-03")
    app.import_file("bank", odd)
    app.reconcile(date(2026, 3, 6))
    assert [reason for reason, _, _ in open_cases(app)] == ["statement_unbalanced"]
    (bank,) = app.proof().banks
    assert (bank.statement_date, bank.statement_minor, bank.books_minor) == (date(2026, 3, 2), 0, 0)
    assert app.check() == []


def test_whoever_checks_sees_the_same(sold: Tieout, house: Callable[..., Tieout]) -> None:
    tamper(sold, "update entry set memo = 'x'")
    assert house().check() == sold.check()
    assert len(sold.check()) == 1


def test_a_worth_that_was_changed_is_found(app: Tieout) -> None:
    """The amounts still add up; in base currency neither the entry nor the account does."""
    app.import_rates(rates(("2026-03-03", "USD", "1.25")))
    tell(app, "shop", order(currency="USD"), "orders")
    app.reconcile(AS_OF)
    tamper(app, "update line set base_minor = base_minor + 1 where amount_minor = 4900")
    name = app.journal()[0].id
    said = [(finding.what, finding.detail) for finding in app.check()]
    assert said[:2] == [
        (name, "its content is not what was posted"),
        (name, "debit and credit differ by 0.01 EUR in base currency"),
    ]
    assert said[-1] == ("account 1200", "0.01 EUR on Orders receivable in USD is not what its open items carry")


def test_a_guard_that_goes_by_another_balance_is_found(sold: Tieout) -> None:
    sold.guard_account("4000", actor=ANNA)
    assert sold.check() == []
    tamper(sold, "update guard_balance set balance_minor = balance_minor - 100")
    (found,) = sold.check()
    assert (found.what, found.ok) == ("account 4000", False)
    assert found.detail == "its guard goes by −50.00 EUR, but its lines come to −49.00 EUR"
    sold.guard_account("4000", actor=ANNA)
    assert sold.check() == []
