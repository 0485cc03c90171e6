"""Two results side by side: new, lost, tied otherwise, and what a person has taken back."""

from tieout.reconciliation.trial import Changed, TrialMatch, compare


def match(key: str, *items: int, currency: str = "EUR") -> TrialMatch:
    return TrialMatch("item", key, "1200", currency, 100 * len(items), items)


def test_every_match_is_the_same_new_lost_or_tied_otherwise() -> None:
    same, lost, before = match("a", 1, 2), match("b", 3, 4), match("c", 5, 6)
    after, new, back = match("c", 5, 6, 7), match("d", 8, 9, currency="USD"), match("e", 10, 11)
    found = compare([same, lost, before], [same, after, new, back], {frozenset({10, 11})}, 11)
    assert (found.items, found.same, found.lost) == (11, 1, (lost,))
    assert (found.new, found.changed, found.contradicted) == ((new, back), (Changed(before, after),), (back,))
    assert found.money(found.new) == {"USD": 200, "EUR": 200}
