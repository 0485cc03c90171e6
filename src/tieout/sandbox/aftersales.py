"""What happens to orders after they are paid: refunds, edits, cancellations and disputes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from tieout.sandbox.calendar import utc
from tieout.sandbox.dice import Dice, Ids
from tieout.sandbox.fates import Fate
from tieout.sandbox.orders import Market, hours_later, returned
from tieout.sandbox.payments import Till
from tieout.sandbox.trade import Cancellation, Edit, Order, RefundStep, ReturnedLine, ShopRefund
from tieout.sandbox.trail import Charge, Dispute, Gateway, GatewayRefund

_DISPUTE_REASONS = ("fraudulent", "product_not_received", "unrecognized")


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
            return
        if charge.captured_at is None:
            return
        later = self._office_hours(charge.captured_at, 2, 9)
        if fate is Fate.CAPTURED_IN_PART:
            self._drop_last_line(order, charge)
        elif fate is Fate.CANCELLED:
            self._refund(order, charge, self._office_hours(charge.captured_at, 1, 2), whole=True, cancel=True)
        elif fate is Fate.REFUNDED:
            self._refund(order, charge, later, whole=True)
        elif fate is Fate.REFUNDED_IN_PART:
            self._refund(order, charge, later)
        elif fate is Fate.SHIPPING_REFUNDED:
            self._refund(order, charge, later, shipping_only=True)
        elif fate is Fate.REFUNDED_BY_SHOP_ONLY:
            self._refund(order, charge, self._office_hours(charge.captured_at, 1, 3), by_shop_only=True)
        elif fate in (Fate.EDITED_UP, Fate.EDITED_DOWN):
            self._edit(order, charge, up=fate is Fate.EDITED_UP)
        elif fate in (Fate.DISPUTE_WON, Fate.DISPUTE_LOST, Fate.DISPUTE_OPEN):
            self._dispute(charge, fate)

    def _office_hours(self, moment: datetime, low_days: int, high_days: int) -> datetime:
        day = moment.date() + timedelta(days=self._dice.between(low_days, high_days))
        return hours_later(utc(day, 8), self._dice, 0, 8)

    def _cancel_uncaptured(self, order: Order, charge: Charge) -> None:
        at = charge.ends_at
        if at is None or at >= self._end:
            return
        self.cancellations.append(Cancellation(order, at, "customer"))
        self._shop_refund(order, at, _all_lines(order), whole_shipping=True, steps=(), restock="cancel")

    def _drop_last_line(self, order: Order, charge: Charge) -> None:
        """The rest of a partial capture: what could not be delivered is taken off the order, no money moves."""
        assert charge.captured_at is not None
        line = order.lines[-1]
        given_back = (ReturnedLine(line, line.quantity, line.net_minor, line.tax_minor),)
        self._shop_refund(
            order, charge.captured_at + timedelta(seconds=30), given_back, steps=(), restock="cancel", note="Sold out"
        )

    def _refund(
        self,
        order: Order,
        charge: Charge,
        at: datetime,
        *,
        whole: bool = False,
        cancel: bool = False,
        shipping_only: bool = False,
        by_shop_only: bool = False,
    ) -> None:
        if at >= self._end:
            return
        if cancel:
            self.cancellations.append(Cancellation(order, at - timedelta(seconds=2), "inventory"))
        lines = () if shipping_only else _all_lines(order) if whole or by_shop_only else self._part(order)
        with_shipping = whole or shipping_only
        amount = _due(order, lines, with_shipping)
        gateway_id = self._ids.stripe("re")
        status = "pending" if by_shop_only else "success"
        authorization = None if by_shop_only else gateway_id
        step = RefundStep(self._ids.step.next(), "stripe", status, amount, charge.shop_ids[0], authorization)
        refund = self._shop_refund(
            order,
            at,
            lines,
            with_shipping,
            (step,),
            restock="cancel" if cancel else "return" if lines else "no_restock",
        )
        if not by_shop_only:
            self.gateway_refunds.append(
                GatewayRefund(gateway_id, self._ids.stripe("txn"), charge, amount, at + timedelta(seconds=1), refund.id)
            )

    def _part(self, order: Order) -> tuple[ReturnedLine, ...]:
        """One line, or one piece of it."""
        line = self._dice.pick(order.lines) if len(order.lines) > 1 else order.lines[0]
        most = line.quantity if len(order.lines) > 1 else line.quantity - 1
        quantity = self._dice.between(1, most)
        return (ReturnedLine(line, quantity, *returned(line, quantity)),)

    def _shop_refund(
        self,
        order: Order,
        at: datetime,
        lines: tuple[ReturnedLine, ...],
        whole_shipping: bool = False,
        steps: tuple[RefundStep, ...] = (),
        restock: str = "return",
        note: str = "",
    ) -> ShopRefund:
        shipping = order.shipping if whole_shipping else None
        refund = ShopRefund(
            self._ids.refund.next(),
            order,
            at,
            lines,
            shipping.price_minor if shipping else 0,
            shipping.tax_minor if shipping else 0,
            steps,
            restock,
            note,
        )
        self.shop_refunds.append(refund)
        return refund

    def _edit(self, order: Order, charge: Charge, up: bool) -> None:
        assert charge.captured_at is not None
        at = self._office_hours(charge.captured_at, 1, 2)
        if at >= self._end:
            return
        if up:
            have = {line.product.id for line in order.lines}
            shelf = [p for p in self._market.products[order.shop.source] if p.id not in have]
            line = self._market.line(order.shop, self._dice.pick(shelf), 1, (), order.buyer)
            edit = Edit(self._ids.agreement.next(), order, at, (line,), ())
            self.edits.append(edit)
            self._till.charges.append(self._till.charge(order, edit.delta_minor, at + timedelta(seconds=40)))
            return
        line = next(line for line in order.lines if line.quantity > 1 and not line.discounts)
        edit = Edit(self._ids.agreement.next(), order, at, (), (ReturnedLine(line, 1, *returned(line, 1)),))
        self.edits.append(edit)
        self.gateway_refunds.append(
            GatewayRefund(
                self._ids.stripe("re"), self._ids.stripe("txn"), charge, -edit.delta_minor, at + timedelta(seconds=50)
            )
        )

    def _dispute(self, charge: Charge, fate: Fate) -> None:
        assert charge.captured_at is not None
        opened_at = self._office_hours(charge.captured_at, 3, 6)
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


def _due(order: Order, lines: tuple[ReturnedLine, ...], with_shipping: bool) -> int:
    """What goes back to the buyer for these lines, and the shipping if it goes back too."""
    added = 0 if order.shop.taxes_included else 1
    amount = sum(line.net_minor + added * line.tax_minor for line in lines)
    if with_shipping and order.shipping:
        amount += order.shipping.price_minor + added * order.shipping.tax_minor
    return amount
