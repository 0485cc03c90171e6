"""Names every open item: in transit until a day, disputed, reserved, or an exception with its reason.

Pure: from the items the passes left open, and the day, to names and cases. Whatever gets no name here shows up as
“unexplained” in the proof, so forgetting a kind of item cannot go unnoticed.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import msgspec
from msgspec import Struct

from tieout.model.case import CaseDraft, Reason
from tieout.model.ids import IdKind, public_id
from tieout.model.match import MatchDraft, Naming
from tieout.model.money import display
from tieout.reconciliation.rule import Timing
from tieout.reconciliation.store import ItemRow


class Patience(Struct, frozen=True):
    """How many days a source's charges, balance and payouts usually take, from its connector's manifest."""

    settlement_days: int = 3
    payout_days: int = 7
    arrival_days: int = 4


class Surroundings(Struct, frozen=True):
    """What naming knows beside the items: the day, the timing rules, and what gateways and banks said."""

    as_of: date
    timing: Timing
    patience: Mapping[str, Patience]
    payout_of: Mapping[str, str]
    order_of: Mapping[str, str]
    composed: frozenset[str]
    arrival: Mapping[str, date]
    named_pairs: tuple[tuple[int, int], ...]


class Name(Struct, frozen=True):
    """A name for some items that belong together. `case` is what a person must know, for exceptions."""

    items: tuple[ItemRow, ...]
    naming: Naming
    label: str
    due: date | None = None
    case: CaseDraft | None = None


def name_items(rows: Sequence[ItemRow], around: Surroundings) -> list[Name]:
    """Names for all items, in a fixed order. An exception keeps the day until which it was none, if it had one."""
    calm = msgspec.structs.replace(around, as_of=date.min)
    due = {row.item.id: name.due for name in _names(rows, calm) for row in name.items}
    return [
        msgspec.structs.replace(name, due=due[name.items[0].item.id]) if name.naming is Naming.EXCEPTION else name
        for name in _names(rows, around)
    ]


def _names(rows: Sequence[ItemRow], around: Surroundings) -> list[Name]:
    names: list[Name] = []
    transit = [r for r in rows if r.role == "payout_in_transit"]
    names += _name_transit(transit, around)
    names += _name_taxes(rows, around)
    for group in _with_left_out(_grouped(rows, around), around):
        namer = _NAMERS.get(group[0].role)
        if namer is not None:
            names.append(namer(group, around))
    return names


def name_taken_back(match: MatchDraft, rows: Sequence[ItemRow]) -> Name:
    """Items that a pass would tie again although a person took that very match back: a person's word stands."""
    moved = sum(abs(r.item.open_minor) for r in rows) // 2
    sentence = (
        f"{len(rows)} items of {match.key}, {_money(rows, moved)} each way, tie out, but a person took this match back."
    )
    return _exception(rows, Reason.MATCH_TAKEN_BACK, sentence, match.key, moved)


def _grouped(rows: Sequence[ItemRow], around: Surroundings) -> list[tuple[ItemRow, ...]]:
    """Items that stand or fall together: those of one name; on a gateway of one listed payout; of one order's tax."""
    groups: dict[tuple[str, str, str], list[ItemRow]] = {}
    for row in rows:
        item = row.item
        group_of = {"gateway": around.payout_of, "facilitator_tax": around.order_of}.get(row.role, {})
        groups.setdefault((item.account, item.currency, group_of.get(item.item, item.item)), []).append(row)
    return [tuple(sorted(groups[key], key=lambda r: r.item.id)) for key in sorted(groups)]


def _net(rows: Sequence[ItemRow]) -> int:
    return sum(r.item.open_minor for r in rows)


def _newest(rows: Sequence[ItemRow]) -> date:
    return max(r.item.effective_date for r in rows)


def _kinds(rows: Sequence[ItemRow]) -> set[str]:
    return {r.kind for r in rows}


def _transit(rows: Sequence[ItemRow], label: str, due: date) -> Name:
    return Name(tuple(rows), Naming.TRANSIT, label, due)


