"""Seals: every part of a block, a leaf and a certificate is in its hash, and each in its own place."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from tieout.model.seal import NOTHING_BEFORE, Block, Certificate, Flaw, Leaf, Verified

AT = datetime(2026, 3, 3, 12, 0, 0, 120000, tzinfo=UTC)
BLOCK = Block(
    ledger_id=1, block_no=2, cluster="7", from_xid=10, to_xid=20, floor_id=0, n=2, lines=4, debits={"EUR": 5},
    entries_upto=7, lines_upto=15, debits_upto={"EUR": 9}, max_id=7, accounts_hash=bytes(32), certificates=(),
    merkle_root=bytes(32), prev_hash=NOTHING_BEFORE, sealed_at=AT,
)  # fmt: skip
LEAF = Leaf(1, 7, 12, bytes(32), AT, None, "anna", False, None, 2)
CERTIFICATE = Certificate(
    ledger_id=1, period_id=3, area="all", first_day=date(2026, 1, 1), last_day=date(2026, 1, 31), block_no=2,
    block_hash=bytes(32), entries=2, lines=4, sums=(("1000", "EUR", 5, 0, 5, 0, 4),), certified_at=AT,
)  # fmt: skip


def test_a_leaf_reads_as_the_documentation_says() -> None:
    leaf = msgspec.structs.replace(LEAF, event_id=4, late=True, actor='Ána "x"', links=(("replaces", 5),))
    assert leaf.content.decode() == (
        f'["tieout-leaf-1",1,7,12,"{"00" * 32}","2026-03-03T12:00:00.120000Z",'
        '4,"Ána \\"x\\"",true,null,2,[["replaces",5]]]'
    )


CHANGES: list[tuple[Any, dict[str, Any]]] = [
    *[
        (BLOCK, {name: value})
        for name, value in {
            "ledger_id": 2, "block_no": 3, "version": 2, "cluster": "8", "from_xid": 11, "to_xid": 21, "floor_id": 1,
            "after_id": 1, "upto_id": 1, "n": 3, "lines": 5, "debits": {"EUR": 6}, "entries_upto": 8, "lines_upto": 16,
            "debits_upto": {"USD": 9}, "max_id": 8, "accounts_hash": bytes(31) + b"1", "certificates": ((1, "ab"),),
            "merkle_root": bytes(31) + b"1", "prev_hash": bytes(31) + b"1", "sealed_at": AT + timedelta(microseconds=1),
        }.items()
    ],
    *[
        (CERTIFICATE, {name: value})
        for name, value in {
            "ledger_id": 2, "period_id": 4, "area": "tax", "first_day": date(2026, 1, 2), "last_day": date(2026, 2, 1),
            "block_no": 3, "block_hash": bytes(31) + b"1", "entries": 3, "lines": 5,
            "sums": (("1000", "EUR", 5, 0, 5, 1, 4),), "certified_at": AT + timedelta(microseconds=1),
        }.items()
    ],
    *[
        (LEAF, {name: value})
        for name, value in {
            "ledger_id": 2, "entry_id": 8, "txid": 13, "content_hash": bytes(31) + b"1", "event_id": 1, "actor": "ann",
            "recorded_at": AT + timedelta(microseconds=1), "late": True, "approval_id": 1, "line_count": 3,
            "links": (("replaces", 1),),
        }.items()
    ],
]  # fmt: skip


def said(thing: Any) -> bytes:
    found: bytes = thing.content if isinstance(thing, Leaf) else thing.hash
    return found


@pytest.mark.parametrize(("thing", "change"), CHANGES, ids=lambda part: "".join(part) if isinstance(part, dict) else "")
def test_every_part_is_covered(thing: Any, change: dict[str, Any]) -> None:
    assert said(msgspec.structs.replace(thing, **change)) != said(thing)


def test_the_list_of_changes_is_complete() -> None:
    named = {(type(thing), name) for thing, change in CHANGES for name in change}
    assert named == {(kind, name) for kind in (Block, Certificate, Leaf) for name in kind.__struct_fields__}


def test_a_moment_has_one_hash_in_every_zone() -> None:
    elsewhere = AT.astimezone(timezone(timedelta(hours=5)))
    assert msgspec.structs.replace(BLOCK, sealed_at=elsewhere).hash == BLOCK.hash
    assert msgspec.structs.replace(LEAF, recorded_at=elsewhere).content == LEAF.content


def test_debits_are_hashed_in_the_order_of_their_names() -> None:
    one, other = ({"EUR": 1, "USD": 2}, {"USD": 2, "EUR": 1})
    assert msgspec.structs.replace(BLOCK, debits=one).hash == msgspec.structs.replace(BLOCK, debits=other).hash


def test_a_verification_holds_without_flaws() -> None:
    assert Verified(1, 2, 1, 0, 0, 0, ()).holds
    assert not Verified(1, 2, 1, 0, 0, 0, (Flaw("ent_1", "is gone"),)).holds
