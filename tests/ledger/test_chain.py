"""The chain, looked at a few leaves at a time: wherever the cuts fall, an entry is looked at once."""

from collections.abc import Mapping
from itertools import pairwise

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ledger.books import entry, open_books
from tests.ledger.test_seal import Books, post, until_sealed
from tieout.ledger import chain, seal
from tieout.ledger.chain import Links, Stretched
from tieout.model.account import Account
from tieout.model.seal import Flaw


@pytest.fixture(scope="module")
def books(fresh_database) -> Books:
    """Eight blocks of one to eight entries, on pages of two leaves."""
    url = fresh_database()
    with psycopg.connect(url) as connection:
        accounts: Mapping[str, Account] = open_books(connection)[1]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seal, "PAGE_LEAVES", 2)
        for size in range(1, 9):
            post((url, accounts), *(f"{size}:{n}" for n in range(size)))
            until_sealed(url)
    return url, accounts


def look(url: str, leaves: int, pages: int, *edits: str) -> tuple[list[tuple[str, str]], Links, list[int]]:
    """Edits, looks at the chain, and takes the edits back."""
    with psycopg.connect(url, options="-c timezone=UTC") as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(chain, "LEAVES", leaves)
        patch.setattr(chain, "_PAGES", pages)
        patch.setattr(chain, "_BLOCKS", 3)
        patch.setattr(seal, "PAGE_LEAVES", 2)
        connection.execute("set session_replication_role = replica")
        for edit in edits:
            connection.execute(edit.encode())
        links = Links(connection, 1)
        sizes = []
        for task in chain.stretches(connection, 1):
            found = task(connection)
            sizes.append(sum(n for _, _, n in found.roots))
            links.follow(found)
        links.end()
        connection.rollback()
    return [(flaw.where, flaw.what) for flaw in links.flaws], links, sizes


@given(st.integers(1, 40), st.integers(1, 20))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_however_it_is_cut_it_holds(books: Books, leaves: int, pages: int) -> None:
    flaws, links, sizes = look(books[0], leaves, pages)
    assert flaws == []
    assert (links.blocks, sum(sizes)) == (8, 36)
    assert links.last is not None
    assert links.last.entries_upto == 36
    assert max(sizes) <= max(leaves, 2)


EDITS = {
    "edited": "update entry set actor = 'mallory' where id = ",
    "removed": "delete from entry where id = ",
    "moved": "update entry set txid = '3' where id = ",
}


@given(st.integers(1, 40), st.integers(1, 36), st.sampled_from(sorted(EDITS)))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
def test_however_it_is_cut_the_entry_is_named(books: Books, leaves: int, place: int, how: str) -> None:
    with psycopg.connect(books[0]) as connection:
        ((number,),) = connection.execute("select id from entry order by id offset %s limit 1", (place - 1,)).fetchall()
    flaws, _, _ = look(books[0], leaves, 20, EDITS[how] + str(number))
    block = next(n for n in range(1, 9) if place <= n * (n + 1) // 2)
    said = {where: what for where, what in flaws if what.startswith(("is ", "was "))}
    assert set(said) == {f"ent_{number}"}
    if how == "edited":
        assert said[f"ent_{number}"] == f"is not what was sealed in block {block}"
    elif how == "removed":
        assert said[f"ent_{number}"] == f"is sealed in block {block}, and is not there any more"


def test_leaves_in_another_order(books: Books) -> None:
    """The same leaves with two changed places on a page make another root."""
    swap = (
        "update seal_page set ids = substr(ids, 9, 8) || substr(ids, 1, 8),"
        " leaves = substr(leaves, 33, 32) || substr(leaves, 1, 32) where block_no = 4 and page_no = 0"
    )
    flaws, _, _ = look(books[0], 40, 20, swap)
    assert flaws == [
        ("seals", "the leaves of a block stand in another order than its entries"),
        ("block 4", "its leaves are not those that were sealed"),
    ]


def test_what_a_block_goes_on_from(books: Books) -> None:
    with psycopg.connect(books[0]) as connection:
        blocks = [block for block, _ in seal.blocks(connection, 1)]
    assert chain._goes_on(None, blocks[0])
    assert all(chain._goes_on(before, block) for before, block in pairwise(blocks))
    assert not chain._goes_on(blocks[0], blocks[2])
    assert not chain._goes_on(None, blocks[1])


def test_a_stretch_is_its_roots_and_its_flaws() -> None:
    assert Stretched([], [Flaw("ent_1", "is gone")]).flaws[0].where == "ent_1"
    assert entry("a").key == "a"
