"""Tokens: what of a bank's text could be a reference."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tieout.connectors.camt.tokens import TOKENS_MAX, reference_tokens


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", []),
        ("no digits whatsoever", []),
        ("12345", []),
        ("123456", ["123456"]),
        ("EREF+po_1AbC23 SVWZ+x", ["po_1AbC23", "po1AbC23"]),
        ("/EREF/tr-0099-aa/REMI/", ["tr-0099-aa", "tr0099aa"]),
        ("-abc123-", ["abc123"]),
        ("a1b2c3 a1b2c3", ["a1b2c3", "a1b2c3a1b2c3"]),
        ("RF18 5390 0754", ["RF1853900754"]),
        ("Invoice 2026 0117 paid", ["20260117"]),
        ("A" * 64 + "1", []),
        ("A" * 63 + "1", ["A" * 63 + "1"]),
        ("١٢٣٤٥٦٧", []),
        ("TAN:283044,ref", ["283044"]),
    ],
)
def test_tokens_of_a_text(text: str, tokens: list[str]) -> None:
    assert reference_tokens([text]) == tokens


def test_a_word_broken_at_the_end_of_a_line_is_joined() -> None:
    lines = ["STRIPE po_1Ab", "C2345 thanks"]
    assert reference_tokens(lines, [(lines[0], lines[1])]) == ["po_1Ab", "po_1AbC2345", "po1AbC2345"]
    assert reference_tokens(["x po_1Ab,", "C2345"], [("x po_1Ab,", "C2345")]) == ["po_1Ab"]


def test_there_are_never_more_than_forty() -> None:
    assert reference_tokens([f"REF{n:06d}" for n in range(500)]) == [f"REF{n:06d}" for n in range(TOKENS_MAX)]


@given(st.lists(st.text(max_size=200), max_size=6))
def test_every_token_is_one_and_stands_in_the_text(texts: list[str]) -> None:
    tokens = reference_tokens(texts, pairwise(texts))
    bare = "".join("".join(text.split()) for text in texts).replace("-", "").replace("_", "")
    assert len(tokens) == len(set(tokens)) <= TOKENS_MAX
    for token in tokens:
        assert 6 <= len(token) <= 64
        assert token.isascii()
        assert any(char.isdigit() for char in token)
        assert token.replace("-", "").replace("_", "") in bare
