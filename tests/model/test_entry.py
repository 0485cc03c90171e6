"""The hash of an entry: every business field changes it, nothing that arrival decides does."""

import hashlib
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.model.entry import EntryDraft, Line, content_hash

DRAFT = EntryDraft(
    key="shop:order:1:placed",
    effective_date=date(2026, 1, 5),
    occurred_at=datetime(2026, 1, 5, 12, tzinfo=UTC),
    lines=(
        Line("1200", "EUR", 1000, 1000, None, "order:1", {"channel": "web", "store": "north"}),
        Line("4000", "EUR", -900, -900, "Ana", None, {}),
        Line("2100", "EUR", -100, -100),
    ),
    memo="Order placed #1",
    rule_id="order.placed",
    rule_version=1,
    why="The buyer owes the total.",
    event_id=5,
    reverses_id=None,
    actor="tieout",
    late=False,
    rate=None,
)


ENCODED = (
    b'["tieout-entry-1","shop:order:1:placed","2026-01-05","2026-01-05T12:00:00Z","Order placed #1","order.placed",1,'
    b'"The buyer owes the total.",null,null,'
    b'[["1200","EUR",1000,1000,null,"order:1",[["channel","web"],["store","north"]]],'
    b'["4000","EUR",-900,-900,"Ana",null,[]],["2100","EUR",-100,-100,null,null,[]]]]'
)


def test_the_hash_is_that_of_this_text() -> None:
    """Stored hashes are for ever: a change of the encoding needs a new version in front, not other hashes."""
    assert content_hash(DRAFT) == hashlib.sha256(ENCODED).digest()


@pytest.mark.parametrize(
    "change",
    [
        {"key": "shop:order:2:placed"},
        {"effective_date": date(2026, 1, 6)},
        {"occurred_at": datetime(2026, 1, 5, 12, 0, 0, 1, tzinfo=UTC)},
        {"memo": "Order placed #2"},
        {"rule_id": "order.edited"},
        {"rule_version": 2},
        {"why": "Because."},
        {"reverses_id": 4},
        {"rate": "0.9 ecb 2026-01-05"},
        {"lines": DRAFT.lines[:2]},
        {"lines": DRAFT.lines[::-1]},
        {"lines": (*DRAFT.lines, Line("5910", "EUR", 1, 1))},
    ],
    ids=",".join,
)
def test_every_business_field_changes_the_hash(change: dict[str, Any]) -> None:
    assert content_hash(msgspec.structs.replace(DRAFT, **change)) != content_hash(DRAFT)


@pytest.mark.parametrize(
    "change",
    [
        {"account": "1201"},
        {"currency": "USD"},
        {"amount_minor": -1000},
        {"base_minor": 1001},
        {"party": "Ana"},
        {"item": "order:2"},
        {"item": None},
        {"dimensions": {"channel": "web"}},
        {"dimensions": {"channel": "web", "store": "south"}},
        {"dimensions": {"channel": "north", "store": "web"}},
    ],
    ids=str,
)
def test_every_field_of_a_line_changes_the_hash(change: dict[str, Any]) -> None:
    first = msgspec.structs.replace(DRAFT.lines[0], **change)
    assert content_hash(msgspec.structs.replace(DRAFT, lines=(first, *DRAFT.lines[1:]))) != content_hash(DRAFT)


@pytest.mark.parametrize("change", [{"event_id": 6}, {"event_id": None}, {"actor": "ana"}, {"late": True}], ids=str)
def test_what_arrival_decides_does_not(change: dict[str, Any]) -> None:
    assert content_hash(msgspec.structs.replace(DRAFT, **change)) == content_hash(DRAFT)


def test_one_moment_has_one_hash_in_every_zone_and_dimensions_have_no_order() -> None:
    tokyo = DRAFT.occurred_at.astimezone(timezone(timedelta(hours=9)))
    turned = msgspec.structs.replace(DRAFT.lines[0], dimensions={"store": "north", "channel": "web"})
    same = msgspec.structs.replace(DRAFT, occurred_at=tokyo, lines=(turned, *DRAFT.lines[1:]))
    assert content_hash(same) == content_hash(DRAFT)


def test_every_field_is_either_hashed_or_left_out_on_purpose() -> None:
    """A new field must be put on one of the two lists above."""
    assert {f.name for f in msgspec.structs.fields(EntryDraft)} == {
        "key", "effective_date", "occurred_at", "lines", "memo", "rule_id", "rule_version", "why", "reverses_id",
        "rate", "event_id", "actor", "late",
    }  # fmt: skip
    assert {f.name for f in msgspec.structs.fields(Line)} == {
        "account", "currency", "amount_minor", "base_minor", "party", "item", "dimensions",
    }  # fmt: skip


texts = st.text(max_size=4)


@given(st.tuples(texts, texts, texts), st.tuples(texts, texts, texts))
def test_neighbouring_texts_cannot_be_shifted_into_each_other(
    one: tuple[str, str, str], two: tuple[str, str, str]
) -> None:
    """“ab” + “c” is not “a” + “bc”: the encoding keeps the borders of fields."""
    hashes = [
        content_hash(msgspec.structs.replace(DRAFT, key=key, memo=memo, rule_id=rule)) for key, memo, rule in (one, two)
    ]
    assert (hashes[0] == hashes[1]) == (one == two)


def test_a_draft_goes_over_the_wire_and_keeps_its_hash() -> None:
    again = msgspec.json.decode(msgspec.json.encode(DRAFT), type=EntryDraft)
    assert again == DRAFT
    assert content_hash(again) == content_hash(DRAFT)
