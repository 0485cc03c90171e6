"""A closed vocabulary: every word the product may use for a thing, with the sentence that explains it.

The reference pages under docs/reference are generated from these; a test fails when they differ.
"""

from enum import StrEnum


class Word(StrEnum):
    """A member is its code; `meaning` is one sentence a bookkeeper understands."""

    meaning: str

    def __new__(cls, code: str, meaning: str = "") -> "Word":
        """A word from its code and the sentence that explains it."""
        word = str.__new__(cls, code)
        word._value_ = code
        word.meaning = meaning
        return word
