"""Single named examples for ``tieout trigger``: one message, or the few that belong together, of a given amount."""

from collections.abc import Callable
from datetime import datetime, timedelta
from zlib import crc32

import msgspec
from msgspec import Struct

from tieout.model.error import BadInput, NotFound
from tieout.model.money import exponent_of
from tieout.sandbox import cast
from tieout.sandbox.calendar import utc
from tieout.sandbox.camt_wire import statement_emission
from tieout.sandbox.dice import Ids
from tieout.sandbox.emission import Emission
from tieout.sandbox.orders import Market, Terms
from tieout.sandbox.payments import Till
from tieout.sandbox.shopify_objects import OrderState
from tieout.sandbox.shopify_wire import ShopifyWire
from tieout.sandbox.stripe_wire import StripeWire
from tieout.sandbox.trade import (
    Cancellation,
    Edit,
    GiftPayment,
    Line,
    Order,
    Product,
    RefundStep,
    ReturnedLine,
    Shop,
    ShopRefund,
)
from tieout.sandbox.trail import (
    Bank,
    BankBooking,
    BankLineKind,
    Charge,
    Dispute,
    Gateway,
    GatewayRefund,
    Payout,
    Row,
    RowKind,
    Statement,
)

_DECIMALS = 2


class Stage(Struct):
    """What an example is made of: one order, its payment, and the wires that tell of them.

    `telling` numbers the messages: two examples about the same charge are two messages, not one said twice.
    """

    amount_minor: int
    at: datetime
    telling: int
    ids: Ids
    shop: Shop
    gateway: Gateway
    bank: Bank
    order: Order
    charge: Charge

    @property
    def shopify(self) -> ShopifyWire:
        """The shop's wire."""
        return ShopifyWire(self.shop, self.telling)

    def stripe(self, *rows: Row) -> StripeWire:
        """The gateway's wire, which knows these rows."""
        return StripeWire(self.gateway, {row.id: row for row in rows}, self.telling)

    def row(self, kind: RowKind, subject: str, amount_minor: int, fee_minor: int = 0, row_id: str = "") -> Row:
        """A row of the gateway's balance, available at once."""
        return Row(
            row_id or self.ids.stripe("txn"), self.gateway.source, kind, subject, self.gateway.currency, amount_minor,
            fee_minor, self.at, self.at.date(), kind.value.replace("_", " ").capitalize(),
        )  # fmt: skip


class Example(Struct, frozen=True):
    """A named example and the sentence that says what it tells."""

    connector: str
    name: str
    sentence: str
    make: Callable[[Stage], list[Emission]]


def examples(connector: str | None = None) -> tuple[Example, ...]:
    """All examples, or those of one connector."""
    return tuple(example for example in _EXAMPLES if connector in (None, example.connector))


def trigger(
    connector: str, name: str, *, amount_minor: int, currency: str, source: str, at: datetime, seed: int
) -> tuple[Emission, ...]:
    """The messages of an example, to be sent to `source` as if they happened at `at`.

    Another `seed` gives other ids. Raises NotFound for an unknown name and BadInput for an amount that is not
    positive or a currency without two decimals.
    """
    found = next((example for example in examples(connector) if example.name == name), None)
    if found is None:
        known = ", ".join(example.name for example in examples(connector)) or "none"
        raise NotFound(f"There is no example “{name}” of {connector}", where="example", remedy=f"Known are: {known}.")
    if amount_minor <= 0 or exponent_of(currency) != _DECIMALS:
        what = f"An example needs a positive amount in a currency with two decimals, not {amount_minor} {currency}"
        raise BadInput(what, where="amount", remedy="Give an amount such as 100.00 and a currency such as EUR.")
    telling = crc32(f"{seed} {connector} {name} {amount_minor} {currency} {at.isoformat()}".encode())
    return tuple(found.make(_stage(amount_minor, currency, source, at, seed, telling)))


def _stage(amount_minor: int, currency: str, source: str, at: datetime, seed: int, telling: int) -> Stage:
    ids = Ids(seed)
    shop = msgspec.structs.replace(cast.SHOPS[0], source=source, currency=currency, gateway=source, bank=source)
    gateway = msgspec.structs.replace(cast.GATEWAYS[0], source=source, currency=currency)
    bank = msgspec.structs.replace(cast.BANKS[0], source=source, currency=currency, gateway=source)
    market = Market(seed, ids)
    # Drawn for a shop of the cast, so that one seed gives one order and charge whatever the sources are called.
    model = market.orders(cast.SHOPS[0], 1, utc(at.date()), utc(at.date() + timedelta(days=1)))[0]
    product = Product(
        ids.product.next(), ids.product.next(), "Tonwerk Ilmenau", "Stoneware mug", "TI-1", amount_minor, 1900
    )
    line = market.line(Terms(shop, model.buyer), product, 1)
    order = msgspec.structs.replace(
        model,
        shop=shop,
        placed_at=at,
        lines=(line,),
        shipping=None,
        promotions=(),
        tip_minor=0,
        number=1000 + ids.order.next() % 9000,
    )
    till = Till(seed, ids, at + timedelta(days=1), {})
    charge = till.charge(order, amount_minor, at)
    return Stage(amount_minor, at, telling, ids, shop, gateway, bank, order, charge)


