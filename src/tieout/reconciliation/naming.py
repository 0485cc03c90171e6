"""Names every open item: in transit until a day, disputed, reserved, or an exception with its reason.

Pure: from the items the passes left open, and the day, to names and cases. Whatever gets no name here shows up as
“unexplained” in the proof, so forgetting a kind of item cannot go unnoticed.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import msgspec

from tieout.model.case import Reason
from tieout.model.match import MatchDraft, Naming
from tieout.reconciliation.name import (
    Name,
    Patience,
    Surroundings,
    exception,
    kinds_of,
    money,
    net,
    newest_of,
    place,
    short,
    transit,
)
from tieout.reconciliation.orders import name_order, paid_abroad
from tieout.reconciliation.store import ItemRow


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
    names += _name_transit([r for r in rows if r.role == "payout_in_transit"], around)
    names += _name_taxes(rows, around)
    groups = _with_left_out(_grouped(rows, around), around)
    orders = [group for group in groups if group[0].role == "order_receivable"]
    names += [name_order(group, around) for group in paid_abroad(orders)]
    names += _name_stuck([group for group in groups if _is_stuck(group, around)], around)
    for group in groups:
        namer = _NAMERS.get(group[0].role)
        if namer is not None and not _is_stuck(group, around):
            names.append(namer(group, around))
    return names


def name_taken_back(match: MatchDraft, rows: Sequence[ItemRow]) -> Name:
    """Items that a pass would tie again although a person took that very match back: a person's word stands."""
    moved = sum(abs(r.item.open_minor) for r in rows) // 2
    sentence = (
        f"{len(rows)} items of {match.key}, {money(rows, moved)} each way, tie out, but a person took this match back."
    )
    return exception(rows, Reason.MATCH_TAKEN_BACK, sentence, match.key, moved)


def _grouped(rows: Sequence[ItemRow], around: Surroundings) -> list[tuple[ItemRow, ...]]:
    """Items that stand or fall together: those of one name; on a gateway of one listed payout; of one order's tax."""
    groups: dict[tuple[str, str, str], list[ItemRow]] = {}
    for row in rows:
        item = row.item
        group_of = {"gateway": around.payout_of, "facilitator_tax": around.order_of}.get(row.role, {})
        groups.setdefault((item.account, item.currency, group_of.get(item.item, item.item)), []).append(row)
    return [tuple(sorted(groups[key], key=lambda r: r.item.id)) for key in sorted(groups)]


def _name_captured(rows: tuple[ItemRow, ...], around: Surroundings) -> Name:
    """A capture or refund that the gateway's balance does not show (alike)."""
    kinds, newest, name = kinds_of(rows), newest_of(rows), rows[0].item.item
    ours = kinds & {"payment_captured", "payment_refunded", "refund_failed"}
    theirs = kinds & {"charge_settled", "refund_settled", "refund_returned"}
    if ours and theirs:
        sentence = f"{short(name)} was settled with {money(rows)} difference to what was captured."
        return exception(rows, Reason.CHARGE_SETTLED_DIFFERENTLY, sentence, name)
    if ours:
        days = around.patience.get(rows[0].scope, Patience()).settlement_days
        if (due := around.due(newest, days)) >= around.as_of:
            return transit(rows, "settles in the gateway's balance", due)
        sentence = f"{short(name)} over {money(rows)}, of {newest}, is not in the gateway's balance after {days} days."
        return exception(rows, Reason.CHARGE_NOT_SETTLED, sentence, name)
    if (due := around.due(newest, around.timing.hook_days)) >= around.as_of:
        return transit(rows, "settled; the payment's own record is on its way", due)
    sentence = f"The gateway settled {short(name)} over {money(rows)} on {newest}; nobody told us of it."
    return exception(rows, Reason.SETTLED_WITHOUT_CAPTURE, sentence, name)


