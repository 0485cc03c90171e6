"""What exchange rates did in a world: nothing where they stand still, and the whole move where they jump."""

from fractions import Fraction

import msgspec
from hypothesis import given

from tests.sandbox.worlds import WORLDS, demo
from tieout.sandbox.exchange import Realised, realised
from tieout.sandbox.plan import compose
from tieout.sandbox.trail import Facts, Rate
from tieout.sandbox.truth import known_rows
from tieout.sandbox.world import World


def at_rates(facts: Facts, rates: tuple[Rate, ...]) -> tuple[Realised, ...]:
    changed = msgspec.structs.replace(facts, rates=rates)
    booked = [o for o in facts.orders if o.id not in facts.lost_orders and not o.misstated_minor]
    return realised(changed, booked, known_rows(changed))


@given(world=WORLDS)
def test_rates_that_stand_still_realise_nothing(world: World) -> None:
    facts = compose(world).facts
    still = tuple(msgspec.structs.replace(rate, ten_thousandths=10_000) for rate in facts.rates)
    assert all(found.lost_minor == 0 for found in at_rates(facts, still))


def test_a_dollar_that_is_worth_twice_as_much_loses_half_in_euro() -> None:
    """Differences are proportional to what a dollar is worth in euro."""
    facts, (known,) = demo().facts, demo().truth.realised
    double = tuple(msgspec.structs.replace(rate, ten_thousandths=2 * rate.ten_thousandths) for rate in facts.rates)
    assert at_rates(facts, double) == (Realised("USD", known.lost_minor / 2, known.amounts),)


def test_the_demo_realises_something() -> None:
    (known,) = demo().truth.realised
    assert (known.currency, known.amounts > 200) == ("USD", True)
    assert abs(known.lost_minor) > Fraction(100)
