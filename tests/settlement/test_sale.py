"""A sale is the sum of its facts: what they come to, in whatever order, and what cannot be."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.settlement.orders import MARKET, TEN
from tieout.model.account import Role
from tieout.model.error import BadInput
from tieout.model.sale import Fact, FactKind, Frozen
from tieout.model.seller import ReleaseBy, ReleaseRule
from tieout.model.settlement import Part, RefundLine
from tieout.settlement.journal import Posting
from tieout.settlement.sale import Terms, standing

T0 = datetime(2026, 10, 1, 23, tzinfo=UTC)
TERMS = Terms(Frozen(TEN), ReleaseRule(), {}, fee_to_seller=True, zone=ZoneInfo("UTC"))
PAID = Fact("paid", FactKind.CAPTURED, T0, order=MARKET, source="stripe", item="charge:1")
BACK = Fact("back", FactKind.REFUNDED, T0 + timedelta(days=1), lines=(RefundLine(1, quantity=1),), source="stripe")
DISPUTE = Fact(
    "dispute", FactKind.DISPUTED, T0 + timedelta(days=2), lines=(RefundLine(2, Part.LINE),), dispute="d",
    fee_minor=1500, source="stripe",
)  # fmt: skip
LOST = Fact("lost", FactKind.DISPUTE_LOST, T0 + timedelta(days=3), dispute="d", source="stripe")


def test_facts_come_to_the_same_in_any_order() -> None:
    facts = [PAID, BACK, DISPUTE, LOST]
    found = standing(facts, TERMS)
    assert found == standing(facts[::-1], TERMS)
    assert found.net == {"A": 2850, "B": 0, "C": 0}
    assert found.recharged == {"B": 1500}
    assert not any(found.held.values())
    assert found.other[Posting(Role.COMMISSION_INCOME, 0), ""] == -250
    assert found.other[Posting(Role.GATEWAY, 0, item="charge:1"), "stripe"] == 8856
    open_ = standing(facts[:3], TERMS)
    assert open_.held == {"B": 1890, "C": 810}
    assert open_.net == {"A": 2850, "B": 1890, "C": 810}


def test_more_than_is_left_cannot_go_back() -> None:
    with pytest.raises(BadInput, match="Nothing was captured before it"):
        standing([PAID, Fact("back", FactKind.REFUNDED, T0 - timedelta(days=1), amount_minor=1, source="s")], TERMS)
    with pytest.raises(BadInput, match="not between nothing and"):
        standing([PAID, Fact("back", FactKind.REFUNDED, T0, amount_minor=8857, source="stripe")], TERMS)
    with pytest.raises(BadInput, match="Nothing is left of line 9"):
        standing([PAID, Fact("back", FactKind.REFUNDED, T0, lines=(RefundLine(9),), source="stripe")], TERMS)


def test_a_lost_package_may_be_the_platforms() -> None:
    lost = Fact("gone", FactKind.PACKAGE_LOST, T0 + timedelta(days=1), source="stripe", borne_by="platform")
    found = standing([PAID, lost], TERMS)
    assert found.net == {"A": 5100, "B": 1890, "C": 810}
    assert found.other[Posting(Role.GOODWILL, 0), ""] == 8856 - 656
    assert Posting(Role.TAX_PAYABLE, 0) not in {posting for posting, _ in found.other}


@pytest.mark.parametrize(
    ("rule", "more", "due"),
    [
        (ReleaseRule(ReleaseBy.DAYS, 7), (), date(2026, 10, 8)),
        (ReleaseRule(ReleaseBy.EVENT), (), None),
        (ReleaseRule(ReleaseBy.EVENT), (Fact("go", FactKind.RELEASED, T0 + timedelta(days=4)),), date(2026, 10, 5)),
        (ReleaseRule(ReleaseBy.DELIVERY, 2), (), None),
        (
            ReleaseRule(ReleaseBy.DELIVERY, 2),
            (Fact("here", FactKind.DELIVERED, T0 + timedelta(days=3), lines=(RefundLine(1),)),),
            date(2026, 10, 6),
        ),
    ],
)
def test_a_sale_is_due_by_its_rule(rule: ReleaseRule, more: tuple[Fact, ...], due: date | None) -> None:
    terms = TERMS._replace(release=rule)
    assert standing([PAID, *more], terms).due["A"] == due
    own = TERMS._replace(own_release={"A": rule})
    assert standing([PAID, *more], own).due["A"] == due


def test_a_shipment_of_one_line_releases_only_its_owners() -> None:
    """Split shipments: each seller's part waits for its own lines."""
    terms = TERMS._replace(release=ReleaseRule(ReleaseBy.DELIVERY))
    here = Fact("here", FactKind.DELIVERED, T0 + timedelta(days=3), lines=(RefundLine(2),))
    assert standing([PAID, here], terms).due == {"A": None, "B": date(2026, 10, 4), "C": date(2026, 10, 4)}
