"""Entries of one's own."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import date
from typing import Any

import pytest

from tests.app.house import ANNA, lines, opening_balance
from tieout.app import Tieout
from tieout.app.views import Booked
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import (
    AccountUnfit,
    AmountError,
    BadInput,
    Conflict,
    PeriodClosed,
    PostingRefused,
    TieoutError,
    Unanswered,
)
from tieout.model.period import PeriodState


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


# ── One entry per call ────────────────────────────────────────────────────────────────────────────────────────


def test_one_entry_is_posted_once_and_says_so(app: Tieout) -> None:
    first, again = (app.post_one(opening_balance()) for _ in range(2))
    assert (first.repeated, again.repeated, again.entry) == (False, True, first.entry)
    assert app.entry(first.entry).entry.draft == opening_balance()
    with pytest.raises(Conflict, match=f"“opening:2026” is already posted as {first.entry} with other content"):
        app.post_one(opening_balance(amount=1))
    assert app.counts() == (1, 2)


def test_neighbours_do_not_hurt_each_other(app: Tieout) -> None:
    """Forty at once, every fourth of them wrong in its own way: each has its own answer."""
    halves: list[tuple[str, str, Any, int]] = [("1100.bank", "USD", 5.5, 5), ("3000", "USD", -5.5, -5)]
    wrong: list[tuple[dict[str, Any], type[TieoutError], str]] = [
        ({"lines": (Line("1100.bank", "EUR", 5, 5), Line("3000", "EUR", -4, -4))}, PostingRefused, "k0” is refused"),
        ({"lines": (Line("9999", "EUR", 5, 5), Line("3000", "EUR", -5, -5))}, AccountUnfit, "k4” is refused"),
        ({"memo": "no text: \ud800"}, BadInput, "no Unicode"),
        ({"memo": "\0"}, PostingRefused, "k12” is refused: a text has a NUL"),
        ({"effective_date": date(2026, 2, 1)}, PeriodClosed, "2026-02-01 lies in the period"),
        ({"lines": (Line("1100.bank", "XXX", 5, 5), Line("3000", "XXX", -5, -5))}, AmountError, "not an ISO 4217"),
        ({"lines": ()}, PostingRefused, "k24” is refused: it has 0 lines"),
        ({"reverses_id": 12345}, PostingRefused, "violates check constraint"),
        ({"lines": tuple(Line(*half) for half in halves)}, PostingRefused, "k32” is refused: the amount 5.5 is not"),
        ({"lines": (Line("1100.bank", "EUR", 2**63, 2**63), Line("3000", "EUR", -(2**63), -(2**63)))}, PostingRefused,
         "beyond 64 bits"),
    ]  # fmt: skip
    app.set_period(date(2026, 2, 1), date(2026, 2, 28), PeriodState.SOFT, actor=ANNA)
    drafts = [opening_balance(f"k{n}", **(wrong[n // 4][0] if n % 4 == 0 else {})) for n in range(40)]
    with ThreadPoolExecutor(20) as callers:
        outcomes = list(callers.map(lambda draft: answer(app, draft), drafts))
    for number, outcome in enumerate(outcomes):
        if number % 4:
            assert app.entry(outcome.entry).entry.draft == drafts[number]
        else:
            _, kind, why = wrong[number // 4]
            assert isinstance(outcome, kind), f"{number}: {outcome!r}"
            assert why in outcome.what
            assert outcome.remedy != ""
    assert app.counts() == (30, 60)


def answer(app: Tieout, draft: EntryDraft) -> Any:
    try:
        return app.post_one(draft)
    except TieoutError as error:
        return error


def test_one_key_by_two_callers_at_the_same_moment(app: Tieout) -> None:
    """Committed together or not: the first is posted, the same again is a repeat, other content a conflict."""
    app.post_one(opening_balance("warm"))
    same, other = opening_balance("k"), opening_balance("k", amount=1)
    first, again, conflict, neighbour = app._post_together([same, same, other, opening_balance("n")])
    assert isinstance(first, Booked)
    assert again == Booked(first.entry, repeated=True)
    assert isinstance(conflict, Conflict)
    assert first.entry in conflict.what
    assert isinstance(neighbour, Booked)
    assert app.counts() == (3, 6)


def test_an_account_opened_meanwhile_is_known(app: Tieout) -> None:
    """Accounts are remembered from call to call, until somebody names one that is not among them."""
    app.post_one(opening_balance("warm"))
    app.add_source("second", "camt")
    lines = (Line("1100.second", "EUR", 5, 5), Line("3000", "EUR", -5, -5))
    assert not app.post_one(opening_balance("k", lines=lines)).repeated


def test_when_the_database_goes_away_every_caller_hears_of_it_and_may_send_again(app: Tieout) -> None:
    app.post_one(opening_balance("warm"))
    with app.database.unit() as connection:
        connection.execute("lock table entry in access exclusive mode")
        with ThreadPoolExecutor(8) as callers:
            waiting = [callers.submit(answer, app, opening_balance(f"k{n}")) for n in range(8)]
            blocked = "select pid from pg_locks where not granted and relation = 'entry'::regclass"
            while not (pids := connection.execute(blocked).fetchall()):
                time.sleep(0.01)
            connection.execute("select pg_terminate_backend(%s)", pids[0])
            first = next(done.result(20) for done in as_completed(waiting))
            assert isinstance(first, Unanswered)
            assert (first.code, first.status) == ("unanswered", 503)
            assert first.remedy == "Send it again: the same key and content is posted once."
            connection.execute("rollback")
            outcomes = [one.result(20) for one in waiting]
    assert any(isinstance(outcome, Unanswered) for outcome in outcomes)
    again = [app.post_one(opening_balance(f"k{n}")) for n in range(8)]
    assert [one.repeated for one in again] == [isinstance(outcome, Booked) for outcome in outcomes]
    assert app.counts() == (9, 18)


def test_closing_lets_those_who_wait_have_their_answers(house: Callable[..., Tieout]) -> None:
    app, other = house(), house()
    app.post_one(opening_balance("warm"))
    with other.database.unit() as connection:
        connection.execute("lock table entry in access exclusive mode")
        with ThreadPoolExecutor(4) as callers:
            waiting = [callers.submit(answer, app, opening_balance(f"k{n}")) for n in range(3)]
            while not connection.execute("select 1 from pg_locks where not granted").fetchall():
                time.sleep(0.01)
            closing = callers.submit(app.close)
            time.sleep(0.05)
            assert not closing.done()
            connection.execute("rollback")
            assert all(isinstance(one.result(20), Booked) for one in waiting)
            closing.result(20)
    with pytest.raises(Unanswered, match="being shut down"):
        app.post_one(opening_balance("late"))
    assert other.counts() == (4, 8)


def test_each_entry_by_itself(app: Tieout) -> None:
    app.post([opening_balance("known")], actor=ANNA)
    unit = Line("1100.bank", "EUR", 5, 5)
    drafts = [
        opening_balance("a"),
        opening_balance("b", lines=(unit, unit)),
        opening_balance("known", amount=7),
        opening_balance("c", lines=(Line("1100.bank", "XXX", 5, 5), Line("3000", "XXX", -5, -5))),
        opening_balance("known"),
        opening_balance("a"),
        opening_balance("d"),
    ]
    outcomes = app.post_each(drafts, actor=ANNA)
    kinds = [Booked, PostingRefused, Conflict, AmountError, Booked, Booked, Booked]
    assert [type(outcome) for outcome in outcomes] == kinds
    assert [o.repeated for o in outcomes if isinstance(o, Booked)] == [False, True, True, False]
    assert app.counts() == (3, 6)
    assert app.audit(1)[0].subject == "4 entries"
    assert app.post_each([], actor=ANNA) == []
