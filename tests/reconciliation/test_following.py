"""Whether open items follow the journal: missing ones only beyond the cursor, invented ones never."""

from datetime import date

from tests.app.house import ANNA, opening_balance
from tests.app.test_sealing import draft
from tieout.app import Tieout
from tieout.ledger.seal import ID_MAX
from tieout.reconciliation import following


def test_items_beyond_the_cursor_may_be_missing(database_url: str, tmp_path) -> None:
    from tests.app.house import open_house

    app: Tieout = open_house(database_url, tmp_path)
    app.post([draft(1), opening_balance()], actor=ANNA)
    with app._books() as (connection, context):
        assert following.upto(connection, context.id) == 0
        assert following.wrong_items(connection, context.id, 0, ID_MAX, 0) == []
        found = following.wrong_items(connection, context.id, 0, ID_MAX, ID_MAX)
        assert [(flaw.where, flaw.what) for flaw in found] == [
            ("ent_1", "its open item “order:1” on 1200: it is not there")
        ]
    app.reconcile(date(2026, 3, 4))
    with app._books() as (connection, context):
        assert following.upto(connection, context.id) == 2
        assert following.wrong_items(connection, context.id, 0, ID_MAX, 2) == []
        connection.execute("set session_replication_role = replica")
        connection.execute("update open_item set amount_minor = 7")
        connection.execute("update item_cursor set upto_entry = 0")
        assert len(following.wrong_items(connection, context.id, 0, ID_MAX, 0)) == 1
    app.close()
