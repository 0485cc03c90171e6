"""What sellers sold and are owed, read from the books; tests/app/test_reporting.py has the figures of every report."""

from datetime import date
from pathlib import Path

from tests.app import owing
from tests.app.house import open_house
from tieout.model.bucket import Bucket
from tieout.reports import sold


def test_weeks_counts_and_standing(database_url: str, tmp_path: Path) -> None:
    with open_house(database_url, tmp_path) as app:
        owing.story(app)
        with app.database.unit() as connection:
            assert sold.weeks(connection, 1, owing.LAST) == {
                "EUR": {date(2026, 9, 28): 7800, date(2026, 10, 5): -2250 - 2700}
            }
            assert sold.counted(connection, 1, owing.FIRST, owing.LAST)["A", "EUR", 4] == 1
            held = sold.standing(connection, 1, date(2026, 10, 7), Bucket.DISPUTE_HOLD)
            assert [(one.party, one.reference, one.amount_minor) for one in held] == [
                ("B", owing.ORDER, 1890), ("C", owing.ORDER, 810),
            ]  # fmt: skip
            assert sold.lags(connection, 1, owing.LAST) == {}
