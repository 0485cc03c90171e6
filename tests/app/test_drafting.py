from datetime import UTC, date, datetime

import pytest
from msgspec import Struct

from tieout.app.drafting import ENTRIES_MAX, NewEntries, NewEntry, NewLine, decoded, drafts_of
from tieout.model.entry import EntryDraft, Line
from tieout.model.error import BadInput

DAY = date(2026, 10, 2)


def entry(*lines: NewLine, key: str = "rent-10") -> NewEntry:
    return NewEntry(key, DAY, lines, "Rent", "The landlord's letter")


def test_entries_become_drafts_of_ours() -> None:
    sent = NewEntries([entry(NewLine("5030", "EUR", 700), NewLine("1490", "EUR", -700, item="rent"))])
    assert drafts_of(sent, "EUR", "robot") == [
        EntryDraft(
            key="api:rent-10", effective_date=DAY, occurred_at=datetime(2026, 10, 2, 12, tzinfo=UTC),
            lines=(Line("5030", "EUR", 700, 700), Line("1490", "EUR", -700, -700, item="rent")), memo="Rent",
            rule_id="api", rule_version=1, why="The landlord's letter", actor="robot",
        )
    ]  # fmt: skip


def test_foreign_lines_say_what_they_are_worth() -> None:
    sent = NewEntries([entry(NewLine("5030", "USD", 1084, 1000), NewLine("1490", "USD", -1084, -1000))])
    assert [line.base_minor for line in drafts_of(sent, "EUR", "robot")[0].lines] == [1000, -1000]


@pytest.mark.parametrize(
    "line", [NewLine("5030", "USD", 1084), NewLine("5030", "EUR", 1084, 1000)], ids=["missing", "another"]
)
def test_a_base_amount_is_never_guessed(line: NewLine) -> None:
    with pytest.raises(BadInput, match="the line on 5030 has no usable amount in EUR"):
        drafts_of(NewEntries([entry(line)]), "EUR", "robot")


@pytest.mark.parametrize("count", [0, ENTRIES_MAX + 1])
def test_a_call_has_at_least_one_entry_and_not_too_many(count: int) -> None:
    with pytest.raises(BadInput, match=f"{count} entries in one call"):
        drafts_of(NewEntries([entry()] * count), "EUR", "robot")


class Coin(Struct, forbid_unknown_fields=True):
    amount_minor: int
    name: str = ""


class Purse(Struct, forbid_unknown_fields=True):
    coins: list[Coin]


def test_a_body_to_the_letter() -> None:
    assert decoded(b'{"coins": [{"amount_minor": 500}]}', Purse) == Purse([Coin(500)])


@pytest.mark.parametrize(
    ("body", "what", "where"),
    [
        (b'{"coins": [{"amount_minor": 500.0}]}', "Expected `int`, got `float`", "coins[0].amount_minor"),
        (b'{"coins": [{"amount_minor": "500"}]}', "Expected `int`, got `str`", "coins[0].amount_minor"),
        (b'{"coins": [{"amount_minor": true}]}', "Expected `int`, got `bool`", "coins[0].amount_minor"),
        (b'{"coins": [{"amount_minor": 1, "x": 2}]}', "Object contains unknown field `x`", "coins[0]"),
        (b'{"coins": [], "x": 2}', "Object contains unknown field `x`", ""),
        (b"{}", "Object missing required field `coins`", "body"),
        (b"[]", "Expected `object`, got `array`", "body"),
        (b"", "Input data was truncated", "body"),
        (b"{", "Input data was truncated", "body"),
        (b'{"coins": [{"amount_minor": 1, "name": "\xff"}]}', None, "body"),
    ],
)
def test_what_is_not_to_the_letter(body: bytes, what: str | None, where: str) -> None:
    with pytest.raises(BadInput) as caught:
        decoded(body, Purse)
    assert what in (None, caught.value.what)
    assert caught.value.where == (where or "body")
    assert ("whole minor units" in caught.value.remedy) is where.endswith("_minor")
    assert caught.value.remedy
