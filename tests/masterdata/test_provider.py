"""Rate providers: what can be declared, and what their answers must look like."""

import json
import re
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.masterdata.provider import (
    Pointers,
    Provider,
    address,
    headers_of,
    read_answer,
    read_providers,
    standard_providers,
)
from tieout.masterdata.rates import Rate
from tieout.model.error import BadInput, ConfigError

DAY = date(2026, 3, 2)
MAP = Provider(
    "map", "A map", "EUR", "https://rates.example/{day}?base={pivot}&symbols={quotes}",
    read=Pointers(rows="/rates", day="/date", base="/base"),
)  # fmt: skip
LIST = Provider(
    "list", "A list", "USD", "https://rates.example/list", source="own",
    read=Pointers(rows="/data/0/items", quote="/to~1code", rate="/value", each_day="/at"),
)  # fmt: skip
DECLARED = """
[[provider]]
name = "treasury"
title = "Ours"
pivot = "EUR"
url = "https://rates.example/{day}"
headers = { Authorization = "Bearer $TREASURY_KEY" }
[provider.read]
rows = "/rates"
day = "/date"
"""


def answer(**changes: Any) -> bytes:
    return json.dumps({"base": "EUR", "date": "2026-03-02", "rates": {"USD": 1.08, "JPY": "160"}} | changes).encode()


def listed(*items: dict[str, Any]) -> bytes:
    return json.dumps({"data": [{"items": list(items)}]}).encode()


def test_the_banks_own_files_are_declared() -> None:
    found = {provider.name: provider for provider in standard_providers()}
    assert {name: p.kept_as for name, p in found.items()} == {"ecb": "ecb", "ecb-daily": "ecb", "ecb-history": "ecb"}
    assert all(p.url.startswith("https://www.ecb.europa.eu/stats/eurofxref/") for p in found.values())


def test_an_object_of_codes_and_rates_is_read_without_a_float() -> None:
    assert read_answer(MAP, answer()) == [
        Rate("EUR", "JPY", DAY, Decimal(160), "map"),
        Rate("EUR", "USD", DAY, Decimal("1.08"), "map"),
    ]
    long = read_answer(MAP, b'{"base":"EUR","date":"2026-03-02T16:00:00Z","rates":{"USD":1.08123456789012345}}')
    assert long == [Rate("EUR", "USD", DAY, Decimal("1.0812345679"), "map")], "ten places are kept"
    assert read_answer(MAP, answer(rates={"EUR": 1, "USD": 1.08}))[0].quote == "USD", "one for itself says nothing"


def test_a_list_of_rows_is_read_with_the_day_of_each() -> None:
    rows = [{"to/code": "EUR", "value": "0.92", "at": 1772445600}, {"to/code": "CHF", "value": 1, "at": "2026-03-03"}]
    assert read_answer(LIST, listed(*rows)) == [
        Rate("USD", "EUR", DAY, Decimal("0.92"), "own"),
        Rate("USD", "CHF", date(2026, 3, 3), Decimal(1), "own"),
    ]


def test_without_pointers_it_is_a_file_of_the_bank() -> None:
    bank = Provider("mirror", "A mirror", "EUR", "https://rates.example/")
    assert read_answer(bank, b"Date, USD, \n02 March 2026, 1.08, \n") == [
        Rate("EUR", "USD", DAY, Decimal("1.08"), "mirror")
    ]
    with pytest.raises(BadInput, match="neither ECB XML nor ECB CSV"):
        read_answer(bank, b"Sorry, we moved.")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "The answer is no JSON"),
        (b"<html>", "The answer is no JSON"),
        (b'{"rates": {"USD": 1', "The answer is no JSON"),
        (b"[]", "There is nothing at /base"),
        (answer(base="USD"), "The rates are for 'USD', not for EUR"),
        (answer(date="yesterday"), "'yesterday' is not a day"),
        (answer(date="2026-02-30"), "'2026-02-30' is not a day"),
        (answer(date=True), "'True' is not a day"),
        (answer(date=10**30), "is not a day"),
        (answer(rates={}), "The answer has no rates"),
        (answer(rates=None), "There is no object of rates"),
        (answer(rates=[1]), "There is no object of rates"),
        (answer(rates={"usd": 1}), "'usd' is not the code of a currency"),
        (answer(rates={"USD": "1,08"}), "'1,08' is not a rate"),
        (answer(rates={"USD": None}), "'None' is not a rate"),
        (answer(rates={"USD": True}), "'True' is not a rate"),
        (answer(rates={"USD": 0}), "0 is not a rate that can be kept"),
        (answer(rates={"USD": -1}), "-1 is not a rate that can be kept"),
        (answer(rates={"USD": 10**10}), "is not a rate that can be kept"),
        (answer(rates={"USD": 1e-11}), "is not a rate that can be kept"),
        (answer(rates={"USD": {"x": 1}}), "is not a rate"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said(body: bytes, what: str) -> None:
    with pytest.raises(BadInput, match="map: .*" + re.escape(what)):
        read_answer(MAP, body)


def test_two_rates_of_one_day_are_refused_if_they_differ() -> None:
    one, other = ({"to/code": "EUR", "value": v, "at": "2026-03-02"} for v in ("0.92", "0.93"))
    assert len(read_answer(LIST, listed(one, one))) == 1
    with pytest.raises(BadInput, match=r"There are two rates, 0\.92 and 0\.93"):
        read_answer(LIST, listed(one, other))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(["EUR", "USD", "2026-03-02"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["base", "date", "rates", "USD", "data"]), inner, max_size=5)
    ),
    max_leaves=12,
)


@given(json_values)
def test_whatever_comes_is_read_or_refused(value: Any) -> None:
    for provider in (MAP, LIST):
        try:
            found = read_answer(provider, json.dumps(value).encode())
        except BadInput:
            continue
        assert found


def test_the_address_has_the_day_the_pivot_and_the_currencies() -> None:
    assert address(MAP, DAY, {"USD", "CHF"}) == "https://rates.example/2026-03-02?base=EUR&symbols=CHF,USD"


def test_a_key_comes_from_the_environment() -> None:
    (provider,) = read_providers(DECLARED, "rates.toml")
    assert headers_of(provider, {"TREASURY_KEY": "k"}) == {"Authorization": "Bearer k"}
    with pytest.raises(ConfigError, match="treasury needs TREASURY_KEY"):
        headers_of(provider, {})


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        ("[[provider]]", "[[provider", "cannot be read"),
        ('title = "Ours"', "", "missing required field `title`"),
        ('title = "Ours"', 'titel = "Ours"', "unknown field `titel`"),
        ("https://rates", "ftp://rates", "its url begins with"),
        ("{day}", "{when}", "its url takes"),
        ('pivot = "EUR"', 'pivot = "Euro"', "its pivot is the code of a currency"),
        ('rows = "/rates"', 'rows = "rates"', "a JSON pointer begins with a slash"),
        ('day = "/date"', "", "it says where the day stands"),
        ('name = "treasury"', 'name = "Our Treasury"', "names are small letters"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(before: str, after: str, what: str) -> None:
    assert before in DECLARED
    with pytest.raises(ConfigError, match=what):
        read_providers(DECLARED.replace(before, after, 1), "rates.toml")
