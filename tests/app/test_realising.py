"""Exchange differences: what came at one rate and was settled at another leaves nothing behind on the way."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from tests.app.house import ANNA, the_case
from tieout.app import Tieout
from tieout.model.case import Action, Resolution
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import Conflict
from tieout.model.ids import IdKind, parse_id
from tieout.model.period import PeriodState

SALE = (("1200", 10000, 9200), ("4000", -10000, -9200))
PAID = (("1310.stripe", 10000, 9000), ("1200", -10000, -9000))


def post(app: Tieout, key: str, day: date, lines: Sequence[tuple[str, int, int]], item: str = "order:1") -> str:
    """Books an entry in dollars; lines on clearing accounts are of one item."""
    clearing = {a.code for a in app.accounts() if a.clearing}
    draft = EntryDraft(
        key=key,
        effective_date=day,
        occurred_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        lines=tuple(Line(a, "USD", n, base, item=item if a in clearing else None) for a, n, base in lines),
        memo=key,
        rule_id="own",
        rule_version=1,
        why="A test.",
    )
    (number,) = app.post([draft], actor=ANNA)
    return number


def base(app: Tieout, account: str) -> int:
    return sum(b.base_minor for b in app.balances(accounts=[account]))


@pytest.fixture
def settled(app: Tieout) -> Tieout:
    """A sale of 100.00 USD at 0.92, paid at 0.90 two weeks later, and reconciled."""
    post(app, "sale", date(2026, 3, 2), SALE)
    post(app, "paid", date(2026, 3, 16), PAID)
    app.reconcile(date(2026, 3, 20))
    return app


def test_what_was_settled_at_another_rate_is_realised(settled: Tieout) -> None:
    view = settled.journal(text="Exchange difference")[0]
    draft = view.entry.draft
    assert [(ln.account, ln.currency, ln.amount_minor, ln.base_minor) for ln in view.lines] == [
        ("1200", "USD", 0, -200),
        ("5920", "USD", 0, 200),
    ]
    assert (draft.rule_id, draft.effective_date, draft.late) == ("fx.realised", date(2026, 3, 16), False)
    assert (base(settled, "1200"), base(settled, "5920"), base(settled, "1310.stripe")) == (0, 200, 9000)
    proof = settled.proof()
    assert (proof.unexplained_minor, proof.unexplained_base_minor, proof.tied) == ({"USD": 0}, 0, True)
    assert [(ln.account, ln.balance_minor, ln.base_minor) for ln in proof.lines] == [
        ("1200", 0, 0),
        ("1310.stripe", 10000, 9000),
    ]


def test_it_is_realised_once(settled: Tieout) -> None:
    before = settled.counts()
    settled.reconcile(date(2026, 3, 20))
    settled.reconcile(date(2026, 3, 25))
    assert settled.counts() == before


def test_a_closed_period_gets_it_on_the_first_open_day(app: Tieout) -> None:
    post(app, "sale", date(2026, 3, 2), SALE)
    post(app, "paid", date(2026, 3, 16), PAID)
    app.set_period(date(2026, 3, 1), date(2026, 3, 31), PeriodState.SOFT, despite="No rate yet.", actor=ANNA)
    app.reconcile(date(2026, 3, 20))
    draft = app.journal(text="Exchange difference")[0].entry.draft
    assert (draft.effective_date, draft.occurred_at.date(), draft.late) == (date(2026, 4, 1), date(2026, 3, 16), True)


def test_one_rate_all_the_way_realises_nothing(app: Tieout) -> None:
    post(app, "sale", date(2026, 3, 2), SALE)
    post(app, "paid", date(2026, 3, 2), [("1310.stripe", 10000, 9200), ("1200", -10000, -9200)])
    app.reconcile(date(2026, 3, 20))
    assert app.journal(text="Exchange difference") == []
    assert (base(app, "1200"), base(app, "5920")) == (0, 0)


# ── Traced both ways ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_match_leads_to_the_entry_and_the_entry_to_the_match(settled: Tieout) -> None:
    entry = settled.journal(text="Exchange difference")[0].id
    (match,) = settled.match_list()
    assert entry in {node.id for node in settled.trace(match.id).nodes}
    nodes = {node.id for node in settled.trace(entry).nodes}
    assert nodes >= {entry, match.id, *(item_entry(view) for view in match.items)}
    edges = [(e.earlier, e.later, e.relation) for e in settled.trace(entry).edges]
    assert (match.id, entry, "realised") in edges
    assert f"They came at different rates; {entry} books the difference." in settled.explain(match.id).sentences
    told = settled.explain(entry).sentences
    assert f"{match.id} realised it: what it ties came at different rates." in told
    assert "Credit 1200 Orders receivable 2.00 EUR on its USD." in told
    assert "Debit 5920 Exchange differences 2.00 EUR on its USD." in told


def item_entry(view: object) -> str:
    return f"ent_{view.entry_id}"  # type: ignore[attr-defined] # an open item


# ── Taken back ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_match_taken_back_takes_its_difference_back(settled: Tieout) -> None:
    (match,) = settled.match_list()
    entry = settled.journal(text="Exchange difference")[0]
    reversal = settled.unmatch(match.id, reason="Another buyer's payment.", actor=ANNA)
    undone = settled.journal(text="Exchange difference taken back")[0]
    assert undone.entry.draft.reverses_id == entry.entry.id
    assert undone.entry.draft.why == "Another buyer's payment."
    assert undone.entry.draft.key == f"fx/{reversal}"
    assert (base(settled, "1200"), base(settled, "5920")) == (200, 0)
    settled.reconcile(date(2026, 3, 20))
    assert settled.proof().unexplained_base_minor == 0
    assert sorted(view.item.open_base_minor for view in settled.items(account="1200")) == [-9000, 9200]
    assert undone.id in {node.id for node in settled.trace(reversal).nodes}


def test_tied_again_by_a_person_it_is_realised_again(settled: Tieout) -> None:
    settled.unmatch(settled.match_list()[0].id, reason="To be looked at.", actor=ANNA)
    settled.reconcile(date(2026, 3, 20))
    case = the_case(settled, "match_taken_back")
    items = tuple(item.id for item in case.items)
    settled.resolve(case.id, Resolution(Action.MATCH, "It was right.", items=items), actor=ANNA)
    assert (base(settled, "1200"), base(settled, "5920")) == (0, 200)
    assert len(settled.journal(text="Exchange difference")) == 3
    settled.reconcile(date(2026, 3, 20))
    assert settled.proof().tied


def test_a_difference_somebody_reversed_by_hand_is_not_reversed_twice(settled: Tieout) -> None:
    (match,) = settled.match_list()
    view = settled.journal(text="Exchange difference")[0]
    draft = view.entry.draft
    lines = tuple(Line(ln.account, ln.currency, 0, -ln.base_minor) for ln in draft.lines)
    undone = EntryDraft(
        key="by hand", effective_date=draft.effective_date, occurred_at=draft.occurred_at, lines=lines, memo="Undone",
        rule_id="own", rule_version=1, why="A slip.", reverses_id=view.entry.id,
    )  # fmt: skip
    settled.post([undone], actor=ANNA)
    assert settled.proof().unexplained_base_minor == 200, "and the proof says so"
    assert not settled.proof().tied
    settled.unmatch(match.id, reason="Another buyer's payment.", actor=ANNA)
    settled.reconcile(date(2026, 3, 20))
    assert (base(settled, "1200"), settled.proof().unexplained_base_minor) == (200, 0)


def test_a_key_that_is_taken_is_a_conflict_and_nothing_is_tied(app: Tieout) -> None:
    post(app, "fx/mat_1", date(2026, 3, 2), [("1100.bank", 1, 1), ("4000", -1, -1)])
    post(app, "sale", date(2026, 3, 2), SALE)
    post(app, "paid", date(2026, 3, 16), PAID)
    with pytest.raises(Conflict, match="“fx/mat_1” is already posted"):
        app.reconcile(date(2026, 3, 20))
    assert app.match_list() == []


# ── In parts, and by hand ─────────────────────────────────────────────────────────────────────────────────────


def test_what_a_person_books_takes_its_own_worth_along(app: Tieout) -> None:
    """Two items of an order that do not come to zero: what is left goes at its own rate, the rest is a difference."""
    post(app, "sale", date(2026, 3, 2), SALE)
    post(app, "paid", date(2026, 3, 16), [("1310.stripe", 9000, 8100), ("1200", -9000, -8100)])
    app.reconcile(date(2026, 6, 1))
    case = next(v for v in app.case_list() if v.case.draft.subject.startswith("1200/"))
    (entry,) = app.resolve(case.id, Resolution(Action.BOOK, "A discount.", account="5910"), actor=ANNA).entries
    assert [(ln.account, ln.amount_minor, ln.base_minor) for ln in entry.lines] == [
        ("1200", -10000, -9200),
        ("1200", 9000, 8100),
        ("5910", 1000, 920),
        ("5920", 0, 180),
    ]
    assert entry.rate is not None
    assert entry.rate.split(" ")[1] == "carried"
    assert (base(app, "1200"), base(app, "5920"), base(app, "5910")) == (0, 180, 920)
    app.reconcile(date(2026, 6, 1))
    assert app.proof().unexplained_base_minor == 0


def test_the_rates_of_an_entry_can_be_read(settled: Tieout) -> None:
    (paid,) = [view for view in settled.journal() if view.entry.draft.key == "paid"]
    assert [(r.currency, str(r.value), r.source, r.day) for r in paid.rates] == [
        ("USD", "0.9", "stated", date(2026, 3, 16))
    ]
    told = settled.explain(paid.id).sentences
    assert "1 USD = 0.9 EUR, as stated by who booked it, of 2026-03-16." in told
    assert "Debit 1310.stripe Captured, not settled: stripe 100.00 USD, worth 90.00 EUR." in told


def test_every_entry_with_foreign_lines_names_its_rate(settled: Tieout) -> None:
    for view in settled.journal(limit=500):
        moved = any(ln.currency != "EUR" and ln.amount_minor for ln in view.lines)
        assert bool(view.rates) is moved
    assert parse_id(settled.match_list()[0].id)[0] is IdKind.MATCH
