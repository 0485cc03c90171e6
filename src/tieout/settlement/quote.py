"""The quote: an order, its ownership and its rules in; who gets what of it, and why, out.

Discounts and shipping go to lines first, by discounted price. Commission is worked out on the price that whoever
funds a discount makes whole: a coupon of the platform's leaves it alone, one of the seller's lowers it. Each fee is
rounded once per line; the seller is owed the rest. Everything is frozen in the quote, and refunds reverse that.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC

import msgspec

from tieout.model.commission import FeeRule, FeeRules
from tieout.model.error import BadInput, ConfigError
from tieout.model.money import exponent_of, fits_bigint
from tieout.model.ownership import Ownership
from tieout.model.settlement import (
    FrozenFee,
    LineQuote,
    Order,
    OrderLine,
    Part,
    Payee,
    Portion,
    Quote,
)
from tieout.settlement import commission
from tieout.settlement.allocate import allocate
from tieout.settlement.commission import Charged
from tieout.settlement.discount import Reduced, reduce
from tieout.settlement.legs import line_legs
from tieout.settlement.ownership import lead, named, owned_at
from tieout.settlement.portion import drawn, left_of, merged, ordered, refunded, sum_of, tenders_of, totals
from tieout.settlement.tax import LineTax, taxes_of

GATEWAY = "gateway"


def quote(order: Order, rules: FeeRules, ownership: Sequence[Ownership] = ()) -> Quote:
    """Splits an order, then its captures and refunds, to the minor unit.

    Raises BadInput for an order that makes no sense, NotFound for a listing nobody owns, ConfigError for a rule.
    """
    _check(order)
    order = msgspec.structs.replace(order, lines=tuple(sorted(order.lines, key=lambda line: line.line)))
    owners = {line.line: _owner(line, order, ownership) for line in order.lines}
    goods, shipping = _prices(order)
    taxes = taxes_of(order, goods, shipping)
    to_seller = {
        line.line: owners[line.line] is not None and (line.shipping_to or order.shipping_to) is Payee.SELLER
        for line in order.lines
    }
    charged = [
        _charged(line, order, owner, goods, shipping, taxes, to_seller=to_seller[line.line])
        for line in order.lines
        if (owner := owners[line.line]) is not None
    ]
    fees = list(_fees(rules, charged, order))
    legs = merged(
        leg
        for line in order.lines
        for leg in line_legs(
            line, owners[line.line], goods, shipping,
            [tax for tax in taxes if tax.line == line.line], [fee for fee in fees if fee.line == line.line],
            shipping_to_seller=to_seller[line.line],
        )
    )  # fmt: skip
    tenders = _tenders(order, sum_of(legs))
    return _with_portions(
        Quote(
            order=order.id, currency=order.currency, totals=totals(legs),
            lines=tuple(_line_quote(line, owners[line.line], goods, shipping, taxes) for line in order.lines),
            fees=tuple(fees), legs=legs, tenders_minor=tenders,
            gateway_fee_minor=_gateway_fee(rules.gateway_fee, tenders.get(GATEWAY, 0), order),
        ),
        order,
    )  # fmt: skip


def _check(order: Order) -> None:
    exponent_of(order.currency)
    numbers = [line.line for line in order.lines]
    if not numbers or len(set(numbers)) != len(numbers):
        raise BadInput("An order has lines, each with a number of its own", where="lines", remedy="Number the lines.")
    for line in order.lines:
        where = f"line {line.line}"
        if line.quantity < 1:
            raise BadInput("A line has one unit or more", where=where, remedy="Leave out a line without units.")
        if line.unit_price_minor < 0 or line.shipping_minor < 0:
            raise BadInput("A price is negative", where=where, remedy="Give reductions as discounts.")
        if line.gift_card and (line.owners or line.listing or line.shipping_minor):
            raise BadInput("A gift card has an owner or shipping", where=where, remedy="Give only its value.")
    fits_bigint(
        order.shipping_minor + sum(line.unit_price_minor * line.quantity + line.shipping_minor for line in order.lines)
    )
    if order.shipping_minor < 0:
        raise BadInput("Shipping is negative", where="shipping", remedy="Give reductions as discounts of shipping.")
    if order.captured_at is not None and order.captured_at.tzinfo is None:
        raise BadInput("The time of the capture has no zone", where="captured_at", remedy="Add Z or an offset.")


def _owner(line: OrderLine, order: Order, ownership: Sequence[Ownership]) -> Ownership | None:
    """The ownership a line is sold under; None for the platform's own goods and for gift cards."""
    if line.owners:
        return named(line.listing or f"line {line.line}", dict(line.owners))
    return owned_at(ownership, line.listing, order.captured_at) if line.listing is not None else None


