"""Open items follow the journal, matches only grow, and the database holds what it promised."""

import threading
from datetime import UTC, date, datetime
from typing import Any

import psycopg
import pytest

from tests.ledger.books import entry
from tieout.db.pool import Connection, Database
from tieout.ledger import store as ledger
from tieout.masterdata import store as masterdata
from tieout.model.error import ResolutionRefused
from tieout.model.match import Allocation, MatchDraft, NamedItem, Naming
from tieout.reconciliation import store
from tieout.reconciliation.store import ItemRow

RUN = {
    "as_of": date(2026, 1, 31), "started": datetime(2026, 2, 1, tzinfo=UTC), "engine": "duckdb", "version": "1",
    "rules": "r", "result": "h", "items": 3, "matches": 1,
}  # fmt: skip


def post(connection: Connection, key: str, text: str = "1200 1000 item=order:1; 4000 -1000") -> int:
    (posted,) = ledger.post(connection, 1, [entry(key, text)], masterdata.accounts(connection, 1))
    return posted.entry_id


def items(connection: Connection, **filters: Any) -> list[ItemRow]:
    return store.open_items(connection, 1, **filters)


def figures(connection: Connection, **filters: Any) -> list[tuple[str, str, str, int, int]]:
    return [
        (r.item.account, r.item.currency, r.item.item, r.item.amount_minor, r.item.open_minor)
        for r in items(connection, **filters)
    ]


def tie(connection: Connection, *allocations: tuple[int, int], account: str = "1200", currency: str = "EUR") -> int:
    number = masterdata.accounts(connection, 1)[account].id
    draft = MatchDraft(
        account, currency, "item", 1, "order:1", tuple(Allocation(i, a) for i, a in allocations), "Because.",
        {"key": "order:1", "items": str(len(allocations))},
    )  # fmt: skip
    (match,) = store.record_matches(connection, 1, [(number, draft)], None, "anna")
    return match


@pytest.fixture
def pair(connection: Connection) -> tuple[int, int]:
    """Two items of one order that come to zero."""
    post(connection, "a")
    post(connection, "b", "1310.stripe 1000 item=charge:1; 1200 -1000 item=order:1")
    store.project(connection, 1)
    one, two = [r.item.id for r in items(connection, account="1200")]
    return one, two


# ── In base currency ──────────────────────────────────────────────────────────────────────────────────────────────


def worth(connection: Connection) -> list[tuple[int, int, int, int]]:
    return [
        (r.item.amount_minor, r.item.base_minor, r.item.open_minor, r.item.open_base_minor)
        for r in items(connection, closed_too=True)
    ]


def test_a_part_takes_its_share_and_the_last_part_the_rest(connection: Connection) -> None:
    """Three thirds of 1.00 EUR: 33, 34 and 33 cents, so that nothing is left."""
    post(connection, "a", "1200 300 USD 100 item=o; 4000 -300 USD -100")
    post(connection, "b", "1200 -300 USD -95 item=o; 4000 300 USD 95")
    store.project(connection, 1)
    one, two = [r.item.id for r in items(connection)]
    for open_minor, open_base, left in ((200, 67, -63), (100, 33, -32), (0, 0, 0)):
        tie(connection, (one, 100), (two, -100), currency="USD")
        assert worth(connection) == [(300, 100, open_minor, open_base), (-300, -95, -open_minor, left)]
    assert [d.base_minor for d in store.differences(connection, 1)] == [1, 3, 1]
    store.move_realised(connection, 1)
    assert store.differences(connection, 1) == []


def test_a_match_taken_back_gives_each_item_what_it_took(connection: Connection) -> None:
    post(connection, "a", "1200 300 USD 100 item=o; 4000 -300 USD -100")
    post(connection, "b", "1200 -300 USD -95 item=o; 4000 300 USD 95")
    store.project(connection, 1)
    one, two = [r.item.id for r in items(connection)]
    first = tie(connection, (one, 100), (two, -100), currency="USD")
    tie(connection, (one, 200), (two, -200), currency="USD")
    store.reverse_match(connection, 1, first, "Not that.", "anna")
    assert worth(connection) == [(300, 100, 100, 33), (-300, -95, -100, -32)]
    assert [(d.base_minor, d.reverses_id) for d in store.differences(connection, 1)] == [
        (1, None),
        (4, None),
        (-1, first),
    ]
    tie(connection, (one, 100), (two, -100), currency="USD")
    assert worth(connection) == [(300, 100, 0, 0), (-300, -95, 0, 0)]


