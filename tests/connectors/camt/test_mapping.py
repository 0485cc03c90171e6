"""What the mapping makes of statements: which lines are booked, held, noted or refused."""

from datetime import UTC, datetime

import pytest

from tests.connectors.camt.connector import reading
from tests.connectors.camt.statements import IBAN, balance, entry, message, payment, statement
from tieout.events.mapping import Objection
from tieout.model.case import Reason
from tieout.model.event import Component, ComponentKind, EventDraft, EventKind

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_statement_becomes_a_memo_with_its_balances() -> None:
    found = reading(message(statement("<ElctrncSeqNb>7</ElctrncSeqNb>", opening="1.00", closing="1.00")))
    assert found.events == (
        EventDraft(
            key=f"bank:statement:{IBAN}:S1",
            kind=EventKind.STATEMENT_RECEIVED,
            occurred_at=NOON,
            aggregate=f"bank:{IBAN}",
            references=("statement:S1",),
            facts={
                "message": "camt.053",
                "account": IBAN,
                "currency": "EUR",
                "sequence": "7",
                "from": "2026-03-02",
                "to": "2026-03-02",
                "opening": "1.00",
                "opening_kind": "OPBD",
                "opening_on": "2026-03-02",
                "closing": "1.00",
                "closing_on": "2026-03-02",
            },
        ),
    )
    assert (found.notes, found.objections) == ((), ())


def test_money_in_and_money_out() -> None:
    credit = entry("12.34", reference="IN", details=payment([("Amt", "12.34", "EUR")], remittance=["po_123456"]))
    found = reading(message(statement(credit, entry("2.34", "DBIT", reference="OUT"))))
    assert found.events[1:] == (
        EventDraft(
            key=f"bank:line:{IBAN}:IN",
            kind=EventKind.BANK_CREDITED,
            occurred_at=NOON,
            aggregate=f"bank:{IBAN}",
            references=("statement:S1", "remittance:po_123456", "remittance:po123456"),
            components=(Component(ComponentKind.GROSS, 1234, "EUR"),),
            facts={"account": IBAN, "text": "po_123456", "reference": "IN"},
        ),
        EventDraft(
            key=f"bank:line:{IBAN}:OUT",
            kind=EventKind.BANK_DEBITED,
            occurred_at=NOON,
            aggregate=f"bank:{IBAN}",
            references=("statement:S1",),
            components=(Component(ComponentKind.GROSS, 234, "EUR"),),
            facts={"account": IBAN, "reference": "OUT"},
        ),
    )


def test_a_reversed_debit_is_a_credit() -> None:
    found = reading(message(statement(entry(more="<RvslInd>true</RvslInd>"))))
    assert [e.kind for e in found.events] == [EventKind.STATEMENT_RECEIVED, EventKind.BANK_CREDITED]


@pytest.mark.parametrize(
    ("parts", "opening", "closing", "reason"),
    [
        ([entry(), entry("5.00", "DBIT")], "0.00", "10.00", "statement_unbalanced"),
        ([entry(), entry("5.00", "DBIT")], "0.00", None, "statement_incomplete"),
        ([entry(), entry("5.00", "DBIT"), balance("CLAV", "5.00", currency="USD")], "0.00", "5.00",
         "statement_mixed_currencies"),
    ],
)  # fmt: skip
def test_a_problem_of_the_statement_holds_all_its_lines(
    parts: list[str], opening: str, closing: str | None, reason: str
) -> None:
    found = reading(message(statement(*parts, opening=opening, closing=closing)))
    assert [(e.kind.value, e.objection) for e in found.events] == [
        ("statement_received", reason),
        ("bank_credited", reason),
        ("bank_debited", reason),
    ]
    assert len({e.objection_detail for e in found.events}) == 1


def test_the_next_statement_in_the_file_is_not_held() -> None:
    wrong, right = statement(entry(), closing="11.00"), statement(entry(), opening="11.00", closing="21.00", name="S2")
    found = reading(message(wrong, right))
    assert [(e.key.rpartition(":")[0].rpartition(":")[2] or e.key, e.objection) for e in found.events] == [
        (IBAN, "statement_unbalanced"),
        (IBAN, None),
        ("S1", "statement_unbalanced"),
        ("S2", None),
    ]


def test_a_problem_of_a_line_holds_that_line() -> None:
    wrong = entry("4.00", reference="A", details=payment([("Amt", "5.00", "EUR")]))
    found = reading(message(statement(wrong, entry("6.00", reference="B"))))
    assert [(e.key, e.objection) for e in found.events] == [
        (f"bank:statement:{IBAN}:S1", None),
        (f"bank:line:{IBAN}:A", "details_mismatch"),
        (f"bank:line:{IBAN}:B", None),
    ]


