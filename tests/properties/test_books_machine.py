"""The books as a machine: whatever is done to them, in any order and by several at once, every balance is the fold.

Hypothesis chooses what happens next: posts, repeats, conflicts, refusals, back-dates, reversals whole and in part,
closes, writers at the same time, roll-ups and rebuilds. A model in plain Python, which knows nothing of the ledger's
tables, keeps the entries that must be there; after each step every way of asking for a balance (all, an account, a
subtree, a party, a dimension, the trial balance, a register) must come to the model's sum, of any day, and as known at
any moment before.
"""

import itertools
import os
import random
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tieout.app import Settings, Tieout
from tieout.ledger import balance
from tieout.ledger.balance import Span
from tieout.model.entity import Actor
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import Conflict, PostingRefused, TieoutError
from tieout.model.ids import parse_id
from tieout.model.period import PeriodState

ANNA = Actor("anna", "person")
ACCOUNTS = ("1100.bank", "1200", "3000", "4000", "5000")
#: Classes, whose codes are what the codes of all below begin with; and one that is an account and a subtree of its own.
ANCESTORS = ("1", "11", "12", "3", "4", "5", "1200")
PARTIES = ("ana", "ben", "a party nobody ever heard of")
CHANNELS = ("web", "shop", "a channel nothing is sold on")
FIRST = date(2026, 1, 1)
MONTHS = [(date(2026, m, 1), date(2026, m + 1, 1) - timedelta(days=1)) for m in (1, 2, 3)]
DAYS = st.integers(0, 110).map(lambda n: FIRST + timedelta(days=n))
AMOUNTS = st.integers(1, 10_000) | st.sampled_from([1, 2**53 + 1, 2**62])
NOW: tuple[datetime | None, int | None] = (None, None)
WRITERS = 4
DESPITE = "The machine says so."
#: More of the same for who has the time: TIEOUT_HYPOTHESIS=search.
EXAMPLES, STEPS = (250, 60) if os.environ.get("TIEOUT_HYPOTHESIS") == "search" else (8, 20)
_NUMBERS = itertools.count(1)

Key = tuple[str, str]
Sums = dict[Key, tuple[int, int]]


@st.composite
def lines(draw: st.DrawFn) -> tuple[Line, ...]:
    """Two lines or four that balance in each currency and in base."""
    found: list[Line] = []
    for currency in draw(st.sampled_from([("EUR",), ("USD",), ("EUR", "USD")])):
        one, other = draw(st.permutations(ACCOUNTS))[:2]
        amount = draw(AMOUNTS)
        base = amount if currency == "EUR" else draw(st.integers(1, 10_000))
        party = draw(st.sampled_from([None, *PARTIES[:2]]))
        channel = draw(st.sampled_from([{}, *({"channel": c, "desk": "1"} for c in CHANNELS[:2])]))
        found += [
            Line(one, currency, amount, base, party, None, channel),
            Line(other, currency, -amount, -base, draw(st.sampled_from([None, party]))),
        ]
    return tuple(found)


def draft(key: str, day: date, content: tuple[Line, ...], reverses: int | None = None) -> EntryDraft:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return EntryDraft(key, day, at, content, f"Memo of {key}", "own", 1, "The machine says so.", reverses_id=reverses)


class Model:
    """The entries that must be there, and the days that are closed: all there is to know."""

    def __init__(self) -> None:
        self.entries: dict[str, EntryDraft] = {}
        self.numbers: dict[str, int] = {}
        self.reversed: set[str] = set()
        self.parts: dict[str, list[EntryDraft]] = {}
        self.closed: dict[tuple[date, date], PeriodState] = {}

    def takes(self, day: date) -> bool:
        return not any(first <= day <= last for (first, last), s in self.closed.items() if s is not PeriodState.OPEN)

    def left(self, key: str) -> list[Line]:
        """What of an entry no part has taken back."""
        found = []
        for line in self.entries[key].lines:
            gone = [ln for part in self.parts.get(key, ()) for ln in part.lines if same(ln, line)]
            amount = line.amount_minor + sum(ln.amount_minor for ln in gone)
            base = line.base_minor + sum(ln.base_minor for ln in gone)
            found += [replace(line, amount_minor=amount, base_minor=base)] if amount or base else []
        return found

    def fold(
        self, until: date | None = None, first: int | None = None, only: Callable[[Line], bool] = lambda _line: True
    ) -> Sums:
        """Balance and balance in base currency of all accounts that ever had a line up to a day.

        `first`: of so many entries only, those there were at some moment; `only`: of the lines that fit.
        """
        return {key: (up - down, base) for key, (up, down, base) in self.sides(until, first, only).items()}

    def sides(
        self, until: date | None = None, first: int | None = None, only: Callable[[Line], bool] = lambda _line: True
    ) -> dict[Key, tuple[int, int, int]]:
        """All debits, all credits, and what both come to in base currency; as `fold`."""
        found: dict[Key, tuple[int, int, int]] = {}
        for draft in itertools.islice(self.entries.values(), first):
            for line in filter(only, draft.lines if until is None or draft.effective_date <= until else ()):
                up, down, base = found.get((line.account, line.currency), (0, 0, 0))
                amount = line.amount_minor
                found[line.account, line.currency] = (
                    up + max(amount, 0),
                    down - min(amount, 0),
                    base + line.base_minor,
                )
        return found