def _with_left_out(groups: list[tuple[ItemRow, ...]], around: Surroundings) -> list[tuple[ItemRow, ...]]:
    """Puts beside a payout that lacks an amount the one line of the balance, in no list, that is exactly this amount.

    It is not tied to the payout, only shown in the same exception: one piece of news for a person, not two.
    """
    gateway = [group for group in groups if group[0].role == "gateway"]
    loose = [group for group in gateway if group[0].item.item not in around.payout_of]
    lacking = [group for group in gateway if around.payout_of.get(group[0].item.item) in around.composed]
    left_out: dict[int, tuple[ItemRow, ...]] = {}
    for payout in lacking:
        fitting = [one for one in loose if place(one) == place(payout) and net(one) == -net(payout)]
        if len(fitting) == 1 and fitting[0] not in left_out.values():
            left_out[payout[0].item.id] = fitting[0]
    return [
        (*group, *left_out.get(group[0].item.id, ())) for group in groups if group not in left_out.values()
    ]  # fmt: skip


def _name_gateway(rows: tuple[ItemRow, ...], around: Surroundings) -> Name:
    """Money in the gateway's balance, or a payout that is not the sum of its lines."""
    newest = newest_of(rows)
    payout = around.payout_of.get(rows[0].item.item)
    sent = [r for r in rows if r.kind == "payout_sent"]
    if payout is not None and sent:
        due = around.due(newest, around.timing.composition_days)
        if payout not in around.composed and due >= around.as_of:
            return transit(rows, "paid out; the list of its lines is due", due)
        if payout not in around.composed:
            sentence = f"The gateway never listed what payout {short(payout)} over {money(sent)} consists of."
        else:
            listed = [r for r in rows if r.item.item in around.payout_of]
            lines, left_out = [r for r in listed if r not in sent], [r for r in rows if r not in listed]
            listing = f"lists lines that come to {money(lines)}" if lines else "lists no line that is open and its own"
            sentence = f"Payout {short(payout)} over {money(sent)} {listing}; {money(listed)} is missing."
            if left_out:
                sentence += f" {short(left_out[0].item.item)}, in no payout's list, has exactly this amount."
            return exception(rows, Reason.PAYOUT_COMPOSITION_MISMATCH, sentence, payout, net(listed))
        return exception(rows, Reason.PAYOUT_COMPOSITION_MISMATCH, sentence, payout)
    due = around.due(newest, _payout_days(rows, around))
    return transit(rows, "in the gateway's balance, paid out with the next payout", due)


def _payout_days(rows: Sequence[ItemRow], around: Surroundings) -> int:
    return around.patience.get(rows[0].scope, Patience()).payout_days


def _is_stuck(rows: Sequence[ItemRow], around: Surroundings) -> bool:
    """Whether they stand in a gateway's balance longer than it takes to pay them out, and no payout has them."""
    if rows[0].role != "gateway" or newest_of(rows) + timedelta(_payout_days(rows, around)) >= around.as_of:
        return False
    return rows[0].item.item not in around.payout_of or all(r.kind != "payout_sent" for r in rows)


def _name_stuck(groups: Sequence[tuple[ItemRow, ...]], around: Surroundings) -> list[Name]:
    """What stays in each balance, as one: a gateway pays out what its lines come to, and some of them take away."""
    balances: dict[tuple[str, str], list[ItemRow]] = {}
    for group in groups:
        balances.setdefault(place(group), []).extend(group)
    return [_name_balance(rows, _payout_days(rows, around)) for rows in balances.values()]


