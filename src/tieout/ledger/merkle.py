"""Merkle trees over the entries of a block, as in RFC 6962 (Certificate Transparency), section 2.1.

A leaf is hashed with a 0 before it and a node with a 1, so that neither can be passed off as the other. Pairing
neighbours level by level, with an odd one going up as it is, gives the tree of the RFC; so a tree whose leaves stand
in pages of a power of two has, as its root, the root over the roots of the pages.
"""

from collections.abc import Sequence
from hashlib import sha256

HASH_BYTES = 32
#: Leaves on a page: a power of two.
PAGE_LEAVES = 4096


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\0" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two."""
    return sha256(b"\1" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """The root over leaves, or over the roots of pages that are all full but the last."""
    assert hashes, "a tree has a leaf"
    level = list(hashes)
    while len(level) > 1:
        level = _above(level)
    return level[0]


def _above(level: list[bytes]) -> list[bytes]:
    pairs = zip(level[::2], level[1::2], strict=False)
    return [sha256(b"\1" + left + right).digest() for left, right in pairs] + level[len(level) & ~1 :]


def split(hashes: bytes) -> list[bytes]:
    """Hashes one after the other, as they stand on a page, as a list."""
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


def path_of(hashes: Sequence[bytes], place: int) -> list[tuple[str, bytes]]:
    """What it takes to get from the leaf at `place` (from 0) to the root: ("left" or "right", hash) from below."""
    path = []
    level = list(hashes)
    while len(level) > 1:
        beside = place ^ 1
        if beside < len(level):
            path.append(("left" if beside < place else "right", level[beside]))
        level, place = _above(level), place // 2
    return path


def climb(leaf: bytes, path: Sequence[tuple[str, bytes]]) -> bytes:
    """The root that a leaf and a path lead to."""
    for side, beside in path:
        leaf = node_hash(beside, leaf) if side == "left" else node_hash(leaf, beside)
    return leaf
