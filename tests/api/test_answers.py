from datetime import UTC, date, datetime

import pytest

from tests.api.hub import REQUESTS
from tieout.api.answers import ENTRIES_MAX, NewEntries, NewEntry, NewLine, drafts_of, page_of, query_of
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


def test_the_next_page_keeps_the_filters() -> None:
    request = REQUESTS.get("/v1/journal", query_params={"account": "1200", "limit": "2", "before": "90"})
    path, _, query = str(page_of(request, ["a", "b"], 2, 41).next).partition("?")
    assert (path, sorted(query.split("&"))) == ("/v1/journal", ["account=1200", "before=41", "limit=2"])
    assert page_of(request, ["a"], 2, 41).next is None
    assert page_of(request, [], 2, None).next is None


def test_of_a_parameter_given_twice_the_last_counts() -> None:
    request = REQUESTS.get("/v1/journal", query_params={"topic": ["one", "two"]})
    assert query_of(request) == {"topic": "two"}
