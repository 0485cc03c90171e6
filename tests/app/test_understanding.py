"""From delivery to entry: what waits for what, what is held, and that nothing odd stops what is sound."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.app.house import (
    ANNA,
    balances,
    bank_statement,
    charge,
    entries,
    happened,
    history,
    lines,
    open_cases,
    order,
    push,
    rates,
    refund,
    tell,
    the_case,
    work,
)
from tests.connectors.camt import statements as camt
from tests.connectors.shopify import objects as shopify
from tests.connectors.stripe import objects as stripe
from tieout.app import DatabaseAway, Tieout, WorkReport, understanding
from tieout.app.context import LedgerContext
from tieout.events import mapping, registry
from tieout.intake import store as intake
from tieout.masterdata import store as masterdata
from tieout.masterdata.store import RateRow
from tieout.model.case import Action, CaseState, Resolution
from tieout.model.error import ResolutionRefused
from tieout.model.period import PeriodState

PLACED = "shop:order:1088:placed"
#: Facts that wait for one another, as a user's mapping may define them: the metadata of a charge name the steps.
STEPS = """
version = 1
[[event]]
topics = ["charge"]
each = "charges[]"
when = { status = "step" }
kind = "top_up"
key = "{@source}:step:{metadata.step}"
occurred_at = "created"
aggregate = "step:{metadata.step}"
references = ["txn:{metadata.step}"]
requires = ["{@source}:step:{metadata.after}", "{@source}:step:{metadata.also}"]
component = [{ kind = "gross", amount = { path = "amount", unit = "minor" } }]
held = "metadata.problem"
"""


@pytest.fixture
def steps(tmp_path: Path, house: Callable[..., Tieout]) -> Tieout:
    """Books whose gateway also tells of steps."""
    folder = tmp_path / "home" / "mappings"
    folder.mkdir(parents=True)
    (folder / "stripe.toml").write_text(STEPS, encoding="utf-8")
    return house()


def step(name: str, *after: str, problem: str | None = None, amount: int = 100) -> dict[str, Any]:
    metadata = dict(zip(("after", "also"), after, strict=False)) | {"step": name, "problem": problem}
    return stripe.charge(id=f"ch_{name}", status="step", metadata=metadata, amount=amount)


def sweep(app: Tieout, now: str) -> WorkReport:
    return understanding.sweep(app.database, app.settings, datetime.fromisoformat(now))


# ── Booking ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_sale_is_booked_gross_with_its_fee_beside_it(app: Tieout) -> None:
    push(app, "shop", order(), "orders")
    push(app, "stripe", charge())
    push(app, "stripe", stripe.listing(stripe.row(4900, 102)))
    assert work(app) == WorkReport(deliveries=3, events=3, entries=3)
    booked = entries(app)
    assert {key: lines(view) for key, view in booked.items()} == {
        PLACED: [("1200", "EUR", 4900), ("4000", "EUR", -4900)],
        "stripe:charge:ch_1:captured": [("1310.stripe", "EUR", 4900), ("1200", "EUR", -4900)],
        "stripe:txn:txn_1": [("1320.stripe", "EUR", 4798), ("5000", "EUR", 102), ("1310.stripe", "EUR", -4900)],
    }
    assert [line.item for line in booked["stripe:txn:txn_1"].lines] == ["txn:txn_1", None, "charge:ch_1"]
    assert booked[PLACED].entry.draft.effective_date == date(2026, 3, 3)
    assert booked[PLACED].entry.draft.rule_id == "order.placed"
    assert open_cases(app) == []


def test_a_fact_happens_on_the_day_of_the_books_own_calendar(app: Tieout) -> None:
    """Half past midnight in Berlin is still the day before in UTC."""
    tell(app, "shop", order(processed_at="2026-03-04T00:30:00+01:00"), "orders")
    assert entries(app)[PLACED].entry.draft.effective_date == date(2026, 3, 4)


def test_sellers_are_owed_what_is_theirs(app: Tieout) -> None:
    basket = shopify.order("69.00", shopify.line("24.50", 2), shopify.line("20.00", 1, vendor="Esche"), id=1088)
    tell(app, "shop", {"order": basket}, "orders")
    view = entries(app)[PLACED]
    assert lines(view) == [("1200", "EUR", 6900), ("2300", "EUR", -2000), ("4000", "EUR", -4900)]
    assert [line.party for line in view.lines] == [None, "Esche", None]


def test_the_same_object_told_again_by_another_door_changes_nothing(app: Tieout) -> None:
    tell(app, "stripe", charge())
    tell(app, "stripe", stripe.event("charge.succeeded", charge()))
    tell(app, "stripe", {"object": "list", "data": [charge()]})
    assert list(entries(app)) == ["stripe:charge:ch_1:captured"]
    assert len(happened(app)["stripe:charge:ch_1:captured"].deliveries) == 3
    assert open_cases(app) == []


# ── Waiting ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_refund_waits_for_its_order_and_is_booked_when_it_arrives(app: Tieout) -> None:
    tell(app, "shop", refund())
    event = happened(app)["shop:refund:51"]
    assert (event.state, event.waits_for, event.entries) == ("parked", (PLACED,), ())
    assert event.deadline == datetime(2026, 3, 6, 9, 12, 3, tzinfo=UTC)
    assert entries(app) == {}
    assert open_cases(app) == []
    tell(app, "shop", order(), "orders")
    event = happened(app)["shop:refund:51"]
    assert (event.state, event.waits_for, len(event.entries)) == ("posted", (), 1)
    assert balances(app) == {("1200", "EUR"): 2450, ("4000", "EUR"): -4900, ("4200", "EUR"): 2450}


_HASHES: set[str] = set()


@pytest.mark.parametrize("turn", range(4))
def test_any_order_of_arrival_books_the_same(app: Tieout, turn: int) -> None:
    things = [
        ("shop", order(), "orders"),
        ("shop", refund(), "refunds"),
        ("stripe", charge(), None),
        ("stripe", stripe.listing(stripe.row(4900, 102)), None),
    ]
    for source, thing, topic in things[turn:] + things[:turn]:
        tell(app, source, thing, topic)
    assert balances(app) == {
        ("1200", "EUR"): -2450, ("1320.stripe", "EUR"): 4798, ("4000", "EUR"): -4900, ("4200", "EUR"): 2450,
        ("5000", "EUR"): 102,
    }  # fmt: skip
    _HASHES.add(app.ledger_hash())
    assert len(_HASHES) == 1


@pytest.mark.parametrize("arrival", ["abcd", "dcba", "bdac", "cadb"])
@pytest.mark.parametrize("together", [True, False])
def test_chains_of_prerequisites_are_released_along_their_length(steps: Tieout, arrival: str, together: bool) -> None:
    """d waits for c and a, c for b, b for a: whatever comes last lets the others go, in one batch or in four."""
    told = {"a": step("a"), "b": step("b", "a"), "c": step("c", "b"), "d": step("d", "c", "a")}
    for name in arrival:
        push(steps, "stripe", told[name])
        if not together:
            work(steps)
    work(steps)
    assert {view.state for view in happened(steps).values()} == {"posted"}
    assert sorted(entries(steps)) == [f"stripe:step:{name}" for name in "abcd"]
    assert balances(steps)["1320.stripe", "EUR"] == 400


def test_one_of_two_prerequisites_is_not_enough(steps: Tieout) -> None:
    tell(steps, "stripe", step("c", "a", "b"))
    assert happened(steps)["stripe:step:c"].waits_for == ("stripe:step:a", "stripe:step:b")
    tell(steps, "stripe", step("a"))
    assert happened(steps)["stripe:step:c"].state == "parked"
    tell(steps, "stripe", step("b"))
    assert happened(steps)["stripe:step:c"].state == "posted"


def test_a_held_prerequisite_does_not_release_what_waits_for_it(steps: Tieout) -> None:
    tell(steps, "stripe", step("a", problem="total_mismatch"))
    tell(steps, "stripe", step("b", "a"))
    assert {k: v.state for k, v in happened(steps).items()} == {"stripe:step:a": "held", "stripe:step:b": "parked"}
    case = the_case(steps, "total_mismatch")
    steps.resolve(case.id, Resolution(Action.RELEASE, "The source's total is right."), actor=ANNA)
    assert {view.state for view in happened(steps).values()} == {"posted"}


def test_a_person_who_releases_one_event_releases_no_other(steps: Tieout) -> None:
    """What waited for the released event and is odd itself stays held until somebody looks at it."""
    tell(steps, "stripe", step("b", "a", problem="net_mismatch"))
    tell(steps, "stripe", step("a", problem="total_mismatch"))
    case = the_case(steps, "total_mismatch")
    steps.resolve(case.id, Resolution(Action.RELEASE, "The source's total is right."), actor=ANNA)
    assert {k: v.state for k, v in happened(steps).items()} == {"stripe:step:a": "posted", "stripe:step:b": "held"}
    assert [reason for reason, _, _ in open_cases(steps)] == ["net_mismatch"]


def test_a_release_must_not_jump_the_queue(steps: Tieout) -> None:
    """Released before its prerequisite is there it would be parked, and then held again without a word."""
    tell(steps, "stripe", step("b", "a", problem="total_mismatch"))
    case = the_case(steps, "total_mismatch")
    decision = Resolution(Action.RELEASE, "The source's total is right.")
    with pytest.raises(ResolutionRefused, match="cannot be booked before this has arrived: stripe:step:a"):
        steps.preview(case.id, decision, actor=ANNA)
    with pytest.raises(ResolutionRefused, match="stripe:step:a"):
        steps.resolve(case.id, decision, actor=ANNA)
    assert the_case(steps, "total_mismatch").case.state is CaseState.OPEN
    tell(steps, "stripe", step("a"))
    steps.resolve(case.id, decision, actor=ANNA)
    assert happened(steps)["stripe:step:b"].state == "posted"
    assert open_cases(steps) == []


def test_a_deadline_that_passes_is_a_case_and_arrival_settles_it(app: Tieout) -> None:
    tell(app, "shop", refund())
    assert sweep(app, "2026-03-06T09:12:02+00:00") == WorkReport()
    assert open_cases(app) == []
    assert sweep(app, "2026-03-06T09:12:03+00:00") == WorkReport(cases=1)
    assert sweep(app, "2026-03-06T09:12:08+00:00") == WorkReport()
    case = the_case(app)
    assert (case.case.draft.reason.value, case.case.draft.subject) == ("prerequisite_missing", "shop:refund:51")
    assert (case.case.draft.amount_minor, case.case.draft.currency) == (2450, "EUR")
    assert case.case.draft.sentence == "Order refunded (order 1088) of 2026-03-03 waits for order 1088 from shop."
    tell(app, "shop", order(), "orders")
    case = the_case(app, only_open=None)
    assert (case.case.state, history(case)) == (CaseState.RESOLVED, ["opened", "settled"])
    assert sorted(entries(app)) == [PLACED, "shop:refund:51"]


def park_past_each_other(app: Tieout) -> None:
    """Two workers at once: one parks a refund while the other books its order; neither sees the other."""
    refunded, ordered = push(app, "shop", refund()), push(app, "shop", order(), "orders")
    with app.database.unit() as ours:
        context = LedgerContext(ours, app.settings)
        understanding.understand(ours, context, app.settings, [int(refunded.delivery[4:])])
        with app.database.unit() as theirs:
            understanding.understand(theirs, context, app.settings, [int(ordered.delivery[4:])])
    assert happened(app)["shop:refund:51"].state == "parked"


def test_what_a_worker_missed_is_found_by_the_sweep(app: Tieout) -> None:
    park_past_each_other(app)
    assert sweep(app, "2026-03-03T10:00:00+00:00") == WorkReport(entries=1)
    assert happened(app)["shop:refund:51"].state == "posted"


def test_what_a_worker_missed_is_booked_before_the_books_are_reconciled(app: Tieout) -> None:
    park_past_each_other(app)
    app.reconcile(date(2026, 3, 3))
    assert sorted(entries(app)) == [PLACED, "shop:refund:51"]


def test_a_memo_that_waited_settles_its_case_too(steps: Tieout) -> None:
    """A step over nothing is a memo: its prerequisite missing is a case all the same, and arrival ends it."""
    tell(steps, "stripe", step("b", "a", amount=0))
    sweep(steps, "2026-03-09T00:00:00+00:00")
    assert [reason for reason, _, _ in open_cases(steps)] == ["prerequisite_missing"]
    tell(steps, "stripe", step("a"))
    assert happened(steps)["stripe:step:b"].state == "memo"
    assert open_cases(steps) == []


# ── Exchange rates ────────────────────────────────────────────────────────────────────────────────────────────────


def dollars(number: int = 2001) -> dict[str, Any]:
    return order(number, "110.00", currency="USD", line_items=[shopify.line("110.00", 1)])


def test_without_an_exchange_rate_an_event_waits_for_it(app: Tieout) -> None:
    tell(app, "shop", dollars(), "orders")
    event = happened(app)["shop:order:2001:placed"]
    assert (event.state, event.waits_for) == ("parked", ("rate:USD/EUR:2026-03-03",))
    sweep(app, "2026-03-09T00:00:00+00:00")
    assert open_cases(app) == [("rate_missing", "shop:order:2001:placed", 11000)]
    assert app.import_rates(rates(("2026-03-02", "USD", "1.08"))) == 1
    assert happened(app)["shop:order:2001:placed"].state == "parked", "the day's own rate may still come"
    assert app.import_rates(rates(("2026-03-03", "USD", "1.10"))) == 1
    entry = entries(app)["shop:order:2001:placed"].entry.draft
    assert [(line.amount_minor, line.base_minor) for line in entry.lines] == [(11000, 10000), (-11000, -10000)]
    assert entry.rate == "0.909090909091 ecb 2026-03-03"
    assert open_cases(app) == []
    assert history(the_case(app, only_open=None)) == ["opened", "settled"]


def test_a_rate_that_is_too_old_does_not_serve(app: Tieout) -> None:
    tell(app, "shop", dollars(), "orders")
    app.import_rates(rates(("2026-02-23", "USD", "1.10"), ("2026-03-09", "USD", "1.30")))
    assert happened(app)["shop:order:2001:placed"].state == "parked"
    app.import_rates(rates(("2026-02-24", "USD", "1.10")))
    assert happened(app)["shop:order:2001:placed"].state == "posted"
    assert entries(app)["shop:order:2001:placed"].entry.draft.rate == "0.909090909091 ecb 2026-02-24"


def test_a_weekend_has_fridays_rate_at_once(app: Tieout) -> None:
    app.import_rates(rates(("2026-03-06", "USD", "1.25")))
    tell(app, "shop", dollars() | {"order": dollars()["order"] | {"processed_at": "2026-03-08T12:00:00Z"}}, "orders")
    assert entries(app)["shop:order:2001:placed"].entry.draft.rate == "0.8 ecb 2026-03-06"


def test_rates_that_came_while_the_event_was_being_parked_are_found_by_the_sweep(app: Tieout) -> None:
    tell(app, "shop", dollars(), "orders")
    tell(app, "shop", dollars(2002) | {"currency": "USD"}, "orders")
    with app.database.unit() as connection:
        masterdata.add_rates(connection, [RateRow("EUR", "USD", date(2026, 3, 3), Decimal("1.1"), "ecb")])
    assert sweep(app, "2026-03-03T10:00:00+00:00") == WorkReport(entries=2)
    assert {view.state for view in happened(app).values()} == {"posted"}


# ── Contradictions and oddities ───────────────────────────────────────────────────────────────────────────────────


def test_other_figures_for_a_fact_that_is_booked_are_a_case_and_the_first_stand(app: Tieout) -> None:
    tell(app, "stripe", charge())
    again = tell(app, "stripe", charge(amount=5000))
    assert lines(entries(app)["stripe:charge:ch_1:captured"])[0] == ("1310.stripe", "EUR", 4900)
    case = the_case(app)
    assert (case.case.draft.reason.value, case.case.draft.amount_minor) == ("content_changed", 5000)
    assert case.case.draft.subject.startswith("stripe:charge:ch_1:captured#")
    assert case.case.draft.links == ("evt_1", again.delivery)
    assert case.actions == (Action.ACCEPT, Action.DISMISS)
    tell(app, "stripe", stripe.event("charge.updated", charge(amount=5000)))
    assert len(app.case_list(only_open=None)) == 1


def test_parts_that_do_not_add_up_are_held_and_block_nobody_else(app: Tieout) -> None:
    push(app, "shop", order(total="48.00"), "orders")
    push(app, "shop", order(1089), "orders")
    assert work(app) == WorkReport(deliveries=2, events=2, entries=1, cases=1)
    assert happened(app)[PLACED].state == "held"
    assert list(entries(app)) == ["shop:order:1089:placed"]
    case = the_case(app)
    assert (case.case.draft.reason.value, case.case.draft.subject) == ("total_mismatch", PLACED)
    assert case.case.draft.sentence == (
        "Order placed (order 1088) is held: The source states 48.00 EUR as “total_price”; the parts come to 49.00 EUR."
    )
    assert case.actions == (Action.RELEASE, Action.DISMISS)


def test_a_sound_telling_replaces_a_held_one(app: Tieout) -> None:
    tell(app, "shop", order(total="48.00"), "orders")
    tell(app, "shop", order(total="49.00"), "orders")
    assert happened(app)[PLACED].state == "posted"
    assert lines(entries(app)[PLACED]) == [("1200", "EUR", 4900), ("4000", "EUR", -4900)]
    assert open_cases(app) == []
    tell(app, "shop", order(total="47.00"), "orders")
    assert open_cases(app) == []


@pytest.mark.parametrize(
    ("source", "thing", "topic", "reason"),
    [
        ("shop", {"nonsense": 1}, "spells/cast", "topic_unknown"),
        ("stripe", stripe.charge(status="levitating"), None, "code_unknown"),
        ("stripe", stripe.charge(id=None), None, "field_missing"),
        ("stripe", stripe.charge(created=None), None, "field_missing"),
        ("stripe", stripe.charge(amount_captured="84.50"), None, "amount_unusable"),
        ("stripe", stripe.charge(amount=10**17, amount_captured=10**17), None, "amount_unusable"),
        ("stripe", stripe.charge(currency="qqq"), None, "currency_unknown"),
        ("stripe", stripe.charge(id="ch_" + "x" * 5000), None, "field_missing"),
        ("stripe", stripe.charge(id="ch_\n1"), None, "field_missing"),
        ("stripe", stripe.charge(metadata={"order_id": "9" * 600}), None, "field_missing"),
        ("stripe", stripe.charge(object="refund"), "charge", "delivery_unreadable"),
    ],
)
def test_what_cannot_be_understood_is_one_case_and_never_dropped(
    app: Tieout, source: str, thing: Any, topic: str | None, reason: str
) -> None:
    receipt = push(app, source, thing, topic)
    push(app, "shop", order(), "orders")
    assert work(app) == WorkReport(deliveries=2, events=1, entries=1, cases=1)
    case = the_case(app)
    assert case.case.draft.reason.value == reason
    assert receipt.delivery in case.case.draft.links
    assert len(case.case.draft.sentence) < 1100
    assert list(entries(app)) == [PLACED]


LINES = [camt.entry("10.00", reference="B1"), camt.entry("5.00", "DBIT", reference="B2")]


def test_a_statement_that_does_not_add_up_is_one_exception_and_one_decision(app: Tieout) -> None:
    report = app.import_file("bank", bank_statement(*LINES, closing="6.00"))
    assert (report.events, report.entries, len(report.cases)) == (3, 0, 1)
    assert {view.state for view in happened(app).values()} == {"held"}
    case = the_case(app)
    draft = case.case.draft
    assert (draft.reason.value, draft.amount_minor, draft.currency) == ("statement_unbalanced", 1500, "EUR")
    assert draft.subject == "bank:DE20701500000012345678/statement:S1"
    assert draft.sentence.startswith("Statement S1 (account DE20701500000012345678) is held with all its lines: ")
    assert draft.links == ("evt_1", "evt_2", "evt_3")
    preview = app.preview(case.id, Resolution(Action.RELEASE, "The bank confirms it."), actor=ANNA)
    assert app.resolve(case.id, Resolution(Action.RELEASE, "The bank confirms it."), actor=ANNA) == preview
    assert len(preview.entries) == 2
    assert sorted(view.state for view in happened(app).values()) == ["memo", "posted", "posted"]
    assert balances(app)["1100.bank", "EUR"] == 500
    assert open_cases(app) == []


def test_the_whole_statement_that_comes_after_all_settles_it(app: Tieout) -> None:
    app.import_file("bank", bank_statement(*LINES, closing="6.00", message="M1"))
    app.import_file("bank", bank_statement(*LINES, closing="5.00", message="M2"))
    assert balances(app)["1100.bank", "EUR"] == 500
    assert open_cases(app) == []
    assert history(the_case(app, only_open=None)) == ["opened", "settled"]


def test_a_line_that_the_sound_statement_does_not_have_keeps_the_case_open(app: Tieout) -> None:
    app.import_file("bank", bank_statement(*LINES, camt.entry("1.00", reference="B3"), closing="5.00", message="M1"))
    app.import_file("bank", bank_statement(*LINES, closing="5.00", message="M2"))
    assert balances(app)["1100.bank", "EUR"] == 500
    assert [reason for reason, _, _ in open_cases(app)] == ["statement_unbalanced"]


def test_a_mapping_that_understands_more_settles_the_case_at_replay(
    tmp_path: Path, house: Callable[..., Tieout]
) -> None:
    app = house()
    receipt = tell(app, "stripe", step("a"))
    assert [reason for reason, _, _ in open_cases(app)] == ["code_unknown"]
    folder = tmp_path / "home" / "mappings"
    folder.mkdir(parents=True)
    (folder / "stripe.toml").write_text(STEPS, encoding="utf-8")
    registry.load.cache_clear()
    app.replay(receipt.delivery, reason="We know steps now.", actor=ANNA)
    assert list(entries(app)) == ["stripe:step:a"]
    case = the_case(app, only_open=None)
    assert (case.case.state, history(case)) == (CaseState.RESOLVED, ["opened", "settled"])


def test_a_field_of_the_store_becomes_a_dimension_by_mapping_alone(
    tmp_path: Path, house: Callable[..., Tieout]
) -> None:
    """No migration, no code: a file in the home says which field it is, and it stands on every line."""
    folder = tmp_path / "home" / "mappings"
    folder.mkdir(parents=True)
    (folder / "shopify.toml").write_text(
        'version = 1\n[dimensions]\ncolour = "note_attributes[name=colour].value"\nmarket = "source_name"\n',
        encoding="utf-8",
    )
    app = house()
    painted = order(note_attributes=[{"name": "gift", "value": "no"}, {"name": "colour", "value": "oxide red"}])
    tell(app, "shop", painted, "orders")
    tell(app, "shop", order(1089), "orders")
    booked = entries(app)
    assert [line.dimensions for line in booked[PLACED].lines] == [
        {"channel": "web", "colour": "oxide red", "market": "web"}
    ] * 2
    assert [line.dimensions for line in booked["shop:order:1089:placed"].lines] == [
        {"channel": "web", "market": "web"}
    ] * 2


def test_a_mistake_in_a_users_mapping_stops_neither_the_doors_nor_the_other_sources(
    tmp_path: Path, house: Callable[..., Tieout]
) -> None:
    """What arrives is kept; what cannot be read for the mistake is tried again, and said with the file's name."""
    folder = tmp_path / "home" / "mappings"
    folder.mkdir(parents=True)
    (folder / "stripe.toml").write_text('version = 1\n[dimensions]\nx = "rows[].y"\n', encoding="utf-8")
    app = house(attempts_max=1)
    kept = push(app, "stripe", charge())
    push(app, "shop", order(), "orders")
    assert work(app) == WorkReport(deliveries=1, events=1, entries=1, failures=1)
    case = the_case(app, "delivery_failed")
    assert "stripe.toml" in case.case.draft.sentence
    assert app.reconcile(date(2026, 3, 5)).items == 1
    (folder / "stripe.toml").unlink()
    registry.load.cache_clear()
    app.replay(kept.delivery, reason="The mapping is mended.", actor=ANNA)
    assert "stripe:charge:ch_1:captured" in entries(app)
    assert open_cases(app) == []


