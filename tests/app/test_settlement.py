"""Settlement without books: structs or documents in, the split out."""

import copy
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.settlement.orders import MARKET, TEN
from tests.settlement.test_document import WRITTEN
from tieout import app
from tieout.app import settlement
from tieout.model.commission import FeeRule, FeeRules, Tier
from tieout.model.error import BadInput, TieoutError
from tieout.model.ownership import Ownership, Share
from tieout.model.settlement import Discount, Order, OrderLine, Quote, Refund, RefundLine, Tax
from tieout.settlement.document import read_ownership

RULES = {"commission": [{"id": "all", "percent": "10"}]}


def test_structs_and_documents_are_the_same_question() -> None:
    assert settlement.quote(MARKET, TEN) == settlement.quote(WRITTEN, RULES) == settlement.quote(MARKET, RULES)
    assert app.settlement.quote is settlement.quote


def test_the_example_in_the_docstring() -> None:
    order = {"currency": "EUR", "lines": [{"line": 1, "unit_price": "100.00", "owners": {"anna": 10000}}]}
    split = settlement.quote(order, {"commission": [{"id": "all", "percent": "10", "vat_percent": "21"}]})
    assert split.totals.sellers_minor == {"anna": 8790}
    assert settlement.quote(order).totals.sellers_minor == {"anna": 10000}


def test_ownership_may_come_as_records_or_documents() -> None:
    record = {"listing": "m", "valid_from": "2026-01-01T00:00:00Z", "shares": [{"party": "A", "basis_points": 10000}]}
    order = {"currency": "EUR", "lines": [{"line": 1, "unit_price": "1.00", "listing": "m"}]}
    split = settlement.quote(order, None, [record])
    assert split.totals.sellers_minor == {"A": 100}
    assert split == settlement.quote(order, None, read_ownership([record]))


def test_a_whole_question_is_one_document() -> None:
    answer = settlement.quote_document({"order": WRITTEN, "rules": RULES})
    assert answer["totals"]["buyer"] == "88.56"
    assert settlement.quote_document({"order": WRITTEN})["totals"]["commission"] == "0.00"


@pytest.mark.parametrize(
    ("asked", "what"),
    [
        ({}, "There is no order"),
        ({"order": []}, "There is no order"),
        ({"order": {"currency": "EUR"}, "rule": {}}, "“rule” is not a part of a question"),
        ({"order": {"currency": "EUR"}, "rules": [1]}, "“rules” is an object and “ownership” a list"),
        ({"order": {"currency": "EUR"}, "ownership": {"a": 1}}, "“rules” is an object and “ownership” a list"),
        ({"order": {"currency": "EUR", "lines": Decimal(1)}}, "Expected `array`"),
    ],
)
def test_a_question_that_is_none(asked, what: str) -> None:
    with pytest.raises(BadInput, match=what):
        settlement.quote_document(asked)


PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "quote.md").read_text("utf-8")
BLOCKS = [
    json.loads(text, parse_float=Decimal) for text in re.findall(r"^```json\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
]


def differences(answer: object, shown: object, at: str = "") -> list[str]:
    """Where an answer is not what a page shows of it."""
    if isinstance(shown, dict) and isinstance(answer, dict):
        return [d for name, part in shown.items() for d in differences(answer.get(name), part, f"{at}.{name}")]
    if isinstance(shown, list) and isinstance(answer, list) and len(shown) == len(answer):
        return [d for n, part in enumerate(shown) for d in differences(answer[n], part, f"{at}[{n}]")]
    return [] if answer == shown else [f"{at} is {answer}, the page says {shown}"]


@pytest.mark.parametrize("number", range(0, 6, 2))
def test_the_examples_of_the_reference_page(number: int) -> None:
    assert len(BLOCKS) == 6
    assert differences(settlement.quote_document(BLOCKS[number]), BLOCKS[number + 1]) == []


def test_a_page_that_is_wrong_would_be_noticed() -> None:
    assert differences({"a": [{"b": "1"}]}, {"a": [{"b": "2"}], "c": []}) == [
        ".a[0].b is 1, the page says 2",
        ".c is None, the page says []",
    ]


def test_the_page_names_every_field() -> None:
    nouns = (Order, OrderLine, Discount, Tax, Refund, RefundLine, FeeRule, FeeRules, Tier, Ownership, Share, Quote)
    fields = {name.removesuffix("_minor") for noun in nouns for name in noun.__struct_fields__}
    said = set(re.findall(r"`(\w+)`", PAGE)) | set(re.findall(r'"(\w+)"', PAGE))
    assert fields - said - {"order"} == set()


def test_what_comes_after_the_sale_is_offered_too() -> None:
    assert all(hasattr(settlement, name) for name in settlement.__all__)
    assert settlement.bucket.payable(4000, 1500) == 2500


ODD: list[Any] = [
    None, True, 0, -1, 10**30, "", "x", "-1", "0.001", "1e5", "NaN", "Infinity", [], {}, {"a": 1}, {"EUR": "1"}, 1.5,
    Decimal("NaN"), "platform", "2026-01-01", {"platform": "50", "seller": "50"}, {"A": 10000}, "line", 10**19,
]  # fmt: skip
NAMES = sorted({name.removesuffix("_minor") for noun in (Order, OrderLine, Discount, Tax, Refund, FeeRule)
                for name in noun.__struct_fields__})  # fmt: skip


def places(node, path=()):
    """Every place in a document."""
    yield path
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for name, part in parts:
        yield from places(part, (*path, name))


@given(st.data())
def test_nonsense_is_refused_and_never_breaks_anything(data) -> None:
    asked = copy.deepcopy(BLOCKS[data.draw(st.sampled_from([0, 2, 4]))])
    for _ in range(data.draw(st.integers(1, 3))):
        *path, last = data.draw(st.sampled_from([place for place in places(asked) if place]))
        node = asked
        for name in path:
            node = node[name]
        name = data.draw(st.sampled_from([last, *NAMES])) if isinstance(node, dict) else last
        node[name] = copy.deepcopy(data.draw(st.sampled_from(ODD)))
    answer, remedy = {}, ""
    try:
        answer = settlement.quote_document(asked)
    except TieoutError as error:
        remedy = error.remedy
    assert remedy or set(answer) >= {"totals", "legs", "left"}
