import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from tests.reports.journals import ACCOUNTS, line, sample
from tests.reports.journals import entry as made
from tieout.model.spreadsheet import text_of
from tieout.reports.table import ENTRIES, LINES, Table, entry_row, line_rows


def test_an_entry_is_a_row() -> None:
    row = dict(zip(ENTRIES, entry_row(sample()[2]), strict=True))
    assert {**row, "content_hash": None} == {
        "entry": "ent_13", "key": "bank:line:13", "effective_date": "2026-03-02",
        "occurred_at": "2026-03-02T12:00:00+00:00", "recorded_at": "2026-03-02T12:00:00+00:00", "memo": "Memo",
        "rule": "bank.credit", "rule_version": 1, "why": "Because.", "event": None, "reverses": "bank:line:11",
        "rate": None, "actor": "tieout", "late": "false", "lines": 2, "content_hash": None,
    }  # fmt: skip
    assert row["content_hash"] == sample()[2].entry.content_hash.hex()


def test_a_line_has_its_amount_as_text_and_in_minor_units() -> None:
    first, second = (dict(zip(LINES, row, strict=True)) for row in line_rows(sample()[0], ACCOUNTS, "EUR"))
    assert first == {
        "entry": "ent_10", "key": "bank:line:10", "effective_date": "2026-03-02", "line": 1, "account": "1320.stripe",
        "account_name": "Gateway", "currency": "USD", "amount": "119.00", "amount_minor": 11_900,
        "base_currency": "EUR", "base_amount": "108.18", "base_minor": 10_818, "party": "acme", "item": "order:1001",
        "dimensions": '{"shop":"a b"}', "memo": '=Sale “1001”; "web", late',
    }  # fmt: skip
    assert (second["line"], second["amount"], second["dimensions"]) == (2, "-119.00", None)


def test_currencies_have_their_own_decimals() -> None:
    found = made(1, line("4000", 1500, "KWD", 1), line("4000", -500, "JPY", -1))
    rows = [dict(zip(LINES, row, strict=True)) for row in line_rows(found, ACCOUNTS, "EUR")]
    assert [(row["amount"], row["base_amount"]) for row in rows] == [("1.500", "0.01"), ("-500", "-0.01")]


def test_the_file_is_rfc_4180() -> None:
    file = io.StringIO(newline="")
    table = Table(file, ("a", "b"))
    table.write(('say "x", y\nz', None))
    table.write(("=1+1", -5))
    assert file.getvalue() == 'a,b\r\n"say ""x"", y\nz",\r\n\'=1+1,-5\r\n'


def test_a_table_for_a_program_is_not_guarded() -> None:
    file = io.StringIO(newline="")
    Table(file, ("a",), guarded=False).write(("=1+1",))
    assert file.getvalue() == "a\r\n=1+1\r\n"


@given(st.text())
def test_every_text_comes_back_from_a_file(text: str) -> None:
    file = io.StringIO(newline="")
    Table(file, ("a", "b")).write((text, "end"))
    assert [[text_of(cell) for cell in row] for row in csv.reader(io.StringIO(file.getvalue(), newline=""))][1:] == [
        [text, "end"]
    ]
