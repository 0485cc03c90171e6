"""The legs of one line: where the buyer's money for its goods and for its shipping goes."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tieout.model.commission import Keep
from tieout.model.ownership import Ownership
from tieout.model.settlement import Collector, FrozenFee, Leg, LegKind, OrderLine, Part
from tieout.settlement.allocate import allocate
from tieout.settlement.discount import Reduced
from tieout.settlement.ownership import divide
from tieout.settlement.tax import LineTax

_COMMISSION = "commission"


class _Charge(NamedTuple):
    """A part of a fee on the goods or the shipping: its kind of leg, and whether it stays on a refund."""

    kind: LegKind
    label: str
    rule: str
    kept: bool
    amount_minor: int


def line_legs(
    line: OrderLine, owner: Ownership | None, goods: Reduced, shipping: Reduced, taxes: Sequence[LineTax],
    fees: Sequence[FrozenFee], *, shipping_to_seller: bool,
) -> list[Leg]:  # fmt: skip
    """All legs of a line. They come to what the buyer pays for it, tax included."""
    if line.gift_card:
        return [Leg(line.line, Part.GOODS, LegKind.GIFT_CARD, goods.price[line.line])]
    charges = [_charges(fee) for fee in fees]
    of_goods = [one for on_goods, _ in charges for one in on_goods]
    of_shipping = [one for _, on_shipping in charges for one in on_shipping]
    on = {part: [tax for tax in taxes if tax.part is part] for part in (Part.GOODS, Part.SHIPPING)}
    found = [
        *_part_legs(line.line, Part.GOODS, owner, goods, on[Part.GOODS], of_goods, to_seller=owner is not None),
        *_part_legs(
            line.line, Part.SHIPPING, owner, shipping, on[Part.SHIPPING], of_shipping, to_seller=shipping_to_seller
        ),
    ]
    paid = goods.left(line.line) + shipping.left(line.line) + sum(t.amount_minor for t in taxes if not t.included)
    assert sum(leg.amount_minor for leg in found) == paid, "the legs are what the buyer pays"
    return [leg for leg in found if leg.amount_minor]


def _part_legs(
    line: int, part: Part, owner: Ownership | None, price: Reduced, taxes: Sequence[LineTax],
    charges: Sequence[_Charge], *, to_seller: bool,
) -> Iterator[Leg]:  # fmt: skip
    """The legs of a line's goods or of its shipping."""
    contained = 0
    for tax in taxes:
        amount = tax.amount_minor
        if tax.included and tax.collector is Collector.SELLER:
            amount = min(amount, max(price.whole(line) - contained, 0))  # it goes to the seller either way
        contained += amount if tax.included else 0
        yield from _tax_legs(line, part, tax, amount, owner)
    if to_seller:
        assert owner is not None, "a seller's part has an owner"
        yield from _seller_legs(line, part, owner, price.whole(line) - contained, charges)
    else:
        kind = LegKind.OWN_SALES if part is Part.GOODS else LegKind.SHIPPING
        yield Leg(line, part, kind, price.price[line] - contained)
        if owner is not None:  # the seller pays for what it takes off the platform's shipping
            yield from _by_party(line, part, LegKind.SELLER, divide(-price.by_seller[line], owner.shares))
    discount = price.by_platform[line] + (price.by_seller[line] if owner is None else 0)
    yield Leg(line, part, LegKind.DISCOUNT, -discount)


def _tax_legs(line: int, part: Part, tax: LineTax, amount: int, owner: Ownership | None) -> Iterator[Leg]:
    if tax.collector is Collector.SELLER and owner is not None:
        yield from _by_party(line, part, LegKind.SELLER_TAX, divide(amount, owner.shares), tax.label)
    else:
        kind = LegKind.CHANNEL_TAX if tax.collector is Collector.CHANNEL else LegKind.TAX
        yield Leg(line, part, kind, amount, label=tax.label)


def _seller_legs(line: int, part: Part, owner: Ownership, price: int, charges: Sequence[_Charge]) -> Iterator[Leg]:
    """What the owners get and what they bear of the fees: what is left is divided by their shares."""
    fees = sum(charge.amount_minor for charge in charges)
    bearer = owner.fees_borne_by
    if bearer is None:
        parts = divide(price - fees, owner.shares)
    else:
        parts = divide(price, owner.shares)
        parts[bearer] -= fees
    yield from _by_party(line, part, LegKind.SELLER, parts)
    for charge in charges:
        borne = _borne(charge.amount_minor, owner)
        for party, amount in borne.items():
            yield Leg(line, part, charge.kind, amount, party, charge.label, charge.rule, charge.kept)


def _borne(amount: int, owner: Ownership) -> dict[str, int]:
    """A fee by who bears it."""
    if owner.fees_borne_by is not None:
        return {owner.fees_borne_by: amount}
    ordered = sorted(owner.shares, key=lambda share: share.party)
    parts = allocate(amount, [share.basis_points for share in ordered])
    return {share.party: part for share, part in zip(ordered, parts, strict=True)}


def _by_party(line: int, part: Part, kind: LegKind, parts: Mapping[str, int], label: str = "") -> Iterator[Leg]:
    for party, amount in parts.items():
        yield Leg(line, part, kind, amount, party, label)


def _charges(fee: FrozenFee) -> tuple[list[_Charge], list[_Charge]]:
    """A fee and its VAT on goods and on shipping, by the base of each; the part that stays on a refund apart."""
    on_goods, on_shipping = _two(fee.fee_minor, fee.base_minor - fee.shipping_base_minor, fee.shipping_base_minor)
    vat_goods, vat_shipping = _two(fee.vat_minor, on_goods, on_shipping)
    fixed_goods, fixed_shipping = _two(min(fee.fixed_minor, fee.fee_minor), on_goods, on_shipping)
    return (
        _with_vat(fee, on_goods, vat_goods, fixed_goods),
        _with_vat(fee, on_shipping, vat_shipping, fixed_shipping),
    )


def _two(amount: int, first: int, second: int) -> tuple[int, int]:
    """An amount by two weights; without weights it is the first's."""
    one, other = allocate(amount, [first, second]) if first or second else (amount, 0)
    return one, other


def _with_vat(fee: FrozenFee, amount: int, vat: int, fixed: int) -> list[_Charge]:
    kept = {Keep.NOTHING: 0, Keep.FIXED: min(fixed, amount), Keep.ALL: amount}[fee.kept_on_refund]
    vat_kept, vat_rest = _two(vat, kept, amount - kept)
    kind = LegKind.COMMISSION if fee.name == _COMMISSION else LegKind.FEE
    label, rule = "" if kind is LegKind.COMMISSION else fee.name, f"{fee.rule}@{fee.version}"
    found = [
        _Charge(kind, label, rule, False, amount - kept),
        _Charge(kind, label, rule, True, kept),
        _Charge(LegKind.FEE_TAX, fee.name, rule, False, vat_rest),
        _Charge(LegKind.FEE_TAX, fee.name, rule, True, vat_kept),
    ]
    return [charge for charge in found if charge.amount_minor]
