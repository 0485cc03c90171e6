"""What can be paid follows the journal: each line once, none of a payout's own, and the same when derived anew."""

from pathlib import Path

from tests.app.payroom import DAY, open_market, owe, sell
from tieout.app import Tieout
from tieout.settlement import payables


def open_of(app: Tieout) -> dict[str, list[int]]:
    with app._books() as (connection, context):
        account = context.accounts["2320"].id
        payables.gather(connection, context.id, account, wait=True)
        return {
            party: [line.amount_minor for line in payables.open_lines(connection, context.id, party, "EUR")]
            for party in payables.parties(connection, context.id)
        }


def test_open_lines_follow_the_journal_and_can_be_derived_anew(database_url: str, tmp_path: Path) -> None:
    with open_market(database_url, tmp_path) as app:
        for party in ("birke", "linde"):
            sell(app, party, kept_minimum_minor=100)
            owe(app, party, 1000, -200)
        assert open_of(app) == {"birke": [1000, -200], "linde": [1000, -200]}
        app.run_payouts(DAY, parties=["birke"])
        app.send_payouts(DAY)
        owe(app, "birke", 77, mark="later")
        wanted = {"birke": [100, 77], "linde": [1000, -200]}
        assert open_of(app) == wanted
        assert open_of(app) == wanted
        with app._books() as (connection, context):
            assert payables.rebuild(connection, context.id, context.accounts["2320"].id) == 4
        assert open_of(app) == wanted
