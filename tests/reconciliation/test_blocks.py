"""Only what changed is looked at again, what was tied is never moved, and the order of arrival does not matter."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.app.house import bank_statement, charge, open_cases, open_house, order, push, tell, work
from tests.connectors.stripe import objects as stripe
from tests.reconciliation.test_reconcile import SENT, announced, at_bank, by_trace, deposit, payout
from tieout.app import Tieout
from tieout.reconciliation import blocks


@pytest.fixture
def app(fresh_database: Callable[..., str], tmp_path: Path) -> Iterator[Tieout]:
    """The test's own books."""
    with open_house(fresh_database(), tmp_path) as opened:
        yield opened


def test_a_run_looks_only_at_what_came_and_what_is_beside_it(app: Tieout) -> None:
    for number in range(1, 6):
        tell(app, "shop", order(1000 + number), "orders")
    assert app.reconcile(SENT).looked_at == 5
    assert app.reconcile(SENT).looked_at == 0
    tell(app, "stripe", charge(1003))
    report = app.reconcile(SENT)
    # the order's item, the payment against it, and the charge that has yet to settle
    assert (report.looked_at, report.matches, report.items) == (3, 1, 7)
    assert app.reconcile(SENT, full=True).looked_at == 5


def test_news_of_a_payout_brings_its_lines_back_into_question(app: Tieout) -> None:
    """A list that comes after the lines, without any new item, is news all the same."""
    push(app, "stripe", stripe.listing(payout("po_1AbcDef")))
    at_bank(app, deposit("STRIPE STRP0012-34"), closing="47.98")
    app.reconcile(SENT)
    assert by_trace(app) == []
    tell(app, "stripe", announced("po_1AbcDef", trace_id={"status": "supported", "value": "STRP001234"}))
    assert app.reconcile(SENT).matches == 1
    assert len(by_trace(app)) == 1


# ── In any order ──────────────────────────────────────────────────────────────────────────────────────────────────

_LINE = stripe.row(4900, 102, id="txn_1", source="ch_3Nf", reporting_category="charge", type="charge")
_NEWS: tuple[tuple[str, Any, str | None, dict[str, str]], ...] = (
    ("shop", order(1088), "orders", {}),
    ("stripe", charge(1088), None, {}),
    ("stripe", stripe.listing(_LINE), None, {}),
    ("stripe", stripe.listing(payout("po_1AbcDef")), None, {}),
    ("stripe", stripe.listing(_LINE, payout("po_1AbcDef")), None, {"payout": "po_1AbcDef"}),
    ("shop", order(1089, "20.00"), "orders", {}),
    ("stripe", charge(1089, 1500, id="ch_4", payment_intent="pi_4"), None, {}),
    ("bank", deposit("STRIPE po_1AbcDef", reference="B1"), None, {}),
    ("bank", deposit("STRIPE po_9Unknown", "12.00", reference="B2"), None, {}),
)
_BOOKS = itertools.count(1)


def _outcome(app: Tieout) -> tuple[object, ...]:
    """What people see: the proof but for what was tied and when, and every exception."""
    proof = app.proof()
    lines = [(p.account, p.currency, p.balance_minor, p.transit_minor, p.exceptions_minor, p.unexplained_minor)
             for p in proof.lines]  # fmt: skip
    cases = [c for c in open_cases(app) if c[0] not in ("statement_gap", "opening_not_booked")]
    ties = sorted(
        (v.match.draft.pass_id, v.match.draft.key, sorted(a.amount_minor for a in v.match.draft.allocations))
        for v in app.match_list(limit=500) if v.match.draft.pass_id != "item"
    )  # fmt: skip
    return lines, cases, ties


@pytest.fixture(scope="module")
def at_once(fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> tuple[object, ...]:
    """The outcome of one whole run over all news."""
    with open_house(fresh_database(), tmp_path_factory.mktemp("once")) as app:
        for place in range(len(_NEWS)):
            _hear(app, place)
        app.reconcile(SENT.replace(day=28), full=True)
        return _outcome(app)


def _hear(app: Tieout, place: int) -> None:
    source, thing, topic, parameters = _NEWS[place]
    if source == "bank":
        amount = "12.00" if "12.00" in str(thing) else "47.98"
        app.import_file("bank", bank_statement(str(thing), closing=amount, name=f"S{place}"))
    else:
        push(app, source, thing, topic, **parameters)
    work(app)


@given(order=st.permutations(range(len(_NEWS))), runs=st.sets(st.integers(0, len(_NEWS) - 1), max_size=4))
@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_incremental_runs_come_to_what_one_whole_run_comes_to(
    at_once: tuple[object, ...], fresh_database: Callable[..., str], tmp_path: Path, order: list[int], runs: set[int]
) -> None:
    with open_house(fresh_database(), tmp_path / str(next(_BOOKS))) as app:
        for number, place in enumerate(order):
            _hear(app, place)
            if number in runs:
                app.reconcile(SENT.replace(day=28))
        app.reconcile(SENT.replace(day=28))
        assert _outcome(app) == at_once
        before = app.reconcile(SENT.replace(day=28), full=True)
        assert before.matches == 0, "a whole run finds nothing that the others did not"
        assert _outcome(app) == at_once


def test_neighbours_reach_through_names_lists_and_references(app: Tieout) -> None:
    for place in range(len(_NEWS)):
        _hear(app, place)
    app.reconcile(SENT)
    with app._books() as (connection, context):
        tied = {i.id: i.item for view in app.match_list(limit=500) for i in view.items}
        (sent,) = [number for number, name in tied.items() if name == "payout:po_1AbcDef"]
        (line,) = [number for number, name in tied.items() if name == "txn:txn_1"]
        rests = [
            {tied[n] for n in blocks.around(connection, context.id, [start], ("payout", "trace")) if n in tied}
            for start in (sent, line)
        ]
    assert rests == [
        {"payout:po_1AbcDef", "bank_line:bank:line:DE20701500000012345678:B1"},
        {"txn:txn_1", "txn:txn_p1"},
    ]
