from datetime import UTC, date, datetime

import pytest
from hypothesis import given

from tests.reports.journals import ACCOUNTS, CHART, extract, journals, sample, without_numbers
from tieout.reports.beancount import write
from tieout.reports.beancount_reader import read_journal
from tieout.reports.incoming import Told, drafts_of

SIMPLE = """
option "title" "Elsewhere"
2026-01-01 open Assets:Bank EUR
  code: "1100.bank"
2026-01-01 open Income:Sales
  code: "4000"

2026-03-02 * "Anna" "Two mugs" #shop ^inv-7 ; a remark
  id: "inv 7"
  colour: "red"
  Assets:Bank   1,234.50 EUR ; in cash
    item: "order:7"
    dim-shop: "web"
  * Income:Sales  -1,234.50 EUR
2026-12-31 close Assets:Bank
2026-04-01 balance Assets:Bank 1234.50 EUR
"""


def read(text: str) -> Told:
    return read_journal(text, ACCOUNTS, "EUR")


def refused(text: str) -> list[tuple[int, str]]:
    return [(refusal.line, refusal.what) for refusal in read(text).refusals]


def test_a_file_of_another_program() -> None:
    told = read(SIMPLE)
    assert told.refusals == ()
    (entry,) = told.entries
    assert (entry.place, entry.day, entry.memo, entry.id, entry.key) == (
        8, date(2026, 3, 2), "Anna · Two mugs", "inv 7", None
    )  # fmt: skip
    assert [(ln.place, ln.account, ln.currency, ln.amount_minor) for ln in entry.lines] == [
        (11, "1100.bank", "EUR", 123_450),
        (14, "4000", "EUR", -123_450),
    ]
    assert (entry.lines[0].item, entry.lines[0].dimensions) == ("order:7", {"shop": "web"})
    assert told.notes == ("Left behind: metadata “colour” (1).", "Left behind: tags (1).")


@pytest.mark.parametrize(
    ("row", "line", "what"),
    [
        ("  Assets:Bank", 9, "The posting has no amount"),
        ("  Assets:Bank 5 SHARE {10 EUR}", 9, "Costs, and prices but a total in base currency, are not read"),
        ("  Assets:Bank 5 USD @ 0.9 EUR", 9, "Costs, and prices but a total in base currency, are not read"),
        ("  Assets:Bank 5 USD @@ 0.9 GBP", 9, "Costs, and prices but a total in base currency, are not read"),
        ("  Assets:Bank 5 USD @@ -0.9 EUR", 9, "A total price is negative"),
        ("  Assets:Bank (2*3) EUR", 9, "The posting is not understood"),
        ("  Assets:Bank 12,50 EUR", 9, "“12,50” has a comma"),
        ("  Assets:Bank 1.005 EUR", 9, "1.005 EUR has more decimals than the 2 of EUR"),
        ("  Assets:Bank 1.00 QQQ", 9, "“QQQ” is not an ISO 4217 currency"),
        ("  Assets:Bank 99999999999999999999 EUR", 9, "99999999999999999999 EUR does not fit 64 bits"),
        ("  ! Assets:Bank 1 EUR", 9, "The posting is marked incomplete (!)"),
        ('  why: "it does not', 9, "A text does not end on its line"),
        ('2026-03-03 ! "x"', 9, "The entry is marked incomplete (!)"),
        ("2026-03-03 pad Assets:Bank Income:Sales", 9, "“pad” is not read"),
        ('plugin "beancount.plugins.auto"', 9, "“plugin” is not read"),
        ('include "more.beancount"', 9, "“include” is not read"),
        ("2026-02-30 open Assets:B", 9, "“2026-02-30” is not a day"),
        ("2026-03-03 * 5 EUR", 9, "The entry's first line is not understood"),
        ("2026-03-03 frobnicate", 9, "“frobnicate” is not read"),
        ("<<<<<<< HEAD", 9, "“<<<<<<< HEAD” is not understood"),
        ("2026-03-03 balance Assets:Bank 5", 9, "The assertion is not understood"),
    ],
)  # fmt: skip
def test_what_would_change_an_amount_unseen_is_refused(row: str, line: int, what: str) -> None:
    rows = SIMPLE.splitlines()
    rows.insert(line - 1, row)
    assert (line, what) in refused("\n".join(rows))


def test_an_amount_that_was_changed_is_found_by_the_assertions() -> None:
    changed = SIMPLE.replace("1,234.50 EUR", "1,234.51 EUR")
    assert refused(changed) == [(16, "It says 1234.50 EUR; the entries before it come to 1234.51")]
    within = changed.replace("1234.50 EUR", "1234.50 ~ 0.01 EUR")
    assert refused(within) == []


def test_half_a_file_is_found_by_the_assertions() -> None:
    whole = "".join(write(extract(sample()), sample()))
    rows = whole.split("\n")
    start = next(n for n, row in enumerate(rows) if "ent_11" in row)
    end = next(n for n, row in enumerate(rows) if "ent_12" in row)
    assert [line for line, _ in refused("\n".join([*rows[:start], *rows[end:]]))] == []
    end = next(n for n, row in enumerate(rows) if "balance" in row)
    start = next(n for n, row in enumerate(rows) if "ent_12" in row)
    missing = refused("\n".join([*rows[:start], *rows[end:]]))
    assert missing[0] == (end - (end - start) + 1, "It says 90.00 EUR; the entries before it come to 0.00")
    assert len(missing) == 3


@pytest.mark.parametrize("text", ['option "title" "x"\n', "; nothing\n"])
def test_no_entry_is_a_refusal(text: str) -> None:
    assert refused(text) == [(0, "There is no entry in it")]


@pytest.mark.parametrize(
    ("meta", "what"),
    [
        ('occurred: "yesterday"', "Invalid isoformat string"),
        ('version: "x"', "invalid literal for int"),
    ],
)
def test_metadata_that_is_not_understood(meta: str, what: str) -> None:
    ((line, said),) = refused(SIMPLE.replace('id: "inv 7"', meta))
    assert (line, what in said) == (8, True)


def test_an_unknown_account_keeps_its_name_for_whoever_refuses_it() -> None:
    told = read(SIMPLE.replace('code: "4000"', 'code: "4711"').replace("-1,234.50", "-1234.50"))
    assert [ln.account for ln in told.entries[0].lines] == ["1100.bank", "4711"]
    told = read(SIMPLE.replace('2026-01-01 open Income:Sales\n  code: "4000"\n', ""))
    assert [ln.account for ln in told.entries[0].lines] == ["1100.bank", "Income:Sales"]


def test_a_time_without_a_zone_is_in_utc() -> None:
    told = read(SIMPLE.replace('id: "inv 7"', 'occurred: "2026-03-02T09:00:00"'))
    assert told.entries[0].occurred_at == datetime(2026, 3, 2, 9, tzinfo=UTC)


@given(journals())
def test_what_is_handed_over_is_read_back_whole(journal) -> None:
    """Every draft, and so every hash; and the text made of them again is the same."""
    text = "".join(write(extract(journal), journal, portable=True))
    told = read(text)
    assert told.refusals == (() if journal else told.refusals)
    incoming, refusals = drafts_of(told.entries, ACCOUNTS, "EUR", "tieout")
    assert refusals == []
    assert [found.draft for found in incoming] == [without_numbers(found.entry.draft) for found in journal]
    assert [found.reverses for found in incoming] == [found.reverses_key for found in journal]
    assert len(CHART) == len(ACCOUNTS)
