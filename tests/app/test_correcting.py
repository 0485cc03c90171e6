"""Corrections: taken back once, on an open day, whole or in part; booked anew in the same unit of work."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from tests.app.house import ANNA, DAY, balances, entries, lines, opening_balance, order, tell
from tieout.app import Tieout
from tieout.app.correcting import Corrected
from tieout.model.entity import Actor
from tieout.model.entry import Line
from tieout.model.error import BadInput, Conflict, NotFound, PeriodClosed, PostingRefused
from tieout.model.period import Area, PeriodState

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
BEN = Actor("ben", "person")
SALE = {("1200", "EUR"): 4900, ("2100", "EUR"): -782, ("4000", "EUR"): -4118}


@pytest.fixture
def sale(app: Tieout) -> str:
    tell(app, "shop", order(), "orders")
    (view,) = entries(app).values()
    return view.id


def relations(app: Tieout, entry: str) -> list[tuple[str, str]]:
    return [(link.relation, link.entry) for link in app.entry(entry).links]


def test_an_entry_is_taken_back_whole(app: Tieout, sale: str) -> None:
    before = balances(app)
    preview = app.preview_reversal(sale, on=DAY + timedelta(2), actor=ANNA)
    assert balances(app) == before
    made = app.reverse(sale, reason="The order was a test.", on=DAY + timedelta(2), actor=ANNA)
    assert made.replacement is None
    view = app.entry(made.reversal)
    draft = view.entry.draft
    assert lines(view) == [(account, currency, -amount) for account, currency, amount in lines(app.entry(sale))]
    assert (draft.effective_date, draft.why, draft.actor, draft.late) == (
        DAY + timedelta(2), "The order was a test.", "anna", False,
    )  # fmt: skip
    assert balances(app) == {}
    assert balances(app, DAY) == before
    assert preview.sentence == f"Takes back {sale} on 2026-03-05."
    assert preview.entries[0].lines == draft.lines
    assert relations(app, sale) == [("is reversed by", made.reversal)]
    assert relations(app, made.reversal) == [("reverses", sale)]
    newest = app.audit(1)[0]
    assert (newest.actor, newest.action, newest.subject, newest.detail) == (
        "anna", "entry.reversed", sale, "The order was a test.",
    )  # fmt: skip


def test_explain_and_trace_show_what_corrected_it(app: Tieout, sale: str) -> None:
    made = app.reverse(sale, reason="Wrong.", actor=ANNA)
    assert f"It is reversed by {made.reversal}." in app.explain(sale).sentences
    assert f"It reverses {sale}." in app.explain(made.reversal).sentences
    for start in (sale, made.reversal):
        trace = app.trace(start)
        assert {sale, made.reversal} <= {node.id for node in trace.nodes}
        assert (sale, made.reversal, "is reversed by") in {(e.earlier, e.later, e.relation) for e in trace.edges}


def test_without_a_day_it_is_the_first_open_one_from_today(app: Tieout, sale: str) -> None:
    today = datetime.now(UTC).date()
    app.set_period(today - timedelta(days=3), today + timedelta(days=4), PeriodState.SOFT, actor=ANNA)
    made = app.reverse(sale, reason="Wrong.", actor=ANNA)
    day = app.entry(made.reversal).entry.draft.effective_date
    assert day == today + timedelta(days=5)


def test_never_in_a_closed_period(app: Tieout, sale: str) -> None:
    app.set_period(*MARCH, PeriodState.SOFT, area=Area.SALES, actor=ANNA)
    with pytest.raises(PeriodClosed) as refused:
        app.reverse(sale, reason="Wrong.", on=DAY, actor=ANNA)
    assert refused.value.remedy == "A correction is dated on an open day; the first from there is 2026-04-01."
    with pytest.raises(PeriodClosed):
        app.preview_reversal(sale, on=DAY, actor=ANNA)
    assert relations(app, sale) == []
    until = datetime.now(UTC) + timedelta(hours=1)
    app.allow_posting(*MARCH, area=Area.SALES, person="ben", reason="The auditor asks.", until=until, actor=ANNA)
    with pytest.raises(PeriodClosed):
        app.reverse(sale, reason="Wrong.", on=DAY, actor=ANNA)
    made = app.reverse(sale, reason="Wrong.", on=DAY, actor=BEN)
    assert app.entry(made.reversal).entry.draft.effective_date == DAY


def test_it_is_taken_back_once(app: Tieout, sale: str) -> None:
    made = app.reverse(sale, reason="Wrong.", actor=ANNA)
    for again in (
        lambda: app.reverse(sale, reason="Wrong.", actor=ANNA),
        lambda: app.reverse(sale, reason="Wrong.", part={1: 1}, actor=ANNA),
        lambda: app.preview_reversal(sale, actor=ANNA),
        lambda: app.correct(sale, opening_balance(), reason="Wrong.", actor=ANNA),
    ):
        with pytest.raises(Conflict, match=f"{sale} has been reversed already, by {made.reversal}"):
            again()
    back = app.reverse(made.reversal, reason="It was right after all.", actor=ANNA)
    assert relations(app, made.reversal) == [("is reversed by", back.reversal), ("reverses", sale)] or relations(
        app, made.reversal
    ) == [("reverses", sale), ("is reversed by", back.reversal)]


def test_of_many_who_take_one_back_at_once_exactly_one_does(app: Tieout, sale: str) -> None:
    def reverse(number: int) -> Corrected | None:
        try:
            return app.reverse(sale, reason=f"Attempt {number}.", actor=ANNA)
        except Conflict:
            return None

    with ThreadPoolExecutor(4) as pool:
        found = [made for made in pool.map(reverse, range(24)) if made is not None]
    assert len(found) == 1
    assert relations(app, sale) == [("is reversed by", found[0].reversal)]
    assert balances(app) == {}


def test_a_part_of_it_then_the_rest(app: Tieout, sale: str) -> None:
    whole = lines(app.entry(sale))
    amounts = [abs(amount) for _, _, amount in whole]
    half = {number: amount // 2 for number, amount in enumerate(amounts, start=1)}
    half[1] += sum(half[n] for n in half if n > 1) - half[1]  # both sides the same, whatever halving lost
    one = app.reverse(sale, reason="One ladle came back.", part=half, on=DAY, actor=ANNA)
    assert sum(amount for _, _, amount in lines(app.entry(one.reversal))) == 0
    assert relations(app, sale) == [("is reversed in part by", one.reversal)]
    rest = app.reverse(sale, reason="And the other.", on=DAY, actor=ANNA)
    assert balances(app) == {}
    assert app.entry(rest.reversal).entry.draft.memo.startswith(f"Reversal of the rest of {sale}")
    assert relations(app, rest.reversal) == [("reverses a part of", sale)]
    with pytest.raises(Conflict, match="has been reversed already"):
        app.reverse(sale, reason="Once more.", actor=ANNA)


def test_what_does_not_balance_is_no_part(app: Tieout, sale: str) -> None:
    with pytest.raises(BadInput, match=r"Debit and credit of the part differ by 0\.01 EUR"):
        app.reverse(sale, reason="Half.", part={1: 100, 2: 99}, on=DAY, actor=ANNA)
    with pytest.raises(BadInput, match="There is no line 9"):
        app.reverse(sale, reason="Half.", part={9: 100}, on=DAY, actor=ANNA)
    assert relations(app, sale) == []


def test_a_correction_is_both_or_neither(app: Tieout) -> None:
    (wrong,) = app.post([opening_balance(amount=5000)], actor=ANNA)
    right = opening_balance(key="opening:2026:right", amount=5400)
    preview = app.preview_correction(wrong, right, on=DAY, actor=ANNA)
    assert [entry.lines[0].amount_minor for entry in preview.entries] == [-5000, 5400]
    made = app.correct(wrong, right, reason="The statement says 54.00.", on=DAY, actor=ANNA)
    assert made.replacement is not None
    assert balances(app) == {("1100.bank", "EUR"): 5400, ("3000", "EUR"): -5400}
    assert sorted(relations(app, wrong)) == [("is replaced by", made.replacement), ("is reversed by", made.reversal)]
    assert relations(app, made.replacement) == [("replaces", wrong)]
    assert f"It is replaced by {made.replacement}." in app.explain(wrong).sentences
    assert app.audit(1)[0].action == "entry.corrected"
    # An entry that the ledger does not take leaves the old one as it was.
    lame = msgspec.structs.replace(
        right, key="lame", lines=(Line("1100.bank", "EUR", 1, 1), Line("3000", "EUR", -2, -2))
    )
    with pytest.raises(PostingRefused, match="debit and credit differ"):
        app.correct(made.replacement, lame, reason="No.", actor=ANNA)
    assert relations(app, made.replacement) == [("replaces", wrong)]


def test_a_correction_after_a_part_takes_back_the_rest(app: Tieout) -> None:
    (wrong,) = app.post([opening_balance(amount=5000)], actor=ANNA)
    app.reverse(wrong, reason="Part.", part={1: 1000, 2: 1000}, on=DAY, actor=ANNA)
    made = app.correct(wrong, opening_balance(key="right", amount=7), reason="All of it.", on=DAY, actor=ANNA)
    assert balances(app) == {("1100.bank", "EUR"): 7, ("3000", "EUR"): -7}
    assert made.replacement is not None


def test_what_there_is_not_and_what_has_no_reason(app: Tieout, sale: str) -> None:
    for wrong in ("ent_999999", "evt_1", "nonsense"):
        with pytest.raises(NotFound):
            app.reverse(wrong, reason="Wrong.", actor=ANNA)
    with pytest.raises(BadInput, match="A reason is required"):
        app.reverse(sale, reason="  ", actor=ANNA)
