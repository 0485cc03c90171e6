"""What a statement claims about itself: balances, sums, digits, details."""

import pytest

from tests.connectors.camt.connector import entries, only
from tests.connectors.camt.statements import balance, entry, message, payment, statement

# ---- balances


@pytest.mark.parametrize(
    ("balances", "opening", "kind", "problem"),
    [
        ([("OPBD", "1.00")], "1.00", "OPBD", None),
        ([("PRCD", "1.00")], "1.00", "PRCD", None),
        ([("PRCD", "5.00"), ("OPBD", "1.00")], "1.00", "OPBD", None),
        ([("OPBD", "1.00"), ("OPBD", "1.00")], "1.00", "OPBD", None),
        ([("OPBD", "1.00"), ("OPBD", "2.00")], None, None, "statement_incomplete"),
        ([("OPAV", "1.00")], None, None, "statement_incomplete"),
        ([("OPBD", "one")], None, None, "statement_incomplete"),
        ([("OPBD", "1.00"), ("FWAV", "7.00"), ("FWAV", "8.00"), ("ITBD", "9.00")], "1.00", "OPBD", None),
    ],
)
def test_opening_balance(
    balances: list[tuple[str, str]], opening: str | None, kind: str | None, problem: str | None
) -> None:
    xml = "".join(balance(*b) for b in balances)
    found = only(message(statement(xml, entry(), opening=None, closing="11.00")))
    assert (found["opening"], found["opening_kind"], found["problem"]) == (opening, kind, problem)


def test_overdrawn_balances_are_negative() -> None:
    parts = balance("OPBD", "20.00", "DBIT") + balance("CLBD", "25.00", "DBIT") + entry("5.00", "DBIT")
    found = only(message(statement(parts, opening=None, closing=None)))
    assert (found["opening"], found["closing"], found["problem"]) == ("-20.00", "-25.00", None)


def test_unbalanced_names_the_three_figures_and_the_difference() -> None:
    found = only(message(statement(entry("10.00"), entry("2.50", "DBIT"), opening="100.00", closing="108.00")))
    assert found["problem"] == "statement_unbalanced"
    assert found["problem_detail"] == (
        "Opening 100.00 + booked entries 7.50 = 107.50, but closing is 108.00 EUR; the difference is 0.50 EUR."
    )


def test_incomplete_names_what_is_missing_and_what_is_there() -> None:
    found = only(message(statement(entry(), balance("ITBD", "1.00"), opening=None, closing=None)))
    assert found["problem"] == "statement_incomplete"
    assert found["problem_detail"] == (
        "It has no single usable opening balance (OPBD or PRCD) and no closing balance (CLBD); its balances are: ITBD."
    )


@pytest.mark.parametrize("kind", ["052", "054"])
def test_an_advice_needs_no_balances_but_must_not_contradict_itself(kind: str) -> None:
    bare = only(message(statement(entry(), opening=None, closing=None), kind=kind), f"camt.{kind}")
    assert bare["problem"] is None
    wrong = only(message(statement(entry(), closing="11.00"), kind=kind), f"camt.{kind}")
    assert wrong["problem"] == "statement_unbalanced"
    inner = statement(entry(details=payment([("Amt", "9.00", "EUR")])), opening=None, closing=None)
    assert only(message(inner, kind=kind), f"camt.{kind}")["problem"] == "details_mismatch"


@pytest.mark.parametrize("status", ["PDNG", "INFO", "FUTR", "WHAT"])
def test_only_booked_entries_count(status: str) -> None:
    found = only(message(statement(entry(), entry("99.00", status=status))))
    assert (found["problem"], [e["status"] for e in found["entries"]]) == (None, ["BOOK", status])


@pytest.mark.parametrize(
    "odd",
    [
        balance("CLAV", "10.00", currency="USD"),
        entry("0.00", currency="USD"),
        entry("1.00", currency="USD", status="PDNG"),
    ],
)
def test_two_currencies_in_one_statement_are_never_added(odd: str) -> None:
    found = only(message(statement(entry(), odd)))
    assert found["problem"] == "statement_mixed_currencies"
    assert found["problem_detail"] == "Its balances and entries are in EUR, USD; these cannot be added."


def test_an_entry_that_cannot_be_added_leaves_the_statement_unproved() -> None:
    found = only(message(statement(entry(), entry("12,50"), entry("1.00", "BOTH"))))
    assert found["problem"] == "statement_unbalanced"
    assert found["problem_detail"] == ("Entry 2, 3 has no usable amount or direction, so the entries cannot be added.")
    assert [e["problem"] for e in found["entries"]] == [None, "amount_unusable", None]
    assert [e["credit"] for e in found["entries"]] == [True, True, None]


def test_digits_lost_in_a_balance_hold_the_statement() -> None:
    found = only(message(statement(entry("10.00"), entry("0.005"), closing="10.005")))
    assert (found["problem"], found["problem_detail"]) == (
        "amount_unusable",
        "Balance CLBD has 10.005 EUR, but EUR has 2 decimals.",
    )


def test_sums_are_exact_far_beyond_any_statement() -> None:
    """On the way the sum has 29 digits, one more than Python's decimals keep by default."""
    lines = [entry("999999999999999999.000000001")] * 20 + [entry("999999999999999998.950000001", "DBIT")] * 20
    assert only(message(statement(*lines, closing="1.00")))["problem"] is None
    assert only(message(statement(*lines, closing="1.01")))["problem"] == "statement_unbalanced"


@pytest.mark.parametrize("closing", ["92233720368547758.08", "10.001"])
def test_a_balance_the_books_cannot_hold_is_not_offered_for_comparison(closing: str) -> None:
    found = only(message(statement(entry(), closing=closing)))
    assert (found["problem"], found["opening"], found["closing"]) == ("amount_unusable", "0.00", None)


