"""What templates may call, and how tables come and go."""

from pathlib import Path

import pytest

from tieout.reconciliation.matching.dialect import Duck, Templates, places, quoted


@pytest.fixture
def duck(tmp_path: Path) -> Duck:
    return Duck(tmp_path, threads=1)


def only(duck: Duck, expression: str) -> object:
    found = duck.connection.execute(f"select {expression}").fetchone()
    assert found is not None
    return found[0]


@pytest.mark.parametrize(
    ("given", "squashed"),
    [("inv-2026/001", "INV2026001"), ("ABC", "ABC"), (" É–1 ", "É1"), ("...", ""), (None, "")],
)
def test_references_are_letters_and_digits(duck: Duck, given: str | None, squashed: str) -> None:
    assert only(duck, f"squash({'null' if given is None else quoted(given)})") == squashed


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(-5, "EUR", "-0.05"), (123456, "EUR", "1234.56"), (0, "EUR", "0.00"), (7, "JPY", "7"), (-1, "KWD", "-0.001")],
)
def test_money_is_written_with_the_decimals_of_its_currency(duck: Duck, amount: int, currency: str, text: str) -> None:
    assert only(duck, f"money({amount}, '{currency}')") == text


def test_cells_that_a_spreadsheet_would_run_are_guarded(duck: Duck) -> None:
    given = ("=1+1", "@x", "-5.00", "'a", "a")
    assert [only(duck, f"guarded({quoted(cell)})") for cell in given] == ["'=1+1", "'@x", "-5.00", "''a", "a"]


def test_days_are_told_as_dates(duck: Duck) -> None:
    assert only(duck, "day_text(-1)") == "1969-12-31"


def test_a_table_of_our_own_keeps_every_character(duck: Duck) -> None:
    odd = 'a|b,"c"\n\\d#é'
    duck.put("t", {"n": "bigint", "x": "varchar"}, [(1, odd), (2, "")])
    assert duck.connection.execute("select * from t order by n").fetchall() == [(1, odd), (2, "")]
    duck.drop("t")
    assert duck.connection.execute("select count(*) from duckdb_tables()").fetchall() == [(0,)]


def test_a_hole_that_nothing_fills_is_our_mistake() -> None:
    with pytest.raises(KeyError):
        Templates().filled("keyed.totals", {"rows": "x"})


def test_decimals_come_from_iso_4217(duck: Duck) -> None:
    assert only(duck, places("'BHD'")) == 3
