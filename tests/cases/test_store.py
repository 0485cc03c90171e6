"""The exception queue: one case for one piece of news, however often it is heard; decisions stand."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from tests.ledger.books import open_books
from tieout.cases import store as cases
from tieout.cases.store import Raised
from tieout.db.pool import Connection, Database
from tieout.model.case import NEXT_STEP, CaseDraft, CaseState, Reason

WHY = "The bank books 15.00 nobody knows."


@pytest.fixture(scope="module")
def shared_url(fresh_database: Callable[..., str]) -> str:
    """A database with one ledger in which nothing is ever committed."""
    url = fresh_database()
    with psycopg.connect(url) as connection:
        open_books(connection)
    return url


@pytest.fixture
def connection(shared_url: str) -> Iterator[Connection]:
    """A unit of work that never commits."""
    with psycopg.connect(shared_url, options="-c timezone=UTC") as found:
        yield found
        found.rollback()


def draft(
    reason: Reason = Reason.BANK_LINE_UNKNOWN, subject: str = "line:1", amount: int = 1500, **more: Any
) -> CaseDraft:
    given = {"sentence": WHY, "currency": "EUR", "aggregate": "bank:1", "links": ("evt_1", "itm_1")} | more
    return CaseDraft(reason=reason, subject=subject, amount_minor=amount, **given)


def raise_them(connection: Connection, *drafts: CaseDraft, stage: str = "reconciliation") -> Raised:
    return cases.open_cases(connection, 1, stage, drafts)


def number(connection: Connection, one: CaseDraft) -> int:
    found = raise_them(connection, one).number_of(one)
    assert found is not None
    return found


def later(connection: Connection) -> None:
    """As if the rows so far were written the day before: within one transaction the clock stands still."""
    connection.execute("update exception_case set changed_at = changed_at - interval '1 day'")


def whole_history(connection: Connection, case: int) -> list[tuple[int, str, str, str]]:
    return [(h.seq, h.what, h.detail, h.actor) for h in cases.history(connection, 1, case)]


def state(connection: Connection, case: int) -> CaseState:
    (found,) = cases.load(connection, 1, [case])
    return found.state


def test_a_case_is_kept_as_it_was_raised(connection: Connection) -> None:
    raised = raise_them(connection, draft())
    assert (raised.standing, raised.news) == (1, 1)
    case = raised.number_of(draft())
    assert case is not None
    (found,) = cases.load(connection, 1, [case])
    assert found.draft == draft()
    assert (found.state, found.next_step) == (CaseState.OPEN, NEXT_STEP[Reason.BANK_LINE_UNKNOWN])
    assert found.opened_at == found.changed_at
    assert whole_history(connection, case) == [(1, "opened", WHY, "tieout")]


def test_the_same_news_again_is_the_same_case(connection: Connection) -> None:
    case = number(connection, draft())
    for _ in range(3):
        again = raise_them(connection, draft(), draft())
        assert (again.number_of(draft()), again.standing, again.news) == (case, 1, 0)
    assert len(cases.page(connection, 1, only_open=None, reason=None, limit=9)) == 1
    assert len(whole_history(connection, case)) == 1


def test_news_of_a_case_is_brought_up_to_date_and_its_links_grow(connection: Connection) -> None:
    case = number(connection, draft())
    raise_them(connection, draft(amount=900, sentence="Now 9.00.", links=("itm_2", "itm_1")))
    (found,) = cases.load(connection, 1, [case])
    assert (found.draft.amount_minor, found.draft.sentence) == (900, "Now 9.00.")
    assert sorted(found.draft.links) == ["evt_1", "itm_1", "itm_2"]
    assert cases.linked_to(connection, 1, ["itm_2"]) == [case]
    assert cases.linked_to(connection, 1, ["itm_9"]) == []


def test_two_who_tell_of_one_thing_in_one_call_are_both_linked(connection: Connection) -> None:
    """Otherwise one of them would have led to nothing at all."""
    raised = raise_them(connection, draft(links=("dlv_1",)), draft(amount=900, links=("dlv_2", "dlv_1")))
    (found,) = cases.load(connection, 1, [raised.number_of(draft()) or 0])
    assert (sorted(found.draft.links), found.draft.amount_minor) == (["dlv_1", "dlv_2"], 900)


def test_one_thing_can_be_odd_in_two_ways(connection: Connection) -> None:
    """Two reasons are two cases, even about one subject in one run, and neither hides the other."""
    two = [draft(Reason.PAYOUT_NOT_ARRIVED, "payout:1"), draft(Reason.PAYOUT_ARRIVED_DIFFERENTLY, "payout:1")]
    raised = raise_them(connection, *two)
    numbers = [raised.number_of(one) for one in two]
    assert len(set(numbers)) == 2
    assert raised.standing == 2
    assert cases.clear_stage(connection, 1, "reconciliation", list(raised.numbers.values()), "done") == 0


def test_nothing_raised_is_nothing(connection: Connection) -> None:
    assert raise_them(connection) == Raised({}, 0, 0)


def test_a_settled_case_that_returns_is_reopened_not_doubled(connection: Connection) -> None:
    case = number(connection, draft())
    cases.settle(connection, 1, [Reason.BANK_LINE_UNKNOWN], ["line:1"], "It has arrived.")
    assert state(connection, case) is CaseState.RESOLVED
    later(connection)
    again = raise_them(connection, draft())
    assert (again.number_of(draft()), again.news) == (case, 1)
    assert state(connection, case) is CaseState.REOPENED
    later(connection)
    assert raise_them(connection, draft()).news == 0, "reopened once, not at every run"
    assert [what for _, what, _, _ in whole_history(connection, case)] == ["opened", "settled", "reopened"]


def test_settling_is_for_the_named_reasons_and_subjects(connection: Connection) -> None:
    drafts = [draft(), draft(subject="line:2"), draft(Reason.ADJUSTMENT_UNKNOWN)]
    raised = raise_them(connection, *drafts)
    cases.settle(connection, 1, [Reason.BANK_LINE_UNKNOWN], ["line:1", "line:9"], "Done.")
    states = [state(connection, raised.number_of(one) or 0) for one in drafts]
    assert states == [CaseState.RESOLVED, CaseState.OPEN, CaseState.OPEN]
    cases.settle(connection, 1, [Reason.BANK_LINE_UNKNOWN], ["line:1"], "Again.")
    assert len(whole_history(connection, raised.number_of(drafts[0]) or 0)) == 2, "what is closed is not closed again"


def test_settling_by_what_a_case_is_about(connection: Connection) -> None:
    mine, other = draft(links=("dlv_7",)), draft(subject="line:2", links=("dlv_8",))
    raised = raise_them(connection, mine, other)
    cases.settle_about(connection, 1, [Reason.BANK_LINE_UNKNOWN], ["dlv_7", "dlv_9"], "Read again, and understood.")
    assert state(connection, raised.number_of(mine) or 0) is CaseState.RESOLVED
    assert state(connection, raised.number_of(other) or 0) is CaseState.OPEN


def test_a_run_clears_what_it_did_not_raise_and_only_of_its_own_stage(connection: Connection) -> None:
    kept, gone = number(connection, draft()), number(connection, draft(subject="line:2"))
    other = raise_them(connection, draft(Reason.TOTAL_MISMATCH, "order:1"), stage="understanding").numbers
    assert cases.clear_stage(connection, 1, "reconciliation", [kept], "Tied.") == 1
    assert state(connection, kept) is CaseState.OPEN
    assert state(connection, gone) is CaseState.RESOLVED
    assert [state(connection, n) for n in other.values()] == [CaseState.OPEN]
    assert whole_history(connection, gone)[-1] == (2, "settled", "Tied.", "tieout")
    assert cases.clear_stage(connection, 1, "reconciliation", [kept], "Tied.") == 0
    assert cases.clear_stage(connection, 1, "reconciliation", [], "Tied.") == 1


def test_what_a_person_dismissed_stays_closed_while_the_amount_is_the_same(connection: Connection) -> None:
    case = number(connection, draft())
    cases.resolve(connection, 1, case, "dismiss", "We know.", "anna")
    later(connection)
    raised = raise_them(connection, draft(sentence="In other words."))
    assert (raised.number_of(draft()), raised.standing, raised.news) == (case, 0, 0)
    assert state(connection, case) is CaseState.RESOLVED
    raised = raise_them(connection, draft(amount=1501))
    assert (raised.number_of(draft(amount=1501)), raised.standing, raised.news) == (case, 1, 1)
    assert state(connection, case) is CaseState.REOPENED
    assert whole_history(connection, case) == [
        (1, "opened", WHY, "tieout"), (2, "dismiss", "We know.", "anna"), (3, "reopened", WHY, "tieout"),
    ]  # fmt: skip


def test_only_a_dismissal_keeps_a_case_closed(connection: Connection) -> None:
    """What was booked or matched and is back is news: somebody undid it, or it was not enough."""
    case = number(connection, draft())
    cases.resolve(connection, 1, case, "book", "Rent.", "anna")
    later(connection)
    assert raise_them(connection, draft()).news == 1
    assert state(connection, case) is CaseState.REOPENED


def test_a_dismissed_case_that_was_settled_since_is_news_again(connection: Connection) -> None:
    case = number(connection, draft())
    cases.resolve(connection, 1, case, "dismiss", "We know.", "anna")
    later(connection)
    raise_them(connection, draft(amount=1))
    cases.settle(connection, 1, [Reason.BANK_LINE_UNKNOWN], ["line:1"], "Gone.")
    later(connection)
    assert raise_them(connection, draft()).news == 1


def test_only_one_may_decide_an_open_case(connection: Connection) -> None:
    case = number(connection, draft())
    assert cases.lock_open(connection, 1, case)
    assert not cases.lock_open(connection, 1, case + 1)
    cases.resolve(connection, 1, case, "dismiss", "We know.", "anna")
    assert not cases.lock_open(connection, 1, case)


def test_lists_show_the_most_money_first_and_what_is_open_before_what_is_closed(connection: Connection) -> None:
    small, large = draft(subject="small", amount=1), draft(subject="large", amount=900_000_000_000)
    closed, other = draft(subject="closed", amount=10**15), draft(Reason.ORDER_UNPAID, "order:1", 50, currency="USD")
    raised = raise_them(connection, small, closed, large, other)
    cases.resolve(connection, 1, raised.number_of(closed) or 0, "dismiss", "Known.", "anna")

    def page(**filters: Any) -> list[str]:
        wanted: dict[str, Any] = {"only_open": None, "reason": None, "limit": 9} | filters
        return [case.draft.subject for case in cases.page(connection, 1, **wanted)]

    assert page() == ["large", "order:1", "small", "closed"]
    assert page(only_open=True) == ["large", "order:1", "small"]
    assert page(only_open=False) == ["closed"]
    assert page(reason="order_unpaid") == ["order:1"]
    assert page(limit=1) == ["large"]
    totals = cases.totals(connection, 1)
    assert [(t.reason.value, t.currency, t.count, t.amount_minor) for t in totals] == [
        ("bank_line_unknown", "EUR", 2, 900_000_000_001),
        ("order_unpaid", "USD", 1, 50),
    ]


def test_money_at_risk_may_be_of_no_currency(connection: Connection) -> None:
    number(connection, draft(Reason.TOPIC_UNKNOWN, "x", 0, currency=None, aggregate=None, links=()))
    (total,) = cases.totals(connection, 1)
    assert (total.currency, total.count, total.amount_minor) == (None, 1, 0)


def test_what_a_source_sends_can_be_of_any_length(connection: Connection) -> None:
    """No index holds it and nobody would read it; the name stays one of its own all the same."""
    endless = "".join(chr(0x4E00 + n * 7919 % 20000) for n in range(9000))
    one, two = draft(subject=endless + "1", sentence=endless), draft(subject=endless + "2", sentence=endless)
    raised = raise_them(connection, one, two)
    assert len({raised.number_of(one), raised.number_of(two)} - {None}) == 2
    (found,) = cases.load(connection, 1, [raised.number_of(one) or 0])
    assert len(found.draft.subject) < 700
    assert len(found.draft.sentence) == 1001
    assert raise_them(connection, one).news == 0


def test_history_cannot_be_rewritten(connection: Connection) -> None:
    number(connection, draft())
    for statement in ("update case_history set detail = 'x'", "delete from case_history", "truncate case_history"):
        with pytest.raises(psycopg.errors.RestrictViolation), connection.transaction():
            connection.execute(statement)


def test_two_workers_raise_the_same_case_at_once(database: Database) -> None:
    """The second waits and finds it open: one case, told of once."""
    with database.unit() as connection:
        open_books(connection)
    with database.unit() as ours, psycopg.connect(database.url, options="-c lock_timeout=50ms") as theirs:
        raise_them(ours, draft())
        with pytest.raises(psycopg.errors.LockNotAvailable):
            raise_them(theirs, draft())
        theirs.rollback()
    with database.unit() as theirs:
        assert raise_them(theirs, draft()).news == 0
        (case,) = cases.page(theirs, 1, only_open=None, reason=None, limit=9)
        assert len(cases.history(theirs, 1, case.id)) == 1
        assert case.changed_at - case.opened_at == timedelta(0)
