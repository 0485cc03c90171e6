"""Corrections around an entry, both ways."""

from tests.app.house import ANNA, DAY, opening_balance
from tieout.app import Tieout
from tieout.app.context import LedgerContext
from tieout.app.linking import corrections_around, links_of, relation_to
from tieout.model.entry import EntryLink, LinkKind
from tieout.model.trace import Correction


def test_a_correction_of_a_correction_is_found_from_any_of_them(app: Tieout) -> None:
    (first,) = app.post([opening_balance(amount=100)], actor=ANNA)
    one = app.correct(first, opening_balance(key="b", amount=200), reason="One.", on=DAY, actor=ANNA)
    assert one.replacement is not None
    two = app.correct(one.replacement, opening_balance(key="c", amount=300), reason="Two.", on=DAY, actor=ANNA)
    assert two.replacement is not None
    names = [first, one.reversal, one.replacement, two.reversal, two.replacement]
    numbers = [int(name.removeprefix("ent_")) for name in names]
    a, a_back, b, b_back, c = numbers
    wanted = {
        EntryLink(a_back, LinkKind.REVERSES, a),
        EntryLink(b, LinkKind.REPLACES, a),
        EntryLink(b_back, LinkKind.REVERSES, b),
        EntryLink(c, LinkKind.REPLACES, b),
    }
    with app.database.unit() as connection:
        context = LedgerContext(connection, app.settings)
        for number in numbers:
            assert set(corrections_around(connection, context, [number])) == wanted
        assert corrections_around(connection, context, []) == []
        assert links_of(connection, context, b) == [
            Correction("replaces", first),
            Correction("is reversed by", two.reversal),
            Correction("is replaced by", two.replacement),
        ]


def test_every_kind_of_link_has_words() -> None:
    assert [relation_to(kind) for kind in LinkKind] == ["is reversed by", "is reversed in part by", "is replaced by"]