def _prices(order: Order) -> tuple[Reduced, Reduced]:
    """Goods and shipping of every line, reduced by the discounts."""
    cards = [line for line in order.lines if line.gift_card]
    rest = sorted((line for line in order.lines if not line.gift_card), key=lambda line: line.line)
    goods = reduce({l.line: l.unit_price_minor * l.quantity for l in rest}, Part.GOODS, order.discounts, rest)  # noqa: E741
    weights = [goods.left(line.line) for line in rest]
    if order.shipping_minor and not any(weights):
        weights = [1] * len(rest)  # all is given away: shipping goes to all lines alike
    if order.shipping_minor and not rest:
        raise BadInput("There is shipping and nothing to ship", where="shipping", remedy="Leave the shipping out.")
    spread = dict(zip([line.line for line in rest], allocate(order.shipping_minor, weights), strict=True))
    shipping = reduce(
        {line.line: line.shipping_minor + spread[line.line] for line in rest}, Part.SHIPPING, order.discounts, rest
    )
    for card in cards:
        goods.add(card.line, card.unit_price_minor * card.quantity)
        shipping.add(card.line, 0)
    return goods, shipping


def _charged(
    line: OrderLine, order: Order, owner: Ownership, goods: Reduced, shipping: Reduced, taxes: Iterable[LineTax],
    *, to_seller: bool,
) -> Charged:  # fmt: skip
    """What fee rules look at on a line."""

    def tax(part: Part, *, included: bool) -> int:
        return sum(t.amount_minor for t in taxes if (t.line, t.part, t.included) == (line.line, part, included))

    seller = lead(owner)
    own = {"seller": seller} | ({"listing": line.listing} if line.listing is not None else {})
    return Charged(
        line=line.line, quantity=line.quantity, goods_minor=goods.whole(line.line),
        contained_minor=tax(Part.GOODS, included=True), added_minor=tax(Part.GOODS, included=False),
        shipping_minor=shipping.whole(line.line) if to_seller else 0,
        shipping_contained_minor=tax(Part.SHIPPING, included=True) if to_seller else 0,
        shipping_added_minor=tax(Part.SHIPPING, included=False) if to_seller else 0,
        discount_minor=goods.by_seller[line.line],
        shipping_discount_minor=shipping.by_seller[line.line] if to_seller else 0,
        volume_minor=order.volume_minor.get(seller, 0), facts={**order.facts, **line.facts, **own},
    )  # fmt: skip


def _fees(rules: FeeRules, lines: Sequence[Charged], order: Order) -> Iterable[FrozenFee]:
    """Commission first, then every other fee by name."""
    day = order.captured_at.astimezone(UTC).date() if order.captured_at is not None else None
    if "commission" in rules.fees:
        raise ConfigError("A fee is called commission", where="fees", remedy="Move its rules to commission.")
    for name, listed in (("commission", rules.commission), *sorted(rules.fees.items())):
        yield from commission.charge(name, listed, lines, order.currency, day)