def test_parts_of_one_item_in_one_call_add_up_too(connection: Connection) -> None:
    post(connection, "a", "1200 300 USD 100 item=o; 4000 -300 USD -100")
    post(connection, "b", "1200 -150 USD -50 item=p; 1200 -150 USD -50 item=q; 4000 300 USD 100")
    store.project(connection, 1)
    one, two, three = [r.item.id for r in items(connection)]
    number = masterdata.accounts(connection, 1)["1200"].id
    drafts = [
        (
            number,
            MatchDraft("1200", "USD", "item", 1, "o", (Allocation(one, 150), Allocation(other, -150)), "Because.", {}),
        )
        for other in (two, three)
    ]
    store.record_matches(connection, 1, drafts, None, "anna")
    assert {left for _, _, _, left in worth(connection)} == {0}
    assert store.differences(connection, 1) == []


def test_what_is_tied_wholly_is_tied_wholly_in_base_currency(connection: Connection) -> None:
    """The database itself refuses an allocation that leaves a rest behind on an item that is closed."""
    post(connection, "a", "1200 300 USD 100 item=o; 1200 -300 USD -100 item=p")
    store.project(connection, 1)
    one, two = [r.item.id for r in items(connection)]
    with pytest.raises(
        psycopg.errors.CheckViolation, match="worth 100 minor units of base currency and would be tied by 99"
    ):
        connection.execute(
            "with m as (insert into match"
            " (ledger_id, account_id, currency, pass_id, pass_version, key, why, evidence, actor)"
            " select 1, id, 'USD', 'x', 1, 'x', 'x', '{}', 'x' from account where code = '1200' returning id)"
            " insert into allocation (ledger_id, match_id, item_id, amount_minor, base_minor)"
            " select 1, m.id, t.* from m, (values (%s, 300, 99), (%s, -300, -100)) as t",
            (one, two),
        )


@pytest.mark.parametrize(
    ("base", "part", "whole", "share"),
    [(100, 1, 3, 33), (100, 2, 3, 67), (-100, 2, 3, -67), (100, -2, -3, 67), (5, 1, 2, 3), (-5, 1, 2, -3), (0, 1, 2, 0),
     (7, 9, 7, 9), (2**62, 2**61, 2**62 - 1, 2**61 + 1), (1, 5, 10, 1), (1, 4, 10, 0)],
)  # fmt: skip
def test_the_share_of_a_part_is_exact(connection: Connection, base: int, part: int, whole: int, share: int) -> None:
    row = connection.execute("select base_share(%s, %s::numeric, %s)", (base, part, whole)).fetchone()
    assert row is not None
    assert int(row[0]) == share


# ── Following the journal ─────────────────────────────────────────────────────────────────────────────────────────


def test_lines_on_clearing_accounts_become_items(connection: Connection) -> None:
    number = post(connection, "a", "1320.stripe 950 item=txn:1; 5000 50; 1310.stripe -1000 item=charge:1")
    assert store.project(connection, 1) == 2
    assert figures(connection) == [
        ("1310.stripe", "EUR", "charge:1", -1000, -1000),
        ("1320.stripe", "EUR", "txn:1", 950, 950),
    ]
    (first, _) = items(connection)
    assert (first.role, first.scope, first.item.entry_id, first.item.event_id) == ("captured", "stripe", number, None)
    assert (first.kind, first.facts, first.references) == ("case_resolved", {}, ())
    assert store.project(connection, 1) == 0, "once is enough"


def test_lines_of_one_name_are_one_item_and_what_cancels_is_none(connection: Connection) -> None:
    post(connection, "a", "1200 600 item=order:1; 1200 400 item=order:1; 1200 -1000 item=order:2; 1200 5; 4000 -5")
    post(connection, "b", "1200 7 item=order:3; 1200 -7 item=order:3")
    store.project(connection, 1)
    (own,) = [r.item.entry_id for r in items(connection) if r.item.item == "order:1"]
    assert sorted(figures(connection)) == [
        ("1200", "EUR", f"entry:{own}", 5, 5), ("1200", "EUR", "order:1", 1000, 1000),
        ("1200", "EUR", "order:2", -1000, -1000),
    ]  # fmt: skip


def test_currencies_are_never_added_up(connection: Connection) -> None:
    post(
        connection, "a", "1200 1000 EUR 1000 item=o; 1200 500 USD 450 item=o; 4000 -1000 EUR -1000; 4000 -500 USD -450"
    )
    store.project(connection, 1)
    assert figures(connection) == [("1200", "EUR", "o", 1000, 1000), ("1200", "USD", "o", 500, 500)]
    assert figures(connection, currency="USD") == [("1200", "USD", "o", 500, 500)]


