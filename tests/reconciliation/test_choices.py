"""What people refused is kept once, whichever way round it is said."""

from tieout.db.pool import Connection
from tieout.reconciliation import choices


def test_a_pair_is_refused_once(connection: Connection) -> None:
    assert choices.refuse(connection, 1, 7, 3, "No.", "anna")
    assert not choices.refuse(connection, 1, 3, 7, "No.", "eva")
    assert choices.refused(connection, 1) == {frozenset({3, 7})}
    assert choices.habits(connection, 1) == {}
