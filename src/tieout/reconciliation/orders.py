"""Names for what is open of an order: a sale that is not paid, paid otherwise or in another currency, and refunds."""

from collections.abc import Sequence
from datetime import date

from tieout.model.case import Reason
from tieout.reconciliation.name import Name, Surroundings, exception, kinds_of, money, net, newest_of, short, transit
from tieout.reconciliation.store import ItemRow

#: Events by which a shop says what is owed for an order.
_AT_SHOP = frozenset({"order_placed", "order_edited", "order_refunded"})


def _placed(rows: Sequence[ItemRow]) -> date:
    """The day of the order itself; edits and refunds come later."""
    return min(row.item.effective_date for row in rows)


def _order_name(rows: Sequence[ItemRow]) -> str:
    """The order as the shop shows it (#1001), or its id if no record of the shop is among the items."""
    shown = (short(ref) for row in rows for ref in row.references if ref.startswith("order_name:"))
    return next(shown, short(rows[0].item.item))


def paid_abroad(groups: Sequence[tuple[ItemRow, ...]]) -> list[tuple[ItemRow, ...]]:
    """Puts beside what the shop says of an order what was paid for that order in other currencies.

    Both are known, and no match ties two currencies: it is one piece of news for a person. The shop's items come first.
    """
    told: dict[tuple[str, str], list[tuple[ItemRow, ...]]] = {}
    for group in groups:
        told.setdefault((group[0].item.account, group[0].item.item), []).append(group)
    found: list[tuple[ItemRow, ...]] = []
    for one in told.values():
        at_shop = [group for group in one if kinds_of(group) & _AT_SHOP]
        owed = net(at_shop[0]) if len(at_shop) == 1 else 0
        paid = [group for group in one if not kinds_of(group) & _AT_SHOP and net(group) * owed < 0]
        joined = [(*at_shop[0], *(row for group in paid for row in group))] if paid else []
        found += [*joined, *(group for group in one if not joined or group not in (at_shop[0], *paid))]
    return found


def _name_paid_abroad(rows: tuple[ItemRow, ...], around: Surroundings) -> Name:
    """An order, and what was paid for it or given back in another currency than the order's."""
    currency = rows[0].item.currency
    if (due := around.due(newest_of(rows), around.timing.order_settling_days)) >= around.as_of:
        return transit(rows, "payments and refunds are settling", due)
    own = [row for row in rows if row.item.currency == currency]
    others = dict.fromkeys(row.item.currency for row in rows if row.item.currency != currency)
    paid = " and ".join(money([row for row in rows if row.item.currency == other]) for other in others)
    way = "paid" if net(own) > 0 else "given back"
    sentence = f"{money(own)} of order {_order_name(rows)} was {way} in another currency, with {paid}."
    return exception(rows, Reason.ORDER_PAID_IN_ANOTHER_CURRENCY, sentence, rows[0].item.item, net(own))


def name_order(rows: tuple[ItemRow, ...], around: Surroundings) -> Name:
    """An order's receivable: sale, payments and refunds that do not come to zero (yet)."""
    if len({row.item.currency for row in rows}) > 1:
        return _name_paid_abroad(rows, around)
    timing, kinds, newest, name = around.timing, kinds_of(rows), newest_of(rows), rows[0].item.item
    order = _order_name(rows)
    if not kinds & _AT_SHOP:
        if (due := around.due(newest, timing.hook_days)) >= around.as_of:
            return transit(rows, "paid; the order's own record is on its way", due)
        paid_for = f"names order {order}, which no shop has sent" if name.startswith("order:") else "names no order"
        sentence = f"A payment of {money(rows)} came in on {newest}; it {paid_for}."
        return exception(rows, Reason.PAYMENT_WITHOUT_ORDER, sentence, name)
    paid = kinds & {"payment_captured", "gift_card_redeemed", "store_credit_redeemed"}
    owed = net(rows) > 0 or "order_refunded" not in kinds
    if not paid and owed and "payment_refunded" not in kinds:
        if (due := around.due(newest, timing.order_unpaid_days)) >= around.as_of:
            return transit(rows, "waiting for the buyer's payment", due)
        sentence = (
            f"Order {order} of {_placed(rows)} over {money(rows)} has no payment after {timing.order_unpaid_days} days."
        )
        return exception(rows, Reason.ORDER_UNPAID, sentence, name)
    if (due := around.due(newest, timing.order_settling_days)) >= around.as_of:
        return transit(rows, "payments and refunds are settling", due)
    at_shop, at_gateway = "order_refunded" in kinds, "payment_refunded" in kinds
    if at_shop != at_gateway:
        who, other = ("shop", "gateway") if at_shop else ("gateway", "shop")
        sentence = f"The {who} refunded order {order}; the {other} shows no refund. {money(rows)} stays open."
        return exception(rows, Reason.REFUND_WITHOUT_PAYMENT, sentence, name)
    more = "less" if net(rows) > 0 else "more"
    sentence = f"For order {order} the payments come to {money(rows)} {more} than what the buyer owes."
    return exception(rows, Reason.ORDER_PAID_DIFFERENTLY, sentence, name)
