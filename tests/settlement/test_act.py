"""Acts: what makes sense, who may do it alone, and what it books."""

from datetime import date

import msgspec
import pytest

from tieout.model.account import Role
from tieout.model.error import BadInput
from tieout.model.seller import SettlementPolicy
from tieout.settlement.act import ALLOWED, Act, ActReason, checked, needs_second, postings_of, sentence_of
from tieout.settlement.journal import Posting

GIFT = Act("k", "goodwill_paid", 500, "EUR", date(2026, 10, 1), ActReason.COURTESY, "Sorry.", source="stripe")
POLICY = SettlementPolicy(alone_up_to_minor={"goodwill_paid": {"EUR": 500}})


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"step": "submitted"}, "is no act"),
        ({"amount_minor": 0}, "positive amount"),
        ({"note": " "}, "says why"),
        ({"party": "anna"}, "names no seller"),
        ({"step": "credited", "source": ""}, "names a seller"),
        ({"source": ""}, "names none"),
        ({"extra_minor": 1}, "Only a fee"),
    ],
)
def test_an_act_that_makes_no_sense_is_refused(changes: dict[str, object], what: str) -> None:
    with pytest.raises(BadInput, match=what):
        checked(msgspec.structs.replace(GIFT, **changes))


def test_limits_decide_who_may_act_alone() -> None:
    assert checked(GIFT) == GIFT
    assert not needs_second(GIFT, POLICY)
    assert needs_second(msgspec.structs.replace(GIFT, amount_minor=501), POLICY)
    assert needs_second(GIFT, SettlementPolicy())
    off = msgspec.structs.replace(GIFT, step="written_off", party="anna", source="")
    assert needs_second(off, SettlementPolicy(alone_up_to_minor={"written_off": {"EUR": 10**9}}))
    fee = msgspec.structs.replace(GIFT, step="fee_charged", party="anna", source="", extra_minor=105)
    assert not needs_second(checked(fee), POLICY)
    assert sentence_of(fee) == "A fee was charged to a seller."
    assert sum(posting.amount_minor for posting in postings_of(fee, "act:1")) == 0


def test_an_act_books_its_step() -> None:
    assert postings_of(GIFT, "act:1") == (Posting(Role.GOODWILL, 500), Posting(Role.GATEWAY, -500, item="act:1"))
    assert all(step.meaning for step in ALLOWED)
