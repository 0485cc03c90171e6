"""The truth of a world: what the books must say at its end, added up from the causes and never from the messages.

Signs are those of the ledger: debit positive, credit negative. What the product cannot know (messages that were
lost, rows not listed yet, orders it must refuse) is left out here by the same causes, so that equality is exact.
"""

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct

from tieout.model.account import Role
from tieout.sandbox import cast
from tieout.sandbox.bank import stated
from tieout.sandbox.exchange import Realised, realised
from tieout.sandbox.gateway import listed
from tieout.sandbox.trade import Line, Order, Product, ReturnedLine, Shop, Tax
from tieout.sandbox.trail import BankLineKind, Facts, Oddity, Outcome, Row, RowKind

Key = tuple[Role, str, str | None]
#: Roles with one account per source; the others have one for all.
_PER_SOURCE = frozenset({Role.BANK, Role.CAPTURED, Role.GATEWAY, Role.DISPUTED, Role.RESERVE})


class Totals(Struct, frozen=True):
    """What happened in one currency: counts, and minor units without sign.

    `gross_minor` is the total of all orders placed, lost and refused ones too. `own_income_minor` is what is left
    to the company of booked orders after tax, tips, sellers, gift cards and refunds.
    """

    currency: str
    orders: int
    gross_minor: int
    captured_minor: int
    refunded_by_gateway_minor: int
    refunded_by_shop_minor: int
    gift_cards_sold_minor: int
    gift_cards_redeemed_minor: int
    charge_fees_minor: int
    payouts: int
    paid_out_minor: int
    deposited_minor: int
    own_income_minor: int


class ExpectedBalance(Struct, frozen=True):
    """An account's balance at the end of the world; `source` is None for accounts that all sources share."""

    role: Role
    currency: str
    source: str | None
    amount_minor: int


class Truth(Struct, frozen=True):
    """Everything that can be checked of a world played to its end.

    `booked_orders` counts the orders that reach the ledger. `exceptions` are the cases to expect, `parked` what waits
    for a prerequisite, `refused` the deliveries that must be turned away at the door. `realised` is what exchange
    rates did to settled money.
    """

    totals: tuple[Totals, ...]
    booked_orders: int
    balances: tuple[ExpectedBalance, ...]
    exceptions: tuple[Oddity, ...]
    parked: tuple[Oddity, ...]
    refused: int
    realised: tuple[Realised, ...] = ()

    def balance_minor(self, role: Role, currency: str, source: str | None = None) -> int:
        """The balance of a role in a currency, of one source or of all together."""
        return sum(
            balance.amount_minor
            for balance in self.balances
            if balance.role is role and balance.currency == currency and source in (None, balance.source)
        )


def truth_of(facts: Facts, refused: int = 0) -> Truth:
    """Adds up a world. `refused` is how many forged messages are among its emissions."""
    booked = [o for o in facts.orders if o.id not in facts.lost_orders and not o.misstated_minor]
    balances = _Sums()
    _orders(facts, booked, balances)
    _payments(facts, balances)
    _gateway(facts, balances)
    _bank(facts, balances)
    return Truth(
        totals=tuple(_totals(facts, booked, currency) for currency in sorted({s.currency for s in facts.shops})),
        booked_orders=len(booked),
        balances=tuple(
            ExpectedBalance(role, currency, source, amount)
            for (role, currency, source), amount in sorted(balances.amounts.items(), key=_by_name)
        ),
        exceptions=tuple(o for o in facts.oddities if o.outcome is Outcome.CASE),
        parked=tuple(o for o in facts.oddities if o.outcome is Outcome.PARKED),
        refused=refused,
        realised=realised(facts, booked, known_rows(facts)),
    )


def _by_name(item: tuple[Key, int]) -> tuple[str, str, str]:
    role, currency, source = item[0]
    return role, currency, source or ""


class _Sums:
    """Balances by role, currency and, where each source has an account of its own, source."""

    def __init__(self) -> None:
        self.amounts: Counter[Key] = Counter()

    def add(self, role: Role, currency: str, amount_minor: int, source: str | None = None) -> None:
        self.amounts[role, currency, source if role in _PER_SOURCE else None] += amount_minor