@pytest.mark.parametrize(
    ("wrong", "closing", "reason", "detail"),
    [
        (entry("12.345"), "10.00", Reason.AMOUNT_UNUSABLE,
         "12.345 EUR has more decimals than the 2 of EUR (at “amount”)."),
        (entry("1E2"), "10.00", Reason.AMOUNT_UNUSABLE, "“1E2”"),
        (entry(""), "10.00", Reason.FIELD_MISSING, "It has no amount at “amount”."),
        (entry("1.00", currency=""), "10.00", Reason.FIELD_MISSING, "It names no currency."),
        (entry("1.00", currency="ZZZ"), "10.00", Reason.CURRENCY_UNKNOWN, "“ZZZ” is not an ISO 4217 currency"),
        (entry("1.00", day="2026-02-30"), "11.00", Reason.FIELD_MISSING,
         "It has no usable time at “booked_at” ('2026-02-30')."),
        (entry("1.00", status="RECA"), "10.00", Reason.CODE_UNKNOWN, "status = 'RECA'"),
        (entry("1.00", "BOTH"), "10.00", Reason.CODE_UNKNOWN, "credit = None"),
    ],
)  # fmt: skip
def test_a_line_nothing_can_be_made_of_becomes_an_exception(
    wrong: str, closing: str, reason: Reason, detail: str
) -> None:
    found = reading(message(statement(entry(reference="A"), wrong, closing=closing)))
    (objection,) = found.objections
    assert (objection.reason, objection.place) == (reason, "camt.053 statements[].entries[] 2")
    assert detail in objection.detail
    assert [e.key for e in found.events] == [f"bank:statement:{IBAN}:S1", f"bank:line:{IBAN}:A"]


def test_a_statement_without_account_is_an_exception_with_all_its_lines() -> None:
    body = message(statement(entry())).replace(f"<IBAN>{IBAN}</IBAN>".encode(), b"")
    found = reading(body)
    assert found.events == ()
    assert found.objections == tuple(
        Objection(Reason.FIELD_MISSING, f"camt.053 {place} 1", f"It has no value for “{{@source}}:{key}”.")
        for place, key in (
            ("statements[]", "statement:{account}:{id}"),
            ("statements[].entries[]", "line:{^account}:{line}"),
        )
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (entry("0.00"), "The bank booked an entry of 0.00: news without money."),
        (entry("5.00", status="PDNG"),
         "The entry is pending (PDNG): the bank has not booked it yet, and will tell again when it has."),
        (entry("5.00", status="INFO"),
         "The entry is for information or dated in the future (INFO, FUTR): the bank has not booked it."),
        (entry("5.00", status="FUTR"),
         "The entry is for information or dated in the future (INFO, FUTR): the bank has not booked it."),
    ],
)  # fmt: skip
def test_what_is_not_booked_is_noted_with_the_reason(line: str, why: str) -> None:
    found = reading(message(statement(line, closing="0.00")))
    assert [e.kind for e in found.events] == [EventKind.STATEMENT_RECEIVED]
    assert (found.notes, found.objections) == ((why,), ())


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("052", "An intraday report (camt.052) is never booked: the end-of-day statement tells of the same money."),
        (
            "054",
            "A debit or credit advice (camt.054) is never booked: it is detail for a line of the end-of-day statement.",
        ),
    ],
)
def test_reports_and_advices_never_post(kind: str, why: str) -> None:
    found = reading(message(statement(entry(), entry("99.00", status="PDNG")), kind=kind))
    assert (found.events, found.notes, found.objections) == ((), (why,), ())


@pytest.mark.parametrize("kind", ["052", "054"])
def test_an_advice_that_contradicts_itself_is_held_and_says_no_balances(kind: str) -> None:
    found = reading(message(statement(entry(), closing="99.00"), kind=kind))
    (event,) = found.events
    assert (event.key, event.kind, event.aggregate) == (
        f"bank:advice:camt.{kind}:{IBAN}:S1",
        EventKind.STATEMENT_RECEIVED,
        f"advice:{IBAN}",
    )
    assert event.objection == "statement_unbalanced"
    assert event.components == ()
    assert event.facts == {"message": f"camt.{kind}", "account": IBAN, "currency": "EUR"}


def test_lines_are_all_told_apart_and_none_is_swallowed() -> None:
    """A thousand lines that look alike are a thousand events."""
    lines = [entry("1.00", reference="SAME")] * 500 + [entry("1.00", own_reference="QR-SAME")] * 500
    found = reading(message(statement(*lines, closing="1000.00")))
    booked = [e for e in found.events if e.kind is EventKind.BANK_CREDITED]
    assert len({e.key for e in booked}) == len(booked) == 1000
    assert sum(e.components[0].amount_minor for e in booked) == 100_000


def test_the_same_line_in_another_file_has_the_same_name() -> None:
    line = entry(reference="BANK-REF")
    first = reading(message(statement(line), name="M1")).events[1]
    again = reading(message(statement(entry("5.00"), line, name="S9", closing="15.00"), name="M2")).events[2]
    assert first.key == again.key == f"bank:line:{IBAN}:BANK-REF"
    assert first.components == again.components
