"""The journal: posted once for ever, all or none, and never after its period is closed."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.books import DAY, close, entry, lines_of, open_books
from tieout.db.pool import Connection, Database
from tieout.ledger import store
from tieout.ledger.period import OpenDays, hold_periods, periods, set_period
from tieout.ledger.store import Posted
from tieout.masterdata import store as masterdata
from tieout.model.account import Account
from tieout.model.balance import Balance
from tieout.model.entry import EntryDraft, content_hash
from tieout.model.error import Conflict, PostingRefused
from tieout.model.money import AMOUNT_MINOR_MAX
from tieout.model.period import PeriodState

Accounts = Mapping[str, Account]


@pytest.fixture
def post(connection: Connection, accounts: Accounts) -> Callable[..., list[Posted]]:
    return lambda *drafts: store.post(connection, 1, drafts, accounts)


def test_an_entry_comes_back_as_it_was_posted(connection: Connection, post: Callable[..., list[Posted]]) -> None:
    draft = msgspec.structs.replace(
        entry("shop:order:1:placed"),
        lines=(
            msgspec.structs.replace(lines_of("1200 1000 item=order:1")[0], dimensions={"channel": "web", "é": "ß €"}),
            *lines_of("2300 -800 party=Ana; 1320.stripe 5 USD 4 item=txn:1; 4000 -5 USD -4; 2100 -200"),
        ),
        rate="1.25 ecb 2026-01-15",
        occurred_at=datetime(2026, 1, 15, 23, 59, 59, 999999, tzinfo=UTC),
        late=True,
        actor="ana",
        event_id=7,
    )
    (posted,) = post(draft)
    assert posted.key == "shop:order:1:placed"
    assert not posted.repeated
    (found,) = store.entries(connection, 1, [posted.entry_id])
    assert found.draft == draft
    assert found.content_hash == content_hash(draft) == content_hash(found.draft)
    assert store.count(connection, 1) == (1, 5)


def test_nothing_posts_nothing(connection: Connection, post: Callable[..., list[Posted]]) -> None:
    assert post() == []
    assert store.count(connection, 1) == (0, 0)


def test_the_same_key_and_content_is_a_repeat(connection: Connection, post: Callable[..., list[Posted]]) -> None:
    first, second = post(entry("a"), entry("b"))
    again = msgspec.structs.replace(entry("a"), actor="somebody else", event_id=99)
    assert post(again, entry("c"), entry("b"))[::2] == [
        Posted("a", first.entry_id, repeated=True),
        Posted("b", second.entry_id, repeated=True),
    ]
    assert store.count(connection, 1) == (3, 6)


@pytest.mark.parametrize(
    "other",
    [
        entry("a", "1200 1001; 4000 -1001"),
        entry("a", "1200 1000; 4050 -1000"),
        entry("a", on=DAY + timedelta(days=1)),
        msgspec.structs.replace(entry("a"), memo="Another memo"),
    ],
    ids=["amount", "account", "day", "memo"],
)
def test_the_same_key_with_other_content_is_a_conflict(
    connection: Connection, post: Callable[..., list[Posted]], other: EntryDraft
) -> None:
    (first,) = post(entry("a"))
    with pytest.raises(Conflict) as refused, connection.transaction():
        post(entry("b"), other)
    assert refused.value.where == f"ent_{first.entry_id}"
    for named in ("“a”", f"ent_{first.entry_id}", content_hash(entry("a")).hex()[:12], content_hash(other).hex()[:12]):
        assert named in refused.value.what
    assert store.count(connection, 1) == (1, 2), "the good one of the call is not there either"


def test_one_call_has_each_key_once(connection: Connection, post: Callable[..., list[Posted]]) -> None:
    with pytest.raises(Conflict, match="Two entries of one call have the same key"):
        post(entry("a"), entry("b"), entry("a"))
    assert store.count(connection, 1) == (0, 0)


def test_a_key_belongs_to_its_ledger(connection: Connection, post: Callable[..., list[Posted]]) -> None:
    other, accounts = open_books(connection, "second")
    post(entry("a"))
    (posted,) = store.post(connection, other, [entry("a", "1200 7; 4000 -7")], accounts)
    assert not posted.repeated
    assert [b.balance_minor for b in store.balances(connection, other)] == [7, -7]
    assert store.entries(connection, 1, [posted.entry_id]) == []


def test_numbers_follow_the_callers_order_not_the_keys(post: Callable[..., list[Posted]]) -> None:
    posted = post(*(entry(key) for key in ("z", "a", "m")))
    assert [p.key for p in posted] == ["z", "a", "m"]
    assert [p.entry_id for p in posted] == sorted(p.entry_id for p in posted)


@pytest.mark.parametrize(
    ("text", "constraint"),
    [
        ("1200 1000 EUR 1; 4000 -1000 EUR -1", "base_is_amount"),
        ("1200 1000; 4000 -1000", "period_is_open"),
    ],
)
def test_what_the_database_refuses_is_a_refusal(
    connection: Connection, post: Callable[..., list[Posted]], text: str, constraint: str
) -> None:
    close(connection, 1, date(2025, 12, 1), date(2025, 12, 31))
    with pytest.raises(PostingRefused, match="The ledger refused: ") as refused, connection.transaction():
        post(entry("good"), entry("a", text, on=date(2025, 12, 31)))
    assert refused.value.where == constraint
    assert store.count(connection, 1) == (0, 0)


def test_accounts_may_have_changed_since_they_were_read(
    connection: Connection, post: Callable[..., list[Posted]]
) -> None:
    connection.execute("update account set closed_on = '2026-01-10' where ledger_id = 1 and code = '4000'")
    with pytest.raises(PostingRefused) as refused:
        post(entry("a"))
    assert refused.value.where == "account_takes_line"


def test_an_entry_is_reversed_once_and_named(connection: Connection, post: Callable[..., list[Posted]]) -> None:
    (first,) = post(entry("a"))
    post(entry("a:reversed", "1200 -1000; 4000 1000", reverses=first.entry_id))
    post(entry("a:reversed", "1200 -1000; 4000 1000", reverses=first.entry_id))  # a repeat
    assert [b.balance_minor for b in store.balances(connection, 1)] == [0, 0]
    with pytest.raises(Conflict, match=f"ent_{first.entry_id} has been reversed already"), connection.transaction():
        post(entry("a:again", "1200 -1000; 4000 1000", reverses=first.entry_id))
    with pytest.raises(PostingRefused, match="does not take back what entry") as refused:
        post(entry("b", reverses=first.entry_id - 1))
    assert refused.value.where == "reversal_is_exact"


def test_a_balance_may_be_more_than_a_line_can_be(connection: Connection, post: Callable[..., list[Posted]]) -> None:
    """Two lines of the largest amount must not make the balance sheet unreadable for ever."""
    most = AMOUNT_MINOR_MAX
    post(entry("a", f"1200 {most}; 4000 -{most}"), entry("b", f"1200 {most}; 4000 -{most}"))
    assert store.balances(connection, 1, accounts=["1200"]) == [Balance("1200", "EUR", 2 * most, 2 * most)]
    assert store.sums_by_role(connection, 1, DAY, DAY) == [
        ("order_receivable", "EUR", 2 * most),
        ("sales", "EUR", -2 * most),
    ]


def test_balances_by_day_and_account(connection: Connection, post: Callable[..., list[Posted]]) -> None:
    one, two = DAY, DAY + timedelta(days=1)
    post(
        entry("a", on=two),
        entry("b", "1200 50 USD 40; 4000 -50 USD -40", on=one),
        entry("c", "1200 -1; 4000 1", on=one),
    )
    assert store.balances(connection, 1, until=one) == [
        Balance("1200", "EUR", -1, -1, one),
        Balance("1200", "USD", 50, 40, one),
        Balance("4000", "EUR", 1, 1, one),
        Balance("4000", "USD", -50, -40, one),
    ]
    assert store.balances(connection, 1, until=two, accounts=["1200"]) == [
        Balance("1200", "EUR", 999, 999, two),
        Balance("1200", "USD", 50, 40, two),
    ]
    assert store.balances(connection, 1, until=one - timedelta(days=1)) == []
    assert store.balances(connection, 1, accounts=[]) == []
    assert sorted(store.sums_by_role(connection, 1, two, two)) == [
        ("order_receivable", "EUR", 1000),
        ("sales", "EUR", -1000),
    ]


def test_pages_of_the_journal(connection: Connection, post: Callable[..., list[Posted]]) -> None:
    posted = post(
        entry("a", "1200 5; 4000 -5", on=date(2026, 1, 1)),
        entry("b", "1200 5 USD 4; 2300 -5 USD -4 party=Ana", on=date(2026, 1, 2)),
        msgspec.structs.replace(entry("100%", "5030 5; 1100.stripe -5", on=date(2026, 1, 3)), late=True),
    )
    ids = {p.key: p.entry_id for p in posted}

    def keys(limit: int = 10, **filters: Any) -> list[str]:
        return [e.draft.key for e in store.page(connection, 1, filters, limit)]

    assert keys() == ["100%", "b", "a"]
    assert keys(2) == ["100%", "b"]
    assert keys(before=ids["b"]) == ["a"]
    assert keys(since=date(2026, 1, 2)) == ["100%", "b"]
    assert keys(until=date(2026, 1, 2)) == ["b", "a"]
    assert keys(late=True) == ["100%"]
    assert keys(account="1200") == ["b", "a"]
    assert keys(account="1200", currency="USD") == ["b"]
    assert keys(party="Ana") == ["b"]
    assert keys(text="%100\\%%") == ["100%"]
    with pytest.raises(AssertionError, match="unknown filters"):
        keys(acount="1200")


def test_walking_the_journal_gives_every_entry_once(connection: Connection, post: Callable[..., list[Posted]]) -> None:
    post(*(entry(f"k{n}", on=DAY + timedelta(days=n % 3)) for n in range(25)))
    assert [e.draft.key for e in store.walk(connection, 1, DAY + timedelta(days=2), batch=7)] == [
        f"k{n}" for n in range(25)
    ]
    assert [e.draft.key for e in store.walk(connection, 1, DAY, batch=2)] == [f"k{n}" for n in range(0, 25, 3)]


def test_entries_lead_back_to_their_events(connection: Connection, post: Callable[..., list[Posted]]) -> None:
    row = connection.execute(
        "insert into event (ledger_id, key, kind, source_id, aggregate, occurred_at, content, content_hash)"
        " values (1, 'shop:1', 'order_placed', 1, 'a', now(), '{}', sha256('x')) returning id"
    ).fetchone()
    assert row is not None
    (posted,) = post(msgspec.structs.replace(entry("shop:1"), event_id=row[0]))
    post(entry("by hand"))
    assert store.of_events(connection, 1, [row[0], row[0] + 1]) == [(row[0], posted.entry_id)]


# ── Closed periods ────────────────────────────────────────────────────────────────────────────────────────────


def test_periods_are_opened_and_closed(connection: Connection) -> None:
    first, last = date(2026, 1, 1), date(2026, 1, 31)
    for state in (PeriodState.SOFT, PeriodState.OPEN, PeriodState.HARD):
        set_period(connection, 1, first, last, state, "ana")
        (period,) = periods(connection, 1)
        assert (period.first_day, period.last_day, period.area, period.state) == (first, last, "all", state)
    for state in PeriodState:
        with pytest.raises(PostingRefused, match="is closed for good"), connection.transaction():
            set_period(connection, 1, first, last, state, "ana")
    with pytest.raises(PostingRefused) as refused, connection.transaction():
        set_period(connection, 1, last, date(2026, 2, 28), PeriodState.SOFT, "ana")
    assert refused.value.where == "2026-01-31 to 2026-02-28"
    with pytest.raises(PostingRefused), connection.transaction():
        set_period(connection, 1, date(2026, 3, 2), date(2026, 3, 1), PeriodState.SOFT, "ana")


def test_a_soft_close_refuses_and_reopens(connection: Connection, post: Callable[..., list[Posted]]) -> None:
    close(connection, 1, DAY, DAY, PeriodState.SOFT)
    with pytest.raises(PostingRefused), connection.transaction():
        post(entry("a"))
    close(connection, 1, DAY, DAY, PeriodState.OPEN)
    assert not post(entry("a"))[0].repeated


def test_a_repeat_in_a_closed_period_is_still_a_repeat(
    connection: Connection, post: Callable[..., list[Posted]]
) -> None:
    (first,) = post(entry("a"))
    close(connection, 1, DAY, DAY)
    assert post(entry("a")) == [Posted("a", first.entry_id, repeated=True)]


days = st.integers(0, 60).map(lambda n: date(2026, 1, 1) + timedelta(days=n))
moves = st.lists(
    st.tuples(days, st.integers(1, 10**9), st.sampled_from(["4000", "2100", "2300"])), min_size=1, max_size=8
)


@given(before=moves, after=moves, last=days)
def test_a_closed_period_never_changes(url: str, before: list[Any], after: list[Any], last: date) -> None:
    """Whatever comes late, the books as of the closing day stay as they were, and what happened keeps its time."""
    with unit(url) as (connection, accounts):
        post_moves(connection, accounts, before, "early", lambda day: day)
        close(connection, 1, date(2025, 12, 1), last)
        closed = store.balances(connection, 1, until=last)
        entries = list(store.walk(connection, 1, last))
        drafts = post_moves(connection, accounts, after, "late", OpenDays(periods(connection, 1)))
        assert store.balances(connection, 1, until=last) == closed
        assert list(store.walk(connection, 1, last)) == entries
        assert store.count(connection, 1)[0] == len(before) + len(after)
        for draft, (day, _, _) in zip(drafts, after, strict=True):
            assert draft.effective_date == (day if day > last else last + timedelta(days=1))
            assert draft.occurred_at.date() == day


@given(found=moves, until=days)
def test_a_balance_is_the_fold_of_the_entries(url: str, found: list[Any], until: date) -> None:
    with unit(url) as (connection, accounts):
        drafts = post_moves(connection, accounts, found, "m", lambda day: day)
        fold: dict[tuple[str, str], int] = {}
        for draft in drafts:
            for line in draft.lines if draft.effective_date <= until else ():
                fold[line.account, line.currency] = fold.get((line.account, line.currency), 0) + line.amount_minor
        balances = store.balances(connection, 1, until=until)
        assert {(b.account, b.currency): b.balance_minor for b in balances} == fold
        assert sum(b.base_minor for b in balances) == 0


@given(found=moves, order=st.randoms(use_true_random=False))
def test_the_hash_of_the_books_does_not_depend_on_arrival(url: str, found: list[Any], order: Any) -> None:
    """In another order, in other batches, some of it twice: one hash. One minor unit more: another."""
    hashes = []
    for shuffled in (False, True):
        with unit(url) as (connection, accounts):
            drafts = [move(f"m{n}", *values) for n, values in enumerate(found)]
            if shuffled:
                order.shuffle(drafts)
                for draft in [*drafts, *drafts[:3]]:
                    store.post(connection, 1, [draft], accounts)
            else:
                store.post(connection, 1, drafts, accounts)
            hashes.append(store.ledger_hash(connection, 1))
            store.post(connection, 1, [move("more", DAY, 1, "4000")], accounts)
            assert store.ledger_hash(connection, 1) != hashes[-1]
    assert hashes[0] == hashes[1]


class unit:  # noqa: N801
    """A unit of work that is rolled back, for one example."""

    def __init__(self, url: str) -> None:
        self.connection: Connection = psycopg.connect(url)

    def __enter__(self) -> tuple[Connection, Accounts]:
        return self.connection, masterdata.accounts(self.connection, 1)

    def __exit__(self, *_: object) -> None:
        self.connection.rollback()
        self.connection.close()


def move(key: str, day: date, amount: int, account: str) -> EntryDraft:
    return entry(key, f"1200 {amount}; {account} -{amount}", on=day)


def post_moves(
    connection: Connection, accounts: Accounts, found: Sequence[Any], prefix: str, open_day: Callable[[date], date]
) -> list[EntryDraft]:
    drafts = [move(f"{prefix}{n}", *values) for n, values in enumerate(found)]
    dated = [msgspec.structs.replace(d, effective_date=open_day(d.effective_date)) for d in drafts]
    store.post(connection, 1, dated, accounts)
    return dated


# ── Several at once ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def several(database: Database) -> tuple[Database, Accounts]:
    """A database of the test's own, whose units commit."""
    with database.unit() as connection:
        _, accounts = open_books(connection)
    return database, accounts