# ── Refusals of the ledger ────────────────────────────────────────────────────────────────────────────────────────


def close_account(app: Tieout, code: str, day: str | None) -> None:
    with app.database.unit() as connection:
        connection.execute("update account set closed_on = %s where code = %s", (day, code))


def test_what_the_ledger_refuses_is_held_and_released_when_it_is_mended(app: Tieout) -> None:
    """A closed account stops one entry of a batch, not the batch; releasing it in vain changes nothing."""
    close_account(app, "1200", "2026-01-01")
    push(app, "shop", order(), "orders")
    push(app, "stripe", stripe.listing(stripe.row(4900, 102)))
    assert work(app) == WorkReport(deliveries=2, events=2, entries=1, cases=1)
    assert happened(app)[PLACED].state == "held"
    case = the_case(app)
    assert (case.case.draft.reason.value, case.case.draft.amount_minor) == ("posting_refused", 4900)
    assert "account 1200 is closed" in case.case.draft.sentence
    decision = Resolution(Action.RELEASE, "The account is open again.")
    with pytest.raises(ResolutionRefused, match="account 1200 is closed"):
        app.resolve(case.id, decision, actor=ANNA)
    assert the_case(app).case.state is CaseState.OPEN
    assert happened(app)[PLACED].state == "held"
    close_account(app, "1200", None)
    preview = app.preview(case.id, decision, actor=ANNA)
    done = app.resolve(case.id, decision, actor=ANNA)
    assert done == preview
    assert happened(app)[PLACED].state == "posted"
    assert open_cases(app) == []
    assert lines(entries(app)[PLACED]) == [("1200", "EUR", 4900), ("4000", "EUR", -4900)]


