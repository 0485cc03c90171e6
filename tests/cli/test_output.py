"""How things are printed: money as people and programs read it, and nothing but data on standard output."""

import io
import sys
from datetime import UTC, date, datetime

import pytest

from tieout.cli.output import Column, csv_text, progress, say, show, show_json
from tieout.model.money import Money

ROWS = (("rent", -145000, "EUR", date(2026, 10, 15)), ("[bold]ü", 500, "JPY", None))
COLUMNS = (
    Column("what", lambda row: row[0]),
    Column("amount", lambda row: Money(row[1], row[2])),
    Column("booked on", lambda row: row[3]),
)


class Terminal(io.StringIO):
    """Standard output or error as a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, COLUMNS, "table")
    assert capsys.readouterr().out == (
        "what         amount   booked on\n"
        "────────────────────────────────\n"
        "rent      −1,450.00   2026-10-15\n"
        "[bold]ü         500\n"
    )


def test_csv_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    show(ROWS, COLUMNS, "csv")
    assert capsys.readouterr().out == "what,amount,booked_on\nrent,-1450.00,2026-10-15\n[bold]ü,500,\n"
    assert csv_text([('a,"b"\nc', 1, "EUR", None)], COLUMNS) == 'what,amount,booked_on\n"a,""b""\nc",0.01,\n'


def test_csv_holds_no_formula_and_numbers_stay_numbers() -> None:
    rows = [(text, -5, "EUR", None) for text in ('=HYPERLINK("http://evil")', "+cmd|calc", "-x", "@home", "-12", "a=b")]
    assert csv_text(rows, COLUMNS).splitlines()[1:] == [
        "\"'=HYPERLINK(\"\"http://evil\"\")\",-0.05,", "'+cmd|calc,-0.05,", "'-x,-0.05,", "'@home,-0.05,",
        "-12,-0.05,", "a=b,-0.05,",
    ]  # fmt: skip


def test_json_is_the_rows_themselves(capsys: pytest.CaptureFixture[str]) -> None:
    show_json([Money(-1, "EUR"), datetime(2026, 10, 1, tzinfo=UTC)])
    assert capsys.readouterr().out == (
        '[\n  {\n    "amount_minor": -1,\n    "currency": "EUR"\n  },\n  "2026-10-01T00:00:00Z"\n]\n'
    )


def test_times_are_short_in_tables_and_whole_in_csv(capsys: pytest.CaptureFixture[str]) -> None:
    columns = (Column("at", lambda row: row),)
    show([datetime(2026, 10, 1, 9, 5, 7, tzinfo=UTC)], columns, "table")
    show([datetime(2026, 10, 1, 9, 5, 7, tzinfo=UTC)], columns, "csv")
    assert capsys.readouterr().out.splitlines()[2:] == ["2026-10-01 09:05", "at", "2026-10-01T09:05:07+00:00"]


def test_no_row_is_wrapped_or_cut_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show([("x" * 3000,)], (Column("long", lambda row: row[0]),), "table")
    assert capsys.readouterr().out.splitlines()[2] == "x" * 3000


def test_colour_only_on_a_terminal_and_not_with_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", shown := Terminal())
        show(ROWS, COLUMNS, "table")
    assert "\x1b[1m" in shown.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", shown := Terminal())
        show(ROWS, COLUMNS, "table")
    assert "\x1b[3" not in shown.getvalue()


def test_talk_goes_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    say("Nothing to do.")
    assert capsys.readouterr() == ("", "Nothing to do.\n")


def test_progress_is_a_bar_on_a_terminal_and_silence_elsewhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with progress("Importing", 2) as move:
        move(1)
    assert capsys.readouterr() == ("", "")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys, "stderr", shown := Terminal())
    with progress("Importing", 2) as move:
        move(2)
    assert "Importing" in shown.getvalue()
    assert "2/2" in shown.getvalue()
