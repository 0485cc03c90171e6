"""Links between entries: what the database lets one entry take back of another, whoever asks."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ledger.books import entry, open_books
from tieout.db.pool import Connection, Database
from tieout.ledger import link, store
from tieout.ledger.correction import Left
from tieout.masterdata import store as masterdata
from tieout.model.account import Account
from tieout.model.entry import EntryLink, LinkKind
from tieout.model.error import Conflict, PostingRefused

Accounts = Mapping[str, Account]
SALE = "1200 1000 item=order:1; 4000 -900; 2100 -100"


@pytest.fixture
def sale(connection: Connection, accounts: Accounts) -> int:
    (posted,) = store.post(connection, 1, [entry("sale", SALE)], accounts)
    return posted.entry_id


def take_back(
    connection: Connection, accounts: Accounts, of: int, text: str, key: str = "part", kind: str = "reverses_part"
) -> int:  # fmt: skip
    (posted,) = store.post(connection, 1, [entry(key, text)], accounts)
    link.put_link(connection, 1, EntryLink(posted.entry_id, LinkKind(kind), of))
    return posted.entry_id


def amounts(connection: Connection, of: int) -> list[int]:
    return [found.amount_minor for found in link.left(connection, 1, of)]


def test_all_is_left_of_what_nobody_took_back(connection: Connection, sale: int) -> None:
    assert link.left(connection, 1, sale) == [
        Left("1200", "EUR", None, "order:1", {}, 1000, 1000, (1,)),
        Left("4000", "EUR", None, None, {}, -900, -900, (2,)),
        Left("2100", "EUR", None, None, {}, -100, -100, (3,)),
    ]
    assert link.links(connection, 1, [sale]) == []


def test_part_after_part_until_nothing_is_left(connection: Connection, accounts: Accounts, sale: int) -> None:
    one = take_back(connection, accounts, sale, "1200 -600 item=order:1; 4000 550; 2100 50", "one")
    assert amounts(connection, sale) == [400, -350, -50]
    two = take_back(connection, accounts, sale, "1200 -400 item=order:1; 4000 350; 2100 50", "two")
    assert amounts(connection, sale) == [0, 0, 0]
    kind = LinkKind.REVERSES_PART
    assert link.links(connection, 1, [sale]) == [EntryLink(one, kind, sale), EntryLink(two, kind, sale)]
    assert link.links(connection, 1, [two]) == [EntryLink(two, kind, sale)]
    with pytest.raises(Conflict, match="takes more back than"), connection.transaction():
        take_back(connection, accounts, sale, "1200 -1 item=order:1; 4000 1", "three")


@pytest.mark.parametrize(
    "text",
    [
        "1200 -1001 item=order:1; 4000 900; 2100 101",  # more than there is
        "1200 -10 item=order:2; 4000 10",  # of another item
        "1200 -10; 4000 10",
        "1320.stripe -10; 4000 10",  # of another account
        "1200 -10 USD -9 item=order:1; 4000 10 USD 9",  # of another currency
        "1200 10 item=order:1; 4000 -10",  # the same way round
    ],
)
def test_a_part_is_of_what_was_booked(connection: Connection, accounts: Accounts, sale: int, text: str) -> None:
    with pytest.raises(Conflict, match=f"takes more back than entry {sale} booked"), connection.transaction():
        take_back(connection, accounts, sale, text)
    assert amounts(connection, sale) == [1000, -900, -100]


def test_not_in_part_and_whole(connection: Connection, accounts: Accounts, sale: int) -> None:
    with connection.transaction(force_rollback=True):
        take_back(connection, accounts, sale, "1200 -600 item=order:1; 4000 600")
        with pytest.raises(PostingRefused, match=f"a part of entry {sale} has been taken back already"):
            store.post(
                connection, 1, [entry("whole", "1200 -1000 item=order:1; 4000 900; 2100 100", reverses=sale)], accounts
            )
    whole = entry("whole", "1200 -1000 item=order:1; 4000 900; 2100 100", reverses=sale)
    (posted,) = store.post(connection, 1, [whole], accounts)
    assert amounts(connection, sale) == [0, 0, 0]
    assert link.links(connection, 1, [sale]) == [EntryLink(posted.entry_id, LinkKind.REVERSES, sale)]
    with pytest.raises(Conflict), connection.transaction():
        take_back(connection, accounts, sale, "1200 -600 item=order:1; 4000 600")


def test_only_what_is_back_is_replaced_and_only_once(connection: Connection, accounts: Accounts, sale: int) -> None:
    with pytest.raises(Conflict, match="has not been taken back"), connection.transaction():
        take_back(connection, accounts, sale, SALE, "new", "replaces")
    take_back(connection, accounts, sale, "1200 -600 item=order:1; 4000 600", "some")
    with pytest.raises(Conflict, match="has not been taken back"), connection.transaction():
        take_back(connection, accounts, sale, SALE, "new", "replaces")
    take_back(connection, accounts, sale, "1200 -400 item=order:1; 4000 300; 2100 100", "rest")
    new = take_back(connection, accounts, sale, SALE, "new", "replaces")
    assert EntryLink(new, LinkKind.REPLACES, sale) in link.links(connection, 1, [sale])
    with pytest.raises(Conflict), connection.transaction():
        take_back(connection, accounts, sale, SALE, "newer", "replaces")


def test_a_link_comes_with_its_entry_and_stays(database: Database) -> None:
    with database.unit() as connection:
        _, accounts = open_books(connection)
        of = store.post(connection, 1, [entry("sale", SALE)], accounts)[0].entry_id
    with database.unit() as connection:
        later = store.post(connection, 1, [entry("part", "1200 -10 item=order:1; 4000 10")], accounts)[0].entry_id
    with pytest.raises(Conflict, match="says later, or twice"), database.unit() as connection:
        link.put_link(connection, 1, EntryLink(later, LinkKind.REVERSES_PART, of))
    with database.unit() as connection:
        take_back(connection, accounts, of, "1200 -20 item=order:1; 4000 20", "now")
    for statement in ("delete from entry_link", "update entry_link set kind = 'replaces'", "truncate entry_link"):
        with pytest.raises(psycopg.errors.RestrictViolation), database.unit() as connection:
            connection.execute(statement.encode())
    with database.unit() as connection:
        assert amounts(connection, of) == [980, -880, -100]


@given(parts=st.lists(st.integers(1, 700), min_size=1, max_size=8))
def test_parts_are_taken_as_long_as_there_is_enough(url: str, parts: list[int]) -> None:
    with psycopg.connect(url) as connection:
        accounts = masterdata.accounts(connection, 1)
        of = store.post(connection, 1, [entry("sale", "1200 1000; 4000 -1000")], accounts)[0].entry_id
        rest = 1000
        for number, amount in enumerate(parts):
            try:
                with connection.transaction():
                    take_back(connection, accounts, of, f"1200 -{amount}; 4000 {amount}", f"p{number}")
                assert amount <= rest
                rest -= amount
            except Conflict:
                assert amount > rest
            assert amounts(connection, of) == [rest, -rest]
        connection.rollback()


def test_two_parts_at_once_are_not_more_than_the_whole(database: Database) -> None:
    """Ten at once want 300 of 1000 each; three get it."""
    with database.unit() as connection:
        _, accounts = open_books(connection)
        of = store.post(connection, 1, [entry("sale", "1200 1000; 4000 -1000")], accounts)[0].entry_id

    def take(number: int) -> bool:
        try:
            with database.unit() as connection:
                take_back(connection, accounts, of, "1200 -300; 4000 300", f"p{number}")
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(take, range(10))) == 3
    with database.unit() as connection:
        assert amounts(connection, of) == [100, -100]