def test_a_period_is_not_closed_under_the_hands_of_a_worker(app: Tieout) -> None:
    """Closed between the look at the calendar and the posting, the ledger would refuse what is merely late."""
    receipt = push(app, "shop", order(), "orders")
    closing = threading.Thread(
        target=app.set_period,
        args=(date(2026, 3, 1), date(2026, 3, 31), PeriodState.HARD),
        kwargs={"actor": ANNA, "despite": "Nobody reconciles here."},
    )
    with app.database.unit() as connection:
        context = LedgerContext(connection, app.settings)
        assert context.open_day(date(2026, 3, 3)) == date(2026, 3, 3)
        closing.start()
        closing.join(0.3)
        assert closing.is_alive(), "whoever closes waits for the worker"
        understanding.understand(connection, context, app.settings, [int(receipt.delivery[4:])])
    closing.join()
    assert entries(app)[PLACED].entry.draft.effective_date == date(2026, 3, 3)
    assert open_cases(app) == []
    tell(app, "shop", order(1089), "orders")
    late = entries(app)["shop:order:1089:placed"].entry.draft
    assert (late.effective_date, late.late) == (date(2026, 4, 1), True)


def test_a_release_finds_the_rate_of_the_books_own_day(app: Tieout) -> None:
    """Half past midnight in Berlin: the rate is the new day's, in the preview as in the deed."""
    app.import_rates(rates(("2026-03-04", "USD", "1.25")))
    odd = order(2001, "1.00", currency="USD", processed_at="2026-03-04T00:30:00+01:00")
    tell(app, "shop", odd, "orders")
    case = the_case(app, "total_mismatch")
    decision = Resolution(Action.RELEASE, "The parts are right.")
    (previewed,) = app.preview(case.id, decision, actor=ANNA).entries
    app.resolve(case.id, decision, actor=ANNA)
    booked = entries(app)["shop:order:2001:placed"].entry.draft
    assert booked == previewed
    assert booked.rate == "0.8 ecb 2026-03-04"


