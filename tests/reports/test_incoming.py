from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.reports.journals import ACCOUNTS, DAY
from tieout.ledger.check import check
from tieout.model.entry import Line
from tieout.model.error import AmountError, BadInput
from tieout.reports.incoming import (
    OPENING_LINES_MAX,
    ToldEntry,
    ToldLine,
    drafts_of,
    minor_of,
    opening_of,
    text_of,
)


def told(place: int = 2, *lines: ToldLine, **more: object) -> ToldEntry:
    pair = (ToldLine(place, "1100.bank", "EUR", 500), ToldLine(place + 1, "4000", "EUR", -500))
    return ToldEntry(place, DAY, "A mug", lines or pair, **more)  # type: ignore[arg-type] # fields by name


def keys(*entries: ToldEntry) -> list[str]:
    incoming, refusals = drafts_of(entries, ACCOUNTS, "EUR", "anna")
    assert refusals == []
    return [found.draft.key for found in incoming]


def refused(*entries: ToldEntry) -> list[tuple[int, str]]:
    return [(refusal.line, refusal.what) for refusal in drafts_of(entries, ACCOUNTS, "EUR", "anna")[1]]


def test_a_told_entry_is_a_draft() -> None:
    ((found,), refusals) = drafts_of([told(key="old:7", why="Because.", rate="1.1")], ACCOUNTS, "EUR", "anna")
    draft = found.draft
    assert refusals == []
    assert (draft.key, draft.effective_date, draft.memo, draft.why, draft.rule_id, draft.actor, draft.rate) == (
        "old:7", DAY, "A mug", "Because.", "import", "anna", "1.1"
    )  # fmt: skip
    assert draft.occurred_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert draft.lines == (Line("1100.bank", "EUR", 500, 500), Line("4000", "EUR", -500, -500))


def test_keys_are_the_files_own_or_its_ids_or_what_it_says() -> None:
    assert keys(told(key="stripe:charge:ch_1")) == ["stripe:charge:ch_1"]
    assert keys(told(id="7")) == ["journal:7"]
    (said,) = keys(told())
    assert said.startswith("journal:")
    assert len(said) == len("journal:") + 32
    assert keys(told(place=40)) == [said], "the place in the file does not matter"
    assert keys(replace(told(), day=date(2026, 3, 3))) != [said]


def test_entries_that_say_the_same_are_as_many_facts() -> None:
    first, second, third = keys(told(2), told(5), told(8))
    assert (second, third) == (f"{first}:2", f"{first}:3")


def test_a_key_that_comes_twice_is_refused() -> None:
    assert refused(told(2, key="a"), told(9, key="a")) == [(9, "Its key “a” is that of line 2")]


def test_every_line_with_an_unknown_account_is_named() -> None:
    odd = told(2, ToldLine(2, "x", "EUR", 5), ToldLine(3, "4000", "EUR", -2), ToldLine(4, "y", "EUR", -3))
    assert refused(odd) == [(2, "There is no account “x”"), (4, "There is no account “y”")]


def test_another_currency_needs_its_value_in_the_books_own() -> None:
    lines = (ToldLine(2, "1100.bank", "USD", 500, 450), ToldLine(3, "4000", "USD", -500))
    assert refused(told(2, *lines)) == [(3, "The amount in USD has no value in EUR")]
    lines = (ToldLine(2, "1100.bank", "EUR", 500, 450), ToldLine(3, "4000", "EUR", -500, -500))
    assert refused(told(2, *lines)) == [(2, "An amount in EUR is said to be worth another amount in EUR")]


def test_what_the_ledger_would_refuse_is_refused_by_line() -> None:
    ((line, what),) = refused(told(), told(7, ToldLine(7, "1100.bank", "EUR", 5), ToldLine(8, "4000", "EUR", -4)))
    assert line == 7
    assert "debit and credit differ by 0.01 EUR and 1 minor units of base currency" in what
    ((line, what),) = refused(told(7, ToldLine(7, "1100.bank", "EUR", 5)))
    assert (line, "it has 1 lines" in what) == (7, True)


@pytest.mark.parametrize(
    ("body", "what", "where"),
    [
        ("key\n".encode("utf-16"), "The file is UTF-16", "a.csv"),
        (b"a\nb\xe4h\n", "The file is not UTF-8: byte 0xe4", "a.csv, line 2"),
        (b"a\n\0\n", "The file has a NUL character and is no text", "a.csv, line 2"),
        (b"", "There is nothing in it", "a.csv"),
        (b"\xef\xbb\xbf \n", "There is nothing in it", "a.csv"),
    ],
)
def test_files_that_are_no_text(body: bytes, what: str, where: str) -> None:
    with pytest.raises(BadInput) as caught:
        text_of(body, "a.csv")
    assert (caught.value.what, caught.value.where) == (what, where)
    assert caught.value.remedy


def test_a_byte_order_mark_is_taken_off() -> None:
    assert text_of(b"\xef\xbb\xbfkey\n", "a.csv") == "key\n"


@pytest.mark.parametrize("amount", ["12,50", "1.234,56", "1,234.56", "x", "", "1e400", "NaN", "12.345"])
def test_amounts_of_another_land_are_refused(amount: str) -> None:
    with pytest.raises(AmountError):
        minor_of(amount, "EUR")


def test_amounts() -> None:
    assert [minor_of(text, "EUR") for text in ("12.5", "-0.01", " 7 ", "+3.10")] == [1250, -1, 700, 310]


def test_an_opening_balances_against_equity() -> None:
    rows = [ToldLine(2, "1100.bank", "EUR", 900), ToldLine(3, "1320.stripe", "USD", 110, 100)]
    (entry,) = opening_of(rows, DAY, "3000", "EUR")
    assert entry.lines[2:] == (ToldLine(2, "3000", "EUR", -900, -900), ToldLine(2, "3000", "USD", -110, -100))


def test_an_opening_that_balances_by_itself_needs_no_equity() -> None:
    rows = [ToldLine(2, "1100.bank", "EUR", 900), ToldLine(3, "4000", "EUR", -900)]
    (entry,) = opening_of(rows, DAY, "3000", "EUR")
    assert entry.lines == tuple(rows)
    assert opening_of([], DAY, "3000", "EUR") == []


@given(
    st.lists(
        st.tuples(
            st.sampled_from(sorted(ACCOUNTS)), st.sampled_from(["EUR", "USD"]), st.integers(-999, 999),
            st.integers(-9, 9),
        ),
        min_size=1, max_size=30,
    )
)  # fmt: skip
def test_the_ledger_takes_every_opening(rows: list[tuple[str, str, int, int]]) -> None:
    lines = [
        ToldLine(place, code, currency, amount or 1, base if currency == "USD" else None)
        for place, (code, currency, amount, base) in enumerate(rows, start=2)
    ]
    incoming, refusals = drafts_of(opening_of(lines, DAY, "3000", "EUR"), ACCOUNTS, "EUR", "anna", "opening")
    check([found.draft for found in incoming if len(found.draft.lines) > 1], ACCOUNTS)
    assert [refusal for refusal in refusals if "it has 1 lines" not in refusal.what] == []


def test_a_long_opening_becomes_several_entries() -> None:
    rows = [ToldLine(place, "1100.bank", "EUR", 1) for place in range(OPENING_LINES_MAX + 1)]
    entries = opening_of(rows, DAY, "3000", "EUR")
    assert [len(entry.lines) for entry in entries] == [OPENING_LINES_MAX + 1, 2]
    assert drafts_of(entries, ACCOUNTS, "EUR", "anna")[1] == []
