"""Orders for tests: the one every page of the settlement speaks of, and any order at all."""

from decimal import Decimal

from hypothesis import strategies as st

from tieout.model.commission import FeeRule, FeeRules, FixedPer, Keep, Rounding
from tieout.model.settlement import (
    Collector,
    Discount,
    Order,
    OrderLine,
    Part,
    Payee,
    Refund,
    RefundLine,
    Tax,
)

TEN = FeeRules(commission=(FeeRule("all", percent=Decimal(10)),))
BY_PLATFORM = {Payee.PLATFORM: Decimal(100)}
FACILITATOR_8 = Tax(percent=Decimal(8), collector=Collector.FACILITATOR)

#: Two of A's at 25.00 with 6.00 shipping to A; one of B's and C's (70:30) at 30.00 with 4.00 to the platform; a coupon
#: of 10 % that the platform pays; 8 % tax that the platform remits.
MARKET = Order(
    "USD",
    (
        OrderLine(1, 2500, 2, owners={"A": 10_000}, shipping_minor=600, shipping_to=Payee.SELLER),
        OrderLine(2, 3000, owners={"B": 7_000, "C": 3_000}, shipping_minor=400, shipping_to=Payee.PLATFORM),
    ),
    id="S",
    discounts=(Discount(percent=Decimal(10), funded_by=BY_PLATFORM),),
    taxes=(FACILITATOR_8,),
)

percentages = st.sampled_from([Decimal(text) for text in ("0", "2.9", "3.33", "10", "12.5", "33.333", "100")])
funding = st.sampled_from([{}, BY_PLATFORM, {Payee.PLATFORM: Decimal(60), Payee.SELLER: Decimal(40)}])
prices = st.one_of(st.integers(0, 40), st.integers(0, 100_000))


@st.composite
def owners(draw: st.DrawFn) -> dict[str, int]:
    """Nobody (the platform's own), one, or several parties whose shares come to the whole."""
    cuts = sorted(draw(st.lists(st.integers(1, 9_999), max_size=3, unique=True)))
    points = [b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]
    return {} if draw(st.integers(0, 5)) == 0 else dict(zip("DBCA", points, strict=False))


@st.composite
def lines(draw: st.DrawFn, number: int) -> OrderLine:
    if draw(st.integers(0, 9)) == 0:
        return OrderLine(number, draw(prices), gift_card=True)
    return OrderLine(
        number,
        draw(prices),
        draw(st.integers(1, 4)),
        owners=draw(owners()),
        shipping_minor=draw(st.sampled_from([0, 0, 1, 499])),
        shipping_to=draw(st.sampled_from([None, Payee.SELLER, Payee.PLATFORM])),
        facts={"shelf": draw(st.sampled_from("xyz"))},
    )


discounts = st.builds(
    Discount,
    percent=percentages,
    funded_by=funding,
    of=st.sampled_from([Part.GOODS, Part.GOODS, Part.SHIPPING]),
) | st.builds(Discount, amount_minor=prices, funded_by=funding)
taxes = st.builds(
    Tax,
    percent=st.sampled_from([Decimal(8), Decimal(21), Decimal("7.25")]),
    collector=st.sampled_from(Collector),
    of=st.sampled_from(Part),
    included=st.booleans(),
    label=st.sampled_from(["", "VAT"]),
)
rules = st.builds(
    FeeRule,
    id=st.sampled_from(["r", "s"]),
    when=st.sampled_from([{}, {"shelf": "x"}, {"shelf": ("y", "z")}]),
    percent=percentages,
    fixed_minor=st.sampled_from([{}, {"EUR": 1}, {"EUR": 250}]),
    fixed_per=st.sampled_from(FixedPer),
    minimum_minor=st.sampled_from([{}, {"EUR": 99}]),
    maximum_minor=st.sampled_from([{}, {"EUR": 5_000}]),
    with_shipping=st.booleans(),
    before_discount=st.booleans(),
    rounding=st.sampled_from(Rounding),
    vat_percent=st.sampled_from([Decimal(0), Decimal(21)]),
    kept_on_refund=st.sampled_from(Keep),
)
fee_rules = st.builds(
    FeeRules,
    commission=st.lists(rules, max_size=2, unique_by=lambda rule: rule.id).map(tuple),
    fees=st.sampled_from([{}, {"card": (FeeRule("card", percent=Decimal("2.9"), fixed_minor={"EUR": 30}),)}]),
)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """An order that makes sense, of any shape, without refunds."""
    its = tuple(draw(lines(number)) for number in range(1, draw(st.integers(1, 4)) + 1))
    return Order(
        "EUR",
        its,
        discounts=tuple(draw(st.lists(discounts, max_size=2))),
        taxes=tuple(draw(st.lists(taxes, max_size=1))),
        shipping_minor=0 if all(line.gift_card for line in its) else draw(st.sampled_from([0, 1, 999])),
        shipping_to=draw(st.sampled_from(Payee)),
    )


@st.composite
def refund_sequences(draw: st.DrawFn, order: Order) -> list[Refund]:
    """Refunds to try one after the other; those for which nothing is left are refused and left out."""
    numbers = st.sampled_from([line.line for line in order.lines])
    by_line = st.builds(RefundLine, numbers, st.sampled_from(Part), quantity=st.sampled_from([None, 1, 2])) | st.builds(
        RefundLine, numbers, st.sampled_from(Part), amount_minor=st.integers(0, 500)
    )
    one = st.builds(Refund, amount_minor=prices) | st.builds(
        Refund, lines=st.lists(by_line, min_size=1, max_size=2).map(tuple)
    )
    return draw(st.lists(one, max_size=6))