def _name_balance(rows: Sequence[ItemRow], days: int) -> Name:
    if not net(rows):
        return transit(rows, "came into the gateway's balance and left it: nothing is to be paid out", None)
    since = min(r.item.effective_date for r in rows)
    if net(rows) > 0:
        sentence = f"{money(rows)} of {since} has been in the gateway's balance for more than {days} days."
    else:
        sentence = f"The gateway took {money(rows)} on {since}, and no payout made up for it in {days} days."
    if len(rows) > 1:
        ways = [[r for r in rows if r.item.open_minor > 0], [r for r in rows if r.item.open_minor < 0]]
        came, left = (money(way) for way in ways if way) if all(ways) else ("", "")
        sentence += f" {len(rows)} lines since then come to this" + (f": {came} in, {left} out." if came else ".")
    return exception(rows, Reason.BALANCE_NOT_PAID_OUT, sentence, "balance")


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
            f"The bank booked {money([by_id[bank_id]])} on {by_id[bank_id].item.effective_date} and names"
            f" {', '.join(short(r.item.item) for r in fresh)} over {money(fresh)}; {money(group)} is the difference."
        )
        names.append(exception(group, Reason.PAYOUT_ARRIVED_DIFFERENTLY, sentence, fresh[0].item.item))
    rest = _by_name([r for r in rows if r.item.id not in done])
    payouts = [group for group in rest if not group[0].item.item.startswith("bank_line:")]
    names += [_name_bank_line(group, payouts, around) for group in rest if group[0].item.item.startswith("bank_line:")]
    names += [_name_payout(group, around) for group in payouts]
    return names


def _by_name(rows: Sequence[ItemRow]) -> list[tuple[ItemRow, ...]]:
    """Items of one name on one account and in one currency, together: they are about one thing."""
    groups: dict[tuple[str, str, str], list[ItemRow]] = {}
    for row in rows:
        groups.setdefault((row.item.account, row.item.currency, row.item.item), []).append(row)
    return [tuple(group) for group in groups.values()]


def _name_bank_line(rows: tuple[ItemRow, ...], payouts: Sequence[tuple[ItemRow, ...]], around: Surroundings) -> Name:
    item = rows[0].item
    candidates = [group for group in payouts if net(group) == -net(rows) and place(group) == place(rows)]
    text = rows[0].facts.get("text", "")[:60]
    booked = f"The bank booked {money(rows)} on {item.effective_date} (“{text}”)"
    if len(candidates) > 1:
        listed = ", ".join(f"{short(c[0].item.item)} of {c[0].item.effective_date}" for c in candidates[:5])
        sentence = f"{booked}; {len(candidates)} payouts have this amount ({listed}). A reference would decide it."
        return exception(rows, Reason.SEVERAL_CANDIDATES, sentence, item.item)
    if item.id in around.credited:
        payout, day = around.credited[item.id]
        sentence = f"{booked} and names payout {short(payout)}, which it had credited on {day} already."
    elif candidates:
        payout = short(candidates[0][0].item.item)
        sentence = f"{booked}. Payout {payout} has this amount, but the text does not name it."
    else:
        sentence = f"{booked}, and no payout with this amount is known."
    return exception(rows, Reason.BANK_CREDIT_WITHOUT_PAYOUT, sentence, item.item)


def _name_payout(rows: tuple[ItemRow, ...], around: Surroundings) -> Name:
    name, sent = rows[0].item.item, newest_of(rows)
    days = around.patience.get(rows[0].scope, Patience()).arrival_days
    due = around.due(max(around.arrival.get(name, sent), sent), days)
    if due >= around.as_of:
        return transit(rows, "on its way to the bank", due)
    what = "Top-up" if kinds_of(rows) == {"top_up"} else "Payout"
    sentence = f"{what} {short(name)} over {money(rows)}, sent {sent}, was due at the bank by {due}."
    return exception(rows, Reason.PAYOUT_NOT_ARRIVED, sentence, name)