# ── Failures of our own ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def poison(monkeypatch: pytest.MonkeyPatch) -> dict[str, Exception]:
    """Topics that break the reading with the exception given for them, as a mistake of ours would."""
    broken: dict[str, Exception] = {}
    sound = mapping.read

    def read(connector: Any, source: str, topic: str, parameters: Any, document: Any) -> mapping.Reading:
        if topic in broken:
            raise broken[topic]
        return sound(connector, source, topic, parameters, document)

    monkeypatch.setattr(mapping, "read", read)
    return broken


def test_one_poisonous_delivery_is_put_off_alone_then_set_aside_and_can_be_replayed(
    house: Callable[..., Tieout], poison: dict[str, Exception]
) -> None:
    app = house(attempts_max=3)
    poison["refunds"] = RuntimeError("a mistake of ours")
    before, bad, after = (
        push(app, "shop", order(), "orders"),
        push(app, "shop", refund(), "refunds"),
        push(app, "shop", order(1089), "orders"),
    )
    assert app.work() == WorkReport(deliveries=2, events=2, entries=2, failures=1)
    assert {view.id: view.work for view in app.inbox()} == {
        before.delivery: "done", bad.delivery: "ready", after.delivery: "done",
    }  # fmt: skip
    assert open_cases(app) == []
    now = datetime.now(UTC)
    for attempt in (1, 2):
        now += timedelta(hours=1)
        report = understanding.work(app.database, app.settings, now, 50)
        assert report == WorkReport(failures=1), attempt
    assert understanding.work(app.database, app.settings, now + timedelta(days=9), 50) == WorkReport()
    assert app.inbox()[1].work == "quarantined"
    case = the_case(app)
    assert (case.case.draft.reason.value, case.case.draft.subject) == ("delivery_failed", bad.delivery)
    assert case.case.draft.sentence.endswith("failed 3 times: RuntimeError: a mistake of ours")
    del poison["refunds"]
    app.replay(bad.delivery, reason="Mended in the new version.", actor=ANNA)
    assert "shop:refund:51" in entries(app)
    assert open_cases(app) == []


