"""What happens to orders after they are paid: refunds, edits, cancellations and disputes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from tieout.sandbox.calendar import utc
from tieout.sandbox.dice import Dice, Ids
from tieout.sandbox.fates import Fate
from tieout.sandbox.orders import Market, Terms, hours_later, returned
from tieout.sandbox.payments import Till
from tieout.sandbox.trade import Cancellation, Edit, Order, RefundStep, ReturnedLine, Shipping, ShopRefund
from tieout.sandbox.trail import Charge, Dispute, Gateway, GatewayRefund

_REFUNDS = frozenset(
    {Fate.CANCELLED, Fate.REFUNDED, Fate.REFUNDED_IN_PART, Fate.SHIPPING_REFUNDED, Fate.REFUNDED_BY_SHOP_ONLY}
)
_DISPUTES = frozenset({Fate.DISPUTE_WON, Fate.DISPUTE_LOST, Fate.DISPUTE_OPEN})
_DISPUTE_REASONS = ("fraudulent", "product_not_received", "unrecognized")


class _Back(Struct, frozen=True):
    """What goes back: parts of lines, the shipping or not, and Shopify's word for why."""

    lines: tuple[ReturnedLine, ...]
    shipping: Shipping | None
    restock: str
    note: str = ""


class Desk:
    """The service desk of one world. What would happen after the world's end does not happen."""

    def __init__(
        self, seed: int, ids: Ids, end: datetime, market: Market, till: Till, gateways: Sequence[Gateway]
    ) -> None:
        self._ids = ids
        self._end = end
        self._dice = Dice(seed, "after-sales")
        self._market = market
        self._till = till
        self._gateways = {gateway.source: gateway for gateway in gateways}
        self.shop_refunds: list[ShopRefund] = []
        self.gateway_refunds: list[GatewayRefund] = []
        self.edits: list[Edit] = []
        self.cancellations: list[Cancellation] = []
        self.disputes: list[Dispute] = []

    def serve(self, order: Order, charge: Charge, fate: Fate) -> None:
        """Does with a paid order what its fate has in store."""
        if fate is Fate.CANCELLED_UNCAPTURED:
            self._cancel_uncaptured(order, charge)
        elif charge.captured_at is None:
            return
        elif fate is Fate.CAPTURED_IN_PART:
            self._drop_last_line(order, charge.captured_at)
        elif fate in _REFUNDS:
            self._refund(order, charge, charge.captured_at, fate)
        elif fate in (Fate.EDITED_UP, Fate.EDITED_DOWN):
            self._edit(order, charge, charge.captured_at, fate)
        elif fate in _DISPUTES:
            self._dispute(charge, charge.captured_at, fate)

    def _office_hours(self, moment: datetime, low_days: int, high_days: int) -> datetime:
        day = moment.date() + timedelta(days=self._dice.between(low_days, high_days))
        return hours_later(utc(day, 8), self._dice, 0, 8)

    def _cancel_uncaptured(self, order: Order, charge: Charge) -> None:
        at = charge.ends_at
        if at is None or at >= self._end:
            return
        self.cancellations.append(Cancellation(order, at, "customer"))
        self._take_back(order, at, _Back(_all_lines(order), order.shipping, "cancel"))

    def _drop_last_line(self, order: Order, captured_at: datetime) -> None:
        """The rest of a partial capture: what could not be delivered is taken off the order, no money moves."""
        back = _Back(_all_lines(order)[-1:], None, "cancel", "Sold out")
        self._take_back(order, captured_at + timedelta(seconds=30), back)

    def _refund(self, order: Order, charge: Charge, captured_at: datetime, fate: Fate) -> None:
        days = {Fate.CANCELLED: (1, 2), Fate.REFUNDED_BY_SHOP_ONLY: (1, 3)}.get(fate, (2, 9))
        at = self._office_hours(captured_at, *days)
        if at >= self._end:
            return
        if fate is Fate.CANCELLED:
            self.cancellations.append(Cancellation(order, at - timedelta(seconds=2), "inventory"))
        back = self._what_goes_back(order, fate)
        amount, refund_id = _due(order, back), self._ids.stripe("re")
        if fate is Fate.REFUNDED_BY_SHOP_ONLY:
            step = RefundStep(self._ids.step.next(), "stripe", "pending", amount, charge.shop_ids[0], None)
            self._take_back(order, at, back, step)
            return
        step = RefundStep(self._ids.step.next(), "stripe", "success", amount, charge.shop_ids[0], refund_id)
        self._take_back(order, at, back, step)
        tax = _tax(back) if order.channel_liable else 0
        self._send_back(refund_id, charge, amount, at + timedelta(seconds=1), tax)

    def _what_goes_back(self, order: Order, fate: Fate) -> _Back:
        if fate is Fate.CANCELLED:
            return _Back(_all_lines(order), order.shipping, "cancel")
        if fate is Fate.REFUNDED:
            return _Back(_all_lines(order), order.shipping, "return")
        if fate is Fate.SHIPPING_REFUNDED:
            return _Back((), order.shipping, "no_restock")
        if fate is Fate.REFUNDED_BY_SHOP_ONLY:
            return _Back(_all_lines(order), None, "return")
        line = self._dice.pick(order.lines)
        # Of a single line some pieces stay; of several lines one may go whole.
        quantity = self._dice.between(1, line.quantity if len(order.lines) > 1 else line.quantity - 1)
        return _Back((ReturnedLine(line, quantity, *returned(line, quantity)),), None, "return")

    def _take_back(self, order: Order, at: datetime, back: _Back, *steps: RefundStep) -> None:
        """The refund as the shop books it."""
        price, tax = (back.shipping.price_minor, back.shipping.tax_minor) if back.shipping else (0, 0)
        number = self._ids.refund.next()
        self.shop_refunds.append(ShopRefund(number, order, at, back.lines, price, tax, steps, back.restock, back.note))

    def _send_back(self, refund_id: str, charge: Charge, amount_minor: int, at: datetime, tax_minor: int = 0) -> None:
        """The refund as the gateway makes it; `tax_minor` of it had been withheld."""
        row_id = self._ids.stripe("txn")
        self.gateway_refunds.append(GatewayRefund(refund_id, row_id, charge, amount_minor, at, tax_minor))

    def _edit(self, order: Order, charge: Charge, captured_at: datetime, fate: Fate) -> None:
        at = self._office_hours(captured_at, 1, 2)
        if at >= self._end:
            return
        if fate is Fate.EDITED_UP:
            have = {line.product.id for line in order.lines}
            shelf = [p for p in self._market.products[order.shop.source] if p.id not in have]
            line = self._market.line(Terms(order.shop, order.buyer), self._dice.pick(shelf), 1)
            edit = Edit(self._ids.agreement.next(), order, at, (line,), ())
            self._till.charges.append(self._till.charge(order, edit.delta_minor, at + timedelta(seconds=40)))
        else:
            line = next(line for line in order.lines if line.quantity > 1 and not line.discounts)
            edit = Edit(self._ids.agreement.next(), order, at, (), (ReturnedLine(line, 1, *returned(line, 1)),))
            self._send_back(self._ids.stripe("re"), charge, -edit.delta_minor, at + timedelta(seconds=50))
        self.edits.append(edit)

    def _dispute(self, charge: Charge, captured_at: datetime, fate: Fate) -> None:
        opened_at = self._office_hours(captured_at, 3, 6)
        closed_at = None if fate is Fate.DISPUTE_OPEN else self._office_hours(opened_at, 6, 9)
        if opened_at >= self._end:
            return
        if closed_at is not None and closed_at >= self._end:
            closed_at = None
        self.disputes.append(
            Dispute(
                id=self._ids.stripe("du"),
                charge=charge,
                row_id=self._ids.stripe("txn"),
                return_row_id=self._ids.stripe("txn"),
                fee_minor=self._gateways[charge.account].dispute_fee_minor,
                opened_at=opened_at,
                closed_at=closed_at,
                won=None if closed_at is None else fate is Fate.DISPUTE_WON,
                reason=self._dice.pick(_DISPUTE_REASONS),
            )
        )


def _all_lines(order: Order) -> tuple[ReturnedLine, ...]:
    return tuple(ReturnedLine(line, line.quantity, line.net_minor, line.tax_minor) for line in order.lines)


def _due(order: Order, back: _Back) -> int:
    """What goes back to the buyer, tax included."""
    price = sum(part.net_minor for part in back.lines) + (back.shipping.price_minor if back.shipping else 0)
    return price if order.shop.taxes_included else price + _tax(back)


def _tax(back: _Back) -> int:
    """The tax of what goes back, contained or added."""
    return sum(part.tax_minor for part in back.lines) + (back.shipping.tax_minor if back.shipping else 0)