def test_a_late_committer_is_never_passed_over(books: Database) -> None:
    """The entry with the smaller number commits last. A projection that only looks at numbers would lose it."""
    started, numbered = threading.Event(), threading.Event()
    projected: list[int] = []

    def slow_poster() -> None:
        with books.unit() as connection:
            post(connection, "slow", "1200 1 item=order:slow; 4000 -1")
            numbered.set()
            started.wait(10)

    def projector() -> None:
        with books.unit() as connection:
            projected.append(store.project(connection, 1))

    slow = threading.Thread(target=slow_poster)
    slow.start()
    numbered.wait(10)
    with books.unit() as connection:
        post(connection, "fast", "1200 2 item=order:fast; 4000 -2")
    reader = threading.Thread(target=projector)
    reader.start()
    reader.join(0.3)
    assert reader.is_alive(), "the projection waits for the poster under way"
    started.set()
    slow.join()
    reader.join()
    with books.unit() as connection:
        assert (projected, store.project(connection, 1)) == ([2], 0)
        assert [r.item.item for r in items(connection)] == ["order:slow", "order:fast"]


def test_an_entry_that_is_rolled_back_leaves_no_item_and_no_gap(books: Database) -> None:
    class Abort(Exception):
        """The unit of work fails."""

    def fail() -> None:
        with books.unit() as connection:
            post(connection, "gone", "1200 1 item=order:gone; 4000 -1")
            raise Abort

    with pytest.raises(Abort):
        fail()
    with books.unit() as connection:
        post(connection, "kept", "1200 2 item=order:kept; 4000 -2")
    with books.unit() as connection:
        assert store.project(connection, 1) == 1
        assert [r.item.item for r in items(connection)] == ["order:kept"]


def test_one_entry_can_be_projected_ahead_and_is_not_doubled_later(connection: Connection) -> None:
    post(connection, "a", "1200 1 item=order:1; 4000 -1")
    number = post(connection, "b", "1200 2 item=order:2; 4000 -2")
    assert [r.item.item for r in store.project_entry(connection, 1, number)] == ["order:2"]
    assert store.project(connection, 1) == 1
    assert sorted(r.item.item for r in items(connection)) == ["order:1", "order:2"]


# ── Matches ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_match_closes_its_items(connection: Connection, pair: tuple[int, int]) -> None:
    match = tie(connection, (pair[0], 1000), (pair[1], -1000))
    assert figures(connection, account="1200") == []
    assert figures(connection, account="1200", closed_too=True) == [
        ("1200", "EUR", "order:1", 1000, 0), ("1200", "EUR", "order:1", -1000, 0),
    ]  # fmt: skip
    (found,) = store.matches(connection, 1, [match])
    assert (found.draft.account, found.draft.currency, found.draft.key, found.actor) == (
        "1200",
        "EUR",
        "order:1",
        "anna",
    )
    assert found.draft.allocations == (Allocation(pair[0], 1000), Allocation(pair[1], -1000))
    assert dict(found.draft.evidence) == {"key": "order:1", "items": "2"}
    assert store.matches_of_items(connection, 1, list(pair)) == [(match, pair[0]), (match, pair[1])]
    assert [m.id for m in store.match_page(connection, 1, None, 5)] == [match]
    assert store.match_page(connection, 1, match, 5) == []


def test_an_item_may_be_tied_in_parts(connection: Connection) -> None:
    post(connection, "a", "1200 1000 item=order:1; 4000 -1000")
    post(connection, "b", "1310.stripe 300 item=charge:1; 1200 -300 item=order:1")
    store.project(connection, 1)
    one, two = [r.item.id for r in items(connection, account="1200")]
    tie(connection, (one, 300), (two, -300))
    assert figures(connection, account="1200") == [("1200", "EUR", "order:1", 1000, 700)]


@pytest.mark.parametrize(
    ("amounts", "rule"),
    [
        ((1000, -999), "match_balances"),
        ((1001, -1001), "item_is_tied_once"),
        ((-1000, 1000), "item_is_tied_once"),
        ((2000, -2000), "item_is_tied_once"),
    ],
)
def test_the_database_refuses_a_match_that_is_off(
    connection: Connection, pair: tuple[int, int], amounts: tuple[int, int], rule: str
) -> None:
    with (
        pytest.raises(ResolutionRefused, match="These items cannot be tied together") as caught,
        connection.transaction(),
    ):
        tie(connection, (pair[0], amounts[0]), (pair[1], amounts[1]))
    assert caught.value.where == rule
    assert len(figures(connection, account="1200")) == 2


