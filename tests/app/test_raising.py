"""The cases of understanding: how they are named, and what is one piece of news."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tieout.app.raising import changed_case, held_case, overdue_case, statement_of, together
from tieout.events.store import Overdue, Told
from tieout.model.case import CaseDraft, Reason
from tieout.model.event import Component, ComponentKind, Event, EventDraft, EventKind

AT = datetime(2026, 3, 3, 10, tzinfo=UTC)
PARTS = (Component(ComponentKind.GROSS, 4900, "EUR"), Component(ComponentKind.FEE, 100, "EUR"))


def event(number: int = 1, **changes: Any) -> Event:
    given: dict[str, Any] = {
        "key": "bank:line:1", "kind": EventKind.BANK_CREDITED, "occurred_at": AT, "aggregate": "bank:DE1",
        "components": PARTS, "objection": "statement_unbalanced", "objection_detail": "Off by 1.00.",
    }  # fmt: skip
    return Event(number, "bank", EventDraft(**{**given, **changes}), b"", 1, AT)


def test_a_line_held_for_its_statement_is_news_of_the_statement() -> None:
    case = held_case(event(references=("end_to_end:x", "statement:S1")))
    assert (case.reason, case.subject) == (Reason.STATEMENT_UNBALANCED, "bank:DE1/statement:S1")
    assert case.sentence == "Statement S1 (account DE1) is held with all its lines: Off by 1.00."
    assert (case.amount_minor, case.currency, case.aggregate, case.links) == (4800, "EUR", "bank:DE1", ("evt_1",))


@pytest.mark.parametrize(
    "changes",
    [{"references": ()}, {"references": ("statement:S1",), "objection": "details_mismatch"}],
)
def test_what_is_the_lines_own_fault_is_news_of_the_line(changes: dict[str, Any]) -> None:
    case = held_case(event(**changes))
    assert case.subject == "bank:line:1"
    assert case.sentence == "Bank credited (account DE1) is held: Off by 1.00."


def test_a_reason_nobody_knows_is_a_sum_that_does_not_hold() -> None:
    case = held_case(event(objection="the_moon", objection_detail=None))
    assert case.reason is Reason.TOTAL_MISMATCH
    assert case.sentence.endswith(f"is held: {Reason.TOTAL_MISMATCH.meaning}")


def test_which_statement_an_event_belongs_to() -> None:
    assert statement_of(event(references=("statement:S1",)).draft) == "bank:DE1/statement:S1"
    assert statement_of(event().draft) is None


@pytest.mark.parametrize(
    ("waits", "reason", "words"),
    [
        (("shop:order:1:placed",), Reason.PREREQUISITE_MISSING, "order 1 from shop"),
        (("stripe:txn:txn_1",), Reason.PREREQUISITE_MISSING, "balance line txn_1 from stripe"),
        (("own-key",), Reason.PREREQUISITE_MISSING, "own-key"),
        (("rate:USD/EUR:2026-03-03",), Reason.RATE_MISSING, "the exchange rate USD/EUR of 2026-03-03"),
        (
            ("rate:USD/EUR:2026-03-03", "stripe:refund:re_1:refunded"), Reason.PREREQUISITE_MISSING,
            "the exchange rate USD/EUR of 2026-03-03, refund re_1 from stripe",
        ),
    ],
)  # fmt: skip
def test_what_is_overdue_says_what_it_waits_for(waits: tuple[str, ...], reason: Reason, words: str) -> None:
    case = overdue_case(Overdue(7, event().draft, waits, AT))
    assert (case.reason, case.subject, case.links) == (reason, "bank:line:1", ("evt_7",))
    assert case.sentence == f"Bank credited (account DE1) of 2026-03-03 waits for {words}."


def test_what_came_otherwise_is_told_in_words_and_not_by_its_key() -> None:
    case = changed_case(7, Told(1, 3, event().draft))
    assert case.reason is Reason.CONTENT_CHANGED
    assert case.subject.startswith("bank:line:1#")
    assert case.links == ("evt_7", "dlv_3")
    assert case.sentence == (
        "Bank credited (account DE1) of 2026-03-03 was recorded before and now comes with other figures;"
        " the first stand."
    )


def test_one_piece_of_news_is_put_together() -> None:
    one = CaseDraft(Reason.NO_RULE, "a", "Says it.", 100, "EUR", links=("evt_1", "evt_2"))
    two = CaseDraft(Reason.NO_RULE, "a", "Says it.", 11, "EUR", links=("evt_2", "evt_3"))
    other, memo = CaseDraft(Reason.NO_RULE, "b", "Other."), CaseDraft(Reason.NO_RULE, "a", "Memo.")
    assert together([one, other, two, memo]) == [
        CaseDraft(Reason.NO_RULE, "a", "Says it.", 111, "EUR", links=("evt_1", "evt_2", "evt_3")),
        other,
    ]
    assert together([]) == []


def test_amounts_of_two_currencies_are_not_added_up() -> None:
    euro, dollar = (CaseDraft(Reason.NO_RULE, "a", "Says it.", 100, currency) for currency in ("EUR", "USD"))
    (case,) = together([euro, dollar])
    assert (case.amount_minor, case.currency) == (0, None)
