from datetime import date
from typing import Any

import pytest

from tests.api.hub import REQUESTS
from tieout.console.query import Query
from tieout.model.error import BadInput


def query(**parameters: Any) -> Query:
    return Query(REQUESTS.get("/", query_params=parameters))


def test_empty_fields_are_not_given() -> None:
    found = query(text="", day="", number=" ", choice="", month="", flag="")
    assert (found.text("text"), found.day("day"), found.number("number"), found.month("month")) == (None,) * 4
    assert (found.choice("choice", ("a",)), found.flag("flag"), found.texts("text")) == (None, False, [])


def test_values_are_read() -> None:
    found = query(text=" x ", day="2026-10-31", number="12", choice="b", month="2026-10", flag="1", many=["p", "", "q"])
    assert (found.text("text"), found.day("day"), found.number("number")) == ("x", date(2026, 10, 31), 12)
    assert (found.month("month"), found.choice("choice", ("a", "b"))) == (date(2026, 10, 1), "b")
    assert (found.flag("flag"), found.texts("many"), found.text("many")) == (True, ["p", "q"], "q")


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-02-30", "0001-01-01", "9999-12-31", "2026-10"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match=f"“{text}” is not a day"):
        query(since=text).day("since")


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "١٢", "9" * 19])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(BadInput, match="is not a number"):
        query(before=text).number("before")


def test_what_is_no_choice_is_refused() -> None:
    with pytest.raises(BadInput, match="“c” is no naming"):
        query(naming="c").choice("naming", ("a", "b"))