def _exception(rows: Sequence[ItemRow], reason: Reason, sentence: str, subject: str, net: int | None = None) -> Name:
    """An exception about these items; the money at risk is what they come to together."""
    first = rows[0].item
    links = [public_id(IdKind.ITEM, r.item.id) for r in rows] + [public_id(IdKind.ENTRY, r.item.entry_id) for r in rows]
    links += [public_id(IdKind.EVENT, r.item.event_id) for r in rows if r.item.event_id is not None]
    amount = _net(rows) if net is None else net
    case = CaseDraft(
        reason, f"{first.account}/{first.currency}/{subject}", sentence, abs(amount), first.currency, subject,
        tuple(dict.fromkeys(links)),
    )  # fmt: skip
    return Name(tuple(rows), Naming.EXCEPTION, reason.value, None, case)


def _money(rows: Sequence[ItemRow], amount: int | None = None) -> str:
    currency = rows[0].item.currency
    return f"{display(abs(_net(rows) if amount is None else amount), currency)} {currency}"


def _short(name: str) -> str:
    return name.split(":", 1)[1] if ":" in name else name


def _order_name(rows: Sequence[ItemRow]) -> str:
    """The order as the shop shows it (#1001), or its id if no record of the shop is among the items."""
    shown = (_short(ref) for row in rows for ref in row.references if ref.startswith("order_name:"))
    return next(shown, _short(rows[0].item.item))


def _name_order(rows: tuple[ItemRow, ...], around: Surroundings) -> Name:
    """An order's receivable: sale, payments and refunds that do not come to zero (yet)."""
    timing, kinds, newest, name = around.timing, _kinds(rows), _newest(rows), rows[0].item.item
    order = _order_name(rows)
    if not kinds & {"order_placed", "order_edited", "order_refunded"}:
        if (due := newest + timedelta(timing.hook_days)) >= around.as_of:
            return _transit(rows, "paid; the order's own record is on its way", due)
        paid_for = f"names order {order}, which no shop has sent" if name.startswith("order:") else "names no order"
        sentence = f"A payment of {_money(rows)} came in on {newest}; it {paid_for}."
        return _exception(rows, Reason.PAYMENT_WITHOUT_ORDER, sentence, name)
    paid = kinds & {"payment_captured", "gift_card_redeemed", "store_credit_redeemed"}
    owed = _net(rows) > 0 or "order_refunded" not in kinds
    if not paid and owed and "payment_refunded" not in kinds:
        if (due := newest + timedelta(timing.order_unpaid_days)) >= around.as_of:
            return _transit(rows, "waiting for the buyer's payment", due)
        sentence = (
            f"Order {order} of {newest} over {_money(rows)} has no payment after {timing.order_unpaid_days} days."
        )
        return _exception(rows, Reason.ORDER_UNPAID, sentence, name)
    if (due := newest + timedelta(timing.order_settling_days)) >= around.as_of:
        return _transit(rows, "payments and refunds are settling", due)
    at_shop, at_gateway = "order_refunded" in kinds, "payment_refunded" in kinds
    if at_shop != at_gateway:
        who, other = ("shop", "gateway") if at_shop else ("gateway", "shop")
        sentence = f"The {who} refunded order {order}; the {other} shows no refund. {_money(rows)} stays open."
        return _exception(rows, Reason.REFUND_WITHOUT_PAYMENT, sentence, name)
    more = "less" if _net(rows) > 0 else "more"
    sentence = f"For order {order} the payments come to {_money(rows)} {more} than what the buyer owes."
    return _exception(rows, Reason.ORDER_PAID_DIFFERENTLY, sentence, name)