def test_data_beyond_a_limit_of_the_database_are_the_deliverys_fault(app: Tieout, poison: dict[str, Exception]) -> None:
    """The driver files this error with those of a server that is away; waiting for the server would be for ever."""
    poison["refunds"] = psycopg.errors.ProgramLimitExceeded("index row size exceeds maximum")
    push(app, "shop", refund(), "refunds")
    push(app, "shop", order(), "orders")
    assert app.work() == WorkReport(deliveries=1, events=1, entries=1, failures=1)


@pytest.mark.parametrize("error", [psycopg.OperationalError("gone"), psycopg.errors.DeadlockDetected("again")])
def test_a_database_that_is_away_is_nobodys_fault(app: Tieout, poison: dict[str, Exception], error: Exception) -> None:
    poison["refunds"] = error
    push(app, "shop", order(), "orders")
    push(app, "shop", refund(), "refunds")
    with pytest.raises(DatabaseAway):
        app.work()
    assert {view.work for view in app.inbox()} == {"ready"}
    poison.clear()
    assert app.work() == WorkReport(deliveries=2, events=3, entries=2)


def test_an_attempt_that_failed_does_not_undo_what_another_worker_finished(
    app: Tieout, poison: dict[str, Exception]
) -> None:
    poison["orders"] = RuntimeError("ours")
    receipt = push(app, "shop", order(), "orders")
    with app.database.unit() as connection:
        (item,) = intake.claim(connection, datetime.now(UTC), 1)
    poison.clear()
    assert app.work().entries == 1
    understanding._put_off(app.database, app.settings, item, datetime.now(UTC), "ours")
    assert app.inbox()[0].work == "done"
    assert app.delivery(receipt.delivery).events == ("evt_1",)