def test_the_database_refuses_an_item_that_is_tied_already(connection: Connection, pair: tuple[int, int]) -> None:
    tie(connection, (pair[0], 1000), (pair[1], -1000))
    with pytest.raises(ResolutionRefused), connection.transaction():
        tie(connection, (pair[0], 1000), (pair[1], -1000))


@pytest.mark.parametrize("number", [0, 999_999])
def test_the_database_refuses_items_that_are_none(connection: Connection, pair: tuple[int, int], number: int) -> None:
    with pytest.raises((ResolutionRefused, psycopg.errors.IntegrityError)), connection.transaction():
        tie(connection, (pair[0], 1000), (number, -1000))


def test_the_database_refuses_to_mix_accounts_and_currencies(connection: Connection, pair: tuple[int, int]) -> None:
    post(connection, "c", "1310.stripe -1000 item=charge:9; 4000 1000")
    post(connection, "d", "1200 -1000 USD -900 item=order:1; 4000 1000 USD 900")
    store.project(connection, 1)
    others = [r.item.id for r in items(connection) if r.item.item == "charge:9" or r.item.currency == "USD"]
    assert len(others) == 2
    for other in others:
        with pytest.raises(ResolutionRefused), connection.transaction():
            tie(connection, (pair[0], 1000), (other, -1000))


def test_two_who_tie_the_same_items_at_once(books: Database) -> None:
    """Both see them open; the second waits for the first and is refused."""
    with books.unit() as connection:
        post(connection, "a")
        post(connection, "b", "1310.stripe 1000 item=charge:1; 1200 -1000 item=order:1")
        store.project(connection, 1)
        one, two = [r.item.id for r in items(connection, account="1200")]
    outcomes: list[str] = []
    start = threading.Barrier(3)

    def person() -> None:
        start.wait()
        try:
            with books.unit() as connection:
                tie(connection, (one, 1000), (two, -1000))
            outcomes.append("tied")
        except ResolutionRefused as error:
            outcomes.append(error.where)

    people = [threading.Thread(target=person) for _ in range(3)]
    for one_person in people:
        one_person.start()
    for one_person in people:
        one_person.join()
    assert sorted(outcomes) == ["item_is_tied_once", "item_is_tied_once", "tied"]


def test_a_match_that_is_taken_back_opens_its_items_and_stays_on_record(
    connection: Connection, pair: tuple[int, int]
) -> None:
    match = tie(connection, (pair[0], 1000), (pair[1], -1000))
    reversal = store.reverse_match(connection, 1, match, "Another order.", "anna")
    assert [figure[3:] for figure in figures(connection, account="1200")] == [(1000, 1000), (-1000, -1000)]
    (found,) = store.matches(connection, 1, [reversal])
    assert (found.reverses_id, found.draft.why, found.actor) == (match, "Another order.", "anna")
    assert found.draft.allocations == (Allocation(pair[0], -1000), Allocation(pair[1], 1000))
    assert store.taken_back(connection, 1) == {frozenset(pair)}
    for again in (match, reversal, 999_999):
        with pytest.raises(ResolutionRefused, match="taken back already"), connection.transaction():
            store.reverse_match(connection, 1, again, "Once more.", "anna")
    tie(connection, (pair[0], 1000), (pair[1], -1000))
    assert figures(connection, account="1200") == []


def test_matches_cannot_be_changed(connection: Connection, pair: tuple[int, int]) -> None:
    tie(connection, (pair[0], 1000), (pair[1], -1000))
    for statement in (
        "update match set why = 'x'", "delete from match", "truncate match", "update allocation set amount_minor = 1",
        "delete from allocation", "truncate allocation",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.RestrictViolation), connection.transaction():
            connection.execute(statement)


# ── Names, runs and the proof ─────────────────────────────────────────────────────────────────────────────────────


def test_names_are_those_of_the_last_run(connection: Connection, pair: tuple[int, int]) -> None:
    run = store.record_run(connection, 1, RUN)
    named = NamedItem(pair[0], Naming.TRANSIT, "on its way", date(2026, 2, 3))
    store.replace_names(connection, 1, run, [named, NamedItem(pair[1], Naming.EXCEPTION, "order_unpaid", None, 7)])
    assert store.names(connection, 1, pair)[pair[0]] == named
    store.replace_names(connection, 1, run, [named])
    assert list(store.names(connection, 1, pair)) == [pair[0]]
    (found,) = [store.run(connection, 1, run)]
    assert found is not None
    assert (found.as_of, found.items, found.matches, found.result_hash) == (date(2026, 1, 31), 3, 1, "h")
    assert store.last_run(connection, 1) == found
    assert store.run(connection, 1, run + 1) is None


