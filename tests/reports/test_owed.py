"""What sellers are owed, read from the books."""

from datetime import date
from pathlib import Path

from tests.app import owing
from tests.app.house import open_house
from tieout.app import Tieout
from tieout.model.bucket import Bucket
from tieout.reports import owed


def test_lines_and_what_they_are_made_of(database_url: str, tmp_path: Path) -> None:
    with open_house(database_url, tmp_path) as app:
        owing.story(app)
        owing.profile(app, "A")
        check_lines(app)


def check_lines(app: Tieout) -> None:
    with app.database.unit() as connection:
        found = owed.lines(connection, 1, "A", buckets=[Bucket.PENDING])
        assert [(k.key, k.line.amount_minor, k.line.occasion) for k in found] == [
            ("story:1", 5100, "captured"), ("story:4", -5100, "released"),
        ]  # fmt: skip
        assert owed.lines(connection, 1, "A", since=date(2026, 11, 1)) == []
        assert len(owed.lines(connection, 1, "A", items=[owing.ORDER])) == 7
        assert owed.amounts_of(connection, 1, "A", ["story:1", "story:5", "none"]) == {
            "story:1": {"sales": 5000, "shipping": 600, "commission": -500},
            "story:5": {"sales": -2500, "commission": 250},
        }
        assert list(owed.amounts_of(connection, 1, "A", ["story:1"])["story:1"]) == ["sales", "shipping", "commission"]
        assert owed.standing(connection, 1, "A", "EUR", date(2026, 10, 5)) == [
            owed.Standing(Bucket.RESERVE, owing.ORDER, 510, None)
        ]
        assert owed.currencies(connection, 1, "A") == ["EUR"]
        (profile,) = owed.profiles(connection, 1).values()
        assert profile.seller.legal_name == "Ölmühle & Söhne"
        assert profile.seller.account is not None
        assert profile.seller.account.iban == "DE89370400440532013000"
        assert owed.occasion_of("settlement.released") == "released"
