import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.reports.journals import ACCOUNTS, journals, without_numbers
from tieout.model.error import BadInput
from tieout.reports.incoming import ToldLine, drafts_of
from tieout.reports.table import LINES, Table, line_rows
from tieout.reports.table_reader import lines_of, read_balances, read_journal, rows_of

HEAD = "id,date,memo,account,currency,amount\n"


def refused(text: str) -> list[tuple[int, str]]:
    return [(refusal.line, refusal.what) for refusal in read_journal(text, "a.csv", "EUR").refusals]


def test_rows_of_one_id_are_one_entry() -> None:
    told = read_journal(
        "Id,Date,Memo,Account,Currency,Debit,Credit,Party,Dim.shop\r\n"
        '7,2026-03-02,"A mug, blue",1100.bank,EUR,5.00,,anna,web\r\n'
        "8,2026-03-03,Fee,6100,EUR,0.10,,,\r\n"
        '7,2026-03-02,"A mug, blue",4000,EUR,,5.00,,\r\n'
        "\r\n"
        "8,2026-03-03,Fee,1100.bank,EUR,,0.10,,\r\n",
        "a.csv",
        "EUR",
    )
    assert told.refusals == ()
    assert [(e.place, e.day, e.memo, e.id, e.key) for e in told.entries] == [
        (2, date(2026, 3, 2), "A mug, blue", "7", None),
        (3, date(2026, 3, 3), "Fee", "8", None),
    ]
    assert told.entries[0].lines == (
        ToldLine(2, "1100.bank", "EUR", 500, None, "anna", None, {"shop": "web"}),
        ToldLine(4, "4000", "EUR", -500),
    )
    assert [line.amount_minor for line in told.entries[1].lines] == [10, -10]


def test_a_key_is_kept_and_rows_can_be_grouped_by_anything() -> None:
    row = ",2026-03-02,M,4000,EUR,1\n"
    keyed = read_journal(HEAD.replace("id", "key") + f"a{row}", "a.csv", "EUR").entries[0]
    grouped = read_journal(HEAD.replace("id", "entry") + f"1{row}", "a.csv", "EUR").entries[0]
    assert [(e.key, e.id) for e in (keyed, grouped)] == [("a", None), (None, None)]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("date,memo,account,currency,amount\n", "Nothing says which rows are one entry"),
        ("id,date,account,currency,amount\n", "The column memo is missing"),
        ("id,date,memo,account,amount\n", "The column currency is missing"),
        ("id,date,memo,account,currency\n", "The column amount is missing"),
        (HEAD.replace(",", ";") + "7;2026-03-02;M;4000;EUR;1\n", "The columns are separated by semicolons"),
        ("id\tdate\tmemo\n", "The columns are separated by tabs"),
        (HEAD.replace("amount", "amount,colour"), "There is no use for the columns 'colour'"),
        (HEAD.replace("amount", "amount,AMOUNT"), "amount is there twice"),
        (HEAD + '7,2026-03-02,"A mu', "It is no CSV: unexpected end of data"),
        (f'{HEAD}7,2026-03-02,"M"x,4000,EUR,1\n', "It is no CSV: ',' expected after '\"'"),
        (f"{HEAD}7,2026-03-02,{'x' * 140_000},4000,EUR,1\n", "It is no CSV: field larger than field limit (131072)"),
        ("\n\n", "There is nothing in it"),
    ],
)  # fmt: skip
def test_what_is_no_such_table(text: str, what: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_journal(text, "a.csv", "EUR")
    assert caught.value.what == what
    assert caught.value.where.startswith("a.csv")
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ("7,2026-03-02,M,4000,EUR", "It has 5 fields, the first line has 6"),
        ("7,2026-03-02,M,4000,EUR,1,50", "It has 7 fields, the first line has 6"),
        ("7,02.03.2026,M,4000,EUR,1", "“02.03.2026” is not a day"),
        ("7,2026-02-30,M,4000,EUR,1", "“2026-02-30” is not a day"),
        ("7,2026-W10-1,M,4000,EUR,1", "“2026-W10-1” is not a day"),
        ('7,2026-03-02,M,4000,EUR,"1,50"', "“1,50” has a comma"),
        ("7,2026-03-02,M,4000,EUR,1.005", "1.005 EUR has more decimals than the 2 of EUR"),
        ("7,2026-03-02,M,4000,EUR,€5", "“€5” is not an amount"),
        ("7,2026-03-02,M,4000,eur,5", "“eur” is not an ISO 4217 currency"),
        ("7,2026-03-02,M,4000,EUR,99999999999999999999", "99999999999999999999 EUR does not fit 64 bits"),
        ("7,2026-03-02,M,4000,EUR,", "It has no amount, or more than one"),
        (",2026-03-02,M,4000,EUR,1", "It has no id"),
    ],
)
def test_a_wrong_row_is_refused_by_its_line(row: str, what: str) -> None:
    good = "6,2026-03-02,M,4000,EUR,1\n"
    assert refused(f"{HEAD}{good}{row}\n{good}") == [(3, what)]