def at_once(tasks: Sequence[Callable[[], Any]]) -> list[Any]:
    """Runs the tasks in threads that start together; gives results or what they raised."""
    barrier = threading.Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> Any:
        barrier.wait()
        try:
            return task()
        except Exception as error:  # noqa: BLE001
            return error

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(run, tasks))


def test_of_many_posting_one_fact_exactly_one_wins(several: tuple[Database, Accounts]) -> None:
    database, accounts = several

    def task() -> Posted:
        with database.unit() as connection:
            return store.post(connection, 1, [entry("a")], accounts)[0]

    for key_round in range(3):
        results = at_once([task] * 4)
        assert sorted(r.repeated for r in results) == [key_round > 0, True, True, True], results
        assert len({r.entry_id for r in results}) == 1


def test_of_many_posting_different_content_one_wins_and_the_others_hear_of_both(
    several: tuple[Database, Accounts],
) -> None:
    database, accounts = several

    def task(amount: int) -> Callable[[], Posted]:
        def run() -> Posted:
            with database.unit() as connection:
                return store.post(connection, 1, [entry("a", f"1200 {amount}; 4000 -{amount}")], accounts)[0]

        return run

    results = at_once([task(amount) for amount in (1, 2, 3, 4)])
    won = [r for r in results if isinstance(r, Posted)]
    assert len(won) == 1
    assert [type(r) for r in results if r not in won] == [Conflict] * 3, results
    assert {r.where for r in results if isinstance(r, Conflict)} == {f"ent_{won[0].entry_id}"}
    with database.unit() as connection:
        assert store.count(connection, 1) == (1, 2)


