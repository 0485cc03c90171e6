"""What a source told is found by the ids of its list; nothing is found where nothing was told."""

from datetime import date

from tieout.db.pool import Connection
from tieout.reconciliation.told import told
from tieout.reconciliation.totals import Row


def test_nothing_told_is_nothing_counted(connection: Connection) -> None:
    theirs = [Row("txn_1", date(2026, 3, 3), "EUR", 100)]
    assert told(connection, 1, "stripe", "Europe/Berlin", theirs) == []
