"""Typesetting: one template, data in, bytes out."""

import pytest
import typst

from tests.reports.test_statement_pdf import STATEMENT
from tieout.reports.statement_pdf import page_of
from tieout.reports.typeset import typeset


def test_the_same_data_gives_the_same_bytes() -> None:
    first, second = (typeset("statement", page_of(STATEMENT)) for _ in range(2))
    assert first == second
    assert first.startswith(b"%PDF-1.7")
    assert b"pdfaid:part>2</" in first
    assert b"pdfuaid:part>1</" in first


def test_what_no_font_has_is_printed_all_the_same() -> None:
    page = {**page_of(STATEMENT), "name": "Anna \U00012000"}
    made = typeset("statement", page)
    assert made.startswith(b"%PDF-1.7")
    assert b"pdfaid" not in made, "the file does not promise what it cannot keep"


def test_a_template_that_does_not_hold_is_our_mistake() -> None:
    with pytest.raises(typst.TypstError, match="movements"):
        typeset("statement", {name: value for name, value in page_of(STATEMENT).items() if name != "movements"})