def test_two_batches_of_the_same_facts_the_other_way_round_do_not_wait_for_ever(
    several: tuple[Database, Accounts],
) -> None:
    """Without an order of keys this is a deadlock."""
    database, accounts = several

    def task(keys: Sequence[str]) -> Callable[[], list[Posted]]:
        def run() -> list[Posted]:
            with database.unit() as connection:
                return store.post(connection, 1, [entry(key) for key in keys], accounts)

        return run

    for turn in range(3):
        keys = [f"{turn}:{n}" for n in range(1000)]
        one, two = at_once([task(keys), task(keys[::-1])])
        assert {p.repeated for p in one} != {p.repeated for p in two}
        assert {p.key: p.entry_id for p in one} == {p.key: p.entry_id for p in two}


def waiting(database: Database) -> bool:
    """True once somebody waits for the books; gives up after five seconds."""
    for _ in range(500):
        with database.unit() as connection:
            if connection.execute("select 1 from pg_locks where locktype = 'advisory' and not granted").fetchone():
                return True
        threading.Event().wait(0.01)
    return False


def test_whoever_closes_waits_for_whoever_posts(several: tuple[Database, Accounts]) -> None:
    database, accounts = several
    with ThreadPoolExecutor(1) as pool:
        with database.unit() as connection:
            store.post(connection, 1, [entry("a")], accounts)
            closing: Future[None] = pool.submit(in_unit, database, lambda c: close(c, 1, DAY, DAY))
            assert waiting(database)
            assert not closing.done()
        closing.result(timeout=5)
    with database.unit() as connection:
        assert store.count(connection, 1) == (1, 2)
        with pytest.raises(PostingRefused), connection.transaction():
            store.post(connection, 1, [entry("b")], accounts)


