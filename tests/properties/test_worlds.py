"""Whatever a world sends, twice, late and shuffled, the books come out the same, and as the world knows them to be."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from tests.playing import Picture, last_day, open_books, picture, play, send_all, work_off
from tieout.app import Tieout
from tieout.model.entity import Actor
from tieout.model.period import PeriodState
from tieout.sandbox.corrupt import duplicate, shuffle
from tieout.sandbox.plan import Plan, compose
from tieout.sandbox.trail import Outcome
from tieout.sandbox.world import World

SEEDS = (3, 77, 20261001)
ORDERS = 45


@pytest.fixture(scope="module", params=SEEDS)
def calm(
    request: pytest.FixtureRequest, fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Plan, Tieout, Picture]]:
    """A world with its planned exceptions, played in order and once."""
    plan = compose(World(seed=request.param, orders=ORDERS))
    app = open_books(fresh_database(), tmp_path_factory.mktemp("home"), plan)
    yield plan, app, play(app, plan)
    app.close()


def test_every_entry_balances_in_each_currency_and_in_base(calm):
    _, app, _ = calm
    for view in app.journal(limit=500):
        totals: Counter[str] = Counter()
        for line in view.lines:
            totals[line.currency] += line.amount_minor
            totals["base"] += line.base_minor
        assert set(totals.values()) == {0}, view.id


def test_nothing_is_unexplained_and_every_bank_agrees(calm):
    _, app, seen = calm
    assert seen.unexplained == {"EUR": 0, "USD": 0}
    assert [(b.difference_minor, b.continuous) for b in app.proof().banks] == [(0, True), (0, True)]
    assert seen.tied


def test_the_proof_decomposes_the_fold_of_the_lines(calm):
    _, app, seen = calm
    for line in app.proof().lines:
        named = line.transit_minor + line.disputed_minor + line.reserved_minor + line.exceptions_minor
        assert line.balance_minor == named + line.unexplained_minor
        assert line.balance_minor == seen.balances.get((line.account, line.currency), 0)
        items = app.items(account=line.account, currency=line.currency)
        assert sum(view.item.open_minor for view in items) == line.balance_minor
        assert len(items) == line.items


def test_what_is_settled_leaves_nothing_in_base_currency(calm):
    """What a clearing account carries is what its open items carry; what exchange rates did is realised or open."""
    _, app, _ = calm
    proof = app.proof()
    assert proof.unexplained_base_minor == 0
    for line in proof.lines:
        items = app.items(account=line.account, currency=line.currency)
        assert sum(view.item.open_base_minor for view in items) == line.base_minor
        assert items or (line.balance_minor, line.base_minor) == (0, 0)
    assert any(b.account == "5920" and b.base_minor for b in app.balances()), "rates moved, and that is shown"
    assert sum(b.base_minor for b in app.balances(accounts=["1495"])) == 0


def test_exchange_differences_are_what_the_world_knows(calm):
    """Worked out from the causes at exact rates; the books round every amount once."""
    plan, app, _ = calm
    booked = {b.currency: b.base_minor for b in app.balances(accounts=["5920"])}
    (known,) = plan.truth.realised
    assert abs(known.lost_minor) > 20, "enough to be told from roundings"
    assert abs(booked[known.currency] - known.lost_minor) <= Fraction(known.amounts, 2)


def test_every_foreign_line_has_its_rate(calm):
    _, app, _ = calm
    for view in app.journal(limit=500):
        foreign = {line.currency for line in view.lines if line.currency != "EUR" and line.amount_minor}
        assert {rate.currency for rate in view.rates} == foreign, view.id


def test_balances_are_what_the_world_knows(calm):
    plan, app, _ = calm
    kept: Counter[tuple[str, str, str | None]] = Counter()
    for account in app.accounts():
        for currency, amount in account.balances.items():
            source = account.code.partition(".")[2] or None
            kept[account.role, currency, source] += amount
            if source is not None:
                kept[account.role, currency, None] += amount
    wrong = [
        (b, kept[b.role.value, b.currency, b.source])
        for b in plan.truth.balances
        if kept[b.role.value, b.currency, b.source] != b.amount_minor
    ]
    assert wrong == []


def test_exceptions_are_what_the_world_planned(calm):
    plan, app, _ = calm
    open_cases = Counter(view.case.draft.reason for view in app.case_list(limit=500))
    planned = [o for o in (*plan.truth.exceptions, *plan.truth.parked) if o.outcome in (Outcome.CASE, Outcome.PARKED)]
    for oddity in planned:
        reason = next(r for r in (oddity.reason, *oddity.accepts) if open_cases[r])
        open_cases[reason] -= 1
    assert +open_cases == Counter()


def test_all_open_money_at_risk_has_an_amount(calm):
    _, app, _ = calm
    assert [v.id for v in app.case_list(limit=500) if v.case.draft.amount_minor <= 0] == []


def test_everything_again_changes_nothing(calm):
    plan, app, before = calm
    entries = app.counts()
    send_all(app, plan.emissions)
    work_off(app)
    assert app.counts() == entries
    assert picture(app, last_day(plan)) == before


def test_reading_every_delivery_anew_changes_nothing(calm):
    plan, app, before = calm
    for view in app.inbox(verdict="accepted", limit=500):
        app.replay(view.id, reason="to see that nothing comes of it", actor=Actor("auditor", "person"))
    assert picture(app, last_day(plan)) == before


@pytest.mark.parametrize("order", range(3))
def test_any_order_of_arrival_gives_the_same_books(calm, order, database_url, tmp_path):
    plan, _, before = calm
    rough = list(duplicate(plan.emissions, per_mille=200, seed=order))
    random.Random(order).shuffle(rough)  # noqa: S311 -- chance, not secrets
    app = open_books(database_url, tmp_path, plan)
    try:
        assert play(app, plan, rough) == before
    finally:
        app.close()


def test_work_between_arrivals_makes_no_difference(calm, database_url, tmp_path):
    plan, _, before = calm
    app = open_books(database_url, tmp_path, plan)
    rough = shuffle(plan.emissions, window=60, seed=1)
    for start in range(0, len(rough), 37):
        send_all(app, rough[start : start + 37])
        app.work(limit=11)
        if start % 5 == 0:
            app.reconcile(date(2026, 10, 20))
    work_off(app)
    after = picture(app, last_day(plan))
    app.close()
    assert (after.ledger_hash, after.balances) == (before.ledger_hash, before.balances)
    assert after.cases == before.cases
    assert sum(m[2] for m in after.matches) == sum(m[2] for m in before.matches)


def test_a_balance_is_the_fold_of_the_entries_until_that_day(calm):
    plan, app, _ = calm
    entries = app.journal(limit=500)
    assert len(entries) == app.counts()[0], "the world must fit one page for this test"
    for back in (0, 9, 17, 29):
        day = last_day(plan) - timedelta(days=back)
        folded: Counter[tuple[str, str]] = Counter()
        for view in entries:
            if view.entry.draft.effective_date <= day:
                for line in view.lines:
                    folded[line.account, line.currency] += line.amount_minor
        assert {k: v for k, v in folded.items() if v} == {
            (b.account, b.currency): b.balance_minor for b in app.balances(day) if b.balance_minor
        }


def test_a_clean_world_has_no_exceptions(database_url, tmp_path: Path):
    plan = compose(World(seed=11, orders=60, clean=True))
    app = open_books(database_url, tmp_path, plan)
    seen = play(app, plan)
    app.close()
    assert (seen.cases, seen.parked, seen.tied) == ([], 0, True)


def test_a_closed_period_never_changes(database_url, tmp_path: Path):
    """Half a month arrives, the month is closed for good, the other half arrives: it is booked after, and marked."""
    plan = compose(World(seed=5, orders=40, clean=True))
    app = open_books(database_url, tmp_path, plan)
    end = last_day(plan)
    send_all(app, plan.emissions[: len(plan.emissions) // 2])
    work_off(app)
    app.set_period(
        end.replace(day=1), end, PeriodState.HARD, despite="The rest is late.", actor=Actor("closer", "person")
    )
    closed = app.balances(end)  # with what foreign money is worth on that day, which closing books
    send_all(app, plan.emissions[len(plan.emissions) // 2 :])
    work_off(app)
    late = app.journal(late=True, limit=500)
    assert app.balances(end) == closed
    assert late, "the second half of the month comes late"
    assert {view.entry.draft.effective_date for view in late} == {end + timedelta(days=1)}
    assert all(view.entry.draft.occurred_at.date() <= end + timedelta(days=1) for view in late)
    app.close()
