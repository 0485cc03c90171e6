"""Two judges who know nothing of us add random worlds up at random dates, and come to our balances."""

import random
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.playing import open_books, play
from tests.reports.judges import (
    bean_balances,
    bean_check,
    bean_worth,
    hledger_balances,
    hledger_check,
    hledger_worth,
    needs_hledger,
    our_worth,
    ours,
)
from tieout.app import ExportKind, Tieout, check_export
from tieout.sandbox.corrupt import duplicate, shuffle
from tieout.sandbox.plan import compose
from tieout.sandbox.world import World

SEEDS = (5, 20270214)
DAYS = 4


@pytest.fixture(scope="module", params=SEEDS)
def played(
    request: pytest.FixtureRequest, fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Tieout, random.Random]]:
    """A random world, told twice and shuffled, and the chance that picks its dates."""
    plan = compose(World(seed=request.param, orders=40))
    told = shuffle(list(duplicate(plan.emissions, per_mille=100, seed=request.param)), seed=request.param)
    with open_books(fresh_database(), tmp_path_factory.mktemp("home"), plan) as app:
        play(app, plan, list(told))
        app.revalue((plan.facts.end - timedelta(days=1)).date())
        yield app, random.Random(request.param)  # noqa: S311 -- chance, not secrets


def some_days(app: Tieout, chance: random.Random) -> list[date]:
    """Random days from before the first entry to after the last one."""
    booked = [view.entry.draft.effective_date for view in app.journal(limit=500)]
    first, last = min(booked) - timedelta(days=1), max(booked) + timedelta(days=1)
    return [first + timedelta(days=chance.randint(0, (last - first).days)) for _ in range(DAYS)]


def test_beancount_comes_to_our_balances(played: tuple[Tieout, random.Random], tmp_path: Path) -> None:
    app, chance = played
    app.export(ExportKind.BEANCOUNT, tmp_path)
    journal = tmp_path / "journal.beancount"
    assert bean_check(journal) == ""
    assert check_export(tmp_path / "manifest.json") == []
    for day in some_days(app, chance):
        assert bean_balances(journal, day) == ours(app.balances(day)), day
        assert bean_worth(journal, day) == our_worth(app.balances(day)), day


@needs_hledger
def test_hledger_comes_to_our_balances(played: tuple[Tieout, random.Random], tmp_path: Path) -> None:
    app, chance = played
    app.export(ExportKind.HLEDGER, tmp_path)
    journal = tmp_path / "journal.hledger"
    assert hledger_check(journal) == ""
    for day in some_days(app, chance):
        assert hledger_balances(journal, day) == ours(app.balances(day)), day
        assert hledger_worth(journal, day) == our_worth(app.balances(day)), day


def test_a_period_comes_to_our_balances(played: tuple[Tieout, random.Random], tmp_path: Path) -> None:
    app, chance = played
    first, last = sorted(some_days(app, chance)[:2])
    app.export(ExportKind.BEANCOUNT, tmp_path, first=first, last=last)
    journal = tmp_path / "journal.beancount"
    assert bean_check(journal) == ""
    for day in (first, first + (last - first) / 2, last):
        assert bean_balances(journal, day) == ours(app.balances(day)), (first, day)
        assert bean_worth(journal, day) == our_worth(app.balances(day)), (first, day)


def test_a_judge_who_is_lied_to_says_so(played: tuple[Tieout, random.Random], tmp_path: Path) -> None:
    """One cent moved from account to account by an entry that balances: only who adds up finds it."""
    app, _ = played
    app.export(ExportKind.BEANCOUNT, tmp_path)
    journal = tmp_path / "journal.beancount"
    text = journal.read_text("utf-8")
    one, other = re.findall(r"^(\S+) open (\S+)$", text, re.MULTILINE)[:2]
    day = max(one[0], other[0])
    lie = f'\n{day} * "Nothing to see here"\n  {one[1]}  0.01 EUR\n  {other[1]}  -0.01 EUR\n'
    journal.write_text(text + lie, "utf-8")
    assert bean_check(journal).count("Balance failed") == 2