def test_whoever_posts_waits_for_whoever_closes_and_is_refused(several: tuple[Database, Accounts]) -> None:
    database, accounts = several
    with ThreadPoolExecutor(1) as pool:
        with database.unit() as connection:
            close(connection, 1, DAY, DAY)
            posting = pool.submit(in_unit, database, lambda c: store.post(c, 1, [entry("a")], accounts))
            assert waiting(database)
            assert not posting.done()
        with pytest.raises(PostingRefused) as refused:
            posting.result(timeout=5)
    assert refused.value.where == "period_is_open"


def test_periods_that_are_held_do_not_move_before_the_entry_is_posted(several: tuple[Database, Accounts]) -> None:
    database, accounts = several
    with ThreadPoolExecutor(1) as pool:
        with database.unit() as connection:
            open_day = OpenDays(hold_periods(connection, 1))
            closing = pool.submit(in_unit, database, lambda c: close(c, 1, DAY, DAY))
            assert waiting(database)
            store.post(connection, 1, [entry("a", on=open_day(DAY))], accounts)
        closing.result(timeout=5)
    with database.unit() as connection:
        assert [e.draft.effective_date for e in store.walk(connection, 1, DAY)] == [DAY]
        assert OpenDays(hold_periods(connection, 1))(DAY) == DAY + timedelta(days=1)


