"""Events: what their parts add up to."""

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tieout.model.event import TOTAL_SIGN, Component, ComponentKind, total_minor

K = ComponentKind


def parts(*found: tuple[ComponentKind, int]) -> tuple[Component, ...]:
    return tuple(Component(kind, amount, "EUR") for kind, amount in found)


def test_what_a_buyer_owes() -> None:
    """Goods less discount, plus shipping, tip and added tax; tax contained in a price is not added again."""
    order = parts(
        (K.ITEM, 10000), (K.DISCOUNT, 1000), (K.SHIPPING, 500), (K.TAX, 1805), (K.TAX_INCLUDED, 80), (K.TIP, 200)
    )
    assert total_minor(order) == 10000 - 1000 + 500 + 1805 + 200


def test_what_reaches_a_balance() -> None:
    """Gross less fee and tax on the fee; the other leg of a conversion is another currency and left out."""
    charge = parts((K.GROSS, 10000), (K.FEE, 290), (K.FEE_TAX, 55))
    assert total_minor((*charge, Component(K.CONVERTED, 11100, "USD"))) == 9655


def test_what_is_contained_counts_for_nothing_and_only_that() -> None:
    contained = {kind for kind, sign in TOTAL_SIGN.items() if sign == 0}
    assert contained == {K.TAX_INCLUDED, K.FACILITATOR_TAX_INCLUDED, K.CONVERTED}
    assert {kind for kind, sign in TOTAL_SIGN.items() if sign < 0} == {
        K.DISCOUNT,
        K.SHIPPING_DISCOUNT,
        K.FEE,
        K.FEE_TAX,
    }


@given(st.lists(st.tuples(st.sampled_from(list(K)), st.integers(-(10**12), 10**12)), max_size=12), st.randoms())
def test_the_total_does_not_depend_on_the_order(found: list[tuple[ComponentKind, int]], random: Random) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert total_minor(parts(*shuffled)) == total_minor(parts(*found))
