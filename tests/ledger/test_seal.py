"""The sealer: every entry in one block, whole units of work, in order, and one sealer at a time."""

import time
from collections.abc import Mapping

import psycopg
import pytest

from tests.ledger.books import entry, open_books
from tieout.ledger import seal, store
from tieout.ledger.merkle import climb, leaf_hash
from tieout.model.account import Account
from tieout.model.error import NotFound
from tieout.model.seal import NOTHING_BEFORE, Block

Books = tuple[str, Mapping[str, Account]]


@pytest.fixture
def books(database_url: str) -> Books:
    """Books of the test's own, as other connections see them."""
    with psycopg.connect(database_url) as connection:
        _, accounts = open_books(connection)
    return database_url, accounts


def post(books: Books, *keys: str) -> list[int]:
    """Posts entries in one unit of work."""
    url, accounts = books
    with psycopg.connect(url, options="-c timezone=UTC") as connection:
        return [found.entry_id for found in store.post(connection, 1, [entry(key) for key in keys], accounts)]


def seal_one(url: str, **given: int) -> Block | None:
    with psycopg.connect(url, options="-c timezone=UTC") as connection:
        return seal.seal(connection, 1, **given)


def until_sealed(url: str, **given: int) -> list[Block]:
    """Seals until nothing waits: other tests write on the same server and hold the horizon back for a moment."""
    found = []
    give_up = time.monotonic() + 30
    while True:
        block = seal_one(url, **given)
        if block is not None:
            found.append(block)
        with psycopg.connect(url) as connection:
            if not seal.lag(connection, 1).entries:
                return found
        assert time.monotonic() < give_up
        time.sleep(0.01)


def test_blocks_are_of_whole_units_of_work_and_follow_one_another(books: Books) -> None:
    first, second, third = post(books, "a", "b", "c"), post(books, "d"), post(books, "e", "f")
    one, two, three = until_sealed(books[0], limit=2)
    assert [(b.n, b.lines, b.debits) for b in (one, two, three)] == [
        (3, 6, {"EUR": 3000}), (1, 2, {"EUR": 1000}), (2, 4, {"EUR": 2000}),
    ]  # fmt: skip
    assert (three.entries_upto, three.lines_upto, three.debits_upto) == (6, 12, {"EUR": 6000})
    assert (one.prev_hash, two.prev_hash, three.prev_hash) == (NOTHING_BEFORE, one.hash, two.hash)
    assert (one.from_xid, two.from_xid, three.from_xid) == (0, one.to_xid, two.to_xid)
    assert [b.max_id for b in (one, two, three)] == [first[-1], second[-1], third[-1]]
    with psycopg.connect(books[0]) as connection:
        assert [(b, h) for b, h in seal.blocks(connection, 1)] == [(b, b.hash) for b in (one, two, three)]
        assert [b.block_no for b, _ in seal.newest(connection, 1, 2)] == [3, 2]
        head = seal.head(connection, 1, "craft")
    assert head is not None
    assert (head.ledger, head.block, head.hash, head.entries, head.debits) == (
        "craft", 3, three.hash.hex(), 6, {"EUR": "6000"},
    )  # fmt: skip


def test_nothing_makes_no_block(books: Books) -> None:
    assert seal_one(books[0]) is None
    with psycopg.connect(books[0]) as connection:
        assert seal.last_block(connection, 1) is None
        assert seal.head(connection, 1, "craft") is None
        assert seal.lag(connection, 1).since is None


def test_two_sealers_do_not_seal_the_same(books: Books) -> None:
    post(books, "a")
    with psycopg.connect(books[0]) as one:
        one.execute(seal._SQL.take_turn, {"ledger": 1})
        assert seal_one(books[0]) is None
    assert [block.n for block in until_sealed(books[0])] == [1]


def test_an_entry_that_commits_late_is_in_the_next_block(books: Books) -> None:
    """The unit of work that began first ends last: what came between waits for it, and nothing is passed over."""
    url, accounts = books
    with psycopg.connect(url, options="-c timezone=UTC") as slow:
        (late,) = store.post(slow, 1, [entry("late")], accounts)
        (quick,) = post(books, "quick")
        assert quick > late.entry_id
        assert seal_one(url) is None
    assert sum(block.n for block in until_sealed(url)) == 2


def test_pages_make_no_difference_to_a_proof(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seal, "PAGE_LEAVES", 4)
    numbers = post(books, *"abcdefghijk")
    (block,) = until_sealed(books[0])
    with psycopg.connect(books[0], options="-c timezone=UTC") as connection:
        assert connection.execute("select array_agg(n order by page_no) from seal_page").fetchall() == [([4, 4, 3],)]
        for number in numbers:
            proof = seal.inclusion(connection, 1, number)
            path = [(side, bytes.fromhex(beside)) for side, beside in proof.path]
            assert climb(leaf_hash(proof.leaf.encode()), path) == block.merkle_root
        with pytest.raises(NotFound, match="ent_999 is not sealed"):
            seal.inclusion(connection, 1, 999)


def test_accounts_are_sealed_once(books: Books) -> None:
    post(books, "a")
    post(books, "b")
    until_sealed(books[0], limit=1)
    with psycopg.connect(books[0]) as found:
        rows = found.execute("select block_no, count(*) from seal_account group by 1").fetchall()
    assert rows == [(1, len(books[1]))]


def test_anchors_are_recorded_by_place(books: Books) -> None:
    with psycopg.connect(books[0]) as connection:
        for number, place in ((1, "file:/a"), (2, "file:/a"), (1, "mailto:b@c.de")):
            seal.record_anchor(connection, 1, number, place, f"receipt {number}")
        seal.record_anchor(connection, 1, 2, "file:/a", "again")
        found = seal.anchored(connection, 1)
    assert {place: (number, receipt) for place, (number, _, receipt) in found.items()} == {
        "file:/a": (2, "receipt 2"),
        "mailto:b@c.de": (1, "receipt 1"),
    }


def test_one_that_may_only_use_the_database_can_seal(books: Books) -> None:
    """The server's identity can be asked for without special rights."""
    with psycopg.connect(books[0], autocommit=True) as connection:
        connection.execute("create role nobody_special")
        try:
            connection.execute("set role nobody_special")
            assert seal.cluster(connection) != ""
        finally:
            connection.execute("reset role")
            connection.execute("drop role nobody_special")


def test_sums_of_minor_units() -> None:
    assert seal.added({"EUR": 1}, {"USD": 2, "EUR": 3}) == {"EUR": 4, "USD": 2}