def test_posting_around_the_program_waits_for_whoever_closes_too(several: tuple[Database, Accounts]) -> None:
    """The lock is taken by the trigger, so a writer that does not know of it cannot slip in between."""
    database, _ = several
    with ThreadPoolExecutor(1) as pool:
        with database.unit() as connection:
            close(connection, 1, DAY, DAY)
            posting = pool.submit(in_unit, database, insert_by_hand)
            assert waiting(database)
        with pytest.raises(psycopg.errors.CheckViolation, match="closed period"):
            posting.result(timeout=5)


def insert_by_hand(connection: Connection) -> None:
    connection.execute(
        "with e as (insert into entry (ledger_id, effective_date, occurred_at, line_count, idem_key, content_hash,"
        " rule_id, rule_version, why, memo, actor)"
        " values (1, %(day)s, now(), 2, 'k', sha256('x'), 'r', 1, 'w', 'm', 'a') returning id)"
        " insert into line (ledger_id, entry_id, line_no, account_id, currency, amount_minor, base_minor,"
        " effective_date) select 1, e.id, n, n, 'EUR', 3 - 2 * n, 3 - 2 * n, %(day)s from e, generate_series(1, 2) n",
        {"day": DAY},
    )


def in_unit(database: Database, task: Callable[[Connection], Any]) -> Any:
    with database.unit() as connection:
        return task(connection)
