"""Reports as nouns."""

from tieout.model.report import Tie


def test_a_tie_says_by_how_much_it_is_off() -> None:
    assert Tie("Closing", "EUR", 500, 480).off_minor == 20