def test_balances_in_another_currency_are_not_offered_for_comparison() -> None:
    parts = balance("OPBD", "1.00", currency="EUR") + balance("CLBD", "2.00", currency="SEK")
    found = only(message(statement("<Acct><Ccy>EUR</Ccy></Acct>", parts, opening=None, closing=None)))
    assert (found["problem"], found["currency"]) == ("statement_mixed_currencies", "EUR")
    assert (found["opening"], found["closing"]) == ("1.00", None)


# ---- amounts


@pytest.mark.parametrize(
    ("amount", "currency", "text", "problem"),
    [
        ("8.85000", "EUR", "8.85000", None),
        ("500", "JPY", "500", None),
        ("1.250", "KWD", "1.250", None),
        (" 7.10\n", "EUR", "7.10", None),
        (".50", "EUR", "0.50", None),
        ("8.855", "EUR", "8.855", "amount_unusable"),
        ("0.5", "JPY", "0.5", "amount_unusable"),
        ("-5.00", "EUR", "“-5.00”", "amount_unusable"),
        ("1,5", "EUR", "“1,5”", "amount_unusable"),
        ("1E5", "EUR", "“1E5”", "amount_unusable"),
        ("1_000", "EUR", "“1_000”", "amount_unusable"),
        ("NaN", "EUR", "“NaN”", "amount_unusable"),
        ("٣", "EUR", "“٣”", "amount_unusable"),
        ("9" * 19, "EUR", "“" + "9" * 19 + "”", "amount_unusable"),
        ("", "EUR", None, "field_missing"),
        ("9" * 18, "EUR", "9" * 18, "amount_unusable"),
        ("5.00", "", "5.00", "field_missing"),
        ("5.00", "EURO", "5.00", "currency_unknown"),
        ("5.00", "XTS", "5.00", "currency_unknown"),
    ],
)
def test_amounts(amount: str, currency: str, text: str | None, problem: str | None) -> None:
    (line,) = entries(entry(amount, currency=currency))
    assert (line["amount"], line["problem"]) == (text, problem)


def test_zero_is_nil_only_if_it_is_booked_and_sound() -> None:
    lines = entries(
        entry("0"), entry("0.000"), entry("0", status="PDNG"), entry("0", details=payment([("Amt", "1.00", "EUR")]))
    )
    assert [(e["nil"], e["problem"]) for e in lines] == [
        (True, None),
        (True, None),
        (False, None),
        (False, "details_mismatch"),
    ]


# ---- details


@pytest.mark.parametrize(
    ("details", "problem"),
    [
        (payment(), None),
        (payment([("Amt", "10.00", "EUR")]), None),
        (payment([("Amt", "4.00", "EUR")]) + payment([("Amt", "6.000", "EUR")]), None),
        (payment([("Amt", "14.00", "EUR")]) + payment([("Amt", "4.00", "EUR")], "DBIT"), None),
        (payment([("Amt", "4.00", "EUR")]) + payment([("Amt", "5.00", "EUR")]), "details_mismatch"),
        (payment([("Amt", "10.00", "EUR")]) + payment(), "details_mismatch"),
        (payment([("Amt", "11.00", "USD")]), "details_mismatch"),
        (payment([("Amt", "11.00", "USD"), ("TxAmt", "10.00", "EUR")]), None),
        (payment([("Amt", "9.00", "EUR"), ("InstdAmt", "10.00", "EUR")]), "details_mismatch"),
        (payment([("TxAmt", "0.04", "EUR"), ("InstdAmt", "10.00", "EUR")]), None),
        (payment([("TxAmt", "0.04", "EUR")]), "details_mismatch"),
        (payment([("InstdAmt", "11.00", "USD"), ("CntrValAmt", "10.00", "EUR")]), None),
        (payment([("InstdAmt", "11.00", "USD")]), None),
        ("<Btch><NbOfTxs>3</NbOfTxs></Btch>", None),
        ('<Btch><TtlAmt Ccy="EUR">10.00</TtlAmt></Btch>', None),
        ('<Btch><TtlAmt Ccy="EUR">9.00</TtlAmt></Btch>', "details_mismatch"),
        ('<Btch><TtlAmt Ccy="USD">9.00</TtlAmt></Btch>', None),
    ],
)
def test_details_must_come_to_the_entry(details: str, problem: str | None) -> None:
    (line,) = entries(entry("10.00", details=details))
    assert line["problem"] == problem


@pytest.mark.parametrize(
    ("direction", "charge", "included", "total", "problem"),
    [
        ("CRDT", "DBIT", "true", "12.00", None),
        ("CRDT", "", "1", "12.00", None),
        ("DBIT", "DBIT", "true", "8.00", None),
        ("DBIT", "", "true", "8.00", None),
        ("CRDT", "CRDT", "true", "8.00", None),
        ("CRDT", "DBIT", "false", "12.00", "details_mismatch"),
        ("CRDT", "DBIT", "true", "8.00", "details_mismatch"),
    ],
)
def test_included_charges_explain_a_difference(
    direction: str, charge: str, included: str, total: str, problem: str | None
) -> None:
    indicator = f"<CdtDbtInd>{charge}</CdtDbtInd>" if charge else ""
    charges = f'<Chrgs><Rcrd><Amt Ccy="EUR">2.00</Amt>{indicator}<ChrgInclInd>{included}</ChrgInclInd></Rcrd></Chrgs>'
    (line,) = entries(entry("10.00", direction, details=payment([("Amt", total, "EUR")]), more=charges))
    assert line["problem"] == problem
