"""A closed vocabulary: a word is its code, and brings its sentence."""

import msgspec
import pytest

from tieout.model.vocabulary import Word


class Fruit(Word):
    """For the test."""

    APPLE = "apple", "Grows on trees."
    PEAR = "pear"


def test_a_word_is_its_code() -> None:
    assert isinstance(Fruit.APPLE, str)
    assert (Fruit.APPLE.value, f"{Fruit.APPLE}", Fruit.APPLE + "s") == ("apple", "apple", "apples")
    assert Fruit("apple") is Fruit.APPLE
    assert (Fruit.APPLE.meaning, Fruit.PEAR.meaning) == ("Grows on trees.", "")


def test_the_vocabulary_is_closed() -> None:
    with pytest.raises(ValueError, match="'plum' is not a valid Fruit"):
        Fruit("plum")
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'"plum"', type=Fruit)
    assert msgspec.json.decode(b'"pear"', type=Fruit) is Fruit.PEAR
    assert msgspec.json.encode(Fruit.APPLE) == b'"apple"'