def _gateway_fee(rule: FeeRule | None, amount_minor: int, order: Order) -> int:
    """What the gateway charges the platform for the payment; no part of the split."""
    if rule is None:
        return 0
    line = Charged(0, 1, amount_minor, facts=order.facts)
    return sum(fee.fee_minor for fee in commission.charge("gateway", [rule], [line], order.currency, None))


def _tenders(order: Order, total: int) -> dict[str, int]:
    """What the buyer pays by which means: the ones named, and the gateway for the rest."""
    named_total = sum(order.tenders_minor.values())
    if min(order.tenders_minor.values(), default=0) < 0 or named_total > total or GATEWAY in order.tenders_minor:
        raise BadInput(
            f"The tenders come to {named_total} minor units and the order to {total}", where="tenders",
            remedy="Give what gift cards and store credit paid; the gateway pays the rest.",
        )  # fmt: skip
    tenders = {name: amount for name, amount in sorted(order.tenders_minor.items()) if amount}
    return tenders | ({GATEWAY: total - named_total} if total > named_total else {})


def _line_quote(
    line: OrderLine, owner: Ownership | None, goods: Reduced, shipping: Reduced, taxes: Iterable[LineTax]
) -> LineQuote:
    number = line.line
    its = [tax for tax in taxes if tax.line == number]
    added = sum(tax.amount_minor for tax in its if not tax.included)
    return LineQuote(
        line=number, price_minor=goods.price[number],
        discount_by_seller_minor=goods.by_seller[number] + shipping.by_seller[number],
        discount_by_platform_minor=goods.by_platform[number] + shipping.by_platform[number],
        shipping_minor=shipping.price[number], tax_added_minor=added,
        tax_included_minor=sum(tax.amount_minor for tax in its if tax.included),
        buyer_pays_minor=goods.left(number) + shipping.left(number) + added,
        shares=owner.shares if owner is not None else (),
        ownership_version=owner.version if owner is not None and owner.version else None,
    )  # fmt: skip


def _with_portions(made: Quote, order: Order) -> Quote:
    """The quote with its captures and refunds, each drawn from what the ones before left."""
    if not order.captures_minor and not order.refunds:
        return msgspec.structs.replace(made, left=made.totals)
    captures: list[Portion] = []
    if order.captures_minor and sum(order.captures_minor) > made.totals.buyer_minor:
        raise BadInput("More is captured than the order comes to", where="captures", remedy="Correct the captures.")
    for place, amount in enumerate(order.captures_minor, start=1):
        left = left_of(made.legs, [capture.legs for capture in captures])
        taken = drawn(left, amount, f"captures[{place}]")
        tenders = tenders_of(amount, _tenders_left(made.tenders_minor, captures, -1), None, f"captures[{place}]")
        captures.append(Portion(legs=taken, totals=totals(taken), tenders_minor=tenders))
    captured = merged(leg for capture in captures for leg in capture.legs) if captures else ordered(made.legs)
    paid = _tenders_left({}, captures, 1) if captures else made.tenders_minor
    refunds: list[Portion] = []
    for place, refund in enumerate(order.refunds, start=1):
        left = left_of(captured, [portion.legs for portion in refunds])
        units = {
            line.line: line.quantity - sum(portion.units.get(line.line, 0) for portion in refunds)
            for line in order.lines
        }
        refunds.append(refunded(left, refund, units, _tenders_left(paid, refunds, 1), f"refunds[{place}]"))
    remaining = left_of(captured, [portion.legs for portion in refunds])
    kept = [leg for portion in refunds for leg in portion.kept]
    return msgspec.structs.replace(
        made, captures=tuple(captures), refunds=tuple(refunds), left=totals(merged([*remaining, *kept]))
    )


def _tenders_left(tenders: Mapping[str, int], portions: Iterable[Portion], sign: int) -> dict[str, int]:
    """Tenders with what portions moved added (refunds are negative) or, for captures, taken away."""
    left = dict(tenders)
    for portion in portions:
        for name, amount in portion.tenders_minor.items():
            left[name] = left.get(name, 0) + sign * amount
    return left