def _orders(facts: Facts, booked: Iterable[Order], sums: _Sums) -> None:
    """What buyers owe, and to whom it belongs: authority, staff, sellers, holders of gift cards."""
    ids = set()
    for order in booked:
        ids.add(order.id)
        shop, currency = order.shop, order.shop.currency
        sums.add(Role.ORDER_RECEIVABLE, currency, order.total_minor)
        sums.add(Role.TIPS_PAYABLE, currency, -order.tip_minor)
        _taxes(order.taxes, currency, 1, sums)
        for line in order.lines:
            _owner(line.product, currency, _net(line, shop), sums)
    for edit in facts.edits:
        shop, currency = edit.order.shop, edit.order.shop.currency
        sums.add(Role.ORDER_RECEIVABLE, currency, edit.delta_minor)
        for line in edit.added:
            _taxes(line.taxes, currency, 1, sums)
            _owner(line.product, currency, _net(line, shop), sums)
        for part in edit.removed:
            sums.add(_tax_role(edit.order), currency, part.tax_minor)
            _owner(part.line.product, currency, -_net(part, shop), sums)
    for refund in facts.shop_refunds:
        if refund.order.id not in ids:
            continue  # its order never arrived, so it waits
        shop, currency = refund.order.shop, refund.order.shop.currency
        sums.add(Role.ORDER_RECEIVABLE, currency, -refund.total_minor)
        sums.add(_tax_role(refund.order), currency, refund.tax_minor)
        for part in refund.lines:
            _owner(part.line.product, currency, -_net(part, shop), sums)


def _net(priced: Line | ReturnedLine, shop: Shop) -> int:
    """The price of a line, or of a part of it, without tax."""
    return priced.net_minor - priced.tax_minor if shop.taxes_included else priced.net_minor


def _taxes(taxes: Iterable[Tax], currency: str, times: int, sums: _Sums) -> None:
    for tax in taxes:
        role = Role.FACILITATOR_TAX if tax.channel_liable else Role.TAX_PAYABLE
        sums.add(role, currency, -times * tax.amount_minor)


def _tax_role(order: Order) -> Role:
    """Whose the tax of an order is that goes back."""
    return Role.FACILITATOR_TAX if order.channel_liable else Role.TAX_PAYABLE


def _owner(product: Product, currency: str, net_minor: int, sums: _Sums) -> None:
    """Own goods are the company's income (see Totals), gift cards and goods of sellers are owed."""
    if product.gift_card:
        sums.add(Role.GIFT_CARD_LIABILITY, currency, -net_minor)
    elif product.seller != cast.OWN_BRAND:
        sums.add(Role.SELLER_PAYABLE, currency, -net_minor)


def _payments(facts: Facts, sums: _Sums) -> None:
    """What was captured and refunded, and how much of it has not reached the gateway's balance."""
    for charge in facts.charges:
        if charge.captured_at is not None:
            sums.add(Role.ORDER_RECEIVABLE, charge.currency, -charge.captured_minor)
            sums.add(Role.CAPTURED, charge.currency, charge.captured_minor, charge.account)
    for refund in facts.gateway_refunds:
        sums.add(Role.ORDER_RECEIVABLE, refund.charge.currency, refund.amount_minor)
        sums.add(Role.CAPTURED, refund.charge.currency, -refund.amount_minor, refund.charge.account)
    for payment in facts.gift_payments:
        currency = payment.order.shop.currency
        sums.add(Role.ORDER_RECEIVABLE, currency, -payment.amount_minor)
        sums.add(Role.GIFT_CARD_LIABILITY, currency, payment.amount_minor)


def known_rows(facts: Facts) -> list[Row]:
    """The rows of the gateways' balances that can be booked: listed, or told by a dispute's own messages."""
    told = (RowKind.DISPUTE, RowKind.DISPUTE_RETURN)
    return [
        row for row in facts.rows if row.kind is not RowKind.UNHEARD_OF and (row.kind in told or listed(row, facts.end))
    ]


