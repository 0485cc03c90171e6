"""Revaluation: measured at the closing rate, booked on the day, taken back on the next, as often as one likes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.house import ANNA, rates
from tests.app.test_realising import base, post
from tieout.app import Tieout
from tieout.app.views import Remeasured
from tieout.model.error import NotFound, PeriodClosed, PeriodNotReady
from tieout.model.period import Area, PeriodState

#: A Saturday: its rate is Friday's.
AT = date(2026, 10, 31)
FRIDAY = "2026-10-30"


@pytest.fixture
def dollars(app: Tieout) -> Tieout:
    """100.00 USD sold and owed, carried at 0.92; 40.00 of gift cards; the euro closes at 1.25 dollars."""
    post(app, "sale", date(2026, 10, 5), [("1200", 10000, 9200), ("4000", -6000, -5520), ("2200", -4000, -3680)])
    app.import_rates(rates((FRIDAY, "USD", "1.25"), ("2026-11-02", "USD", "1.20")))
    return app


def figures(found: Remeasured) -> tuple[str, str, int, int, int, int, str]:
    return (
        found.account, found.currency, found.balance_minor, found.carried_minor, found.worth_minor,
        found.difference_minor, f"{found.rate.value} {found.rate.source} {found.rate.day}",
    )  # fmt: skip


def test_only_what_is_received_or_paid_in_money_is_measured(dollars: Tieout) -> None:
    """Sales were earned at the rate of their day, and gift cards are paid in goods."""
    found = dollars.revalue(AT, preview=True)
    assert [figures(m) for m in found.balances] == [("1200", "USD", 10000, 9200, 8000, -1200, f"0.8 ecb {FRIDAY}")]
    assert (found.entries, found.reversals) == ((), ())
    assert dollars.counts()[0] == 1, "a preview books nothing"


def test_it_is_booked_on_the_day_and_taken_back_on_the_next(dollars: Tieout) -> None:
    found = dollars.revalue(AT, actor=ANNA)
    (booked,), (back,) = ([dollars.entry(number) for number in ids] for ids in (found.entries, found.reversals))
    assert [(ln.account, ln.currency, ln.amount_minor, ln.base_minor) for ln in booked.lines] == [
        ("1200", "USD", 0, -1200),
        ("5930", "USD", 0, 1200),
    ]
    assert (booked.entry.draft.effective_date, booked.entry.draft.rule_id) == (AT, "fx.revalued")
    assert booked.entry.draft.rate == f"0.8 ecb {FRIDAY}"
    assert (back.entry.draft.effective_date, back.entry.draft.reverses_id) == (AT + timedelta(days=1), booked.entry.id)
    at = {b.account: b.base_minor for b in dollars.balances(AT)}
    assert (at["1200"], at["5930"]) == (8000, 1200)
    assert (base(dollars, "1200"), base(dollars, "5930")) == (9200, 0)
    assert (dollars.audit(1)[0].action, dollars.audit(1)[0].subject) == ("books.revalued", "2026-10-31")


def test_once_more_books_only_what_has_changed(dollars: Tieout) -> None:
    dollars.revalue(AT)
    again = dollars.revalue(AT)
    assert (again.entries, [m.difference_minor for m in again.balances]) == ((), [0])
    post(dollars, "late", AT, [("1200", 1000, 900), ("4000", -1000, -900)])
    more = dollars.revalue(AT)
    assert [m.difference_minor for m in more.balances] == [-100]
    keys = [view.entry.draft.key for view in dollars.journal() if view.entry.draft.key.startswith("fx/")]
    assert keys == [f"fx/revalued/2026-10-31/1200/USD/{n}{end}" for n in (2, 1) for end in ("/back", "")]
    assert {b.account: b.base_minor for b in dollars.balances(AT)}["1200"] == 8800


def test_settling_later_realises_the_whole_difference(dollars: Tieout) -> None:
    """What was unrealised is gone by then: the gain or loss is from the sale to the payment, in one figure."""
    dollars.revalue(AT)
    post(dollars, "paid", date(2026, 11, 2), [("1310.stripe", 10000, 8300), ("1200", -10000, -8300)])
    dollars.reconcile(date(2026, 11, 10))
    assert (base(dollars, "1200"), base(dollars, "5920"), base(dollars, "5930")) == (0, 900, 0)
    assert dollars.proof().unexplained_base_minor == 0


def test_the_proof_of_the_day_holds_with_its_revaluation(dollars: Tieout) -> None:
    """At the end of the day the account carries the closing rate; its open items still carry their own."""
    dollars.revalue(AT)
    dollars.reconcile(AT)
    for at in (None, AT, AT + timedelta(days=1), AT - timedelta(days=1)):
        proof = dollars.proof(at)
        (line,) = [found for found in proof.lines if found.account == "1200"]
        assert (line.balance_minor, line.base_minor) == (10000, 8000 if at == AT else 9200)
        assert (line.unexplained_base_minor, proof.unexplained_base_minor) == (0, 0)


def test_without_a_rate_it_is_refused_and_says_which(dollars: Tieout) -> None:
    post(dollars, "yen", AT, [("1100.bank", 160, 100), ("4000", -160, -100)])
    with pytest.raises(NotFound, match="There is no exchange rate for USD on 2026-12-31") as refused:
        dollars.revalue(date(2026, 12, 31))
    assert "tieout rates policy" in refused.value.remedy
    assert dollars.counts()[0] == 2


def test_a_closed_day_takes_no_revaluation(dollars: Tieout) -> None:
    dollars.set_period(date(2026, 10, 1), date(2026, 11, 15), PeriodState.SOFT, actor=ANNA)
    with pytest.raises(PeriodClosed, match="2026-10-31 is closed for 1200"):
        dollars.revalue(AT)
    assert dollars.counts()[0] == 1


def test_the_next_day_may_be_closed(dollars: Tieout) -> None:
    november = (date(2026, 11, 1), date(2026, 11, 30))
    dollars.set_period(*november, PeriodState.SOFT, despite="Its rate is not there yet.", actor=ANNA)
    (back,) = [dollars.entry(number) for number in dollars.revalue(AT).reversals]
    assert (back.entry.draft.effective_date, back.entry.draft.late) == (date(2026, 12, 1), True)


OCTOBER = (date(2026, 10, 1), AT)


@pytest.mark.parametrize("state", [PeriodState.SOFT, PeriodState.HARD])
def test_closing_a_month_revalues_it(dollars: Tieout, state: PeriodState) -> None:
    dollars.reconcile(AT)
    dollars.set_period(*OCTOBER, state, despite="No case of these is open.", actor=ANNA)
    back, booked = (view.entry.draft for view in dollars.journal(text="Revaluation"))
    assert (booked.effective_date, booked.rule_id, back.effective_date) == (AT, "fx.revalued", date(2026, 11, 1))
    assert {b.account: b.base_minor for b in dollars.balances(AT)}["1200"] == 8000
    assert base(dollars, "1200") == 9200
    said = {line.action: (line.actor, line.subject, line.detail) for line in dollars.audit(5)}
    assert said["books.revalued"] == ("anna", "2026-10-31", "1 balance, as the month was closed")
    dollars.seal()
    assert dollars.verify().flaws == ()


def test_closed_once_more_it_is_revalued_once(dollars: Tieout) -> None:
    for state in (PeriodState.SOFT, PeriodState.OPEN, PeriodState.SOFT):
        dollars.set_period(*OCTOBER, state, actor=ANNA)
    dollars.set_period(*OCTOBER, PeriodState.HARD, despite="The sale is not matched.", actor=ANNA)
    assert len(dollars.journal(text="Revaluation")) == 2


def test_a_month_without_a_closing_rate_is_not_closed_unless_someone_says_why(dollars: Tieout) -> None:
    december = (date(2026, 12, 1), date(2026, 12, 31))
    missing = "foreign currency not revalued (there is no exchange rate for USD on 2026-12-31)"
    assert dollars.before_close(*december) == (missing,)
    with pytest.raises(PeriodNotReady, match="2026-12-01 to 2026-12-31 cannot be closed: foreign currency") as refused:
        dollars.set_period(*december, PeriodState.SOFT, actor=ANNA)
    assert "`--despite`" in refused.value.remedy
    assert (dollars.periods(), dollars.counts()[0]) == ([], 1)
    assert dollars.set_period(*december, PeriodState.SOFT, despite="The bank is shut.", actor=ANNA) == (missing,)
    assert dollars.audit(1)[0].detail == f"despite {missing}: The bank is shut."


def test_what_came_into_a_closed_month_is_said_before_it_is_closed_for_good(dollars: Tieout) -> None:
    """By leave of someone: the day takes no revaluation any more."""
    dollars.set_period(*OCTOBER, PeriodState.SOFT, actor=ANNA)
    until, person = datetime.now(UTC) + timedelta(hours=1), dollars.entry("ent_1").entry.draft.actor
    dollars.allow_posting(*OCTOBER, person=person, reason="The audit.", until=until, actor=ANNA)
    post(dollars, "late", AT, [("1200", 1000, 900), ("4000", -1000, -900)])
    with pytest.raises(PeriodNotReady, match=r"not revalued \(2026-10-31 is closed for 1200\)"):
        dollars.set_period(*OCTOBER, PeriodState.HARD, actor=ANNA)


@pytest.mark.parametrize(
    ("first", "last", "area"),
    [(1, 30, Area.ALL), (1, 31, Area.BANK)],
    ids=["part of a month", "an area"],
)
def test_only_whole_months_are_revalued(dollars: Tieout, first: int, last: int, area: Area) -> None:
    dollars.set_period(date(2026, 10, first), date(2026, 10, last), PeriodState.SOFT, area=area, actor=ANNA)
    assert dollars.counts()[0] == 1


def test_books_in_one_currency_have_nothing_to_measure(app: Tieout) -> None:
    assert app.revalue(AT).balances == ()


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(-(10**9), 10**9).filter(bool), st.integers(-(10**9), 10**9)), max_size=4))
def test_whatever_is_carried_is_worth_the_closing_rate_then(dollars: Tieout, more: list[tuple[int, int]]) -> None:
    for number, (amount, carried) in enumerate(more):
        key = f"{dollars.counts()[0]}:{number}"
        post(dollars, key, date(2026, 10, 20), [("1320.stripe", amount, carried), ("4000", -amount, -carried)], key)
    dollars.revalue(AT)
    for balance in dollars.balances(AT):
        if balance.account in ("1200", "1320.stripe"):
            assert abs(balance.base_minor - balance.balance_minor * 4 / 5) <= 1 / 2
    assert base(dollars, "5930") == 0
