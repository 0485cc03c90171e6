"""Books against bank: chains of statements, gaps in them, and opening balances."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from tests.app.house import (
    ANNA,
    at,
    balances,
    bank_statement,
    entries,
    history,
    lines,
    open_cases,
    opening_balance,
    rates,
    the_case,
)
from tests.connectors.camt import statements as camt
from tieout.app import Settings, Tieout
from tieout.model.case import Action, CaseState, Resolution
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import ResolutionRefused
from tieout.model.period import PeriodState
from tieout.model.proof import BankLine

AS_OF = date(2026, 3, 20)

# ── Books against bank ────────────────────────────────────────────────────────────────────────────────────────────


def statement(app: Tieout, name: str, day: str, opening: str, closing: str, *lines: str) -> None:
    app.import_file("bank", bank_statement(*lines, opening=opening, closing=closing, name=name, day=day))


def bank(app: Tieout) -> BankLine:
    (found,) = app.proof().banks
    return found


def test_a_missing_statement_is_a_gap_and_its_arrival_closes_it(app: Tieout) -> None:
    statement(app, "S1", "2026-03-02", "0.00", "20.00", camt.entry("20.00", day="2026-03-02", reference="A"))
    assert bank(app) == BankLine("1100.bank", "Bank account: bank", "EUR", 2000, 2000, date(2026, 3, 2), 0, True)
    statement(app, "S3", "2026-03-04", "50.00", "45.00", camt.entry("5.00", "DBIT", day="2026-03-04", reference="C"))
    app.reconcile(AS_OF)
    assert bank(app) == BankLine(
        "1100.bank", "Bank account: bank", "EUR", 1500, 4500, date(2026, 3, 4), -3000, False
    ), "the 30.00 of the statement that is missing"
    assert not app.proof().tied
    case = the_case(app, "statement_gap")
    assert case.case.draft.sentence == (
        "The statement of bank from 2026-03-04 opens at 50.00 EUR; the one before closed at 20.00 EUR."
    )
    assert (case.case.draft.amount_minor, case.case.draft.currency) == (3000, "EUR")
    assert case.actions == (Action.DISMISS,)
    statement(app, "S2", "2026-03-03", "20.00", "50.00", camt.entry("30.00", day="2026-03-03", reference="B"))
    app.reconcile(AS_OF)
    assert bank(app) == BankLine("1100.bank", "Bank account: bank", "EUR", 4500, 4500, date(2026, 3, 4), 0, True)
    assert app.proof().tied
    assert history(the_case(app, "statement_gap", only_open=None)) == ["opened", "settled"]


def test_a_missing_statement_that_nets_to_nothing_is_a_gap_by_its_number(app: Tieout) -> None:
    for number, day in ((177, "2026-03-02"), (179, "2026-03-04")):
        body = bank_statement(opening="100.00", closing="100.00", name=f"S{number}", day=day)
        app.import_file("bank", body.replace(b"<CreDtTm>2", b"<ElctrncSeqNb>%d</ElctrncSeqNb><CreDtTm>2" % number))
    app.reconcile(AS_OF)
    assert [b.continuous for b in app.proof().banks] == [False]
    assert the_case(app, "statement_gap").case.draft.sentence.endswith(
        " opens where the one before closed, and statements are missing between them."
        " Between numbers 177 and 179, 1 did not arrive."
    )


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
    assert bank(app) == BankLine(
        "1100.bank", "Bank account: bank", "EUR", 2500, 12500, date(2026, 3, 4), 0, True, 10000
    )


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
    assert bank(app) == BankLine(
        "1100.bank", "Bank account: bank", "EUR", 1800, 12500, date(2026, 3, 3), 0, True, 10700
    )


def test_each_currency_of_a_bank_is_proved_alone(app: Tieout) -> None:
    statement(app, "S1", "2026-03-02", "100.00", "120.00", camt.entry("20.00", day="2026-03-02", reference="A"))
    dollars = camt.statement(
        camt.balance("OPBD", "50.00", currency="USD", day="2026-03-03"),
        camt.balance("CLBD", "50.00", currency="USD", day="2026-03-03"),
        opening=None, closing=None, name="U1", account="DE02100100100006820101",
    )  # fmt: skip
    app.import_file("bank", camt.message(dollars, name="U1"))
    found = [(b.currency, b.books_minor, b.statement_minor, b.difference_minor) for b in app.proof().banks]
    assert found == [("EUR", 2000, 12000, 0), ("USD", 0, 5000, 0)]


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


# ── What was there before the books ───────────────────────────────────────────────────────────────────────────────

EQUITY = Resolution(Action.BOOK, "From the year before.", account="3000")


def test_an_opening_balance_is_an_exception_until_a_person_says_whose_it_is(app: Tieout) -> None:
    statement(app, "S1", "2026-03-02", "100.00", "120.00", camt.entry("20.00", day="2026-03-02", reference="A"))
    app.reconcile(AS_OF)
    assert bank(app) == BankLine(
        "1100.bank", "Bank account: bank", "EUR", 2000, 12000, date(2026, 3, 2), 0, True, 10000
    ), "the books say what is in the books"
    case = the_case(app, "opening_not_booked")
    assert case.case.draft.sentence == (
        "Bank account: bank had 100.00 EUR at the end of 2026-03-01, before its first statement here, that no entry in"
        " the books shows."
    )
    assert (case.case.draft.amount_minor, case.actions) == (10000, (Action.BOOK, Action.DISMISS))
    shown = app.preview(case.id, EQUITY, actor=ANNA)
    done = app.resolve(case.id, EQUITY, actor=ANNA)
    assert shown == done
    (entry,) = [view for view in app.journal() if view.entry.draft.rule_id == "case.opening"]
    assert lines(entry) == [("1100.bank", "EUR", 10000), ("3000", "EUR", -10000)]
    assert (entry.entry.draft.effective_date, entry.entry.draft.actor) == (date(2026, 3, 1), "anna")
    app.reconcile(AS_OF)
    assert bank(app) == BankLine("1100.bank", "Bank account: bank", "EUR", 12000, 12000, date(2026, 3, 2), 0, True)
    assert app.case(case.id).case.state is CaseState.RESOLVED
    assert [c.case.draft.reason.value for c in app.case_list()] == ["bank_line_unknown"]


def test_an_opening_balance_in_the_books_is_not_counted_twice(app: Tieout) -> None:
    app.post([opening_balance(amount=10000, effective_date=date(2026, 1, 1))], actor=ANNA)
    statement(app, "S1", "2026-03-02", "100.00", "100.00")
    app.reconcile(AS_OF)
    assert bank(app) == BankLine("1100.bank", "Bank account: bank", "EUR", 10000, 10000, date(2026, 3, 2), 0, True)
    assert open_cases(app) == []


def test_a_wrong_opening_balance_in_the_books_is_a_difference(app: Tieout) -> None:
    app.post([opening_balance(amount=9900, effective_date=date(2026, 1, 1))], actor=ANNA)
    statement(app, "S1", "2026-03-02", "100.00", "100.00")
    assert (bank(app).difference_minor, bank(app).opening_minor, app.proof().tied) == (-100, 0, False)


def test_an_earlier_statement_moves_the_opening(app: Tieout) -> None:
    statement(app, "S2", "2026-03-03", "120.00", "120.00")
    app.reconcile(AS_OF)
    assert the_case(app, "opening_not_booked").case.draft.amount_minor == 12000
    statement(app, "S1", "2026-03-02", "100.00", "120.00", camt.entry("20.00", day="2026-03-02", reference="A"))
    app.reconcile(AS_OF)
    case = the_case(app, "opening_not_booked")
    assert (case.case.draft.amount_minor, history(case)) == (10000, ["opened"])
    assert bank(app).opening_minor == 10000


def test_an_opening_balance_abroad_is_worth_the_rate_of_its_day(app: Tieout) -> None:
    dollars = camt.statement(
        camt.balance("OPBD", "110.00", currency="USD", day="2026-03-03"),
        camt.balance("CLBD", "110.00", currency="USD", day="2026-03-03"),
        opening=None, closing=None, name="U1", account="DE02100100100006820101",
    )  # fmt: skip
    app.import_file("bank", camt.message(dollars, name="U1"))
    app.reconcile(AS_OF)
    case = the_case(app, "opening_not_booked")
    with pytest.raises(ResolutionRefused, match="No exchange rate is known for USD on 2026-03-02"):
        app.resolve(case.id, EQUITY, actor=ANNA)
    app.import_rates(rates(("2026-03-02", "USD", "1.10")))
    app.resolve(case.id, EQUITY, actor=ANNA)
    (entry,) = entries(app).values()
    assert [(line.amount_minor, line.base_minor) for line in entry.entry.draft.lines] == [
        (11000, 10000), (-11000, -10000)
    ]  # fmt: skip


def test_an_opening_balance_of_a_closed_month_is_booked_late(app: Tieout) -> None:
    statement(app, "S1", "2026-03-01", "100.00", "100.00")
    app.reconcile(AS_OF)
    app.set_period(date(2026, 2, 1), date(2026, 2, 28), PeriodState.SOFT, actor=ANNA)
    app.resolve(the_case(app, "opening_not_booked").id, EQUITY, actor=ANNA)
    (entry,) = entries(app).values()
    assert (entry.entry.draft.effective_date, entry.entry.draft.late) == (date(2026, 3, 1), True)
    app.reconcile(AS_OF)
    assert bank(app) == BankLine("1100.bank", "Bank account: bank", "EUR", 10000, 10000, date(2026, 3, 1), 0, True)
    assert open_cases(app) == []


def test_a_statement_from_before_the_first_replaces_the_opening_that_was_booked(app: Tieout) -> None:
    statement(app, "S1", "2026-03-02", "5000.00", "5010.00", camt.entry("10.00", day="2026-03-02", reference="B"))
    app.reconcile(AS_OF)
    app.resolve(the_case(app, "opening_not_booked").id, EQUITY, actor=ANNA)
    statement(app, "S0", "2026-02-28", "4900.00", "5000.00", camt.entry("100.00", day="2026-02-28", reference="A"))
    app.reconcile(AS_OF)
    assert (bank(app).books_minor, bank(app).opening_minor, bank(app).difference_minor) == (511000, -10000, 0)
    case = the_case(app, "opening_not_booked")
    assert (case.case.state, case.case.draft.amount_minor) == (CaseState.REOPENED, 10000)
    assert case.case.draft.sentence == (
        "A statement from before the first one has come: Bank account: bank had 4,900.00 EUR at the end of 2026-02-27;"
        " ent_2 opened it with 5,000.00 EUR."
    )
    done = app.resolve(case.id, EQUITY, actor=ANNA)
    assert [(e.effective_date, e.lines[0].amount_minor) for e in done.entries] == [
        (date(2026, 3, 1), -500000), (date(2026, 2, 27), 490000),
    ]  # fmt: skip
    app.reconcile(AS_OF)
    assert bank(app) == BankLine("1100.bank", "Bank account: bank", "EUR", 501000, 501000, date(2026, 3, 2), 0, True)
    assert balances(app, date(2026, 2, 28))["1100.bank", "EUR"] == 500000
    assert not app.case_list(reason="opening_not_booked")


def test_a_day_is_proved_by_what_the_bank_said_by_then(app: Tieout) -> None:
    """On the eve of its first statement an account holds what that one opens with; before that, nobody knows."""
    statement(app, "S1", "2026-03-02", "100.00", "120.00", camt.entry("20.00", day="2026-03-02", reference="A"))
    app.reconcile(AS_OF)
    app.resolve(the_case(app, "opening_not_booked").id, EQUITY, actor=ANNA)
    app.reconcile(AS_OF)
    assert app.proof(date(2026, 2, 28)).banks == ()
    (eve,) = app.proof(date(2026, 3, 1)).banks
    assert eve == BankLine("1100.bank", "Bank account: bank", "EUR", 10000, 10000, date(2026, 3, 1), 0, True)
    (first,) = app.proof(date(2026, 3, 2)).banks
    assert (first.books_minor, first.statement_minor, first.difference_minor) == (12000, 12000, 0)


def test_a_bank_that_has_long_been_silent_is_an_exception(app: Tieout) -> None:
    statement(app, "S1", "2026-03-02", "0.00", "0.00")
    app.reconcile(date(2026, 4, 6))
    assert open_cases(app) == []
    app.reconcile(date(2026, 4, 7))
    case = the_case(app, "statement_overdue")
    assert case.case.draft.sentence == (
        "The newest statement of bank is of 2026-03-02, 36 days before 2026-04-07; no newer one has come."
    )
    statement(app, "S2", "2026-04-01", "0.00", "0.00")
    app.reconcile(date(2026, 4, 7))
    assert open_cases(app) == []
