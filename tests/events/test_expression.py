"""The mapping language: every construct of docs/reference/mapping.md, and what is no construct."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.events.expression import (
    Scope,
    as_text,
    check,
    check_template,
    fill,
    fill_many,
    holds,
    is_empty,
    iterate,
    look_up,
)
from tieout.model.error import ConfigError

DOCUMENT: dict[str, Any] = {
    "id": 17,
    "name": "#1001",
    "empty": "",
    "nothing": None,
    "none_of_them": [],
    "zero": 0,
    "no": False,
    "rate": Decimal("1.50"),
    "a": {"b": {"c": "deep"}},
    "notes": [
        "loose text",
        {"name": "colour", "value": "red"},
        {"name": "colour", "value": "blue"},
        {"name": "v1.2", "value": "dotted"},
        {"name": "a|b", "value": "barred"},
        {"value": "nameless"},
        {"name": 7, "value": "seven"},
        {"name": None, "value": "null"},
    ],
    "orders": [
        {"no": 1, "lines": [{"sku": "A", "price": "1.00"}, {"sku": "B", "price": "2.00"}]},
        {"no": 2, "lines": []},
        {"no": 3, "lines": [{"sku": "C", "price": "3.00"}]},
    ],
}
SURROUNDINGS = {"source": "shop", "topic": "orders/create", "param": {"payout": "po_1"}}
ROOT = Scope(DOCUMENT, DOCUMENT, SURROUNDINGS)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("id", 17),
        ("a.b.c", "deep"),
        ("a.b", {"c": "deep"}),
        ("$.a.b.c", "deep"),
        ("$", DOCUMENT),
        ("@source", "shop"),
        ("@topic", "orders/create"),
        ("@param.payout", "po_1"),
        ("@param.nothing", None),
        ("a.x.c", None),
        ("id.x", None),
        ("missing", None),
        ("nothing", None),
        ("zero", 0),
        ("no", False),
        ("rate", Decimal("1.50")),
        ("'text'", "text"),
        ("''", None),
        ("' spaced | out '", " spaced | out "),
        ("missing | name", "#1001"),
        ("empty | nothing | none_of_them | 'last'", "last"),
        ("zero | 'never'", 0),
        ("no | 'never'", False),
        ("missing | nothing", None),
        ("notes[name=colour].value", "red"),
        ("notes[name=v1.2].value", "dotted"),
        ("notes[name=a|b].value", "barred"),
        ("notes[name=a|b].nothing | name", "#1001"),
        ("notes[ name = colour ].value", "red"),
        ("notes[name=7].value", "seven"),
        ("notes[name=green].value", None),
        ("notes[name=None].value", None),
        ("notes[name=colour]", {"name": "colour", "value": "red"}),
        ("a[b=c].d", None),
        ("^id", None),
    ],
)
def test_paths(expression: str, value: Any) -> None:
    found = look_up(ROOT, expression)
    assert found == value
    assert type(found) is type(value)


def test_the_first_that_is_not_empty_is_taken_from_left_to_right() -> None:
    assert look_up(ROOT, "name | id") == "#1001"
    assert look_up(ROOT, "id | name") == 17


def test_parents_lead_out_of_each_element() -> None:
    (inner,) = [s for s in iterate(ROOT, "orders[].lines[]") if s.here["sku"] == "C"]
    assert look_up(inner, "sku") == "C"
    assert look_up(inner, "^no") == 3
    assert look_up(inner, "^^name") == "#1001"
    assert look_up(inner, "^^^name") is None
    assert look_up(inner, "$.name") == "#1001"
    assert look_up(inner, "^") == DOCUMENT["orders"][2]


@pytest.mark.parametrize(
    ("each", "found"),
    [
        (None, [DOCUMENT]),
        ("$", [DOCUMENT]),
        ("a", [{"b": {"c": "deep"}}]),
        ("a.b", [{"c": "deep"}]),
        ("missing", []),
        ("empty", []),
        ("none_of_them[]", []),
        ("a[]", []),
        ("id[]", []),
        ("orders[].no", [1, 2, 3]),
        ("orders[].lines[].sku", ["A", "B", "C"]),
        ("$.orders[].lines[].price", ["1.00", "2.00", "3.00"]),
        ("orders[no=3].lines[]", [{"sku": "C", "price": "3.00"}]),
    ],
)
def test_iteration(each: str | None, found: list[Any]) -> None:
    assert [scope.here for scope in iterate(ROOT, each)] == found


def test_iteration_gives_even_elements_that_are_nothing() -> None:
    """An element that is null is still an element: somebody must say why it means nothing."""
    document: Any = {"rows": [None, "", {}, 0]}
    assert [s.here for s in iterate(Scope(document, document, {}), "rows[]")] == [None, "", {}, 0]


def test_iteration_inside_an_element_starts_there() -> None:
    (second,) = [s for s in iterate(ROOT, "orders[]") if s.here["no"] == 1]
    assert [s.here["sku"] for s in iterate(second, "lines[]")] == ["A", "B"]
    assert [look_up(s, "^no") for s in iterate(second, "lines[]")] == [1, 1]
    assert [s.here for s in iterate(second, "^orders[].no")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("order:{id}", "order:17"),
        ("{@source}:order:{id}:{name}", "shop:order:17:#1001"),
        ("{rate}", "1.50"),
        ("{zero}", "0"),
        ("plain", "plain"),
        ("{missing | id}", "17"),
        ("{notes[name=colour].value}", "red"),
        ("order:{missing}", None),
        ("{empty}{id}", None),
        ("{a}", None),
        ("{notes}", None),
    ],
)
def test_templates(template: str, text: str | None) -> None:
    assert fill(ROOT, template) == text


def test_what_is_filled_in_is_not_read_again() -> None:
    """A sender who writes {paths} into a name gets them back as they are."""
    document = {"id": "{$.secret}", "secret": "s3", "rows": [{"id": "\\1{secret}"}]}
    scope = Scope(document, document, {})
    assert fill(scope, "order:{id}") == "order:{$.secret}"
    assert list(fill_many(scope, "row:{rows[].id}:{id}")) == ["row:\\1{secret}:{$.secret}"]


@pytest.mark.parametrize(
    ("template", "texts"),
    [
        ("no:{orders[].no}", ["no:1", "no:2", "no:3"]),
        ("{@source}:{orders[].lines[].sku}", ["shop:A", "shop:B", "shop:C"]),
        ("{orders[no=1].lines[].sku}/{id}", ["A/17", "B/17"]),
        ("{notes[].value}", ["red", "blue", "dotted", "barred", "nameless", "seven", "null"]),
        ("{missing}:{orders[].no}", []),
        ("order:{id}", ["order:17"]),
        ("order:{missing}", []),
        ("{none_of_them[]}", []),
    ],
)
def test_plural_templates(template: str, texts: list[str]) -> None:
    assert list(fill_many(ROOT, template)) == texts


def test_a_plural_template_of_plain_values() -> None:
    document: Any = {"ids": ["a", "", None, 5, {"x": 1}, ["y"]]}
    assert list(fill_many(Scope(document, document, {}), "x:{ids[]}")) == ["x:a", "x:5"]


@pytest.mark.parametrize(
    ("value", "wanted", "outcome"),
    [
        ("a", "a", True),
        ("a", "b", False),
        (5, "5", True),
        (5, 5, True),
        ("5", 5, False),
        (True, True, True),
        (True, "True", False),
        (1, True, False),
        (0, False, False),
        (False, False, True),
        (Decimal(5), 5, False),
        ("a", ["a", "b"], True),
        ("c", ["a", "b"], False),
        (None, ["!", "x"], True),
        ("", "*", False),
        ([], "*", False),
        ({}, "*", False),
        (0, "*", True),
        (False, "*", True),
        (None, "!", True),
        ("", "!", True),
        (0, "!", False),
        (1, ">0", True),
        (0, ">0", False),
        (-1, "<0", True),
        ("-0.01", "<0", True),
        ("0.00", "<0", False),
        ("0.01", ">0", True),
        (Decimal("1E-9"), ">0", True),
        ("NaN", ">0", False),
        ("NaN", "<0", False),
        ("sNaN", ">0", False),
        ("Infinity", ">0", True),
        ("many", ">0", False),
        (None, ">0", False),
        ({"a": 1}, "<0", False),
        ("a", "!=a", False),
        ("b", "!=a", True),
        (None, "!=a", True),
        (True, "!=True", False),
        (["a"], "a", False),
        ({"a": 1}, "a", False),
    ],
)
def test_conditions(value: Any, wanted: Any, outcome: bool) -> None:
    document = {"x": value}
    assert holds(Scope(document, document, {}), {"x": wanted}) is outcome


def test_all_conditions_must_hold() -> None:
    assert holds(ROOT, {})
    assert holds(ROOT, {"id": 17, "name": "#1001", "@source": "shop"})
    assert not holds(ROOT, {"id": 17, "name": "#1002"})


@pytest.mark.parametrize("value", [None, "", [], {}])
def test_what_is_empty(value: Any) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", [0, False, "0", [None], {"a": None}, Decimal(0)])
def test_what_is_not_empty(value: Any) -> None:
    assert not is_empty(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (1, "1"),
        (True, "True"),
        (Decimal("1.50"), "1.50"),
        ("", None),
        (None, None),
        ([1], None),
        ({}, None),
    ],
)
def test_what_can_stand_in_a_name(value: Any, text: str | None) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize("expression", ["a[b", "a[b].c", "a]b", "x | a[b].c", "a[b=c]d"])
def test_what_is_no_path_is_a_mistake_of_the_mapping(expression: str) -> None:
    with pytest.raises(ConfigError):
        look_up(ROOT, expression)


@pytest.mark.parametrize("expression", ["rows[].id", "x | rows[]", "$.a[].b[].c"])
def test_many_values_where_one_is_needed_are_found_when_the_mapping_is_loaded(expression: str) -> None:
    with pytest.raises(ConfigError, match="many values where one is needed"):
        check(expression)


def test_a_path_to_many_has_no_alternatives() -> None:
    with pytest.raises(ConfigError, match="cannot have alternatives"):
        check("a[] | b[]", plural=True)


def test_a_template_has_one_path_to_many_at_most() -> None:
    check_template("x:{a[].b}:{c}", plural=True)
    with pytest.raises(ConfigError, match="more than one path"):
        check_template("{a[]}:{b[]}", plural=True)
    with pytest.raises(ConfigError, match="many values"):
        check_template("key:{a[].b}")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcxyz"), inner, max_size=4),
    max_leaves=12,
)
PATHS = st.sampled_from(
    ["a", "a.b", "$.a.b", "^a", "^^a.b", "@source", "@param.a", "a[b=x].c", "$.a[x=1]", "a | b | 'z'", "$", "^"]
)
PLURALS = st.sampled_from(["a[]", "$.a[].b[]", "a.b[]", "^a[]", "a[b=x].c[].x", "a", "$"])
WANTED = st.sampled_from(["*", "!", ">0", "<0", "!=x", "x", 1, True, ["x", "!", 2]])


@given(document=JSON, path=PATHS, plural=PLURALS, wanted=WANTED)
def test_no_document_makes_the_language_raise(document: Any, path: str, plural: str, wanted: Any) -> None:
    root = Scope(document, document, {"source": "s", "param": {"a": "1"}})
    for scope in [root, *iterate(root, plural)]:
        value = look_up(scope, path)
        assert value is None or not is_empty(value)
        assert holds(scope, {path: wanted}) in (True, False)
        text = fill(scope, "k:{" + path + "}")
        assert text is None or text.startswith("k:")
        assert all(text.startswith("k:") for text in fill_many(scope, "k:{" + plural.replace("$", "$.c[]") + "}"))
