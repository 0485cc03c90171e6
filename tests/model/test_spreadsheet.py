import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.model.spreadsheet import guarded, is_number, text_of


@pytest.mark.parametrize(
    ("text", "cell"),
    [("=SUM(A1)", "'=SUM(A1)"), ("+49 89", "'+49 89"), ("@home", "'@home"), ("-cmd", "'-cmd"), ("\tx", "'\tx"),
     ("-12.50", "-12.50"), ("plain", "plain"), ("'s-Hertogenbosch", "''s-Hertogenbosch"), ("-", "'-"), ("", "")],
)  # fmt: skip
def test_text_never_becomes_a_formula(text: str, cell: str) -> None:
    assert guarded(text) == cell
    assert text_of(cell) == text


def test_numbers_and_nothing_are_left_alone() -> None:
    assert [guarded(cell) for cell in (-3, None)] == [-3, None]
    assert [is_number(text) for text in ("-1.5", "1", "1.", "--1", "1-", "-", "", "1e5", "\u0661")] == [
        True, True, True, False, False, False, False, False, False
    ]  # fmt: skip


def test_a_name_that_only_looks_guarded_in_another_file_is_kept() -> None:
    assert text_of("'s-Hertogenbosch") == "'s-Hertogenbosch"


@given(st.text())
def test_every_text_comes_back(text: str) -> None:
    assert text_of(str(guarded(text))) == text