class BooksMachine(RuleBasedStateMachine):
    """Does the same to the books and to the model."""

    #: Makes books of their own for an example, and how they are left.
    make: Callable[[], tuple[Tieout, Callable[[], None]]]

    def __init__(self) -> None:
        super().__init__()
        self.app, self.leave = type(self).make()
        self.model = Model()
        #: Moments, and how many entries there were.
        self.moments: list[tuple[datetime | None, int | None]] = []
        self.chance = random.Random(0)  # noqa: S311 -- chance, not secrets

    def teardown(self) -> None:
        self.leave()

    # ── What can happen ───────────────────────────────────────────────────────────────────────────────────────

    def new(self, day: date, content: tuple[Line, ...], reverses: int | None = None) -> EntryDraft:
        return draft(f"own:{next(_NUMBERS)}", day, content, reverses)

    def post(self, drafts: Sequence[EntryDraft]) -> None:
        """Posts what must be taken if all its days are open, and refused as a whole if one is not."""
        if not all(self.model.takes(d.effective_date) for d in drafts):
            with pytest.raises(PostingRefused) as caught:
                self.app.post(drafts, actor=ANNA)
            assert not isinstance(caught.value, Conflict)
            assert caught.value.remedy
            return
        self.keep(drafts, self.app.post(drafts, actor=ANNA))

    def keep(self, drafts: Sequence[EntryDraft], ids: Sequence[str]) -> None:
        for made, any_id in zip(drafts, ids, strict=True):
            self.model.entries[made.key] = made
            assert self.model.numbers.setdefault(made.key, parse_id(any_id)[1]) == parse_id(any_id)[1]

    @initialize(content=lines())
    def begin(self, content: tuple[Line, ...]) -> None:
        self.post([self.new(FIRST, content)])

    @rule(entries=st.lists(st.tuples(DAYS, lines()), min_size=1, max_size=4))
    def several(self, entries: list[tuple[date, tuple[Line, ...]]]) -> None:
        """In one call, on any days: so also back-dated, and on closed days."""
        self.post([self.new(day, content) for day, content in entries])

    @rule(data=st.data())
    def again(self, data: st.DataObject) -> None:
        """What is known already is answered with its own number, also when its day is closed now."""
        known = data.draw(st.lists(st.sampled_from(sorted(self.model.entries)), min_size=1, max_size=3, unique=True))
        ids = self.app.post([self.model.entries[key] for key in known], actor=ANNA)
        assert [parse_id(any_id)[1] for any_id in ids] == [self.model.numbers[key] for key in known]

    @rule(data=st.data(), content=lines(), day=DAYS)
    def conflict(self, data: st.DataObject, content: tuple[Line, ...], day: date) -> None:
        """Other content under a known key is refused, and so is what came with it."""
        key = data.draw(st.sampled_from(sorted(self.model.entries)))
        known = self.model.entries[key]
        other = replace(known, lines=(*content, Line("1200", "EUR", 7, 7), Line("3000", "EUR", -7, -7)))
        if other.lines != known.lines:
            with pytest.raises(PostingRefused):
                self.app.post([self.new(day, content), other], actor=ANNA)

    @rule(content=lines(), day=DAYS, wrong=st.sampled_from(["off", "unknown", "single", "base", "wide"]))
    def nonsense(self, content: tuple[Line, ...], day: date, wrong: str) -> None:
        first = content[0]
        spoilt = {
            "off": (replace(first, amount_minor=first.amount_minor + 1), *content[1:]),
            "unknown": (replace(first, account="9999"), *content[1:]),
            "single": (first,),
            "base": (replace(first, base_minor=first.base_minor + 1), *content[1:]),
            "wide": (*content, Line("1200", "EUR", 2**63, 2**63), Line("3000", "EUR", -(2**63), -(2**63))),
        }[wrong]
        with pytest.raises(PostingRefused):
            self.app.post([self.new(day, content), self.new(day, spoilt)], actor=ANNA)

    @rule(data=st.data(), day=DAYS)
    def reverse(self, data: st.DataObject, day: date) -> None:
        """On a date of its own; once, and then never again."""
        key = data.draw(st.sampled_from(sorted(self.model.entries)))
        known = self.model.entries[key]
        back = tuple(replace(ln, amount_minor=-ln.amount_minor, base_minor=-ln.base_minor) for ln in known.lines)
        made = self.new(day, back, self.model.numbers[key])
        if key in self.model.reversed or key in self.model.parts:
            with pytest.raises(PostingRefused):
                self.app.post([made], actor=ANNA)
            return
        self.post([made])
        if made.key in self.model.entries:
            self.model.reversed.add(key)

    @rule(data=st.data(), day=DAYS, content=st.none() | lines())
    def correct(self, data: st.DataObject, day: date, content: tuple[Line, ...] | None) -> None:
        """By the library's own hand: taken back, or taken back and booked anew, both or neither."""
        key = data.draw(st.sampled_from(sorted(self.model.entries)))
        name = f"ent_{self.model.numbers[key]}"
        anew = None if content is None else self.new(day, content)

        def change() -> Any:
            if anew is None:
                return self.app.reverse(name, reason=DESPITE, actor=ANNA, on=day)
            return self.app.correct(name, anew, reason=DESPITE, actor=ANNA, on=day)

        left = self.model.left(key)
        if key in self.model.reversed or not left or not self.model.takes(day):
            with pytest.raises(PostingRefused):
                change()
            return
        made = change()
        back = self.app.entry(made.reversal).entry
        turned = {(ln.account, ln.currency, -ln.amount_minor, -ln.base_minor) for ln in left}
        assert {(ln.account, ln.currency, ln.amount_minor, ln.base_minor) for ln in back.draft.lines} == turned
        self.model.reversed.add(key)
        self.keep([back.draft], [made.reversal])
        if anew is not None:
            self.keep([replace(anew, actor=ANNA.name)], [made.replacement])

    @rule(data=st.data(), day=DAYS)
    def reverse_part(self, data: st.DataObject, day: date) -> None:
        """Some of what an entry books in one currency; no more than is left, and never after the whole."""
        key = data.draw(st.sampled_from(sorted(self.model.entries)))
        booked = self.model.entries[key].lines
        one = booked[0]
        other = next(ln for ln in booked if (ln.currency, ln.amount_minor) == (one.currency, -one.amount_minor))
        amount = data.draw(st.integers(1, abs(one.amount_minor)))
        left = sum(abs(ln.amount_minor) for ln in self.model.left(key) if same(ln, one))

        def change() -> Any:
            part = {booked.index(one) + 1: amount, booked.index(other) + 1: amount}
            return self.app.reverse(f"ent_{self.model.numbers[key]}", reason=DESPITE, actor=ANNA, on=day, part=part)

        if key in self.model.reversed or amount > left or not self.model.takes(day):
            with pytest.raises(TieoutError) as caught:
                change()
            assert caught.value.remedy
            return
        name = change().reversal
        back = self.app.entry(name).entry.draft
        sign = 1 if one.amount_minor > 0 else -1
        assert {(ln.account, ln.amount_minor) for ln in back.lines} == {
            (one.account, -sign * amount), (other.account, sign * amount),
        }  # fmt: skip
        self.model.parts.setdefault(key, []).append(back)
        self.keep([back], [name])

    @rule(month=st.sampled_from(MONTHS), state=st.sampled_from(list(PeriodState)))
    def move_period(self, month: tuple[date, date], state: PeriodState) -> None:
        """Open, soft, hard; a hard close is for ever."""
        if self.model.closed.get(month) is PeriodState.HARD:
            with pytest.raises(PostingRefused):
                self.app.set_period(*month, state, actor=ANNA, despite=DESPITE)
            return
        self.app.set_period(*month, state, actor=ANNA, despite=DESPITE)
        self.model.closed[month] = state

    @rule(entries=st.lists(st.tuples(DAYS, lines()), min_size=WRITERS, max_size=WRITERS), shared=lines())
    def at_once(self, entries: list[tuple[date, tuple[Line, ...]]], shared: tuple[Line, ...]) -> None:
        """Several writers with connections of their own post an entry each, and all of them one and the same."""
        open_day = date(2026, 4, 15)
        common = self.new(open_day, shared)
        own = [self.new(day if self.model.takes(day) else open_day, content) for day, content in entries]
        with ThreadPoolExecutor(WRITERS) as crew:
            told = list(crew.map(lambda mine: self.app.post([mine, common], actor=ANNA), own))
        assert len({ids[1] for ids in told}) == 1, "posted once, answered to all"
        for mine, ids in zip(own, told, strict=True):
            self.keep([mine, common], ids)

    @rule(content=lines(), day=DAYS, month=st.sampled_from(MONTHS))
    def close_while_posting(self, content: tuple[Line, ...], day: date, month: tuple[date, date]) -> None:
        """Either the entry was there when the period closed, or it is refused; never one without the other."""
        if self.model.closed.get(month) is PeriodState.HARD:
            return
        made = self.new(day, content)
        before = self.model.takes(day)
        with ThreadPoolExecutor(2) as crew:
            posting = crew.submit(self.app.post, [made], actor=ANNA)
            crew.submit(self.app.set_period, *month, PeriodState.SOFT, despite=DESPITE, actor=ANNA).result()
            refused = isinstance(posting.exception(), PostingRefused)
        self.model.closed[month] = PeriodState.SOFT
        if not refused:
            assert before
            self.keep([made], posting.result())
        else:
            assert not self.model.takes(day)

    @rule()
    def roll_up(self) -> None:
        self.app.roll_up()
        assert self.app.roll_up() == 0

    @precondition(lambda self: len(self.model.entries) > 3)
    @rule()
    def rebuild(self) -> None:
        counted = sum(len(found.lines) for found in self.model.entries.values())
        assert self.app.rebuild() == counted

    @rule()
    def seal_and_verify(self) -> None:
        """Everything is worked out again from the journal, by the product's own verification."""
        self.app.seal()
        found = self.app.verify(workers=1)
        assert found.flaws == ()
        assert found.entries == len(self.model.entries)

    # ── What must hold after each step ────────────────────────────────────────────────────────────────────────

    def a_time(self) -> tuple[dict[str, Any], int | None]:
        """A day, or none, and a moment, or none; and how many entries there were then."""
        day = self.chance.choice([None, *(last for _, last in MONTHS), FIRST + timedelta(self.chance.randrange(115))])
        moment, first = self.chance.choice([NOW, *self.moments[-2:], *self.chance.choices(self.moments or [NOW])])
        return {"at": day, "known_at": moment}, first

    @invariant()
    def every_balance_is_the_fold(self) -> None:
        with self.app._books() as (connection, context):
            for day in (None, *(last for _, last in MONTHS)):
                wanted = self.model.fold(day)
                assert summed(balance.balances(connection, context.id, until=day)) == wanted, day
            (now,) = connection.execute("select clock_timestamp()").fetchone() or (None,)
            assert now is not None
            self.moments.append((now, len(self.model.entries)))
            plain = connection.execute(FOLD, {"ledger": context.id}).fetchall()
            assert {(row[0], row[1]): (int(row[2]), int(row[3])) for row in plain} == self.model.fold()

    @invariant()
    def every_way_of_asking_says_the_same_of_any_time(self) -> None:
        """Each at a day and a moment of its own, so that in time all are asked of all."""
        span, first = self.a_time()
        wanted = self.model.fold(span["at"], first)
        assert summed(self.app.balances(span["at"], known_at=span["known_at"])) == wanted
        span, first = self.a_time()
        asked = self.chance.choice(ACCOUNTS)
        wanted = self.model.fold(span["at"], first, lambda line: line.account == asked)
        assert summed(self.app.balance(asked, **span)) == wanted
        span, first = self.a_time()
        party = self.chance.choice(PARTIES)
        wanted = self.model.fold(span["at"], first, lambda line: line.party == party)
        assert summed(self.app.party(party, **span)) == wanted
        span, first = self.a_time()
        channel = self.chance.choice(CHANNELS)
        wanted = self.model.fold(span["at"], first, lambda line: line.dimensions.get("channel") == channel)
        assert summed(self.app.dimension("channel", channel, **span)) == wanted
        of_one = {key: sums for key, sums in wanted.items() if key[0] == asked}
        assert summed(self.app.dimension("channel", channel, accounts=[asked], **span)) == of_one

    @invariant()
    def a_subtree_and_the_trial_balance_are_the_fold(self) -> None:
        span, first = self.a_time()
        above = self.chance.choice(ANCESTORS)
        wanted: dict[str, tuple[int, int]] = {}
        for (_, currency), (amount, base) in self.model.fold(
            span["at"], first, lambda line: line.account.startswith(above)
        ).items():
            before = wanted.get(currency, (0, 0))
            wanted[currency] = (before[0] + amount, before[1] + base)
        found = self.app.subtree(above, **span)
        assert {b.currency: (b.balance_minor, b.base_minor) for b in found} == wanted
        span, first = self.a_time()
        trial = self.app.trial_balance(**span)
        assert {
            (ln.account, ln.currency): (ln.debit_minor, ln.credit_minor, ln.base_minor) for ln in trial.lines
        } == self.model.sides(span["at"], first)
        assert trial.off_minor == {}

    @invariant()
    def every_other_way_of_asking_says_the_same(self) -> None:
        wanted = self.model.fold()
        shown = {(a.code, c): amount for a in self.app.accounts() for c, amount in a.balances.items()}
        assert shown == {key: amount for key, (amount, _) in wanted.items()}
        entries = len(self.model.entries), sum(len(found.lines) for found in self.model.entries.values())
        assert self.app.counts() == entries

    @invariant()
    def a_register_ends_at_the_balance(self) -> None:
        span, first = self.a_time()
        wanted = self.model.fold(span["at"], first)
        if wanted:
            code, currency = self.chance.choice(sorted(wanted))
            with self.app._books() as (connection, context):
                asked = Span(at=span["at"], known_at=span["known_at"])
                rows = balance.register(connection, context.id, code, currency, span=asked, limit=10_000)
            assert (rows[-1].balance_minor, rows[-1].base_balance_minor) == wanted[code, currency]
            assert [row.place for row in rows] == sorted((row.place for row in rows), key=place_key)


