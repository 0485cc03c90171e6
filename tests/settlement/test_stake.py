"""Where the money of a difference is taken from and goes to."""

from datetime import date

import pytest

from tests.settlement.test_sale import BACK, DISPUTE, LOST, PAID, TERMS
from tieout.model.account import Role
from tieout.model.bucket import Bucket
from tieout.model.sale import Stake
from tieout.settlement.journal import Posting
from tieout.settlement.sale import standing
from tieout.settlement.stake import Moved, moved, recharged

DAY = date(2026, 10, 1)
OWN_FIRST = (Bucket.RESERVE, Bucket.AVAILABLE)
AVAILABLE_FIRST = (Bucket.AVAILABLE, Bucket.RESERVE)


def buckets(found: Moved, party: str) -> dict[Role, int]:
    return {posting.role: posting.amount_minor for posting, _ in found.postings if posting.party == party}


def test_a_sale_is_pending_at_first() -> None:
    found = moved(standing([], TERMS), standing([PAID], TERMS), {}, OWN_FIRST, DAY)
    assert {stake.party: stake.pending_minor for stake in found.stakes} == {"A": 5100, "B": 1890, "C": 810}
    assert found.stakes[0] == Stake("A", DAY, 5000, 4500 + 600 + 408, 5100, 5100, due_on=date(2026, 10, 1))
    assert sum(posting.amount_minor for posting, _ in found.postings) == 0


@pytest.mark.parametrize(
    ("stake", "draws", "expected"),
    [
        (Stake("A", DAY, net_minor=5100, pending_minor=5100), OWN_FIRST, {Role.SELLER_PENDING: 2250}),
        (
            Stake("A", DAY, net_minor=5100, reserve_minor=510, released_on=DAY), OWN_FIRST,
            {Role.SELLER_RESERVE: 510, Role.SELLER_AVAILABLE: 1740},
        ),
        (
            Stake("A", DAY, net_minor=5100, reserve_minor=510, released_on=DAY), AVAILABLE_FIRST,
            {Role.SELLER_AVAILABLE: 2250},
        ),
        (Stake("A", DAY, net_minor=5100, released_on=DAY), OWN_FIRST, {Role.SELLER_AVAILABLE: 2250}),
    ],
)  # fmt: skip
def test_a_refund_draws_on_its_own_sale_first(
    stake: Stake, draws: tuple[Bucket, ...], expected: dict[Role, int]
) -> None:
    before, after = standing([PAID], TERMS), standing([PAID, BACK], TERMS)
    stakes = {"A": stake, "B": Stake("B", DAY), "C": Stake("C", DAY)}
    assert buckets(moved(before, after, stakes, draws, DAY), "A") == expected


def test_a_hold_pays_for_what_it_was_held_for() -> None:
    before, during, after = (standing([PAID, *facts], TERMS) for facts in ([], [DISPUTE], [DISPUTE, LOST]))
    released = {party: Stake(party, DAY, released_on=DAY) for party in "ABC"}
    held = moved(before, during, released, OWN_FIRST, DAY)
    assert buckets(held, "B") == {Role.SELLER_AVAILABLE: 1890, Role.SELLER_DISPUTE_HOLD: -1890}
    stakes = {stake.party: stake for stake in held.stakes}
    lost = moved(during, after, stakes, OWN_FIRST, DAY)
    assert buckets(lost, "B") == {Role.SELLER_DISPUTE_HOLD: 1890}
    assert recharged(during, after) == {"B": 1500}
    won = moved(during, before, stakes, OWN_FIRST, DAY)
    assert buckets(won, "B") == {Role.SELLER_AVAILABLE: -1890, Role.SELLER_DISPUTE_HOLD: 1890}
    assert (Posting(Role.DISPUTED, -3348, item="dispute:d"), "stripe") in won.postings


def test_what_comes_after_a_debt_of_the_sale_pays_that_first() -> None:
    """A fee above the price makes a sale a debt; its second capture lessens that and is not pending."""
    nothing, sold = standing([], TERMS), standing([PAID], TERMS)
    owing = {"A": Stake("A", DAY, net_minor=-6000)}
    found = moved(nothing, sold, owing, OWN_FIRST, DAY)
    assert buckets(found, "A") == {Role.SELLER_AVAILABLE: -5100}
    assert found.stakes[0].net_minor == -900
