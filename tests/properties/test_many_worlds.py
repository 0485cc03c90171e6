"""Worlds of other months and sizes: what the books say is what each world knows, to the minor unit and by name."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.playing import Picture, last_day, open_books, play
from tieout.app import Tieout
from tieout.model.account import Role
from tieout.model.case import Reason
from tieout.sandbox.plan import Plan, compose
from tieout.sandbox.trail import Oddity
from tieout.sandbox.world import World

#: A leap February, a month with Christmas in it, one that ends on a Sunday, one with hardly a sale, one with none.
WORLDS = (
    World(seed=1, month=date(2028, 2, 1), orders=30),
    World(seed=2, month=date(2026, 12, 1), orders=40),
    World(seed=4, month=date(2027, 1, 1), orders=25, opening_minor=123_456),
    World(seed=6, month=date(2026, 5, 1), orders=3),
    World(seed=8, month=date(2025, 3, 1), orders=0),
    World(seed=10, month=date(2026, 12, 1), orders=40, clean=True),
    World(seed=12, month=date(2028, 2, 1), orders=12, clean=True, opening_minor=-5_000),
)


class Played(NamedTuple):
    """A world, the books it was played into, and what they say in the end."""

    plan: Plan
    app: Tieout
    seen: Picture


@pytest.fixture(scope="module", params=WORLDS, ids=lambda w: f"{w.month:%Y-%m}-{w.orders}{'-clean' * w.clean}")
def played(
    request: pytest.FixtureRequest, fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    plan = compose(request.param)
    app = open_books(fresh_database(), tmp_path_factory.mktemp("home"), plan)
    yield Played(plan, app, play(app, plan))
    app.close()


def subject_of(reason: Reason, subject: str) -> str:
    """What an exception is about, in the world's words: without account, source and currency."""
    if reason is Reason.BANK_LINE_UNKNOWN or "bank_line:" in subject:
        return f"bank_line:{subject.rsplit(':', 1)[1]}"
    if reason is Reason.PREREQUISITE_MISSING:
        return f"shop_{subject.split(':', 1)[1]}"
    if reason is Reason.TOTAL_MISMATCH:
        return subject.split(":", 1)[1].removesuffix(":placed")
    if reason is Reason.OPENING_NOT_BOOKED:
        return subject.split(".", 1)[1]
    if reason is Reason.CODE_UNKNOWN:
        return subject.split(":", 1)[1]
    return subject.rsplit("/", 1)[1]


def test_exceptions_are_those_the_world_planned_by_name_and_amount(played: Played) -> None:
    found = {
        (subject_of(draft.reason, draft.subject), draft.amount_minor, draft.currency): draft.reason
        for view in played.app.case_list(limit=500)
        for draft in [view.case.draft]
    }
    assert len(found) == len(played.app.case_list(limit=500))
    truth = played.plan.truth
    planned = {key_of(oddity): oddity for oddity in (*truth.exceptions, *truth.parked, *openings(played.plan))}
    assert found.keys() == planned.keys()
    wrong = [(key, reason) for key, reason in found.items() if reason not in reasons_of(planned[key])]
    assert wrong == []


def openings(plan: Plan) -> list[Oddity]:
    """What was on the bank accounts before these books, which is for a person to book."""
    opening = plan.world.opening_minor
    found = [
        Oddity(Reason.OPENING_NOT_BOOKED, f"{bank.source}:{bank.currency}:opening", abs(opening), bank.currency, "")
        for bank in plan.facts.banks
    ]
    return found if opening else []


def key_of(oddity: Oddity) -> tuple[str, int, str | None]:
    return oddity.subject, oddity.amount_minor, oddity.currency


def reasons_of(oddity: Oddity) -> tuple[Reason | None, ...]:
    return (oddity.reason, *oddity.accepts)


def test_balances_are_those_the_world_knows(played: Played) -> None:
    kept: Counter[tuple[str, str, str | None]] = Counter()
    for account in played.app.accounts():
        source = account.code.partition(".")[2] or None
        for currency, amount in account.balances.items():
            for scope in {source, None}:
                kept[account.role, currency, scope] += amount
    truth = {
        # What was on the bank accounts before is the bank's history, not an entry of ours.
        (b.role.value, b.currency, b.source): b.amount_minor - played.plan.world.opening_minor * (b.role is Role.BANK)
        for b in played.plan.truth.balances
    }
    assert {key: kept[key] for key in truth} == truth


