"""Cases: what is wrong in one sentence, what to do in another."""

import msgspec
import pytest

from tieout.model.case import NEXT_STEP, Action, CaseDraft, CaseState, Reason, Resolution


def test_every_next_step_is_an_instruction() -> None:
    """A sentence that starts with a verb for the bookkeeper, not a description of the fault again."""
    assert [reason for reason, step in NEXT_STEP.items() if not (step[0].isupper() and step.endswith("."))] == []
    assert [reason for reason, step in NEXT_STEP.items() if step == reason.meaning] == []


def test_reason_and_subject_identify_a_case() -> None:
    draft = CaseDraft(Reason.ORDER_UNPAID, "order:1", "Order 1 is unpaid.")
    assert (draft.amount_minor, draft.currency, draft.aggregate, draft.links) == (0, None, None, ())
    assert draft == CaseDraft(Reason.ORDER_UNPAID, "order:1", "Order 1 is unpaid.")
    assert draft != CaseDraft(Reason.ORDER_UNPAID, "order:2", "Order 1 is unpaid.")


def test_a_case_is_open_reopened_or_resolved() -> None:
    assert [state.value for state in CaseState] == ["open", "reopened", "resolved"]


def test_a_resolution_needs_an_action_that_exists_and_a_reason() -> None:
    body = {"action": "book", "reason": "Written off by the board.", "account": "5900"}
    assert msgspec.convert(body, Resolution) == Resolution(Action.BOOK, "Written off by the board.", "5900")
    for wrong in (
        {"action": "ignore", "reason": "?"},
        {"action": "book"},
        {"action": "match", "reason": "x", "items": [1.5]},
    ):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(wrong, Resolution)
