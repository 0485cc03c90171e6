"""Whatever is booked, tied, taken back and decided in foreign currencies, nothing stays behind in base currency."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tieout.app import Settings, Tieout
from tieout.model.case import Action, Resolution
from tieout.model.entity import Actor
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import ResolutionRefused

ANNA = Actor("anna", "person")
START = date(2026, 3, 2)
CURRENCIES = ("USD", "JPY", "KWD")

steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("post"),
            st.sampled_from(CURRENCIES),
            st.integers(0, 2),  # which order
            st.integers(1, 40),  # how much, in hundreds
            st.integers(-9, 9),  # how far the rate is from one
            st.booleans(),  # sold or paid
        ),
        st.tuples(st.sampled_from(["reconcile", "unmatch", "book", "match"])),
    ),
    min_size=6,
    max_size=24,
)


def post(app: Tieout, number: int, step: tuple[object, ...]) -> None:
    _, currency, order, amount, off, sold = step
    assert isinstance(amount, int)
    assert isinstance(off, int)
    sign = 1 if sold else -1
    minor, base = sign * amount * 100, sign * amount * (100 + off)
    other = "4000" if sold else "1310.stripe"
    day = START + timedelta(days=number)
    lines = (
        Line("1200", str(currency), minor, base, item=f"order:{order}"),
        Line(other, str(currency), -minor, -base, item=None if sold else f"charge:{number}"),
    )
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    draft = EntryDraft(f"{app.counts()[0]}:{number}", day, at, lines, "Memo", "own", 1, "A test.")
    app.post([draft], actor=ANNA)


def decide(app: Tieout, what: str, chance: random.Random) -> None:
    """Takes a match back, or decides a case, if there is one."""
    app.reconcile(START + timedelta(days=200))
    matches = [view for view in app.match_list(limit=50) if view.match.reverses_id is None]
    cases = app.case_list(limit=50)
    try:
        if what == "unmatch" and matches:
            app.unmatch(chance.choice(matches).id, reason="Another one's.", actor=ANNA)
        elif what == "book" and cases:
            case = chance.choice(cases).id
            app.resolve(case, Resolution(Action.BOOK, "Let go.", account="5900"), actor=ANNA)
        elif what == "match" and cases:
            view = app.case(chance.choice(cases).id)
            items = tuple(item.id for item in view.items)
            app.resolve(view.id, Resolution(Action.MATCH, "They belong together.", items=items), actor=ANNA)
    except ResolutionRefused:
        pass  # taken back before, or does not come to zero: nothing was written


@pytest.mark.slow
@settings(max_examples=8)
@given(found=st.data())
def test_nothing_stays_behind(
    fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory, found: st.DataObject
) -> None:
    app = Tieout.open(Settings(home=tmp_path_factory.mktemp("home"), database_url=fresh_database()), connections_max=2)
    try:
        app.init("Lindenhof GmbH", password="p")
        app.add_source("stripe", "stripe", secrets=["s"])
        chance = random.Random(found.draw(st.integers(0, 999)))  # noqa: S311 -- chance, not secrets
        for number, step in enumerate(found.draw(steps)):
            if step[0] == "post":
                post(app, number, step)
            elif step[0] == "reconcile":
                app.reconcile(START + timedelta(days=200))
            else:
                decide(app, str(step[0]), chance)
        app.reconcile(START + timedelta(days=200))
        check(app)
    finally:
        app.close()


def check(app: Tieout) -> None:
    """What accounts carry is what their open items carry; what is settled carries nothing; all adds up to nothing."""
    proof = app.proof()
    assert (proof.unexplained_base_minor, set(proof.unexplained_minor.values()) - {0}) == (0, set())
    for line in proof.lines:
        items = app.items(account=line.account, currency=line.currency)
        assert sum(view.item.open_minor for view in items) == line.balance_minor
        assert sum(view.item.open_base_minor for view in items) == line.base_minor
    assert sum(balance.base_minor for balance in app.balances()) == 0
    assert [finding for finding in app.check() if finding.what != "proof"] == []