def test_rows_of_an_entry_agree_on_its_day_and_memo() -> None:
    rows = "7,2026-03-02,M,4000,EUR,1\n7,2026-03-03,M,6100,EUR,-1\n"
    assert refused(HEAD + rows) == [(3, "Its date or memo is not that of line 2, which is of the same entry")]


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ("5,5", "It has no amount, or more than one"),
        ("-5,", "A debit or credit is negative"),
        (",-5", "A debit or credit is negative"),
    ],
)
def test_wrong_signs_are_refused(cells: str, what: str) -> None:
    head = HEAD.replace("amount", "debit,credit")
    assert refused(f"{head}7,2026-03-02,M,4000,EUR,{cells}\n") == [(2, what)]


@pytest.mark.parametrize(
    ("cells", "what"),
    [
        ("5.00,500,EUR,,", None),
        ("5.00,501,EUR,,", "amount says 5.00, amount_minor says 501"),
        ("5.00,5.00,EUR,,", "“5.00” is not whole minor units"),
        ("5.00,,USD,,", "Its base currency is USD, that of the books EUR"),
        ("5.00,,EUR,4.50,451", "base_amount says 4.50, base_minor says 451"),
    ],
)
def test_what_is_said_twice_must_agree(cells: str, what: str | None) -> None:
    head = HEAD.replace("amount", "amount,amount_minor,base_currency,base_amount,base_minor")
    assert refused(f"{head}7,2026-03-02,M,4000,EUR,{cells}\n") == ([(2, what)] if what else [])


def test_dimensions_are_an_object_of_texts() -> None:
    head = HEAD.replace("amount", "amount,dimensions")
    row = '7,2026-03-02,M,4000,EUR,1,"{""shop"": 5}"\n'
    assert refused(head + row) == [(2, "Its dimensions are no JSON object of texts")]


def test_opening_balances() -> None:
    lines, refusals = read_balances(
        "account,name,currency,balance,base_balance\n1100.bank,Bank,EUR,900.00,\n1320.stripe,G,USD,-5,-4.50\n6100,F,EUR,0,\n"
        "4000,S,EUR,x,\n",
        "a.csv",
        "EUR",
    )
    assert lines == [ToldLine(2, "1100.bank", "EUR", 90_000), ToldLine(3, "1320.stripe", "USD", -500, -450)]
    assert [(refusal.line, refusal.what) for refusal in refusals] == [(5, "“x” is not an amount")]


def written(journal) -> str:
    file = io.StringIO(newline="")
    table = Table(file, LINES)
    for found in journal:
        for row in line_rows(found, ACCOUNTS, "EUR"):
            table.write(row)
    return file.getvalue()


@given(journals())
def test_what_is_handed_over_is_read_back(journal) -> None:
    """Keys, days, memos and every line; why, rule and time stand in the table of entries only."""
    told = read_journal(written(journal), "lines.csv", "EUR")
    assert told.refusals == ()
    incoming, refusals = drafts_of(told.entries, ACCOUNTS, "EUR", "tieout")
    assert refusals == []
    kept = [without_numbers(found.entry.draft) for found in journal]
    assert [(f.draft.key, f.draft.effective_date, f.draft.memo, f.draft.lines) for f in incoming] == [
        (draft.key, draft.effective_date, draft.memo, draft.lines) for draft in kept
    ]
    lines = [line for found in journal for line in found.entry.draft.lines]
    again = lines_of(io.StringIO(written(journal), newline=""), "lines.csv", "EUR")
    assert [(ln.currency, ln.amount_minor, ln.base_minor) for ln in again] == [
        (ln.currency, ln.amount_minor, ln.base_minor) for ln in lines
    ]
    assert len(list(rows_of(io.StringIO(written(journal), newline=""), "lines.csv"))) == len(lines)


@given(st.text(max_size=200), st.sampled_from(["", HEAD, HEAD + "7,2026-03-02,M,4000,EUR,1\n"]))
def test_nonsense_is_refused_with_a_code(text: str, start: str) -> None:
    try:
        told = read_journal(start + text, "a.csv", "EUR")
    except BadInput as error:
        place = error.where
        assert place.startswith("a.csv")
        return
    drafts_of(told.entries, ACCOUNTS, "EUR", "tieout")
    assert all(refusal.what and refusal.remedy for refusal in told.refusals)
