"""A name for items that belong together: what they come to, and the case that is made of them."""

from datetime import timedelta

from tests.reconciliation.items import DAY, ORDER, row
from tieout.model.case import CaseDraft, Reason
from tieout.model.match import Naming
from tieout.reconciliation.name import Name, exception, kinds_of, money, net, newest_of, place, short, transit

ROWS = (
    row(1, ORDER, "order:1", 123456, "order_placed"),
    row(2, ORDER, "order:1", -3456, "order_refunded", day=DAY + timedelta(days=2)),
)


def test_what_items_come_to() -> None:
    assert (net(ROWS), money(ROWS), money(ROWS, -50)) == (120000, "1,200.00 EUR", "0.50 EUR")
    assert money(ROWS[1:]) == "34.56 EUR", "the sentence says which way it went"
    assert (newest_of(ROWS), kinds_of(ROWS)) == (DAY + timedelta(days=2), {"order_placed", "order_refunded"})
    assert place(ROWS) == ("1200", "EUR")
    assert [short(name) for name in ("charge:ch_1", "bank_line:DE1:R1", "plain")] == ["ch_1", "DE1:R1", "plain"]


def test_an_exception_is_about_all_its_items_and_what_made_them() -> None:
    found = exception(ROWS, Reason.ORDER_UNPAID, "Not paid.", "order:1")
    links = ("itm_1", "itm_2", "ent_1", "ent_2", "evt_1", "evt_2")
    case = CaseDraft(Reason.ORDER_UNPAID, "1200/EUR/order:1", "Not paid.", 120000, "EUR", "order:1", links)
    assert found == Name(ROWS, Naming.EXCEPTION, "order_unpaid", None, case)
    less = exception(ROWS, Reason.ORDER_UNPAID, "Not paid.", "order:1", -100).case
    assert less is not None
    assert less.amount_minor == 100


def test_what_is_on_its_way_is_no_case() -> None:
    assert transit(ROWS, "on its way", DAY) == Name(ROWS, Naming.TRANSIT, "on its way", DAY)
