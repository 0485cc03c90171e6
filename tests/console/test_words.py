from datetime import UTC, date, datetime, timedelta

import pytest

from tieout.console import words
from tieout.model.account import Role
from tieout.model.case import Reason
from tieout.model.event import EventKind

NOW = datetime(2026, 11, 20, 9, 41, tzinfo=UTC)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(-123450, "EUR", "−1,234.50"), (0, "EUR", "–"), (500, "JPY", "500"), (1, "KWD", "0.001")],
)
def test_money(minor: int, currency: str, text: str) -> None:
    assert words.money(minor, currency) == text


def test_titles_are_plain_words() -> None:
    assert words.title("payout_not_arrived") == "Payout not arrived"
    assert words.title("fx_clearing") == "FX clearing"
    codes = [word.value for kind in (Reason, EventKind, Role) for word in kind]
    assert [code for code in codes if "_" in words.title(code) or not words.title(code)[0].isupper()] == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s ago"), (59, "59 s ago"), (60, "1 min ago"), (3599, "59 min ago"), (3600, "1 h ago"),
        (86_399, "23 h ago"), (86_400, "1 day ago"), (172_800, "2 days ago"), (-5, "0 s ago"),
    ],
)  # fmt: skip
def test_how_long_ago(seconds: int, text: str) -> None:
    assert words.ago(NOW - timedelta(seconds=seconds), NOW) == text


def test_never_and_age() -> None:
    assert words.ago(None, NOW) == "never"
    assert [words.age(days) for days in (0, 1, 12)] == ["today", "1 day", "12 days"]
    assert [words.plural(n, "delivery", "deliveries") for n in (1, 1204)] == ["1 delivery", "1,204 deliveries"]


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (None, "no date known"),
        (date(2026, 10, 30), "overdue since 2026-10-30"),
        (date(2026, 10, 31), "today"),
        (date(2026, 11, 1), "tomorrow"),
        (date(2026, 11, 2), "by 2026-11-02"),
    ],
)
def test_when_something_is_due(day: date | None, text: str) -> None:
    assert words.due(day, date(2026, 10, 31)) == text


def test_moments_are_in_the_books_time_zone() -> None:
    assert words.moment(NOW, "Europe/Berlin") == "2026-11-20 10:41"
    assert words.moment(NOW, "UTC") == "2026-11-20 09:41"


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        ("payout:po_1", "payout po_1"),
        ("bank_line:bank:line:20261001", "bank line 20261001"),
        ("payout:po_3TVdav690pCTGbB7rVTKKDAG", "payout po_3TVdav690pCTG…VTKKDAG"),
        ("plain", "plain"),
        ("", ""),
    ],
)
def test_references_show_both_ends(reference: str, text: str) -> None:
    assert words.reference(reference, 24) == text


def test_long_text_keeps_its_length() -> None:
    assert words.short("x" * 30) == "x" * 30
    assert len(words.short("x" * 31)) == 30


def test_memos_split_into_words_and_reference() -> None:
    assert words.memo("Payout sent · payout:po_1") == ("Payout sent", "payout po_1")
    assert words.memo("Exchange difference payout:po_1") == ("Exchange difference", "payout po_1")
    assert words.memo("Rent: May") == ("Rent: May", "")
    assert words.memo("Rent") == ("Rent", "")


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 10, 31), date(2026, 10, 1), date(2026, 10, 31)),
        (date(2026, 12, 1), date(2026, 12, 1), date(2026, 12, 31)),
        (date(2028, 2, 10), date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_months(day: date, first: date, last: date) -> None:
    assert words.month_of(day) == (first, last)
    assert words.month_name(date(2026, 10, 1)) == "October 2026"


def test_lists_are_joined_as_people_do() -> None:
    assert [words.listed(x) for x in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