def _name_captured(rows: tuple[ItemRow, ...], around: Surroundings) -> Name:
    """A capture or refund that the gateway's balance does not show (alike)."""
    kinds, newest, name = _kinds(rows), _newest(rows), rows[0].item.item
    ours = kinds & {"payment_captured", "payment_refunded", "refund_failed"}
    theirs = kinds & {"charge_settled", "refund_settled", "refund_returned"}
    if ours and theirs:
        sentence = f"{_short(name)} was settled with {_money(rows)} difference to what was captured."
        return _exception(rows, Reason.CHARGE_SETTLED_DIFFERENTLY, sentence, name)
    if ours:
        days = around.patience.get(rows[0].scope, Patience()).settlement_days
        if (due := newest + timedelta(days)) >= around.as_of:
            return _transit(rows, "settles in the gateway's balance", due)
        sentence = (
            f"{_short(name)} over {_money(rows)}, of {newest}, is not in the gateway's balance after {days} days."
        )
        return _exception(rows, Reason.CHARGE_NOT_SETTLED, sentence, name)
    if (due := newest + timedelta(around.timing.hook_days)) >= around.as_of:
        return _transit(rows, "settled; the payment's own record is on its way", due)
    sentence = f"The gateway settled {_short(name)} over {_money(rows)} on {newest}; nobody told us of it."
    return _exception(rows, Reason.SETTLED_WITHOUT_CAPTURE, sentence, name)


def _with_left_out(groups: list[tuple[ItemRow, ...]], around: Surroundings) -> list[tuple[ItemRow, ...]]:
    """Puts beside a payout that lacks an amount the one line of the balance, in no list, that is exactly this amount.

    It is not tied to the payout, only shown in the same exception: one piece of news for a person, not two.
    """
    gateway = [group for group in groups if group[0].role == "gateway"]
    loose = [group for group in gateway if group[0].item.item not in around.payout_of]
    lacking = [group for group in gateway if around.payout_of.get(group[0].item.item) in around.composed]
    left_out: dict[int, tuple[ItemRow, ...]] = {}
    for payout in lacking:
        fitting = [one for one in loose if _place(one) == _place(payout) and _net(one) == -_net(payout)]
        if len(fitting) == 1 and fitting[0] not in left_out.values():
            left_out[payout[0].item.id] = fitting[0]
    return [
        (*group, *left_out.get(group[0].item.id, ())) for group in groups if group not in left_out.values()
    ]  # fmt: skip


def _place(rows: Sequence[ItemRow]) -> tuple[str, str]:
    return rows[0].item.account, rows[0].item.currency


def _name_gateway(rows: tuple[ItemRow, ...], around: Surroundings) -> Name:
    """Money in the gateway's balance, or a payout that is not the sum of its lines."""
    newest = _newest(rows)
    payout = around.payout_of.get(rows[0].item.item)
    sent = [r for r in rows if r.kind == "payout_sent"]
    if payout is not None and sent:
        due = newest + timedelta(around.timing.composition_days)
        if payout not in around.composed and due >= around.as_of:
            return _transit(rows, "paid out; the list of its lines is due", due)
        if payout not in around.composed:
            sentence = f"The gateway never listed what payout {_short(payout)} over {_money(sent)} consists of."
        else:
            listed = [r for r in rows if r.item.item in around.payout_of]
            lines, left_out = [r for r in listed if r not in sent], [r for r in rows if r not in listed]
            listing = f"lists lines that come to {_money(lines)}" if lines else "lists no line that is open and its own"
            sentence = f"Payout {_short(payout)} over {_money(sent)} {listing}; {_money(listed)} is missing."
            if left_out:
                sentence += f" {_short(left_out[0].item.item)}, in no payout's list, has exactly this amount."
            return _exception(rows, Reason.PAYOUT_COMPOSITION_MISMATCH, sentence, payout, _net(listed))
        return _exception(rows, Reason.PAYOUT_COMPOSITION_MISMATCH, sentence, payout)
    days = around.patience.get(rows[0].scope, Patience()).payout_days
    if (due := newest + timedelta(days)) >= around.as_of:
        return _transit(rows, "in the gateway's balance, paid out with the next payout", due)
    sentence = f"{_money(rows)} of {newest} has been in the gateway's balance for more than {days} days."
    return _exception(rows, Reason.BALANCE_NOT_PAID_OUT, sentence, rows[0].item.item)