# -- Stripe -------------------------------------------------------------------------------------------------------


def _fee(stage: Stage) -> int:
    return (stage.amount_minor * stage.gateway.fee_per_mille + 500) // 1000 + stage.gateway.fee_fixed_minor


def _charge_row(stage: Stage) -> Row:
    return stage.row(RowKind.CHARGE, stage.charge.id, stage.amount_minor, _fee(stage), stage.charge.row_id)


def _charge_succeeded(stage: Stage) -> list[Emission]:
    return stage.stripe().charge_events(stage.charge)[:1]


def _charge_failed(stage: Stage) -> list[Emission]:
    failed = msgspec.structs.replace(stage.charge, failed=True, captured_at=None, captured_minor=0)
    return stage.stripe().charge_events(failed)


def _charge_captured(stage: Stage) -> list[Emission]:
    held = msgspec.structs.replace(stage.charge, direct=False, authorised_at=stage.at - timedelta(days=1))
    return [e for e in stage.stripe().charge_events(held) if e.topic in ("charge.succeeded", "charge.captured")]


def _charge_settled(stage: Stage) -> list[Emission]:
    row = _charge_row(stage)
    return [*_charge_succeeded(stage), stage.stripe(row).day_list(stage.at.date(), [row])]


def _refund_created(stage: Stage) -> list[Emission]:
    refund = GatewayRefund(stage.ids.stripe("re"), stage.ids.stripe("txn"), stage.charge, stage.amount_minor, stage.at)
    return [*_charge_succeeded(stage), *stage.stripe().refund_events(refund, stage.amount_minor)[:1]]


def _dispute(stage: Stage, *, won: bool | None) -> list[Emission]:
    row_ids = stage.ids.stripe("txn"), stage.ids.stripe("txn")
    closed_at = None if won is None else stage.at
    opened_at = stage.at if won is None else stage.at - timedelta(days=7)
    fee = stage.gateway.dispute_fee_minor
    dispute = Dispute(stage.ids.stripe("du"), stage.charge, *row_ids, fee, opened_at, closed_at, won, "fraudulent")
    taken = stage.row(RowKind.DISPUTE, dispute.id, -stage.amount_minor, fee, row_ids[0])
    back = stage.row(RowKind.DISPUTE_RETURN, dispute.id, stage.amount_minor, -fee, row_ids[1])
    return [*_charge_succeeded(stage), *stage.stripe(taken, back).dispute_events(dispute)]


def _payout(stage: Stage) -> Payout:
    payout_id = stage.ids.stripe("po")
    row = stage.row(RowKind.PAYOUT, payout_id, -stage.amount_minor)
    # A charge whose net is just the payout, so that its list adds up.
    charge = stage.row(RowKind.CHARGE, stage.charge.id, stage.amount_minor + 25, 25, stage.charge.row_id)
    return Payout(
        payout_id, row, stage.gateway.source, stage.gateway.currency, stage.amount_minor, stage.at, stage.at.date(),
        f"STRP{stage.ids.other.next()}", (charge,),
    )  # fmt: skip


def _payout_news(stage: Stage, *topics: str) -> list[Emission]:
    return [e for e in stage.stripe().payout_events(_payout(stage)) if e.topic in topics]


def _payout_reconciled(stage: Stage) -> list[Emission]:
    payout = _payout(stage)
    wire = stage.stripe(*payout.rows, payout.row)
    news = [e for e in wire.payout_events(payout) if e.topic == "payout.reconciliation_completed"]
    return [*news, wire.payout_list(payout)]


# -- Shopify ------------------------------------------------------------------------------------------------------


def _state(stage: Stage, status: str, due: int = 0) -> OrderState:
    return OrderState(stage.at, status, ("stripe",), due)


def _order_created(stage: Stage) -> list[Emission]:
    return [stage.shopify.order("orders/create", stage.order, _state(stage, "pending", stage.amount_minor))]


def _order_paid(stage: Stage) -> list[Emission]:
    wire, state = stage.shopify, _state(stage, "paid")
    created = wire.order("orders/create", stage.order, state)
    return [created, *wire.charge_steps(stage.charge), wire.order("orders/paid", stage.order, state)]


def _order_edited(stage: Stage) -> list[Emission]:
    first = stage.order.lines[0]
    line = Line(stage.ids.line.next(), first.product, 1, first.unit_minor, (), first.taxes)
    edit = Edit(stage.ids.agreement.next(), stage.order, stage.at, (line,), ())
    wire = stage.shopify
    created = wire.order("orders/create", stage.order, _state(stage, "paid"))
    return [created, wire.edited(edit), wire.agreements(stage.order, [edit], stage.at)]


def _refund(stage: Stage, restock: str) -> ShopRefund:
    line = stage.order.lines[0]
    step = RefundStep(
        stage.ids.step.next(), "stripe", "success", stage.amount_minor, stage.charge.shop_ids[0], stage.ids.stripe("re")
    )
    back = ReturnedLine(line, line.quantity, line.net_minor, line.tax_minor)
    return ShopRefund(stage.ids.refund.next(), stage.order, stage.at, (back,), 0, 0, (step,), restock)


