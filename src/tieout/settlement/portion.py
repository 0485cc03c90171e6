"""Portions of a split: what a capture in parts takes of it, and what a refund brings back.

A portion is drawn from what earlier ones left, so parts never change sign, no part is overdrawn, and when all the
money is back, every share, fee and tax is at nothing. The order of refunds decides who gets an odd minor unit, and is
recorded with them. What a rule keeps on a refund is reversed like the rest and then charged again, so that both can
be seen.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import msgspec

from tieout.model.error import BadInput
from tieout.model.settlement import Leg, LegKind, Part, Portion, Refund, RefundLine, Totals
from tieout.settlement.allocate import allocate, half_up

#: In this order an odd minor unit is given out; the sellers' part is what is left.
_ORDER = {
    kind: place
    for place, kind in enumerate(
        (
            LegKind.COMMISSION,
            LegKind.FEE,
            LegKind.FEE_TAX,
            LegKind.TAX,
            LegKind.CHANNEL_TAX,
            LegKind.SHIPPING,
            LegKind.OWN_SALES,
            LegKind.GIFT_CARD,
            LegKind.DISCOUNT,
            LegKind.SELLER_TAX,
            LegKind.SELLER,
        )
    )
}
_OF_SELLERS = frozenset({LegKind.SELLER, LegKind.SELLER_TAX})
_EARNED = (LegKind.COMMISSION, LegKind.FEE, LegKind.SHIPPING, LegKind.OWN_SALES, LegKind.DISCOUNT)
_TAXES = frozenset({LegKind.TAX, LegKind.CHANNEL_TAX, LegKind.SELLER_TAX})
_RATE_DIGITS = 12


def ordered(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """Legs by line, part, kind and party: the order in which odd minor units are given out."""
    return tuple(sorted(legs, key=lambda leg: (leg.line, leg.part, _ORDER[leg.kind], leg.label, leg.rule, leg.kept,
                                               leg.party or "")))  # fmt: skip


def sum_of(legs: Iterable[Leg]) -> int:
    """What the buyer pays by these legs."""
    return sum(leg.amount_minor for leg in legs)


def negated(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """The same legs the other way round."""
    return tuple(msgspec.structs.replace(leg, amount_minor=-leg.amount_minor) for leg in legs)


def left_of(legs: Sequence[Leg], taken: Iterable[Sequence[Leg]]) -> tuple[Leg, ...]:
    """What remains of legs after portions were taken: each names legs of the split, with their amounts."""
    gone: dict[Leg, int] = {}
    for leg in (leg for portion in taken for leg in portion):
        blank = msgspec.structs.replace(leg, amount_minor=0)
        gone[blank] = gone.get(blank, 0) + abs(leg.amount_minor)
    remaining = []
    for leg in legs:
        left = abs(leg.amount_minor) - gone.get(msgspec.structs.replace(leg, amount_minor=0), 0)
        assert left >= 0, f"more was taken of {leg} than it has"
        remaining.append(msgspec.structs.replace(leg, amount_minor=left if leg.amount_minor > 0 else -left))
    return tuple(leg for leg in remaining if leg.amount_minor)


def scaled(legs: Sequence[Leg], amount_minor: int) -> tuple[Leg, ...]:
    """Legs in proportion, so that they come to `amount_minor`: what pays in is rounded half up, the rest goes out."""
    total = sum_of(legs)
    assert total > 0 or amount_minor == 0, "legs that come to nothing have no proportion"
    if amount_minor == 0:
        return ()
    paid_in = half_up(Fraction(-_negative(legs) * amount_minor, total))
    return _share(legs, amount_minor + paid_in, paid_in)


def _fraction(legs: Sequence[Leg], part: Fraction) -> tuple[Leg, ...]:
    """That fraction of each leg, what goes out and what pays in each rounded half up."""
    return _share(legs, half_up((sum_of(legs) - _negative(legs)) * part), half_up(-_negative(legs) * part))


def _negative(legs: Iterable[Leg]) -> int:
    return sum(min(leg.amount_minor, 0) for leg in legs)


def _share(legs: Sequence[Leg], out: int, paid_in: int) -> tuple[Leg, ...]:
    positive = [leg for leg in legs if leg.amount_minor > 0]
    negative = [leg for leg in legs if leg.amount_minor < 0]
    return ordered([*_by_kind(positive, out), *_by_kind(negative, -paid_in)])


def _by_kind(legs: Sequence[Leg], amount_minor: int) -> list[Leg]:
    """An amount over legs of one sign: first over their kinds, then over the parties of each."""
    kinds: dict[tuple[object, ...], list[Leg]] = {}
    for leg in ordered(legs):
        kinds.setdefault((leg.line, leg.part, leg.kind, leg.label, leg.rule, leg.kept), []).append(leg)
    amounts = allocate(amount_minor, [sum_of(group) for group in kinds.values()])
    found = []
    for group, amount in zip(kinds.values(), amounts, strict=True):
        parts = allocate(amount, [leg.amount_minor for leg in group])
        found += [msgspec.structs.replace(leg, amount_minor=part) for leg, part in zip(group, parts, strict=True)]
    return [leg for leg in found if leg.amount_minor]


def drawn(legs: Sequence[Leg], amount_minor: int, where: str) -> tuple[Leg, ...]:
    """`amount_minor` of what the buyer pays by these legs, over each line's goods and shipping by what they have left.

    All of it takes everything, lines the buyer got for nothing included. Raises BadInput for more than there is.
    """
    total = sum_of(legs)
    if not 0 <= amount_minor <= total:
        raise BadInput(
            f"{amount_minor} minor units are not between nothing and the {total} that are left", where=where,
            remedy="Give a positive amount up to what is left of the sale.",
        )  # fmt: skip
    if amount_minor == total:
        return ordered(legs)
    pots: dict[tuple[int, Part], list[Leg]] = {}
    for leg in ordered(legs):
        pots.setdefault((leg.line, leg.part), []).append(leg)
    payable = [pot for pot in pots.values() if sum_of(pot) > 0]
    amounts = allocate(amount_minor, [sum_of(pot) for pot in payable])
    return ordered(leg for pot, amount in zip(payable, amounts, strict=True) for leg in scaled(pot, amount))


def refunded(
    legs: Sequence[Leg], refund: Refund, quantities: Mapping[int, int], tenders: Mapping[str, int], where: str
) -> Portion:
    """What one refund takes back of the legs, units and tenders that earlier ones left. Its amounts are negative.

    Raises BadInput for a line, a number of units, an amount or a tender that is not there to be taken back.
    """
    if refund.lines and refund.amount_minor is not None:
        raise BadInput("A refund is by lines or of an amount", where=where, remedy="Give one of them.")
    units: dict[int, int] = {}
    if refund.lines:
        taken: tuple[Leg, ...] = ()
        for place, line in enumerate(refund.lines, start=1):
            free = quantities.get(line.line, 0) - units.get(line.line, 0)
            taken = merged([*taken, *_of_line(left_of(legs, [taken]), line, free, f"{where}.lines[{place}]")])
            if number := _units(line, free):
                units[line.line] = units.get(line.line, 0) + number
    elif refund.amount_minor is not None:
        taken = drawn(legs, refund.amount_minor, where)
    else:
        taken, units = ordered(legs), {line: quantity for line, quantity in quantities.items() if quantity}
    back = negated(taken)
    settled, rate = _settled(taken, refund, where)
    return Portion(
        legs=back, totals=totals(back), tenders_minor=tenders_of(-sum_of(taken), tenders, refund.to, where),
        kept=_kept(back), units=units, settled=settled, settled_currency=refund.settled_currency, rate=rate,
    )  # fmt: skip


def _of_line(legs: Sequence[Leg], line: RefundLine, units_left: int, where: str) -> tuple[Leg, ...]:
    """What a refund takes of one line."""
    pot = [leg for leg in legs if leg.line == line.line and line.of in (Part.LINE, leg.part)]
    if not pot:
        raise BadInput(
            f"Nothing is left of line {line.line}, {line.of}", where=where, remedy="Name a line with something left."
        )
    if line.quantity is not None:
        if line.amount_minor is not None:
            raise BadInput("A refund of a line is by units or of an amount", where=where, remedy="Give one of them.")
        if not 0 < line.quantity <= units_left:
            raise BadInput(
                f"{line.quantity} units are not among the {units_left} left", where=where, remedy="Give fewer units."
            )
        return _fraction(pot, Fraction(line.quantity, units_left))
    if line.amount_minor is None:
        return ordered(pot)
    if line.tax_minor is None:
        return drawn(pot, line.amount_minor, where)
    taxes = [leg for leg in pot if leg.kind in _TAXES]
    rest = [leg for leg in pot if leg.kind not in _TAXES]
    return merged([*drawn(rest, line.amount_minor, where), *drawn(taxes, line.tax_minor, where)])


def _units(line: RefundLine, free: int) -> int:
    """How many units a refund of a line brings back; one of an amount brings none."""
    if line.quantity is not None or line.amount_minor is not None:
        return line.quantity or 0
    return free if line.of is not Part.SHIPPING else 0


def merged(legs: Iterable[Leg]) -> tuple[Leg, ...]:
    """Legs that differ only in their amount, added up."""
    sums: dict[Leg, int] = {}
    for leg in legs:
        blank = msgspec.structs.replace(leg, amount_minor=0)
        sums[blank] = sums.get(blank, 0) + leg.amount_minor
    return ordered(msgspec.structs.replace(leg, amount_minor=amount) for leg, amount in sums.items() if amount)


def _kept(back: Iterable[Leg]) -> tuple[Leg, ...]:
    """Fees that were reversed and are charged again, to those who bore them."""
    kept = [leg for leg in back if leg.kept]
    again = negated(kept)
    borne = [msgspec.structs.replace(leg, kind=LegKind.SELLER, label="", rule="", kept=False) for leg in kept]
    return (*again, *merged(borne))


def _settled(taken: Sequence[Leg], refund: Refund, where: str) -> tuple[Totals | None, str | None]:
    """The refund in the currency it was settled in: every part at one rate, and they sum."""
    if refund.settled_minor is None:
        return None, None
    if refund.settled_currency is None or not sum_of(taken):
        raise BadInput("A settled amount needs its currency and a refund", where=where, remedy="Give both or none.")
    amount = abs(refund.settled_minor)
    rate = Decimal(amount) / Decimal(sum_of(taken))
    text = f"{round(rate, _RATE_DIGITS).normalize():f}"
    return totals(negated(scaled(taken, amount))), text


def tenders_of(amount_minor: int, left: Mapping[str, int], to: str | None, where: str) -> dict[str, int]:
    """An amount by means of payment, in proportion to what each has left, or all to the one named."""
    names = sorted(left)
    if to is None:
        parts = dict(zip(names, allocate(amount_minor, [left[name] for name in names]), strict=True))
        return {name: part for name, part in parts.items() if part}
    if abs(amount_minor) > left.get(to, 0):
        raise BadInput(f"“{to}” did not pay that much", where=where, remedy=f"Choose among: {', '.join(names)}.")
    return {to: amount_minor} if amount_minor else {}


def totals(legs: Sequence[Leg]) -> Totals:
    """Legs added up by what they are."""
    of: dict[LegKind, int] = dict.fromkeys(LegKind, 0)
    sellers: dict[str, int] = {}
    for leg in legs:
        of[leg.kind] += leg.amount_minor
        if leg.kind in _OF_SELLERS:
            assert leg.party is not None, "what a seller gets names the seller"
            sellers[leg.party] = sellers.get(leg.party, 0) + leg.amount_minor
    return Totals(
        buyer_minor=sum(of.values()),
        sellers_minor=dict(sorted(sellers.items())),
        commission_minor=of[LegKind.COMMISSION],
        fees_minor=of[LegKind.FEE],
        fee_tax_minor=of[LegKind.FEE_TAX],
        tax_minor=of[LegKind.TAX],
        channel_tax_minor=of[LegKind.CHANNEL_TAX],
        shipping_minor=of[LegKind.SHIPPING],
        own_sales_minor=of[LegKind.OWN_SALES],
        gift_cards_minor=of[LegKind.GIFT_CARD],
        discounts_minor=of[LegKind.DISCOUNT],
        platform_minor=sum(of[kind] for kind in _EARNED),
    )