def _name_transit(rows: Sequence[ItemRow], around: Surroundings) -> list[Name]:
    """Payouts not yet at the bank, bank lines without a payout, and those that name each other but differ."""
    by_id = {r.item.id: r for r in rows}
    linked: dict[int, list[int]] = {}
    for bank_id, payout_id in around.named_pairs:
        if bank_id in by_id and payout_id in by_id:
            linked.setdefault(bank_id, []).append(payout_id)
    names: list[Name] = []
    done: set[int] = set()
    for bank_id, payout_ids in sorted(linked.items()):
        fresh = [by_id[p] for p in payout_ids if p not in done]
        if not fresh:
            continue
        group = [by_id[bank_id], *fresh]
        done.update(r.item.id for r in group)
        sentence = (
            f"The bank booked {_money([by_id[bank_id]])} on {by_id[bank_id].item.effective_date} and names"
            f" {', '.join(_short(r.item.item) for r in fresh)} over {_money(fresh)}; {_money(group)} is the difference."
        )
        names.append(_exception(group, Reason.PAYOUT_ARRIVED_DIFFERENTLY, sentence, fresh[0].item.item))
    rest = _by_name([r for r in rows if r.item.id not in done])
    payouts = [group for group in rest if not group[0].item.item.startswith("bank_line:")]
    names += [_name_bank_line(group, payouts) for group in rest if group[0].item.item.startswith("bank_line:")]
    names += [_name_payout(group, around) for group in payouts]
    return names


def _by_name(rows: Sequence[ItemRow]) -> list[tuple[ItemRow, ...]]:
    """Items of one name on one account and in one currency, together: they are about one thing."""
    groups: dict[tuple[str, str, str], list[ItemRow]] = {}
    for row in rows:
        groups.setdefault((row.item.account, row.item.currency, row.item.item), []).append(row)
    return [tuple(group) for group in groups.values()]


def _name_bank_line(rows: tuple[ItemRow, ...], payouts: Sequence[tuple[ItemRow, ...]]) -> Name:
    item = rows[0].item
    candidates = [group for group in payouts if _net(group) == -_net(rows) and _place(group) == _place(rows)]
    text = rows[0].facts.get("text", "")[:60]
    booked = f"The bank booked {_money(rows)} on {item.effective_date} (“{text}”)"
    if len(candidates) > 1:
        listed = ", ".join(f"{_short(c[0].item.item)} of {c[0].item.effective_date}" for c in candidates[:5])
        sentence = f"{booked}; {len(candidates)} payouts have this amount ({listed}). A reference would decide it."
        return _exception(rows, Reason.SEVERAL_CANDIDATES, sentence, item.item)
    if candidates:
        payout = _short(candidates[0][0].item.item)
        sentence = f"{booked}. Payout {payout} has this amount, but the text does not name it."
    else:
        sentence = f"{booked}, and no payout with this amount is known."
    return _exception(rows, Reason.BANK_CREDIT_WITHOUT_PAYOUT, sentence, item.item)


def _name_payout(rows: tuple[ItemRow, ...], around: Surroundings) -> Name:
    name, sent = rows[0].item.item, _newest(rows)
    days = around.patience.get(rows[0].scope, Patience()).arrival_days
    due = max(around.arrival.get(name, sent), sent) + timedelta(days)
    if due >= around.as_of:
        return _transit(rows, "on its way to the bank", due)
    what = "Top-up" if _kinds(rows) == {"top_up"} else "Payout"
    sentence = f"{what} {_short(name)} over {_money(rows)}, sent {sent}, was due at the bank by {due}."
    return _exception(rows, Reason.PAYOUT_NOT_ARRIVED, sentence, name)


def _name_disputed(rows: tuple[ItemRow, ...], around: Surroundings) -> Name:
    name, due = rows[0].item.item, _newest(rows) + timedelta(around.timing.dispute_days)
    if due >= around.as_of:
        return Name(rows, Naming.DISPUTED, "dispute open", due)
    sentence = f"Dispute {_short(name)} over {_money(rows)} has had no outcome since {_newest(rows)}."
    return _exception(rows, Reason.DISPUTE_UNRESOLVED, sentence, name)


