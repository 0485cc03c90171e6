"""Entries of one's own."""

from typing import Any

import pytest

from tests.app.house import ANNA, lines, opening_balance
from tieout.app import Tieout
from tieout.model.entry import Line
from tieout.model.error import Conflict, PostingRefused


def test_entries_of_ones_own_are_posted_once(app: Tieout) -> None:
    ids = app.post([opening_balance(), opening_balance("opening:2026:2", 100)], actor=ANNA)
    assert [app.entry(i).entry.draft for i in ids] == [opening_balance(), opening_balance("opening:2026:2", 100)]
    assert lines(app.entry(ids[0])) == [("1100.bank", "EUR", 5000), ("3000", "EUR", -5000)]
    assert app.entry(ids[0]).event is None
    assert app.post([opening_balance()], actor=ANNA) == ids[:1], "the same fact again is the same entry"
    assert app.counts() == (2, 4)
    newest = app.audit(1)[0]
    assert (newest.actor, newest.action, newest.subject) == ("anna", "entries.posted", "1 entries")


def test_one_key_with_two_contents_is_a_conflict_and_nothing_of_the_call_is_posted(app: Tieout) -> None:
    app.post([opening_balance()], actor=ANNA)
    with pytest.raises(Conflict) as refused:
        app.post([opening_balance("new"), opening_balance(amount=6000)], actor=ANNA)
    assert (refused.value.status, refused.value.code) == (409, "conflict")
    with pytest.raises(Conflict, match="Two entries of one call have the same key"):
        app.post([opening_balance("twice"), opening_balance("twice", 1)], actor=ANNA)
    assert app.counts() == (1, 2)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"lines": (Line("1100.bank", "EUR", 5, 5), Line("3000", "EUR", -4, -4))}, "debit and credit differ"),
        ({"lines": (Line("9999", "EUR", 5, 5), Line("3000", "EUR", -5, -5))}, "there is no account “9999”"),
        ({"lines": (Line("1100.bank", "EUR", 5, 5),)}, "it has 1 lines"),
        ({"key": ""}, "its key is empty"),
    ],
)
def test_an_entry_that_does_not_hold_is_refused_with_all_beside_it(
    app: Tieout, wrong: dict[str, Any], why: str
) -> None:
    with pytest.raises(PostingRefused, match=why):
        app.post([opening_balance("sound"), opening_balance(**wrong)], actor=ANNA)
    assert app.counts() == (0, 0)
    assert app.audit(1)[0].action == "source.added"
