"""Reports on sellers: what an accountant reads, each figure compared with the ledger."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.app import house, market, owing
from tests.app.owing import FIRST, LAST, ORDER
from tieout.app import Tieout
from tieout.model.error import BadInput, NotFound
from tieout.model.money import Money, decimal_text
from tieout.model.report import GROUPINGS, REPORTS, Report


@pytest.fixture
def told(app: Tieout) -> Tieout:
    """Books with the story of one order, of which a rest of A's is still kept back."""
    owing.story(app)
    owing.profile(app, "A")
    for party, total, net in (("A", 5916, 2850), ("B", 2100, 0), ("C", 900, 0)):
        owing.write(
            app,
            "insert into stake (ledger_id, sale, party, currency, captured_on, gross_minor, total_minor, net_minor,"
            " reserve_until, released_on) values (1, %(sale)s, %(party)s, 'EUR', '2026-10-01', 1, %(total)s, %(net)s,"
            " '2026-12-12', '2026-10-04')",
            sale=ORDER, party=party, total=total, net=net,
        )  # fmt: skip
    return app


def text(found: Report) -> list[str]:
    """Rows as an accountant reads them."""
    return [" | ".join(cell_text(cell) for cell in row) for row in found.rows]


def cell_text(cell: Any) -> str:
    return decimal_text(cell.amount_minor, cell.currency) if isinstance(cell, Money) else str(cell)


@pytest.mark.parametrize("name", [*REPORTS])
@pytest.mark.parametrize("until", [date(2026, 10, 5), date(2026, 10, 7), LAST])
def test_every_report_ties_to_the_ledger(told: Tieout, name: str, until: date) -> None:
    for by in GROUPINGS if name == "fee-yield" else ("category",):
        found = told.report(name, FIRST, until, by=by)
        assert [tie for tie in found.ties if tie.off_minor] == []
        assert found.ties or name == "1099-k", "nothing was paid in dollars"
        assert all(len(row) == len(found.columns) for row in found.rows)


def test_the_roll_forward(told: Tieout) -> None:
    assert text(told.report("liability", FIRST, LAST)) == [
        "Opening, before 2026-10-01 | 0.00 | EUR",
        "Sales | 86.00 | EUR",
        "Refunds | -25.00 | EUR",
        "Commission | -5.50 | EUR",
        "Disputes | -27.00 | EUR",
        "Payout came back | 23.40 | EUR",
        "Arrived at the bank | -23.40 | EUR",
        "Dispute fee | -15.00 | EUR",
        "Closing, end of 2026-10-31 | 13.50 | EUR",
    ]


def test_what_is_kept_back_by_cause_and_day(told: Tieout) -> None:
    assert text(told.report("reserves", FIRST, date(2026, 10, 7))) == [
        "Buyer's dispute | when it is decided | 2 | 2 | 27.00 | EUR",
        "Reserve of released sales | 2026-12-12 | 1 | 1 | 5.10 | EUR",
    ]
    assert text(told.report("reserves", FIRST, LAST)) == []


def test_what_fees_yield(told: Tieout) -> None:
    assert text(told.report("fee-yield", FIRST, date(2026, 10, 6))) == [
        "Books | 30.00 | 3.00 | 0.00 | 0.00 | 10.0 % | EUR",
        "Ceramics | 31.00 | 2.50 | 0.00 | 0.00 | 8.1 % | EUR",
    ]
    by_region = told.report("fee-yield", FIRST, date(2026, 10, 6), by="region")
    assert [row[0] for row in by_region.rows] == ["DE", "FR"]
    by_day = told.report("fee-yield", FIRST, date(2026, 10, 6), by="day")
    assert [row[0] for row in by_day.rows] == ["2026-10-01", "2026-10-05"]


def test_what_came_back_by_seller(told: Tieout) -> None:
    assert text(told.report("rates", FIRST, LAST)) == [
        "A | 1 | 51.00 | 1 | 22.50 | 44.1 % | 0 | 0.00 | 0.0 % | EUR",
        "B | 1 | 18.90 | 0 | 0.00 | 0.0 % | 1 | 18.90 | 100.0 % | EUR",
        "C | 1 | 8.10 | 0 | 0.00 | 0.0 % | 1 | 8.10 | 100.0 % | EUR",
    ]


def test_the_tax_packs(told: Tieout) -> None:
    found = told.report("dac7", until=LAST)
    assert text(found)[0] == (
        "A | Ölmühle & Söhne | DE |  | EUR | no | below both | 0.00 | 0.00 | 0.00 | 0 | 0.00 | 0.00 | 0.00 | 0"
        " | 0.00 | 0.00 | 0.00 | 0 | 28.50 | 2.50 | 0.00 | 1"
    )
    paid = told.report("1099-k", until=LAST)
    assert paid.rows == ()
    assert paid.notes[-1] == "Sales in EUR are not on it."


def test_the_forecast_knows_what_is_owed_and_refuses_to_guess(told: Tieout) -> None:
    found = told.report("forecast", until=date(2026, 10, 5))
    assert text(found)[0] == "2026-10-05 | 23.40 | None | None | None | 23.40 | EUR"
    assert text(found)[10] == "2026-12-14 | 5.10 | None | None | None | 5.10 | EUR"
    assert text(found)[13] == "later, or not known when | 27.00 | None | None | None | None | EUR"
    assert found.notes == ("EUR: Sales are not forecast: it takes 8 whole weeks of them, and the books have 1.",)


def test_what_cannot_be_reported_is_refused(told: Tieout) -> None:
    with pytest.raises(NotFound, match="There is no report “x”"):
        told.report("x")
    with pytest.raises(BadInput, match="“x” is no grouping"):
        told.report("fee-yield", by="x")
    with pytest.raises(BadInput, match="2026-10-31 is after 2026-10-01"):
        told.report("rates", LAST, FIRST)


def test_what_came_through_the_doors_is_told_by_what_it_is_made_of(database_url: str, tmp_path: Path) -> None:
    """A sale and a refund as the shop and the gateway tell them: every report ties, every part comes to its line."""
    with market.opened(database_url, tmp_path) as app:
        market.own(app, anna=6000, bo=4000)
        house.tell(app, "shop", market.order())
        house.tell(app, "stripe", house.charge())
        house.tell(app, "shop", market.refund())
        (found,) = app.statements("anna", date(2026, 3, 1), date(2026, 12, 31))
        assert found.closing_minor == 1323
        assert [sum(row.parts_minor.values()) for row in found.rows] == [row.total_minor for row in found.rows]
        for name in REPORTS:
            made = app.report(name, date(2026, 3, 1), date(2026, 12, 31))
            assert [tie for tie in made.ties if tie.off_minor] == [], name
