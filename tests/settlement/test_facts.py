"""When a sale's money had come, whatever the order its facts are told in."""

from datetime import UTC, datetime, timedelta

from tests.settlement.test_sale import TERMS
from tieout.model.sale import Fact, FactKind
from tieout.model.settlement import Order, OrderLine
from tieout.settlement.facts import capture_of, currency_of, in_its_currency, in_order, listings_of
from tieout.settlement.sale import standing

T0 = datetime(2026, 10, 1, 23, tzinfo=UTC)
ORDER = Order("EUR", (OrderLine(1, 1000, listing="mug"), OrderLine(2, 500)))
PLACED = Fact("placed", FactKind.PLACED, T0, order=ORDER, due_minor=1500, vendors={1: "Linde"})


def paid(amount: int | None, hours: int = 1, currency: str = "EUR") -> Fact:
    return Fact(f"paid {hours}", FactKind.CAPTURED, T0 + timedelta(hours=hours), amount_minor=amount, currency=currency)


def test_a_shops_order_counts_when_all_of_it_is_paid() -> None:
    assert capture_of([PLACED, paid(1499)]) is None
    assert capture_of([PLACED, paid(1000), paid(500, 2)]) == T0 + timedelta(hours=2)
    assert capture_of([PLACED, paid(10, currency="USD")]) == T0 + timedelta(hours=1)  # how much it is, is not known
    off = Fact("off", FactKind.REFUNDED, T0 + timedelta(hours=3), amount_minor=0, due_minor=500)
    assert capture_of([PLACED, paid(1000), off]) == T0 + timedelta(hours=3)
    assert (currency_of([PLACED]), listings_of([PLACED])) == ("EUR", {"mug": T0})
    assert standing([PLACED, paid(1)], TERMS).net == {}


def test_facts_of_one_moment_have_an_order_of_their_own() -> None:
    one, two = Fact("b", FactKind.REFUNDED, T0), Fact("a", FactKind.REFUNDED, T0)
    assert in_order([one, PLACED, two]) == [PLACED, two, one]
    dollars = paid(5, currency="USD")
    assert [fact.amount_minor for fact in in_its_currency([dollars, PLACED])] == [None, None]