def _name_disputed(rows: tuple[ItemRow, ...], around: Surroundings) -> Name:
    name, due = rows[0].item.item, around.due(newest_of(rows), around.timing.dispute_days)
    if due >= around.as_of:
        return Name(rows, Naming.DISPUTED, "dispute open", due)
    sentence = f"Dispute {short(name)} over {money(rows)} has had no outcome since {newest_of(rows)}."
    return exception(rows, Reason.DISPUTE_UNRESOLVED, sentence, name)


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
    kinds, newest = kinds_of(rows), newest_of(rows)
    if (due := around.due(newest, around.timing.withholding_days)) >= around.as_of:
        return transit(rows, "withheld by the channel that remits it", due)
    shown = next((r for row in rows for r in row.references if r.startswith("order_name:")), name)
    of_order = f" of order {short(shown)}" if name.startswith("order:") else ""
    at_shop = kinds & {"order_placed", "order_edited", "order_refunded"}
    if at_shop and not kinds & _WITHHOLDING:
        sentence = f"The channel remits {money(rows)} of tax{of_order} itself, and nobody has withheld it."
        return exception(rows, Reason.TAX_NOT_WITHHELD, sentence, name)
    if at_shop:
        sentence = f"The tax{of_order} that the channel remits and what was withheld for it differ by {money(rows)}."
    else:
        way = "withheld" if net(rows) > 0 else "given back"
        sentence = (
            f"{money(rows)} of tax was {way} on {newest} with {short(rows[0].item.item)};"
            f" no tax{of_order} that a channel remits is known."
        )
    return exception(rows, Reason.TAX_WITHHELD_DIFFERENTLY, sentence, name)


#: Events by which a gateway keeps tax back or returns it.
_WITHHOLDING = frozenset(
    {
        "charge_settled", "refund_settled", "refund_returned", "tax_withheld", "dispute_withdrawn",
        "dispute_reinstated",
    }
)  # fmt: skip


def _name_reserve(rows: tuple[ItemRow, ...], around: Surroundings) -> Name:
    name, days = rows[0].item.item, around.timing.reserve_days
    if (due := around.due(newest_of(rows), days)) >= around.as_of:
        return Name(rows, Naming.RESERVED, "held back by the gateway", due)
    sentence = f"The gateway has held back {money(rows)} ({short(name)}) since {newest_of(rows)}, for over {days} days."
    return exception(rows, Reason.RESERVE_NOT_RELEASED, sentence, name)


def _name_suspense(rows: tuple[ItemRow, ...], _around: Surroundings) -> Name:
    row, name = rows[0], rows[0].item.item
    if row.kind == "gateway_adjusted":
        sentence = f"The gateway moved {money(rows)} on {newest_of(rows)} and named no sale ({short(name)})."
        return exception(rows, Reason.ADJUSTMENT_UNKNOWN, sentence, name)
    who = row.facts.get("counterparty") or "an unnamed party"
    way = "out to" if row.kind == "bank_debited" else "in from"
    text = row.facts.get("text", "")[:80]
    sentence = f"The bank booked {money(rows)} {way} {who} on {newest_of(rows)}: “{text}”. No rule recognises it."
    return exception(rows, Reason.BANK_LINE_UNKNOWN, sentence, name)


def _name_paid_seller(rows: tuple[ItemRow, ...], around: Surroundings) -> Name:
    """A payout to a seller that the bank has not booked, or that came back and is not owed again yet."""
    name, due = rows[0].item.item, newest_of(rows) + timedelta(Patience().arrival_days)
    if due >= around.as_of:
        return transit(rows, "given to the bank for a seller", due)
    sentence = f"Payout {short(name)} over {money(rows)} of {newest_of(rows)} is not on a bank statement by {due}."
    return exception(rows, Reason.PAYOUT_NOT_CONFIRMED, sentence, name)


_NAMERS: Mapping[str, Callable[[tuple[ItemRow, ...], Surroundings], Name]] = {
    "captured": _name_captured,
    "gateway": _name_gateway,
    "disputed": _name_disputed,
    "reserve": _name_reserve,
    "suspense": _name_suspense,
    "seller_in_transit": _name_paid_seller,
}
