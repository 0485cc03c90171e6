"""Exchange rates, and what waits for them."""

from tests.app.house import ANNA, rates
from tieout.app import Tieout


def test_rates_are_kept_once_and_logged(app: Tieout) -> None:
    file = rates(("2026-03-02", "USD", "1.08"), ("2026-03-02", "JPY", "160"))
    assert app.import_rates(file, actor=ANNA) == 2
    assert app.import_rates(file, actor=ANNA) == 0, "the same file again brings nothing new"
    newest = app.audit(2)
    assert [(line.actor, line.action, line.detail) for line in newest] == [
        ("anna", "rates.imported", "0 new"),
        ("anna", "rates.imported", "2 new"),
    ]
