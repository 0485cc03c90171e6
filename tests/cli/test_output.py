"""How things are printed: money as people and programs read it, and nothing but data on standard output."""

import os
import pty
import subprocess
import sys
import termios
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import Terminal, on_terminal, plain
from tieout.cli.output import Column, csv_text, progress, say, show, show_json
from tieout.model.money import Money, display

ROWS = (("rent", -145000, "EUR", date(2026, 10, 15)), ("[bold]ü", 500, "JPY", None))
COLUMNS = (
    Column("what", lambda row: row[0]),
    Column("amount", lambda row: Money(row[1], row[2])),
    Column("booked on", lambda row: row[3]),
)


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


WIDE = (
    Column("case", lambda row: row[0]),
    Column("reason", lambda _: "order_unpaid"),
    Column("at risk", lambda row: Money(row[1], "EUR")),
    Column("fee", lambda row: Money(row[2], "EUR"), spare=True),
    Column("currency", lambda _: "EUR"),
    Column("decided", lambda row: row[3]),
    Column("what happened", lambda row: row[4]),
)
UNPAID = (
    "cas_12",
    -145000,
    0,
    None,
    "Order #7 over 1,450.00 EUR has no payment; it is three days late.",
)
LATE = ("cas_9", 59, 1, date(2026, 10, 15), "")


def test_on_a_narrow_terminal_only_sentences_are_wrapped() -> None:
    assert on_terminal(80, lambda: show([UNPAID], WIDE, "table")) == [
        "case     reason           at risk    fee   currency   what happened",
        "────────────────────────────────────────────────────────────────────────────────",
        "cas_12   order_unpaid   −1,450.00   0.00   EUR        Order #7 over 1,450.00 EUR",
        "                                                      has no payment; it is",
        "                                                      three days late.",
    ]


def test_on_a_narrower_one_each_row_is_a_block() -> None:
    assert on_terminal(60, lambda: show([UNPAID, LATE], WIDE, "table", title="Open")) == [
        "Open",
        "",
        "cas_12  order_unpaid",
        "  at risk        −1,450.00 EUR",
        "  what happened  Order #7 over 1,450.00 EUR has no payment;",
        "                 it is three days late.",
        "",
        "cas_9  order_unpaid",
        "  at risk             0.59 EUR",
        "  fee                 0.01 EUR",
        "  decided        2026-10-15",
    ]


def test_columns_that_can_be_spared_go_before_the_table_does() -> None:
    columns = (*COLUMNS, Column("name", lambda _: "Landlord and sons", aside=True))
    whole = on_terminal(100, lambda: show(ROWS, columns, "table"))
    assert whole[0] == "what         amount   booked on    name"
    assert on_terminal(40, lambda: show(ROWS, columns, "table")) == on_terminal(
        100, lambda: show(ROWS, COLUMNS, "table")
    )


def test_a_table_without_rows_has_its_headings() -> None:
    assert on_terminal(80, lambda: show([], COLUMNS, "table"))[0] == "what   amount   booked on"


BOUND = ("1,450.00 EUR", "order:6201781764696", "−0.59 USD")
AMOUNTS = st.integers(-(10**11), 10**11)
SENTENCES = st.lists(st.sampled_from(["Order", "paid", *BOUND]), max_size=20).map(" ".join)
CASES = st.tuples(st.from_regex(r"cas_[0-9]{1,6}", fullmatch=True), AMOUNTS, AMOUNTS, st.none() | st.dates(), SENTENCES)


@given(st.integers(40, 160), st.lists(CASES, min_size=1, max_size=4))
def test_nothing_is_broken_or_cut_at_any_width(
    columns: int, rows: list[tuple[str, int, int, date | None, str]]
) -> None:
    lines = on_terminal(columns, lambda: show(rows, WIDE, "table"))
    assert max(map(len, lines)) <= columns
    left = "\n".join(lines)
    for case, risk, fee, decided, _ in rows:
        assert case in left
        assert display(risk, "EUR") in left
        assert fee == 0 or display(fee, "EUR") in left
        assert decided is None or decided.isoformat() in left
    for bound in BOUND:
        assert left.count(bound) >= sum(row[4].count(bound) for row in rows)


@pytest.mark.parametrize(("columns", "width"), [(80, 80), (100, 100), (140, 129)])
def test_a_real_terminal_says_how_wide_it_is(columns: int, width: int) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, columns))
    surroundings = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    script = "from tests.cli.test_output import UNPAID, WIDE, show\nshow([UNPAID] * 3, WIDE, 'table')"
    subprocess.run(
        [sys.executable, "-c", script],
        env={**surroundings, "TERM": "xterm", "NO_COLOR": "1", "PYTHONPATH": "src:."},
        stdin=theirs, stdout=theirs, stderr=theirs, check=True,
    )  # fmt: skip
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    assert max(map(len, plain(shown))) == width


def test_talk_on_a_terminal_breaks_no_word() -> None:
    said = "Tied out: unexplained 0.00 EUR."
    assert on_terminal(40, lambda: say(said)) == [said]
    assert on_terminal(28, lambda: say(f"{said}\n\n  key")) == ["Tied out: unexplained", "0.00 EUR.", "", "  key"]


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
