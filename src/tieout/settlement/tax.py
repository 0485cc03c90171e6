"""Tax of an order's lines, by who remits it.

Tax the seller remits goes to the seller; tax the platform remits (as facilitator, as deemed supplier or for its own
goods) stays with the platform until it is paid; tax the channel remits passes nobody's books. Shipping's tax follows
shipping's own rule. Source of the kinds: US marketplace facilitator laws; Directive 2006/112/EC, article 14a.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from tieout.model.error import BadInput
from tieout.model.settlement import Collector, Order, Part, Tax
from tieout.settlement.allocate import allocate, half_up, is_percentage
from tieout.settlement.discount import Reduced

_WHOLE = 100


class LineTax(NamedTuple):
    """One tax on the goods or the shipping of one line, in minor units."""

    line: int
    part: Part
    amount_minor: int
    collector: Collector
    included: bool
    label: str


def taxes_of(order: Order, goods: Reduced, shipping: Reduced) -> list[LineTax]:
    """Every tax of an order, on the part of the line it is for, each line's tax rounded half up.

    Raises BadInput for a tax that makes no sense or exceeds the price that contains it.
    """
    found: list[LineTax] = []
    for place, tax in enumerate(order.taxes, start=1):
        found += _of_order(tax, order, goods, shipping, f"taxes[{place}]")
    for line in order.lines:
        for place, tax in enumerate(line.taxes, start=1):
            where = f"line {line.line}, taxes[{place}]"
            base = _base(tax, line.line, goods, shipping)
            found += _on_line(tax, line.line, base, _amount(tax, base, where))
    _check_included(found, goods, shipping)
    return [tax for tax in found if tax.amount_minor]


def _of_order(tax: Tax, order: Order, goods: Reduced, shipping: Reduced, where: str) -> list[LineTax]:
    """A tax given with the order: an amount goes to the lines by what it is on, a percentage is taken of each."""
    bases = {line.line: _base(tax, line.line, goods, shipping) for line in order.lines if not line.gift_card}
    if tax.amount_minor is None:
        amounts = {line: _amount(tax, base, where) for line, base in bases.items()}
    else:
        _amount(tax, {}, where)
        weights = [sum(base.values()) for base in bases.values()]
        if tax.amount_minor and not any(weights):
            raise BadInput("A tax is on nothing", where=where, remedy="Give the tax with the line it is on.")
        amounts = dict(zip(bases, allocate(tax.amount_minor, weights), strict=True))
    return [one for line, base in bases.items() for one in _on_line(tax, line, base, amounts[line])]


def _base(tax: Tax, line: int, goods: Reduced, shipping: Reduced) -> dict[Part, int]:
    """What a tax is computed on, by part."""
    parts = {Part.GOODS: goods, Part.SHIPPING: shipping}
    chosen = parts if tax.of is Part.LINE else {tax.of: parts[tax.of]}
    return {part: reduced.whole(line) if tax.before_coupon else reduced.left(line) for part, reduced in chosen.items()}


def _amount(tax: Tax, base: Mapping[Part, int], where: str) -> int:
    if (tax.amount_minor is None) == (tax.percent is None):
        raise BadInput("A tax is an amount or a percentage", where=where, remedy="Give exactly one.")
    if (tax.amount_minor or 0) < 0:
        raise BadInput("A tax is negative", where=where, remedy="Give the tax of the sale as a positive amount.")
    if tax.percent is not None and not is_percentage(tax.percent):
        raise BadInput(f"{tax.percent!s:.40} per cent is no tax", where=where, remedy="Give 0 or more per cent.")
    if tax.amount_minor is not None:
        return tax.amount_minor
    rate = Fraction(tax.percent or 0) / _WHOLE
    return half_up(sum(base.values()) * (rate / (1 + rate) if tax.included else rate))


def _on_line(tax: Tax, line: int, base: Mapping[Part, int], amount_minor: int) -> list[LineTax]:
    """One line's tax on its parts, by what it was computed on; a given amount on nothing goes to the first part."""
    weights = list(base.values())
    amounts = allocate(amount_minor, weights) if any(weights) else [amount_minor] + [0] * (len(weights) - 1)
    return [
        LineTax(line, part, amount, tax.collector, tax.included, tax.label)
        for part, amount in zip(base, amounts, strict=True)
    ]


def _check_included(taxes: Sequence[LineTax], goods: Reduced, shipping: Reduced) -> None:
    contained: dict[tuple[int, Part], int] = {}
    for tax in taxes:
        if tax.included and tax.collector is not Collector.SELLER:
            contained[tax.line, tax.part] = contained.get((tax.line, tax.part), 0) + tax.amount_minor
    for (line, part), amount in contained.items():
        if amount > (goods if part is Part.GOODS else shipping).whole(line):
            raise BadInput(
                f"The tax in the {part} of line {line} exceeds its price", where=f"line {line}",
                remedy="Mark tax that is added to the price as not included.",
            )  # fmt: skip
