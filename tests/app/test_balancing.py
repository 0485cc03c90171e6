"""Balances by every way of asking, and projections that can be thrown away."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.app.house import ANNA, DAY, open_house, opening_balance
from tieout.app import Tieout
from tieout.model.balance import Balance, TrialLine
from tieout.model.entry import Line
from tieout.model.error import BadInput, NotFound

NEXT = DAY + timedelta(days=1)


@pytest.fixture
def app(tmp_path: Path, database_url: str) -> Iterator[Tieout]:
    with open_house(database_url, tmp_path) as found:
        yield found


def book(app: Tieout, key: str, amount: int, on: date = DAY, **changes: Any) -> None:
    """From equity to the bank, in EUR or with a dollar worth 90 cents."""
    usd = changes.pop("usd", False)
    base = amount * 9 // 10 if usd else amount
    currency = "USD" if usd else "EUR"
    lines = (Line("1100.bank", currency, amount, base, **changes), Line("3000", currency, -amount, -base))
    app.post([opening_balance(key, lines=lines, effective_date=on)], actor=ANNA)


@pytest.mark.parametrize("rolled_up", [False, True])
def test_a_balance_is_asked_for_by_account_currency_and_day(app: Tieout, rolled_up: bool) -> None:
    book(app, "a", 5000)
    book(app, "b", 1000, usd=True)
    book(app, "c", 700, on=NEXT)
    if rolled_up:
        app.roll_up()
    assert app.balance("1100.bank") == [
        Balance("1100.bank", "EUR", 5700, 5700),
        Balance("1100.bank", "USD", 1000, 900),
    ]
    assert app.balance("1100.bank", currency="EUR", at=DAY) == [Balance("1100.bank", "EUR", 5000, 5000, DAY)]
    assert app.balance("1100.bank", at=DAY - timedelta(days=1)) == []
    assert app.balance("1200") == []
    with pytest.raises(NotFound, match="There is no account “1”"):
        app.balance("1")


def test_what_was_known_at_a_moment_does_not_change(app: Tieout) -> None:
    book(app, "a", 5000)
    before = datetime.now(UTC)
    book(app, "b", 700, on=DAY - timedelta(days=30))
    app.roll_up()
    assert app.balance("1100.bank", at=DAY, known_at=before) == [Balance("1100.bank", "EUR", 5000, 5000, DAY)]
    assert app.balance("1100.bank", at=DAY) == [Balance("1100.bank", "EUR", 5700, 5700, DAY)]
    assert app.trial_balance(known_at=before - timedelta(days=1)).lines == ()
    with pytest.raises(BadInput, match="has no zone"):
        app.trial_balance(known_at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_a_subtree_is_a_class_with_all_below_it(app: Tieout) -> None:
    book(app, "a", 5000)
    lines = (Line("1200", "EUR", 30, 30), Line("3000", "EUR", -30, -30))
    app.post([opening_balance("b", lines=lines)], actor=ANNA)
    assert app.subtree("11") == [Balance("11", "EUR", 5000, 5000)]
    assert app.subtree("1") == [Balance("1", "EUR", 5030, 5030)]
    assert app.subtree("1200") == [Balance("1200", "EUR", 30, 30)]
    assert app.subtree("1", at=DAY - timedelta(days=1)) == []
    with pytest.raises(NotFound):
        app.subtree("no such class")


@pytest.mark.parametrize("rolled_up", [False, True])
def test_a_party_and_a_dimension_have_balances(app: Tieout, rolled_up: bool) -> None:
    book(app, "a", 5000, party="Ana", dimensions={"channel": "web"})
    book(app, "b", 300, party="Bo", dimensions={"channel": "web"})
    book(app, "c", 20, on=NEXT, party="Ana", dimensions={"channel": "shop"})
    if rolled_up:
        app.roll_up()
    assert app.party("Ana") == [Balance("1100.bank", "EUR", 5020, 5020)]
    assert app.party("Ana", at=DAY) == [Balance("1100.bank", "EUR", 5000, 5000, DAY)]
    assert app.party("Ana", accounts=["3000"]) == []
    assert app.party("nobody") == []
    assert app.dimension("channel", "web") == [Balance("1100.bank", "EUR", 5300, 5300)]
    assert app.dimension("shop", "web") == []
    with pytest.raises(NotFound):
        app.dimension("channel", "web", accounts=["1100.bank", "7"])


def test_the_trial_balance_has_debits_and_credits(app: Tieout) -> None:
    book(app, "a", 5000)
    book(app, "b", -700)
    found = app.trial_balance(at=DAY)
    assert found.lines == (
        TrialLine("1100.bank", "Bank account: bank", "asset", "EUR", 5000, 700, 4300, 4300),
        TrialLine("3000", "Opening balances", "equity", "EUR", 700, 5000, -4300, -4300),
    )
    assert (found.at, found.known_at, found.off_minor) == (DAY, None, {})


def test_a_register_runs_on_from_page_to_page(app: Tieout) -> None:
    for number in range(5):
        book(app, f"k{number}", 10**number, on=DAY + timedelta(days=number % 3))
    app.roll_up()
    first = app.register("1100.bank", limit=3)
    assert [(line.date, line.amount_minor, line.balance_minor) for line in first] == [
        (DAY, 1, 1),
        (DAY, 1000, 1001),
        (NEXT, 10, 1011),
    ]
    second = app.register("1100.bank", limit=3, after=first[-1].place)
    assert [line.balance_minor for line in second] == [11011, 11111]
    assert app.register("1100.bank", after=second[-1].place) == []
    assert [line.balance_minor for line in app.register("1100.bank", since=NEXT)] == [1011, 11011, 11111]
    book(app, "usd", 10, usd=True)
    with pytest.raises(BadInput, match="has lines in EUR, USD"):
        app.register("1100.bank")
    (line,) = app.register("1100.bank", "USD")
    assert (line.balance_minor, line.base_balance_minor, line.memo) == (10, 9, "Opening balance")
    with pytest.raises(BadInput, match="“1” is no place in a register"):
        app.register("1100.bank", "USD", after="1")
    with pytest.raises(NotFound):
        app.register("1")


def test_each_entry_is_rolled_up_once(app: Tieout) -> None:
    assert app.roll_up() == 0
    app.post([opening_balance(), opening_balance("opening:2027", 7)], actor=ANNA)
    assert app.roll_up() == 2
    assert app.roll_up() == 0


def test_a_rebuild_reads_every_line_and_is_logged(app: Tieout) -> None:
    app.post([opening_balance()], actor=ANNA)
    told: list[tuple[int, int]] = []
    assert app.rebuild(lambda done, of: told.append((done, of)), actor=ANNA) == 2
    assert told == [(1, 1)]
    newest = app.audit()[0]
    assert (newest.actor, newest.action, newest.detail) == ("anna", "ledger.rebuilt", "2 lines")
    assert app.roll_up() == 0
