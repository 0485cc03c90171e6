"""What events say of sales, as facts."""

from datetime import UTC, datetime

from tieout.model.event import Component, ComponentKind, Event, EventDraft, EventKind
from tieout.model.sale import FactKind
from tieout.model.seller import SettlementPolicy
from tieout.model.settlement import Collector, RefundLine, Tax
from tieout.settlement.telling import facts_of, number_of, sales_of

T0 = datetime(2026, 10, 1, tzinfo=UTC)
K = ComponentKind
PLAIN = SettlementPolicy()
MUG = Component(K.ITEM, 2000, "EUR", "Linde", "MUG", line="11", quantity=2)
TAX = Component(K.TAX_INCLUDED, 304, "EUR", "Linde", "VAT", K.ITEM, line="11")
OFF = Component(K.DISCOUNT, 100, "EUR", "Linde", "MUG", line="11")
OWN = Component(K.ITEM, 500, "EUR", "Birke", "BAG", line="12")


def event(kind: EventKind, *parts: Component, **changes: object) -> Event:
    draft = EventDraft("shop:1", kind, T0, "order:7", components=parts, **changes)  # type: ignore[arg-type]
    return Event(5, "shop", draft, b"", None, T0)


def test_an_order_is_told_by_line() -> None:
    shipping = Component(K.SHIPPING, 490, "EUR")
    (fact,) = facts_of(event(EventKind.ORDER_PLACED, MUG, TAX, OFF, OWN, shipping), {"Birke"}, PLAIN)
    assert (fact.kind, fact.due_minor, fact.vendors, fact.event_id) == (FactKind.PLACED, 2890, {11: "Linde"}, 5)
    assert fact.order is not None
    mug, own = fact.order.lines
    assert (mug.line, mug.unit_price_minor, mug.quantity, mug.listing) == (11, 1000, 2, "MUG")
    tax = Tax(amount_minor=304, collector=Collector.FACILITATOR, included=True, of=mug.taxes[0].of, label="VAT")
    assert mug.taxes == (tax,)
    assert (own.listing, own.taxes) == (None, ())
    assert [(discount.amount_minor, discount.lines) for discount in fact.order.discounts] == [(100, (11,))]


def test_a_refund_names_lines_without_the_tax_in_them() -> None:
    loose = Component(K.ADJUSTMENT, 70, "EUR")
    (fact,) = facts_of(event(EventKind.ORDER_REFUNDED, MUG, TAX, loose), {"Birke"}, PLAIN)
    assert fact.lines == (RefundLine(11, amount_minor=1696, tax_minor=304),)
    assert (fact.amount_minor, fact.due_minor) == (70, 2070)


def test_an_edit_adds_and_takes_off() -> None:
    off = Component(K.ITEM, -500, "EUR", "Linde", "CUP", line="13")
    added, removed = facts_of(event(EventKind.ORDER_EDITED, MUG, off), {"Birke"}, PLAIN)
    assert (added.kind, added.due_minor) == (FactKind.ADDED, 1500)
    assert (removed.kind, removed.key, removed.lines) == (
        FactKind.REFUNDED, "shop:1/removed", (RefundLine(13, amount_minor=500, tax_minor=0),)
    )  # fmt: skip


def test_money_and_disputes() -> None:
    gross, fee = Component(K.GROSS, 900, "EUR"), Component(K.FEE, 1500, "EUR")
    (paid,) = facts_of(event(EventKind.PAYMENT_CAPTURED, gross), (), PLAIN)
    assert (paid.kind, paid.amount_minor, paid.source) == (FactKind.CAPTURED, 900, "")
    (disputed,) = facts_of(event(EventKind.DISPUTE_WITHDRAWN, gross, fee, references=("dispute:d",)), (), PLAIN)
    assert (disputed.kind, disputed.dispute, disputed.fee_minor) == (FactKind.DISPUTED, "d", 1500)
    back = Component(K.GROSS, -5, "EUR")
    assert facts_of(event(EventKind.GIFT_CARD_REDEEMED, back), (), PLAIN) == []
    noted = event(EventKind.ORDER_NOTED, facts={"fulfillment_status": "partial"})
    assert facts_of(noted, (), PLAIN) == []
    (here,) = facts_of(event(EventKind.ORDER_NOTED, facts={"fulfillment_status": "fulfilled"}), (), PLAIN)
    assert here.kind is FactKind.DELIVERED
    assert facts_of(event(EventKind.BANK_CREDITED, gross), (), PLAIN) == []


def test_a_sale_is_found_through_payments_and_disputes_and_never_guessed() -> None:
    near = {
        1: ("order:7", "charge:a"), 2: ("charge:a", "dispute:d"), 3: ("dispute:d",), 4: ("charge:b",),
        5: ("order:8", "charge:c"), 6: ("order:9", "charge:c"), 7: ("charge:c",), 8: ("order:1",),
    }  # fmt: skip
    assert sales_of(near) == {
        1: "order:7", 2: "order:7", 3: "order:7", 5: "order:8", 6: "order:9", 8: "order:1"
    }  # fmt: skip


def test_a_line_without_a_number_has_one_made_of_what_it_is() -> None:
    bare = Component(K.ITEM, 1, "EUR", "Linde", "MUG")
    assert number_of(MUG) == 11
    assert number_of(bare) == number_of(Component(K.TAX, 9, "EUR", "Linde", "MUG")) > 0
    assert number_of(bare) != number_of(Component(K.ITEM, 1, "EUR", "Linde", "CUP"))