def _gateway(facts: Facts, sums: _Sums) -> None:
    other_side = {
        RowKind.CHARGE: Role.CAPTURED,
        RowKind.REFUND: Role.CAPTURED,
        RowKind.DISPUTE: Role.DISPUTED,
        RowKind.DISPUTE_RETURN: Role.DISPUTED,
        RowKind.FEE: Role.GATEWAY_FEES,
        RowKind.RESERVE_HOLD: Role.RESERVE,
        RowKind.RESERVE_RELEASE: Role.RESERVE,
        RowKind.PAYOUT: Role.PAYOUT_IN_TRANSIT,
    }
    for row in known_rows(facts):
        sums.add(Role.GATEWAY, row.currency, row.net_minor, row.account)
        sums.add(other_side[row.kind], row.currency, -row.amount_minor, row.account)
        sums.add(Role.FACILITATOR_TAX, row.currency, row.withheld_minor)
        disputed = row.kind in (RowKind.DISPUTE, RowKind.DISPUTE_RETURN)
        sums.add(Role.DISPUTE_FEES if disputed else Role.GATEWAY_FEES, row.currency, row.fee_minor)
    for dispute in facts.disputes:
        if dispute.won is False:
            charge = dispute.charge
            sums.add(Role.DISPUTED, charge.currency, -charge.captured_minor, charge.account)
            sums.add(Role.CHARGEBACK_LOSSES, charge.currency, charge.captured_minor)


def _bank(facts: Facts, sums: _Sums) -> None:
    roles = {BankLineKind.PAYOUT: Role.PAYOUT_IN_TRANSIT, BankLineKind.CHARGES: Role.BANK_CHARGES}
    for bank in facts.banks:
        mine = [s for s in facts.statements if s.bank == bank and stated(s.day, facts.end)]
        sums.add(Role.BANK, bank.currency, mine[0].opening_minor if mine else 0, bank.source)
        for booking in (booking for statement in mine for booking in statement.bookings):
            sums.add(Role.BANK, bank.currency, booking.amount_minor, bank.source)
            sums.add(roles.get(booking.kind, Role.SUSPENSE), bank.currency, -booking.amount_minor)


def _totals(facts: Facts, booked: Iterable[Order], currency: str) -> Totals:
    orders = [order for order in facts.orders if order.shop.currency == currency]
    charges = [charge for charge in facts.charges if charge.currency == currency]
    payouts = [payout for payout in facts.payouts if payout.currency == currency and listed(payout.row, facts.end)]
    gifts = [line for o in booked if o.shop.currency == currency for line in o.lines if line.product.gift_card]
    return Totals(
        currency=currency,
        orders=len(orders),
        gross_minor=sum(order.total_minor for order in orders),
        captured_minor=sum(charge.captured_minor for charge in charges),
        refunded_by_gateway_minor=sum(
            refund.amount_minor for refund in facts.gateway_refunds if refund.charge.currency == currency
        ),
        refunded_by_shop_minor=sum(
            refund.total_minor for refund in facts.shop_refunds if refund.order.shop.currency == currency
        ),
        gift_cards_sold_minor=sum(line.net_minor for line in gifts),
        gift_cards_redeemed_minor=sum(
            payment.amount_minor for payment in facts.gift_payments if payment.order.shop.currency == currency
        ),
        charge_fees_minor=sum(
            row.fee_minor for row in known_rows(facts) if row.currency == currency and row.kind is RowKind.CHARGE
        ),
        payouts=len(payouts),
        paid_out_minor=sum(payout.amount_minor for payout in payouts),
        deposited_minor=sum(
            booking.amount_minor
            for statement in facts.statements
            if stated(statement.day, facts.end)
            for booking in statement.bookings
            if booking.currency == currency and booking.kind is BankLineKind.PAYOUT
        ),
        own_income_minor=_own_income(facts, booked, currency),
    )


def _own_income(facts: Facts, booked: Iterable[Order], currency: str) -> int:
    """Own goods and all shipping, without tax, less what was refunded of them."""
    income, ids = 0, set()
    for order in booked:
        ids.add(order.id)
        if order.shop.currency == currency:
            income += _own(order.lines, order.shop)
            for shipping in order.shipping_parts:
                income += shipping.price_minor - (shipping.tax_minor if order.shop.taxes_included else 0)
    for edit in facts.edits:
        if edit.order.shop.currency == currency:
            income += _own(edit.added, edit.order.shop) - _own(edit.removed, edit.order.shop)
    for refund in facts.shop_refunds:
        shop = refund.order.shop
        if refund.order.id in ids and shop.currency == currency:
            income -= _own(refund.lines, shop)
            income -= refund.shipping_minor - (refund.shipping_tax_minor if shop.taxes_included else 0)
    return income


def _own(parts: Iterable[Line | ReturnedLine], shop: Shop) -> int:
    """What of these lines are the company's own goods."""
    products = [(part, part.line.product if isinstance(part, ReturnedLine) else part.product) for part in parts]
    return sum(_net(part, shop) for part, p in products if p.seller == cast.OWN_BRAND and not p.gift_card)