FOLD = """
select a.code, l.currency, sum(l.amount_minor), sum(l.base_minor)
  from line l join account a on a.ledger_id = l.ledger_id and a.id = l.account_id
 where l.ledger_id = %(ledger)s group by a.code, l.currency
"""


def same(one: Line, other: Line) -> bool:
    """Whether both are of one account and currency, of which an entry here has one line at most."""
    return (one.account, one.currency) == (other.account, other.currency)


def summed(found: Sequence[Any]) -> Sums:
    return {(b.account, b.currency): (b.balance_minor, b.base_minor) for b in found}


def place_key(place: Any) -> tuple[date, int, int]:
    return place.day, place.entry_id, place.line_no


@pytest.fixture(scope="module")
def template(fresh_database: Callable[..., str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The database of books in which nothing has happened; only ever copied."""
    url = fresh_database()
    with Tieout.open(Settings(tmp_path_factory.mktemp("home"), url), connections_max=2) as app:
        app.init("Kiln & Sons", password="not-a-secret")
        app.add_source("bank", "camt")
    return url


@pytest.mark.slow
def test_the_books_are_the_model(server_url: str, template: str, tmp_path: Path) -> None:
    def make() -> tuple[Tieout, Callable[[], None]]:
        source = str(conninfo_to_dict(template)["dbname"])
        name = f"{source}_machine_{next(_NUMBERS)}"
        _administer(server_url, "create database {} template {}", name, source)
        found = Settings(home=tmp_path / "home", database_url=make_conninfo(server_url, dbname=name))
        app = Tieout.open(found, migrating=False, connections_max=WRITERS + 2)

        def leave() -> None:
            app.close()
            _administer(server_url, "drop database {} with (force)", name)

        return app, leave

    machine = type("Books", (BooksMachine,), {"make": staticmethod(make)})
    _check(machine)


def _check(machine: type[RuleBasedStateMachine]) -> None:
    """Runs the machine; it raises whatever did not hold, with the shortest way there."""
    how = settings(max_examples=EXAMPLES, stateful_step_count=STEPS, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(machine, settings=how)


def _administer(server_url: str, command: str, *names: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL(command).format(*map(sql.Identifier, names)))


def test_the_model_folds_what_it_is_given() -> None:
    """The judge is judged by hand, once."""
    model = Model()
    model.entries["a"] = draft("a", FIRST, (Line("1200", "EUR", 5, 5), Line("4000", "EUR", -5, -5)))
    model.entries["b"] = draft("b", MONTHS[1][0], (Line("1200", "USD", 3, 2), Line("4000", "USD", -3, -2)))
    assert model.fold(MONTHS[0][1]) == {("1200", "EUR"): (5, 5), ("4000", "EUR"): (-5, -5)}
    assert model.fold()["1200", "USD"] == (3, 2)
    model.closed[MONTHS[0]] = PeriodState.SOFT
    assert [model.takes(day) for day in (FIRST, MONTHS[0][1], MONTHS[1][0])] == [False, False, True]
    assert isinstance(model.numbers, Mapping)