def _name_taxes(rows: Sequence[ItemRow], around: Surroundings) -> list[Name]:
    """Tax that a channel remits itself. As long as its order's own money is open, that is the news, and not the tax."""
    moving = {
        around.order_of.get(r.item.item, r.item.item)
        for r in rows if r.role in ("order_receivable", "captured", "disputed")
    }  # fmt: skip
    names = []
    for group in _grouped([r for r in rows if r.role == "facilitator_tax"], around):
        name = around.order_of.get(group[0].item.item, group[0].item.item)
        if name in moving:
            names.append(Name(group, Naming.TRANSIT, "withheld when the money of its order is settled"))
        else:
            names.append(_name_tax(group, name, around))
    return names


def _name_tax(rows: tuple[ItemRow, ...], name: str, around: Surroundings) -> Name:
    kinds, newest = _kinds(rows), _newest(rows)
    if (due := newest + timedelta(around.timing.withholding_days)) >= around.as_of:
        return _transit(rows, "withheld by the channel that remits it", due)
    shown = next((r for row in rows for r in row.references if r.startswith("order_name:")), name)
    of_order = f" of order {_short(shown)}" if name.startswith("order:") else ""
    at_shop = kinds & {"order_placed", "order_edited", "order_refunded"}
    if at_shop and not kinds & _WITHHOLDING:
        sentence = f"The channel remits {_money(rows)} of tax{of_order} itself, and nobody has withheld it."
        return _exception(rows, Reason.TAX_NOT_WITHHELD, sentence, name)
    if at_shop:
        sentence = f"The tax{of_order} that the channel remits and what was withheld for it differ by {_money(rows)}."
    else:
        way = "withheld" if _net(rows) > 0 else "given back"
        sentence = (
            f"{_money(rows)} of tax was {way} on {newest} with {_short(rows[0].item.item)};"
            f" no tax{of_order} that a channel remits is known."
        )
    return _exception(rows, Reason.TAX_WITHHELD_DIFFERENTLY, sentence, name)


#: Events by which a gateway keeps tax back or returns it.
_WITHHOLDING = frozenset(
    {
        "charge_settled", "refund_settled", "refund_returned", "tax_withheld", "dispute_withdrawn",
        "dispute_reinstated",
    }
)  # fmt: skip


def _name_reserve(rows: tuple[ItemRow, ...], around: Surroundings) -> Name:
    name, days = rows[0].item.item, around.timing.reserve_days
    if (due := _newest(rows) + timedelta(days)) >= around.as_of:
        return Name(rows, Naming.RESERVED, "held back by the gateway", due)
    sentence = f"The gateway has held back {_money(rows)} ({_short(name)}) since {_newest(rows)}, for over {days} days."
    return _exception(rows, Reason.RESERVE_NOT_RELEASED, sentence, name)


def _name_suspense(rows: tuple[ItemRow, ...], _around: Surroundings) -> Name:
    row, name = rows[0], rows[0].item.item
    if row.kind == "gateway_adjusted":
        sentence = f"The gateway moved {_money(rows)} on {_newest(rows)} and named no sale ({_short(name)})."
        return _exception(rows, Reason.ADJUSTMENT_UNKNOWN, sentence, name)
    who = row.facts.get("counterparty") or "an unnamed party"
    way = "out to" if row.kind == "bank_debited" else "in from"
    text = row.facts.get("text", "")[:80]
    sentence = f"The bank booked {_money(rows)} {way} {who} on {_newest(rows)}: “{text}”. No rule recognises it."
    return _exception(rows, Reason.BANK_LINE_UNKNOWN, sentence, name)


_NAMERS: Mapping[str, Callable[[tuple[ItemRow, ...], Surroundings], Name]] = {
    "order_receivable": _name_order,
    "captured": _name_captured,
    "gateway": _name_gateway,
    "disputed": _name_disputed,
    "reserve": _name_reserve,
    "suspense": _name_suspense,
}