def _order_refunded(stage: Stage) -> list[Emission]:
    wire = stage.shopify
    created = wire.order("orders/create", stage.order, _state(stage, "paid"))
    return [created, wire.refund(_refund(stage, "return"))]


def _order_cancelled(stage: Stage) -> list[Emission]:
    wire, refund = stage.shopify, _refund(stage, "cancel")
    created = wire.order("orders/create", stage.order, _state(stage, "paid"))
    state = OrderState(
        stage.at, "refunded", ("stripe",), 0, (), (refund,), Cancellation(stage.order, stage.at, "customer")
    )
    return [created, wire.order("orders/cancelled", stage.order, state), wire.refund(refund)]


def _gift_card_sold(stage: Stage) -> list[Emission]:
    line = stage.order.lines[0]
    card = msgspec.structs.replace(line.product, gift_card=True, title="Gift card", seller=cast.OWN_BRAND, tax_bp=0)
    order = msgspec.structs.replace(stage.order, lines=(msgspec.structs.replace(line, product=card, taxes=()),))
    return [stage.shopify.order("orders/create", order, _state(stage, "paid"))]


def _gift_card_redeemed(stage: Stage) -> list[Emission]:
    wire = stage.shopify
    payment = GiftPayment(stage.ids.step.next(), stage.order, stage.ids.other.next(), stage.amount_minor, stage.at)
    state = OrderState(stage.at, "paid", ("gift_card",))
    return [wire.order("orders/create", stage.order, state), wire.gift_step(payment)]


# -- CAMT ---------------------------------------------------------------------------------------------------------


def _statement(stage: Stage, kind: BankLineKind, sign: int, counterparty: str, text: str, ref: str) -> list[Emission]:
    day, amount = stage.at.date(), sign * stage.amount_minor
    number = stage.ids.other.next()
    booking = BankBooking(
        stage.bank.source,
        f"{day:%Y%m%d}{number}",
        kind,
        day,
        day,
        amount,
        stage.bank.currency,
        counterparty,
        ref,
        (text,),
    )
    return [statement_emission(Statement(stage.bank, number % 1000, day, 0, (booking,)))]


def _payout_arrived(stage: Stage) -> list[Emission]:
    payout = _payout(stage)
    return _statement(
        stage, BankLineKind.PAYOUT, 1, "Stripe Payments Europe Ltd", f"STRIPE PAYOUT {payout.id}", payout.id
    )


def _line_unknown(stage: Stage) -> list[Emission]:
    return _statement(stage, BankLineKind.RENT, -1, "Ilmtal Immobilien GbR", "WORKSHOP RENT", "NOTPROVIDED")


def _bank_charges(stage: Stage) -> list[Emission]:
    return _statement(stage, BankLineKind.CHARGES, -1, "", "ACCOUNT FEE", "NOTPROVIDED")


_EXAMPLES = (
    Example("stripe", "charge_succeeded", "A card was charged.", _charge_succeeded),
    Example("stripe", "charge_captured", "A card was charged a day after it was authorised.", _charge_captured),
    Example("stripe", "charge_failed", "A card was declined.", _charge_failed),
    Example("stripe", "charge_settled", "A charge and the row of the balance that settles it.", _charge_settled),
    Example("stripe", "refund_created", "A charge and its full refund.", _refund_created),
    Example("stripe", "dispute_created", "A charge was disputed.", lambda stage: _dispute(stage, won=None)),
    Example("stripe", "dispute_won", "A dispute was opened and won.", lambda stage: _dispute(stage, won=True)),
    Example("stripe", "dispute_lost", "A dispute was opened and lost.", lambda stage: _dispute(stage, won=False)),
    Example("stripe", "payout_created", "A payout is on its way.", lambda stage: _payout_news(stage, "payout.created")),
    Example("stripe", "payout_paid", "A payout was paid.", lambda stage: _payout_news(stage, "payout.paid")),
    Example("stripe", "payout_reconciled", "A payout and the list of what it consists of.", _payout_reconciled),
    Example("shopify", "order_created", "An order waits for its payment.", _order_created),
    Example("shopify", "order_paid", "An order was placed and paid by card.", _order_paid),
    Example("shopify", "order_edited", "An order got a second piece of the same.", _order_edited),
    Example("shopify", "order_refunded", "An order came back.", _order_refunded),
    Example("shopify", "order_cancelled", "An order was called off.", _order_cancelled),
    Example("shopify", "gift_card_sold", "A gift card was sold.", _gift_card_sold),
    Example("shopify", "gift_card_redeemed", "An order was paid with a gift card.", _gift_card_redeemed),
    Example("camt", "payout_arrived", "A payout stands on the bank statement.", _payout_arrived),
    Example("camt", "line_unknown", "The bank booked something no rule knows.", _line_unknown),
    Example("camt", "bank_charges", "The bank charged for the account.", _bank_charges),
)