def test_nothing_is_unexplained_on_any_account(played: Played) -> None:
    assert {line.account: line.unexplained_minor for line in played.app.proof().lines if line.unexplained_minor} == {}
    assert set(played.seen.unexplained.values()) <= {0}
    assert played.seen.tied
    assert played.app.check() == []


def test_what_was_matched_and_what_is_open_is_what_there_was(played: Played) -> None:
    """Per account and currency: debits and credits that ever stood there = tied + open, each side by itself."""
    with played.app.database.unit() as connection:
        there = connection.execute(
            "select a.code, i.currency, sign(i.amount_minor)::int, sum(i.amount_minor)::bigint,"
            "       sum((select coalesce(sum(amount_minor), 0) from allocation t where t.item_id = i.id))::bigint"
            "  from open_item i join account a on a.ledger_id = i.ledger_id and a.id = i.account_id group by 1, 2, 3"
        ).fetchall()
    still: Counter[tuple[str, str, int]] = Counter()
    for view in played.app.items():
        still[view.item.account, view.item.currency, 1 if view.item.amount_minor > 0 else -1] += view.item.open_minor
    for account, currency, side, whole, tied in there:
        assert whole == tied + still[account, currency, side]
    of_lines: Counter[tuple[str, str]] = Counter()
    for account, currency, _, whole, _ in there:
        of_lines[account, currency] += whole
    clearing = {a.code for a in played.app.accounts() if a.clearing}
    balances = {k: v for k, v in played.seen.balances.items() if k[0] in clearing}
    assert {key: amount for key, amount in of_lines.items() if amount} == balances


def test_every_number_leads_back_to_a_raw_payload_and_forward_from_it(played: Played) -> None:
    """No entry, exception or match without a delivery at its beginning, on a sample of each."""
    app = played.app
    ids = [view.id for view in app.journal(limit=500)][::25]
    ids += [view.id for view in app.case_list(limit=500)][:6] + [view.id for view in app.match_list(limit=500)][::40]
    for any_id in ids:
        nodes = {node.kind for node in app.trace(any_id).nodes}
        assert "delivery" in nodes, any_id
        assert app.explain(any_id).sentences
    for view in [view for view in app.inbox(verdict="accepted", limit=500) if view.work == "done"][::60]:
        told = app.delivery(view.id)
        assert (
            told.events
            or told.notes
            or view.id in {n.id for n in app.trace(view.id).nodes if n.kind == "case"}
            or any(node.kind == "case" for node in app.trace(view.id).nodes)
        )


def test_the_day_the_run_looks_at_is_the_last_of_the_month(played: Played) -> None:
    assert played.app.proof().as_of == last_day(played.plan)


def test_nothing_of_the_machine_enters_the_books(fresh_database: Callable[..., str], tmp_path: Path) -> None:
    """Another folder, other numbers in the database: the same books, to the hash."""
    plan = compose(World(seed=14, month=date(2027, 6, 1), orders=15))
    pictures = []
    for place in ("here", "elsewhere"):
        app = open_books(fresh_database(), tmp_path / place, plan)
        if place == "elsewhere":
            with app.database.unit() as connection:
                connection.execute("select setval(pg_get_serial_sequence('event', 'id'), 70000)")
                connection.execute("select setval(pg_get_serial_sequence('entry', 'id'), 90000)")
        pictures.append(play(app, plan))
        app.close()
    assert pictures[0] == pictures[1]


def test_every_day_of_the_month_is_proved_as_of_its_end(played: Played) -> None:
    """What was booked by then is decomposed into what was open then, and the bank agrees with what was booked."""
    first, end = played.plan.world.month, last_day(played.plan)
    for day in (first + timedelta(days=n) for n in range(-1, (end - first).days + 1, 3)):
        proof = played.app.proof(day)
        assert set(proof.unexplained_minor.values()) <= {0}, day
        assert proof.unexplained_base_minor == 0, day
        assert [bank.difference_minor for bank in proof.banks] == [0] * len(proof.banks), day
        there = {b.account: b.balance_minor for b in played.app.balances(day) if b.currency == "EUR"}
        for line in proof.lines:
            if line.currency == "EUR":
                assert line.balance_minor == there[line.account], (day, line.account)