def test_what_nobody_named_is_unexplained(connection: Connection) -> None:
    """The proof subtracts the named items from the fold of the lines: what is forgotten shows, to the minor unit."""
    post(connection, "a", "1200 1000 item=order:1; 4000 -1000")
    post(connection, "b", "1200 1 item=order:2; 4000 -1")
    post(connection, "c", "1200 -30 item=order:3; 4000 30")
    store.project(connection, 1)
    first, _, third = [r.item.id for r in items(connection)]
    run = store.record_run(connection, 1, RUN)

    def line(*named: NamedItem) -> tuple[int, ...]:
        store.replace_names(connection, 1, run, named)
        (found,) = store.proof_lines(connection, 1)
        return (
            found.balance_minor, found.transit_minor, found.disputed_minor, found.reserved_minor,
            found.exceptions_minor, found.unexplained_minor, found.items,
        )  # fmt: skip

    assert line() == (971, 0, 0, 0, 0, 971, 0)
    assert line(NamedItem(first, Naming.TRANSIT, "x")) == (971, 1000, 0, 0, 0, -29, 1)
    two = (NamedItem(first, Naming.DISPUTED, "x"), NamedItem(third, Naming.EXCEPTION, "y"))
    assert line(*two) == (971, 0, 1000, 0, -30, 1, 2)
    reserved = NamedItem(first, Naming.RESERVED, "x")
    assert line(reserved) == (971, 0, 0, 1000, 0, -29, 1)


def test_an_entry_that_has_no_item_yet_shows_in_the_proof(connection: Connection) -> None:
    """Balances are folded from the lines, not from the items: a projection that lags cannot hide it."""
    post(connection, "a")
    (found,) = store.proof_lines(connection, 1)
    assert (found.balance_minor, found.unexplained_minor, found.items) == (1000, 1000, 0)


def test_the_proof_counts_what_is_tied_now(connection: Connection, pair: tuple[int, int]) -> None:
    def tied() -> dict[str, int]:
        return {line.account: line.tied_minor for line in store.proof_lines(connection, 1)}

    assert tied() == {"1200": 0, "1310.stripe": 0}
    match = tie(connection, (pair[0], 400), (pair[1], -400))
    assert tied()["1200"] == 400
    tie(connection, (pair[0], 600), (pair[1], -600))
    assert tied()["1200"] == 1000
    store.reverse_match(connection, 1, match, "Wrong.", "anna")
    assert tied()["1200"] == 600


def test_a_named_item_that_a_person_has_tied_since_is_not_counted(
    connection: Connection, pair: tuple[int, int]
) -> None:
    run = store.record_run(connection, 1, RUN)
    store.replace_names(connection, 1, run, [NamedItem(i, Naming.EXCEPTION, "x") for i in pair])
    tie(connection, (pair[0], 1000), (pair[1], -1000))
    found = {
        line.account: (line.balance_minor, line.unexplained_minor, line.items)
        for line in store.proof_lines(connection, 1)
    }
    assert found["1200"] == (0, 0, 0)


@pytest.mark.parametrize("level", ["read committed", "repeatable read"])
def test_two_who_tie_one_item_at_once_do_not_tie_it_twice(books: Database, level: str) -> None:
    """Both see the item open; the one who comes second is refused, at any isolation level."""
    with books.unit() as connection:
        for key, text in (("a", "1200 100 item=o; 4000 -100"), ("b", "1200 -100 item=p; 1200 -100 item=q; 4000 200")):
            post(connection, key, text)
        store.project(connection, 1)
        one, two, three = [r.item.id for r in items(connection)]
    with psycopg.connect(books.url) as slow, psycopg.connect(books.url) as fast:
        for connection in (slow, fast):
            connection.execute(f"set transaction isolation level {level}")
            connection.execute("select count(*) from open_item")
        tie(fast, (one, 100), (two, -100))
        refused: list[Exception] = []

        def come_second() -> None:
            try:
                tie(slow, (one, 100), (three, -100))
            except (ResolutionRefused, psycopg.errors.SerializationFailure) as error:
                refused.append(error)

        waiting = threading.Thread(target=come_second)
        waiting.start()
        fast.commit()
        waiting.join(timeout=20)
        assert len(refused) == 1
        slow.rollback()
    with books.unit() as connection:
        assert figures(connection) == [("1200", "EUR", "q", -100, -100)]
