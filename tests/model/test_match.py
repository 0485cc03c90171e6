"""Open items and matches as they go over the wire."""

from datetime import date

import msgspec
import pytest

from tieout.model.match import Allocation, MatchDraft, NamedItem, Naming, OpenItem


def test_the_columns_of_the_proof() -> None:
    assert [naming.value for naming in Naming] == ["transit", "disputed", "reserved", "exception", "unexplained"]


def test_an_allocation_is_whole_minor_units() -> None:
    assert msgspec.json.decode(b'{"item_id":1,"amount_minor":-250}', type=Allocation) == Allocation(1, -250)
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"item_id":1,"amount_minor":-2.5}', type=Allocation)


def test_a_match_keeps_its_evidence_over_the_wire() -> None:
    allocations = (Allocation(1, 500), Allocation(2, -500))
    draft = MatchDraft("1200", "EUR", "item", 1, "order:1", allocations, "Both name the order.", {"key": "order:1"})
    assert msgspec.json.decode(msgspec.json.encode(draft), type=MatchDraft) == draft


def test_an_item_says_what_is_open_of_it() -> None:
    item = OpenItem(1, "1200", "EUR", "order:1", 500, 200, date(2026, 1, 5), 9, None, 500, 200)
    assert (item.amount_minor, item.open_minor) == (500, 200)
    assert NamedItem(1, Naming.TRANSIT, "Waits for payment").due is None
