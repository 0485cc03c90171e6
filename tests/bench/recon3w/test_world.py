"""Worlds: the same for ever, and every minor unit of them accounted for."""

from collections import defaultdict
from datetime import date

import pytest

from bench.recon3w import days, world
from bench.recon3w.fees import Tariff, half_up
from bench.recon3w.shape import Shape

SHAPE = Shape(
    "test", 60, 30, 6, "wholesale", payout_limit=900_000, netted=0.05, charged=0.02, merged=0.1, reissued=0.03,
    converted=0.05, refunds=0.2, disputes=0.02, abroad=0.02, shipments=0.1,
)  # fmt: skip


@pytest.fixture(scope="module")
def made() -> world.World:
    return world.make(SHAPE, 3)


def test_a_seed_is_one_world(made: world.World) -> None:
    again, other = world.make(SHAPE, 3), world.make(SHAPE, 4)
    assert [(line.id, line.day, line.amount) for line in again.lines] == [
        (line.id, line.day, line.amount) for line in made.lines
    ]
    assert [claim.token for claim in again.claims] == [claim.token for claim in made.claims]
    assert [claim.token for claim in other.claims] != [claim.token for claim in made.claims]


def test_all_that_moved_the_balance_is_paid_out_or_waits(made: world.World) -> None:
    moved: defaultdict[str, int] = defaultdict(int)
    paid: defaultdict[str, int] = defaultdict(int)
    for movement in made.movements:
        moved[movement.currency] += movement.net
    for movement in made.unpaid:
        paid[movement.currency] += movement.net
    rounded = 0
    for payout in made.payouts:
        lines = sum(movement.net for movement in payout.movements)
        rounded += abs(payout.amount - lines)
        paid[payout.currency] += lines
        assert abs(payout.amount - lines) <= 2
        assert sum(payout.parts) == payout.amount > 0
        assert max(payout.parts) <= SHAPE.payout_limit
    assert paid == moved
    assert rounded == 0  # the account that rounds by batch has number 7
    assert len({id(movement) for payout in made.payouts for movement in payout.movements}) + len(made.unpaid) == len(
        made.movements
    )


def test_sales_are_captured_whole_or_are_still_to_come(made: world.World) -> None:
    home = [claim for claim in made.claims if all(m.currency == claim.currency for m in claim.movements)]
    whole = [claim for claim in home if sum(m.gross for m in claim.movements) == claim.amount]
    rest = [claim for claim in home if sum(m.gross for m in claim.movements) != claim.amount]
    assert len(whole) > 1500
    assert all(claim.day > SHAPE.first_day + SHAPE.days - 10 for claim in rest)
    assert any(len(claim.movements) == 2 for claim in whole)
    assert any(claim.kind == "refund" and claim.amount < 0 for claim in whole)


def test_the_bank_has_every_transfer_on_a_business_day(made: world.World) -> None:
    carried: defaultdict[str, int] = defaultdict(int)
    for line in made.lines:
        assert days.is_business_day(line.day)
        for payout, amount in line.carries:
            carried[payout.id] += amount
        whole = sum(amount for _, amount in line.carries)
        if line.what in ("plain", "merged", "returned"):
            assert line.amount == whole
        elif line.what == "netted":
            assert line.currency != "JPY"
            assert whole - line.amount in (50, 250, 1500)
        elif line.what == "charged":
            assert whole > line.amount
    assert carried == {payout.id: payout.amount for payout in made.payouts}
    assert {line.what for line in made.lines} == {"plain", "netted", "charged", "merged", "returned", "converted"}


def test_fees_are_rounded_half_up_and_taxed() -> None:
    assert [half_up(number, 2) for number in (-3, -1, 1, 3, 4)] == [-2, -1, 1, 2, 2]
    assert Tariff(290, 30).fee(5_000, 2) == 175
    assert Tariff(150, 25, tax_percent=19).fee(10_000, 2) == 208  # 150 + 25 = 175, and 33.25 of tax
    assert Tariff(90, 0, minimum=35).fee(1_000, 2) == 35
    assert Tariff(290, 30).fee(5_000, 0) == 145
    assert Tariff(60, 0, interchange=(20, 30)).fee(10_001, 2) == 90


def test_days() -> None:
    assert days.easter(2026) == date(2026, 4, 5)
    thursday = days.number(date(2026, 4, 2))
    assert days.text(thursday) == "2026-04-02"
    assert days.after(thursday, 1) == days.number(date(2026, 4, 7))  # Good Friday, a week-end, Easter Monday
    assert days.after(days.number(date(2026, 5, 1)), 0) == days.number(date(2026, 5, 4))
