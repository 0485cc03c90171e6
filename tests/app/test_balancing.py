"""Balances by every way of asking, and projections that can be thrown away."""

from pathlib import Path

from tests.app.house import ANNA, open_house, opening_balance


def test_each_entry_is_rolled_up_once(tmp_path: Path, database_url: str) -> None:
    with open_house(database_url, tmp_path) as app:
        assert app.roll_up() == 0
        app.post([opening_balance(), opening_balance("opening:2027", 7)], actor=ANNA)
        assert app.roll_up() == 2
        assert app.roll_up() == 0


def test_a_rebuild_reads_every_line_and_is_logged(tmp_path: Path, database_url: str) -> None:
    with open_house(database_url, tmp_path) as app:
        app.post([opening_balance()], actor=ANNA)
        told: list[tuple[int, int]] = []
        assert app.rebuild(lambda done, of: told.append((done, of)), actor=ANNA) == 2
        assert told == [(1, 1)]
        newest = app.audit()[0]
        assert (newest.actor, newest.action, newest.detail) == ("anna", "ledger.rebuilt", "2 lines")
        assert app.roll_up() == 0
