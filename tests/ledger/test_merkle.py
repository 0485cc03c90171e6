"""Merkle trees: those of RFC 6962, whatever the pages, and a path leads from every leaf to the root."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.ledger import merkle
from tieout.ledger.merkle import climb, leaf_hash, node_hash, path_of, root_of, split

#: The tree of RFC 6962, section 2.1.3, over seven leaves d0 to d6.
SEVEN = [leaf_hash(bytes([n])) for n in range(7)]


def by_definition(hashes: list[bytes]) -> bytes:
    """The recursion of RFC 6962: split at the largest power of two below the number of leaves."""
    if len(hashes) == 1:
        return hashes[0]
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return node_hash(by_definition(hashes[:k]), by_definition(hashes[k:]))


def test_a_leaf_and_a_node_are_told_apart() -> None:
    assert leaf_hash(b"") == bytes.fromhex("6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
    assert node_hash(SEVEN[0], SEVEN[1]) == sha256(b"\1" + SEVEN[0] + SEVEN[1]).digest()
    assert leaf_hash(SEVEN[0] + SEVEN[1]) != node_hash(SEVEN[0], SEVEN[1])


def test_the_paths_of_the_rfc() -> None:
    """PATH(0), PATH(3), PATH(4) and PATH(6) of the RFC's example, in its letters."""
    a, b, c = node_hash(SEVEN[0], SEVEN[1]), SEVEN[0], SEVEN[1]
    d4, d6 = SEVEN[4], SEVEN[6]
    g, h = a, node_hash(SEVEN[2], SEVEN[3])
    i, k = node_hash(SEVEN[4], SEVEN[5]), node_hash(g, h)
    right = node_hash(i, d6)
    assert path_of(SEVEN, 0) == [("right", c), ("right", h), ("right", right)]
    assert path_of(SEVEN, 3) == [("left", SEVEN[2]), ("left", g), ("right", right)]
    assert path_of(SEVEN, 4) == [("right", SEVEN[5]), ("right", d6), ("left", k)]
    assert path_of(SEVEN, 6) == [("left", i), ("left", k)]
    assert (b, d4) == (SEVEN[0], SEVEN[4])
    assert root_of(SEVEN) == node_hash(k, right)


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70))
def test_level_by_level_is_the_recursion(contents: list[bytes]) -> None:
    hashes = [leaf_hash(content) for content in contents]
    assert root_of(hashes) == by_definition(hashes)
    assert split(b"".join(hashes)) == hashes


@given(st.integers(1, 70), st.sampled_from([1, 2, 4, 8, 16]))
def test_pages_of_a_power_of_two_make_no_difference(n: int, page: int) -> None:
    hashes = [leaf_hash(bytes([number])) for number in range(n)]
    assert root_of([root_of(hashes[at : at + page]) for at in range(0, n, page)]) == root_of(hashes)


def test_a_page_is_a_power_of_two() -> None:
    assert merkle.PAGE_LEAVES.bit_count() == 1


@given(st.integers(1, 40), st.data())
def test_every_path_leads_to_the_root_and_no_other_leaf_takes_it(n: int, data: st.DataObject) -> None:
    hashes = [leaf_hash(bytes([number])) for number in range(n)]
    place = data.draw(st.integers(0, n - 1))
    path = path_of(hashes, place)
    assert climb(hashes[place], path) == root_of(hashes)
    assert climb(leaf_hash(b"another"), path) != root_of(hashes)


def test_no_leaves_have_no_root() -> None:
    with pytest.raises(AssertionError):
        root_of([])
